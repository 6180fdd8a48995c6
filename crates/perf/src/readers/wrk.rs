//! What wrk and wrk2 print.
//!
//! wrk is a closed loop. wrk2 asks at a rate and measures from the intended start (`Recorded Latency`); with `-U` it prints
//! the uncorrected times too, which are kept under an id of their own. Sizes are in steps of 1,024, times are µs, ms, s,
//! m or h (wrk's `units.c`). A file may hold the outputs of several runs.

use std::path::Path;

use super::{
    FileReader, Head, Input,
    lines::Lines,
    load::{Load, MS, OMITS, SECOND, number, share},
};
use crate::{Error, run::Run};

/// Reads the output of wrk and wrk2.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wrk;

impl FileReader for Wrk {
    fn name(&self) -> &'static str {
        "wrk"
    }

    fn reads(&self) -> &'static str {
        "the output of wrk and wrk2"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        text.lines().any(|line| begins(line).is_some())
            && (text.contains("Thread Stats")
                || text.contains("threads and")
                || text.contains("Requests/sec:"))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("wrk");
        let mut lines = Lines::open(input, file)?;
        let mut output: Option<Output> = None;
        while let Some((number, line)) = lines.next() {
            let line = line.trim();
            if let Some(url) = begins(line) {
                let begun = Output { url: url.to_owned(), line: number, ..Output::default() };
                if let Some(done) = output.replace(begun) {
                    done.finish(&lines, &mut run);
                }
            } else if let Some(output) = &mut output {
                output.take(line);
            }
        }
        if let Some(done) = output {
            done.finish(&lines, &mut run);
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

/// The address, of the line with which an output begins.
fn begins(line: &str) -> Option<&str> {
    line.trim().strip_prefix("Running ")?.split_once(" test @ ").map(|(_, url)| url.trim())
}

/// Which table the lines belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Table {
    #[default]
    None,
    Latency,
    Uncorrected,
}

#[derive(Debug, Default)]
struct Output {
    url: String,
    line: usize,
    table: Table,
    is_wrk2: bool,
    mean: Option<f64>,
    deviation: Option<f64>,
    max: Option<f64>,
    percentiles: Vec<(f64, f64)>,
    uncorrected: Vec<(f64, f64)>,
    requests: Option<f64>,
    per_second: Option<f64>,
    bytes_per_second: Option<f64>,
    errors: Vec<(String, f64)>,
}

impl Output {
    fn take(&mut self, line: &str) {
        if line.starts_with("Latency Distribution") {
            self.is_wrk2 |= line.contains("HdrHistogram");
            self.table = if line.contains("Uncorrected") { Table::Uncorrected } else { Table::Latency };
        } else if let Some(rest) = line.strip_prefix("Latency ") {
            // wrk2 without traffic prints -nan.
            let mut cells = rest.split_whitespace().map(duration);
            self.mean = cells.next().flatten();
            self.deviation = cells.next().flatten();
            self.max = cells.next().flatten();
        } else if let Some(rest) = line.strip_prefix("Requests/sec:") {
            self.per_second = number(rest);
        } else if let Some(rest) = line.strip_prefix("Transfer/sec:") {
            self.bytes_per_second = size(rest.trim());
        } else if let Some(rest) = line.strip_prefix("Non-2xx or 3xx responses:") {
            self.errors
                .extend(number(rest).map(|count| ("answers that are not 2xx or 3xx".to_owned(), count)));
        } else if let Some(rest) = line.strip_prefix("Socket errors:") {
            let errors = rest.split(',').filter_map(|part| part.trim().rsplit_once(' '));
            let errors = errors.filter_map(|(what, count)| Some((format!("socket {what}"), number(count)?)));
            self.errors.extend(errors.filter(|(_, count)| *count > 0.0));
        } else if let Some((count, rest)) = line.split_once(" requests in ") {
            self.requests = number(count).filter(|_| rest.contains("read"));
            self.table = Table::None;
        } else if self.table != Table::None {
            self.row(line);
        }
    }

    /// `99.000%    8.20ms`, or `8.200     0.990000        59400       100.00` of the detailed table.
    fn row(&mut self, line: &str) {
        let mut cells = line.split_whitespace();
        let (Some(first), Some(second)) = (cells.next(), cells.next()) else { return };
        let told = match first.strip_suffix('%') {
            Some(percent) => number(percent).zip(duration(second)),
            // Of the detailed table only what the short one lacks.
            None if cells.next().is_some() => {
                number(second).zip(number(first)).map(|(part, ms)| (part * 100.0, ms * MS))
            }
            None => None,
        };
        let Some(told) = told.filter(|(percent, _)| (0.0..=100.0).contains(percent)) else { return };
        let into =
            if self.table == Table::Uncorrected { &mut self.uncorrected } else { &mut self.percentiles };
        let is_new = !into.iter().any(|(percent, _)| (percent - told.0).abs() < 1e-6);
        // The detailed table has a hundred rows; those at the usual percentiles will do.
        let is_usual = first.ends_with('%')
            || [50.0, 90.0, 95.0, 99.0].iter().any(|usual| (usual - told.0).abs() < 1e-6);
        if is_new && is_usual {
            into.push(told);
        }
    }

    fn finish(self, lines: &Lines, run: &mut Run) {
        let before = run.measurements.len();
        let notes = if self.is_wrk2 { Vec::new() } else { vec![OMITS.to_owned()] };
        let failed: f64 = self.errors.iter().map(|(_, count)| count).sum();
        // Socket errors are not among the requests that wrk counts as done; bad answers are.
        let answered: f64 =
            self.errors.iter().filter(|(what, _)| what.starts_with("answers")).map(|(_, n)| n).sum();
        let asked = self.requests.map(|requests| requests + failed - answered);
        let figures = [("mean", self.mean), ("sd", self.deviation), ("max", self.max)];
        let load = Load {
            requests: self.requests,
            error_rate: asked.and_then(|asked| share(failed, asked)),
            error_notes: self.errors.iter().map(|(what, count)| format!("{count} × {what}")).collect(),
            per_second: self.per_second,
            bytes_per_second: self.bytes_per_second,
            percentiles: self.percentiles,
            figures: figures.into_iter().filter_map(|(name, ns)| Some((name, ns?))).collect(),
            notes,
            ..Load::new(&self.url)
        };
        run.measurements.extend(load.measurements());
        let uncorrected = Load {
            percentiles: self.uncorrected,
            notes: vec![OMITS.to_owned()],
            ..Load::new(format!("{} (uncorrected)", self.url))
        };
        run.measurements.extend(uncorrected.measurements());
        for measured in &mut run.measurements[before..] {
            measured.source = Some(lines.name().to_owned());
        }
        if self.requests.is_none() {
            lines.find(run, self.line, "the output that begins here is cut: it has no number of requests");
        }
    }
}

/// `1.10ms` in nanoseconds.
fn duration(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 6] =
        [("us", 1e3), ("µs", 1e3), ("ms", MS), ("s", SECOND), ("m", 60.0 * SECOND), ("h", 3_600.0 * SECOND)];
    scaled(text, &UNITS)
}

/// `143.01KB` in bytes.
fn size(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 6] = [
        ("KB", 1024.0),
        ("MB", 1_048_576.0),
        ("GB", 1_073_741_824.0),
        ("TB", 1_099_511_627_776.0),
        ("PB", 1_125_899_906_842_624.0),
        ("B", 1.0),
    ];
    scaled(text, &UNITS)
}

fn scaled(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    units.iter().find_map(|(unit, factor)| Some(number(text.strip_suffix(unit)?)? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_many_units() {
        let cases =
            [("301.22us", 301_220.0), ("0.95m", 57e9), ("1.07s", 1.07e9), ("2.00h", 7.2e12), ("0.00us", 0.0)];
        for (text, ns) in cases {
            assert!((duration(text).unwrap() - ns).abs() < 1e-3, "{text}");
        }
        assert_eq!((duration("-nan"), duration("-nanus"), duration("86.04%")), (None, None, None));
        assert_eq!((size("143.00KB"), size("7.00B")), (Some(146_432.0), Some(7.0)));
    }
}
