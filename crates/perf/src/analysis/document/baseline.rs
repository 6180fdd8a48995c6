//! What changed since the baseline, and how the figures went over earlier runs.

use std::collections::BTreeMap;

use assize_report::{Bar, BarChart, Document, Reference, Scale, Tone};

use super::super::Analysis;
use crate::{
    compare::{self, Changes, Row, Verdict},
    explain, trend,
};

/// Bars of one picture.
const MOST_BARS: usize = 24;
/// Changes by more than this are drawn on a log scale.
const WIDE: f64 = 8.0;

/// Series with a change of level that are drawn.
const MOST_TRENDS: usize = 6;

pub(super) fn changes(doc: &mut Document, analysis: &Analysis) {
    let Some(changes) = &analysis.changes else { return };
    doc.heading(2, "Before and after");
    doc.paragraph(format!("{} against {}.", changes.title_after, changes.title_before));
    compare::describe(doc, changes, |doc| chart(doc, changes));
}

/// The figure of each benchmark that changed most: how many times what it was.
fn chart(doc: &mut Document, changes: &Changes) {
    let mut by_family: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let changed = |row: &&Row| {
        matches!(row.verdict, Verdict::Regressed | Verdict::Suspected | Verdict::Improved)
            && row.growth().is_some()
    };
    for row in changes.rows.iter().filter(changed) {
        by_family.entry(explain::family(&row.id).0).or_default().push(row);
    }
    // The time where there is one, and of several sizes the one that changed most.
    let order = |a: &&Row, b: &&Row| {
        let is_time = |row: &Row| row.metric == "time";
        is_time(a).cmp(&is_time(b)).then_with(|| explain::factor(a).total_cmp(&explain::factor(b)))
    };
    let mut bars: Vec<(f64, Bar)> = Vec::new();
    for rows in by_family.into_values() {
        let Some(row) = rows.into_iter().max_by(order) else { continue };
        bars.extend(bar(row).map(|bar| (explain::factor(row), bar)));
    }
    bars.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.label.cmp(&b.1.label)));
    let all = bars.len();
    let bars: Vec<Bar> = bars.into_iter().take(MOST_BARS).map(|(_, bar)| bar).collect();
    if bars.is_empty() {
        return;
    }
    let wide = bars.iter().any(|bar| bar.value > WIDE || bar.value < 1.0 / WIDE);
    doc.chart(BarChart {
        title: "After against before: how many times what it was, of each benchmark that changed".to_owned(),
        unit: "×".to_owned(),
        scale: if wide { Scale::Log10 } else { Scale::Linear },
        bars,
        reference: vec![Reference { label: "before".to_owned(), value: 1.0 }],
    });
    if all > MOST_BARS {
        doc.paragraph(format!("{} more have no bar here; the table holds them all.", all - MOST_BARS));
    }
}

fn bar(row: &Row) -> Option<Bar> {
    let value = 1.0 + row.growth()?;
    let interval = row.interval.as_ref().filter(|_| row.effect == crate::run::Effect::Ratio);
    (value > 0.0).then(|| Bar {
        label: format!("{} ({})", row.id, row.metric),
        value,
        interval: interval.map(|i| (i.low, i.high)),
        display: format!("{} → {}", row.unit.show(row.before.median), row.unit.show(row.after.median)),
        tone: match row.verdict {
            Verdict::Regressed => Tone::Bad,
            Verdict::Suspected if row.is_worse() => Tone::Warn,
            Verdict::Improved => Tone::Good,
            _ => Tone::Plain,
        },
    })
}

pub(super) fn trends(doc: &mut Document, analysis: &Analysis) {
    let Some(trend) = &analysis.trend else { return };
    doc.heading(2, "Trends");
    trend::describe(doc, trend, MOST_TRENDS);
}
