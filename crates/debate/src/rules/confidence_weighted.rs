//! Votes weighted by how sure the voter is.

use super::DecisionRule;
use crate::{Election, Tally};

/// Each seat counts with its weight times its sureness of its stance (as in ReConcile, arXiv 2309.13007, with the
/// confidence as stated; see [`Ballot::sureness`](crate::Ballot::sureness) for a ballot that states none).
#[derive(Debug, Clone, Copy, Default)]
pub struct ConfidenceWeighted;

impl DecisionRule for ConfidenceWeighted {
    fn decide(&self, election: Election<'_>) -> Tally {
        let mut scores = vec![0.0; election.options];
        for ballot in election.ballots {
            if let Some(score) = scores.get_mut(ballot.stance) {
                *score += ballot.weight * ballot.sureness();
            }
        }
        Tally::by_score(scores)
    }
}
