//! Points: divided among the options, or given to each by itself.

use super::{DecisionRule, mean};
use crate::{Election, Tally, ballot::MAX_POINTS};

/// Each ballot divides one vote among the options by its points (cumulative voting, as in MALLM, arXiv 2509.11656, where
/// there are ten of them); see [`Ballot::points_for`](crate::Ballot::points_for) for one that gives none. An option's
/// score is its mean share. Each seat counts once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cumulative;

impl DecisionRule for Cumulative {
    fn decide(&self, Election { options, ballots, .. }: Election<'_>) -> Tally {
        let divided = |ballot: &crate::Ballot| -> Vec<f64> {
            let points: Vec<f64> = (0..options).map(|option| ballot.points_for(option, options)).collect();
            let sum: f64 = points.iter().sum();
            points.into_iter().map(|points| if sum > 0.0 { points / sum } else { 0.0 }).collect()
        };
        mean(options, ballots.iter().map(|ballot| (1.0, divided(ballot))))
    }
}

/// Each ballot gives each option its points, whatever the others get (range voting; Smith 2000). An option's score is the
/// mean share of ten points. Each seat counts once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score;

impl DecisionRule for Score {
    fn decide(&self, Election { options, ballots, .. }: Election<'_>) -> Tally {
        let given = |ballot: &crate::Ballot| {
            (0..options).map(|option| ballot.points_for(option, options) / MAX_POINTS).collect()
        };
        mean(options, ballots.iter().map(|ballot| (1.0, given(ballot))))
    }
}
