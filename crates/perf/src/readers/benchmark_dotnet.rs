//! BenchmarkDotNet's JSON (`*-report-full.json`, `*-report-brief.json`). Times are in nanoseconds.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, numbers, text},
    timed::Timed,
};
use crate::{
    Error, Unit,
    run::{Better, Finding, Kind, Measurement, Run},
};

/// Reads BenchmarkDotNet's reports.
#[derive(Debug, Clone, Copy, Default)]
pub struct BenchmarkDotNet;

impl FileReader for BenchmarkDotNet {
    fn name(&self) -> &'static str {
        "benchmark-dotnet"
    }

    fn reads(&self) -> &'static str {
        "BenchmarkDotNet's JSON, full or brief"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("HostEnvironmentInfo")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["Benchmarks"]);
        let mut run = Run::new("benchmark-dotnet");
        environment(&mut run, &all.value("HostEnvironmentInfo"), &file.display().to_string());
        for (place, entry) in all.entries("Benchmarks") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let id = id(&value).unwrap_or_else(|| format!("benchmark {place}"));
            match time(&id, &value["Statistics"]) {
                Some(time) => run.measurements.push(time),
                None => run
                    .findings
                    .push(json.find(*entry, format!("{id} has no statistics: it failed or was not run"))),
            }
            run.measurements.extend(memory(&id, &value["Memory"]));
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn id(value: &Value) -> Option<String> {
    let full = text(&value["FullName"]).map(ToOwned::to_owned);
    full.or_else(|| {
        let parts = [&value["Namespace"], &value["Type"], &value["Method"]].into_iter().filter_map(text);
        let name = parts.collect::<Vec<_>>().join(".");
        let with = text(&value["Parameters"]).map_or_else(|| name.clone(), |set| format!("{name}({set})"));
        (!name.is_empty()).then_some(with)
    })
}

fn environment(run: &mut Run, host: &Value, file: &str) {
    let of = |field: &str| text(&host[field]).map(ToOwned::to_owned);
    let environment = &mut run.environment;
    environment.os = of("OsVersion");
    environment.cpu_model = of("ProcessorName");
    environment.cpu_count = number(&host["LogicalCoreCount"]).and_then(|n| n.to_string().parse().ok());
    environment.toolchain = of("RuntimeVersion");
    environment.profile = of("Configuration").map(|profile| profile.to_lowercase());
    environment.extra.extend(of("Architecture").map(|value| ("architecture".to_owned(), value)));
    if host["HasAttachedDebugger"] == Value::Bool(true) {
        run.findings.push(Finding::new(
            file,
            None,
            "a debugger was attached: the times are not those of the program",
        ));
    }
}

fn time(id: &str, statistics: &Value) -> Option<Measurement> {
    let (samples, _) = numbers(&statistics["OriginalValues"]);
    let mut time = Timed::new(id, "time", samples, "iterations");
    let fields = [
        ("mean", &statistics["Mean"]),
        ("median", &statistics["Median"]),
        ("sd", &statistics["StandardDeviation"]),
        ("min", &statistics["Min"]),
        ("max", &statistics["Max"]),
        ("q1", &statistics["Q1"]),
        ("q3", &statistics["Q3"]),
        ("iqr", &statistics["InterquartileRange"]),
        ("p95", &statistics["Percentiles"]["P95"]),
        ("mean-low", &statistics["ConfidenceInterval"]["Lower"]),
        ("mean-high", &statistics["ConfidenceInterval"]["Upper"]),
    ];
    time.said = fields.into_iter().map(|(name, value)| (name, number(value))).collect();
    time.measurement()
}

fn memory(id: &str, memory: &Value) -> Vec<Measurement> {
    let fields = [
        ("allocated", "BytesAllocatedPerOperation", Unit::Bytes),
        ("gen0-collections", "Gen0Collections", Unit::Count),
        ("gen1-collections", "Gen1Collections", Unit::Count),
        ("gen2-collections", "Gen2Collections", Unit::Count),
    ];
    let found = fields.into_iter().filter_map(|(metric, field, unit)| {
        let value = number(&memory[field])?;
        Some(Measurement::new(id, metric, unit, Better::Lower, Kind::Counted, value))
    });
    found.collect()
}
