//! The messages of `cargo criterion --message-format=json`, one a line.
//!
//! The figure is what cargo-criterion calls typical: the slope, else the mean. The change against the run before says
//! `%` as its unit but is a share (cargo-criterion 1.1.0).

use std::path::Path;

use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{number, numbers, plain, text, what},
    scale::Scale,
};
use crate::{
    Error, Unit,
    run::{Better, Finding, Interval, Kind, Measurement, Run},
};

/// Reads cargo-criterion's messages.
#[derive(Debug, Clone, Copy, Default)]
pub struct CargoCriterion;

const REASONS: [&str; 2] = ["benchmark-complete", "group-complete"];

impl FileReader for CargoCriterion {
    fn name(&self) -> &'static str {
        "cargo-criterion"
    }

    fn reads(&self) -> &'static str {
        "cargo criterion --message-format=json"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("reason") && REASONS.iter().any(|reason| head.text().contains(reason))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let name = file.display().to_string();
        let mut opened = input.open_file(file)?;
        let mut run = Run::new("cargo-criterion");
        let mut line = String::new();
        let mut place = 0_usize;
        loop {
            match opened.next_line(&mut line) {
                Ok(true) => place += 1,
                Ok(false) => return Ok(run),
                Err(error) if run.measurements.is_empty() => return Err(opened.error(error)),
                Err(error) => {
                    let text = format!("{error}; what stands before it was read");
                    run.findings.push(Finding::new(&name, Some(format!("line {}", place + 1)), text));
                    return Ok(run);
                }
            }
            if line.trim().is_empty() {
                continue;
            }
            if let Err((column, text)) = message(&line, &mut run) {
                let column = column.map_or_else(String::new, |column| format!(", column {column}"));
                let text = format!("{text}: it was left out");
                run.findings.push(Finding::new(&name, Some(format!("line {place}{column}")), text));
            }
        }
    }
}

fn message(line: &str, run: &mut Run) -> Result<(), (Option<usize>, String)> {
    let value: Value = serde_json::from_str(line).map_err(|error| (Some(error.column()), what(&error)))?;
    match text(&value["reason"]) {
        Some("benchmark-complete") => {}
        Some("group-complete") => return Ok(()),
        Some(other) => return Err((None, format!("the message {other} is not known"))),
        None => return Err((None, "it gives no reason and is no such message".to_owned())),
    }
    let id = text(&value["id"]).ok_or((None, "a benchmark without an id".to_owned()))?;
    let time = benchmark(id, &value)
        .ok_or_else(|| (None, format!("{id} has neither a typical figure nor a mean")))?;
    let rates = throughput(&time, &value["throughput"]);
    run.measurements.push(time);
    run.measurements.extend(rates);
    Ok(())
}

fn benchmark(id: &str, value: &Value) -> Option<Measurement> {
    let scale = Scale::named(text(&value["unit"]).unwrap_or("ns"));
    let scaled = |value: &Value| number(value).map(|value| scale.apply(value));
    let chosen =
        ["typical", "slope", "mean"].into_iter().find(|name| number(&value[*name]["estimate"]).is_some())?;
    let estimate = &value[chosen];
    let better = scale.better.unwrap_or(Better::Lower);
    let mut found =
        Measurement::new(id, "time", scale.unit.clone(), better, Kind::Timed, scaled(&estimate["estimate"])?)
            .with_note(format!("the figure is cargo-criterion's {chosen}"));
    if let (Some(low), Some(high)) = (scaled(&estimate["lower_bound"]), scaled(&estimate["upper_bound"])) {
        // The level is a setting that the message does not repeat; 0.95 unless it was changed.
        let method = "criterion's bootstrap over the samples of one process, at its usual level".to_owned();
        found.interval = Some(Interval { low, high, level: 0.95, method });
    }
    for (name, field) in
        [("mean", "mean"), ("median", "median"), ("mad-scaled", "median_abs_dev"), ("slope", "slope")]
    {
        found.figures.extend(scaled(&value[field]["estimate"]).map(|figure| (name.to_owned(), figure)));
    }
    let (counts, _) = numbers(&value["iteration_count"]);
    let (times, _) = numbers(&value["measured_values"]);
    if counts.len() == times.len() {
        let each = counts.iter().zip(&times).filter(|(count, _)| **count > 0.0);
        found.samples = each.map(|(count, time)| scale.apply(time / count)).collect();
    } else {
        let (counts, times) = (counts.len(), times.len());
        found
            .notes
            .push(format!("{counts} counts of iterations, {times} times: it was read without its samples"));
    }
    let change = &value["change"];
    if let Some(mean) = number(&change["mean"]["estimate"]) {
        let verdict = plain(&change["change"]);
        let percent = 100.0 * mean;
        found.notes.push(format!("against the run before its mean changed by {percent:+.1} % ({verdict})"));
    }
    Some(found)
}

fn throughput(time: &Measurement, entries: &Value) -> Vec<Measurement> {
    let per_second = |entry: &Value| {
        let amount = number(&entry["per_iteration"])?;
        let (metric, unit) = match text(&entry["unit"])? {
            "bytes" => ("byte-throughput", Unit::BytesPerSecond),
            _ => ("throughput", Unit::PerSecond),
        };
        let rate = |ns: f64| amount / ns * 1e9;
        (time.unit == Unit::Nanoseconds && time.value > 0.0 && amount > 0.0).then(|| {
            let mut found =
                Measurement::new(&time.id, metric, unit, Better::Higher, Kind::Timed, rate(time.value))
                    .with_note(format!("{amount} a time, from the time of an iteration"));
            found.interval = time.interval.as_ref().filter(|i| i.low > 0.0).map(|i| Interval {
                low: rate(i.high),
                high: rate(i.low),
                ..i.clone()
            });
            found
        })
    };
    entries.as_array().into_iter().flatten().filter_map(per_second).collect()
}
