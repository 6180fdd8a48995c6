//! Results of asv (airspeed velocity): `.asv/results/<machine>/<commit>-<environment>.json`, versions 1 and 2.
//!
//! What a benchmark measures is told by its name alone: `time_` seconds, `mem_` and `peakmem_` bytes, `track_` anything.
//! Version 1 keeps a figure or a list over parameters for each; version 2 a row whose columns `result_columns` names,
//! cut after the last one with a value.

use std::path::Path;

use assize_ambient::Timestamp;
use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, plain, text},
    timed::median_interval,
};
use crate::{
    Error, Unit,
    run::{Better, Interval, Kind, Measurement, Run},
    statistics::Sorted,
};

/// Reads asv's results.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asv;

/// How many sets of parameters are read of a benchmark.
const SETS: usize = 100_000;

impl FileReader for Asv {
    fn name(&self) -> &'static str {
        "asv"
    }

    fn reads(&self) -> &'static str {
        "asv's results of a commit (versions 1 and 2)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("commit_hash")
            && ["results", "result_columns", "requirements"].iter().any(|field| head.has(field))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["results"]);
        let mut run = Run::new("asv");
        environment(&mut run, &all.value("params"), &all.value("python"));
        run.environment.revision = text(&all.value("commit_hash")).map(ToOwned::to_owned);
        let columns = all.value("result_columns");
        let columns: Vec<&str> = columns.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut without = 0_usize;
        for (name, entry) in all.entries("results") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let row = Row::of(&value, &columns);
            let (found, failed) = measurements(name, &row);
            without += failed;
            if found.is_empty() && failed == 0 {
                run.findings.push(json.find(*entry, format!("{name} has no result and was left out")));
            }
            run.measurements.extend(found);
            // The date of the file is that of the commit; a row says when it was measured, in milliseconds.
            let started = row.get("started_at").as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            run.created_at = run.created_at.max(started);
        }
        if without > 0 {
            run.findings.push(
                json.find_all(format!("null results: {without}; those benchmarks failed or were not run")),
            );
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn environment(run: &mut Run, parameters: &Value, python: &Value) {
    let of = |name: &str| {
        Some(&parameters[name]).filter(|value| !value.is_null()).map(plain).filter(|s| !s.is_empty())
    };
    let environment = &mut run.environment;
    environment.os = of("os");
    environment.cpu_model = of("cpu");
    environment.cpu_count = of("num_cpu").and_then(|n| n.parse().ok());
    environment.toolchain = text(python).map(|version| format!("python {version}"));
    for name in ["machine", "arch", "ram"] {
        environment.extra.extend(of(name).map(|value| (name.to_owned(), value)));
    }
}

/// A result with its columns.
struct Row<'a> {
    value: &'a Value,
    columns: &'a [&'a str],
}

impl<'a> Row<'a> {
    fn of(value: &'a Value, columns: &'a [&'a str]) -> Self {
        Self { value, columns }
    }

    /// A column of it; `null` if it has none of that name.
    fn get(&self, column: &str) -> &'a Value {
        const NULL: &Value = &Value::Null;
        match self.value {
            Value::Array(_) if !self.columns.is_empty() => {
                self.columns.iter().position(|name| *name == column).map_or(NULL, |at| &self.value[at])
            }
            Value::Object(row) => row.get(column).unwrap_or(NULL),
            value if column == "result" => value,
            _ => NULL,
        }
    }
}

/// The measurements of a benchmark, one for each set of parameters, and how many of its results are null.
fn measurements(name: &str, row: &Row<'_>) -> (Vec<Measurement>, usize) {
    let results = match row.get("result") {
        Value::Array(results) => results.as_slice(),
        Value::Null if row.value.is_null() => return (Vec::new(), 1),
        single => std::slice::from_ref(single),
    };
    let sets = parameter_sets(row.get("params"), results.len());
    let (what, note) = what(name);
    let mut found = Vec::new();
    let mut failed = 0;
    for (at, (result, set)) in results.iter().zip(sets).enumerate() {
        let Some(value) = number(result).map(|value| value * what.factor) else {
            failed += usize::from(result.is_null() || result.as_str().is_some());
            continue;
        };
        let id = if set.is_empty() { name.to_owned() } else { format!("{name}({set})") };
        let mut one = Measurement::new(id, what.metric, what.unit.clone(), Better::Lower, what.kind, value);
        one.notes.extend(note.map(ToOwned::to_owned));
        let column = |name: &str| number(&row.get(name)[at]).map(|value| value * what.factor);
        one.samples =
            numbers(&row.get("samples")[at]).0.into_iter().map(|value| value * what.factor).collect();
        let ends = (column("stats_ci_99_a"), column("stats_ci_99_b"));
        if let (Some(low), Some(high)) = ends {
            let method = "asv's, of the median over the samples".to_owned();
            one.interval = Some(Interval { low, high, level: 0.99, method });
        } else if let Some(sorted) = Sorted::new(&one.samples) {
            one.interval = median_interval(sorted.values(), "samples of asv");
        }
        for (name, field) in [("q1", "stats_q_25"), ("q3", "stats_q_75")] {
            one.figures.extend(column(field).map(|figure| (name.to_owned(), figure)));
        }
        found.push(one);
    }
    (found, failed)
}

/// What a benchmark's name says that it measures.
struct What {
    metric: &'static str,
    unit: Unit,
    factor: f64,
    kind: Kind,
}

fn what(name: &str) -> (What, Option<&'static str>) {
    let last = name.rsplit('.').next().unwrap_or(name);
    let begins = |prefix: &str| last.starts_with(prefix) || last.starts_with(&prefix.replace('_', ""));
    let of = |metric, unit, factor, kind| What { metric, unit, factor, kind };
    if begins("time_") || begins("timeraw_") {
        (of("time", Unit::Nanoseconds, 1e9, Kind::Timed), Some("the figure is asv's median"))
    } else if begins("peakmem_") {
        // Resident memory varies from run to run as times do.
        (of("memory-peak", Unit::Bytes, 1.0, Kind::Timed), None)
    } else if begins("mem_") {
        (of("memory", Unit::Bytes, 1.0, Kind::Counted), None)
    } else {
        let unit = Unit::Score;
        let note = "asv does not say in its results what it tracks: less is taken for better, as asv does";
        (of("tracked", unit, 1.0, Kind::Counted), Some(note))
    }
}

/// The sets of parameters in the order of the results: the last one changes first.
fn parameter_sets(parameters: &Value, results: usize) -> Vec<String> {
    let lists: Vec<&[Value]> = parameters
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|list| list.as_array().map(Vec::as_slice))
        .collect();
    let results = results.min(SETS);
    if lists.is_empty() {
        let numbered = |at: usize| if results == 1 { String::new() } else { format!("#{at}") };
        return (0..results).map(numbered).collect();
    }
    let set = |at: usize| {
        let mut left = at;
        let mut parts: Vec<String> = Vec::new();
        for list in lists.iter().rev() {
            let Some(value) = left.checked_rem(list.len()).and_then(|place| list.get(place)) else {
                continue;
            };
            left /= list.len();
            parts.push(plain(value));
        }
        parts.reverse();
        parts.join(", ")
    };
    (0..results).map(set).collect()
}
