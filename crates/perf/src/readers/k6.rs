//! What k6 writes at the end of a test, in its three formats.
//!
//! - `--summary-export`: metrics without their type; a threshold is a boolean, and **`true` means that it was crossed**
//!   (k6's `summary-wrapper.js` stores `!threshold.ok`);
//! - `handleSummary(data)`: metrics with `type`, `contains` and `values`; a threshold is `{"ok": …}`;
//! - `--new-machine-readable-summary` (k6 1.5, `version` 1.0.0): metrics as a list, no thresholds, no percentile but p(90) and
//!   p(95).
//!
//! Times are milliseconds, whatever `summaryTimeUnit` says, which is for the terminal only. The rate of
//! `http_req_failed` is that of failures.

mod form;

use std::path::Path;

use self::form::{Form, Metric, Threshold};
use super::{
    FileReader, Head, Input,
    load::{Load, MS, OMITS, number, percentile_name, share},
    whole_json,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads k6's summaries.
#[derive(Debug, Clone, Copy, Default)]
pub struct K6;

impl FileReader for K6 {
    fn name(&self) -> &'static str {
        "k6"
    }

    fn reads(&self) -> &'static str {
        "k6 summaries: --summary-export, handleSummary and --new-machine-readable-summary"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        let said = [
            "\"http_req_",
            "\"iteration",
            "\"data_received\"",
            "\"vus",
            "\"root_group\"",
            "\"testRunDurationMs\"",
        ];
        let named = said.iter().any(|name| text.contains(name));
        head.is_object()
            && (head.has("root_group")
                || head.has("metrics") && named
                || head.has_at(2, "k6Version")
                || head.has("metrics") && head.has_at(3, "contains") && head.has_at(3, "values"))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("k6");
        let form: Form = whole_json::read(input, file, &mut run)?;
        let form = form.plain();
        run.created_at = form.generated_at.as_deref().and_then(|at| at.parse().ok());
        if let Some(version) = form.version {
            run.environment.extra.insert("k6".to_owned(), version);
        }
        let count = |name: &str| {
            let metric = form.metrics.iter().find(|(metric, _)| metric == name)?;
            metric.1.values.get("count").copied()
        };
        let (requests, iterations) = (count("http_reqs"), count("iterations"));
        for (name, metric) in &form.metrics {
            let of = match name.as_str() {
                // Of a part of the requests the number is told nowhere.
                name if name.contains('{') => None,
                name if name.starts_with("http_req_") => requests,
                "iteration_duration" => iterations,
                _ => None,
            };
            run.measurements.extend(measurements(name, metric, of));
            run.measurements.extend(metric.thresholds.iter().map(|threshold| held(name, threshold)));
        }
        for check in form.checks {
            let Some(share) = share(check.passes, check.passes + check.fails) else { continue };
            let id = format!("check/{}", check.path.trim_start_matches("::").replace("::", "/"));
            let note = format!("{} passed, {} failed", check.passes, check.fails);
            run.measurements.push(
                Measurement::new(id, "share", Unit::Fraction, Better::Higher, Kind::Loaded, share)
                    .with_note(note),
            );
        }
        Ok(run)
    }
}

/// 1 for a threshold that held, 0 for one that was crossed.
fn held(name: &str, threshold: &Threshold) -> Measurement {
    let id = format!("threshold/{name}/{}", threshold.expression);
    let (value, note) =
        if threshold.held { (1.0, "held") } else { (0.0, "crossed: k6 ends with exit code 99") };
    Measurement::new(id, "held", Unit::Fraction, Better::Higher, Kind::Loaded, value).with_note(note)
}

fn measurements(name: &str, metric: &Metric, of: Option<f64>) -> Vec<Measurement> {
    match metric.kind.as_str() {
        "trend" if metric.is_time(name) => times(name, metric, of),
        "trend" => trend(name, metric),
        "counter" => counter(name, metric),
        "rate" => rate(name, metric).into_iter().collect(),
        "gauge" => gauge(name, metric).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The percentiles among the values: `med`, `p(95)`.
fn percentiles(metric: &Metric) -> Vec<(f64, f64)> {
    let percent = |name: &str| match name {
        "med" => Some(50.0),
        name => name.strip_prefix("p(")?.strip_suffix(')').and_then(number),
    };
    metric.values.iter().filter_map(|(name, value)| Some((percent(name)?, *value))).collect()
}

const NAMES: [(&str, &str); 3] = [("avg", "mean"), ("min", "min"), ("max", "max")];

fn times(name: &str, metric: &Metric, requests: Option<f64>) -> Vec<Measurement> {
    let percentiles = percentiles(metric).into_iter().map(|(percent, ms)| (percent, ms * MS)).collect();
    let figures =
        NAMES.into_iter().filter_map(|(theirs, ours)| Some((ours, metric.values.get(theirs)? * MS)));
    let load = Load {
        percentiles,
        figures: figures.collect(),
        // Their number is told as that of http_reqs.
        requests,
        notes: vec![OMITS.to_owned()],
        ..Load::new(name)
    };
    load.measurements().into_iter().filter(|m| m.metric != "requests").collect()
}

/// A trend that is no time, or of which nothing says that it is one.
fn trend(name: &str, metric: &Metric) -> Vec<Measurement> {
    let unit = if metric.contains == "data" { Unit::Bytes } else { Unit::Score };
    let all = percentiles(metric);
    let Some((percent, value)) =
        all.iter().find(|(percent, _)| (*percent - 50.0).abs() < 1e-9).or(all.first())
    else {
        return Vec::new();
    };
    let mut measured =
        Measurement::new(name, percentile_name(*percent), unit, Better::Lower, Kind::Loaded, *value);
    let others = all.iter().filter(|(other, _)| (other - percent).abs() > 1e-9);
    measured.figures.extend(others.map(|(percent, value)| (percentile_name(*percent), *value)));
    let named =
        NAMES.into_iter().filter_map(|(theirs, ours)| Some((ours.to_owned(), *metric.values.get(theirs)?)));
    measured.figures.extend(named);
    measured.notes.push("k6 does not say which way this is better: less is taken for better".to_owned());
    vec![measured]
}

fn counter(name: &str, metric: &Metric) -> Vec<Measurement> {
    let better = direction(name);
    let is_data = metric.contains == "data" || name.starts_with("data_");
    let (unit, rate_unit, rate_name) = if is_data {
        (Unit::Bytes, Unit::BytesPerSecond, "byte-throughput")
    } else {
        (Unit::Count, Unit::PerSecond, "throughput")
    };
    let told = [("count", "count", unit), ("rate", rate_name, rate_unit)];
    let told = told.into_iter().filter_map(|(theirs, ours, unit)| {
        Some(Measurement::new(name, ours, unit, better, Kind::Loaded, *metric.values.get(theirs)?))
    });
    told.collect()
}

/// A share. In `--summary-export` its value is called `value`, elsewhere `rate`.
fn rate(name: &str, metric: &Metric) -> Option<Measurement> {
    let value = metric.values.get("rate").or_else(|| metric.values.get("value"))?;
    let better = direction(name);
    let what = if name.starts_with("http_req_failed") { "error-rate" } else { "share" };
    let mut measured = Measurement::new(name, what, Unit::Fraction, better, Kind::Loaded, *value);
    let (passes, fails) = (metric.values.get("passes"), metric.values.get("fails"));
    if let (Some(passes), Some(fails)) = (passes, fails) {
        // What k6 counts as passed is that the rate was told true.
        measured.notes.push(format!("{passes} of {} were so", passes + fails));
    }
    if let (Some(matches), Some(total)) = (metric.values.get("matches"), metric.values.get("total")) {
        measured.notes.push(format!("{matches} of {total} were so"));
    }
    Some(measured)
}

fn gauge(name: &str, metric: &Metric) -> Option<Measurement> {
    let value = metric.values.get("value")?;
    let mut measured = Measurement::new(name, "value", Unit::Count, direction(name), Kind::Loaded, *value);
    let ends = ["min", "max"].into_iter().filter_map(|end| Some((end.to_owned(), *metric.values.get(end)?)));
    measured.figures.extend(ends);
    measured.notes.push("the last value".to_owned());
    Some(measured)
}

/// Which way a metric is better is told nowhere but in its name.
fn direction(name: &str) -> Better {
    let name = name.to_lowercase();
    let bad = ["fail", "error", "dropped", "timeout", "retries", "data_"];
    if bad.iter().any(|word| name.contains(word)) { Better::Lower } else { Better::Higher }
}
