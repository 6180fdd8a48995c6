//! Results of Conbench: what benchmarks post to it, and what its API answers for results and for comparisons.

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{Entry, JsonFile, number, numbers, plain, text},
    scale::Scale,
    timed::Timed,
};
use crate::{
    Error,
    run::{Better, Measurement, Run},
};

/// Reads Conbench's results.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conbench;

impl FileReader for Conbench {
    fn name(&self) -> &'static str {
        "conbench"
    }

    fn reads(&self) -> &'static str {
        "Conbench's results and comparisons (JSON)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let is_result = |depth| head.has_at(depth, "stats") && head.has_at(depth, "tags");
        let is_answer = head.has("status_code") && (head.has_at(4, "contender") || head.has_at(4, "stats"));
        (head.is_object() && is_result(1)) || (head.is_array() && is_result(2)) || is_answer
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let mut run = Run::new("conbench");
        let is_list = json.is_list();
        let bare = json.outermost(if is_list { &[""] } else { &["data"] });
        let mut entries: Vec<Entry<'_>> = Vec::new();
        if bare.field("stats").is_some() {
            // The file is one result: it stands as the only object in it.
            entries.extend(json.objects(&mut run.findings));
        } else {
            let data = bare.entries(if is_list { "" } else { "data" });
            match data.iter().find(|(name, _)| name == "data") {
                Some((_, inner)) => entries.extend(json.list(*inner, &mut run.findings)),
                None => entries.extend(data.iter().map(|(_, entry)| *entry)),
            }
        }
        for (place, entry) in entries.into_iter().enumerate() {
            let Some(value) = json.value(entry, &mut run.findings) else { continue };
            match result(place, &value, &mut run) {
                Ok(found) => run.measurements.push(found),
                Err(text) => run.findings.push(json.find(entry, text)),
            }
        }
        bare.end(&mut run.findings);
        Ok(run)
    }
}

/// The benchmark with what tells it from others.
fn id(place: usize, value: &Value) -> String {
    let tags = value["tags"].as_object();
    let name = text(&value["tags"]["name"])
        .or_else(|| text(&value["benchmark_name"]))
        .map_or_else(|| format!("benchmark {place}"), ToOwned::to_owned);
    let known = tags.into_iter().flatten().filter(|(tag, value)| *tag != "name" && !value.is_null());
    known.fold(name, |id, (tag, value)| format!("{id} {tag}={}", plain(value)))
}

fn result(place: usize, value: &Value, run: &mut Run) -> Result<Measurement, String> {
    let contender = value.get("contender");
    let of = contender.unwrap_or(value);
    let id = id(place, of);
    if contender.is_some_and(Value::is_null) {
        return Err(format!("entry {place} was not run by the contender"));
    }
    if !of["error"].is_null()
        && number(&of["stats"]["mean"]).is_none()
        && of["single_value_summary"].is_null()
    {
        return Err(format!("{id} failed: {}", plain(&of["error"]).lines().next().unwrap_or_default()));
    }
    let unit = text(&value["unit"]).or_else(|| text(&of["stats"]["unit"]));
    let unit = unit.ok_or_else(|| format!("{id} has no unit and was left out"))?;
    let scale = Scale::named(unit);
    let scaled = |value: &Value| number(value).map(|value| scale.apply(value));
    let stats = &of["stats"];
    let samples = numbers(&stats["data"]).0.into_iter().map(|value| scale.apply(value)).collect();
    let metric = if scale.better == Some(Better::Higher) { "throughput" } else { "time" };
    let mut timed = Timed::new(&id, metric, samples, "iterations");
    timed.unit = scale.unit.clone();
    timed.better = match value["less_is_better"].as_bool() {
        Some(true) => Better::Lower,
        Some(false) => Better::Higher,
        None => scale.better.unwrap_or(Better::Lower),
    };
    let fields = [("mean", "mean"), ("median", "median"), ("sd", "stdev"), ("min", "min"), ("max", "max")];
    timed.said = fields.into_iter().map(|(name, field)| (name, scaled(&stats[field]))).collect();
    timed.said.extend([
        ("q1", scaled(&stats["q1"])),
        ("q3", scaled(&stats["q3"])),
        ("iqr", scaled(&stats["iqr"])),
    ]);
    if let Some(single) = scaled(&of["single_value_summary"]) {
        timed.said.push(("mean", Some(single)));
    }
    let mut found = timed.measurement().ok_or_else(|| format!("{id} has no figure and was left out"))?;
    if let Some(before) = scaled(&value["baseline"]["single_value_summary"]) {
        found.figures.insert("before".to_owned(), before);
    }
    let revision =
        text(&of["github"]["commit"]).or_else(|| text(&of["commit"]["sha"])).map(ToOwned::to_owned);
    if run.environment.revision.is_none() {
        run.environment.revision = revision;
    }
    run.created_at = run.created_at.max(text(&of["timestamp"]).and_then(|at| at.parse().ok()));
    if run.environment.cpu_model.is_none() {
        let machine = &of["machine_info"];
        run.environment.cpu_model = text(&machine["cpu_model_name"]).map(ToOwned::to_owned);
        run.environment.cpu_count =
            number(&machine["cpu_thread_count"]).and_then(|n| n.to_string().parse().ok());
        run.environment.os = text(&machine["os_name"]).map(ToOwned::to_owned);
    }
    Ok(found)
}
