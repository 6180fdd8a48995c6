//! What a rule did, before and after.

use std::fmt;

use assize_altdata::Ticker;
use serde::{Serialize, Serializer};

use crate::{Action, Weight};

/// A rule of validation. The order here is the order in which they are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleId {
    /// Of several proposals for a name the first counts.
    OneProposal,
    /// Evidence that speaks of another company stops the name.
    Identity,
    /// Evidence from after the as-of moment stops the name.
    FutureItem,
    /// A name that is held and has no price is stopped; one that is not held is not bought.
    NoPrice,
    /// Nothing is bought or sold at a price that is too old, or of which nobody knows how old it is.
    StalePrice,
    /// Option chains and news that are too old do not count as evidence.
    StaleEvidence,
    /// On evidence of too few kinds, or too little of it, nothing is bought or sold.
    TooLittleEvidence,
    /// A probability that is too close to one half, or none, is a hold: nothing is bought or sold.
    Confidence,
    /// Nothing is bought that is thought more likely to fall.
    Direction,
    /// Nothing is sold short: no weight is below zero.
    LongOnly,
    /// Where both sides have much of the evidence, the weight asked for is halved.
    Conflict,
    /// No name has more than its share.
    NameLimit,
    /// No sector has more than its share.
    SectorLimit,
    /// All names together have no more than their share.
    GrossLimit,
    /// What is bought is paid from cash and from what is sold.
    Cash,
}

impl RuleId {
    /// All rules, in the order in which they are applied.
    pub const ALL: [Self; 15] = [
        Self::OneProposal,
        Self::Identity,
        Self::FutureItem,
        Self::NoPrice,
        Self::StalePrice,
        Self::StaleEvidence,
        Self::TooLittleEvidence,
        Self::Confidence,
        Self::Direction,
        Self::LongOnly,
        Self::Conflict,
        Self::NameLimit,
        Self::SectorLimit,
        Self::GrossLimit,
        Self::Cash,
    ];

    /// A fixed name in `kebab-case`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneProposal => "one-proposal",
            Self::Identity => "identity",
            Self::FutureItem => "future-item",
            Self::NoPrice => "no-price",
            Self::StalePrice => "stale-price",
            Self::StaleEvidence => "stale-evidence",
            Self::TooLittleEvidence => "too-little-evidence",
            Self::Confidence => "confidence",
            Self::Direction => "direction",
            Self::LongOnly => "long-only",
            Self::Conflict => "conflict",
            Self::NameLimit => "name-limit",
            Self::SectorLimit => "sector-limit",
            Self::GrossLimit => "gross-limit",
            Self::Cash => "cash",
        }
    }

    /// The rule in a sentence, for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OneProposal => "Of several proposals for a name the first counts.",
            Self::Identity => "Evidence that speaks of another company stops the name.",
            Self::FutureItem => "Evidence from after the as-of moment stops the name.",
            Self::NoPrice => {
                "A name that is held and has no price is stopped; one that is not held is not bought."
            }
            Self::StalePrice => "Nothing is bought or sold at a price that is too old.",
            Self::StaleEvidence => "Option chains and news that are too old do not count as evidence.",
            Self::TooLittleEvidence => "On too little evidence nothing is bought or sold.",
            Self::Confidence => "A probability too close to one half is a hold.",
            Self::Direction => "Nothing is bought that is thought more likely to fall.",
            Self::LongOnly => "Nothing is sold short.",
            Self::Conflict => "Where both sides have much of the evidence, the weight is halved.",
            Self::NameLimit => "No name has more than its share.",
            Self::SectorLimit => "No sector has more than its share.",
            Self::GrossLimit => "All names together have no more than their share.",
            Self::Cash => "What is bought is paid from cash and from what is sold.",
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What becomes of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is acted on.
    Accepted,
    /// It is a hold: nothing is done, unless a limit asks for a sale.
    Held,
    /// The opinion stands and nothing is done about it, unless a limit asks for a sale and there is a price for it.
    Abstained,
    /// Something is wrong with the name itself: it is left alone altogether.
    Stopped,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Abstained => "abstained",
            Self::Stopped => "stopped",
        })
    }
}

/// A proposal's figures between two rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// What becomes of it.
    pub standing: Standing,
    /// What is thought of the name.
    pub action: Action,
    /// Its weight, in basis points.
    #[serde(rename = "weight_bp")]
    pub weight: Weight,
    /// From how many kinds of sources the evidence comes that counts.
    pub source_kinds: u32,
    /// How many items of evidence count.
    pub items: u32,
}

/// That a rule fired: what was before it, what is after it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClampEvent {
    /// The rule.
    pub rule: RuleId,
    /// The name.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// What was.
    pub before: Figures,
    /// What is. Where a rule only states a fact, the same.
    pub after: Figures,
    /// Why, with the figures: a lower-case fragment.
    pub why: String,
}

impl fmt::Display for ClampEvent {
    /// In a line: `AAPL, name-limit: 12.00 % → 10.00 %: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: ", self.ticker, self.rule)?;
        let (before, after) = (&self.before, &self.after);
        let mut changes = Vec::new();
        if before.weight != after.weight {
            changes.push(format!("{} → {}", before.weight, after.weight));
        }
        if before.action != after.action {
            changes.push(format!("{} → {}", before.action, after.action));
        }
        if before.standing != after.standing {
            changes.push(format!("{} → {}", before.standing, after.standing));
        }
        if (before.source_kinds, before.items) != (after.source_kinds, after.items) {
            changes.push(format!(
                "{} items, {} kinds → {}, {}",
                before.items, before.source_kinds, after.items, after.source_kinds
            ));
        }
        if !changes.is_empty() {
            write!(f, "{}: ", changes.join(", "))?;
        }
        f.write_str(&self.why)
    }
}

pub(super) fn as_text<S: Serializer>(ticker: &Ticker, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(ticker.as_str())
}
