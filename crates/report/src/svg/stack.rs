//! Labels of vertical lines, in as many rows as they need so that no label covers another and no line crosses one.

use super::{Anchor, Canvas, WIDTH, measure};
use crate::number::coordinate;

/// Rows of labels at most; a label beyond them is left out and named below the drawing.
const MOST_ROWS: usize = 6;
/// Labels tried at most.
const MOST_LABELS: usize = 60;
const ROW: f64 = 17.0;
const WIDEST: f64 = 190.0;
/// Between a line and its label.
const GAP: f64 = 4.0;

/// A label with a place of its own: above and to the right of its line, or to the left where the edge is near.
#[derive(Debug)]
struct Placed {
    row: usize,
    line: f64,
    from: f64,
    room: f64,
    text: String,
}

impl Placed {
    fn covers(&self, x: f64) -> bool {
        (self.from - 2.0..=self.from + self.room + 2.0).contains(&x)
    }

    /// Whether two labels, or the line of one and the label of the other, would meet.
    fn meets(&self, other: &Self) -> bool {
        let apart = self.from + self.room + 8.0 <= other.from || other.from + other.room + 8.0 <= self.from;
        self.row == other.row && !apart
            || self.row > other.row && other.covers(self.line)
            || other.row > self.row && self.covers(other.line)
    }
}

/// The labels of vertical lines, placed.
#[derive(Debug)]
pub(super) struct Stack {
    placed: Vec<Placed>,
    rows: usize,
    /// The lines whose labels found no place.
    unlabelled: Vec<(f64, String)>,
}

impl Stack {
    /// Gives labels places, from right to left, each in the lowest free row.
    pub(super) fn place(labels: impl IntoIterator<Item = (f64, String)>) -> Self {
        let mut labels: Vec<_> = labels.into_iter().collect();
        labels.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut stack = Self { placed: Vec::new(), rows: 0, unlabelled: Vec::new() };
        for (line, text) in labels {
            let room = measure::width(&text).min(WIDEST) + 1.0;
            let from = if line + GAP + room <= WIDTH { line + GAP } else { (line - GAP - room).max(0.0) };
            let mut placed = Placed { row: 0, line, from, room, text };
            while placed.row < MOST_ROWS && stack.placed.iter().any(|other| placed.meets(other)) {
                placed.row += 1;
            }
            if placed.row < MOST_ROWS && stack.placed.len() < MOST_LABELS {
                stack.rows = stack.rows.max(placed.row + 1);
                stack.placed.push(placed);
            } else {
                stack.unlabelled.push((placed.line, placed.text));
            }
        }
        stack
    }

    pub(super) fn height(&self) -> f64 {
        coordinate(self.rows) * ROW
    }

    /// How many labels found no place.
    pub(super) fn left_out(&self) -> usize {
        self.unlabelled.len()
    }

    /// Draws the lines from `bottom` to above `top`, and the labels at their upper ends.
    pub(super) fn draw(&self, canvas: &mut Canvas, top: f64, bottom: f64) {
        for (line, text) in &self.unlabelled {
            canvas.hinted_line("reference", (*line, top - 2.0), (*line, bottom), text);
        }
        for Placed { row, line, from, room, text } in &self.placed {
            let base = top - 5.0 - coordinate(*row) * ROW;
            canvas.hinted_line("reference", (*line, base - 9.0), (*line, bottom), text);
            canvas.text("mark", (*from, base), Anchor::Start, *room, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stack;

    #[test]
    fn no_label_meets_another_label_or_line() {
        let cases: [&[f64]; 5] = [
            &[100.0, 110.0, 120.0, 130.0],
            &[700.0, 790.0, 800.0, 815.0, 820.0],
            &[5.0, 5.0, 5.0],
            &[0.0, 400.0, 819.0],
            &[300.0; 100],
        ];
        for lines in cases {
            let stack = Stack::place(lines.iter().map(|line| (*line, format!("event at {line}"))));
            assert_eq!(stack.placed.len() + stack.left_out(), lines.len());
            assert!(stack.placed.len() >= lines.len().min(3));
            for (at, label) in stack.placed.iter().enumerate() {
                assert!(label.from >= 0.0 && label.from + label.room <= super::WIDTH);
                assert!(stack.placed[..at].iter().all(|other| !label.meets(other)), "{lines:?}");
            }
        }
    }
}
