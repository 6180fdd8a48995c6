//! Stacks of calls, each function as wide as its share.

use super::{Anchor, Canvas, Drawing, WIDTH, measure};
use crate::chart::{Flame, Node, flame_tree, with_unit};
use crate::number::coordinate;

const ROW: f64 = 19.0;
/// Rows drawn at most.
const MOST_ROWS: usize = 48;
/// Narrower than this nothing is drawn, in units of the drawing.
const LEAST_WIDTH: f64 = 1.0;
/// Functions drawn at most.
const MOST_FUNCTIONS: usize = 3_000;

struct Frame<'a> {
    canvas: Canvas,
    chart: &'a Flame,
    whole: f64,
    drawn: usize,
    left_out: usize,
    deepest: usize,
}

pub(super) fn drawing(chart: &Flame) -> Option<Drawing> {
    let root = flame_tree(chart, MOST_ROWS);
    if root.called.is_empty() {
        return None;
    }
    let mut frame =
        Frame { canvas: Canvas::default(), chart, whole: root.total, drawn: 0, left_out: 0, deepest: 0 };
    frame.draw("all", &root, 0.0, 0);
    let deeper = chart.stacks.iter().any(|stack| stack.frames.len() > MOST_ROWS);
    let mut notes = Vec::new();
    if frame.left_out > 0 {
        notes.push(format!("{} functions are too narrow to be drawn.", frame.left_out));
    }
    if deeper {
        notes.push(format!("Stacks are drawn as deep as {MOST_ROWS} calls."));
    }
    let height = coordinate(frame.deepest + 1) * ROW + 4.0;
    let words = format!(
        "Flame of {} stacks, {} in all; what each function took is in the figures below.",
        chart.stacks.len(),
        with_unit(root.total, &chart.unit)
    );
    let partial = deeper || frame.left_out > 0;
    Some(Drawing { svg: frame.canvas.finish(height, &chart.title, &words), notes, partial })
}

impl Frame<'_> {
    /// Draws a function and below it what it called. As deep as the tree, which has at most [`MOST_ROWS`].
    fn draw(&mut self, name: &str, node: &Node<'_>, left: f64, level: usize) {
        let width = node.total / self.whole * WIDTH;
        if width < LEAST_WIDTH || self.drawn >= MOST_FUNCTIONS {
            self.left_out += 1;
            return;
        }
        self.drawn += 1;
        self.deepest = self.deepest.max(level);
        let y = coordinate(level) * ROW + 2.0;
        let share = format!("{:.1}", 100.0 * node.total / self.whole);
        let share = share.trim_end_matches('0').trim_end_matches('.');
        let hint = format!("{name}: {} ({share} %)", with_unit(node.total, &self.chart.unit));
        self.canvas.rectangle(&format!("span s{}", hue(name)), (left, y), (width, ROW - 2.0), &hint);
        if width > 30.0 {
            let room = width - 8.0;
            // A name of a function is told by its end: what it is called, not where it lives.
            self.canvas.text(
                "inside",
                (left + 4.0, y + 12.5),
                Anchor::Start,
                room.max(measure::width("…")),
                name,
            );
        }
        let mut x = left;
        for (name, called) in &node.called {
            self.draw(name, called, x, level + 1);
            x += called.total / self.whole * WIDTH;
        }
    }
}

/// The same colour for the same name, in every picture.
fn hue(name: &str) -> usize {
    // FNV-1a, for its brevity: it decides on nothing but a colour.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    usize::try_from(hash % super::COLOURS as u64).unwrap_or(0)
}
