//! The weakest drop out.

use super::{DecisionRule, share};
use crate::{Election, Tally};

/// Instant runoff (Ware 1871; the alternative vote): each ballot counts for the best of the options still in, and the
/// option with the fewest votes drops out, until one has more than half of the votes. Options that are equally weak drop out together; if that
/// leaves none, they are the tie. A ballot with several equal best options is shared among them. Each seat counts once.
/// An option's score is its share of the votes in the last count in which it stood.
#[derive(Debug, Clone, Copy, Default)]
pub struct Runoff;

impl DecisionRule for Runoff {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        if election.ballots.is_empty() {
            return Tally::nobody(n);
        }
        let ballots: Vec<Vec<usize>> = election.ballots.iter().map(|ballot| ballot.places(n)).collect();
        let mut scores = vec![0.0; n];
        let mut standing: Vec<usize> = (0..n).collect();
        loop {
            let votes = count(&ballots, &standing, n);
            for (option, votes) in standing.iter().zip(&votes) {
                scores[*option] = *votes;
            }
            let weakest = votes.iter().copied().fold(f64::INFINITY, f64::min);
            // Shared ballots are thirds and fifths: rounding must not decide who drops out.
            let stays = |votes: f64| votes > weakest + 1e-9;
            let majority = votes.iter().any(|votes| *votes > 0.5 + 1e-9);
            if majority || !votes.iter().any(|votes| stays(*votes)) {
                return Tally::by_score(scores);
            }
            let mut votes = votes.into_iter();
            standing.retain(|_| votes.next().is_some_and(stays));
        }
    }
}

/// The share of the votes of each option that still stands.
fn count(ballots: &[Vec<usize>], standing: &[usize], options: usize) -> Vec<f64> {
    // How many ballots share themselves among so many, by option: whole numbers, so that the order of the ballots does
    // not matter.
    let mut shared = vec![vec![0_u64; options + 1]; standing.len()];
    for places in ballots {
        let Some(best) = standing.iter().map(|option| places[*option]).min() else { continue };
        let among = standing.iter().filter(|option| places[**option] == best).count();
        for (option, shared) in standing.iter().zip(&mut shared) {
            if places[*option] == best {
                shared[among] += 1;
            }
        }
    }
    let all = ballots.len() as u64;
    let votes = |shared: &Vec<u64>| {
        (1..).zip(&shared[1..]).map(|(among, ballots)| share(*ballots, among * all)).sum::<f64>()
    };
    shared.iter().map(votes).collect()
}
