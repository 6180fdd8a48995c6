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
    /// Gives labels places, each in the lowest free row: first those that must stand to the left of their lines, from
    /// left to right, then the others from right to left, so that a line seldom has to pass another's label.
    pub(super) fn place(labels: impl IntoIterator<Item = (f64, String)>) -> Self {
        let room_of = |text: &str| measure::width(text).min(WIDEST) + 1.0;
        let labels = labels.into_iter().map(|(line, text)| (line, room_of(&text), text));
        let (mut labels, mut at_edge): (Vec<_>, Vec<_>) =
            labels.partition(|(line, room, _)| line + GAP + room <= WIDTH);
        labels.sort_by(|a, b| b.0.total_cmp(&a.0));
        at_edge.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut stack = Self { placed: Vec::new(), rows: 0, unlabelled: Vec::new() };
        for (line, room, text) in at_edge.into_iter().chain(labels) {
            let sides = [line + GAP, line - GAP - room]
                .into_iter()
                .filter(|from| *from >= 0.0 && from + room <= WIDTH);
            let places = sides.flat_map(|from| (0..MOST_ROWS).map(move |row| (row, from)));
            let mut places = places.map(|(row, from)| Placed { row, line, from, room, text: String::new() });
            match places.find(|place| stack.placed.iter().all(|other| !place.meets(other))) {
                Some(place) if stack.placed.len() < MOST_LABELS => {
                    stack.rows = stack.rows.max(place.row + 1);
                    stack.placed.push(Placed { text, ..place });
                }
                _ => stack.unlabelled.push((line, text)),
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
