//! What gungraun (before: iai-callgrind) writes with `--save-summary=json` or `--output-format=json`: schemas 6 and 7.
//!
//! The summaries stand in files of their own or among other lines of the output. Figures of valgrind's tools are
//! exact; the new run is the left or new one of a pair. Of the totals nothing is left out.

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, plain, text},
    scale::Scale,
};
use crate::{
    Error, ErrorKind, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads gungraun's summaries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gungraun;

impl FileReader for Gungraun {
    fn name(&self) -> &'static str {
        "gungraun"
    }

    fn reads(&self) -> &'static str {
        "gungraun's summaries (JSON, schemas 6 and 7), also among its output"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        !text.contains("\"$schema\"")
            && ["\"benchmark_exe\"", "\"benchmark_file\""].iter().all(|field| text.contains(field))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let mut run = Run::new("gungraun");
        let mut others = None;
        for entry in json.objects(&mut run.findings) {
            let Some(value) = json.value(entry, &mut run.findings) else { continue };
            if value.get("benchmark_exe").is_none() {
                continue;
            }
            let version = plain(&value["version"]);
            if !matches!(version.as_str(), "6" | "7") {
                run.findings
                    .push(json.find(entry, format!("a summary of schema {version}: it was left out")));
                others = Some(version);
                continue;
            }
            let before = run.measurements.len();
            let id = id(&value);
            for profile in value["profiles"].as_array().into_iter().flatten() {
                for (name, of) in totals(profile) {
                    run.measurements.extend(measurement(&id, &value, profile, name, of));
                }
            }
            if run.measurements.len() == before {
                run.findings
                    .push(json.find(entry, format!("{id} has no figure of the new run and was left out")));
            }
        }
        if let (true, Some(version)) = (run.measurements.is_empty(), others) {
            let text = format!(
                "read {}: it is a summary of schema {version}, those of 6 and 7 are read",
                file.display()
            );
            return Err(
                Error::new(ErrorKind::UnknownVersion, text).hinted("run it with gungraun 0.17 or later")
            );
        }
        Ok(run)
    }
}

fn id(value: &Value) -> String {
    let path = text(&value["module_path"]).or_else(|| text(&value["function_name"])).unwrap_or("benchmark");
    text(&value["id"]).map_or_else(|| path.to_owned(), |id| format!("{path}/{id}"))
}

/// The metrics of a tool over all parts: schema 7 has them flat, schema 6 under the name of the tool.
fn totals(profile: &Value) -> Vec<(&str, &Value)> {
    let flat = profile["data"]["total"]["metrics"].as_object();
    let by_tool = profile["summaries"]["total"]["summary"].as_object();
    let tools = by_tool.into_iter().flat_map(Map::values).filter_map(Value::as_object);
    flat.into_iter().chain(tools).flatten().map(|(name, of)| (name.as_str(), of)).collect()
}

/// A figure as schema 6 (`{"Int": 1}`) or 7 (`1`, `{"value": 1}`) writes it.
fn figure(value: &Value) -> Option<f64> {
    let inner =
        |value: &Value| ["Int", "Float", "value"].iter().find_map(|kind| value.get(kind).and_then(number));
    number(value).or_else(|| inner(value)).or_else(|| value.get("value").and_then(inner))
}

fn measurement(id: &str, summary: &Value, profile: &Value, name: &str, of: &Value) -> Option<Measurement> {
    let pair = &of["metrics"];
    let (new, old) = (
        [&of["values"]["new"], &pair["Left"], &pair["Both"][0]].into_iter().find_map(figure)?,
        [&of["values"]["old"], &pair["Right"], &pair["Both"][1]].into_iter().find_map(figure),
    );
    let (metric, mut unit, better) = meaning(name);
    let (mut kind, mut factor) = (Kind::Counted, 1.0);
    // Perf says the unit of a figure, and what it counts varies from run to run.
    if let Some(scale) = text(&of["values"]["new"]["unit"]).map(Scale::named) {
        (unit, factor) = (scale.unit, scale.factor);
    }
    if text(&profile["tool"]).is_some_and(|tool| tool.eq_ignore_ascii_case("perf")) {
        kind = Kind::Timed;
    }
    let mut found = Measurement::new(id, metric, unit, better, kind, new * factor);
    found.figures.extend(old.map(|old| ("before".to_owned(), old * factor)));
    found.notes.push(format!("{name} of {}", text(&profile["tool"]).unwrap_or("valgrind")));
    found.location = text(&summary["benchmark_file"]).map(ToOwned::to_owned);
    Some(found)
}

/// Our name of a metric, its unit, and which way is better.
fn meaning(name: &str) -> (String, Unit, Better) {
    let known = match name {
        "Ir" => Some("instructions"),
        "TotalBytes" => Some("heap-total"),
        "TotalBlocks" => Some("allocations"),
        "AtTGmaxBytes" => Some("heap-peak"),
        "AtTGmaxBlocks" => Some("heap-peak-blocks"),
        "AtTEndBytes" => Some("heap-end"),
        "L1hits" => Some("l1-hits"),
        "LLhits" => Some("ll-hits"),
        "TotalRW" => Some("total-read-write"),
        "AtTEndBlocks" => Some("heap-end-blocks"),
        _ => None,
    };
    let metric = known.map_or_else(|| kebab(name), ToOwned::to_owned);
    if name.ends_with("Rate") {
        let better = if name.ends_with("HitRate") && !name.starts_with("Ram") {
            Better::Higher
        } else {
            Better::Lower
        };
        return (metric, Unit::Other("%".to_owned()), better);
    }
    let unit = if name.ends_with("Bytes") { Unit::Bytes } else { Unit::Count };
    (metric, unit, Better::Lower)
}

/// `EstimatedCycles` as `estimated-cycles`, `D1mr` as `d1mr`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    let mut was_lower = false;
    let name = name.replace("LLHit", "LlHit").replace("LLMiss", "LlMiss");
    for letter in name.chars() {
        if letter.is_uppercase() && was_lower {
            kebab.push('-');
        }
        was_lower = !letter.is_uppercase();
        kebab.extend(letter.to_lowercase());
    }
    kebab
}
