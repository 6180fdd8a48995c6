//! What JMH writes with `-rf json`.
//!
//! The score is JMH's mean over forks and iterations with its error at 99.9 %; the raw data are the samples, fork by
//! fork. In the mode `sample` they are histograms, which are kept as JMH's percentiles.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, plain, text},
    scale::Scale,
};
use crate::{
    Error, Unit,
    run::{Better, Interval, Kind, Measurement, Run},
};

/// Reads JMH's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Jmh;

impl FileReader for Jmh {
    fn name(&self) -> &'static str {
        "jmh"
    }

    fn reads(&self) -> &'static str {
        "JMH's JSON (-rf json)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.is_array()
            && head.has_at(2, "benchmark")
            && (head.has_at(2, "jmhVersion") || head.has_at(2, "primaryMetric") || head.has_at(2, "mode"))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&[""]);
        let mut run = Run::new("jmh");
        for (place, entry) in all.entries("") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let Some(name) = text(&value["benchmark"]) else {
                run.findings
                    .push(json.find(*entry, format!("entry {place} names no benchmark: it was left out")));
                continue;
            };
            let id = id(name, &value);
            run.environment.toolchain = run.environment.toolchain.or_else(|| toolchain(&value));
            let mode = text(&value["mode"]).unwrap_or("?");
            let over = format!("iterations of {} forks", plain(&value["forks"]));
            match metric(&id, main_metric(mode), &value["primaryMetric"], mode, &over) {
                Some(measurement) => run.measurements.push(measurement),
                None => run.findings.push(json.find(*entry, format!("{id} has no score and was left out"))),
            }
            for (name, of) in value["secondaryMetrics"].as_object().into_iter().flatten() {
                // JMH marks what its profilers add with a dot in the middle of the line.
                let name = name.trim_start_matches('·');
                run.measurements.extend(metric(&id, name, of, mode, &over));
            }
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

/// The benchmark with its parameters, in the order of their names.
fn id(name: &str, value: &Value) -> String {
    let parameters = value["params"].as_object().into_iter().flatten();
    parameters.fold(name.to_owned(), |id, (name, value)| format!("{id}/{name}={}", plain(value)))
}

fn toolchain(value: &Value) -> Option<String> {
    let version = text(&value["jdkVersion"])?;
    Some(text(&value["vmName"]).map_or_else(|| format!("JDK {version}"), |vm| format!("JDK {version}, {vm}")))
}

fn main_metric(mode: &str) -> &'static str {
    match mode {
        "thrpt" => "throughput",
        "ss" => "single-shot",
        _ => "time",
    }
}

fn metric(id: &str, metric: &str, of: &Value, mode: &str, over: &str) -> Option<Measurement> {
    let scale = Scale::named(text(&of["scoreUnit"]).unwrap_or_default());
    let scaled = |value: &Value| number(value).map(|value| scale.apply(value));
    let score = scaled(&of["score"])?;
    // A rate of bytes beside a benchmark is what it allocates: less is better. A rate of work is the contrary.
    let is_primary = metric == main_metric(mode);
    let better = if is_primary { scale.better.unwrap_or(Better::Lower) } else { Better::Lower };
    let kind = if scale.unit == Unit::Bytes { Kind::Counted } else { Kind::Timed };
    let mut found = Measurement::new(id, metric, scale.unit.clone(), better, kind, score)
        .with_note(format!("the figure is JMH's mean in mode {mode} over {over}"));
    let (samples, _) = numbers(&of["rawData"]);
    found.samples = samples.into_iter().map(|value| scale.apply(value)).collect();
    if let (Some(low), Some(high)) = (scaled(&of["scoreConfidence"][0]), scaled(&of["scoreConfidence"][1])) {
        let method = format!("JMH's, Student t over {over}");
        found.interval = Some(Interval { low, high, level: 0.999, method });
    }
    for (percent, value) in of["scorePercentiles"].as_object().into_iter().flatten() {
        let name = match percent.as_str() {
            "0.0" => "min".to_owned(),
            "50.0" => "median".to_owned(),
            "100.0" => "max".to_owned(),
            other => format!("p{}", other.trim_end_matches(".0")),
        };
        found.figures.extend(scaled(value).map(|value| (name, value)));
    }
    found.figures.insert("mean".to_owned(), score);
    Some(found)
}
