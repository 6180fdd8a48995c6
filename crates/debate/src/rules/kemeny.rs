//! The ranking that the ballots agree with most.

use super::{DecisionRule, pairwise::Pairwise, share};
use crate::{Election, Tally};

/// The order of all options with which the ballots agree in the most pairs (Kemeny 1959, "Mathematics without numbers";
/// Young and Levenglick 1978). An option's score is the greatest share of agreement that an order with this option first
/// can have; what comes first in a best order, leads. Each seat counts once.
///
/// Exact, by dynamic programming over the sets of options: 2^n steps for n options. More than
/// [`MAX_OPTIONS`](Self::MAX_OPTIONS) are not counted: nobody leads, and [`Spec::check`](crate::Spec::check) refuses them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kemeny;

impl Kemeny {
    /// The most options among which it decides.
    pub const MAX_OPTIONS: usize = 12;
}

impl DecisionRule for Kemeny {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        if n > Self::MAX_OPTIONS {
            return Tally::nobody(n);
        }
        let duels = Pairwise::of(election);
        let members = |set: usize| (0..n).filter(move |option| set & (1 << option) != 0);
        let agreement = |first: usize, set: usize| -> u64 {
            members(set)
                .filter(|other| *other != first)
                .map(|other| u64::from(duels.prefer(first, other)))
                .sum()
        };
        // The most agreement in any order of each set of options.
        let mut best = vec![0_u64; 1 << n];
        for set in 1..best.len() {
            let with_first = |first: usize| agreement(first, set) + best[set & !(1 << first)];
            best[set] = members(set).map(with_first).max().unwrap_or(0);
        }
        let all = best.len() - 1;
        let pairs: u64 = members(all).map(|one| agreement(one, all)).sum();
        let score = |first: usize| share(agreement(first, all) + best[all & !(1 << first)], pairs);
        Tally::by_score((0..n).map(score).collect())
    }
}
