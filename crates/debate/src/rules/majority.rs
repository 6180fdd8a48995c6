//! Votes, and how many of them it takes: majority, supermajority, unanimity.

use super::{DecisionRule, Threshold};
use crate::{Election, Tally};

/// How many seats stand for each option, whatever their weight.
pub(super) fn votes(election: Election<'_>) -> Vec<u32> {
    let mut votes = vec![0; election.options];
    for ballot in election.ballots {
        if let Some(votes) = votes.get_mut(ballot.stance) {
            *votes += 1;
        }
    }
    votes
}

/// More than half of the votes cast decide (May 1952, "A set of independent necessary and sufficient conditions for simple
/// majority decision"). Each seat counts once. Fewer are [`Lead::Short`](crate::Lead::Short).
#[derive(Debug, Clone, Copy, Default)]
pub struct Majority;

impl Majority {
    /// The votes that it takes, of so many.
    pub(super) const fn needed(cast: u32) -> u32 {
        cast / 2 + 1
    }
}

impl DecisionRule for Majority {
    fn decide(&self, election: Election<'_>) -> Tally {
        let votes = votes(election);
        Tally::by_votes(&votes, Self::needed(votes.iter().sum()))
    }
}

/// At least this share of the votes cast decides: two thirds, unless it is said otherwise. Each seat counts once. Fewer
/// are [`Lead::Short`](crate::Lead::Short).
#[derive(Debug, Clone, Copy, Default)]
pub struct Supermajority {
    /// The share of the votes cast that it takes.
    pub threshold: Threshold,
}

impl DecisionRule for Supermajority {
    fn decide(&self, election: Election<'_>) -> Tally {
        let votes = votes(election);
        Tally::by_votes(&votes, self.threshold.of(votes.iter().sum()))
    }
}

/// All votes cast decide, or none do. Each seat counts once. Fewer are [`Lead::Short`](crate::Lead::Short).
#[derive(Debug, Clone, Copy, Default)]
pub struct Unanimity;

impl DecisionRule for Unanimity {
    fn decide(&self, election: Election<'_>) -> Tally {
        let votes = votes(election);
        let cast = votes.iter().sum();
        Tally::by_votes(&votes, cast)
    }
}
