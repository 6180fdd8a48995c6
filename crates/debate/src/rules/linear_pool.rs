//! The weighted mean of stated probabilities.

use super::DecisionRule;
use crate::{Election, Tally};

/// The linear opinion pool (Stone 1961): an option's score is the weighted mean of the probabilities that the ballots
/// give it. The scores add up to 1, unless nobody with a weight voted.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinearPool;

impl DecisionRule for LinearPool {
    fn decide(&self, Election { options, ballots, .. }: Election<'_>) -> Tally {
        let weights: f64 = ballots.iter().map(|ballot| ballot.weight).sum();
        if weights <= 0.0 {
            return Tally::by_score(vec![0.0; options]);
        }
        let score = |option| {
            let sum: f64 =
                ballots.iter().map(|ballot| ballot.weight * ballot.probability(option, options)).sum();
            sum / weights
        };
        Tally::by_score((0..options).map(score).collect())
    }
}
