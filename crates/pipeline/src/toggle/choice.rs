//! Debate, vote or skip: the longest that fits into a fair share of what is left.

use std::{fmt, time::Duration};

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use super::{PanelKind, Plan, Prediction, Predictor, Prior, micros};

/// What is left, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The debate that is wished for.
    pub full: Plan,
    /// The tickers still to come, this one and those that wait included; zero counts as one.
    pub tickers_left: u32,
    /// How many tickers are worked on at once; zero counts as one.
    pub tickers_at_once: u32,
    /// The time until the deadline, if there is one.
    pub time_left: Option<Duration>,
    /// The money that nobody has spent or reserved, if there is a limit.
    pub budget_left: Option<Usd>,
}

impl Situation {
    /// The time that one ticker may take so that those after it have as much: what is left, through the waves of tickers.
    #[must_use]
    pub fn time_share(&self, policy: &Policy) -> Option<Duration> {
        let waves = self.tickers_left.max(1).div_ceil(self.tickers_at_once.max(1));
        self.time_left.map(|left| left.saturating_sub(policy.keep_back) / waves)
    }

    /// The money that one ticker may cost so that those after it have as much, rounded down; never below zero.
    #[must_use]
    pub fn cost_share(&self) -> Option<Usd> {
        let share = |left: Usd| left.picodollars().max(0) / i128::from(self.tickers_left.max(1));
        self.budget_left.map(|left| Usd::from_picodollars(share(left)))
    }
}

/// How choices are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// A debate of fewer rounds is not worth its name, and one vote is taken instead; below 2 counts as 2.
    pub least_rounds: u32,
    /// Time before the deadline that no debate is planned into: for what comes after the last one.
    pub keep_back: Duration,
}

impl Default for Policy {
    /// Two rounds, and nothing kept back.
    fn default() -> Self {
        Self { least_rounds: 2, keep_back: Duration::ZERO }
    }
}

/// What is done about a ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Choice {
    /// A debate of at most so many rounds.
    Debate {
        /// The rounds, from 2.
        rounds: u32,
    },
    /// One round.
    Vote,
    /// Nobody of this panel is asked.
    Skip,
}

impl Choice {
    /// The rounds that it allows; none for a skip.
    #[must_use]
    pub const fn rounds(self) -> u32 {
        match self {
            Self::Debate { rounds } => rounds,
            Self::Vote => 1,
            Self::Skip => 0,
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Debate { rounds } => write!(f, "debate of {rounds} rounds"),
            Self::Vote => f.write_str("vote"),
            Self::Skip => f.write_str("skip"),
        }
    }
}

/// Why no more than this was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceReason {
    /// It is all that was wished for.
    Fits,
    /// The next longer one would likely have taken more time than its share.
    NoTime,
    /// The next longer one would likely have cost more than its share.
    NoMoney,
    /// Both.
    NoTimeNorMoney,
}

impl fmt::Display for ChoiceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fits => "it fits",
            Self::NoTime => "no time for more",
            Self::NoMoney => "no money for more",
            Self::NoTimeNorMoney => "neither time nor money for more",
        })
    }
}

/// Something that was considered, and what stood against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Considered {
    /// What it would take.
    pub prediction: Prediction,
    /// Whether it fits, or what is lacking.
    pub verdict: ChoiceReason,
}

/// A choice with its reasons: all that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What was chosen.
    pub choice: Choice,
    /// Why not more.
    pub reason: ChoiceReason,
    /// What was considered, from the longest on; the last one was chosen, unless nothing fitted.
    pub considered: Vec<Considered>,
    /// The time that it had to fit into, if there is a deadline.
    #[serde(rename = "time_share_us", with = "micros::optional")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub time_share: Option<Duration>,
    /// The money that it had to fit into, if there is a limit.
    #[cfg_attr(feature = "schema", schemars(with = "Option<assize_debate::schema::Usd>"))]
    pub cost_share: Option<Usd>,
}

impl Receipt {
    /// What stood against the next longer one, or against all of them; it [fits](ChoiceReason::Fits) where all was chosen that
    /// was wished for.
    #[must_use]
    pub fn refused(&self) -> ChoiceReason {
        let refused = self.considered.iter().rev().map(|considered| considered.verdict);
        refused.into_iter().find(|verdict| *verdict != ChoiceReason::Fits).unwrap_or(ChoiceReason::Fits)
    }

    /// What the choice is predicted to take; none for a skip.
    #[must_use]
    pub fn predicted(&self) -> Option<&Prediction> {
        let rounds = self.choice.rounds();
        self.considered
            .iter()
            .map(|considered| &considered.prediction)
            .find(|prediction| prediction.plan.rounds == rounds)
    }
}

/// Chooses the longest debate of which the p90 of time and cost fit into this ticker's share of what is left; else one vote;
/// else nothing.
#[must_use]
pub fn choose(
    predictor: &Predictor,
    kind: &PanelKind,
    prior: &Prior,
    situation: &Situation,
    policy: &Policy,
) -> Receipt {
    let (time_share, cost_share) = (situation.time_share(policy), situation.cost_share());
    let mut receipt = Receipt {
        choice: Choice::Skip,
        reason: ChoiceReason::Fits,
        considered: Vec::new(),
        time_share,
        cost_share,
    };
    for rounds in candidates(situation.full.rounds, policy.least_rounds) {
        let prediction = predictor.predict(kind, situation.full.with_rounds(rounds), prior);
        let too_slow = time_share.is_some_and(|share| prediction.time.p90 > share);
        let too_dear = cost_share.is_some_and(|share| prediction.cost.p90 > share);
        let verdict = match (too_slow, too_dear) {
            (false, false) => ChoiceReason::Fits,
            (true, false) => ChoiceReason::NoTime,
            (false, true) => ChoiceReason::NoMoney,
            (true, true) => ChoiceReason::NoTimeNorMoney,
        };
        receipt.considered.push(Considered { prediction, verdict });
        if verdict == ChoiceReason::Fits {
            receipt.choice = if rounds == 1 { Choice::Vote } else { Choice::Debate { rounds } };
            break;
        }
        receipt.reason = verdict;
    }
    receipt
}

/// Rounds to consider, from the most on, then the vote. Debates of more than 64 rounds are not told apart.
fn candidates(full: u32, least: u32) -> impl Iterator<Item = u32> {
    let least = least.max(2);
    let most = full.min(least.saturating_add(62));
    (least..=most).rev().chain([1])
}
