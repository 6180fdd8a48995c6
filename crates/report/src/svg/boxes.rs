//! Boxes, whiskers and dots.

use super::{
    Anchor, Canvas, Drawing, MOST_ROWS, WIDTH,
    bars::{axis_below, ticks_in},
    measure, undrawn,
};
use crate::chart::{BoxChart, BoxRow, Scale, box_axis, drawable, with_unit};
use crate::number::coordinate;
use crate::put::put;

const ROW: f64 = 30.0;
const BOX: f64 = 16.0;
const WIDEST_LABEL: f64 = 280.0;
/// Dots drawn of one distribution at most.
const MOST_DOTS: usize = 100;

pub(super) fn drawing(chart: &BoxChart) -> Drawing {
    let shown = || chart.rows.iter().take(MOST_ROWS);
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0_f64, f64::max);
    let labels = widest(&mut shown().map(|row| measure::width(&row.label))).clamp(30.0, WIDEST_LABEL);
    let words = widest(&mut shown().map(|row| measure::width(&row.display))).min(170.0);
    let (left, right) = (labels + 10.0, WIDTH - words - 16.0);
    let axis = box_axis(chart, ticks_in(right - left));
    let (top, bottom) = (6.0, 10.0 + coordinate(shown().count()) * ROW);
    let x = |value: f64| left + axis.place(value) * (right - left);

    let mut canvas = Canvas::default();
    axis_below(&mut canvas, &axis, (left, right), (top, bottom));
    for (number, row) in shown().enumerate() {
        let middle = top + 2.0 + (coordinate(number) + 0.5) * ROW;
        canvas.text("label", (left - 8.0, middle + 4.5), Anchor::End, left - 8.0, &row.label);
        canvas.text("value", (WIDTH - 1.0, middle + 4.5), Anchor::End, WIDTH - right - 12.0, &row.display);
        if row.drawable(chart.scale) {
            draw(&mut canvas, chart, row, middle, &x);
        } else {
            canvas.text("missing", (left + 6.0, middle + 4.5), Anchor::Start, 80.0, "n/a");
        }
    }
    let unit = match (chart.scale, chart.unit.as_str()) {
        (Scale::Linear, unit) => unit.to_owned(),
        (Scale::Log10, "") => "log scale".to_owned(),
        (Scale::Log10, unit) => format!("{unit}, log scale"),
    };
    let place = (f64::midpoint(left, right), bottom + 35.0);
    canvas.text("tick", place, Anchor::Middle, right - left, &unit);
    let below = if unit.is_empty() { 24.0 } else { 42.0 };
    let notes: Vec<_> = undrawn(chart.rows.len(), "distributions").into_iter().collect();
    let svg = canvas.finish(bottom + below, &chart.title, &description(chart));
    Drawing { svg, notes, partial: chart.rows.len() > MOST_ROWS }
}

fn draw(canvas: &mut Canvas, chart: &BoxChart, row: &BoxRow, middle: f64, x: &dyn Fn(f64) -> f64) {
    let [low, q1, median, q3, high] = row.five().map(x);
    canvas.line("whisker", (low, middle), (q1, middle));
    canvas.line("whisker", (q3, middle), (high, middle));
    for end in [low, high] {
        canvas.line("whisker", (end, middle - 4.0), (end, middle + 4.0));
    }
    let size = ((q3 - q1).max(1.0), BOX);
    canvas.rectangle("span s6", (q1, middle - BOX / 2.0), size, &hint(chart, row));
    let step = row.values.len().div_ceil(MOST_DOTS).max(1);
    for value in row.values.iter().step_by(step).filter(|value| drawable(chart.scale, **value)) {
        canvas.circle("dot s0", (x(*value), middle), 2.2, &with_unit(*value, &chart.unit));
    }
    canvas.line("whisker", (median, middle - BOX / 2.0), (median, middle + BOX / 2.0));
}

fn hint(chart: &BoxChart, row: &BoxRow) -> String {
    let of = |value| with_unit(value, "");
    format!(
        "{}: median {}, quartiles {} to {}, whiskers {} to {}",
        row.label,
        with_unit(row.median, &chart.unit),
        of(row.q1),
        of(row.q3),
        of(row.low),
        of(row.high)
    )
}

fn description(chart: &BoxChart) -> String {
    let mut text = format!("Box plot of {} distributions.", chart.rows.len());
    for row in chart.rows.iter().take(12) {
        put!(&mut text, " {}.", hint(chart, row));
    }
    text
}
