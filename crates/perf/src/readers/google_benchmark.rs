//! What Google Benchmark writes with `--benchmark_format=json`.
//!
//! Repetitions of a benchmark become the samples of one measurement; they come from one process. Aggregates are
//! figures of it, or stand for it where only they were reported. Before version 1.5 nothing said `run_type`, and
//! aggregates were known by the end of their names.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, plain, text},
    scale::{Scale, nanoseconds},
    timed::Timed,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads Google Benchmark's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct GoogleBenchmark;

const AGGREGATES: [&str; 6] = ["mean", "median", "stddev", "cv", "min", "max"];

/// Fields of an entry that are no counters of the user.
const KNOWN: [&str; 26] = [
    "name",
    "family_index",
    "per_family_instance_index",
    "run_name",
    "run_type",
    "repetitions",
    "repetition_index",
    "threads",
    "aggregate_name",
    "aggregate_unit",
    "iterations",
    "real_time",
    "cpu_time",
    "time_unit",
    "label",
    "error_occurred",
    "error_message",
    "skipped",
    "skip_message",
    "items_per_second",
    "bytes_per_second",
    "big_o",
    "rms",
    "cpu_coefficient",
    "real_coefficient",
    "max_bytes_used",
];

impl FileReader for GoogleBenchmark {
    fn name(&self) -> &'static str {
        "google-benchmark"
    }

    fn reads(&self) -> &'static str {
        "Google Benchmark's JSON (--benchmark_format=json)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("context")
            && ["num_cpus", "mhz_per_cpu", "library_build_type", "cpu_scaling_enabled", "caches"]
                .iter()
                .any(|field| head.has_at(2, field))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["benchmarks"]);
        let mut run = Run::new("google-benchmark");
        context(&mut run, &all.value("context"), &json);
        let mut groups: Vec<Group> = Vec::new();
        for (place, entry) in all.entries("benchmarks") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            if let Err(text) = collect(&mut groups, &value) {
                let name = text_of(&value["name"]).unwrap_or_else(|| format!("entry {place}"));
                run.findings.push(json.find(*entry, format!("{name}: {text}")));
            }
        }
        run.measurements = groups.into_iter().flat_map(Group::measurements).collect();
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn text_of(value: &Value) -> Option<String> {
    text(value).map(ToOwned::to_owned)
}

fn context(run: &mut Run, context: &Value, json: &JsonFile) {
    let environment = &mut run.environment;
    environment.cpu_count = number(&context["num_cpus"]).and_then(|n| n.to_string().parse().ok());
    environment.profile = text_of(&context["library_build_type"]);
    run.created_at = text(&context["date"]).and_then(|date| date.parse().ok());
    for (name, field) in [("host", "host_name"), ("executable", "executable"), ("date", "date")] {
        if let Some(value) = text_of(&context[field]) {
            environment.extra.insert(name.to_owned(), value);
        }
    }
    if let Some(mhz) = number(&context["mhz_per_cpu"]) {
        environment.extra.insert("processor clock".to_owned(), format!("{mhz} MHz"));
    }
    if context["cpu_scaling_enabled"] == Value::Bool(true) {
        let text = "CPU scaling was on: the times vary with the clock of the processor";
        run.findings.push(json.find_all(text));
    }
}

/// The name of an aggregate, its real time and its time on the processor.
type Aggregate = (&'static str, Option<f64>, Option<f64>);

/// The repetitions and aggregates of one benchmark.
#[derive(Default)]
struct Group {
    id: String,
    real: Vec<f64>,
    cpu: Vec<f64>,
    items: Vec<f64>,
    bytes: Vec<f64>,
    aggregates: Vec<Aggregate>,
    others: Vec<Measurement>,
    notes: Vec<String>,
}

fn collect(groups: &mut Vec<Group>, value: &Value) -> Result<(), String> {
    let name = text(&value["name"]).ok_or("it has no name and was left out")?;
    if value["error_occurred"] == Value::Bool(true) || text(&value["error_message"]).is_some() {
        let why = text(&value["error_message"]).unwrap_or("it does not say why");
        return Err(format!("it failed and was left out: {why}"));
    }
    if text(&value["skip_message"]).is_some() || value["skipped"] == Value::Bool(true) {
        return Err("it was skipped".to_owned());
    }
    if value.get("cpu_coefficient").is_some() || value.get("rms").is_some() {
        return Err("it is a fit of complexity and was left out".to_owned());
    }
    let named = text(&value["aggregate_name"]);
    let of_old = AGGREGATES.iter().find_map(|aggregate| {
        let base = name.strip_suffix(aggregate)?.strip_suffix('_')?;
        (value.get("run_type").is_none() && groups.iter().any(|group| group.id == base))
            .then_some((base, *aggregate))
    });
    let id = text(&value["run_name"]).or(of_old.map(|(base, _)| base)).unwrap_or(name);
    let aggregate = named.or(of_old.map(|(_, aggregate)| aggregate));
    let place = groups.iter().rposition(|group| group.id == id).unwrap_or_else(|| {
        groups.push(Group { id: id.to_owned(), ..Group::default() });
        groups.len() - 1
    });
    let Some(group) = groups.get_mut(place) else { return Ok(()) };

    if text(&value["aggregate_unit"]) == Some("percentage") || aggregate == Some("cv") {
        if let (Some(aggregate), Some(share)) = (aggregate, number(&value["real_time"])) {
            let (unit, kind) = (Unit::Fraction, Kind::Timed);
            let metric = format!("time-{aggregate}");
            let of = Measurement::new(&group.id, metric, unit, Better::Lower, kind, share);
            group.others.push(of.with_note("of the times of the repetitions"));
        }
        return Ok(());
    }
    let factor = text(&value["time_unit"]).map_or(Some(1.0), nanoseconds);
    let factor =
        factor.ok_or_else(|| format!("its unit {} is not known: it was left out", value["time_unit"]))?;
    let time = |field: &str| number(&value[field]).map(|time| time * factor);
    let (real, cpu) = (time("real_time"), time("cpu_time"));
    if let Some(aggregate) = aggregate {
        if let Some(known) = AGGREGATES.iter().find(|known| **known == aggregate) {
            let known = if *known == "stddev" { "sd" } else { known };
            group.aggregates.push((known, real, cpu));
        } else if let Some(real) = real {
            let metric = format!("time-{aggregate}");
            let (unit, better) = (Unit::Nanoseconds, Better::Lower);
            let of = Measurement::new(&group.id, metric, unit, better, Kind::Timed, real);
            group.others.push(of.with_note("an aggregate of the repetitions that the user defined"));
        }
        return Ok(());
    }
    group.real.push(real.ok_or("it has no real_time and was left out")?);
    group.cpu.extend(cpu);
    group.items.extend(number(&value["items_per_second"]));
    group.bytes.extend(number(&value["bytes_per_second"]));
    notes(group, value);
    Ok(())
}

/// The label, and the user's counters of which nothing says what they count.
fn notes(group: &mut Group, value: &Value) {
    let mut add = |note: String| {
        if group.notes.len() < 20 && !group.notes.contains(&note) {
            group.notes.push(note);
        }
    };
    if let Some(label) = text(&value["label"]) {
        add(format!("label: {label}"));
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        if !KNOWN.contains(&name.as_str()) && value.is_number() {
            add(format!("counter {name}: {}", plain(value)));
        }
    }
}

impl Group {
    fn measurements(self) -> Vec<Measurement> {
        let Self { id, real, cpu, items, bytes, aggregates, others, notes } = self;
        let over = "repetitions in one process";
        let timed = |metric, samples, aggregate: fn(&Aggregate) -> Option<f64>| {
            let mut timed = Timed::new(&id, metric, samples, over);
            timed.said = aggregates.iter().map(|of| (of.0, aggregate(of))).collect();
            timed.measurement()
        };
        let rate = |metric, unit: &str, samples| {
            let mut rate = Timed::new(&id, metric, samples, over);
            rate.unit = Scale::named(unit).unit;
            rate.better = Better::Higher;
            rate.measurement()
        };
        let mut time = timed("time", real, |of| of.1);
        if let Some(time) = &mut time {
            time.notes.extend(notes);
        }
        let cpu = timed("cpu-time", cpu, |of| of.2);
        let items = rate("throughput", "items/s", items);
        let bytes = rate("byte-throughput", "B/s", bytes);
        time.into_iter().chain(cpu).chain(items).chain(bytes).chain(others).collect()
    }
}
