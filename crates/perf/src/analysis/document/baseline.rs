//! What changed since the baseline, and how the figures went over earlier runs.

use assize_report::Document;

use super::super::Analysis;
use crate::{compare, trend};

/// Series with a change of level that are drawn.
const MOST_TRENDS: usize = 6;

pub(super) fn changes(doc: &mut Document, analysis: &Analysis) {
    let Some(changes) = &analysis.changes else { return };
    doc.heading(2, "Before and after");
    doc.paragraph(format!("{} against {}.", changes.title_after, changes.title_before));
    compare::describe(doc, changes);
}

pub(super) fn trends(doc: &mut Document, analysis: &Analysis) {
    let Some(trend) = &analysis.trend else { return };
    doc.heading(2, "Trends");
    trend::describe(doc, trend, MOST_TRENDS);
}
