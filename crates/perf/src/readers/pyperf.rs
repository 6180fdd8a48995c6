//! What pyperf (`pyperf timeit -o`, pyperformance) writes, packed or not.
//!
//! Each run is a process; its values are the samples. The unit of inference is the process: the interval is over the
//! medians of the processes.

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, text},
    timed::{Timed, median_interval},
};
use crate::{
    Error, Unit,
    run::{Kind, Measurement, Run},
    statistics::Sorted,
};

/// Reads pyperf's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pyperf;

impl FileReader for Pyperf {
    fn name(&self) -> &'static str {
        "pyperf"
    }

    fn reads(&self) -> &'static str {
        "pyperf's and pyperformance's JSON, also packed as .json.gz"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("benchmarks") && head.has_at(3, "runs")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["benchmarks"]);
        let mut run = Run::new("pyperf");
        let shared = all.value("metadata");
        environment(&mut run, &shared);
        for (place, entry) in all.entries("benchmarks") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let of = |name: &str| {
                Some(&value["metadata"][name]).filter(|value| !value.is_null()).unwrap_or(&shared[name])
            };
            let id = text(of("name")).map_or_else(|| format!("benchmark {place}"), ToOwned::to_owned);
            let unit = match text(of("unit")) {
                None | Some("second") => Ok((Unit::Nanoseconds, 1e9, "time")),
                Some("byte") => Ok((Unit::Bytes, 1.0, "memory")),
                Some("integer") => Ok((Unit::Count, 1.0, "count")),
                Some(other) => Err(format!("{id}: its unit {other} is not known: it was left out")),
            };
            let found = unit.and_then(|unit| {
                benchmark(&id, &value, unit)
                    .ok_or_else(|| format!("{id}: no process has a value: it was left out"))
            });
            match found {
                Ok((measurement, lost)) => {
                    if lost > 0 {
                        run.findings.push(json.find(*entry, format!("{id}: {lost} values are no numbers")));
                    }
                    run.measurements.push(measurement);
                }
                Err(text) => run.findings.push(json.find(*entry, text)),
            }
            run.measurements.extend(memory(&id, &value));
            let date = value["runs"][0]["metadata"]["date"].as_str().or_else(|| shared["date"].as_str());
            if let Some(date) = date {
                run.environment.extra.entry("date".to_owned()).or_insert_with(|| date.to_owned());
            }
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn environment(run: &mut Run, shared: &Value) {
    let of = |name: &str| text(&shared[name]).map(ToOwned::to_owned);
    let environment = &mut run.environment;
    environment.os = of("platform");
    environment.cpu_model = of("cpu_model_name");
    environment.cpu_count = number(&shared["cpu_count"]).and_then(|n| n.to_string().parse().ok());
    environment.toolchain = of("python_version").map(|version| {
        let kind = of("python_implementation").unwrap_or_else(|| "python".to_owned());
        format!("{kind} {version}")
    });
    for (label, name) in
        [("host", "hostname"), ("processor set-up", "cpu_config"), ("python flags", "python_cflags")]
    {
        environment.extra.extend(of(name).map(|value| (label.to_owned(), value)));
    }
}

/// The processes of a benchmark that measured something.
fn processes(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    value["runs"].as_array().into_iter().flatten().filter_map(Value::as_object)
}

fn benchmark(id: &str, value: &Value, unit: (Unit, f64, &str)) -> Option<(Measurement, usize)> {
    let (unit, factor, metric) = unit;
    let (mut samples, mut medians, mut lost) = (Vec::new(), Vec::new(), 0);
    for process in processes(value) {
        let (values, none) = process.get("values").map(numbers).unwrap_or_default();
        let values: Vec<f64> = values.into_iter().map(|value| value * factor).collect();
        medians.extend(Sorted::new(&values).map(|sorted| sorted.median()));
        samples.extend(values);
        lost += none;
    }
    let over = format!("values of {} processes", medians.len());
    let mut timed = Timed::new(id, metric, samples, &over);
    timed.kind = if unit == Unit::Count { Kind::Counted } else { Kind::Timed };
    timed.unit = unit;
    let mut measurement = timed.measurement()?;
    measurement.interval =
        Sorted::new(&medians).and_then(|sorted| median_interval(sorted.values(), "medians of processes"));
    Some((measurement, lost))
}

/// The largest resident memory of each process, which varies as times do.
fn memory(id: &str, value: &Value) -> Option<Measurement> {
    let of = |process: &Map<String, Value>| process.get("metadata").and_then(|m| number(&m["mem_max_rss"]));
    let with_values = processes(value).filter(|process| process.contains_key("values"));
    let mut timed = Timed::new(id, "memory-peak", with_values.filter_map(of).collect(), "processes");
    timed.unit = Unit::Bytes;
    timed.measurement()
}
