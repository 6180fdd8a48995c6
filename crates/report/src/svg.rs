//! Charts as inline SVG. Colours come from the classes of the page's style sheet; coordinates have one decimal.

mod bars;
mod boxes;
mod flame;
mod lines;
mod measure;
mod stack;
mod timeline;

use crate::chart::Chart;
use crate::html::escape;
use crate::put::put;
use crate::text::{cleaned, reorders};

/// Width of every drawing, in its own units; about a pixel at full size.
const WIDTH: f64 = 820.0;
/// Rows drawn at most; the table of figures has them all.
const MOST_ROWS: usize = 200;
/// Colours told apart; further series are dashed as well.
const COLOURS: usize = 7;
/// Size of the letters.
const LETTERS: f64 = 13.0;

/// A drawing and the sentences below it; `None` where there is no finite figure to draw.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) svg: String,
    pub(crate) notes: Vec<String>,
    /// Whether something is in the table of figures alone.
    pub(crate) partial: bool,
}

pub(crate) fn drawing(chart: &Chart) -> Option<Drawing> {
    match chart {
        Chart::Bars(chart) => Some(bars::drawing(chart)),
        Chart::Boxes(chart) => Some(boxes::drawing(chart)),
        Chart::Lines(chart) => lines::drawing(chart),
        Chart::Timeline(chart) => timeline::drawing(chart),
        Chart::Flame(chart) => flame::drawing(chart),
    }
}

/// A coordinate with one decimal; one that is not finite is 0, so that no drawing ever holds `NaN`.
struct At(f64);

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.0.is_finite() { self.0 } else { 0.0 };
        // No `-0.0`.
        let value = if value.abs() < 0.05 { 0.0 } else { value };
        write!(f, "{value:.1}")
    }
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// The elements of a drawing.
#[derive(Debug, Default)]
struct Canvas {
    body: String,
}

impl Canvas {
    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (At(from.0), At(from.1), At(to.0), At(to.1));
        put!(&mut self.body, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n");
    }

    /// A line and what a pointer over it shows.
    fn hinted_line(&mut self, class: &str, from: (f64, f64), to: (f64, f64), hint: &str) {
        let (x1, y1, x2, y2) = (At(from.0), At(from.1), At(to.0), At(to.1));
        put!(&mut self.body, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\">");
        put!(&mut self.body, "<title>{}</title></line>\n", inert(hint));
    }

    /// A rectangle; the hint is what a pointer over it shows.
    fn rectangle(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), hint: &str) {
        let (x, y, width, height) = (At(corner.0), At(corner.1), At(size.0), At(size.1));
        let shape =
            format_args!("class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        if hint.is_empty() {
            put!(&mut self.body, "<rect {shape} rx=\"2\"/>\n");
        } else {
            put!(&mut self.body, "<rect {shape} rx=\"2\"><title>{}</title></rect>\n", inert(hint));
        }
    }

    fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64, hint: &str) {
        let (x, y, radius) = (At(centre.0), At(centre.1), At(radius));
        put!(&mut self.body, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\">");
        put!(&mut self.body, "<title>{}</title></circle>\n", inert(hint));
    }

    fn path(&mut self, class: &str, path: &str) {
        put!(&mut self.body, "<path class=\"{class}\" d=\"{path}\"/>\n");
    }

    /// A text of at most `room`; where it is cut, the whole of it is the hint.
    fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, room: f64, text: &str) {
        let (x, y) = (At(at.0), At(at.1));
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        put!(&mut self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>");
        match measure::cut(text, room) {
            Some(cut) => put!(&mut self.body, "<title>{}</title>{}", inert(text), inert(&cut)),
            None => self.body.push_str(&inert(text)),
        }
        self.body.push_str("</text>\n");
    }

    /// The whole element, with what a reader who cannot see it is told.
    fn finish(self, height: f64, title: &str, description: &str) -> String {
        let (width, height) = (At(WIDTH), At(height));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\">\n"
        );
        put!(&mut svg, "<title>{}</title>\n<desc>{}</desc>\n", inert(title), inert(description));
        svg.push_str(&self.body);
        svg.push_str("</svg>");
        svg
    }
}

/// A text of one line, without characters that reorder what stands around it, escaped.
fn inert(text: &str) -> String {
    let plain: String = cleaned(text).chars().filter(|c| !reorders(*c)).collect();
    escape::body(&plain.replace(['\n', '\t'], " "))
}

/// The class of the colour (and dashes) of the series or span label with a number.
fn colour(number: usize) -> String {
    let dashes = ["", " d1", " d2", " d3"].get((number / COLOURS) % 4).copied().unwrap_or_default();
    format!("s{}{dashes}", number % COLOURS)
}

/// A legend of swatches in rows, and its height. Entries beyond the thirtieth are counted.
fn legend(canvas: &mut Canvas, top: f64, labels: &[&str]) -> f64 {
    const MOST: usize = 30;
    let (mut x, mut y) = (0.0, top);
    let mut entry = |canvas: &mut Canvas, class: Option<&str>, label: &str| {
        let room = measure::width(label).min(200.0);
        if x > 0.0 && x + room + 28.0 > WIDTH {
            (x, y) = (0.0, y + 20.0);
        }
        if let Some(class) = class {
            canvas.rectangle(&format!("swatch {class}"), (x + 1.0, y + 3.0), (14.0, 10.0), "");
        }
        canvas.text("label", (x + 21.0, y + 12.5), Anchor::Start, room + 1.0, label);
        x += room + 42.0;
    };
    for (number, label) in labels.iter().take(MOST).enumerate() {
        entry(canvas, Some(&colour(number)), label);
    }
    if labels.len() > MOST {
        entry(canvas, None, &format!("and {} more", labels.len() - MOST));
    }
    y + 28.0 - top
}

/// The note on rows that were not drawn.
fn undrawn(rows: usize, what: &str) -> Option<String> {
    let more = rows.checked_sub(MOST_ROWS).filter(|more| *more > 0)?;
    Some(format!("{more} more {what} are in the figures below."))
}
