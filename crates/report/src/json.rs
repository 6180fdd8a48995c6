//! A document as JSON.
//!
//! A text is its characters under `text`; where some are marked, `runs` beside it lists each run with its `mark`. The
//! rows of a table are lists of characters; `marked_cells` has what else there is to some of them.

use serde_json::{Map, Value, json};

use crate::anchor::Anchors;
use crate::chart::{BarChart, BoxChart, Chart, Flame, LineChart, Scale, Timeline, XAxis};
use crate::document::{Block, Document, level_inside, level_of_details};
use crate::table::{Align, Cell, Table};
use crate::text::{Mark, Run, Text, cleaned};
use crate::tone::Tone;

/// The version of the JSON form. It grows when a field changes its meaning or goes away, not when one is added.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) fn document(doc: &Document) -> Value {
    let meta: Map<_, _> = doc.facts().iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({
        "format_version": FORMAT_VERSION,
        "title": doc.title(),
        "meta": meta,
        "blocks": blocks(doc.blocks(), 1, &mut Anchors::default()),
    })
}

fn blocks(blocks: &[Block], base: u8, anchors: &mut Anchors) -> Vec<Value> {
    let mut level = base;
    let mut written = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let Block::Heading { level: own, .. } = block {
            level = level_inside(base, *own);
        }
        written.push(match block {
            Block::Heading { text, .. } => {
                let id = anchors.name(&text.characters());
                with_text(json!({ "type": "heading", "level": level, "id": id }), text)
            }
            Block::Paragraph(text) => with_text(json!({ "type": "paragraph" }), text),
            Block::List { ordered, items } => {
                let items: Vec<_> = items.iter().map(|item| with_text(json!({}), item)).collect();
                json!({ "type": "list", "ordered": ordered, "items": items })
            }
            Block::Table(rows) => table(rows),
            Block::Callout { tone, text } => {
                with_text(json!({ "type": "callout", "tone": tone.name() }), text)
            }
            Block::Code(lines) => json!({ "type": "code", "text": lines }),
            Block::Chart(drawn) => chart(drawn),
            Block::Details { label, blocks: inside } => {
                let inside = self::blocks(inside, level_of_details(level), anchors);
                json!({ "type": "details", "label": with_text(json!({}), label), "blocks": inside })
            }
        });
    }
    written
}

/// The object with `text`, and `runs` where something is marked.
fn with_text(mut object: Value, text: &Text) -> Value {
    object["text"] = json!(text.characters());
    if text.unmarked().is_none() {
        object["runs"] = text.runs().iter().map(run).collect();
    }
    object
}

fn run(Run { mark, text }: &Run) -> Value {
    match mark {
        Mark::Plain => json!({ "mark": "plain", "text": text }),
        Mark::Strong => json!({ "mark": "strong", "text": text }),
        Mark::Emphasis => json!({ "mark": "emphasis", "text": text }),
        Mark::Code => json!({ "mark": "code", "text": text }),
        Mark::Link(address) => json!({ "mark": "link", "text": text, "address": address }),
    }
}

fn table(table: &Table) -> Value {
    let column = |(head, align): (&Text, Align)| {
        let align = match align {
            Align::Left => "left",
            Align::Right => "right",
            Align::Centre => "centre",
        };
        with_text(json!({ "align": align }), head)
    };
    let cells = |row: &Vec<Cell>| row.iter().map(|cell| json!(cell.text().characters())).collect::<Vec<_>>();
    let rows: Vec<_> = table.rows().iter().map(cells).collect();
    json!({
        "type": "table",
        "caption": with_text(json!({}), table.caption()),
        "columns": table.columns().iter().map(|known| column((known.head(), known.align()))).collect::<Vec<_>>(),
        "rows": rows,
        "marked_cells": marked_cells(table),
        "irregular_rows": table.irregular(),
    })
}

/// The cells with a tone or with marked runs, by position counted from 0; most cells have neither.
fn marked_cells(table: &Table) -> Vec<Value> {
    let mut marked = Vec::new();
    for (row, cells) in table.rows().iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let mut object = Map::new();
            if cell.tone() != Tone::Plain {
                object.insert("tone".to_owned(), json!(cell.tone().name()));
            }
            if cell.text().unmarked().is_none() {
                object.insert("runs".to_owned(), cell.text().runs().iter().map(run).collect());
            }
            if !object.is_empty() {
                object.insert("row".to_owned(), json!(row));
                object.insert("column".to_owned(), json!(column));
                marked.push(Value::Object(object));
            }
        }
    }
    marked
}

fn chart(chart: &Chart) -> Value {
    match chart {
        Chart::Bars(chart) => bars(chart),
        Chart::Boxes(chart) => boxes(chart),
        Chart::Lines(chart) => lines(chart),
        Chart::Timeline(chart) => timeline(chart),
        Chart::Flame(chart) => flame(chart),
    }
}

fn bars(chart: &BarChart) -> Value {
    let scale = scale(chart.scale);
    let bars = chart.bars.iter().map(|bar| {
        json!({
            "label": cleaned(&bar.label), "value": bar.value, "interval": bar.interval.map(pair),
            "display": cleaned(&bar.display), "tone": bar.tone.name(),
        })
    });
    let lines =
        chart.reference.iter().map(|line| json!({ "label": cleaned(&line.label), "value": line.value }));
    json!({
        "type": "chart", "kind": "bars", "title": cleaned(&chart.title), "unit": cleaned(&chart.unit), "scale": scale,
        "bars": bars.collect::<Vec<_>>(), "reference": lines.collect::<Vec<_>>(),
    })
}

fn boxes(chart: &BoxChart) -> Value {
    let rows = chart.rows.iter().map(|row| {
        json!({
            "label": cleaned(&row.label), "low": row.low, "q1": row.q1, "median": row.median, "q3": row.q3,
            "high": row.high, "values": row.values, "display": cleaned(&row.display),
        })
    });
    json!({
        "type": "chart", "kind": "boxes", "title": cleaned(&chart.title), "unit": cleaned(&chart.unit),
        "scale": scale(chart.scale), "rows": rows.collect::<Vec<_>>(),
    })
}

const fn scale(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "linear",
        Scale::Log10 => "log10",
    }
}

fn lines(chart: &LineChart) -> Value {
    let axis = match chart.x_axis {
        XAxis::Number => "number",
        XAxis::Date => "date",
    };
    let pairs = |pairs: &[(f64, f64)]| pairs.iter().copied().map(pair).collect::<Vec<_>>();
    let series = chart.series.iter().map(|series| {
        json!({
            "label": cleaned(&series.label), "points": pairs(&series.points), "band": series.band.as_deref().map(pairs),
        })
    });
    let markers =
        chart.markers.iter().map(|marker| json!({ "x": marker.x, "label": cleaned(&marker.label) }));
    json!({
        "type": "chart", "kind": "lines", "title": cleaned(&chart.title), "x_axis": axis,
        "x_label": cleaned(&chart.x_label), "y_label": cleaned(&chart.y_label),
        "series": series.collect::<Vec<_>>(), "markers": markers.collect::<Vec<_>>(),
    })
}

fn timeline(chart: &Timeline) -> Value {
    let lanes = chart.lanes.iter().map(|lane| {
        let spans = lane.spans.iter().map(|span| {
            json!({
                "label": cleaned(&span.label), "start": span.start, "end": span.end, "tone": span.tone.name(),
            })
        });
        json!({ "label": cleaned(&lane.label), "spans": spans.collect::<Vec<_>>() })
    });
    json!({
        "type": "chart", "kind": "timeline", "title": cleaned(&chart.title), "unit": cleaned(&chart.unit),
        "lanes": lanes.collect::<Vec<_>>(),
    })
}

fn flame(chart: &Flame) -> Value {
    let stacks = chart.stacks.iter().map(|stack| {
        let frames: Vec<_> = stack.frames.iter().map(|frame| cleaned(frame)).collect();
        json!({ "frames": frames, "weight": stack.weight })
    });
    json!({
        "type": "chart", "kind": "flame", "title": cleaned(&chart.title), "unit": cleaned(&chart.unit),
        "stacks": stacks.collect::<Vec<_>>(),
    })
}

fn pair((a, b): (f64, f64)) -> Value {
    json!([a, b])
}
