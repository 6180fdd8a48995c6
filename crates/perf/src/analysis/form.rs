//! An analysis as data for other programs.

use serde::Serialize;
use serde_json::Value;

use super::{Analysis, Verdict};
use crate::{
    Quantity,
    explain::Explanation,
    insights::{Action, Bottleneck, Insight},
    interval_form::IntervalForm,
    targets::{Bound, Row},
};

/// The version of the form that [`Analysis::to_json`] writes.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn write(analysis: &Analysis) -> Value {
    let counts = analysis.counts();
    let form = AnalysisForm {
        format: "analysis",
        format_version: FORMAT_VERSION,
        verdict: match analysis.verdict() {
            Verdict::Passed => "passed",
            Verdict::PassedWithRecommendations => "passed-with-recommendations",
            Verdict::Failed => "failed",
            Verdict::Unjudged => "unjudged",
        },
        counts: CountsForm {
            passed: counts.passed,
            marginal: counts.marginal,
            failed: counts.failed,
            missing: counts.missing,
        },
        rows: analysis.rows.iter().map(RowForm::from).collect(),
        bottlenecks: analysis.bottlenecks.iter().map(BottleneckForm::from).collect(),
        insights: analysis.insights.iter().map(InsightForm::from).collect(),
        explanations: analysis.explanations.iter().map(ExplanationForm::from).collect(),
        changes: analysis.changes.as_ref().map(crate::compare::Changes::to_json),
        trend: analysis.trend.as_ref().map(crate::trend::Trend::to_json),
        run: analysis.run.to_json(),
    };
    // Maps with text keys and numbers only: nothing in it can fail to be written.
    serde_json::to_value(&form).unwrap_or_default()
}

#[derive(Serialize)]
struct AnalysisForm<'a> {
    #[serde(rename = "assize")]
    format: &'static str,
    format_version: u32,
    verdict: &'static str,
    counts: CountsForm,
    rows: Vec<RowForm<'a>>,
    bottlenecks: Vec<BottleneckForm<'a>>,
    insights: Vec<InsightForm<'a>>,
    explanations: Vec<ExplanationForm<'a>>,
    changes: Option<Value>,
    trend: Option<Value>,
    run: Value,
}

#[derive(Serialize)]
struct CountsForm {
    passed: usize,
    marginal: usize,
    failed: usize,
    missing: usize,
}

#[derive(Serialize)]
struct RowForm<'a> {
    requirement: &'a str,
    measurement: &'a str,
    metric: &'a str,
    unit: Option<&'a str>,
    kind: Option<&'static str>,
    floor: Option<BoundForm<'a>>,
    goal: Option<BoundForm<'a>>,
    actual: Option<f64>,
    interval: Option<IntervalForm<'a>>,
    status: &'static str,
    margin: Option<f64>,
    margin_from: &'static str,
    importance: u8,
    note: Option<&'a str>,
}

impl<'a> From<&'a Row> for RowForm<'a> {
    fn from(row: &'a Row) -> Self {
        Self {
            requirement: &row.requirement,
            measurement: &row.measurement,
            metric: &row.metric,
            unit: row.unit.as_ref().map(crate::Unit::name),
            kind: row.kind.map(crate::run::Kind::name),
            floor: row.floor.as_ref().map(BoundForm::from),
            goal: row.goal.as_ref().map(BoundForm::from),
            actual: row.actual,
            interval: row.interval.as_ref().map(IntervalForm::from),
            status: row.status.name(),
            margin: row.margin,
            margin_from: match row.bound {
                Bound::Floor => "floor",
                Bound::Goal => "goal",
            },
            importance: row.importance,
            note: row.note.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct BoundForm<'a> {
    value: f64,
    text: &'a str,
}

impl<'a> From<&'a Quantity> for BoundForm<'a> {
    fn from(bound: &'a Quantity) -> Self {
        Self { value: bound.value, text: &bound.text }
    }
}

#[derive(Serialize)]
struct BottleneckForm<'a> {
    severity: &'static str,
    what: &'a str,
    places: &'a [String],
    evidence: &'a [String],
    requirements: &'a [String],
    cost: &'a str,
    origins: &'a [String],
    actions: Vec<ActionForm<'a>>,
}

impl<'a> From<&'a Bottleneck> for BottleneckForm<'a> {
    fn from(b: &'a Bottleneck) -> Self {
        Self {
            severity: b.severity.name(),
            what: &b.what,
            places: &b.places,
            evidence: &b.evidence,
            requirements: &b.requirements,
            cost: &b.cost,
            origins: &b.origins,
            actions: b.actions.iter().map(ActionForm::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct InsightForm<'a> {
    kind: &'static str,
    priority: u8,
    text: &'a str,
    actions: Vec<ActionForm<'a>>,
    evidence: &'a [String],
}

impl<'a> From<&'a Insight> for InsightForm<'a> {
    fn from(i: &'a Insight) -> Self {
        let actions = i.actions.iter().map(ActionForm::from).collect();
        Self { kind: i.kind.name(), priority: i.priority, text: &i.text, actions, evidence: &i.evidence }
    }
}

#[derive(Serialize)]
struct ActionForm<'a> {
    text: &'a str,
    gain: Option<&'a str>,
    difficulty: Option<&'static str>,
}

impl<'a> From<&'a Action> for ActionForm<'a> {
    fn from(a: &'a Action) -> Self {
        let difficulty = a.difficulty.map(crate::insights::Difficulty::name);
        Self { text: &a.text, gain: a.gain.as_deref(), difficulty }
    }
}

#[derive(Serialize)]
struct ExplanationForm<'a> {
    origin: &'static str,
    subject: &'a str,
    ids: &'a [String],
    is_change: bool,
    text: &'a str,
    action: &'a str,
    share: Option<f64>,
    share_of: &'a str,
    /// What removing it brings at most, as a factor.
    bound: Option<f64>,
    places: &'a [String],
    evidence: &'a [String],
}

impl<'a> From<&'a Explanation> for ExplanationForm<'a> {
    fn from(one: &'a Explanation) -> Self {
        Self {
            origin: one.origin.name(),
            subject: &one.subject,
            ids: &one.ids,
            is_change: one.is_change,
            text: &one.text,
            action: &one.action,
            share: one.share,
            share_of: &one.share_of,
            bound: one.bound(),
            places: &one.places,
            evidence: &one.evidence,
        }
    }
}
