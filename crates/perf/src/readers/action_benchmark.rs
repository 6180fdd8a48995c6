//! What github-action-benchmark keeps (`data.js`) and takes in (its custom JSON).
//!
//! `data.js` holds a history; of each suite the newest entry is read. The custom JSON does not say which way is better:
//! the unit or the name of the file (`customBiggerIsBetter…`) does, else less is taken for better and a note says so.

use std::path::Path;

use assize_ambient::Timestamp;
use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, plain, text},
    scale::Scale,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads github-action-benchmark's `data.js` and its custom JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct ActionBenchmark;

const ASSIGNED: &str = "window.BENCHMARK_DATA";

impl FileReader for ActionBenchmark {
    fn name(&self) -> &'static str {
        "github-action-benchmark"
    }

    fn reads(&self) -> &'static str {
        "github-action-benchmark's data.js and custom JSON (bigger or smaller is better)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let is_history =
            head.text().trim_start().starts_with(ASSIGNED) || (head.has("lastUpdate") && head.has("entries"));
        let fields = ["name", "unit", "value"];
        is_history || (head.is_array() && fields.iter().all(|field| head.has_at(2, field)))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut bytes = input.bytes(file)?;
        let assigned = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(&bytes)).contains(ASSIGNED);
        if assigned {
            // Spaces in the place of what makes it a script keep every position.
            let begin = bytes.iter().position(|byte| *byte == b'{').unwrap_or(bytes.len());
            for byte in bytes.iter_mut().take(begin).filter(|byte| **byte != b'\n') {
                *byte = b' ';
            }
            if let Some(end) = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace())
                && bytes[end] == b';'
            {
                bytes[end] = b' ';
            }
        }
        let json = JsonFile::of(bytes, file.display().to_string());
        let mut run = Run::new("github-action-benchmark");
        if json.is_list() {
            let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            custom(&json, &name, &mut run);
        } else {
            history(&json, &mut run);
        }
        Ok(run)
    }
}

/// The custom JSON: a list of figures.
fn custom(json: &JsonFile, name: &str, run: &mut Run) {
    let all = json.outermost(&[""]);
    let said = if name.contains("bigger") {
        Some(Better::Higher)
    } else {
        name.contains("smaller").then_some(Better::Lower)
    };
    for (place, entry) in all.entries("") {
        let Some(value) = json.value(*entry, &mut run.findings) else { continue };
        match bench("", &value, said) {
            Some(found) => run.measurements.push(found),
            None => run
                .findings
                .push(json.find(*entry, format!("entry {place} has no name or no value: it was left out"))),
        }
    }
    all.end(&mut run.findings);
}

/// The newest entry of each suite.
fn history(json: &JsonFile, run: &mut Run) {
    let all = json.outermost(&["entries"]);
    let suites = all.entries("entries");
    let mut newest = None;
    for (suite, entry) in suites {
        let Some(value) = json.value(*entry, &mut run.findings) else { continue };
        let entries = value.as_array().map_or(&[][..], Vec::as_slice);
        let Some(last) = entries.last() else {
            run.findings.push(json.find(*entry, format!("the suite {suite} has no entry")));
            continue;
        };
        let tool = text(&last["tool"]).unwrap_or_default();
        let said = match tool {
            "customBiggerIsBetter" | "benchmarkjs" | "pytest" => Some(Better::Higher),
            "" => None,
            _ => Some(Better::Lower),
        };
        let prefix = if suites.len() > 1 { format!("{suite}/") } else { String::new() };
        for bench_value in last["benches"].as_array().into_iter().flatten() {
            let Some(found) = bench(&prefix, bench_value, said) else {
                run.findings.push(json.find(*entry, "a figure has no name or no value: it was left out"));
                continue;
            };
            let note = format!("the newest of {} entries of {tool} in the history", entries.len());
            run.measurements.push(found.with_note(note));
        }
        let date = last["date"].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        if date >= newest {
            newest = date;
            run.environment.revision = text(&last["commit"]["id"]).map(ToOwned::to_owned);
        }
    }
    run.created_at = newest;
    all.end(&mut run.findings);
}

fn bench(prefix: &str, value: &Value, said: Option<Better>) -> Option<Measurement> {
    let (name, figure) = (text(&value["name"])?, number(&value["value"])?);
    let scale = Scale::named(text(&value["unit"]).unwrap_or_default());
    let better = said.or(scale.better);
    let kind = if matches!(scale.unit, Unit::Count) { Kind::Counted } else { Kind::Timed };
    let metric = match &scale.unit {
        Unit::Nanoseconds => "time",
        Unit::PerSecond | Unit::BytesPerSecond => "throughput",
        Unit::Bytes => "bytes",
        _ => "value",
    };
    let id = format!("{prefix}{name}");
    let figure = scale.apply(figure);
    let mut found =
        Measurement::new(id, metric, scale.unit.clone(), better.unwrap_or(Better::Lower), kind, figure);
    if better.is_none() {
        found.notes.push("nothing says which way it is better: less is taken for better".to_owned());
    }
    match &value["range"] {
        Value::Null => {}
        range => {
            let range = plain(range);
            let bare = range.trim_start_matches(|c: char| !c.is_ascii_digit());
            if let Some(percent) = bare.strip_suffix('%').and_then(|share| share.parse::<f64>().ok()) {
                found.figures.insert("range".to_owned(), figure * percent / 100.0);
            } else if let Ok(range) = bare.replace(',', "").parse::<f64>() {
                found.figures.insert("range".to_owned(), scale.apply(range));
            }
            found.notes.push(format!("range: {range}"));
        }
    }
    let extra = text(&value["extra"]).unwrap_or_default().lines().take(10);
    found.notes.extend(extra.map(ToOwned::to_owned));
    Some(found)
}
