//! Series that other programs keep: a table of comma-separated values, or lines of JSON.

use std::collections::BTreeMap;

use assize_ambient::Timestamp;
use serde::Deserialize;

use crate::{
    Error, ErrorKind,
    history::{Point, Series},
    run::{Better, Kind},
    unit::Unit,
};

/// No more points are read from a file.
const MOST_POINTS: usize = 10_000_000;

/// Columns that say when, or which, and are no figures.
const TIMES: [&str; 5] = ["time", "timestamp", "date", "commit_ts", "datetime"];
const LABELS: [&str; 6] = ["commit", "revision", "sha", "commit_hash", "version", "run"];

/// Reads series from a table with a head, in which a column of numbers is a series (a `time` and a `commit` column say
/// when and which), or from lines of JSON with `values` and perhaps an `id`. Which way is better is not known: less is taken
/// to be.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] for anything else, [`ErrorKind::Malformed`] with the line that breaks the form,
/// [`ErrorKind::TooLarge`] beyond ten million points.
pub fn read_series(bytes: &[u8], file: &str) -> Result<Vec<Series>, Error> {
    let unknown = || {
        Error::new(ErrorKind::UnknownFormat, format!("read {file}: it holds no series"))
            .hinted("a series is a column of numbers under a head, or a line of JSON such as {\"id\": …, \"values\": […]}")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| unknown())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let series =
        if text.trim_start().starts_with('{') { of_json(text, file)? } else { of_table(text, file)? };
    if series.is_empty() { Err(unknown()) } else { Ok(series) }
}

#[derive(Deserialize)]
struct LineForm {
    #[serde(default, alias = "name", alias = "series", alias = "case")]
    id: Option<String>,
    #[serde(default)]
    metric: String,
    #[serde(default)]
    unit: Option<String>,
    values: Vec<Option<f64>>,
}

fn of_json(text: &str, file: &str) -> Result<Vec<Series>, Error> {
    let mut all = Vec::new();
    let mut points = 0;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let form: LineForm = serde_json::from_str(line).map_err(|e| {
            Error::new(ErrorKind::Malformed, format!("read {file}, line {number}: {e}")).caused_by(e)
        })?;
        points += form.values.len();
        check_size(points, file)?;
        let unit = form.unit.as_deref().map_or(Unit::Other(String::new()), Unit::named);
        let mut series = empty(form.id.unwrap_or_else(|| format!("series {number}")), form.metric, unit);
        let point = |(at, value): (usize, Option<f64>)| {
            value.map(|value| Point { time: None, label: at.to_string(), value })
        };
        series.points = form.values.into_iter().enumerate().filter_map(point).collect();
        all.push(series);
    }
    Ok(all)
}

fn of_table(text: &str, file: &str) -> Result<Vec<Series>, Error> {
    let mut lines =
        (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((_, head)) = lines.next() else { return Ok(Vec::new()) };
    let count = |sign: char| head.matches(sign).count();
    let sign = [',', ';', '\t'].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(',');
    let heads: Vec<String> = cells(head, sign).collect();
    let is = |names: &[&str], head: &String| names.contains(&head.to_lowercase().as_str());
    let time = heads.iter().position(|head| is(&TIMES, head));
    let label = heads.iter().position(|head| is(&LABELS, head));
    // Per column its points; none for one that holds anything but numbers.
    let mut columns: BTreeMap<usize, Vec<Point>> = (0..heads.len())
        .filter(|at| Some(*at) != time && Some(*at) != label)
        .map(|at| (at, Vec::new()))
        .collect();
    let mut points = 0;
    for (row, (number, line)) in lines.enumerate() {
        let row_cells: Vec<String> = cells(line, sign).collect();
        if row_cells.len() != heads.len() {
            let what = format!("it has {} cells under {} heads", row_cells.len(), heads.len());
            return Err(Error::new(ErrorKind::Malformed, format!("read {file}, line {number}: {what}")));
        }
        points += columns.len();
        check_size(points, file)?;
        let when = time.and_then(|at| moment(&row_cells[at]));
        let which = label.map_or_else(|| row.to_string(), |at| row_cells[at].clone());
        columns.retain(|at, column| {
            let cell = row_cells[*at].trim();
            match cell.parse::<f64>() {
                Ok(value) if value.is_finite() => {
                    column.push(Point { time: when, label: which.clone(), value });
                    true
                }
                // A cell without a figure is a gap.
                _ => cell.is_empty() || cell.eq_ignore_ascii_case("nan") || cell.eq_ignore_ascii_case("null"),
            }
        });
    }
    let series = |(at, points): (usize, Vec<Point>)| {
        let mut series = empty(heads[at].clone(), String::new(), Unit::Other(String::new()));
        series.points = points;
        series
    };
    Ok(columns.into_iter().filter(|(_, points)| !points.is_empty()).map(series).collect())
}

fn cells(line: &str, sign: char) -> impl Iterator<Item = String> {
    line.split(sign).map(|cell| cell.trim().trim_matches('"').to_owned())
}

fn check_size(points: usize, file: &str) -> Result<(), Error> {
    if points <= MOST_POINTS {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooLarge, format!("read {file}: it has more than {MOST_POINTS} points")))
}

fn empty(id: String, metric: String, unit: Unit) -> Series {
    Series {
        id,
        metric,
        fingerprint: String::new(),
        unit,
        better: Better::Lower,
        kind: Kind::Timed,
        points: Vec::new(),
    }
}

/// A moment: as RFC 3339 has it, as seconds since 1970, or as a date with or without a time and an offset.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    // "2024.01.01 3:00:00 +0100", "2024-01-01".
    let mut parts = text.split_whitespace();
    let date = parts.next()?.replace(['.', '/'], "-");
    let clock = parts.next().unwrap_or("00:00:00");
    let clock = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock.to_owned() };
    let offset = parts.next().unwrap_or("+0000");
    let (hours, minutes) = offset.split_at_checked(3)?;
    let minutes = minutes.trim_start_matches(':');
    format!("{date}T{clock}{hours}:{minutes}").parse().ok()
}
