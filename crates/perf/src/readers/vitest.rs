//! What `vitest bench --outputJson` writes. Times are in milliseconds.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, text},
    timed::Timed,
};
use crate::{
    Error,
    run::{Interval, Measurement, Run},
};

/// Reads vitest's benchmarks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Vitest;

impl FileReader for Vitest {
    fn name(&self) -> &'static str {
        "vitest"
    }

    fn reads(&self) -> &'static str {
        "vitest bench --outputJson"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("files") && head.has_at(3, "filepath") && head.has_at(3, "groups")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["files"]);
        let mut run = Run::new("vitest");
        for (_, entry) in all.entries("files") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            for group in value["groups"].as_array().into_iter().flatten() {
                for (place, bench) in group["benchmarks"].as_array().into_iter().flatten().enumerate() {
                    let group = text(&group["fullName"]).unwrap_or_default();
                    let name =
                        text(&bench["name"]).map_or_else(|| format!("benchmark {place}"), ToOwned::to_owned);
                    let id = if group.is_empty() { name } else { format!("{group} > {name}") };
                    match measurement(&id, bench, text(&value["filepath"])) {
                        Some(found) => run.measurements.push(found),
                        None => {
                            run.findings.push(json.find(*entry, format!("{id} has no time and was left out")))
                        }
                    }
                }
            }
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn measurement(id: &str, bench: &Value, file: Option<&str>) -> Option<Measurement> {
    let ns = |field: &str| number(&bench[field]).map(|milliseconds| milliseconds * 1e6);
    let samples = numbers(&bench["samples"]).0.into_iter().map(|milliseconds| milliseconds * 1e6).collect();
    let mut time = Timed::new(id, "time", samples, "samples of one process");
    let fields = [
        ("mean", "mean"),
        ("median", "median"),
        ("sd", "sd"),
        ("min", "min"),
        ("max", "max"),
        ("p75", "p75"),
        ("p99", "p99"),
        ("p99.5", "p995"),
        ("p99.9", "p999"),
    ];
    time.said = fields.into_iter().map(|(name, field)| (name, ns(field))).collect();
    let mut found = time.measurement()?;
    // The margin is that of the mean: it is no interval of a median.
    if let (Some(mean), Some(margin)) = (ns("mean"), ns("moe")) {
        found.figures.insert("mean-margin".to_owned(), margin);
        if bench["median"].is_null() && found.interval.is_none() {
            let method = "vitest's, Student t over the samples of one process".to_owned();
            found.interval = Some(Interval { low: mean - margin, high: mean + margin, level: 0.95, method });
        }
    }
    if let Some(count) = number(&bench["sampleCount"]) {
        found.notes.push(format!("{count} samples in one process"));
    }
    found.location = file.map(ToOwned::to_owned);
    Some(found)
}
