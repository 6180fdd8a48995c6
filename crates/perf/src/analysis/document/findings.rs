//! Bottlenecks and insights.

use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::{super::Analysis, MAX_ROWS, left_out};
use crate::insights::{Action, InsightKind, Severity};

/// How many measurements a cell cites by name.
const MAX_CITED: usize = 6;

/// A name is cited with no more characters than this: some are whole messages.
const MAX_NAME: usize = 80;

pub(super) fn bottlenecks(doc: &mut Document, analysis: &Analysis) {
    doc.heading(2, "Bottlenecks");
    if analysis.bottlenecks.is_empty() {
        doc.paragraph("None was found.");
        return;
    }
    let mut table = Table::new([
        Column::left("severity"),
        Column::left("requirements"),
        Column::left("what"),
        Column::left("what it comes from"),
        Column::left("what to do"),
        Column::left("cost"),
        Column::left("where"),
        Column::left("evidence"),
    ]);
    for bottleneck in analysis.bottlenecks.iter().take(MAX_ROWS) {
        let tone = match bottleneck.severity {
            Severity::Critical | Severity::High => Tone::Bad,
            Severity::Medium => Tone::Warn,
            Severity::Low => Tone::Note,
        };
        table.push([
            Cell::toned(tone, bottleneck.severity.name()),
            Cell::from(bottleneck.requirements.join(", ")),
            Cell::from(bottleneck.what.as_str()),
            Cell::from(if bottleneck.origins.is_empty() {
                "–".to_owned()
            } else {
                bottleneck.origins.join("; ")
            }),
            Cell::from(bottleneck.actions.first().map(action).unwrap_or_default()),
            Cell::from(bottleneck.cost.as_str()),
            Cell::from(cited(&bottleneck.places)),
            Cell::from(cited(&bottleneck.evidence)),
        ]);
    }
    doc.table(table);
    left_out(doc, analysis.bottlenecks.len());
}

pub(super) fn insights(doc: &mut Document, analysis: &Analysis) {
    doc.heading(2, "Insights");
    if analysis.insights.is_empty() {
        doc.paragraph("There is nothing to add to the figures.");
        return;
    }
    for insight in analysis.insights.iter().take(MAX_ROWS) {
        let tone = match insight.kind {
            InsightKind::Warning => Tone::Bad,
            InsightKind::Optimization => Tone::Warn,
            InsightKind::Success => Tone::Good,
            InsightKind::Info => Tone::Note,
        };
        let head = format!("{}, priority {}/5: ", insight.kind.name(), insight.priority);
        let mut text = Text::new().strong(head).plain(&insight.text).plain(".");
        for step in &insight.actions {
            text = text.plain(" To do: ").emphasis(action(step)).plain(".");
        }
        doc.callout(tone, text.plain(" From: ").plain(cited(&insight.evidence)).plain("."));
    }
    left_out(doc, analysis.insights.len());
}

pub(super) fn action(action: &Action) -> String {
    let gain = action.gain.as_ref().map(|gain| format!("gain: {gain}"));
    let difficulty = action.difficulty.map(|difficulty| format!("difficulty: {}", difficulty.name()));
    let known: Vec<String> = gain.into_iter().chain(difficulty).collect();
    if known.is_empty() { action.text.clone() } else { format!("{} ({})", action.text, known.join(", ")) }
}

fn cited(names: &[String]) -> String {
    let shown = names.iter().take(MAX_CITED).map(|name| shortened(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_CITED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    // The metric stands at the end.
    let (begin, end) = (name.chars().take(MAX_NAME / 2), name.chars().rev().take(MAX_NAME / 2 - 1));
    let end: Vec<char> = end.collect();
    begin.chain(['…']).chain(end.into_iter().rev()).collect()
}
