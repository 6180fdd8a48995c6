//! A document of headings, tables and charts, rendered as Markdown, HTML, JSON and for a terminal.
//!
//! The crate computes nothing: callers hand in the figures and the words for them. What it does decide is how they
//! look, and that nothing in them can be mistaken for markup. Text from outside (a headline, an error message, the
//! name of a benchmark) is data: in every form it comes out as the characters it went in with. Three exceptions, for
//! safety: control characters other than newline and tab become U+FFFD, `\r\n` and `\r` become `\n`, and the terminal
//! form drops the characters that reorder text.
//!
//! ```
//! use assize_report::{Cell, Column, Document, Table, TerminalStyle, Text, Tone};
//!
//! let mut doc = Document::new("Nightly run");
//! doc.meta("commit", "28224db").heading(2, "Targets");
//! doc.paragraph(Text::new().plain("One of two targets is ").strong("missed").plain("."));
//! doc.table(
//!     Table::new([Column::left("id"), Column::right("actual"), Column::left("state")])
//!         .row([Cell::from("D1"), Cell::from("3.1 µs"), Cell::toned(Tone::Good, "pass")])
//!         .row([Cell::from("K6"), Cell::from("41 %"), Cell::toned(Tone::Bad, "fail")]),
//! );
//!
//! assert!(doc.to_markdown().contains("is **missed**."));
//! assert!(doc.to_html().starts_with("<!doctype html>"));
//! assert_eq!(doc.to_json()["format_version"], 1);
//! assert!(doc.to_terminal(&TerminalStyle { width: 80, colour: false }).contains("3.1 µs"));
//! ```

mod anchor;
mod axis;
mod calendar;
mod chart;
mod document;
mod html;
mod json;
mod link;
mod markdown;
mod number;
mod put;
mod svg;
mod table;
mod terminal;
mod text;
mod tone;
mod width;

pub use chart::{
    Bar, BarChart, BoxChart, BoxRow, Chart, Flame, Lane, LineChart, Marker, Reference, Scale, Series, Span,
    Stack, Timeline, XAxis,
};
pub use document::{Details, Document};
pub use json::FORMAT_VERSION;
pub use table::{Align, Cell, Column, Table};
pub use terminal::TerminalStyle;
pub use text::Text;
pub use tone::Tone;
