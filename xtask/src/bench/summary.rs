//! What is printed at the end: the verdict, each requirement with its figure, who won the comparisons.

use std::io::IsTerminal as _;
use std::time::Duration;

use assize_perf::{Analysis, Comparison, Row, Status, Unit, Verdict};
use assize_report::{Cell, Column, Document, Table, TerminalStyle, Text, Tone};

use crate::report::facts;

/// More rows than this are in the report only.
const MAX_ROWS: usize = 60;
/// How wide output is where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 120;

/// The summary as a document.
pub(crate) fn summary(analysis: &Analysis) -> Document {
    let mut doc = Document::new(analysis.run.title.as_str());
    facts(&mut doc, &analysis.run);
    let counts = analysis.counts();
    let (tone, verdict) = match analysis.verdict() {
        verdict @ Verdict::Passed => (Tone::Good, verdict.name()),
        verdict @ Verdict::PassedWithRecommendations => (Tone::Warn, verdict.name()),
        verdict @ Verdict::Failed => (Tone::Bad, verdict.name()),
        verdict @ Verdict::Unjudged => (Tone::Note, verdict.name()),
    };
    let (passed, marginal, failed, missing) = (counts.passed, counts.marginal, counts.failed, counts.missing);
    let gaps = match analysis.gaps() {
        0 => String::new(),
        1 => " One floor was not measured, which fails a whole run.".to_owned(),
        n => format!(" {n} floors were not measured, which fails a whole run."),
    };
    let counted =
        format!(" {passed} pass, {marginal} marginal, {failed} fail, {missing} not measured.{gaps}");
    doc.callout(tone, Text::new().strong(format!("Overall: {verdict}.")).plain(counted));
    if !analysis.rows.is_empty() {
        doc.table(requirements(&analysis.rows));
        if let Some(more) = analysis.rows.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
            doc.paragraph(format!("{more} more rows are in the report."));
        }
    }
    if !analysis.run.comparisons.is_empty() {
        doc.list(analysis.run.comparisons.iter().map(winner));
    }
    let findings = &analysis.run.findings;
    if !findings.is_empty() {
        doc.callout(Tone::Warn, "Not everything went as it should:");
        doc.list(findings.iter().take(MAX_ROWS).map(ToString::to_string));
    }
    doc
}

fn requirements(rows: &[Row]) -> Table {
    let heads = [Column::left("id"), Column::left("status"), Column::left("measurement")];
    let figures = ["actual", "floor", "goal"].map(Column::right);
    let mut table = Table::new(heads.into_iter().chain(figures));
    for row in rows.iter().take(MAX_ROWS) {
        let tone = match row.status {
            Status::Pass => Tone::Good,
            Status::Marginal => Tone::Warn,
            Status::Fail => Tone::Bad,
            Status::Missing => Tone::Note,
        };
        let measured = if row.metric == "time" {
            row.measurement.clone()
        } else {
            format!("{} {}", row.measurement, row.metric)
        };
        let unit = row.unit.clone().unwrap_or(Unit::Score);
        let unknown = || "–".to_owned();
        table.push([
            Cell::from(row.requirement.as_str()),
            Cell::toned(tone, row.status.name()),
            Cell::from(measured),
            Cell::from(row.actual.map_or_else(unknown, |actual| unit.show(actual))),
            Cell::from(row.floor.as_ref().map_or_else(unknown, |floor| floor.text.clone())),
            Cell::from(row.goal.as_ref().map_or_else(unknown, |goal| goal.text.clone())),
        ]);
    }
    table
}

fn winner(comparison: &Comparison) -> Text {
    let text = Text::new().strong(&comparison.id).plain(": ");
    match &comparison.winner {
        Some(winner) => text.strong(&winner.arm).plain(" is better. ").plain(&winner.why),
        None => text.plain("the data do not say which arm is better."),
    }
}

/// How the terminal shows it.
#[expect(clippy::disallowed_methods, reason = "a program reads NO_COLOR")]
pub(crate) fn style() -> TerminalStyle {
    let is_terminal = std::io::stdout().is_terminal();
    let width = match terminal_size::terminal_size() {
        Some((terminal_size::Width(width), _)) if is_terminal => usize::from(width),
        _ => DEFAULT_WIDTH,
    };
    let colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    TerminalStyle { width, colour }
}

/// A wall time as a person reads it: `41.2 s`, `2 min 5 s`.
pub(crate) fn duration(time: Duration) -> String {
    let tenths = time.as_millis().saturating_add(50) / 100;
    if tenths < 1_000 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = time.as_millis().saturating_add(500) / 1_000;
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests;
