//! What iai, iai-callgrind and gungraun print: a name, then indented lines `Instructions: 1734|1650 (+5.09%)` with the
//! figure of this run first.

use std::path::Path;

use super::{FileReader, Head, Input};
use crate::{
    Error, Unit,
    run::{Better, Finding, Kind, Measurement, Run},
};

/// Reads the output of iai and of gungraun.
#[derive(Debug, Clone, Copy, Default)]
pub struct Iai;

impl FileReader for Iai {
    fn name(&self) -> &'static str {
        "iai"
    }

    fn reads(&self) -> &'static str {
        "what iai, iai-callgrind and gungraun print"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let is_row = |line: &str| line.starts_with("  ") && line.trim_start().starts_with("Instructions: ");
        head.text().lines().any(is_row)
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let bytes = input.bytes(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut run = Run::new("iai");
        // A name may go on over lines; an empty line ends it.
        let (mut name, mut in_rows) = (String::new(), false);
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                (name, in_rows) = (String::new(), false);
                continue;
            }
            if !line.starts_with(' ') {
                if std::mem::take(&mut in_rows) {
                    name.clear();
                }
                // What a stranger's file repeats without end is no name.
                if name.len() < 4096 {
                    let space = if name.is_empty() { "" } else { " " };
                    name = format!("{name}{space}{}", line.trim());
                }
                continue;
            }
            in_rows = true;
            if let Some(row) = row(line).filter(|_| !name.is_empty()) {
                match measurement(&name, row) {
                    Some(found) => run.measurements.push(found),
                    None => {
                        let text = format!("{}: {} is no figure: it was left out", row.0, row.1);
                        let position = Some(format!("line {}", at + 1));
                        run.findings.push(Finding::new(file.display().to_string(), position, text));
                    }
                }
            }
        }
        Ok(run)
    }
}

/// The label and the figures of a line, if it is one of those that are known.
fn row(line: &str) -> Option<(&str, &str)> {
    let (label, figures) = line.trim().split_once(':')?;
    meaning(label).map(|_| (label, figures.trim()))
}

fn meaning(label: &str) -> Option<(&'static str, Unit)> {
    Some(match label {
        "Instructions" => ("instructions", Unit::Count),
        "L1 Hits" | "L1 Accesses" => ("l1-hits", Unit::Count),
        "L2 Hits" | "L2 Accesses" => ("l2-hits", Unit::Count),
        "LL Hits" => ("ll-hits", Unit::Count),
        "RAM Hits" | "RAM Accesses" => ("ram-hits", Unit::Count),
        "Total read+write" => ("total-read-write", Unit::Count),
        "Estimated Cycles" => ("estimated-cycles", Unit::Count),
        "Total bytes" => ("heap-total", Unit::Bytes),
        "Total blocks" => ("allocations", Unit::Count),
        "At t-gmax bytes" => ("heap-peak", Unit::Bytes),
        "At t-gmax blocks" => ("heap-peak-blocks", Unit::Count),
        "At t-end bytes" => ("heap-end", Unit::Bytes),
        "At t-end blocks" => ("heap-end-blocks", Unit::Count),
        "Errors" => ("errors", Unit::Count),
        "Contexts" => ("contexts", Unit::Count),
        _ => return None,
    })
}

fn measurement(name: &str, (label, figures): (&str, &str)) -> Option<Measurement> {
    let (metric, unit) = meaning(label)?;
    let plain = figures.split_whitespace().next()?;
    let (new, old) = plain.split_once('|').unwrap_or((plain, ""));
    let mut found = Measurement::new(name, metric, unit, Better::Lower, Kind::Counted, new.parse().ok()?);
    found.figures.extend(old.parse().ok().map(|old: f64| ("before".to_owned(), old)));
    Some(found)
}
