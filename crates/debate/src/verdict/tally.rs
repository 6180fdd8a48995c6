//! How the votes were counted, so that who reads a verdict can count again.

use serde::{Deserialize, Serialize};

use crate::{Rule, TieBreak};

/// What each option got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VerdictTally {
    /// What was counted.
    pub counted: Counted,
    /// How much of it each option got, in the order of the options.
    pub got: Vec<f64>,
    /// For each option, how many votes put it before each of the options, where duels were counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duels: Vec<Vec<u32>>,
    /// What was done about a tie, where options were tied and something was to break it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<VerdictTie>,
}

/// A tie, and what was to break it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VerdictTie {
    /// The options that were tied.
    pub options: Vec<String>,
    /// How it was to be broken.
    pub broken_by: TieBreak,
    /// What each of the tied options had by that; nothing where the lot decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub got: Vec<f64>,
}

/// What a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Counted {
    /// Votes, one a seat.
    Votes,
    /// The share of the votes that an option had in the last count in which it stood.
    ShareOfLastCount,
    /// Votes that could accept an option.
    Approvals,
    /// A point for each option that a vote puts behind, and half a point for each that stands equal.
    PlacePoints,
    /// Duels won, a draw counting half.
    Duels,
    /// Other options that are not stronger by their strongest path of duels.
    NotStronger,
    /// Pairs of options in which votes agree with the best order that has this option first.
    AgreeingPairs,
    /// The mean share of a vote's points.
    MeanShare,
    /// The mean of the points, 0 to 10.
    MeanPoints,
    /// The sum of what the votes weigh: see [`Vote::counts`](crate::Vote::counts).
    Weight,
    /// The pooled probability.
    Probability,
    /// Points for how the votes came about, divided by who ever stood for the option.
    TrajectoryPoints,
    /// The judge's score; all alike where it named no winner.
    JudgeScore,
}

impl Counted {
    /// What a rule counts, and how much of it a score of 1 is where so many votes choose among so many options.
    pub(crate) fn by(rule: Rule, votes: usize, options: usize) -> (Self, f64) {
        #[expect(clippy::cast_precision_loss, reason = "a few votes and options")]
        let (votes, rivals) = (votes as f64, options.saturating_sub(1) as f64);
        match rule {
            Rule::Plurality
            | Rule::Majority
            | Rule::Supermajority { .. }
            | Rule::Unanimity
            | Rule::Hybrid(_) => (Self::Votes, 1.0),
            Rule::Runoff => (Self::ShareOfLastCount, 1.0),
            Rule::Approval => (Self::Approvals, votes),
            Rule::Borda | Rule::BordaOthers => (Self::PlacePoints, votes * rivals),
            Rule::Copeland => (Self::Duels, rivals),
            Rule::Schulze => (Self::NotStronger, rivals),
            Rule::Kemeny => (Self::AgreeingPairs, 1.0),
            Rule::Cumulative => (Self::MeanShare, 1.0),
            Rule::Score => (Self::MeanPoints, crate::ballot::MAX_POINTS),
            Rule::ConfidenceWeighted | Rule::RecalibratedConfidence | Rule::TrackRecord => {
                (Self::Weight, 1.0)
            }
            Rule::LinearPool | Rule::LogPool => (Self::Probability, 1.0),
            Rule::Trajectory => (Self::TrajectoryPoints, 1.0),
            Rule::Judge => (Self::JudgeScore, 1.0),
        }
    }

    /// Whether it comes in whole and halves, so that what a share was multiplied into can be rounded to one.
    pub(crate) const fn comes_in_halves(self) -> bool {
        matches!(
            self,
            Self::Approvals | Self::PlacePoints | Self::Duels | Self::NotStronger | Self::AgreeingPairs
        )
    }
}
