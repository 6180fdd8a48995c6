//! Whether to debate at all.

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

/// Whether a question is debated, or only voted upon. The blind first round is held in any case: it is the vote.
///
/// Published comparisons find most of the gain in the vote, and none in debating what all agree on (arXiv 2508.17536,
/// 2504.05047): hence the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Selector {
    /// Where stances split or evidence is unevenly held, and a further round fits into the time and the money that are
    /// left. What it takes is predicted from the round before.
    #[default]
    Auto,
    /// Always, for two rounds at least.
    Always,
    /// Never: the first round decides.
    Never,
}

/// Why a debate went on after its first round, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SelectionReason {
    /// It was told to.
    Told,
    /// Stances split.
    Split,
    /// All agreed, and some hold evidence that the others had not seen.
    UnevenEvidence,
    /// All agreed on the same evidence.
    Agreement,
    /// Another rule of stopping was met.
    Stopped,
    /// A further round would not have ended before the deadline.
    NoTime,
    /// A further round would have cost more than was left.
    NoMoney,
}

/// The receipt of the choice between voting and debating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Selection {
    /// What was to be done.
    pub selector: Selector,
    /// Whether there was a second round.
    pub debated: bool,
    /// Why, or why not.
    pub reason: SelectionReason,
    /// How many calls the rounds that were not held would have made, if each had made as many as the last one.
    pub calls_saved: u32,
    /// What they would have cost, if each had cost what the last one did.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
    pub cost_saved: Usd,
}
