//! Two or more ways to do the same thing, measured side by side.

use std::collections::BTreeMap;

use super::{Better, Interval};
use crate::Unit;

/// A comparison of arms: what was asked, what each arm showed, and by how much they differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// A stable name, `voting-against-debate`.
    pub id: String,
    /// What the comparison answers, as a question.
    pub question: String,
    /// The ways that were compared.
    pub arms: Vec<Arm>,
    /// By how much pairs of them differ.
    pub contrasts: Vec<Contrast>,
    /// The better arm; `None` if the data do not say.
    pub winner: Option<Winner>,
    /// How it was measured: runs, pairing, order, seeds.
    pub method: String,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

/// One way to do it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arm {
    /// Its name in tables.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// What it showed, by metric (`time`, `quality`, `cost`).
    pub metrics: BTreeMap<String, Estimate>,
}

/// A figure and how well it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Where the true figure lies; `None` where it is exact or nothing is known.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// A figure without an interval.
    #[must_use]
    pub const fn new(value: f64, unit: Unit, better: Better) -> Self {
        Self { value, unit, better, interval: None }
    }

    /// With an interval, or without.
    #[must_use]
    pub fn within(mut self, interval: Option<Interval>) -> Self {
        self.interval = interval;
        self
    }

    /// As a person reads it: `4.61 µs (4.58 – 4.65 µs)`.
    #[must_use]
    pub fn show(&self) -> String {
        let value = self.unit.show(self.value);
        match &self.interval {
            Some(i) => format!("{value} ({})", self.unit.show_interval(self.value, i.low, i.high)),
            None => value,
        }
    }
}

/// How a contrast sets two arms against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `a − b`, in the unit of the metric.
    Difference,
    /// `a / b`.
    Ratio,
}

/// By how much arm `a` differs from arm `b` in one metric.
///
/// A speed-up is a contrast with the metric `speed-up`, [`Effect::Ratio`] and [`Better::Higher`].
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The metric.
    pub metric: String,
    /// The arm that is looked at.
    pub a: String,
    /// The arm that it is held against.
    pub b: String,
    /// Difference or ratio.
    pub effect: Effect,
    /// How much, with its interval.
    pub estimate: Estimate,
    /// What follows, in words, with the p value if there is a test.
    pub verdict: String,
}

/// The better arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// Its name.
    pub arm: String,
    /// Why, with the figures.
    pub why: String,
}
