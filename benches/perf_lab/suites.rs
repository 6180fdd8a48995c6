//! Simulated suites of benchmarks, before and after a change of which the truth is known.

use assize_ambient::{Chance, Seed};

/// Benchmarks in a suite.
pub(crate) const BENCHMARKS: usize = 50;

/// How much runs of the same build vary, as a standard deviation of logarithms.
pub(crate) const RUN_TO_RUN: f64 = 0.03;

/// How much samples within a run vary.
pub(crate) const WITHIN_A_RUN: f64 = 0.02;

/// Samples that a run takes.
const SAMPLES: usize = 100;

/// A suite: of each benchmark one figure a run, before and after, and the samples of the first run of either side, for rules that
/// see no more than one process.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) runs: Vec<(Vec<f64>, Vec<f64>)>,
    samples: Chance,
    /// Which benchmark became slower.
    pub(crate) planted: usize,
}

impl Suite {
    /// The suite of this number: always the same.
    pub(crate) fn of(seed: Seed, number: usize, runs: usize, effect: f64) -> Self {
        let seed = seed.child(&format!("suite {number}"));
        let (mut chance, planted) = (seed.rng(), number % BENCHMARKS);
        let mut side = |factor: f64| -> Vec<f64> {
            (0..runs).map(|_| 1e6 * factor * chance.log_normal(0.0, RUN_TO_RUN)).collect()
        };
        let one = |at: usize| (side(1.0), side(if at == planted { 1.0 + effect } else { 1.0 }));
        Self { runs: (0..BENCHMARKS).map(one).collect(), samples: seed.child("samples").rng(), planted }
    }

    /// The samples of the first run of a benchmark before, and of that after.
    pub(crate) fn samples(&mut self, at: usize) -> (Vec<f64>, Vec<f64>) {
        let (before, after) = (self.runs[at].0[0], self.runs[at].1[0]);
        let mut of_run = |level: f64| -> Vec<f64> {
            (0..SAMPLES).map(|_| level * self.samples.log_normal(0.0, WITHIN_A_RUN)).collect()
        };
        (of_run(before), of_run(after))
    }
}
