//! Two sets of runs held against each other: what changed, by how much, and how well that is known.
//!
//! The unit is the run of a process: the samples within one process share its memory layout, its warm-up and its moment, and are
//! no evidence of the next. Of times every (id, metric) is judged by three questions. Is there a change at all: the test of
//! rank sums, adjusted by Holm for all that was tested. Is it large enough to matter: the whole interval of the ratio
//! (Hodges and Lehmann) beyond the threshold, the larger of the floor asked for and the noise that was learned. Or is there
//! none that matters: the whole interval within it. What answers neither is inconclusive, with the number of runs that would
//! decide. Counted and virtual figures are exact: there any change is one.
//!
//! ```
//! use assize_perf::{Better, Kind, Measurement, Run, Unit, compare::{Changes, Rules, Verdict}};
//!
//! let run = |time: f64| {
//!     let mut run = Run::new("nightly");
//!     let m = Measurement::new("scan", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, time);
//!     run.measurements.push(m);
//!     run
//! };
//! let before = [100.0, 101.0, 99.0, 100.5, 99.5, 100.2].map(run);
//! let after = [120.0, 121.0, 119.0, 120.5, 119.5, 120.2].map(run);
//! let changes = Changes::between(&before, &after, &Rules::default());
//! assert_eq!(changes.rows[0].verdict, Verdict::Regressed);
//! assert!((changes.rows[0].change.unwrap() - 1.2).abs() < 0.01);
//! ```

mod collecting;
mod document;
mod exact;
mod fingerprint;
mod form;
mod judging;
mod magnitude;
mod row;
mod rules;

pub(crate) use document::{describe, headline, p_value, verdict};
pub use fingerprint::{FIELDS, Mismatch};
pub use form::FORMAT_VERSION;
pub use judging::{Decision, decide};
pub(crate) use judging::{Weigher, decide_with};
pub use magnitude::Magnitude;
pub use row::{Row, Side, Verdict};
pub use rules::{Rules, Threshold};

use crate::{
    run::{Finding, Run},
    statistics::{smallest_p, tests_allowed},
};

/// Benchmarks whose id begins with this measure the machine, not the program: what they show is drift.
pub const CONTROLS: &str = "control/";

/// What changed from one set of runs to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// What the runs before are called.
    pub title_before: String,
    /// What the runs after are called.
    pub title_after: String,
    /// One row for each (id, metric) on both sides, regressions first, then the largest change first.
    pub rows: Vec<Row>,
    /// The same of the controls. Where one drifted, no time is decided.
    pub controls: Vec<Row>,
    /// (id, metric) that were measured before only.
    pub only_before: Vec<(String, String)>,
    /// (id, metric) that were measured after only.
    pub only_after: Vec<(String, String)>,
    /// What machine, system, build or compiler differ in.
    pub mismatches: Vec<Mismatch>,
    /// What is not known of machine, system, build or compiler on a side, so that it may differ unseen.
    pub unknown: Vec<&'static str>,
    /// What could not be compared, and why; what was odd while results were read.
    pub findings: Vec<Finding>,
    /// What the comparison could show at all.
    pub limits: Limits,
    /// What was asked for.
    pub rules: Rules,
}

/// What a comparison of so many runs can show at all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// How many times were tested together.
    pub tests: usize,
    /// The least number of runs on a side of one of them, before and after.
    pub runs: (usize, usize),
    /// The smallest p that so few can show; 1 where nothing was tested.
    pub smallest_p: f64,
    /// How many tests Holm's adjustment allows before none of them can show anything.
    pub allowed: usize,
}

impl Limits {
    /// Whether a change of a time could be shown at all.
    #[must_use]
    pub const fn can_show(&self) -> bool {
        self.tests <= self.allowed
    }

    fn of(rows: &[Row], alpha: f64) -> Self {
        let tested = || rows.iter().filter(|row| row.p.is_some());
        let least = |runs: fn(&Row) -> usize| tested().map(runs).min().unwrap_or(0);
        let runs = (least(|row| row.before.values.len()), least(|row| row.after.values.len()));
        Self {
            tests: tested().count(),
            runs,
            smallest_p: smallest_p(runs.0, runs.1),
            allowed: tests_allowed(runs.0, runs.1, alpha),
        }
    }
}

impl Changes {
    /// Compares two sets of runs, each one or more. Every [`Run`] is that of one process, and so is every repetition of an (id,
    /// metric) within one.
    #[must_use]
    pub fn between(before: &[Run], after: &[Run], rules: &Rules) -> Self {
        let mut collected = collecting::collect(before, after, rules);
        let (mismatches, unknown) = fingerprint::compare(before, after);
        let comparable = mismatches.is_empty() || rules.across_machines;
        let mut controls = judging::judge(collected.controls, rules, comparable);
        controls.iter_mut().for_each(|row| row.note_drift(rules.drift));
        let drifted = controls.iter().any(|row| row.drifted(rules.drift));
        let mut rows = judging::judge(collected.pairs, rules, comparable);
        for row in &mut rows {
            row.hold_back(drifted, !mismatches.is_empty());
        }
        let limits = Limits::of(&rows, rules.alpha);
        rows.sort_by(Row::by_weight);
        collected.findings.extend(before.iter().chain(after).flat_map(|run| run.findings.clone()));
        Self {
            title_before: title(before),
            title_after: title(after),
            rows,
            controls,
            only_before: collected.only_before,
            only_after: collected.only_after,
            mismatches,
            unknown,
            findings: collected.findings,
            limits,
            rules: rules.clone(),
        }
    }

    /// The rows that came to this.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict.same_kind(verdict))
    }

    /// Whether a control drifted: the machine itself was slower or faster.
    #[must_use]
    pub fn drifted(&self) -> bool {
        self.controls.iter().any(|row| row.drifted(self.rules.drift))
    }

    /// The report: summary, table, chart of the intervals, what was not compared, method.
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

fn title(runs: &[Run]) -> String {
    let mut titles: Vec<&str> = runs.iter().map(|run| run.title.as_str()).collect();
    titles.dedup();
    let revision = runs.iter().find_map(|run| run.environment.revision.as_deref());
    match (titles.join(" + "), revision) {
        (title, Some(revision)) => format!("{title} at {revision}"),
        (title, None) => title,
    }
}

#[cfg(test)]
mod tests;
