//! Blocks as Markdown.

use super::inline::{Place, inline, longest_run};
use crate::chart::{Chart, figures};
use crate::document::{Block, level_inside, level_of_details};
use crate::put::put;
use crate::table::{Align, Cell, Table};
use crate::text::Text;
use crate::tone::Tone;
use crate::width;

/// Cells are filled up to the width of their column, but not beyond this: one long cell must not widen every row.
const WIDEST: usize = 36;
/// Characters a bar, a line or a span is drawn with.
const ROOM: usize = 24;

/// Appends blocks, each after an empty line; `base` is the level of the part they are in.
pub(super) fn blocks(out: &mut String, blocks: &[Block], base: u8) {
    let mut level = base;
    // Two lists of a kind in a row are kept apart by their signs.
    let mut other_sign = false;
    for (at, block) in blocks.iter().enumerate() {
        out.push('\n');
        match block {
            Block::Heading { level: own, text } => {
                level = level_inside(base, *own);
                put!(out, "{} {}\n", "#".repeat(level.into()), inline(text, Place::Heading));
            }
            Block::Paragraph(text) => put!(out, "{}\n", inline(text, Place::LineStart)),
            Block::List { ordered, items } => {
                let after_list = at.checked_sub(1).and_then(|at| blocks.get(at));
                let alike =
                    |block: &Block| matches!(block, Block::List { ordered: other, .. } if other == ordered);
                other_sign = after_list.is_some_and(alike) && !other_sign;
                list(out, *ordered, other_sign, items);
            }
            Block::Table(rows) => table(out, rows),
            Block::Callout { tone, text } => callout(out, *tone, text),
            Block::Code(lines) => {
                let fence = "`".repeat(longest_run(lines).max(2) + 1);
                put!(out, "{fence}text\n{lines}\n{fence}\n");
            }
            Block::Chart(drawn) => chart(out, drawn),
            Block::Details { label, blocks: inside } => {
                let level = level_of_details(level);
                put!(out, "{} {}\n", "#".repeat(level.into()), inline(label, Place::Heading));
                self::blocks(out, inside, level);
            }
        }
    }
}

fn list(out: &mut String, ordered: bool, other_sign: bool, items: &[Text]) {
    for (at, item) in items.iter().enumerate() {
        match (ordered, other_sign) {
            (false, false) => out.push('-'),
            (false, true) => out.push('*'),
            (true, false) => put!(out, "{}.", at + 1),
            (true, true) => put!(out, "{})", at + 1),
        }
        if !item.is_empty() {
            put!(out, " {}", inline(item, Place::LineStart));
        }
        out.push('\n');
    }
}

fn callout(out: &mut String, tone: Tone, text: &Text) {
    let kind = match tone {
        Tone::Plain => "",
        Tone::Good => "> [!TIP]\n",
        Tone::Note => "> [!NOTE]\n",
        Tone::Warn => "> [!WARNING]\n",
        Tone::Bad => "> [!CAUTION]\n",
    };
    put!(out, "{kind}> {}\n", inline(text, Place::LineStart));
}

fn chart(out: &mut String, chart: &Chart) {
    if !chart.title().is_empty() {
        put!(out, "{}\n\n", inline(&Text::new().strong(chart.title()), Place::LineStart));
    }
    if let Some(sentence) = chart.emptiness() {
        put!(out, "_{sentence}_\n");
        return;
    }
    let figures = figures(chart, ROOM);
    table(out, &figures.table);
    for note in &figures.notes {
        put!(out, "\n{}\n", inline(&Text::from(note), Place::LineStart));
    }
}

fn table(out: &mut String, table: &Table) {
    if !table.caption().is_empty() {
        put!(out, "{}\n\n", inline(table.caption(), Place::LineStart));
    }
    if let Some(sentence) = table.emptiness() {
        put!(out, "_{sentence}_\n");
        return;
    }
    let heads: Vec<String> = table.heads().map(|(head, _)| inline(head, Place::Cell)).collect();
    let aligns: Vec<Align> = table.heads().map(|(_, align)| align).collect();
    let row_of = |row: &Vec<Cell>| table.cells(row).map(|(cell, _)| written(cell)).collect();
    let rows: Vec<Vec<String>> = table.rows().iter().map(row_of).collect();
    let mut widths: Vec<usize> = heads.iter().map(|head| width::columns(head).clamp(3, WIDEST)).collect();
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width::columns(cell).min(WIDEST));
        }
    }
    line(out, &heads, &widths, &aligns);
    for (width, align) in widths.iter().zip(&aligns) {
        let dashes = "-".repeat(width - 1);
        match align {
            Align::Left => put!(out, "| -{dashes} "),
            Align::Right => put!(out, "| {dashes}: "),
            Align::Centre => put!(out, "| :{}: ", &dashes[1..]),
        }
    }
    out.push_str("|\n");
    for row in &rows {
        line(out, row, &widths, &aligns);
    }
    if let Some(sentence) = table.irregularity() {
        put!(out, "\n_{sentence}_\n");
    }
}

fn written(cell: &Cell) -> String {
    let text = inline(cell.text(), Place::Cell);
    format!("{}{text}", cell.tone().prefix(&text))
}

fn line(out: &mut String, cells: &[String], widths: &[usize], aligns: &[Align]) {
    for ((cell, width), align) in cells.iter().zip(widths).zip(aligns) {
        let spare = width.saturating_sub(width::columns(cell));
        let before = match align {
            Align::Left => 0,
            Align::Right => spare,
            Align::Centre => spare / 2,
        };
        put!(out, "| {:before$}{cell}{:after$} ", "", "", after = spare - before);
    }
    out.push_str("|\n");
}
