//! Rows of cells under named columns.

use crate::text::Text;
use crate::tone::Tone;

/// On which side the cells of a column line up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Figures: set in digits of equal width.
    Right,
    /// Short signs.
    Centre,
}

/// The head of a column and its alignment.
///
/// ```
/// use assize_report::{Align, Column};
///
/// assert_eq!(Column::right("p99 (ms)").align(), Align::Right);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    head: Text,
    align: Align,
    drawn: bool,
}

impl Column {
    /// A column of words.
    pub fn left(head: impl Into<Text>) -> Self {
        Self { head: head.into(), align: Align::Left, drawn: false }
    }

    /// A column of figures.
    pub fn right(head: impl Into<Text>) -> Self {
        Self { head: head.into(), align: Align::Right, drawn: false }
    }

    /// A column of short signs.
    pub fn centre(head: impl Into<Text>) -> Self {
        Self { head: head.into(), align: Align::Centre, drawn: false }
    }

    /// On which side its cells line up.
    #[must_use]
    pub const fn align(&self) -> Align {
        self.align
    }

    /// A column of drawings made of characters, which must not be wrapped.
    pub(crate) fn drawn(head: impl Into<Text>) -> Self {
        Self { head: head.into(), align: Align::Left, drawn: true }
    }

    pub(crate) const fn is_drawn(&self) -> bool {
        self.drawn
    }

    pub(crate) const fn head(&self) -> &Text {
        &self.head
    }
}

/// One field of a table: a text and its tone.
///
/// ```
/// use assize_report::{Cell, Tone};
///
/// let cell = Cell::toned(Tone::Bad, "fail");
/// assert_eq!(cell.tone(), Tone::Bad);
/// assert_eq!(Cell::from("12.5").tone(), Tone::Plain);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    text: Text,
    tone: Tone,
}

impl Cell {
    /// A cell whose colour and sign say how good its content is.
    pub fn toned(tone: Tone, text: impl Into<Text>) -> Self {
        Self { text: text.into(), tone }
    }

    /// How good its content is.
    #[must_use]
    pub const fn tone(&self) -> Tone {
        self.tone
    }

    pub(crate) const fn text(&self) -> &Text {
        &self.text
    }
}

impl<T: Into<Text>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }
}

/// Rows of cells under named columns, with a caption if wanted.
///
/// A row that is too short is filled with empty cells; one that is too long keeps its surplus cells under nameless
/// columns. Either is counted, and every form says so below the table: a report never drops a figure it was given.
///
/// ```
/// use assize_report::{Column, Document, Table};
///
/// let mut table = Table::new([Column::left("debaters"), Column::right("µs")]).captioned("Cost of a round");
/// for (debaters, cost) in [(2, "11.9"), (4, "23.6")] {
///     table.push([debaters.to_string(), cost.to_owned()]);
/// }
/// let mut doc = Document::new("Rounds");
/// doc.table(table.row(["8"]));
/// assert!(doc.to_markdown().contains("1 row has another number of cells than there are columns"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    caption: Text,
    widest: usize,
    irregular: usize,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        let columns: Vec<_> = columns.into_iter().collect();
        let widest = columns.len();
        Self { columns, widest, ..Self::default() }
    }

    /// Sets the words above the table.
    #[must_use]
    pub fn captioned(mut self, caption: impl Into<Text>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row<C: Into<Cell>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a row, for use in a loop.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) -> &mut Self {
        let cells: Vec<Cell> = cells.into_iter().map(Into::into).collect();
        self.widest = self.widest.max(cells.len());
        self.irregular += usize::from(cells.len() != self.columns.len());
        self.rows.push(cells);
        self
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) const fn caption(&self) -> &Text {
        &self.caption
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(crate) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The same with the last column and its cells taken away; every row must be regular.
    pub(crate) fn without_last_column(mut self) -> Self {
        self.columns.pop();
        self.widest = self.columns.len();
        self.rows.iter_mut().for_each(|row| row.truncate(self.columns.len()));
        self
    }

    pub(crate) const fn irregular(&self) -> usize {
        self.irregular
    }

    /// The heads and alignments of all columns, the nameless ones of long rows included.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (&Text, Align)> {
        const NAMELESS: (&Text, Align) = (&Text::EMPTY, Align::Left);
        let named = self.columns.iter().map(|column| (column.head(), column.align));
        named.chain(std::iter::repeat(NAMELESS)).take(self.widest)
    }

    /// The cells of a row with their alignments, filled up to all columns.
    pub(crate) fn cells<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Cell, Align)> {
        const EMPTY: &Cell = &Cell { text: Text::EMPTY, tone: Tone::Plain };
        let filled = row.iter().chain(std::iter::repeat(EMPTY));
        self.heads().zip(filled).map(|((_, align), cell)| (cell, align))
    }

    /// The sentence that stands for a table without rows.
    pub(crate) fn emptiness(&self) -> Option<&'static str> {
        (self.rows.is_empty() || self.widest == 0).then_some("No rows.")
    }

    /// The sentence about rows of another length.
    pub(crate) fn irregularity(&self) -> Option<String> {
        match self.irregular {
            0 => None,
            1 => Some("1 row has another number of cells than there are columns.".to_owned()),
            n => Some(format!("{n} rows have another number of cells than there are columns.")),
        }
    }
}
