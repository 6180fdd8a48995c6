//! The weighted geometric mean of stated probabilities.

use super::DecisionRule;
use crate::{Election, Tally};

/// The logarithmic opinion pool (Genest and Zidek 1986, "Combining probability distributions"): an option's score is the
/// weighted geometric mean of the probabilities that the ballots give it, and the scores are scaled to add up to 1,
/// unless nobody with a weight voted. A probability below [`FLOOR`](Self::FLOOR) counts as the floor: debaters write
/// two or three digits, and a 0 that was written must not be a veto. Away from the floor the pool is externally Bayesian:
/// new evidence that all see alike moves the pool as it moves each of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogarithmicPool;

impl LogarithmicPool {
    /// The least probability that counts.
    pub const FLOOR: f64 = 1e-3;
}

impl DecisionRule for LogarithmicPool {
    fn decide(&self, Election { options, ballots, .. }: Election<'_>) -> Tally {
        let weights: f64 = ballots.iter().map(|ballot| ballot.weight).sum();
        if weights <= 0.0 {
            return Tally::nobody(options);
        }
        let mean = |option| {
            let logarithms = ballots.iter().map(|ballot| {
                ballot.weight * libm::log(ballot.probability(option, options).max(Self::FLOOR))
            });
            libm::exp(logarithms.sum::<f64>() / weights)
        };
        let means: Vec<f64> = (0..options).map(mean).collect();
        // Every mean is at least the floor.
        let sum: f64 = means.iter().sum();
        Tally::by_score(means.into_iter().map(|mean| mean / sum).collect())
    }
}
