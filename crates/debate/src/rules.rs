//! Decision rules: pure functions from ballots to scores.

mod approval;
mod assured;
mod borda;
mod confidence_weighted;
mod copeland;
mod hybrid;
mod judge;
mod kemeny;
mod linear_pool;
mod logarithmic_pool;
mod majority;
mod pairwise;
mod plurality;
mod points;
mod recalibrated;
mod runoff;
mod schulze;
mod threshold;
mod tie_break;
mod track_record;
mod trajectory;
mod written;

use std::fmt;

pub use approval::Approval;
pub(crate) use assured::{Voice, is_assured};
pub use borda::{Borda, BordaOthers};
pub use confidence_weighted::ConfidenceWeighted;
pub use copeland::Copeland;
pub use hybrid::Hybrid;
pub use judge::ByJudge;
pub use kemeny::Kemeny;
pub use linear_pool::LinearPool;
pub use logarithmic_pool::LogarithmicPool;
pub use majority::{Majority, Supermajority, Unanimity};
pub use plurality::Plurality;
pub use points::{Cumulative, Score};
pub use recalibrated::{RecalibratedConfidence, Recalibration};
pub use runoff::Runoff;
pub use schulze::Schulze;
pub use threshold::Threshold;
pub use tie_break::TieBreak;
pub use track_record::{ByTrackRecord, TrackRecord};
pub use trajectory::Trajectory;

use crate::{Election, Error, ErrorKind, Tally};

/// Turns ballots into a score for each option, and says who leads. Pure: the same ballots, the same tally. Who abstains
/// has no ballot, so that an abstention counts for nobody and against nobody.
pub trait DecisionRule: fmt::Debug + Send + Sync {
    /// Counts the ballots.
    fn decide(&self, election: Election<'_>) -> Tally;
}

/// The rules at hand, by name. A rule with parameters is written with them, as `supermajority:2/3`, or without them for
/// the usual ones; in files also as a table, as `{"supermajority": {"threshold": 0.75}}`.
///
/// ```
/// use assize_debate::{Rule, Threshold};
///
/// let rule: Rule = "supermajority:0.75".parse()?;
/// assert_eq!(rule, Rule::Supermajority { threshold: Threshold::THREE_QUARTERS });
/// assert_eq!(rule.to_string(), "supermajority:0.75");
/// assert_eq!("hybrid".parse::<Rule>()?.to_string(), "hybrid:5:3:0.75");
/// # Ok::<(), assize_debate::Error>(())
/// ```
///
/// # Axioms
/// Which axioms each rule has (`yes`: tested as a property), and which it lacks (`no`: tested by an example):
///
/// | rule | anonymous | neutral | monotone | majority | Condorcet | Pareto | clones | reinforcing |
/// |---|---|---|---|---|---|---|---|---|
/// | `plurality` | yes | yes | yes | yes | no | yes | no | yes |
/// | `majority`, `supermajority`, `unanimity` | yes | yes | yes | – | – | yes | – | yes |
/// | `hybrid` | yes | yes | yes | – | – | yes | – | yes |
/// | `runoff` | yes | yes | no | yes | no | yes | – | no |
/// | `approval` | yes | yes | yes | no | no | – | – | yes |
/// | `borda` | yes | yes | yes | no | no | yes | no | yes |
/// | `borda-others` | yes | yes | yes | no | no | no | no | – |
/// | `copeland` | yes | yes | yes | yes | yes | yes | no | no |
/// | `schulze` | yes | yes | yes | yes | yes | yes | yes | no |
/// | `kemeny` | yes | yes | yes | yes | yes | yes | no | no |
/// | `cumulative`, `score` | yes | yes | yes | no | no | yes | – | yes |
/// | `confidence-weighted`, `recalibrated-confidence` | by seat | yes | yes | no | no | yes | – | yes |
/// | `track-record` | by seat | yes | yes | no | no | yes | – | – |
/// | `linear-pool` | by seat | yes | yes | no | no | yes | – | yes |
/// | `log-pool` | by seat | yes | yes | no | no | yes | – | – |
/// | `trajectory` | yes | yes | no | no | no | – | – | – |
/// | `judge` | the judge decides | | | | | | | |
///
/// *Anonymous*: who cast a ballot does not matter; *by seat*: but for the seat's weight or record, the order of the ballots
/// does not. *Neutral*: renaming the options renames the result. *Monotone*: what leads still leads when a ballot moves it
/// up. *Majority*: what more than half put first leads alone. *Condorcet*: what wins all its duels leads alone. *Pareto*:
/// what every ballot puts below another option does not lead. *Clones*: a second option that every ballot puts beside a
/// first one changes nothing for the others. *Reinforcing*: what leads in two panels leads in both together, and only
/// that. `–`: not claimed; a rule that may end without a leader cannot have what asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rule {
    /// [`Plurality`].
    Plurality,
    /// [`Majority`].
    Majority,
    /// [`Supermajority`], written `supermajority:0.75`.
    Supermajority {
        /// The share of the votes cast that it takes.
        threshold: Threshold,
    },
    /// [`Unanimity`].
    Unanimity,
    /// [`Hybrid`], written `hybrid:ROUND:FEW:SHARE`.
    Hybrid(Hybrid),
    /// [`Runoff`].
    Runoff,
    /// [`Approval`].
    Approval,
    /// [`Borda`].
    Borda,
    /// [`BordaOthers`].
    BordaOthers,
    /// [`Copeland`].
    Copeland,
    /// [`Schulze`].
    Schulze,
    /// [`Kemeny`].
    Kemeny,
    /// [`Cumulative`].
    Cumulative,
    /// [`Score`].
    Score,
    /// [`ConfidenceWeighted`].
    ConfidenceWeighted,
    /// [`RecalibratedConfidence`].
    RecalibratedConfidence,
    /// [`ByTrackRecord`].
    TrackRecord,
    /// [`LinearPool`].
    #[default]
    LinearPool,
    /// [`LogarithmicPool`].
    LogPool,
    /// [`Trajectory`].
    Trajectory,
    /// [`ByJudge`].
    Judge,
}

/// What a rule counts beside the stance and the probabilities, which every ballot may state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BallotForm {
    /// Nothing more.
    Stance,
    /// All options, from the best to the worst.
    Ranking,
    /// The options that could be accepted.
    Approval,
    /// Points for each option.
    Points,
}

impl Rule {
    /// All rules, those with parameters with the usual ones.
    pub const ALL: [Self; 21] = [
        Self::Plurality,
        Self::Majority,
        Self::Supermajority { threshold: Threshold::TWO_THIRDS },
        Self::Unanimity,
        Self::Hybrid(Hybrid::MALLM),
        Self::Runoff,
        Self::Approval,
        Self::Borda,
        Self::BordaOthers,
        Self::Copeland,
        Self::Schulze,
        Self::Kemeny,
        Self::Cumulative,
        Self::Score,
        Self::ConfidenceWeighted,
        Self::RecalibratedConfidence,
        Self::TrackRecord,
        Self::LinearPool,
        Self::LogPool,
        Self::Trajectory,
        Self::Judge,
    ];

    /// What its ballots state. A debater that is not asked for it, or does not say it, is still counted: see
    /// [`Ballot::places`](crate::Ballot::places), [`approves`](crate::Ballot::approves) and
    /// [`points_for`](crate::Ballot::points_for).
    #[must_use]
    pub const fn ballot_form(self) -> BallotForm {
        match self {
            Self::Runoff
            | Self::Borda
            | Self::BordaOthers
            | Self::Copeland
            | Self::Schulze
            | Self::Kemeny => BallotForm::Ranking,
            Self::Approval => BallotForm::Approval,
            Self::Cumulative | Self::Score => BallotForm::Points,
            _ => BallotForm::Stance,
        }
    }

    /// Whether it counts the stances of all rounds: [`Election::history`].
    #[must_use]
    pub const fn needs_history(self) -> bool {
        matches!(self, Self::Trajectory)
    }

    /// What each ballot weighs, where the rule weighs ballots by more than the weight of their seats.
    pub(crate) fn weights(self, election: Election<'_>) -> Option<Vec<f64>> {
        match self {
            Self::ConfidenceWeighted => Some(ConfidenceWeighted::weights(election)),
            Self::RecalibratedConfidence => Some(RecalibratedConfidence::weights(election)),
            Self::TrackRecord => Some(ByTrackRecord::weights(election)),
            _ => None,
        }
    }

    /// Whether it can decide among so many options.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] when there are too many for it.
    pub fn check(self, options: usize) -> Result<(), Error> {
        if self == Self::Kemeny && options > Kemeny::MAX_OPTIONS {
            let message = format!(
                "decide by kemeny among {options} options: it counts up to {}; schulze counts any number",
                Kemeny::MAX_OPTIONS
            );
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        Ok(())
    }
}

impl DecisionRule for Rule {
    fn decide(&self, election: Election<'_>) -> Tally {
        match *self {
            Self::Plurality => Plurality.decide(election),
            Self::Majority => Majority.decide(election),
            Self::Supermajority { threshold } => Supermajority { threshold }.decide(election),
            Self::Unanimity => Unanimity.decide(election),
            Self::Hybrid(hybrid) => hybrid.decide(election),
            Self::Runoff => Runoff.decide(election),
            Self::Approval => Approval.decide(election),
            Self::Borda => Borda.decide(election),
            Self::BordaOthers => BordaOthers.decide(election),
            Self::Copeland => Copeland.decide(election),
            Self::Schulze => Schulze.decide(election),
            Self::Kemeny => Kemeny.decide(election),
            Self::Cumulative => Cumulative.decide(election),
            Self::Score => Score.decide(election),
            Self::ConfidenceWeighted => ConfidenceWeighted.decide(election),
            Self::RecalibratedConfidence => RecalibratedConfidence.decide(election),
            Self::TrackRecord => ByTrackRecord.decide(election),
            Self::LinearPool => LinearPool.decide(election),
            Self::LogPool => LogarithmicPool.decide(election),
            Self::Trajectory => Trajectory.decide(election),
            Self::Judge => ByJudge.decide(election),
        }
    }
}

/// A part of a whole, as a share; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "no panel has 2^53 votes")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How many ballots put each option before each other one.
pub(crate) fn duels(election: Election<'_>) -> Vec<Vec<u32>> {
    let duels = pairwise::Pairwise::of(election);
    let row = |one| (0..election.options).map(|other| duels.prefer(one, other)).collect();
    (0..election.options).map(row).collect()
}

/// The weighted mean of what the ballots give to each option; nobody leads where nothing weighs.
fn mean(options: usize, ballots: impl Iterator<Item = (f64, Vec<f64>)>) -> Tally {
    let mut sums = vec![0.0; options];
    let mut weights = 0.0;
    for (weight, given) in ballots {
        weights += weight;
        for (sum, given) in sums.iter_mut().zip(given) {
            *sum += weight * given;
        }
    }
    if weights <= 0.0 {
        return Tally::nobody(options);
    }
    Tally::by_score(sums.into_iter().map(|sum| sum / weights).collect())
}

/// The sum of the weights of those who stand for each option.
fn by_weight(election: Election<'_>, weights: &[f64]) -> Tally {
    let mut scores = vec![0.0; election.options];
    for (ballot, weight) in election.ballots.iter().zip(weights) {
        if let Some(score) = scores.get_mut(ballot.stance) {
            *score += weight;
        }
    }
    Tally::by_score(scores)
}

#[cfg(test)]
mod tests;
