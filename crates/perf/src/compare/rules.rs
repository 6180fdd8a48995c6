//! What a comparison is asked for.

use std::collections::BTreeMap;

use assize_ambient::Seed;

use crate::statistics::{Noise, Plan};

/// By what rules two sets of runs are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The chance of one false alarm or more in the whole comparison, at most; 0.05.
    pub alpha: f64,
    /// The confidence of intervals; 0.95.
    pub level: f64,
    /// The chance with which what is called detectable is found; 0.8.
    pub power: f64,
    /// The least change of a time that matters, as a share; where it is `None` and no noise was learned, 5 %.
    pub floor: Option<f64>,
    /// The largest change of a counted or virtual figure that is none, as a share; 0.
    pub tolerance: f64,
    /// The largest change of a control that is no drift, as a share; 0.02.
    pub drift: f64,
    /// Whether times of different machines or builds are compared all the same.
    pub across_machines: bool,
    /// Whether every sample is the run of a process of its own, as those of hyperfine are.
    pub samples_are_runs: bool,
    /// The noise that was learned, by id and metric.
    pub noise: BTreeMap<(String, String), Noise>,
    /// Where the draws of bootstraps and simulations come from.
    pub seed: Seed,
}

/// A result with the revision it was measured at.
type Dated<'a> = (Option<&'a str>, f64);

impl Default for Rules {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            level: 0.95,
            power: 0.8,
            floor: None,
            tolerance: 0.0,
            drift: 0.02,
            across_machines: false,
            samples_are_runs: false,
            noise: BTreeMap::new(),
            seed: Seed::new(0),
        }
    }
}

impl Rules {
    /// Learns the noise of every (id, metric) from earlier results, oldest first; each is what one side of a comparison is.
    #[must_use]
    pub fn with_history(mut self, history: &[crate::Run]) -> Self {
        let mut series: BTreeMap<(String, String), Vec<Dated<'_>>> = BTreeMap::new();
        for run in history {
            let revision = run.environment.revision.as_deref();
            let mut of_run: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
            for m in &run.measurements {
                of_run.entry((&m.id, &m.metric)).or_default().push(m.value);
            }
            for ((id, metric), values) in of_run {
                let median = crate::statistics::Sorted::new(&values).map(|sorted| sorted.median());
                let result = median.map(|median| (revision, median));
                series.entry((id.to_owned(), metric.to_owned())).or_default().extend(result);
            }
        }
        let learned = series.into_iter().map(|(key, results)| (key, Noise::learned(results)));
        self.noise.extend(learned.filter(|(_, noise)| *noise != Noise::ASSUMED));
        self
    }

    /// From where on a change of this figure matters.
    #[must_use]
    pub fn threshold(&self, id: &str, metric: &str) -> Threshold {
        let noise = self.noise.get(&(id.to_owned(), metric.to_owned())).copied();
        match (self.floor, noise) {
            (Some(floor), Some(noise)) if noise.share <= floor => Threshold { share: floor, noise: None },
            (Some(floor), None) => Threshold { share: floor, noise: None },
            (_, Some(noise)) => Threshold { share: noise.share, noise: Some(noise) },
            (None, None) => Threshold { share: Noise::ASSUMED.share, noise: Some(Noise::ASSUMED) },
        }
    }

    /// What follows from so many runs and tests.
    pub(crate) fn plan(&self, before: usize, after: usize, tests: usize, floor: f64) -> Plan {
        let Self { alpha, level, power, .. } = *self;
        Plan { before, after, tests, alpha, level, power, floor }
    }
}

/// From where on a change matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// As a share: 0.05 is 5 %.
    pub share: f64,
    /// The noise that it comes from; `None` where it is the floor that was asked for.
    pub noise: Option<Noise>,
}

impl Threshold {
    /// In words.
    #[must_use]
    pub fn show(&self) -> String {
        self.noise.map_or_else(|| crate::Unit::Fraction.show(self.share), |noise| noise.show())
    }
}
