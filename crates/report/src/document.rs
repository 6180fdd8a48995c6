//! What a document is made of.

use crate::chart::Chart;
use crate::html::page;
use crate::table::Table;
use crate::terminal::TerminalStyle;
use crate::text::{Text, cleaned};
use crate::tone::Tone;
use crate::{json, markdown, terminal};

/// A document: a title, a few facts under it, and blocks in order.
///
/// Every method that adds a block gives the document back, so calls can be chained.
///
/// ```
/// use assize_report::{Document, Tone};
///
/// let mut doc = Document::new("Morning brief");
/// doc.meta("as of", "2026-03-02")
///     .callout(Tone::Warn, "No options data for ACME.")
///     .heading(2, "ACME")
///     .list(["hold", "no dissent"])
///     .details("Raw data", |inner: &mut Document| {
///         inner.code("{\"verdict\":\"hold\"}");
///     });
/// assert!(doc.to_markdown().contains("> [!WARNING]"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    title: String,
    meta: Vec<(String, String)>,
    blocks: Vec<Block>,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    Heading { level: u8, text: Text },
    Paragraph(Text),
    List { ordered: bool, items: Vec<Text> },
    Table(Table),
    Callout { tone: Tone, text: Text },
    Code(String),
    Chart(Chart),
    Details { label: Text, blocks: Vec<Block> },
}

impl Document {
    /// A document with a title and nothing else.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: one_line(&title.into()), meta: Vec::new(), blocks: Vec::new() }
    }

    /// Adds a fact shown small under the title. The same key again replaces its value.
    pub fn meta(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let (key, value) = (one_line(&key.into()), one_line(&value.into()));
        match self.meta.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.meta.push((key, value)),
        }
        self
    }

    /// Adds a heading. Levels run from 2 to 4 (1 is the title); others are brought into that range.
    pub fn heading(&mut self, level: u8, text: impl Into<Text>) -> &mut Self {
        self.add(Block::Heading { level: level.clamp(2, 4), text: text.into() })
    }

    /// Adds a paragraph. An empty one is left out.
    pub fn paragraph(&mut self, text: impl Into<Text>) -> &mut Self {
        let text = text.into();
        if text.is_empty() { self } else { self.add(Block::Paragraph(text)) }
    }

    /// Adds a list with bullets. One without items is left out.
    pub fn list<T: Into<Text>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.add_list(false, items.into_iter().map(Into::into).collect())
    }

    /// Adds a list numbered from 1. One without items is left out.
    pub fn numbered<T: Into<Text>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.add_list(true, items.into_iter().map(Into::into).collect())
    }

    /// Adds a table. One without rows becomes a sentence that says so.
    pub fn table(&mut self, table: Table) -> &mut Self {
        self.add(Block::Table(table))
    }

    /// Adds a sentence set apart from the rest.
    pub fn callout(&mut self, tone: Tone, text: impl Into<Text>) -> &mut Self {
        self.add(Block::Callout { tone, text: text.into() })
    }

    /// Adds lines shown as they are, in letters of equal width.
    pub fn code(&mut self, lines: impl AsRef<str>) -> &mut Self {
        let lines = cleaned(lines.as_ref());
        self.add(Block::Code(lines.strip_suffix('\n').unwrap_or(&lines).to_owned()))
    }

    /// Adds a chart. One without data becomes a sentence that says so.
    pub fn chart(&mut self, chart: impl Into<Chart>) -> &mut Self {
        self.add(Block::Chart(chart.into()))
    }

    /// Adds a part that opens on demand in HTML and stands under a sub-heading elsewhere: either another document,
    /// of which the blocks are taken, or a closure `|inner: &mut Document| { … }` that fills one. Headings inside
    /// count from the level of the part.
    pub fn details(&mut self, label: impl Into<Text>, inside: impl Details) -> &mut Self {
        let blocks = inside.into_document().blocks;
        self.add(Block::Details { label: label.into(), blocks })
    }

    /// The document as Markdown (`CommonMark` with GitHub's tables and alerts).
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::document(self)
    }

    /// The document as one HTML file that needs nothing beside itself and runs no script.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::document(self)
    }

    /// The document as JSON: `format_version` (see [`crate::FORMAT_VERSION`]), `title`, `meta` and `blocks`, each block
    /// with its `type`. Every text is a string under `text`, with its marked `runs` beside it where it has some; the rows
    /// of a table are lists of strings, with tones and runs under `marked_cells`. A figure that is not finite is `null`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::document(self)
    }

    /// The document for a terminal.
    #[must_use]
    pub fn to_terminal(&self, style: &TerminalStyle) -> String {
        terminal::document(self, *style)
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn facts(&self) -> &[(String, String)] {
        &self.meta
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn add(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    fn add_list(&mut self, ordered: bool, items: Vec<Text>) -> &mut Self {
        if items.is_empty() { self } else { self.add(Block::List { ordered, items }) }
    }
}

/// What a collapsible part may be filled from: a [`Document`] or a closure `|inner: &mut Document| { … }`.
pub trait Details {
    /// The document whose blocks are taken; its title and facts are not shown.
    fn into_document(self) -> Document;
}

impl Details for Document {
    fn into_document(self) -> Document {
        self
    }
}

impl<F: FnOnce(&mut Document)> Details for F {
    fn into_document(self) -> Document {
        let mut inner = Document::new("");
        self(&mut inner);
        inner
    }
}

/// How far the headings inside a part are moved down, given the level of the heading above the part.
pub(crate) const fn level_of_details(above: u8) -> u8 {
    if above >= 5 { 6 } else { above + 1 }
}

/// The level of a heading inside a part of level `base` (1 at the top of the document).
pub(crate) const fn level_inside(base: u8, level: u8) -> u8 {
    let moved = base + level - 1;
    if moved > 6 { 6 } else { moved }
}

fn one_line(text: &str) -> String {
    cleaned(text).replace('\n', " ")
}
