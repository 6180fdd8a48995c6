//! Why a gate is shut, and what it could not tell.

use super::{Alert, Confirmation, FailOn, Gate};
use crate::{
    analysis::{Analysis, Verdict as Judged},
    compare::{Changes, Row, Verdict},
    insights::Severity,
    targets::Status,
};

/// What kind of reason it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Nothing was measured that could be held to anything.
    NothingMeasured,
    /// A target is not met.
    Target,
    /// A figure is beyond what is acceptable anywhere.
    Bottleneck,
    /// A figure got worse.
    Regression,
    /// It cannot be told.
    Inconclusive,
}

impl Cause {
    /// The name in stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingMeasured => "nothing-measured",
            Self::Target => "target",
            Self::Bottleneck => "bottleneck",
            Self::Regression => "regression",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// One thing that shuts a gate, or that it could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What kind it is.
    pub cause: Cause,
    /// What it is, in one sentence.
    pub text: String,
}

impl Reason {
    fn new(cause: Cause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into() }
    }
}

pub(super) fn reasons(
    gate: &Gate,
    analysis: &Analysis,
    changes: Option<&Changes>,
    alerts: &[Alert],
) -> Vec<Reason> {
    let mut reasons = nothing(gate, analysis, changes);
    if gate.fail_on.contains(&FailOn::Target) {
        reasons.extend(targets(analysis));
    }
    if let Some(least) = gate.fail_on.iter().filter_map(|fail_on| fail_on.severity()).min() {
        let bad = analysis.bottlenecks.iter().filter(|bottleneck| bottleneck.severity >= least);
        reasons.extend(bad.map(|bottleneck| {
            let text = format!("{}: {} ({})", bottleneck.severity.name(), bottleneck.what, bottleneck.cost);
            Reason::new(Cause::Bottleneck, text)
        }));
    }
    let any = gate.fail_on.contains(&FailOn::Regression);
    let least = gate.fail_on.iter().filter_map(|fail_on| fail_on.severity()).min();
    let counted = alerts.iter().filter(|alert| alert.counts());
    let shuts = |alert: &&Alert| any || least.is_some_and(|least| severity(&alert.row) >= least);
    reasons.extend(counted.filter(shuts).map(|alert| Reason::new(Cause::Regression, regression(alert))));
    reasons
}

/// How bad a row is: by how many times its threshold it got worse.
pub(super) fn severity(row: &Row) -> Severity {
    row.magnitude.map_or(Severity::Low, crate::compare::Magnitude::severity)
}

fn nothing(gate: &Gate, analysis: &Analysis, changes: Option<&Changes>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |text: &str| reasons.push(Reason::new(Cause::NothingMeasured, text));
    if analysis.run.measurements.is_empty() {
        add("nothing was measured");
    } else if gate.targets.is_empty()
        && changes.is_none()
        && gate.fail_on.iter().all(|on| on.severity().is_none())
    {
        add("there is nothing to hold the runs to: give it targets or a baseline");
    } else if changes.is_some_and(|changes| changes.rows.is_empty()) {
        add("nothing that was measured is in the baseline too");
    }
    reasons
}

fn targets(analysis: &Analysis) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = analysis
        .rows
        .iter()
        .filter(|row| row.status == Status::Fail)
        .map(|row| {
            let unit = row.unit.clone().unwrap_or(crate::Unit::Score);
            let actual = row.actual.map_or_else(|| "–".to_owned(), |actual| unit.show(actual));
            let floor = row.floor.as_ref().or(row.goal.as_ref());
            let floor = floor.map_or_else(|| "–".to_owned(), |floor| floor.show(&unit));
            let text = format!(
                "{}: {} ({}) is {actual}, the floor is {floor}",
                row.requirement, row.measurement, row.metric
            );
            Reason::new(Cause::Target, text)
        })
        .collect();
    if reasons.is_empty() && analysis.verdict() == Judged::Failed {
        reasons
            .push(Reason::new(Cause::NothingMeasured, "no target was measured, or one with a floor was not"));
    }
    reasons
}

fn regression(alert: &Alert) -> String {
    let row = alert.alarm();
    let interval = row.interval.as_ref().map(|_| format!(" ({})", row.show_interval())).unwrap_or_default();
    let against = if row.is_exact() {
        "exact".to_owned()
    } else {
        let p = row.p_adjusted.map(|p| format!(", adjusted p {}", crate::compare::p_value(p)));
        format!("threshold {}{}", row.threshold.show(), p.unwrap_or_default())
    };
    let place = row.location.as_ref().map(|at| format!("; measured at {at}")).unwrap_or_default();
    let again = match alert.confirmation {
        Confirmation::Confirmed => "; confirmed by measuring again",
        _ => "",
    };
    format!(
        "{}: {} ({}) went from {} to {}, {}{interval}; {against}{again}{place}",
        severity(row).name(),
        row.id,
        row.metric,
        row.unit.show(row.before.median),
        row.unit.show(row.after.median),
        row.show_change()
    )
}

/// What could not be told.
pub(super) fn open(changes: Option<&Changes>, alerts: &[Alert]) -> Vec<Reason> {
    let Some(changes) = changes else { return Vec::new() };
    let mut open = Vec::new();
    let mut add = |text: String| open.push(Reason::new(Cause::Inconclusive, text));
    let limits = &changes.limits;
    if limits.tests > 0 && !limits.can_show() {
        add(format!(
            "{} times with {} and {} runs a side are too few to show any regression: at most {} could be tested",
            limits.tests, limits.runs.0, limits.runs.1, limits.allowed
        ));
    }
    if changes.drifted() {
        add("a control drifted: the machine changed, and no time is decided".to_owned());
    }
    for (id, metric) in &changes.only_before {
        add(format!("{id} ({metric}) is in the baseline and was not measured any more"));
    }
    let settled = |row: &Row| {
        let of_row = |alert: &&Alert| alert.row.id == row.id && alert.row.metric == row.metric;
        alerts.iter().find(of_row).is_some_and(|alert| {
            matches!(alert.confirmation, Confirmation::Confirmed | Confirmation::Cleared)
        })
    };
    for row in &changes.rows {
        let what = format!("{} ({})", row.id, row.metric);
        match row.verdict {
            Verdict::Suspected if row.is_worse() && !settled(row) => {
                add(format!("{what} looks worse, {}, but one run a side shows nothing", row.show_change()))
            }
            Verdict::Refused => add(format!("{what} was measured on another machine or build")),
            Verdict::Inconclusive { runs_needed } => {
                let needs =
                    runs_needed.map_or_else(String::new, |n| format!("; {n} runs a side would decide"));
                let interval = row.interval.as_ref().map(|_| format!(" ({})", row.show_interval()));
                add(format!("{what} is {}{}{needs}", row.show_change(), interval.unwrap_or_default()));
            }
            _ => {}
        }
    }
    for alert in alerts {
        if alert.confirmation == Confirmation::Open && alert.row.verdict == Verdict::Regressed {
            add(format!(
                "{} ({}) was {}, which measuring again neither confirms nor clears",
                alert.row.id,
                alert.row.metric,
                alert.row.show_change()
            ));
        }
    }
    open
}

impl Alert {
    /// The row that shows it: the first, or where that was suspected only, the one measured again.
    fn alarm(&self) -> &Row {
        let shown = self.row.verdict == Verdict::Regressed;
        if shown { &self.row } else { self.again.as_ref().unwrap_or(&self.row) }
    }
}
