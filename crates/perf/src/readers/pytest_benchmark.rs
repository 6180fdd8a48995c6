//! What pytest-benchmark stores (`.benchmarks/…/0001_….json`) and exports (`--benchmark-json`).
//!
//! The export holds every timing, often gigabytes of them: the file is streamed, and of each benchmark at most 10,000
//! samples are kept, drawn evenly over all of them (Vitter's algorithm R, seeded by the place in the file). The figures
//! are pytest-benchmark's own, from all timings. Times are in seconds per call.

mod form;

use std::{io, path::Path};

use serde::de::DeserializeSeed;
use serde_json::Value;

use self::form::{Bench, FileSeed};
use super::{
    FileReader, Head, Input,
    json::{number, plain, text, what},
    timed::Timed,
};
use crate::{
    Error, ErrorKind,
    run::{Finding, Measurement, Run},
    statistics::real,
};

/// Reads pytest-benchmark's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct PytestBenchmark;

/// How many remarks of the user (`extra_info`) are kept of a benchmark.
const EXTRAS: usize = 10;

impl FileReader for PytestBenchmark {
    fn name(&self) -> &'static str {
        "pytest-benchmark"
    }

    fn reads(&self) -> &'static str {
        "pytest-benchmark's JSON, stored or exported with every timing (streamed)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let is_bench = head.has_at(3, "stats") || head.has_at(3, "fullname");
        (head.has("machine_info") && (head.has("commit_info") || head.has("benchmarks")))
            || (head.has("benchmarks") && is_bench)
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let name = file.display().to_string();
        let mut opened = input.open_file(file)?;
        let mut run = Run::new("pytest-benchmark");
        let mut fields = Vec::new();
        let mut place = 0;
        let read = {
            let mut json = serde_json::Deserializer::from_reader(&mut opened);
            let mut take = |bench: Bench| {
                match measurement(place, bench, &name, &mut run.findings) {
                    Ok(found) => run.measurements.push(found),
                    Err(text) => {
                        run.findings.push(Finding::new(&name, Some(format!("benchmark {place}")), text))
                    }
                }
                place += 1;
            };
            FileSeed { fields: &mut fields, take: &mut take }.deserialize(&mut json).and_then(|()| json.end())
        };
        if let Err(error) = read {
            let (line, column) = (error.line(), error.column());
            let said = what(&error);
            if error.is_io() {
                let error = opened.error(io::Error::from(error));
                if run.measurements.is_empty() || error.kind() == ErrorKind::TooLarge {
                    return Err(error);
                }
            }
            let text = format!("{said}; the benchmarks before it were read");
            run.findings.push(Finding::new(&name, Some(format!("line {line}, column {column}")), text));
        }
        for (field, value) in &fields {
            environment(&mut run, field, value);
        }
        Ok(run)
    }
}

fn environment(run: &mut Run, field: &str, value: &Value) {
    let of = |name: &str| text(&value[name]).map(ToOwned::to_owned);
    match field {
        "machine_info" => {
            let cpu = &value["cpu"];
            let environment = &mut run.environment;
            environment.os = of("system");
            environment.kernel = of("release");
            environment.cpu_model =
                ["brand_raw", "brand"].iter().find_map(|name| text(&cpu[*name])).map(ToOwned::to_owned);
            environment.cpu_count = number(&cpu["count"]).and_then(|n| n.to_string().parse().ok());
            environment.toolchain = of("python_version").map(|version| {
                let kind = of("python_implementation").unwrap_or_else(|| "python".to_owned());
                format!("{kind} {version}")
            });
            for (label, name) in [("host", "node"), ("machine", "machine")] {
                environment.extra.extend(of(name).map(|value| (label.to_owned(), value)));
            }
        }
        "commit_info" => {
            run.environment.revision = of("id");
            if value["dirty"] == Value::Bool(true) {
                run.environment.extra.insert("uncommitted changes".to_owned(), "yes".to_owned());
            }
        }
        // Without an offset it is UTC (pytest_benchmark/session.py).
        "datetime" => {
            let at = value.as_str().unwrap_or_default();
            run.created_at = at.parse().or_else(|_| format!("{at}Z").parse()).ok();
        }
        "version" => {
            run.environment.extra.extend(text(value).map(|v| ("pytest-benchmark".to_owned(), v.to_owned())));
        }
        _ => {}
    }
}

fn measurement(
    place: usize,
    bench: Bench,
    file: &str,
    findings: &mut Vec<Finding>,
) -> Result<Measurement, String> {
    let of = |name: &str| bench.fields.get(name).unwrap_or(&Value::Null);
    let stat = |name: &str| bench.stats.get(name).and_then(number);
    let ns = |name: &str| stat(name).map(|seconds| seconds * 1e9);
    let id = text(of("fullname"))
        .or_else(|| text(of("name")))
        .map_or_else(|| format!("benchmark {place}"), ToOwned::to_owned);
    let kept = bench.samples.kept.len();
    let (seen, lost) = (bench.samples.seen, bench.samples.lost);
    let samples: Vec<f64> = bench.samples.kept.into_iter().map(|seconds| seconds * 1e9).collect();
    let mut time = Timed::new(&id, "time", samples, "rounds in one process");
    let fields = [
        ("mean", "mean"),
        ("median", "median"),
        ("sd", "stddev"),
        ("min", "min"),
        ("max", "max"),
        ("iqr", "iqr"),
        ("q1", "q1"),
        ("q3", "q3"),
        ("ld15iqr", "ld15iqr"),
        ("hd15iqr", "hd15iqr"),
    ];
    time.said = fields.into_iter().map(|(name, field)| (name, ns(field))).collect();
    let mut found =
        time.measurement().ok_or_else(|| format!("{id} has neither a median, a mean nor timings"))?;
    let are_all = stat("rounds").is_none_or(|rounds| real(kept) >= rounds) && seen == kept && kept > 0;
    if let Some(median) = ns("median").filter(|_| !are_all) {
        // It comes from every timing, the samples that are at hand do not.
        found.value = median;
        found.notes.retain(|note| note.contains("left out"));
        found.notes.insert(0, "the figure is pytest-benchmark's median".to_owned());
        found.interval = found.interval.filter(|interval| interval.contains(median));
    }
    if seen > kept {
        found.notes.push(format!("{kept} of {seen} timings are kept, drawn evenly"));
    }
    if let Some(rounds) = stat("rounds").filter(|rounds| seen > 0 && real(seen + lost) < *rounds) {
        found.notes.push(format!("the file holds {seen} of the {rounds} timings"));
    }
    if let (Some(rounds), Some(iterations)) = (stat("rounds"), stat("iterations")) {
        found.notes.push(format!("{rounds} rounds of {iterations} calls in one process"));
    }
    if lost > 0 {
        let text = format!("{id}: {lost} timings are no numbers and were left out");
        findings.push(Finding::new(file, Some(format!("benchmark {place}")), text));
    }
    if let Some(group) = text(of("group")) {
        found.notes.push(format!("group: {group}"));
    }
    let extras = of("extra_info").as_object().into_iter().flatten().take(EXTRAS);
    found.notes.extend(extras.map(|(name, value)| format!("{name}: {}", plain(value))));
    found.location =
        text(of("fullname")).and_then(|name| name.split_once("::")).map(|(file, _)| file.to_owned());
    Ok(found)
}
