//! One seat, one vote.

use super::DecisionRule;
use crate::{Election, Tally};

/// Each seat counts once, whatever its weight: the option with the most votes leads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plurality;

impl DecisionRule for Plurality {
    fn decide(&self, election: Election<'_>) -> Tally {
        let mut scores = vec![0.0; election.options];
        for ballot in election.ballots {
            if let Some(score) = scores.get_mut(ballot.stance) {
                *score += 1.0;
            }
        }
        Tally::by_score(scores)
    }
}
