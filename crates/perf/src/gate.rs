//! A gate: whether runs may pass, by targets, by regressions against a baseline, by how bad either is.
//!
//! It says how far it can be trusted: the chance of a false alarm that it is built for and the one that an A/A simulation with
//! its own noise, runs and metrics finds, and the smallest change that it would see. A gate that measured nothing stays shut.
//! What it cannot tell it calls inconclusive, and never passes over in silence. Where the new build was measured a second time,
//! an alarm counts only if that shows it too.
//!
//! ```
//! use assize_perf::{Better, Kind, Measurement, Run, Unit, gate::{Gate, Outcome}};
//!
//! let run = |instructions: f64| {
//!     let mut run = Run::new("suite");
//!     let m = Measurement::new("parse", "instructions", Unit::Count, Better::Lower, Kind::Counted, instructions);
//!     run.measurements.push(m);
//!     run
//! };
//! let gate = Gate::default();
//! assert_eq!(gate.judge(&[run(6_316.0)], &[run(6_316.0)], &[]).outcome(), Outcome::Passed);
//! assert_eq!(gate.judge(&[run(6_900.0)], &[run(6_316.0)], &[]).outcome(), Outcome::Failed);
//! assert_eq!(gate.judge(&[], &[run(6_316.0)], &[]).outcome(), Outcome::Failed);
//! ```

mod calibration;
mod confirmation;
mod document;
mod form;
mod pooled;
mod reasons;

use std::collections::BTreeSet;

pub use calibration::{Calibration, Figure, Found, SUITES, calibrate};
pub use confirmation::{Alert, Confirmation};
pub use form::FORMAT_VERSION;
pub use reasons::{Cause, Reason};

use crate::{
    analysis::Analysis,
    compare::{Changes, Rules},
    insights::{Severity, Thresholds},
    run::Run,
    targets::Target,
};

/// What shuts a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailOn {
    /// A bottleneck or a regression of severity CRITICAL.
    Critical,
    /// A bottleneck or a regression of severity HIGH or CRITICAL.
    High,
    /// A target whose floor is not met.
    Target,
    /// Any regression.
    Regression,
}

impl FailOn {
    /// The least severity that it shuts the gate for; `None` where severity does not matter.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Target | Self::Regression => None,
        }
    }
}

/// What a gate holds runs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// What shuts it; targets and regressions by default.
    pub fail_on: BTreeSet<FailOn>,
    /// Whether it stays shut where something is inconclusive; not by default.
    pub inconclusive_fails: bool,
    /// What the figures have to reach.
    pub targets: Vec<Target>,
    /// From where on a figure is a bottleneck.
    pub thresholds: Thresholds,
    /// By what rules runs are compared with the baseline.
    pub rules: Rules,
    /// How many comparisons of a build with itself are simulated to say how often it is wrong; [`SUITES`]. Of very large ones
    /// fewer are.
    pub suites: usize,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: BTreeSet::from([FailOn::Target, FailOn::Regression]),
            inconclusive_fails: false,
            targets: Vec::new(),
            thresholds: Thresholds::default(),
            rules: Rules::default(),
            suites: SUITES,
        }
    }
}

impl Gate {
    /// Judges the runs of a new build: against the targets, and, where there is one, a baseline. `confirm` are further runs of
    /// the new build, measured after the first: an alarm that they do not show is no reason.
    #[must_use]
    pub fn judge(&self, new: &[Run], baseline: &[Run], confirm: &[Run]) -> Gated {
        let analysis = Analysis::of(pooled::pooled(new, &self.targets), &self.targets, &self.thresholds);
        let changes = (!baseline.is_empty()).then(|| Changes::between(baseline, new, &self.rules));
        let alerts = changes
            .as_ref()
            .map(|changes| confirmation::alerts(changes, baseline, confirm, &self.rules))
            .unwrap_or_default();
        let calibration =
            changes.as_ref().and_then(|changes| calibration::of(changes, &self.rules, self.suites));
        let reasons = reasons::reasons(self, &analysis, changes.as_ref(), &alerts);
        let open = reasons::open(changes.as_ref(), &alerts);
        Gated {
            reasons,
            open,
            inconclusive_fails: self.inconclusive_fails,
            alerts,
            analysis,
            changes,
            calibration,
        }
    }
}

/// How a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Open: nothing is wrong, as far as it can tell.
    Passed,
    /// Nothing is shown to be wrong, but something could not be told.
    Inconclusive,
    /// Shut.
    Failed,
}

impl Outcome {
    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }
}

/// What a gate came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// Why it is shut; empty where it is not.
    pub reasons: Vec<Reason>,
    /// What it could not tell.
    pub open: Vec<Reason>,
    /// Whether what it could not tell keeps it shut.
    pub inconclusive_fails: bool,
    /// The alarms, and what measuring again made of them.
    pub alerts: Vec<Alert>,
    /// The new runs held to the targets.
    pub analysis: Analysis,
    /// The new runs against the baseline; `None` without one.
    pub changes: Option<Changes>,
    /// How often it is wrong; `None` where no times were tested.
    pub calibration: Option<Calibration>,
}

impl Gated {
    /// How it stands.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        if !self.reasons.is_empty() {
            Outcome::Failed
        } else if !self.open.is_empty() {
            Outcome::Inconclusive
        } else {
            Outcome::Passed
        }
    }

    /// Whether the build may pass.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.outcome() {
            Outcome::Passed => true,
            Outcome::Inconclusive => !self.inconclusive_fails,
            Outcome::Failed => false,
        }
    }

    /// How many alarms came to this.
    #[must_use]
    pub fn alerts_that_were(&self, confirmation: Confirmation) -> usize {
        self.alerts.iter().filter(|alert| alert.confirmation == confirmation).count()
    }

    /// The report: outcome, reasons, what is inconclusive, how far to trust it.
    #[must_use]
    pub fn document(&self) -> assize_report::Document {
        document::document(self)
    }

    /// The data for other programs, with its `format_version` ([`FORMAT_VERSION`]) and the whole comparison and analysis.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        form::write(self)
    }
}

#[cfg(test)]
mod tests;
