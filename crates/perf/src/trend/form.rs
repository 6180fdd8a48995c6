//! A trend as data for other programs.

use serde::Serialize;
use serde_json::Value;

use super::{Course, Traced, Trend};
use crate::{change_points::Change, interval_form::IntervalForm};

/// The version of the form that [`Trend::to_json`] writes.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn write(trend: &Trend) -> Value {
    let form = TrendForm {
        format: "trend",
        format_version: FORMAT_VERSION,
        series: trend.traced.iter().map(SeriesForm::from).collect(),
        findings: trend.findings.iter().map(ToString::to_string).collect(),
    };
    // Maps with text keys and numbers only: nothing in it can fail to be written.
    serde_json::to_value(&form).unwrap_or_default()
}

#[derive(Serialize)]
struct TrendForm<'a> {
    #[serde(rename = "assize")]
    format: &'static str,
    format_version: u32,
    series: Vec<SeriesForm<'a>>,
    findings: Vec<String>,
}

#[derive(Serialize)]
struct SeriesForm<'a> {
    id: &'a str,
    metric: &'a str,
    machine: &'a str,
    unit: &'a str,
    kind: &'static str,
    points: usize,
    last: Option<f64>,
    changes: Vec<ChangeForm<'a>>,
    course: Option<CourseForm<'a>>,
}

impl<'a> From<&'a Traced> for SeriesForm<'a> {
    fn from(traced: &'a Traced) -> Self {
        let series = &traced.series;
        Self {
            id: &series.id,
            metric: &series.metric,
            machine: &series.fingerprint,
            unit: series.unit.name(),
            kind: series.kind.name(),
            points: series.points.len(),
            last: series.points.last().map(|point| point.value),
            changes: traced.changes.iter().map(|change| ChangeForm::of(traced, change)).collect(),
            course: traced.course.as_ref().map(CourseForm::from),
        }
    }
}

#[derive(Serialize)]
struct ChangeForm<'a> {
    index: usize,
    at: &'a str,
    time: Option<String>,
    before: f64,
    after: f64,
    ratio: Option<f64>,
    interval: Option<IntervalForm<'a>>,
    p: f64,
    status: &'static str,
    seconded: Option<bool>,
    direction: &'static str,
}

impl<'a> ChangeForm<'a> {
    fn of(traced: &'a Traced, change: &'a Change) -> Self {
        let point = traced.series.points.get(change.index);
        Self {
            index: change.index,
            at: point.map_or("", |point| &point.label),
            time: point.and_then(|point| point.time).map(|time| time.to_string()),
            before: change.before,
            after: change.after,
            ratio: change.ratio,
            interval: change.interval.as_ref().map(IntervalForm::from),
            p: change.p,
            status: change.status.name(),
            seconded: change.seconded,
            direction: if traced.is_worse(change) { "worse" } else { "better" },
        }
    }
}

#[derive(Serialize)]
struct CourseForm<'a> {
    best: &'static str,
    possible: Vec<&'static str>,
    time_in: &'static str,
    slope: f64,
    ahead: f64,
    expected: f64,
    interval: Option<IntervalForm<'a>>,
}

impl<'a> From<&'a Course> for CourseForm<'a> {
    fn from(course: &'a Course) -> Self {
        Self {
            best: course.growths.best().growth.name(),
            possible: course.growths.possible().iter().map(|growth| growth.name()).collect(),
            time_in: if course.in_days { "days" } else { "points" },
            slope: course.growths.best().slope,
            ahead: course.ahead,
            expected: course.expected,
            interval: course.interval.as_ref().map(IntervalForm::from),
        }
    }
}
