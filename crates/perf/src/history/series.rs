//! The same figure over many runs.

use std::collections::BTreeMap;

use assize_ambient::Timestamp;

use super::fingerprint;
use crate::{
    natural,
    run::{Better, Kind, Run},
    unit::Unit,
};

/// One figure on one machine, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The id of the measurement.
    pub id: String,
    /// What of it.
    pub metric: String,
    /// What machine and build it comes from; empty where it does not matter or is not known.
    pub fingerprint: String,
    /// The unit of all values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How the figures came about.
    pub kind: Kind,
    /// The figures.
    pub points: Vec<Point>,
}

impl Series {
    /// Only the values.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }

    /// Id and metric, as a reader calls it.
    #[must_use]
    pub fn name(&self) -> String {
        if self.metric.is_empty() { self.id.clone() } else { format!("{} ({})", self.id, self.metric) }
    }
}

/// One figure of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When it was measured, where known.
    pub time: Option<Timestamp>,
    /// What a reader finds it by: the revision, or the id of its run, or its number.
    pub label: String,
    /// The figure.
    pub value: f64,
}

/// The series in runs that are in the order of time, each with its id. Figures of different machines, metrics or units
/// never stand in one series; of repetitions in one run the median counts.
#[must_use]
pub fn series<'a>(runs: impl IntoIterator<Item = (&'a str, &'a Run)>) -> Vec<Series> {
    let mut found: BTreeMap<[String; 4], Series> = BTreeMap::new();
    for (id, run) in runs {
        let machine = fingerprint(&run.environment);
        let label = run.environment.revision.clone().unwrap_or_else(|| id.to_owned());
        let mut figures: BTreeMap<[String; 4], (Series, Vec<f64>)> = BTreeMap::new();
        for m in run.measurements.iter().filter(|m| m.value.is_finite()) {
            let key = [m.id.clone(), m.metric.clone(), m.unit.name().to_owned(), machine.clone()];
            let empty = || Series {
                id: m.id.clone(),
                metric: m.metric.clone(),
                fingerprint: machine.clone(),
                unit: m.unit.clone(),
                better: m.better,
                kind: m.kind,
                points: Vec::new(),
            };
            figures.entry(key).or_insert_with(|| (empty(), Vec::new())).1.push(m.value);
        }
        for (key, (empty, values)) in figures {
            let Some(sorted) = crate::statistics::Sorted::new(&values) else { continue };
            let point = Point { time: run.created_at, label: label.clone(), value: sorted.median() };
            found.entry(key).or_insert(empty).points.push(point);
        }
    }
    let mut all: Vec<Series> = found.into_values().collect();
    all.sort_by(|a, b| {
        natural::order(&a.id, &b.id).then_with(|| {
            (&a.metric, a.unit.name(), &a.fingerprint).cmp(&(&b.metric, b.unit.name(), &b.fingerprint))
        })
    });
    all
}
