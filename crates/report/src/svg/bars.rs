//! Bars, whiskers and reference lines.

use super::{Anchor, Canvas, Drawing, MOST_ROWS, WIDTH, measure, stack::Stack, undrawn};
use crate::axis::Axis;
use crate::chart::{Bar, BarChart, Scale, bar_axis, drawable, with_unit};
use crate::number::coordinate;
use crate::put::put;

const ROW: f64 = 28.0;
const BAR: f64 = 14.0;
const WIDEST_LABEL: f64 = 280.0;

/// Where things stand.
struct Frame {
    axis: Axis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn x(&self, value: f64) -> f64 {
        self.left + self.axis.place(value) * (self.right - self.left)
    }
}

pub(super) fn drawing(chart: &BarChart) -> Drawing {
    let shown = || chart.bars.iter().take(MOST_ROWS);
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0_f64, f64::max);
    let labels = widest(&mut shown().map(|bar| measure::width(&bar.label))).clamp(30.0, WIDEST_LABEL);
    let values =
        widest(&mut shown().map(|bar| measure::width(&value_words(bar, chart.scale)))).clamp(40.0, 170.0);
    let (left, right) = (labels + 10.0, WIDTH - values - 16.0);
    let axis = bar_axis(chart, ticks_in(right - left));
    let mut frame = Frame { axis, left, right, top: 6.0, bottom: 0.0 };

    let lines: Vec<_> = chart.reference.iter().filter(|line| drawable(chart.scale, line.value)).collect();
    let words = |value, label: &str| format!("{label} {}", with_unit(value, &chart.unit));
    let stack = Stack::place(lines.iter().map(|line| (frame.x(line.value), words(line.value, &line.label))));
    frame.top += stack.height();
    frame.bottom = frame.top + coordinate(shown().count()) * ROW + 4.0;

    let mut canvas = Canvas::default();
    axis_below(&mut canvas, &frame.axis, (left, right), (frame.top, frame.bottom));
    for (row, bar) in shown().enumerate() {
        let middle = frame.top + 2.0 + (coordinate(row) + 0.5) * ROW;
        draw(&mut canvas, &frame, chart, bar, middle);
    }
    stack.draw(&mut canvas, frame.top, frame.bottom);
    let unit = match (chart.scale, chart.unit.as_str()) {
        (Scale::Linear, unit) => unit.to_owned(),
        (Scale::Log10, "") => "log scale".to_owned(),
        (Scale::Log10, unit) => format!("{unit}, log scale"),
    };
    let below = if unit.is_empty() { 22.0 } else { 40.0 };
    canvas.text(
        "tick",
        (f64::midpoint(left, right), frame.bottom + 35.0),
        Anchor::Middle,
        right - left,
        &unit,
    );

    let mut notes: Vec<_> = undrawn(chart.bars.len(), "bars").into_iter().collect();
    if stack.left_out() > 0 {
        notes.push(format!(
            "{} more lines have no room for a label; see the figures below.",
            stack.left_out()
        ));
    }
    for line in chart.reference.iter().filter(|line| !drawable(chart.scale, line.value)) {
        let state = if line.value.is_finite() { "not on a log scale" } else { "n/a" };
        notes.push(format!("{}: {state}.", line.label));
    }
    let svg = canvas.finish(frame.bottom + below + 2.0, &chart.title, &description(chart));
    let partial = stack.left_out() > 0 || chart.bars.len() > MOST_ROWS;
    Drawing { svg, notes, partial }
}

/// About how many ticks have room for their labels.
pub(super) fn ticks_in(width: f64) -> usize {
    crate::number::share(1.0, 8).min(usize::try_from(crate::number::whole(width / 62.0)).unwrap_or(2)).max(2)
}

/// Grid lines and labels of an axis that runs to the right.
pub(super) fn axis_below(
    canvas: &mut Canvas,
    axis: &Axis,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) {
    let mut free_from = f64::NEG_INFINITY;
    for (place, label) in axis.ticks() {
        let x = left + place * (right - left);
        canvas.line("grid", (x, top), (x, bottom));
        let half = measure::width(label) / 2.0;
        let middle = x.min(WIDTH - half).max(half);
        if middle - half >= free_from {
            canvas.text("tick", (middle, bottom + 17.0), Anchor::Middle, f64::INFINITY, label);
            free_from = middle + half + 6.0;
        }
    }
    canvas.line("axis", (left, bottom), (right, bottom));
}

fn value_words(bar: &Bar, scale: Scale) -> String {
    let words = bar.words(scale);
    format!("{}{words}", bar.tone.prefix(&words))
}

fn draw(canvas: &mut Canvas, frame: &Frame, chart: &BarChart, bar: &Bar, middle: f64) {
    let words = value_words(bar, chart.scale);
    canvas.text("label", (frame.left - 8.0, middle + 4.5), Anchor::End, frame.left - 8.0, &bar.label);
    let class = format!("value t-{}", bar.tone.name());
    canvas.text(&class, (WIDTH - 1.0, middle + 4.5), Anchor::End, WIDTH - frame.right - 12.0, &words);
    if !drawable(chart.scale, bar.value) {
        canvas.text("missing", (frame.left + 6.0, middle + 4.5), Anchor::Start, 80.0, "n/a");
        return;
    }
    let (zero, end) = (frame.x(0.0), frame.x(bar.value));
    let mut hint = format!("{}: {words}", bar.label);
    if let Some((low, high)) = bar.interval {
        put!(&mut hint, " ({} to {})", with_unit(low, ""), with_unit(high, &chart.unit));
    }
    let size = ((end - zero).abs().max(1.0), BAR);
    canvas.rectangle(&format!("bar f-{}", bar.tone.name()), (zero.min(end), middle - BAR / 2.0), size, &hint);
    let whisker =
        bar.interval.filter(|(low, high)| drawable(chart.scale, *low) && drawable(chart.scale, *high));
    if let Some((low, high)) = whisker {
        let (low, high) = (frame.x(low), frame.x(high));
        canvas.line("whisker", (low, middle), (high, middle));
        canvas.line("whisker", (low, middle - 4.0), (low, middle + 4.0));
        canvas.line("whisker", (high, middle - 4.0), (high, middle + 4.0));
    }
}

fn description(chart: &BarChart) -> String {
    let scale = match chart.scale {
        Scale::Linear => "",
        Scale::Log10 => " on a logarithmic scale",
    };
    let mut text = format!("Bar chart of {} values{scale}.", chart.bars.len());
    for bar in chart.bars.iter().take(12) {
        put!(&mut text, " {}: {}.", bar.label, bar.words(chart.scale));
    }
    for line in chart.reference.iter().take(6) {
        put!(&mut text, " Line {}: {}.", line.label, with_unit(line.value, &chart.unit));
    }
    text
}
