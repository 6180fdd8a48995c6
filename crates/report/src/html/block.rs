//! Blocks as HTML.

use super::escape;
use super::inline::inline;
use crate::anchor::Anchors;
use crate::chart::{Chart, figures};
use crate::document::{Block, level_inside, level_of_details};
use crate::put::put;
use crate::svg;
use crate::table::{Align, Table};
use crate::text::{Text, cleaned};
use crate::tone::Tone;

pub(super) fn blocks(out: &mut String, blocks: &[Block], base: u8, anchors: &mut Anchors) {
    let mut level = base;
    for block in blocks {
        match block {
            Block::Heading { level: own, text } => {
                level = level_inside(base, *own);
                let name = escape::attribute(&anchors.name(&text.characters()));
                put!(out, "<h{level} id=\"{name}\">{}</h{level}>\n", inline(text));
            }
            Block::Paragraph(text) => put!(out, "<p>{}</p>\n", inline(text)),
            Block::List { ordered, items } => {
                let tag = if *ordered { "ol" } else { "ul" };
                put!(out, "<{tag}>\n");
                for item in items {
                    put!(out, "<li>{}</li>\n", inline(item));
                }
                put!(out, "</{tag}>\n");
            }
            Block::Table(rows) => table(out, rows),
            Block::Callout { tone, text } => callout(out, *tone, text),
            Block::Code(lines) => {
                put!(out, "<pre tabindex=\"0\"><code>{}</code></pre>\n", escape::body(lines));
            }
            Block::Chart(drawn) => chart(out, drawn),
            Block::Details { label, blocks: inside } => {
                put!(out, "<details>\n<summary>{}</summary>\n<div class=\"inside\">\n", inline(label));
                self::blocks(out, inside, level_of_details(level), anchors);
                out.push_str("</div>\n</details>\n");
            }
        }
    }
}

fn callout(out: &mut String, tone: Tone, text: &Text) {
    put!(out, "<div class=\"callout c-{}\" role=\"note\"><p>", tone.name());
    if tone != Tone::Plain {
        put!(out, "<strong class=\"word\">{}</strong> ", tone.word());
    }
    put!(out, "{}</p></div>\n", inline(text));
}

fn table(out: &mut String, table: &Table) {
    let caption = inline(table.caption());
    if let Some(sentence) = table.emptiness() {
        if !caption.is_empty() {
            put!(out, "<p class=\"caption\">{caption}</p>\n");
        }
        put!(out, "<p class=\"empty\">{sentence}</p>\n");
        return;
    }
    let name = match table.caption().characters() {
        caption if caption.is_empty() => "Table".to_owned(),
        caption => escape::attribute(&caption),
    };
    put!(out, "<div class=\"scroll\" role=\"region\" aria-label=\"{name}\" tabindex=\"0\">\n<table>\n");
    if !caption.is_empty() {
        put!(out, "<caption>{caption}</caption>\n");
    }
    out.push_str("<thead>\n<tr>");
    for (head, align) in table.heads() {
        put!(out, "<th scope=\"col\"{}>{}</th>", class(align, Tone::Plain), inline(head));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in table.rows() {
        out.push_str("<tr>");
        for (cell, align) in table.cells(row) {
            put!(out, "<td{}>", class(align, cell.tone()));
            sign(out, cell.tone(), cell.text());
            put!(out, "{}</td>", inline(cell.text()));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    if let Some(sentence) = table.irregularity() {
        put!(out, "<p class=\"remark\">{sentence}</p>\n");
    }
}

/// The sign of a tone, kept apart from the text it stands before.
fn sign(out: &mut String, tone: Tone, text: &Text) {
    if !tone.prefix(&text.characters()).is_empty() {
        put!(out, "<span class=\"sign\" aria-hidden=\"true\">{}\u{a0}</span>", tone.sign());
    }
}

const fn class(align: Align, tone: Tone) -> &'static str {
    match (align, tone) {
        (Align::Left, Tone::Plain) => "",
        (Align::Left, Tone::Good) => " class=\"t-good\"",
        (Align::Left, Tone::Note) => " class=\"t-note\"",
        (Align::Left, Tone::Warn) => " class=\"t-warn\"",
        (Align::Left, Tone::Bad) => " class=\"t-bad\"",
        (Align::Right, Tone::Plain) => " class=\"r\"",
        (Align::Right, Tone::Good) => " class=\"r t-good\"",
        (Align::Right, Tone::Note) => " class=\"r t-note\"",
        (Align::Right, Tone::Warn) => " class=\"r t-warn\"",
        (Align::Right, Tone::Bad) => " class=\"r t-bad\"",
        (Align::Centre, Tone::Plain) => " class=\"c\"",
        (Align::Centre, Tone::Good) => " class=\"c t-good\"",
        (Align::Centre, Tone::Note) => " class=\"c t-note\"",
        (Align::Centre, Tone::Warn) => " class=\"c t-warn\"",
        (Align::Centre, Tone::Bad) => " class=\"c t-bad\"",
    }
}

fn chart(out: &mut String, chart: &Chart) {
    out.push_str("<figure>\n");
    if !chart.title().is_empty() {
        put!(out, "<figcaption>{}</figcaption>\n", escape::body(&cleaned(chart.title())));
    }
    if let Some(sentence) = chart.emptiness() {
        put!(out, "<p class=\"empty\">{sentence}</p>\n</figure>\n");
        return;
    }
    let mut needed = true;
    match svg::drawing(chart) {
        Some(drawing) => {
            needed = drawing.partial;
            put!(out, "<div class=\"scroll\" tabindex=\"0\">\n{}\n</div>\n", drawing.svg);
            for note in &drawing.notes {
                put!(out, "<p class=\"remark\">{}</p>\n", escape::body(&cleaned(note)));
            }
        }
        None => out.push_str("<p class=\"empty\">Nothing to draw: every figure is n/a.</p>\n"),
    }
    let figures = figures(chart, 0);
    // Only what the drawing does not show is printed as well.
    let class = if needed { "figures needed" } else { "figures" };
    put!(out, "<details class=\"{class}\">\n<summary>Figures</summary>\n");
    table(out, &figures.table);
    for note in &figures.notes {
        put!(out, "<p class=\"remark\">{}</p>\n", escape::body(&cleaned(note)));
    }
    out.push_str("</details>\n</figure>\n");
}
