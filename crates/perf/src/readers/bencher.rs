//! Bencher's metric format (BMF): an object of benchmarks, each an object of measures, each with `value` and perhaps
//! `lower_value` and `upper_value`.
//!
//! Units are those of Bencher's own measures (bencher.dev, explanation/adapters); a measure that it does not define
//! keeps its figure without a unit. The two further values are kept as figures: the format does not say how sure they
//! are, and there are tools that write distances in them.

use std::path::Path;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number},
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads Bencher's metric format.
#[derive(Debug, Clone, Copy, Default)]
pub struct BencherMetrics;

const VALUES: [&str; 3] = ["value", "lower_value", "upper_value"];

impl FileReader for BencherMetrics {
    fn name(&self) -> &'static str {
        "bencher"
    }

    fn reads(&self) -> &'static str {
        "Bencher's metric format (BMF, JSON)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.is_object() && head.has_at(3, "value") && head.all_at(3, &VALUES) && head.depth() <= 3
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&[""]);
        let mut run = Run::new("bencher");
        for (id, entry) in all.entries("") {
            let Some(value) = json.value(*entry, &mut run.findings) else { continue };
            let Some(measures) = value.as_object() else {
                run.findings.push(json.find(*entry, format!("{id} has no measures and was left out")));
                continue;
            };
            for (name, of) in measures {
                let Some(figure) = number(&of["value"]) else {
                    run.findings
                        .push(json.find(*entry, format!("{id}: {name} has no value and was left out")));
                    continue;
                };
                let (unit, better, kind, factor) = measure(name);
                let metric = if name == "latency" { "time" } else { name };
                let mut found = Measurement::new(
                    id,
                    metric,
                    unit,
                    better.unwrap_or(Better::Lower),
                    kind,
                    figure * factor,
                );
                if better.is_none() {
                    let note =
                        "a measure of the user's own: nothing says its unit, and less is taken for better";
                    found.notes.push(note.to_owned());
                }
                for (name, field) in [("lower", "lower_value"), ("upper", "upper_value")] {
                    found.figures.extend(number(&of[field]).map(|value| (name.to_owned(), value * factor)));
                }
                run.measurements.push(found);
            }
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

fn measure(name: &str) -> (Unit, Option<Better>, Kind, f64) {
    let (lower, higher) = (Some(Better::Lower), Some(Better::Higher));
    match name {
        "latency" => (Unit::Nanoseconds, lower, Kind::Timed, 1.0),
        "throughput" => (Unit::PerSecond, higher, Kind::Timed, 1.0),
        "build-time" => (Unit::Nanoseconds, lower, Kind::Timed, 1e9),
        "file-size" | "memory" | "allocated" => (Unit::Bytes, lower, Kind::Counted, 1.0),
        name if name.ends_with("-bytes") => (Unit::Bytes, lower, Kind::Counted, 1.0),
        name if name.ends_with("-blocks") => (Unit::Count, lower, Kind::Counted, 1.0),
        "instructions" | "estimated-cycles" | "l1-hits" | "l2-hits" | "ll-hits" | "ram-hits"
        | "l1-accesses" | "l2-accesses" | "ram-accesses" | "total-read-write" | "total-accesses"
        | "gen0-collects" | "gen1-collects" | "gen2-collects" | "total-operations" => {
            (Unit::Count, lower, Kind::Counted, 1.0)
        }
        _ => (Unit::Score, None, Kind::Timed, 1.0),
    }
}
