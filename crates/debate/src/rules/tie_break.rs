//! What is done about a tie, if anything is.

use assize_ambient::Seed;
use serde::{Deserialize, Serialize};

use crate::{Election, Lead, Tally};

/// How a tie is broken: declared beforehand, and by default not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TieBreak {
    /// Not at all: a tie is a result.
    #[default]
    None,
    /// For the option whose supporters are surest: the sum of their [`sureness`](crate::Ballot::sureness).
    Confidence,
    /// For the option that had the most votes in the first round, before anybody had heard the others.
    FirstRound,
    /// By lot, drawn from the debate's seed: the same debate, the same lot. Not neutral, but even.
    Seeded,
}

impl TieBreak {
    /// The tally with its tie broken. What does not break it, since those that lead are equal in this as well or it is not
    /// known, leaves a tie among those that remain. The scores stay; another lead than a tie stays as well.
    #[must_use]
    pub fn apply(self, tally: Tally, election: Election<'_>, seed: Seed) -> Tally {
        let Lead::Tie(tied) = &tally.lead else { return tally };
        let remaining = match self {
            Self::None => return tally,
            Self::Confidence | Self::FirstRound => {
                most(tied, |option| self.counts(option, election).unwrap_or_default())
            }
            Self::Seeded => {
                let lot = seed.child("tie-break").rng().below(tied.len());
                tied.get(lot).copied().into_iter().collect()
            }
        };
        let lead = match remaining[..] {
            [] => return tally,
            [one] => Lead::One(one),
            _ => Lead::Tie(remaining),
        };
        Tally { lead, ..tally }
    }

    /// What `option` has by this, where something is counted.
    pub(crate) fn counts(self, option: usize, election: Election<'_>) -> Option<f64> {
        match self {
            Self::None | Self::Seeded => None,
            Self::Confidence => {
                let supporters = election.ballots.iter().filter(|ballot| ballot.stance == option);
                Some(supporters.map(crate::Ballot::sureness).sum())
            }
            Self::FirstRound => {
                let first = election.history.first().into_iter().flatten();
                Some(first.filter(|stance| **stance == Some(option)).map(|_| 1.0).sum())
            }
        }
    }
}

/// Those of `tied` that have the most; equal but for rounding is equal.
fn most(tied: &[usize], of: impl Fn(usize) -> f64) -> Vec<usize> {
    let values: Vec<f64> = tied.iter().map(|option| of(*option)).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let reaches = |(_, value): &(&usize, &f64)| **value >= most * (1.0 - 1e-9);
    tied.iter().zip(&values).filter(reaches).map(|(option, _)| *option).collect()
}
