//! What Locust writes with `--csv`.
//!
//! The shapes are those of Locust's `stats.py`: `_stats.csv` (a row for each request and `Aggregated`),
//! `_stats_history.csv` (a row every second, with the totals so far), `_failures.csv` (4 columns before 2.32, now 6) and
//! `_exceptions.csv`. Times are milliseconds. Locust rounds times from 100 ms on to two digits before it counts them, so
//! that a percentile of 2,100 says little of 2,100 against 2,080. It is a closed loop.

mod history;

use std::path::Path;

use super::{
    FileReader, Head, Input,
    csv::record,
    lines::{Lines, shortened},
    load::{Load, MS, OMITS, number, share},
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Locust rounds the times from here on.
const ROUNDED_FROM: f64 = 100.0 * MS;

/// How much of a message is kept.
const MESSAGE: usize = 160;

/// Reads Locust's tables.
#[derive(Debug, Clone, Copy, Default)]
pub struct Locust;

impl FileReader for Locust {
    fn name(&self) -> &'static str {
        "locust"
    }

    fn reads(&self) -> &'static str {
        "Locust's tables (--csv): _stats, _stats_history, _failures, _exceptions"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        Table::of(&columns(head.text().lines().next().unwrap_or_default())).is_some()
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("locust");
        let mut lines = Lines::open(input, file)?;
        let header = record(&mut lines).map(|(_, header)| header).unwrap_or_default();
        let header: Vec<String> = header.iter().map(|name| plain(name)).collect();
        match Table::of(&header) {
            Some(Table::Stats) => stats(&header, &mut lines, &mut run),
            Some(Table::History) => history::read(&header, &mut lines, &mut run),
            Some(Table::Failures) => failures(&header, &mut lines, &mut run),
            Some(Table::Exceptions) => exceptions(&header, &mut lines, &mut run),
            None => {}
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

#[derive(Debug, Clone, Copy)]
enum Table {
    Stats,
    History,
    Failures,
    Exceptions,
}

impl Table {
    fn of(header: &[String]) -> Option<Self> {
        let has = |name: &str| header.iter().any(|column| column == name);
        if has("timestamp") && has("user count") {
            Some(Self::History)
        } else if has("request count") && has("failure count") || has("# requests") && has("# failures") {
            Some(Self::Stats)
        } else if has("error") && has("occurrences") && has("name") {
            Some(Self::Failures)
        } else if has("count") && has("message") && has("traceback") {
            Some(Self::Exceptions)
        } else {
            None
        }
    }
}

fn columns(line: &str) -> Vec<String> {
    line.split(',').map(plain).collect()
}

/// The name of a column, as it is known in every version.
fn plain(name: &str) -> String {
    name.trim().trim_matches('"').to_lowercase()
}

/// A row of a table with the names of its columns.
struct Row<'a> {
    header: &'a [String],
    fields: Vec<String>,
}

impl Row<'_> {
    /// The next whole row; one that is cut is named.
    fn next<'a>(header: &'a [String], lines: &mut Lines, run: &mut Run) -> Option<(usize, Row<'a>)> {
        loop {
            let (line, fields) = record(lines)?;
            if fields.len() == header.len() {
                return Some((line, Row { header, fields }));
            }
            let text =
                format!("{} fields where {} are due: the row was left out", fields.len(), header.len());
            lines.find(run, line, text);
        }
    }

    fn text(&self, column: &str) -> Option<&str> {
        let at = self.header.iter().position(|name| name == column)?;
        self.fields.get(at).map(|field| field.trim())
    }

    /// Nothing for `N/A`.
    fn number(&self, column: &str) -> Option<f64> {
        number(self.text(column)?)
    }

    /// Of several names that versions gave a column.
    fn either(&self, columns: [&str; 2]) -> Option<f64> {
        columns.into_iter().find_map(|column| self.number(column))
    }

    /// `GET /index.html`, or the name alone.
    fn id(&self) -> String {
        let kind = self.text("type").or_else(|| self.text("method")).unwrap_or_default();
        let name = self.text("name").unwrap_or_default();
        // Before 1.0 the last row is called Total.
        let name = if name == "Total" && (kind.is_empty() || kind == "None") { "Aggregated" } else { name };
        let kind = if kind == "None" { "" } else { kind };
        if kind.is_empty() { name.to_owned() } else { format!("{kind} {name}") }
    }

    /// The columns that are named after a percentile.
    fn percentiles(&self) -> impl Iterator<Item = (f64, f64)> {
        self.header
            .iter()
            .zip(&self.fields)
            .filter_map(|(name, field)| Some((number(name.strip_suffix('%')?)?, number(field)?)))
    }
}

fn stats(header: &[String], lines: &mut Lines, run: &mut Run) {
    while let Some((line, row)) = Row::next(header, lines, run) {
        let requests = row.either(["request count", "# requests"]);
        let failures = row.either(["failure count", "# failures"]);
        let (Some(requests), Some(failures)) = (requests, failures) else {
            lines.find(run, line, "the number of requests or failures is no number: the row was left out");
            continue;
        };
        let mut load = Load { notes: vec![OMITS.to_owned()], ..Load::new(row.id()) };
        load.requests = Some(requests);
        load.error_rate = share(failures, requests);
        load.error_notes.push(format!("{failures} of {requests} requests"));
        load.per_second = row.number("requests/s");
        // Of no request there is no time, though the table has zeros for it.
        if requests > 0.0 {
            load.percentiles = row.percentiles().map(|(percent, ms)| (percent, ms * MS)).collect();
            if !load.percentiles.iter().any(|(percent, _)| (*percent - 50.0).abs() < 1e-9) {
                load.percentiles.extend(row.number("median response time").map(|ms| (50.0, ms * MS)));
            }
            let named = [("mean", "average"), ("min", "min"), ("max", "max")];
            load.figures = named
                .into_iter()
                .filter_map(|(name, column)| {
                    Some((name, row.number(&format!("{column} response time"))? * MS))
                })
                .collect();
            load.rounded_from = Some(ROUNDED_FROM);
        }
        run.measurements.extend(load.measurements().into_iter().map(|m| m.from_source(lines.name())));
    }
}

fn failures(header: &[String], lines: &mut Lines, run: &mut Run) {
    let mut total = 0.0;
    while let Some((line, row)) = Row::next(header, lines, run) {
        let Some(times) = row.number("occurrences") else {
            lines.find(run, line, "the number of occurrences is no number: the row was left out");
            continue;
        };
        total += times;
        let error = shortened(row.text("error").unwrap_or_default(), MESSAGE);
        let mut failed = counted(format!("{}: {error}", row.id()), "failures", times);
        for column in ["first seen", "last seen"] {
            failed.notes.extend(
                row.text(column)
                    .filter(|when| !when.is_empty())
                    .map(|when| format!("{column} {}", shortened(when, MESSAGE))),
            );
        }
        run.measurements.push(failed.from_source(lines.name()));
    }
    // An empty table says that nothing failed.
    if lines.is_whole() {
        let all = counted("Aggregated".to_owned(), "failures", total);
        run.measurements.push(all.from_source(lines.name()));
    }
}

fn exceptions(header: &[String], lines: &mut Lines, run: &mut Run) {
    let mut total = 0.0;
    while let Some((line, row)) = Row::next(header, lines, run) {
        let Some(times) = row.number("count") else {
            lines.find(run, line, "the count is no number: the row was left out");
            continue;
        };
        total += times;
        let message = shortened(row.text("message").unwrap_or_default(), MESSAGE);
        let mut failed = counted(format!("exception: {message}"), "exceptions", times);
        // The last line of a traceback with a place is where it was raised.
        let place = row.text("traceback").and_then(|text| text.lines().rev().find_map(place_in_traceback));
        failed.location = place;
        run.measurements.push(failed.from_source(lines.name()));
    }
    if lines.is_whole() {
        let all = counted("Aggregated".to_owned(), "exceptions", total);
        run.measurements.push(all.from_source(lines.name()));
    }
}

/// `File "app.py", line 7, in f` as `app.py:7`.
fn place_in_traceback(line: &str) -> Option<String> {
    let (file, rest) = line.trim().strip_prefix("File \"")?.split_once("\", line ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().filter(|digits| !digits.is_empty())?;
    Some(format!("{}:{digits}", shortened(file, MESSAGE)))
}

fn counted(id: String, metric: &str, times: f64) -> Measurement {
    Measurement::new(id, metric, Unit::Count, Better::Lower, Kind::Loaded, times)
}
