//! What every load test tells, whatever tool ran it.

use crate::{
    Unit,
    run::{Better, Kind, Measurement},
};

/// Nanoseconds of a millisecond.
pub(super) const MS: f64 = 1e6;
/// Nanoseconds of a second.
pub(super) const SECOND: f64 = 1e9;

/// Said of tools that measure from when they ask, not from when they meant to.
pub(super) const OMITS: &str = "measured from when a request was sent: what would have been asked during a stall is not counted \
     (coordinated omission)";

/// The percentiles that are figures of their own; the others stand beside the median.
const OWN: [f64; 5] = [50.0, 90.0, 95.0, 99.0, 99.9];

/// One kind of request under load.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) id: String,
    pub(super) requests: Option<f64>,
    /// A share of one.
    pub(super) error_rate: Option<f64>,
    pub(super) error_notes: Vec<String>,
    pub(super) per_second: Option<f64>,
    pub(super) bytes_per_second: Option<f64>,
    /// Percent and nanoseconds.
    pub(super) percentiles: Vec<(f64, f64)>,
    /// `mean`, `min`, `max`, … in nanoseconds.
    pub(super) figures: Vec<(&'static str, f64)>,
    /// Said of every latency.
    pub(super) notes: Vec<String>,
    /// Percentiles from here, in nanoseconds, are known to two digits only.
    pub(super) rounded_from: Option<f64>,
}

impl Load {
    pub(super) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The figures: `p50`, `p90`, `p95`, `p99`, `p99.9`, `throughput`, `byte-throughput`, `error-rate`, `requests`, as
    /// far as they are known.
    pub(super) fn measurements(mut self) -> Vec<Measurement> {
        // What is no percentile has no place among them.
        self.percentiles.retain(|(percent, _)| (0.0..=100.0).contains(percent));
        self.percentiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.percentiles.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
        if self.figures.iter().any(|(name, _)| *name == "max") {
            // The same, and rounded where the tool rounds its percentiles.
            self.percentiles.retain(|(percent, _)| *percent < 100.0);
        }
        let mut measured = self.latencies();
        if let Some(rate) = self.per_second {
            measured.push(self.measurement("throughput", Unit::PerSecond, Better::Higher, rate));
        }
        if let Some(rate) = self.bytes_per_second {
            measured.push(self.measurement("byte-throughput", Unit::BytesPerSecond, Better::Higher, rate));
        }
        if let Some(rate) = self.error_rate {
            let mut errors = self.measurement("error-rate", Unit::Fraction, Better::Lower, rate);
            errors.notes.append(&mut self.error_notes);
            measured.push(errors);
        }
        if let Some(requests) = self.requests {
            measured.push(self.measurement("requests", Unit::Count, Better::Higher, requests));
        }
        measured
    }

    fn latencies(&self) -> Vec<Measurement> {
        let is_own = |percent: f64| OWN.iter().any(|own| own.total_cmp(&percent).is_eq());
        let mut measured: Vec<Measurement> = Vec::new();
        for &(percent, ns) in self.percentiles.iter().filter(|(percent, _)| is_own(*percent)) {
            let mut latency = self.latency(&percentile_name(percent), ns);
            latency.notes.extend(self.requests.and_then(|requests| insufficient(percent, requests)));
            if self.rounded_from.is_some_and(|from| ns >= from) {
                latency.notes.push("rounded to two digits by the tool: do not test it finely".to_owned());
            }
            measured.push(latency);
        }
        if measured.is_empty() {
            // Without a percentile of its own the mean, or what there is, has to stand for the latency.
            let stands = self.figures.iter().find(|(name, _)| *name == "mean").or(self.figures.first());
            measured.extend(stands.map(|(name, ns)| self.latency(name, *ns)));
        }
        if let Some(first) = measured.first_mut() {
            let others = self.percentiles.iter().filter(|(percent, _)| !is_own(*percent));
            first.figures.extend(others.map(|(percent, ns)| (percentile_name(*percent), *ns)));
            let figures = self.figures.iter().filter(|(name, _)| *name != first.metric);
            first.figures.extend(figures.map(|(name, ns)| ((*name).to_owned(), *ns)));
        }
        measured
    }

    fn latency(&self, metric: &str, ns: f64) -> Measurement {
        let mut latency = self.measurement(metric, Unit::Nanoseconds, Better::Lower, ns);
        latency.notes.clone_from(&self.notes);
        latency
    }

    fn measurement(&self, metric: &str, unit: Unit, better: Better, value: f64) -> Measurement {
        Measurement::new(&self.id, metric, unit, better, Kind::Loaded, value)
    }
}

/// `p50`, `p99.9`.
pub(super) fn percentile_name(percent: f64) -> String {
    format!("p{percent}")
}

/// Says of a percentile of too few requests that it is one: there should be ten beyond it.
pub(super) fn insufficient(percent: f64, requests: f64) -> Option<String> {
    let needs = 1_000.0 / (100.0 - percent);
    (percent < 100.0 && requests < needs - 0.5).then(|| {
        let name = percentile_name(percent);
        format!("insufficient: of {requests} requests, where {name} needs {needs:.0}")
    })
}

/// A number as it stands in a table, where it is finite.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The share of `part` in `whole`, a share of one. A sum of nothing is −0 and becomes 0.
pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0 && (0.0..=whole).contains(&part)).then(|| (part + 0.0) / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_needs_ten_requests_beyond_it() {
        for (percent, enough) in [(50.0, 20.0), (99.0, 1_000.0), (99.9, 10_000.0), (99.99, 100_000.0)] {
            assert_eq!(insufficient(percent, enough), None, "{percent}");
            assert!(insufficient(percent, enough - 1.0).is_some(), "{percent}");
        }
        assert_eq!(insufficient(100.0, 1.0), None);
    }

    #[test]
    fn the_mean_stands_for_the_latency_where_no_percentile_is() {
        let load = Load { figures: vec![("min", 1.0), ("mean", 2.0)], ..Load::new("x") };
        let measured = load.measurements();
        assert_eq!((measured.len(), measured[0].metric.as_str(), measured[0].value), (1, "mean", 2.0));
        assert_eq!(measured[0].figures.keys().collect::<Vec<_>>(), ["min"]);
    }
}
