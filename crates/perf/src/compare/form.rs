//! A comparison as data for other programs.

use serde::Serialize;
use serde_json::Value;

use super::{Changes, Limits, Mismatch, Row, Verdict};
use crate::{
    interval_form::IntervalForm,
    run::{Better, Effect},
    statistics::NoiseSource,
};

/// The version of the form that [`Changes::to_json`] writes.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn write(changes: &Changes) -> Value {
    let count = |verdict: Verdict| changes.of(verdict).count();
    let form = ChangesForm {
        format: "comparison",
        format_version: FORMAT_VERSION,
        before: &changes.title_before,
        after: &changes.title_after,
        counts: CountsForm {
            regressed: count(Verdict::Regressed),
            suspected: count(Verdict::Suspected),
            inconclusive: count(Verdict::Inconclusive { runs_needed: None }),
            improved: count(Verdict::Improved),
            unchanged: count(Verdict::Unchanged),
            refused: count(Verdict::Refused),
        },
        rows: changes.rows.iter().map(RowForm::from).collect(),
        controls: changes.controls.iter().map(RowForm::from).collect(),
        drifted: changes.drifted(),
        only_before: names(&changes.only_before),
        only_after: names(&changes.only_after),
        mismatches: changes.mismatches.iter().map(MismatchForm::from).collect(),
        unknown: &changes.unknown,
        findings: changes.findings.iter().map(ToString::to_string).collect(),
        limits: LimitsForm::from(&changes.limits),
        alpha: changes.rules.alpha,
        level: changes.rules.level,
        power: changes.rules.power,
    };
    // Maps with text keys and numbers only: nothing in it can fail to be written.
    serde_json::to_value(&form).unwrap_or_default()
}

fn names(names: &[(String, String)]) -> Vec<NameForm<'_>> {
    names.iter().map(|(id, metric)| NameForm { id, metric }).collect()
}

#[derive(Serialize)]
struct ChangesForm<'a> {
    #[serde(rename = "assize")]
    format: &'static str,
    format_version: u32,
    before: &'a str,
    after: &'a str,
    counts: CountsForm,
    rows: Vec<RowForm<'a>>,
    controls: Vec<RowForm<'a>>,
    drifted: bool,
    only_before: Vec<NameForm<'a>>,
    only_after: Vec<NameForm<'a>>,
    mismatches: Vec<MismatchForm<'a>>,
    unknown: &'a [&'static str],
    findings: Vec<String>,
    limits: LimitsForm,
    alpha: f64,
    level: f64,
    power: f64,
}

#[derive(Serialize)]
struct CountsForm {
    regressed: usize,
    suspected: usize,
    inconclusive: usize,
    improved: usize,
    unchanged: usize,
    refused: usize,
}

#[derive(Serialize)]
struct NameForm<'a> {
    id: &'a str,
    metric: &'a str,
}

#[derive(Serialize)]
struct MismatchForm<'a> {
    field: &'static str,
    before: &'a [String],
    after: &'a [String],
}

impl<'a> From<&'a Mismatch> for MismatchForm<'a> {
    fn from(m: &'a Mismatch) -> Self {
        Self { field: m.field, before: &m.before, after: &m.after }
    }
}

#[derive(Serialize)]
struct LimitsForm {
    tests: usize,
    runs_before: usize,
    runs_after: usize,
    smallest_p: f64,
    tests_allowed: usize,
    can_show: bool,
}

impl From<&Limits> for LimitsForm {
    fn from(limits: &Limits) -> Self {
        Self {
            tests: limits.tests,
            runs_before: limits.runs.0,
            runs_after: limits.runs.1,
            smallest_p: limits.smallest_p,
            tests_allowed: limits.allowed,
            can_show: limits.can_show(),
        }
    }
}

#[derive(Serialize)]
struct RowForm<'a> {
    id: &'a str,
    metric: &'a str,
    unit: &'a str,
    better: &'static str,
    kind: &'static str,
    location: Option<&'a str>,
    verdict: &'static str,
    runs_needed: Option<usize>,
    is_worse: bool,
    magnitude: Option<&'static str>,
    severity: Option<&'static str>,
    before: SideForm<'a>,
    after: SideForm<'a>,
    effect: &'static str,
    change: Option<f64>,
    interval: Option<IntervalForm<'a>>,
    bootstrap: Option<IntervalForm<'a>>,
    cliffs_delta: Option<f64>,
    p: Option<f64>,
    p_adjusted: Option<f64>,
    p_discovery: Option<f64>,
    p_welch: Option<f64>,
    deviation: Option<f64>,
    detectable: Option<f64>,
    threshold: f64,
    threshold_from: &'static str,
    notes: &'a [String],
}

impl<'a> From<&'a Row> for RowForm<'a> {
    fn from(row: &'a Row) -> Self {
        let runs_needed = match row.verdict {
            Verdict::Inconclusive { runs_needed } => runs_needed,
            _ => None,
        };
        let severity = row.magnitude.filter(|_| row.is_worse()).map(|m| m.severity().name());
        // A number that JSON has no form for says nothing either.
        let finite = |value: Option<f64>| value.filter(|x| x.is_finite());
        Self {
            id: &row.id,
            metric: &row.metric,
            unit: row.unit.name(),
            better: match row.better {
                Better::Lower => "lower",
                Better::Higher => "higher",
            },
            kind: row.kind.name(),
            location: row.location.as_deref(),
            verdict: row.verdict.name(),
            runs_needed,
            is_worse: row.is_worse(),
            magnitude: row.magnitude.map(super::Magnitude::name),
            severity,
            before: SideForm { median: row.before.median, values: &row.before.values },
            after: SideForm { median: row.after.median, values: &row.after.values },
            effect: match row.effect {
                Effect::Ratio => "ratio",
                Effect::Difference => "difference",
            },
            change: finite(row.change),
            interval: row.interval.as_ref().map(IntervalForm::from),
            bootstrap: row.bootstrap.as_ref().map(IntervalForm::from),
            cliffs_delta: row.delta,
            p: row.p,
            p_adjusted: row.p_adjusted,
            p_discovery: row.p_discovery,
            p_welch: row.p_welch,
            deviation: row.deviation,
            detectable: finite(row.detectable),
            threshold: row.threshold.share,
            threshold_from: match row.threshold.noise.map(|noise| noise.source) {
                None => "floor",
                Some(NoiseSource::History { .. }) => "history",
                Some(NoiseSource::SameBuild { .. }) => "same-build",
                Some(NoiseSource::Assumed) => "assumed",
            },
            notes: &row.notes,
        }
    }
}

#[derive(Serialize)]
struct SideForm<'a> {
    median: f64,
    values: &'a [f64],
}
