//! What `hyperfine --export-json` writes.
//!
//! Each run is a process of its own, so that the samples are independent runs. Times are in seconds.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, plain, text},
    timed::Timed,
};
use crate::{
    Error, Unit,
    run::{Better, COMPLETED, Kind, Measurement, Run},
};

/// Reads hyperfine's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hyperfine;

impl FileReader for Hyperfine {
    fn name(&self) -> &'static str {
        "hyperfine"
    }

    fn reads(&self) -> &'static str {
        "hyperfine --export-json"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("results") && head.has_at(3, "command")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["results"]);
        let mut run = Run::new("hyperfine");
        for (place, entry) in all.entries("results") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let mut odd = Vec::new();
            let id = name(&value).unwrap_or_else(|| format!("command {place}"));
            run.measurements.extend(measurements(&id, &value, &mut odd));
            run.findings.extend(odd.into_iter().map(|text| json.find(*entry, format!("{id}: {text}"))));
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

/// The command, with the parameters of a scan that it does not show itself.
fn name(value: &Value) -> Option<String> {
    let mut name = text(&value["command"])?.to_owned();
    if let Value::Object(parameters) = &value["parameters"] {
        for (parameter, value) in parameters {
            let value = plain(value);
            if !name.contains(&value) {
                name = format!("{name} {parameter}={value}");
            }
        }
    }
    Some(name)
}

fn measurements(id: &str, value: &Value, odd: &mut Vec<String>) -> Vec<Measurement> {
    let ns = |field: &str| number(&value[field]).map(|seconds| seconds * 1e9);
    let mut found = Vec::new();

    let codes = value["exit_codes"].as_array().map_or(&[][..], Vec::as_slice);
    let failed = codes.iter().filter(|code| code.as_i64() != Some(0)).count();
    if failed > 0 {
        odd.push(format!("{failed} of {} runs failed or were ended by a signal", codes.len()));
        let whole = Measurement::new(id, COMPLETED, Unit::Fraction, Better::Higher, Kind::Timed, 0.0);
        found.push(whole.with_note(format!("{failed} of {} runs failed", codes.len())));
    }
    if failed > 0 && failed == codes.len() {
        odd.push("its times are those of failures and were left out".to_owned());
        return found;
    }

    let (times, lost) = numbers(&value["times"]);
    if lost > 0 {
        odd.push(format!("{lost} of its times are no numbers and were left out"));
    }
    let times = times.into_iter().map(|seconds| seconds * 1e9).collect();
    let mut time = Timed::new(id, "time", times, "runs");
    for (name, field) in
        [("mean", "mean"), ("median", "median"), ("sd", "stddev"), ("min", "min"), ("max", "max")]
    {
        time.said.push((name, ns(field)));
    }
    match time.measurement() {
        Some(time) => found.push(time),
        None => odd.push("it has neither times, a median nor a mean and was left out".to_owned()),
    }
    for (metric, field) in [("cpu-user", "user"), ("cpu-system", "system")] {
        if let Some(mean) = ns(field) {
            let cpu = Measurement::new(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, mean);
            found.push(cpu.with_note("the figure is hyperfine's mean over the runs"));
        }
    }
    // Resident memory varies from run to run as times do.
    let (memory, _) = numbers(&value["memory_usage_byte"]);
    let mut peak = Timed::new(id, "memory-peak", memory, "runs");
    peak.unit = Unit::Bytes;
    found.extend(peak.measurement());
    found
}
