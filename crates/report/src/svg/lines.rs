//! Lines, bands and markers.

use super::bars::{axis_below, ticks_in};
use super::{Anchor, At, Canvas, Drawing, WIDTH, colour, legend, measure, stack::Stack};
use crate::chart::{LineAxes, LineChart, Point, line_axes};
use crate::number;
use crate::put::put;

const PLOT: f64 = 250.0;
/// Up to this many points each is a dot as well, with a hint.
const MOST_DOTS: usize = 60;
/// Beyond this many points only the extremes of each column of the drawing are kept.
const MOST_POINTS: usize = 1_500;
/// Lines drawn at most; the table of figures has them all.
const MOST_SERIES: usize = 60;

/// Where things stand.
struct Frame {
    axes: LineAxes,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x(x), self.bottom - self.axes.y.place(y) * (self.bottom - self.top))
    }

    fn x(&self, x: f64) -> f64 {
        self.left + self.axes.x.place(x) * (self.right - self.left)
    }
}

pub(super) fn drawing(chart: &LineChart) -> Option<Drawing> {
    let axes = line_axes(chart, ticks_in(500.0).min(7), 5)?;
    let mut canvas = Canvas::default();
    let mut top = 2.0;
    let labels: Vec<_> = chart.series.iter().take(MOST_SERIES).map(|series| series.label.as_str()).collect();
    if chart.series.len() > 1 {
        top += legend(&mut canvas, top, &labels);
    }
    if !chart.y_label.is_empty() {
        canvas.text("tick", (0.0, top + 12.0), Anchor::Start, WIDTH, &chart.y_label);
        top += 24.0;
    }
    let widest = axes.y.ticks().map(|(_, label)| measure::width(label)).fold(0.0, f64::max);
    let mut frame = Frame { axes, left: widest + 8.0, right: WIDTH - 14.0, top, bottom: 0.0 };
    let markers: Vec<_> = chart.markers.iter().filter(|marker| marker.x.is_finite()).collect();
    let stack = Stack::place(markers.iter().map(|marker| (frame.x(marker.x), marker.label.clone())));
    frame.top += stack.height() + 6.0;
    frame.bottom = frame.top + PLOT;

    grid(&mut canvas, &frame);
    axis_below(&mut canvas, &frame.axes.x, (frame.left, frame.right), (frame.bottom, frame.bottom + 4.0));
    stack.draw(&mut canvas, frame.top, frame.bottom);
    let series = || chart.series.iter().take(MOST_SERIES).enumerate();
    let ordered: Vec<_> = series().map(|(number, series)| (number, series, series.in_order())).collect();
    for (number, _, points) in &ordered {
        band(&mut canvas, &frame, *number, points);
    }
    for (number, series, points) in &ordered {
        line(&mut canvas, &frame, *number, points);
        dots(&mut canvas, &frame, chart, &series.label, *number, points);
    }
    let mut height = frame.bottom + 24.0;
    if !chart.x_label.is_empty() {
        let middle = f64::midpoint(frame.left, frame.right);
        canvas.text("tick", (middle, frame.bottom + 40.0), Anchor::Middle, WIDTH, &chart.x_label);
        height += 22.0;
    }
    let svg = canvas.finish(height, &chart.title, &description(chart));
    let partial = stack.left_out() > 0 || chart.series.len() > MOST_SERIES;
    Some(Drawing { svg, notes: notes(chart, stack.left_out()), partial })
}

fn grid(canvas: &mut Canvas, frame: &Frame) {
    for (place, label) in frame.axes.y.ticks() {
        let y = frame.bottom - place * (frame.bottom - frame.top);
        canvas.line("grid", (frame.left, y), (frame.right, y));
        canvas.text("tick", (frame.left - 6.0, y + 4.0), Anchor::End, f64::INFINITY, label);
    }
}

/// The stretches of points without a gap, thinned where there are more than can be seen.
fn stretches(frame: &Frame, points: &[Point]) -> Vec<Vec<(f64, f64)>> {
    let stretches = points.split(|point| !point.finite()).filter(|stretch| !stretch.is_empty());
    let drawn =
        |stretch: &[Point]| stretch.iter().map(|point| frame.at(point.x, point.y)).collect::<Vec<_>>();
    stretches
        .map(|stretch| if points.len() > MOST_POINTS { thinned(&drawn(stretch)) } else { drawn(stretch) })
        .collect()
}

/// Per column of the drawing the first, the highest, the lowest and the last point, in their order.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| number::whole(a.0) == number::whole(b.0)) {
        let by_height = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
        let mut chosen: Vec<usize> = vec![0, column.len() - 1];
        chosen.extend((0..column.len()).min_by(by_height));
        chosen.extend((0..column.len()).max_by(by_height));
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|at| column[at]));
    }
    kept
}

fn line(canvas: &mut Canvas, frame: &Frame, number: usize, points: &[Point]) {
    let mut path = String::new();
    for stretch in stretches(frame, points) {
        for (at, (x, y)) in stretch.iter().enumerate() {
            put!(&mut path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, At(*x), At(*y));
        }
        if let [(x, y)] = stretch.as_slice() {
            // A stretch of one point has no length: a dot keeps it in sight.
            canvas.rectangle(&format!("swatch {}", colour(number)), (x - 2.0, y - 2.0), (4.0, 4.0), "");
        }
    }
    if !path.is_empty() {
        canvas.path(&format!("line {}", colour(number)), &path);
    }
}

fn band(canvas: &mut Canvas, frame: &Frame, number: usize, points: &[Point]) {
    let with_band = |point: &Point| point.finite() && point.band.is_some();
    for stretch in points.split(|point| !with_band(point)).filter(|stretch| stretch.len() > 1) {
        let edge = |pick: fn((f64, f64)) -> f64| {
            stretch
                .iter()
                .filter_map(move |point| point.band.map(|band| frame.at(point.x, pick(band))))
                .collect()
        };
        let (mut upper, mut lower): (Vec<_>, Vec<_>) = (edge(|band| band.1), edge(|band| band.0));
        if stretch.len() > MOST_POINTS {
            (upper, lower) = (thinned(&upper), thinned(&lower));
        }
        let mut path = String::new();
        for (at, (x, y)) in upper.iter().chain(lower.iter().rev()).enumerate() {
            put!(&mut path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, At(*x), At(*y));
        }
        path.push('Z');
        canvas.path(&format!("band {}", colour(number)), &path);
    }
}

fn dots(canvas: &mut Canvas, frame: &Frame, chart: &LineChart, label: &str, number: usize, points: &[Point]) {
    if points.len() > MOST_DOTS {
        return;
    }
    for point in points.iter().filter(|point| point.finite()) {
        let mut hint = format!("{label}, {}: {}", chart.x_words(point.x), number::short(point.y));
        if let Some((low, high)) = point.band {
            put!(&mut hint, " ({} to {})", number::short(low), number::short(high));
        }
        canvas.circle(&format!("dot {}", colour(number)), frame.at(point.x, point.y), 2.6, &hint);
    }
}

fn notes(chart: &LineChart, unlabelled: usize) -> Vec<String> {
    let mut notes = Vec::new();
    for series in &chart.series {
        let missing = series.points.iter().filter(|(x, y)| !x.is_finite() || !y.is_finite()).count();
        if missing > 0 {
            notes.push(format!("{}: {missing} of {} points n/a.", series.label, series.points.len()));
        }
    }
    for marker in chart.markers.iter().filter(|marker| !marker.x.is_finite()) {
        notes.push(format!("{}: n/a.", marker.label));
    }
    if unlabelled > 0 {
        notes.push(format!("{unlabelled} more markers have no room for a label; see the figures below."));
    }
    if chart.series.len() > MOST_SERIES {
        notes.push(format!("{} more series are in the figures below.", chart.series.len() - MOST_SERIES));
    }
    notes
}

fn description(chart: &LineChart) -> String {
    let mut text = format!("Line chart of {} series.", chart.series.len());
    for series in chart.series.iter().take(12) {
        let points = series.in_order();
        let mut finite = points.iter().filter(|point| point.finite());
        if let Some(first) = finite.next() {
            let last = finite.next_back().unwrap_or(first);
            let words = |point: &Point| format!("{} at {}", number::short(point.y), chart.x_words(point.x));
            put!(&mut text, " {}: from {} to {}.", series.label, words(first), words(last));
        }
    }
    text
}
