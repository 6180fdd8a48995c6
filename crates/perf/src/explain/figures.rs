//! The figures of some runs, by id and metric.

use std::collections::BTreeMap;

use crate::{
    Unit,
    run::{Measurement, Run},
    statistics::Sorted,
};

/// The figures of runs, each the median of what the runs say.
pub(super) struct Figures<'a> {
    by_name: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Measurement>>>,
}

impl<'a> Figures<'a> {
    pub(super) fn of(runs: &'a [Run]) -> Self {
        let mut by_name: BTreeMap<&str, BTreeMap<&str, Vec<&Measurement>>> = BTreeMap::new();
        for m in runs.iter().flat_map(|run| &run.measurements).filter(|m| m.value.is_finite()) {
            by_name.entry(m.id.as_str()).or_default().entry(m.metric.as_str()).or_default().push(m);
        }
        Self { by_name }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &'a str> {
        self.by_name.keys().copied()
    }

    pub(super) fn measured(&self, id: &str, metric: &str) -> &[&'a Measurement] {
        self.by_name.get(id).and_then(|metrics| metrics.get(metric)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn value(&self, id: &str, metric: &str) -> Option<f64> {
        let values: Vec<f64> = self.measured(id, metric).iter().map(|m| m.value).collect();
        Sorted::new(&values).map(|sorted| sorted.median())
    }

    /// The elapsed time, in nanoseconds.
    pub(super) fn time(&self, id: &str) -> Option<f64> {
        self.measured(id, "time").first().filter(|m| m.unit == Unit::Nanoseconds)?;
        self.value(id, "time").filter(|time| *time > 0.0)
    }

    /// The processor's time beside it, in nanoseconds, with the metrics that it is of.
    pub(super) fn processor(&self, id: &str) -> Option<(f64, &'static [&'static str])> {
        const APART: [&str; 2] = ["cpu-user", "cpu-system"];
        if let Some(cpu) = self.value(id, "cpu-time") {
            return Some((cpu, &["cpu-time"]));
        }
        Some((self.value(id, APART[0])? + self.value(id, APART[1])?, &["cpu-user", "cpu-system"]))
    }

    /// Where the benchmark stands in the code.
    pub(super) fn place(&self, id: &str) -> Option<String> {
        let metrics = self.by_name.get(id)?;
        // A place that allocates is told with what it allocates.
        let own = metrics.iter().filter(|(metric, _)| !metric.starts_with("heap-"));
        own.flat_map(|(_, all)| all).find_map(|m| m.location.clone())
    }
}

/// What an id is one size of: `parse/rows/64` is `parse/rows` at 64.
pub(super) fn family(id: &str) -> (&str, Option<f64>) {
    let sized = id.rsplit_once(['/', '=']).and_then(|(family, size)| {
        let size: f64 =
            size.replace('_', "").parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0)?;
        (!family.is_empty()).then_some((family, size))
    });
    sized.map_or((id, None), |(family, size)| (family, Some(size)))
}

/// `id (metric)`.
pub(super) fn name(id: &str, metric: &str) -> String {
    format!("{id} ({metric})")
}

/// What several sizes are called together.
pub(super) fn subject(family: &str, ids: &[&str]) -> String {
    match ids {
        [one] => (*one).to_owned(),
        _ => format!("{family}/*"),
    }
}

pub(super) fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}
