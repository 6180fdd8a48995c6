//! Every option that one could accept.

use super::{DecisionRule, share};
use crate::{Election, Tally};

/// Each ballot counts for every option that it could accept (Brams and Fishburn 1978, "Approval voting"); see
/// [`Ballot::approves`](crate::Ballot::approves) for one that does not say. An option's score is the share of the ballots
/// that accept it. Each seat counts once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Approval;

impl DecisionRule for Approval {
    fn decide(&self, Election { options, ballots, .. }: Election<'_>) -> Tally {
        let approvals = |option| ballots.iter().filter(|ballot| ballot.approves(option, options)).count();
        let score = |option| share(approvals(option) as u64, ballots.len() as u64);
        Tally::by_score((0..options).map(score).collect())
    }
}
