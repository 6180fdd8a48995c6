//! Decision rules: pure functions from ballots to scores.

mod confidence_weighted;
mod linear_pool;
mod plurality;

use std::{fmt, str::FromStr};

pub use confidence_weighted::ConfidenceWeighted;
pub use linear_pool::LinearPool;
pub use plurality::Plurality;
use serde::{Deserialize, Serialize};

use crate::{Election, Error, ErrorKind, Tally};

/// Turns ballots into a score for each option, and says who leads. Pure: the same ballots, the same tally. Who abstains
/// has no ballot, so that an abstention counts for nobody and against nobody.
pub trait DecisionRule: fmt::Debug + Send + Sync {
    /// Counts the ballots.
    fn decide(&self, election: Election<'_>) -> Tally;
}

/// The rules at hand, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// [`Plurality`].
    Plurality,
    /// [`ConfidenceWeighted`].
    ConfidenceWeighted,
    /// [`LinearPool`].
    #[default]
    LinearPool,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 3] = [Self::Plurality, Self::ConfidenceWeighted, Self::LinearPool];

    /// The rule's name, as it is written in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plurality => "plurality",
            Self::ConfidenceWeighted => "confidence-weighted",
            Self::LinearPool => "linear-pool",
        }
    }
}

impl DecisionRule for Rule {
    fn decide(&self, election: Election<'_>) -> Tally {
        match self {
            Self::Plurality => Plurality.decide(election),
            Self::ConfidenceWeighted => ConfidenceWeighted.decide(election),
            Self::LinearPool => LinearPool.decide(election),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|rule| rule.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|rule| rule.name()).collect();
            Error::new(ErrorKind::BadSpec, format!("find the rule {name:?}: there are {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests;
