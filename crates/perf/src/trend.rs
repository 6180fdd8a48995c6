//! Figures over many runs: when did they change, how do they grow, where do they go?
//!
//! ```
//! use assize_perf::{change_points::Detector, trend::{Trend, read_series}};
//!
//! let days: Vec<String> = (1..=30).map(|day| format!("{}", if day < 20 { 100 + day % 3 } else { 120 + day % 3 })).collect();
//! let series = read_series(format!("p99\n{}\n", days.join("\n")).as_bytes(), "p99.csv")?;
//! let trend = Trend::of(series, &Detector::default());
//! assert_eq!(trend.traced[0].changes[0].index, 19);
//! assert!(trend.document().to_markdown().contains("p99"));
//! # Ok::<(), assize_perf::Error>(())
//! ```

mod document;
mod form;
mod table;

use assize_ambient::Timestamp;

pub(crate) use document::describe;
pub use form::FORMAT_VERSION;
pub use table::read_series;

use crate::{
    change_points::{Change, Detector, Status},
    growth::Growths,
    history::Series,
    run::{Better, Finding, Interval, Run},
};

/// A prediction reaches as far ahead as this share of the time that was seen.
const AHEAD: f64 = 0.25;

/// Series with what happened to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// The series, those that changed for the worse first.
    pub traced: Vec<Traced>,
    /// What could not be read of them.
    pub findings: Vec<Finding>,
    detector: Detector,
}

/// One series with its changes and its course.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The series.
    pub series: Series,
    /// When its level changed.
    pub changes: Vec<Change>,
    /// How it grows over time since the last confirmed change; `None` for fewer than five points since.
    pub course: Option<Course>,
}

/// How a series grows over time, and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The models of growth. Time is in days since the first point, or in points where times are not known.
    pub growths: Growths,
    /// Whether time is in days.
    pub in_days: bool,
    /// The time that the prediction is for.
    pub at: f64,
    /// How far beyond the last point that is.
    pub ahead: f64,
    /// The figure that is expected then.
    pub expected: f64,
    /// Where a single figure then lies at 95 %.
    pub interval: Option<Interval>,
}

impl Trend {
    /// Looks for changes in series.
    #[must_use]
    pub fn of(series: Vec<Series>, detector: &Detector) -> Self {
        let trace = |series: Series| {
            let changes = detector.changes(&series.values());
            let course = course(&series, &changes);
            Traced { series, changes, course }
        };
        let mut traced: Vec<Traced> = series.into_iter().map(trace).collect();
        traced.sort_by_key(|one| one.rank());
        Self { traced, findings: Vec::new(), detector: *detector }
    }

    /// Looks for changes in runs, which are brought in the order of their times; those without one keep theirs, first.
    #[must_use]
    pub fn of_runs(runs: Vec<Run>, detector: &Detector) -> Self {
        let mut runs: Vec<(String, Run)> = runs.into_iter().map(|run| (run.id(), run)).collect();
        runs.sort_by_key(|(_, run)| run.created_at);
        let series = crate::history::series(runs.iter().map(|(id, run)| (id.as_str(), run)));
        let mut trend = Self::of(series, detector);
        trend.findings = runs.into_iter().flat_map(|(_, run)| run.findings).collect();
        trend
    }

    /// With findings of whoever read the series.
    #[must_use]
    pub fn with_findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// All changes with their series, those of the first series first.
    pub fn changes(&self) -> impl Iterator<Item = (&Traced, &Change)> {
        self.traced.iter().flat_map(|one| one.changes.iter().map(move |change| (one, change)))
    }

    /// The report: summary, changes, charts, courses, method.
    #[must_use]
    pub fn document(&self) -> assize_report::Document {
        document::document(self)
    }

    /// The data for other programs, with its `format_version` ([`FORMAT_VERSION`]).
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        form::write(self)
    }
}

impl Traced {
    /// Whether a change of this series is for the worse.
    #[must_use]
    pub fn is_worse(&self, change: &Change) -> bool {
        match self.series.better {
            Better::Lower => change.after > change.before,
            Better::Higher => change.after < change.before,
        }
    }

    /// The ends of its segments.
    pub(crate) fn borders(&self) -> Vec<usize> {
        let places = self.changes.iter().map(|change| change.index);
        std::iter::once(0).chain(places).chain([self.series.points.len()]).collect()
    }

    fn rank(&self) -> u8 {
        let has = |status: Status, worse: bool| {
            self.changes.iter().any(|change| change.status == status && self.is_worse(change) == worse)
        };
        match () {
            () if has(Status::Confirmed, true) => 0,
            () if has(Status::Pending, true) => 1,
            () if !self.changes.is_empty() => 2,
            () => 3,
        }
    }
}

fn course(series: &Series, changes: &[Change]) -> Option<Course> {
    let confirmed = changes.iter().rfind(|change| change.status == Status::Confirmed);
    let since = &series.points[confirmed.map_or(0, |change| change.index)..];
    let times: Option<Vec<Timestamp>> = since.iter().map(|point| point.time).collect();
    let times = times.map(|times| times.iter().map(|time| days(*time)).collect::<Vec<f64>>());
    // Times that stand still or run backwards say nothing of growth.
    let times =
        times.filter(|times| times.windows(2).all(|pair| pair[0] <= pair[1]) && times.first() < times.last());
    let in_days = times.is_some();
    let first = times.as_ref().and_then(|times| times.first().copied()).unwrap_or(0.0);
    let numbers = || (0..since.len()).map(crate::statistics::real).collect();
    let places: Vec<f64> = times.unwrap_or_else(numbers).iter().map(|time| time - first).collect();
    let points: Vec<(f64, f64)> = places.iter().copied().zip(since.iter().map(|point| point.value)).collect();
    let growths = Growths::over_time(&points)?;
    let last = places.last().copied()?;
    let ahead = last * AHEAD;
    let at = last + ahead;
    let best = growths.best();
    let (expected, interval) = (best.at(at), best.predict(at, 0.95));
    Some(Course { at, ahead, expected, interval, in_days, growths })
}

/// Days since 1970, as charts count them.
pub(crate) fn days(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64() / 86_400.0
}

#[cfg(test)]
mod tests;
