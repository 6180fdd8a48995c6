//! Duels won.

use super::{DecisionRule, pairwise::Pairwise, share};
use crate::{Election, Tally};

/// Each option meets each other one; more ballots win the duel, as many draw it. An option's score is the share of its
/// duels won, a draw counting half (Copeland 1951, "A reasonable social welfare function"). Each seat counts once. What
/// wins all its duels, leads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Copeland;

impl DecisionRule for Copeland {
    fn decide(&self, election: Election<'_>) -> Tally {
        if election.ballots.is_empty() {
            return Tally::nobody(election.options);
        }
        let duels = Pairwise::of(election);
        let half_points = |one: usize, other: usize| {
            if duels.beats(one, other) { 2 } else { u64::from(!duels.beats(other, one)) }
        };
        let most = 2 * (election.options as u64).saturating_sub(1);
        let score = |one| share(duels.others(one).map(|other| half_points(one, other)).sum(), most);
        Tally::by_score((0..election.options).map(score).collect())
    }
}
