//! The figures of a chart as a table, for the forms that cannot draw and for readers who cannot see.

use super::Chart;
use super::bars::{Bar, BarChart, Scale, bar_axis, drawable};
use super::boxes::BoxChart;
use super::flame::{Flame, by_function};
use super::lines::{LineChart, Series, XAxis};
use super::timeline::{Timeline, timeline_axis};
use crate::axis::Axis;
use crate::number;
use crate::table::{Cell, Column, Table};

/// The table and the sentences below it.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) table: Table,
    pub(crate) notes: Vec<String>,
}

/// The figures, and each bar, line or span in at most `room` characters; with no room, without that column.
pub(crate) fn figures(chart: &Chart, room: usize) -> Figures {
    let figures = match chart {
        Chart::Bars(chart) => of_bars(chart, room),
        Chart::Boxes(chart) => of_boxes(chart, room),
        Chart::Lines(chart) => of_lines(chart, room),
        Chart::Timeline(chart) => of_timeline(chart, room),
        Chart::Flame(chart) => of_flame(chart, room),
    };
    if room == 0 { Figures { table: figures.table.without_last_column(), ..figures } } else { figures }
}

impl Bar {
    /// The value in words: the caller's where there are some and the value has a place on the scale.
    pub(crate) fn words(&self, scale: Scale) -> String {
        let words = if self.display.is_empty() { number::short(self.value) } else { self.display.clone() };
        match drawable(scale, self.value) {
            true => words,
            false if self.value.is_finite() => format!("{words} (not on a log scale)"),
            false => "n/a".to_owned(),
        }
    }
}

fn of_bars(chart: &BarChart, room: usize) -> Figures {
    let axis = bar_axis(chart, 6);
    let with_intervals = chart.bars.iter().any(|bar| bar.interval.is_some());
    let mut columns = vec![Column::left(""), Column::right("value")];
    if with_intervals {
        columns.push(Column::right(named("interval", &chart.unit)));
    }
    columns.push(Column::drawn(match chart.scale {
        Scale::Linear => "bar",
        Scale::Log10 => "bar (log scale)",
    }));
    let mut table = Table::new(columns);
    for bar in &chart.bars {
        let mut cells = vec![Cell::from(&bar.label), Cell::toned(bar.tone, bar.words(chart.scale))];
        if with_intervals {
            let words = |(low, high)| format!("{} to {}", number::short(low), number::short(high));
            cells.push(bar.interval.map(words).unwrap_or_default().into());
        }
        let drawn = drawable(chart.scale, bar.value);
        cells.push(
            if drawn { blocks(axis.place(0.0), axis.place(bar.value), room) } else { String::new() }.into(),
        );
        table.push(cells);
    }
    let lines = chart.reference.iter();
    let lines: Vec<_> =
        lines.map(|line| format!("{} {}", line.label, with_unit(line.value, &chart.unit))).collect();
    let notes = if lines.is_empty() { Vec::new() } else { vec![format!("Reference: {}.", lines.join(", "))] };
    Figures { table, notes }
}

fn of_boxes(chart: &BoxChart, room: usize) -> Figures {
    let axis = super::boxes::box_axis(chart, 6);
    let heads = ["low", "quartile 1", "median", "quartile 3", "high"];
    let columns =
        [Column::left("")].into_iter().chain(heads.map(|head| Column::right(named(head, &chart.unit))));
    let mut table = Table::new(columns.chain([Column::drawn("box")]));
    for row in &chart.rows {
        let drawn = row.drawable(chart.scale);
        let label = if row.display.is_empty() {
            row.label.clone()
        } else {
            format!("{}, {}", row.label, row.display)
        };
        let mut cells = vec![label];
        cells.extend(row.five().map(number::short));
        cells.push(if drawn { blocks(axis.place(row.q1), axis.place(row.q3), room) } else { String::new() });
        table.push(cells);
    }
    Figures { table, notes: Vec::new() }
}

/// A bar from one place to another, to an eighth of a character.
fn blocks(from: f64, to: f64, room: usize) -> String {
    let eighths = |place: f64| number::share(place, room * 8);
    let (start, end) = (eighths(from.min(to)), eighths(from.max(to)));
    let idle = (start + 4) / 8;
    let length = end.saturating_sub(idle * 8);
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(length % 8).copied().unwrap_or_default();
    let part = if length == 0 && idle == 0 { "▏" } else { part };
    format!("{}{}{part}", "·".repeat(idle), "█".repeat(length / 8))
}

fn of_lines(chart: &LineChart, room: usize) -> Figures {
    let with_bands = chart.series.iter().any(|series| series.band.is_some());
    let mut columns = vec![Column::left("series")];
    columns.extend(["from", "to"].map(|head| Column::left(named(head, &chart.x_label))));
    columns.extend(["first", "min", "max", "last"].map(Column::right));
    if with_bands {
        columns.push(Column::right("last band"));
    }
    columns.push(Column::drawn("shape"));
    let mut table = Table::new(columns);
    let mut notes = Vec::new();
    for series in &chart.series {
        let points = series.in_order();
        let finite: Vec<_> = points.iter().filter(|point| point.finite()).collect();
        let ys = || finite.iter().map(|point| point.y);
        let y = |y: Option<f64>| number::short(y.unwrap_or(f64::NAN));
        let x = |point: Option<&&Point>| chart.x_words(point.map_or(f64::NAN, |point| point.x));
        let mut cells = vec![series.label.clone(), x(finite.first()), x(finite.last())];
        cells.extend([
            y(ys().next()),
            y(ys().reduce(f64::min)),
            y(ys().reduce(f64::max)),
            y(ys().next_back()),
        ]);
        if with_bands {
            let band = finite.iter().rev().find_map(|point| point.band);
            let words = |(low, high)| format!("{} to {}", number::short(low), number::short(high));
            cells.push(band.map(words).unwrap_or_default());
        }
        cells.push(sparkline(&ys().collect::<Vec<_>>(), room));
        table.push(cells);
        if finite.len() < points.len() {
            let missing = points.len() - finite.len();
            notes.push(format!("{}: {missing} of {} points n/a.", series.label, points.len()));
        }
    }
    if !chart.y_label.is_empty() {
        notes.push(format!("Values: {}.", chart.y_label));
    }
    let events: Vec<_> =
        chart.markers.iter().map(|marker| format!("{} {}", chart.x_words(marker.x), marker.label)).collect();
    if !events.is_empty() {
        notes.push(format!("Markers: {}.", events.join("; ")));
    }
    Figures { table, notes }
}

/// A point and the band around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) band: Option<(f64, f64)>,
}

impl Point {
    pub(crate) fn finite(&self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

impl Series {
    /// The points in order of `x`, with their bands; a band with a bound that is not finite is none.
    pub(crate) fn in_order(&self) -> Vec<Point> {
        let bands = self.band.as_deref().unwrap_or_default();
        let bands =
            bands.iter().map(|(low, high)| (low.is_finite() && high.is_finite()).then_some((*low, *high)));
        let bands = bands.chain(std::iter::repeat(None));
        let mut points: Vec<_> =
            self.points.iter().zip(bands).map(|(&(x, y), band)| Point { x, y, band }).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        points
    }
}

impl LineChart {
    /// A place on the x axis in words.
    pub(crate) fn x_words(&self, x: f64) -> String {
        match self.x_axis {
            XAxis::Number => number::short(x),
            XAxis::Date => number::date(x),
        }
    }
}

/// At most `room` of the values, evenly picked, as heights of blocks.
fn sparkline(values: &[f64], room: usize) -> String {
    let shown = values.len().min(room);
    let axis = Axis::tight(values.iter().copied(), 2);
    let picked = (0..shown).filter_map(|at| values.get(at * (values.len() - 1) / (shown - 1).max(1)));
    let level = |value: &f64| "▁▂▃▄▅▆▇█".chars().nth(number::share(axis.place(*value), 7)).unwrap_or('·');
    picked.map(level).collect()
}

fn of_timeline(chart: &Timeline, room: usize) -> Figures {
    let axis = timeline_axis(chart, 6);
    let times = ["start", "end", "duration"].map(|head| Column::right(named(head, &chart.unit)));
    let columns = [Column::left("lane"), Column::left("span")].into_iter().chain(times);
    let mut table = Table::new(columns.chain([Column::drawn("when")]));
    for lane in &chart.lanes {
        for span in &lane.spans {
            let when = axis.as_ref().zip(span.bounds()).map(|(axis, (start, end))| {
                let from = number::share(axis.place(start), room).min(room.saturating_sub(1));
                let to = number::share(axis.place(end), room).max(from + 1);
                format!(
                    "{}{}{}",
                    "·".repeat(from),
                    "█".repeat(to - from),
                    "·".repeat(room.saturating_sub(to))
                )
            });
            table.push([
                Cell::from(&lane.label),
                Cell::toned(span.tone, &span.label),
                number::short(span.start).into(),
                number::short(span.end).into(),
                number::short(span.end - span.start).into(),
                when.unwrap_or_else(|| "n/a".to_owned()).into(),
            ]);
        }
    }
    let idle = chart.lanes.iter().filter(|lane| lane.spans.is_empty());
    let idle: Vec<_> = idle.map(|lane| lane.label.as_str()).collect();
    let notes =
        if idle.is_empty() { Vec::new() } else { vec![format!("Without spans: {}.", idle.join(", "))] };
    Figures { table, notes }
}

/// Functions in the table of a flame; a profile has thousands.
const MOST_FUNCTIONS: usize = 40;

fn of_flame(chart: &Flame, room: usize) -> Figures {
    let whole: f64 = chart.stacks.iter().filter(|stack| stack.has_weight()).map(|stack| stack.weight).sum();
    let weights = ["itself", "with what it called"].map(|head| Column::right(named(head, &chart.unit)));
    let columns = [Column::left("function")].into_iter().chain(weights);
    let mut table = Table::new(columns.chain([Column::drawn("itself, of all")]));
    let functions = by_function(chart);
    for (name, own, total) in functions.iter().take(MOST_FUNCTIONS) {
        let words = |weight: f64| format!("{} ({:.1} %)", number::short(weight), 100.0 * weight / whole);
        table.push([(*name).to_owned(), words(*own), words(*total), blocks(0.0, own / whole, room)]);
    }
    let more = functions.len().saturating_sub(MOST_FUNCTIONS);
    let mut notes = Vec::new();
    if more > 0 {
        notes.push(format!("{more} more functions took less."));
    }
    let lost = chart.stacks.iter().filter(|stack| !stack.has_weight()).count();
    if lost > 0 {
        notes.push(format!("{lost} stacks have no weight."));
    }
    Figures { table, notes }
}

/// `name (unit)`, or the name alone.
fn named(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

/// `12.5 ms`, or the number alone.
pub(crate) fn with_unit(value: f64, unit: &str) -> String {
    let value = number::short(value);
    if unit.is_empty() { value } else { format!("{value} {unit}") }
}
