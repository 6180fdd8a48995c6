//! Votes weighted by how sure the voter is.

use super::{DecisionRule, by_weight};
use crate::{Election, Tally};

/// Each seat counts with its weight times its sureness of its stance (as in ReConcile, arXiv 2309.13007, with the
/// confidence as stated; see [`Ballot::sureness`](crate::Ballot::sureness) for a ballot that states none).
#[derive(Debug, Clone, Copy, Default)]
pub struct ConfidenceWeighted;

impl ConfidenceWeighted {
    /// What each ballot weighs.
    pub(super) fn weights(election: Election<'_>) -> Vec<f64> {
        election.ballots.iter().map(|ballot| ballot.weight * ballot.sureness()).collect()
    }
}

impl DecisionRule for ConfidenceWeighted {
    fn decide(&self, election: Election<'_>) -> Tally {
        by_weight(election, &Self::weights(election))
    }
}
