//! A run held against its targets, and what follows: the verdict, the document, the data for other programs.

mod document;
mod form;

use crate::{
    compare::{Changes, Rules},
    explain::{Explanation, explain, explain_changes},
    insights::{Bottleneck, Insight, Thresholds, attach, bottlenecks, insights},
    run::Run,
    targets::{Row, Status, Target, evaluate},
    trend::Trend,
};

pub use document::SHORT_LINES;
pub use form::FORMAT_VERSION;

/// A run with everything that was derived from it.
///
/// ```
/// use assize_perf::{Analysis, Run, Thresholds, Verdict};
///
/// let analysis = Analysis::of(Run::new("nothing"), &[], &Thresholds::default());
/// assert_eq!(analysis.verdict(), Verdict::Unjudged);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What was measured.
    pub run: Run,
    /// The targets, one row for each measurement that they speak of.
    pub rows: Vec<Row>,
    /// What holds things up, the worst first.
    pub bottlenecks: Vec<Bottleneck>,
    /// What to take away, what matters most first.
    pub insights: Vec<Insight>,
    /// What costs come from, and what changed since the baseline comes from; the changes first.
    pub explanations: Vec<Explanation>,
    /// What changed since the baseline, where one was given.
    pub changes: Option<Changes>,
    /// How the figures went over earlier runs, where a history was given.
    pub trend: Option<Trend>,
    thresholds: Thresholds,
}

impl Analysis {
    /// Holds a run against targets.
    #[must_use]
    pub fn of(run: Run, targets: &[Target], thresholds: &Thresholds) -> Self {
        let rows = evaluate(&run, targets);
        let explanations = explain(&run);
        Self {
            run,
            rows,
            bottlenecks: Vec::new(),
            insights: Vec::new(),
            explanations,
            changes: None,
            trend: None,
            thresholds: *thresholds,
        }
        .told()
    }

    /// The same, held against runs of before as well. The run counts as that of one process, each repetition in it as one
    /// more.
    #[must_use]
    pub fn against(mut self, baseline: &[Run], rules: &Rules) -> Self {
        let after = std::slice::from_ref(&self.run);
        let changes = Changes::between(baseline, after, rules);
        let mut explanations = explain_changes(&changes, baseline, after);
        // What came on with a change is told with it.
        let standing = explain(&self.run).into_iter().filter(|one| {
            !explanations
                .iter()
                .any(|change| change.origin == one.origin && one.ids.iter().any(|id| change.speaks_of(id)))
        });
        let standing: Vec<Explanation> = standing.collect();
        explanations.extend(standing);
        self.explanations = explanations;
        self.changes = Some(changes);
        self.told()
    }

    /// The same, with how its figures went over earlier runs.
    #[must_use]
    pub fn with_trend(mut self, trend: Trend) -> Self {
        self.trend = Some(trend);
        self
    }

    /// With bottlenecks and insights from all that is known.
    fn told(mut self) -> Self {
        self.bottlenecks = bottlenecks(&self.run, &self.rows, &self.thresholds);
        self.insights = insights(&self.run, &self.rows, &self.thresholds);
        attach(&self.explanations, &mut self.bottlenecks, &mut self.insights);
        self
    }

    /// The overall verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let counts = self.counts();
        if self.rows.is_empty() {
            Verdict::Unjudged
        } else if counts.failed > 0 || counts.missing == self.rows.len() || self.gaps() > 0 {
            Verdict::Failed
        } else if counts.marginal + counts.missing + self.bottlenecks.len() + self.run.findings.len() > 0 {
            Verdict::PassedWithRecommendations
        } else {
            Verdict::Passed
        }
    }

    /// How many rows came to what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |status| self.rows.iter().filter(|row| row.status == status).count();
        Counts {
            passed: count(Status::Pass),
            marginal: count(Status::Marginal),
            failed: count(Status::Fail),
            missing: count(Status::Missing),
        }
    }

    /// How many targets with a floor were not measured, in a run that should hold them all
    /// ([`Thresholds::floors_must_be_measured`]); 0 in any other. Each is among the rows [`Status::Missing`].
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.rows.iter().filter(|row| self.thresholds.is_gap(row)).count()
    }

    /// The report: summary, environment, requirements, results, comparisons, bottlenecks, insights, method, appendix.
    #[must_use]
    pub fn document(&self) -> assize_report::Document {
        document::document(self)
    }

    /// The same in at most [`SHORT_LINES`] lines of Markdown, for the text of a pull request: verdict, what failed, what
    /// got slower, what to do first.
    #[must_use]
    pub fn short_document(&self) -> assize_report::Document {
        document::short(self)
    }

    /// The data for other programs, with its `format_version` ([`FORMAT_VERSION`]) and the whole run.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        form::write(self)
    }
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Rows that pass.
    pub passed: usize,
    /// Rows whose floor is met but not surely their goal.
    pub marginal: usize,
    /// Rows whose floor is not met.
    pub failed: usize,
    /// Targets without a measurement.
    pub missing: usize,
}

/// What the targets say of a run as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every target passes, and there is nothing to recommend.
    Passed,
    /// No target fails, but one is marginal or was not measured (and need not be), or there is a bottleneck or an oddity.
    PassedWithRecommendations,
    /// A target fails, or none was measured at all, or one with a floor was not in a run that should hold it: a gate
    /// that measured nothing does not open.
    Failed,
    /// No targets were given.
    Unjudged,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedWithRecommendations => "passed with recommendations",
            Self::Failed => "failed",
            Self::Unjudged => "not judged, as no targets were given",
        }
    }
}

#[cfg(test)]
mod tests;
