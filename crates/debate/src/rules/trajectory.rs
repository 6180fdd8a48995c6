//! How the stances came about.

use super::DecisionRule;
use crate::{Election, Tally};

const FIRST: f64 = 20.0;
const LEFT: f64 = -25.0;
const ADOPTED: f64 = 30.0;
const KEPT: f64 = 20.0;

/// The score of Free-MAD (arXiv 2509.11035): a first stance gives its option 20 points; who changes takes 25 from the
/// option left and gives 30 to the one adopted; who stays gives 20. In round r, from 0, all this counts 1/(r + 1): the
/// longer the others have talked, the less a stance is one's own. An option's score is its sum divided by the seats that
/// ever came to stand for it, at least 0.
///
/// It counts no heads: two seats that never waver weigh as much as one. Only the seats with a standing ballot count, each
/// once; who is silent in a round neither keeps nor changes. Without a
/// [history](crate::Election::history) the ballots are all first stances.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trajectory;

impl DecisionRule for Trajectory {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        let mut sums = vec![0.0; n];
        let mut contributors = vec![0.0; n];
        for ballot in election.ballots {
            let mut rounds: Vec<Option<usize>> = election
                .history
                .iter()
                .map(|stances| stances.get(ballot.seat.get()).copied().flatten())
                .collect();
            if rounds.iter().all(Option::is_none) {
                rounds = vec![Some(ballot.stance)];
            }
            follow(&rounds, &mut sums, &mut contributors);
        }
        // The sum of all points is positive, and so is the greatest: cutting at 0 changes no leader.
        let score = |(sum, seats): (f64, f64)| (sum / f64::max(seats, 1.0)).max(0.0);
        Tally::by_score(sums.into_iter().zip(contributors).map(score).collect())
    }
}

/// Adds what one seat's way gives to the options.
fn follow(rounds: &[Option<usize>], sums: &mut [f64], contributors: &mut [f64]) {
    let mut came_to = vec![false; sums.len()];
    let mut stood: Option<usize> = None;
    let mut decay = 0.0;
    for stance in rounds {
        decay += 1.0;
        let Some(stance) = stance.filter(|stance| *stance < sums.len()) else { continue };
        let points = match stood {
            None => FIRST,
            Some(before) if before == stance => KEPT,
            Some(before) => {
                sums[before] += LEFT / decay;
                ADOPTED
            }
        };
        sums[stance] += points / decay;
        if !came_to[stance] {
            came_to[stance] = true;
            contributors[stance] += 1.0;
        }
        stood = Some(stance);
    }
}
