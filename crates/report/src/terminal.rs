//! A document for a terminal.

mod grid;
mod ink;

use self::ink::{Ink, Line, paint, plain_line, words, wrap};
use crate::chart::{Chart, figures};
use crate::document::{Block, Document, level_inside, level_of_details};
use crate::put::put;
use crate::table::Table;
use crate::text::Text;
use crate::width;

/// What a terminal can show.
///
/// ```
/// use assize_report::{Document, TerminalStyle};
///
/// let mut doc = Document::new("Brief");
/// doc.paragraph("An escape sequence \u{1b}[31m from outside has no effect.");
/// let text = doc.to_terminal(&TerminalStyle { width: 40, colour: false });
/// assert!(!text.contains('\u{1b}') && text.lines().all(|line| line.chars().count() <= 40));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalStyle {
    /// Columns of a line; taken as 20 where it is less, as 1,000 where it is more.
    pub width: usize,
    /// Whether to use ANSI sequences for bold, italic and colour. Without, the output holds none.
    pub colour: bool,
}

/// The text written so far and how to write on.
struct Screen {
    out: String,
    width: usize,
    colour: bool,
}

pub(crate) fn document(doc: &Document, style: TerminalStyle) -> String {
    let mut screen = Screen { out: String::new(), width: style.width.clamp(20, 1_000), colour: style.colour };
    screen.heading(1, &Text::from(doc.title()));
    for (key, value) in doc.facts() {
        let mut line = plain_line(&format!("{key}: "), Ink::Soft);
        line.extend(plain_line(value, Ink::Plain));
        screen.lines(&line, "", "  ");
    }
    screen.blocks(doc.blocks(), 1);
    screen.out
}

impl Screen {
    fn blocks(&mut self, blocks: &[Block], base: u8) {
        let mut level = base;
        for block in blocks {
            self.out.push('\n');
            match block {
                Block::Heading { level: own, text } => {
                    level = level_inside(base, *own);
                    self.heading(level, text);
                }
                Block::Paragraph(text) => self.lines(&words(text, Ink::Plain), "", ""),
                Block::List { ordered, items } => self.list(*ordered, items),
                Block::Table(table) => self.table(table),
                Block::Callout { tone, text } => {
                    let ink = Ink::Tone(*tone);
                    let word = tone.word();
                    let word =
                        if word.is_empty() { String::new() } else { format!("{}{word}: ", tone.prefix("")) };
                    let mut line = plain_line(&word, ink);
                    line.extend(words(text, Ink::Plain));
                    self.lines(&line, "│ ", "│ ");
                }
                Block::Code(lines) => {
                    for line in lines.split('\n') {
                        let line = plain_line(&line.replace('\t', "    "), Ink::Plain);
                        self.lines_as_they_are(&line, "    ");
                    }
                }
                Block::Chart(chart) => self.chart(chart),
                Block::Details { label, blocks } => {
                    let level = level_of_details(level);
                    self.heading(level, label);
                    self.blocks(blocks, level);
                }
            }
        }
    }

    /// Bold; the title and headings of level 2 are underlined as well, so that they stand out without colour.
    fn heading(&mut self, level: u8, text: &Text) {
        let line = words(text, Ink::Strong);
        let lines = wrap(&line, self.width);
        let longest = lines.iter().map(|line| ink::columns(line)).max().unwrap_or(0);
        for line in &lines {
            paint(&mut self.out, line, self.colour);
            self.out.push('\n');
        }
        match level {
            1 => put!(&mut self.out, "{}\n", "═".repeat(longest)),
            2 => put!(&mut self.out, "{}\n", "─".repeat(longest)),
            _ => {}
        }
    }

    fn list(&mut self, ordered: bool, items: &[Text]) {
        let digits = items.len().to_string().len();
        for (at, item) in items.iter().enumerate() {
            let sign = if ordered { format!("{:>digits$}. ", at + 1) } else { "• ".to_owned() };
            let indent = " ".repeat(width::columns(&sign));
            self.lines(&words(item, Ink::Plain), &sign, &indent);
        }
    }

    fn table(&mut self, table: &Table) {
        if !table.caption().is_empty() {
            self.lines(&words(table.caption(), Ink::Strong), "", "");
        }
        if let Some(sentence) = table.emptiness() {
            self.lines(&plain_line(sentence, Ink::Soft), "", "");
            return;
        }
        grid::draw(&mut self.out, table, self.width, self.colour);
        if let Some(sentence) = table.irregularity() {
            self.lines(&plain_line(&sentence, Ink::Soft), "", "");
        }
    }

    fn chart(&mut self, chart: &Chart) {
        if !chart.title().is_empty() {
            self.lines(&words(&Text::from(chart.title()), Ink::Strong), "", "");
        }
        if let Some(sentence) = chart.emptiness() {
            self.lines(&plain_line(sentence, Ink::Soft), "", "");
            return;
        }
        let figures = figures(chart, if self.width < 80 { 12 } else { 24 });
        self.table(&figures.table);
        for note in &figures.notes {
            self.lines(&words(&Text::from(note), Ink::Soft), "", "");
        }
    }

    /// A line, wrapped between words, with what stands before its first and its other parts.
    fn lines(&mut self, line: &Line, first: &str, others: &str) {
        let room = self.width.saturating_sub(width::columns(first));
        for (at, part) in wrap(line, room).iter().enumerate() {
            self.out.push_str(if at == 0 { first } else { others });
            paint(&mut self.out, part, self.colour);
            let kept = self.out.trim_end_matches(' ').len();
            self.out.truncate(kept);
            self.out.push('\n');
        }
    }

    /// A line of code, cut into parts where it is too long.
    fn lines_as_they_are(&mut self, line: &Line, indent: &str) {
        let room = self.width - indent.len();
        for part in ink::cut(line, room) {
            if !part.is_empty() {
                self.out.push_str(indent);
            }
            paint(&mut self.out, part, self.colour);
            self.out.push('\n');
        }
    }
}
