//! The figures of some runs, by id and metric.

use std::collections::BTreeMap;

use crate::{
    Unit,
    run::{Measurement, Run},
    statistics::Sorted,
};

/// With fewer rounds the best of them says nothing.
const ROUNDS: usize = 3;

/// A time, and how much of it a processor worked: of the best round where there are several. What waits does so in every
/// round; what another program took the processor from does in some.
pub(super) struct Spent {
    pub(super) time: f64,
    pub(super) cpu: f64,
    /// The metrics of the processor's time, as `id (metric)`.
    pub(super) evidence: Vec<String>,
}

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

    /// The time of a benchmark beside what the processor worked, in nanoseconds; `None` where either is not known.
    pub(super) fn spent(&self, id: &str) -> Option<Spent> {
        const APART: [&str; 2] = ["cpu-user", "cpu-system"];
        self.measured(id, "time").first().filter(|m| m.unit == Unit::Nanoseconds)?;
        let metrics: &[&str] = if self.measured(id, "cpu-time").is_empty() { &APART } else { &["cpu-time"] };
        let all = || metrics.iter().chain(&["time"]).flat_map(|metric| self.measured(id, metric));
        let has_rounds = all().all(|m| m.samples.len() >= ROUNDS);
        let of = |metric: &str| if has_rounds { self.least(id, metric) } else { self.value(id, metric) };
        let (time, cpu) = (of("time")?, metrics.iter().map(|metric| of(metric)).sum::<Option<f64>>()?);
        (time > 0.0).then(|| Spent { time, cpu: cpu.max(0.0), evidence: owned_names(id, metrics) })
    }

    fn least(&self, id: &str, metric: &str) -> Option<f64> {
        self.measured(id, metric).iter().flat_map(|m| m.samples.iter().copied()).reduce(f64::min)
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
pub(crate) fn family(id: &str) -> (&str, Option<f64>) {
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

fn owned_names(id: &str, metrics: &[&str]) -> Vec<String> {
    metrics.iter().map(|metric| name(id, metric)).collect()
}
