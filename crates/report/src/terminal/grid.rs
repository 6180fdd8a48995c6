//! A table in columns, or row by row where the terminal is too narrow for columns.

use super::ink::{Ink, Line, columns, paint, plain_line, words, wrap};
use crate::put::put;
use crate::table::{Align, Cell, Table};
use crate::tone::Tone;

/// Spaces between two columns.
const GAP: usize = 2;
/// Columns of words are not made narrower than this.
const NARROWEST: usize = 7;
/// Words up to this length are kept whole if that can be done.
const LONG_WORD: usize = 16;

pub(super) fn draw(out: &mut String, table: &Table, width: usize, colour: bool) {
    let heads: Vec<Line> = table.heads().map(|(head, _)| words(head, Ink::Strong)).collect();
    let aligns: Vec<Align> = table.heads().map(|(_, align)| align).collect();
    let row_of = |row: &Vec<Cell>| table.cells(row).map(|(cell, _)| shown(cell)).collect();
    let rows: Vec<Vec<Line>> = table.rows().iter().map(row_of).collect();
    let mut needs: Vec<Need> = heads.iter().map(|head| Need::default().with(head)).collect();
    for row in &rows {
        for (need, cell) in needs.iter_mut().zip(row) {
            *need = need.with(cell);
        }
    }
    for (need, column) in needs.iter_mut().zip(table.columns()) {
        need.whole = column.is_drawn();
        need.figures = column.align() == Align::Right;
    }
    let Some(widths) = fitted(&needs, width) else {
        records(out, &heads, &rows, width, colour);
        return;
    };
    let sheet = Sheet { widths, aligns, colour };
    sheet.row(out, &heads);
    let rules: Vec<_> = sheet.widths.iter().map(|width| "─".repeat(*width)).collect();
    put!(out, "{}\n", rules.join(&" ".repeat(GAP)));
    for row in &rows {
        sheet.row(out, row);
    }
}

fn shown(cell: &Cell) -> Line {
    let ink = Ink::Tone(cell.tone());
    let mut line = plain_line(cell.tone().prefix(&cell.text().characters()), ink);
    line.extend(words(cell.text(), if cell.tone() == Tone::Plain { Ink::Plain } else { ink }));
    line
}

/// What a column asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Need {
    /// Its widest line.
    line: usize,
    /// Its longest word.
    word: usize,
    /// Whether it holds figures, of which no digit may be cut off.
    figures: bool,
    /// Whether it must not be wrapped at all.
    whole: bool,
}

impl Need {
    fn with(self, cell: &Line) -> Self {
        let longest = |end: fn(char) -> bool| cell.split(|(c, _)| end(*c)).map(columns).max().unwrap_or(0);
        Self {
            line: self.line.max(longest(|c| c == '\n')),
            word: self.word.max(longest(|c| c == '\n' || c == ' ')),
            ..self
        }
    }

    /// Its width where lines are to be no longer than `limit` and words up to `kept` are not cut.
    fn width(self, limit: usize, kept: usize) -> usize {
        let least = if self.figures { self.word } else { self.word.min(kept) };
        if self.whole { self.line } else { self.line.min(limit.max(least)) }
    }
}

/// The widths of the columns: what they need where there is room, else the widest cut to a common limit. Words are cut
/// only where the columns would not fit otherwise. `None` where they do not fit at all.
fn fitted(needs: &[Need], width: usize) -> Option<Vec<usize>> {
    let room = width.checked_sub(GAP * needs.len().saturating_sub(1))?;
    for kept in [LONG_WORD, NARROWEST] {
        let cut_to = |limit: usize| needs.iter().map(move |need| need.width(limit, kept));
        let fits = |limit: usize| cut_to(limit).sum::<usize>() <= room;
        if !fits(NARROWEST) {
            continue;
        }
        // The largest limit that fits, found by halving: the sum grows with the limit.
        let (mut low, mut high) = (NARROWEST, room.max(NARROWEST) + 1);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if fits(middle) { low = middle } else { high = middle }
        }
        return Some(cut_to(low).collect());
    }
    None
}

/// Columns with their widths.
struct Sheet {
    widths: Vec<usize>,
    aligns: Vec<Align>,
    colour: bool,
}

impl Sheet {
    fn row(&self, out: &mut String, cells: &[Line]) {
        let parts: Vec<_> = cells.iter().zip(&self.widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            for (column, part) in parts.iter().enumerate() {
                let part: &[_] = part.get(at).copied().unwrap_or_default();
                let spare = self.widths[column].saturating_sub(columns(part));
                let before = match self.aligns[column] {
                    Align::Left => 0,
                    Align::Right => spare,
                    Align::Centre => spare / 2,
                };
                let gap = if column == 0 { 0 } else { GAP };
                put!(out, "{:before$}", "", before = before + gap);
                paint(out, part, self.colour);
                put!(out, "{:after$}", "", after = spare - before);
            }
            let kept = out.trim_end_matches(' ').len();
            out.truncate(kept);
            out.push('\n');
        }
    }
}

/// Each row as lines of `head: value`.
fn records(out: &mut String, heads: &[Line], rows: &[Vec<Line>], width: usize, colour: bool) {
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        for (head, cell) in heads.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let mut line = head.clone();
            if !head.is_empty() {
                line.extend(plain_line(": ", Ink::Plain));
            }
            line.extend(cell);
            for (at, part) in wrap(&line, width - 2).iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "  " });
                paint(out, part, colour);
                out.push('\n');
            }
        }
    }
}
