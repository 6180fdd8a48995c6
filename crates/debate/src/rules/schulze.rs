//! Strongest paths.

use super::{DecisionRule, pairwise::Pairwise, share};
use crate::{Election, Tally};

/// An option is as strong against another as the strongest path of won duels that leads there, and a path is as strong
/// as its weakest duel, measured in the ballots that won it (Schulze 2011, "A new monotonic, clone-independent, reversal
/// symmetric, and Condorcet-consistent single-winner election method"; winning votes). An option's score is the share of
/// the others that are not stronger than it; what none is stronger than, leads. Each seat counts once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Schulze;

impl DecisionRule for Schulze {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        if election.ballots.is_empty() {
            return Tally::nobody(n);
        }
        let duels = Pairwise::of(election);
        let won = |one, other| if duels.beats(one, other) { duels.prefer(one, other) } else { 0 };
        let mut paths: Vec<Vec<u32>> =
            (0..n).map(|one| (0..n).map(|other| won(one, other)).collect()).collect();
        for by in 0..n {
            let onward = paths[by].clone();
            for path in &mut paths {
                let to_here = path[by];
                for (strength, next) in path.iter_mut().zip(&onward) {
                    *strength = to_here.min(*next).max(*strength);
                }
            }
        }
        let unbeaten = |one: usize| {
            duels.others(one).filter(|&other| paths[other][one] <= paths[one][other]).count() as u64
        };
        let most = (n as u64).saturating_sub(1);
        Tally::by_score((0..n).map(|one| share(unbeaten(one), most)).collect())
    }
}
