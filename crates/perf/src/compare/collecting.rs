//! The values of every (id, metric) on both sides.

use std::collections::{BTreeMap, BTreeSet};

use super::{CONTROLS, rules::Rules};
use crate::{
    Unit,
    run::{Better, Finding, Kind, Measurement, Run},
};

/// One (id, metric) with the values of its runs.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) metric: String,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) kind: Kind,
    pub(super) location: Option<String>,
    pub(super) before: Vec<f64>,
    pub(super) after: Vec<f64>,
}

/// What stands on both sides, and what does not.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) pairs: Vec<Pair>,
    pub(super) controls: Vec<Pair>,
    pub(super) only_before: Vec<(String, String)>,
    pub(super) only_after: Vec<(String, String)>,
    pub(super) findings: Vec<Finding>,
}

type Metrics<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Measurement>>;

pub(super) fn collect(before: &[Run], after: &[Run], rules: &Rules) -> Collected {
    let (before, after) = (metrics(before), metrics(after));
    let mut collected = Collected::default();
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let name = || (key.0.to_owned(), key.1.to_owned());
        let (old, new) = match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => (old, new),
            (Some(_), None) => {
                collected.only_before.push(name());
                continue;
            }
            (None, _) => {
                collected.only_after.push(name());
                continue;
            }
        };
        let first = new[0];
        let odd = old
            .iter()
            .chain(new)
            .find(|m| m.unit != first.unit || m.better != first.better || m.kind != first.kind);
        if let Some(odd) = odd {
            let text = format!(
                "{} ({}) is {} {} in one run and {} {} in another: it was not compared",
                key.0,
                key.1,
                odd.kind.name(),
                odd.unit.name(),
                first.kind.name(),
                first.unit.name()
            );
            collected.findings.push(Finding::new(odd.source.clone().unwrap_or_default(), None, text));
            continue;
        }
        let pair = Pair {
            id: first.id.clone(),
            metric: first.metric.clone(),
            unit: first.unit.clone(),
            better: first.better,
            kind: first.kind,
            location: first.location.clone(),
            before: values(old, rules),
            after: values(new, rules),
        };
        let list = if pair.id.starts_with(CONTROLS) { &mut collected.controls } else { &mut collected.pairs };
        list.push(pair);
    }
    collected
}

fn metrics(runs: &[Run]) -> Metrics<'_> {
    let mut metrics = Metrics::new();
    for m in runs.iter().flat_map(|run| &run.measurements) {
        if m.value.is_finite() {
            metrics.entry((&m.id, &m.metric)).or_default().push(m);
        }
    }
    metrics
}

/// One value for each run of a process.
fn values(measurements: &[&Measurement], rules: &Rules) -> Vec<f64> {
    let of_one = |m: &&Measurement| {
        let samples =
            rules.samples_are_runs && m.samples.len() > 1 && m.samples.iter().all(|x| x.is_finite());
        if samples { m.samples.clone() } else { vec![m.value] }
    };
    measurements.iter().flat_map(of_one).collect()
}
