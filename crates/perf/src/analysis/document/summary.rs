//! The summary on top.

use assize_report::{Column, Document, Table, Text, Tone};

use super::super::{Analysis, Verdict};
use crate::{
    Unit,
    statistics::{mean, real},
    targets::{Row, Status},
};

/// How many key findings and recommendations the summary names.
const MAX_KEY: usize = 8;

pub(super) fn summary(doc: &mut Document, analysis: &Analysis) {
    doc.heading(2, "Summary");
    let tone = match analysis.verdict() {
        Verdict::Passed => Tone::Good,
        Verdict::PassedWithRecommendations => Tone::Warn,
        Verdict::Failed => Tone::Bad,
        Verdict::Unjudged => Tone::Note,
    };
    let counts = analysis.counts();
    let mut text = Text::new().strong(format!("Overall: {}.", analysis.verdict().name()));
    if !analysis.rows.is_empty() {
        let (passed, marginal) = (counts.passed, counts.marginal);
        let (failed, missing) = (counts.failed, counts.missing);
        text = text
            .plain(format!(" {passed} pass, {marginal} marginal, {failed} fail, {missing} not measured."));
    }
    doc.callout(tone, text);
    doc.table(figures(analysis));

    let key = key_findings(&analysis.rows);
    if !key.is_empty() {
        doc.heading(3, "Key findings").list(key);
    }
    let recommendations: Vec<Text> = analysis
        .insights
        .iter()
        .filter_map(|insight| {
            let action = insight.actions.first().filter(|_| insight.priority > 1)?;
            Some(Text::new().plain(format!("{}: ", insight.text)).emphasis(&action.text).plain("."))
        })
        .take(MAX_KEY)
        .collect();
    if !recommendations.is_empty() {
        doc.heading(3, "Recommendations").numbered(recommendations);
    }
}

fn figures(analysis: &Analysis) -> Table {
    let run = &analysis.run;
    let times: Vec<_> = run.measurements.iter().filter(|m| m.unit == Unit::Nanoseconds).collect();
    let values: Vec<f64> = times.iter().map(|m| m.value).collect();
    let (read, odd) = (run.measurements.len(), run.findings.len());
    let mut table = Table::new([Column::left("what"), Column::right("figure")]);
    table.push(["measurements read".to_owned(), read.to_string()]);
    table.push(["oddities while reading".to_owned(), odd.to_string()]);
    let judged = analysis.rows.iter().filter(|row| row.status != Status::Missing).count();
    if judged > 0 {
        let rate = real(analysis.counts().passed) / real(judged);
        table.push(["success rate (passed of measured rows)".to_owned(), Unit::Fraction.show(rate)]);
    }
    if let Some(average) = mean(&values) {
        table.push(["average of all times".to_owned(), Unit::Nanoseconds.show(average)]);
    }
    if let Some(longest) = times.iter().max_by(|a, b| a.value.total_cmp(&b.value)) {
        table.push([format!("longest time ({})", longest.id), Unit::Nanoseconds.show(longest.value)]);
    }
    table
}

/// What fails, then what is marginal, then what matters most of the rest: one sentence each.
fn key_findings(rows: &[Row]) -> Vec<Text> {
    let mut rows: Vec<&Row> = rows.iter().filter(|row| row.status != Status::Missing).collect();
    rows.sort_by_key(|row| (row.status, std::cmp::Reverse(row.importance)));
    let more = rows.len().saturating_sub(MAX_KEY);
    let mut found: Vec<Text> = rows.into_iter().take(MAX_KEY).filter_map(sentence).collect();
    if more > 0 {
        found.push(Text::from(format!("{more} more in the table of requirements.")));
    }
    found
}

fn sentence(row: &Row) -> Option<Text> {
    let unit = row.unit.as_ref()?;
    let bounds = [("goal", row.goal.as_ref()), ("floor", row.floor.as_ref())];
    let bounds: Vec<String> = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some(format!("{name} {}", bound?.show(unit))))
        .collect();
    let text = Text::new().strong(&row.requirement).plain(" ").code(&row.measurement);
    let shown = unit.show(row.actual?);
    Some(text.plain(format!(": {} {shown}, {}: {}.", row.metric, bounds.join(", "), row.status.name())))
}
