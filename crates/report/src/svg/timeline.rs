//! Spans in lanes.

use super::bars::{axis_below, ticks_in};
use super::{Anchor, Canvas, Drawing, MOST_ROWS, WIDTH, colour, legend, measure, undrawn};
use crate::axis::Axis;
use crate::chart::{Lane, Span, Timeline, distinct_labels, timeline_axis, with_unit};
use crate::number::{self, coordinate};
use crate::put::put;

const ROW: f64 = 24.0;
/// Rows a lane may take for spans that overlap.
const MOST_LEVELS: usize = 8;
/// Labels with a colour of their own in the legend.
const MOST_LABELS: usize = 28;
/// Spans drawn at most; the table of figures has them all.
const MOST_SPANS: usize = 4_000;

/// Where things stand.
struct Frame<'a> {
    axis: Axis,
    left: f64,
    right: f64,
    labels: Vec<&'a str>,
    unit: &'a str,
}

impl Frame<'_> {
    fn x(&self, value: f64) -> f64 {
        self.left + self.axis.place(value) * (self.right - self.left)
    }
}

pub(super) fn drawing(chart: &Timeline) -> Option<Drawing> {
    let lanes = || chart.lanes.iter().take(MOST_ROWS);
    let widest = lanes().map(|lane| measure::width(&lane.label)).fold(30.0, f64::max).min(190.0);
    let (left, right) = (widest + 10.0, WIDTH - 14.0);
    let axis = timeline_axis(chart, ticks_in(right - left))?;
    let labels = distinct_labels(chart, MOST_LABELS);
    let mut canvas = Canvas::default();
    let legend_height = if labels.len() > 1 { legend(&mut canvas, 2.0, &labels) } else { 0.0 };
    let frame = Frame { axis, left, right, labels, unit: &chart.unit };
    let top = 4.0 + legend_height;

    let placed: Vec<_> = lanes().map(|lane| (lane, levels(lane))).collect();
    let rows: usize = placed.iter().map(|(_, (count, _))| *count).sum();
    let bottom = top + coordinate(rows) * ROW + coordinate(placed.len()) * 4.0;
    axis_below(&mut canvas, &frame.axis, (left, right), (top, bottom));
    let (mut y, mut drawn) = (top + 2.0, 0);
    for (lane, (count, spans)) in &placed {
        let height = coordinate(*count) * ROW;
        canvas.text("label", (left - 8.0, y + height / 2.0 + 4.5), Anchor::End, left - 8.0, &lane.label);
        for (level, span) in spans {
            if drawn < MOST_SPANS {
                draw(&mut canvas, &frame, &lane.label, span, y + coordinate(*level) * ROW);
            }
            drawn += 1;
        }
        y += height + 4.0;
        canvas.line("grid", (left, y - 2.0), (right, y - 2.0));
    }
    canvas.text(
        "tick",
        (f64::midpoint(left, right), bottom + 35.0),
        Anchor::Middle,
        right - left,
        &chart.unit,
    );
    let below = if chart.unit.is_empty() { 24.0 } else { 42.0 };

    let mut notes = missing(chart);
    notes.extend(undrawn(chart.lanes.len(), "lanes"));
    if drawn > MOST_SPANS {
        notes.push(format!("{} more spans are in the figures below.", drawn - MOST_SPANS));
    }
    let partial = drawn > MOST_SPANS || chart.lanes.len() > MOST_ROWS;
    let svg = canvas.finish(bottom + below, &chart.title, &description(chart));
    Some(Drawing { svg, notes, partial })
}

/// The finite spans of a lane, each with the first level where it does not overlap another, and how many levels.
fn levels(lane: &Lane) -> (usize, Vec<(usize, &Span)>) {
    let mut spans: Vec<_> = lane.spans.iter().filter_map(|span| span.bounds().map(|at| (at, span))).collect();
    spans.sort_by(|((a, _), _), ((b, _), _)| a.total_cmp(b));
    let mut ends = [f64::NEG_INFINITY; MOST_LEVELS];
    let mut used = 1;
    let placed = spans.into_iter().map(|((start, end), span)| {
        let level = ends.iter().position(|free| *free <= start).unwrap_or(MOST_LEVELS - 1);
        ends[level] = end.max(ends[level]);
        used = used.max(level + 1);
        (level, span)
    });
    let placed = placed.collect();
    (used, placed)
}

fn draw(canvas: &mut Canvas, frame: &Frame<'_>, lane: &str, span: &Span, y: f64) {
    let Some((start, end)) = span.bounds() else { return };
    let (from, to) = (frame.x(start), frame.x(end));
    let (from, width) = (from.min(frame.right - 2.0), (to - from).max(2.0));
    let known = frame.labels.iter().position(|label| *label == span.label);
    let class = format!("span {} o-{}", colour(known.unwrap_or(super::COLOURS - 1)), span.tone.name());
    let words = format!("{}{}", span.tone.prefix(&span.label), span.label);
    let mut hint = format!("{lane}: {words}, {} to {}", number::short(start), with_unit(end, frame.unit));
    put!(&mut hint, " ({})", with_unit(end - start, frame.unit));
    canvas.rectangle(&class, (from, y + 2.0), (width, ROW - 5.0), &hint);
    let sign = span.tone.sign();
    let fits = |text: &str| measure::width(text) <= width - 8.0;
    if let Some(text) = [words.as_str(), sign].into_iter().find(|text| !text.is_empty() && fits(text)) {
        canvas.text("inside", (from + 5.0, y + 15.5), Anchor::Start, f64::INFINITY, text);
    }
}

/// The spans without a place, by name, as far as five.
fn missing(chart: &Timeline) -> Vec<String> {
    let nowhere = |lane: &Lane, span: &Span| format!("{} / {}: n/a.", lane.label, span.label);
    let spans = chart.lanes.iter().flat_map(|lane| lane.spans.iter().map(move |span| (lane, span)));
    let missing: Vec<_> = spans.filter(|(_, span)| span.bounds().is_none()).collect();
    let mut notes: Vec<_> = missing.iter().take(5).map(|(lane, span)| nowhere(lane, span)).collect();
    if missing.len() > 5 {
        notes.push(format!("{} more spans n/a.", missing.len() - 5));
    }
    notes
}

fn description(chart: &Timeline) -> String {
    let spans: usize = chart.lanes.iter().map(|lane| lane.spans.len()).sum();
    format!("Timeline of {spans} spans in {} lanes; every span is in the figures below.", chart.lanes.len())
}
