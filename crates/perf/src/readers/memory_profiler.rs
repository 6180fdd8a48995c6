//! What Python's `memory_profiler` writes: the table of a function line by line, and the samples of `mprof run`.
//!
//! Its "MiB" are 1,048,576 bytes of the resident memory of the whole process, asked for at a moment: they vary from run to
//! run.

use std::{collections::BTreeMap, path::Path};

use assize_ambient::Timestamp;

use super::{
    FileReader, Head, Input,
    lines::{Lines, shortened},
    load::number,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

const MIB: f64 = 1_048_576.0;

/// How many samples of a course are kept; beyond it every second one is left out, and so on.
const SAMPLES: usize = 20_000;

/// How many lines of a function are named.
const HEAVIEST: usize = 3;

const VARIES: &str = "the resident memory of the process, which varies from run to run";

/// Reads `memory_profiler`'s tables and samples.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemoryProfiler;

impl FileReader for MemoryProfiler {
    fn name(&self) -> &'static str {
        "memory-profiler"
    }

    fn reads(&self) -> &'static str {
        "Python's memory_profiler: tables of @profile, and mprof's .dat"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        first.starts_with("CMDLINE ")
            || first.starts_with("MEM ") && first.split_whitespace().skip(1).filter_map(number).count() == 2
            || text.lines().any(is_header)
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("memory-profiler");
        let mut lines = Lines::open(input, file)?;
        let mut course = Course::default();
        let mut tables = Tables::default();
        while let Some((at, line)) = lines.next() {
            let problem = if tables.line(line) { None } else { course.line(line) };
            if let Some(problem) = problem {
                lines.find(&mut run, at, problem);
            }
        }
        let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        course.finish(&name, &mut run);
        tables.finish(&mut run);
        lines.finish(&mut run)?;
        Ok(run)
    }
}

fn is_header(line: &str) -> bool {
    line.starts_with("Line #") && line.contains("Mem usage") && line.contains("Increment")
}

fn peak(id: String, metric: &str, bytes: f64) -> Measurement {
    Measurement::new(id, metric, Unit::Bytes, Better::Lower, Kind::Timed, bytes).with_note(VARIES)
}

/// The samples of `mprof run`.
#[derive(Debug, Default)]
struct Course {
    command: Option<String>,
    first: Option<f64>,
    samples: Vec<f64>,
    step: usize,
    seen: usize,
    peak: f64,
    /// By function: how often, and the largest growth.
    functions: BTreeMap<String, (usize, f64)>,
    /// By child: the largest.
    children: BTreeMap<String, f64>,
}

impl Course {
    /// Takes a line; answers with what is wrong with it.
    fn line(&mut self, line: &str) -> Option<String> {
        let (kind, rest) = line.trim().split_once(' ')?;
        let numbers: Vec<Option<f64>> = rest.split_whitespace().map(number).collect();
        match (kind, numbers.as_slice()) {
            ("CMDLINE", _) => self.command = Some(shortened(rest, 200)),
            ("MEM", [Some(mib), Some(at), ..]) if *mib >= 0.0 => {
                self.first = self.first.or(Some(*at));
                self.sample(mib * MIB);
            }
            ("FUNC", [_, Some(before), Some(_), Some(after), Some(_), ..]) => {
                let name = rest.split_whitespace().next().unwrap_or_default();
                let (times, growth) =
                    self.functions.entry(shortened(name, 200)).or_insert((0, f64::NEG_INFINITY));
                *times += 1;
                *growth = growth.max((after - before) * MIB);
            }
            ("CHLD", [_, Some(mib), Some(_), ..]) => {
                let name = rest.split_whitespace().next().unwrap_or_default();
                let known = self.children.entry(shortened(name, 200)).or_default();
                *known = known.max(mib * MIB);
            }
            ("MEM" | "FUNC" | "CHLD", _) => {
                return Some(format!("{:?} is no such line and was left out", shortened(line, 80)));
            }
            _ => {}
        }
        None
    }

    fn sample(&mut self, bytes: f64) {
        self.step = self.step.max(1);
        if self.seen.is_multiple_of(self.step) {
            self.samples.push(bytes);
        }
        self.seen += 1;
        self.peak = self.peak.max(bytes);
        if self.samples.len() > SAMPLES {
            let mut place = 0_usize;
            self.samples.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.step *= 2;
        }
    }

    fn finish(self, name: &str, run: &mut Run) {
        let id = format!("memory/{name}");
        if self.seen > 0 {
            let mut measured = peak(id.clone(), "peak", self.peak).with_samples(self.samples);
            measured.notes.push(format!("the largest of {} samples", self.seen));
            if self.step > 1 {
                measured.notes.push(format!("of the samples one in {} is kept", self.step));
            }
            measured.notes.extend(self.command.map(|command| format!("of {command}")));
            run.measurements.push(measured);
            run.created_at = self.first.and_then(timestamp);
        }
        for (function, (times, growth)) in self.functions {
            let note = format!("the largest growth of {times} calls");
            run.measurements.push(peak(format!("{id}/{function}"), "growth", growth).with_note(note));
        }
        for (child, bytes) in self.children {
            run.measurements.push(peak(format!("{id}/child {child}"), "peak", bytes));
        }
    }
}

/// The tables of functions, one after another.
#[derive(Debug, Default)]
struct Tables {
    file: Option<String>,
    done: Vec<Table>,
    is_open: bool,
}

#[derive(Debug, Default)]
struct Table {
    file: Option<String>,
    function: Option<String>,
    first: u32,
    peak: f64,
    /// Growth, line, text.
    grown: Vec<(f64, u32, String)>,
    is_cut: bool,
}

impl Tables {
    /// Whether the line belongs to a table.
    fn line(&mut self, line: &str) -> bool {
        if let Some(file) = line.strip_prefix("Filename: ") {
            self.file = Some(shortened(file.trim(), 400));
            self.is_open = false;
        } else if is_header(line) {
            self.done.push(Table { file: self.file.clone(), ..Table::default() });
            self.is_open = true;
        } else if self.is_open {
            if line.trim().is_empty() {
                // One empty line stands between two tables, and none in one.
                self.is_open = false;
            } else if let Some(table) = self.done.last_mut()
                && !line.starts_with("====")
            {
                table.row(line);
            }
        } else {
            return false;
        }
        true
    }

    fn finish(self, run: &mut Run) {
        for (place, table) in self.done.into_iter().enumerate() {
            if table.grown.is_empty() && !table.is_cut {
                continue;
            }
            let function = table.function.unwrap_or_else(|| format!("table {}", place + 1));
            let mut measured = peak(format!("memory/{function}"), "peak", table.peak);
            let mut grown = table.grown;
            grown.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            // The first line of a function has all that was there before as its growth.
            let lines = grown.iter().filter(|(growth, line, _)| *growth > 0.0 && *line != table.first);
            let named: Vec<&(f64, u32, String)> = lines.take(HEAVIEST).collect();
            let place = |line: u32| table.file.as_ref().map(|file| format!("{file}:{line}"));
            measured.location = named.first().map_or_else(|| place(table.first), |(_, line, _)| place(*line));
            for (growth, line, text) in named {
                measured.notes.push(format!(
                    "line {line} adds {}: {}",
                    Unit::Bytes.show(*growth),
                    shortened(text, 120)
                ));
            }
            run.measurements.push(measured);
        }
    }
}

impl Table {
    /// `     4     25.8 MiB      3.8 MiB           1       a = [0] * n`; lines that did not run have a number and a text.
    fn row(&mut self, line: &str) {
        let mut cells = line.split_whitespace();
        let Some(number_of) = cells.next().and_then(|cell| cell.parse::<u32>().ok()) else { return };
        let cells: Vec<&str> = cells.collect();
        if let [usage, "MiB", growth, "MiB", ..] = cells.as_slice() {
            let (Some(usage), Some(growth)) = (number(usage), number(growth)) else {
                self.is_cut = true;
                return;
            };
            if self.grown.is_empty() {
                self.first = number_of;
            }
            self.peak = self.peak.max(usage * MIB);
            let text = line.rsplit_once("MiB").map_or("", |(_, text)| text.trim());
            // Since 0.58 the number of times stands before the text.
            let text = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
            self.grown.push((growth * MIB, number_of, shortened(text, 200)));
        }
        let named = line.split_once("def ").and_then(|(_, rest)| rest.split_once('('));
        if let Some((name, _)) = named
            && self.function.is_none()
        {
            self.function = Some(shortened(name.trim(), 200));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and what is out of range is no time"
)]
fn timestamp(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((seconds * 1e3) as i64).ok()
}
