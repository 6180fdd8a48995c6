//! What is predicted of a debate, and from what.

use std::time::Duration;

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use super::micros;

/// The shape of a debate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The rounds it may have; one is a vote.
    pub rounds: u32,
    /// How many speak in each round.
    pub seats: u32,
    /// How many of them are asked at the same time: all, or one where each hears those before.
    pub at_once: u32,
}

impl Plan {
    /// The same with so many rounds.
    #[must_use]
    pub const fn with_rounds(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }

    /// How many turns it has.
    pub(super) fn turns(self) -> u128 {
        u128::from(self.rounds.max(1)) * u128::from(self.seats.max(1))
    }

    /// How many times turns that are taken together follow one another.
    pub(super) fn batches(self) -> u128 {
        u128::from(self.rounds.max(1)) * u128::from(self.seats.max(1).div_ceil(self.batch()))
    }

    /// How many turns are taken together.
    pub(super) fn batch(self) -> u32 {
        self.at_once.clamp(1, self.seats.max(1))
    }
}

/// What is assumed of a panel as long as little is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prior {
    /// How long a turn takes, in the middle.
    pub turn_time: Duration,
    /// What a turn costs, in the middle.
    pub turn_cost: Usd,
    /// What the p90 of a whole debate is, in percent of its p50; below 100 counts as 100.
    pub spread_percent: u32,
}

/// What a debate is predicted to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// Which debate.
    pub plan: Plan,
    /// Its time, from the first question to the last answer.
    pub time: TimeEstimate,
    /// Its cost.
    pub cost: CostEstimate,
    /// What the prediction rests on.
    pub basis: Basis,
}

/// A time, predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeEstimate {
    /// One half takes no longer.
    #[serde(rename = "p50_us", with = "micros")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub p50: Duration,
    /// Nine of ten take no longer.
    #[serde(rename = "p90_us", with = "micros")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub p90: Duration,
}

/// A cost, predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CostEstimate {
    /// One half costs no more.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub p50: Usd,
    /// Nine of ten cost no more.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub p90: Usd,
}

/// What a prediction rests on. Counts leave out what has been forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Basis {
    /// On what was declared: nothing is known yet, or too little.
    Prior,
    /// On the turns seen; how far whole debates spread is as declared.
    Turns {
        /// How many turns.
        turns: u32,
    },
    /// On the turns seen, and on how whole debates went against what was predicted of them.
    Debates {
        /// How many turns.
        turns: u32,
        /// How many debates.
        debates: u32,
    },
}

impl Basis {
    /// How many debates it rests on.
    #[must_use]
    pub const fn debates(self) -> u32 {
        match self {
            Self::Debates { debates, .. } => debates,
            Self::Prior | Self::Turns { .. } => 0,
        }
    }
}
