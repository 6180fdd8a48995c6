//! What a reader should take away.

use super::{
    Action, Severity, Thresholds, advice,
    bottleneck::{evidence, severity, what},
    cause::{Cause, causes},
};
use crate::{
    run::{Kind, Measurement, Run},
    statistics::{Sorted, real},
    targets::{Row, Status},
};

/// With fewer samples quartiles say too little to call anything an outlier.
const MIN_FOR_OUTLIERS: usize = 10;

/// A kind of failure is named with no more characters than this.
const LONGEST_KIND: usize = 80;

/// What kind of insight it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InsightKind {
    /// Something must be done.
    Warning,
    /// Something can be better.
    Optimization,
    /// Something is as it should be.
    Success,
    /// Something worth knowing.
    Info,
}

impl InsightKind {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "WARNING",
            Self::Optimization => "OPTIMIZATION",
            Self::Success => "SUCCESS",
            Self::Info => "INFO",
        }
    }
}

/// Something that the figures say, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insight {
    /// What kind it is.
    pub kind: InsightKind,
    /// How much it matters, 1 (little) to 5 (most).
    pub priority: u8,
    /// What the figures say, in one sentence.
    pub text: String,
    /// What to do, the first first.
    pub actions: Vec<Action>,
    /// What it comes from: measurements as `id (metric)`, comparisons and files by name.
    pub evidence: Vec<String>,
}

/// The insights of a run, what matters most first. One for each cause (see [`bottlenecks`](super::bottlenecks)), and
/// one each for: what is met, what was not measured, what is not steady of each kind that asks for something else, what
/// could not be read, each comparison.
#[must_use]
pub fn insights(run: &Run, rows: &[Row], thresholds: &Thresholds) -> Vec<Insight> {
    let causes = causes(run, rows, thresholds);
    let mut found: Vec<Insight> = causes.iter().map(|cause| miss(run, cause, thresholds)).collect();
    let explained: Vec<String> = causes.iter().flat_map(evidence).collect();
    found.extend(met(rows));
    found.extend(missing(rows, thresholds));
    found.extend(unsteady(run, thresholds, &explained));
    found.extend(failing(run, &explained));
    found.extend(unread(run));
    found.extend(compared(run));
    found.sort_by_key(|insight| (std::cmp::Reverse(insight.priority), insight.kind));
    found
}

fn miss(run: &Run, cause: &Cause<'_>, thresholds: &Thresholds) -> Insight {
    let severity = severity(cause, thresholds);
    let failed = cause.rows.iter().filter(|row| row.status == Status::Fail).map(|row| row.importance).max();
    let marginal = cause.rows.iter().map(|row| row.importance.saturating_sub(1).max(1)).max();
    let by_severity = match severity {
        Severity::Critical => 5,
        Severity::High => 4,
        Severity::Medium => 3,
        Severity::Low => 1,
    };
    let warns = failed.is_some() || severity >= Severity::High;
    Insight {
        kind: if warns { InsightKind::Warning } else { InsightKind::Optimization },
        priority: by_severity.max(failed.or(marginal).unwrap_or(1)),
        text: what(cause),
        actions: advice::actions(run, cause),
        evidence: evidence(cause),
    }
}

fn met(rows: &[Row]) -> Option<Insight> {
    let passed: Vec<&Row> = rows.iter().filter(|row| row.status == Status::Pass).collect();
    let tightest =
        passed.iter().filter_map(|row| Some((row, row.margin?))).min_by(|a, b| a.1.total_cmp(&b.1));
    let tightest = tightest.map(|(row, margin)| {
        format!(
            "; the tightest is {} ({}) with {} to spare",
            row.measurement,
            row.metric,
            crate::Unit::Fraction.show(margin)
        )
    });
    (!passed.is_empty()).then(|| Insight {
        kind: InsightKind::Success,
        priority: 1,
        text: format!(
            "{} of {} rows are met with their whole interval{}",
            passed.len(),
            rows.len(),
            tightest.unwrap_or_default()
        ),
        actions: vec![Action::new(
            "hold them: run this report with the same targets in CI, it exits with 1 when one fails",
        )],
        evidence: passed.iter().map(|row| format!("{} ({})", row.measurement, row.metric)).collect(),
    })
}

fn missing(rows: &[Row], thresholds: &Thresholds) -> Option<Insight> {
    let missing: Vec<&Row> = rows.iter().filter(|row| row.status == Status::Missing).collect();
    let all = missing.len() == rows.len();
    let importance = missing.iter().map(|row| row.importance).max()?;
    let gaps = missing.iter().filter(|row| thresholds.is_gap(row)).count();
    let text = if all {
        "no target was measured: this run proves nothing".to_owned()
    } else {
        let missing = match missing.len() {
            1 => "one target was not measured".to_owned(),
            n => format!("{n} targets were not measured"),
        };
        let failing = match gaps {
            0 => String::new(),
            1 => ", one with a floor: this run should hold it, and fails".to_owned(),
            n => format!(", {n} with a floor: this run should hold them, and fails"),
        };
        missing + &failing
    };
    let warns = all || gaps > 0;
    Some(Insight {
        kind: if warns { InsightKind::Warning } else { InsightKind::Info },
        priority: if warns { 5 } else { importance.saturating_sub(1).max(1) },
        text,
        actions: vec![Action::new("measure them, or correct ids, metrics and units in the file of targets")],
        evidence: missing.iter().map(|row| format!("{} ({})", row.measurement, row.metric)).collect(),
    })
}

/// What is loosely known, for each kind of figure that asks for something else.
fn unsteady(run: &Run, thresholds: &Thresholds, explained: &[String]) -> Vec<Insight> {
    let spread = |m: &Measurement| {
        // A ramp of users is no noise.
        if m.is_course() {
            return false;
        }
        let wide = m.interval.as_ref().is_some_and(|i| {
            let reach = (i.high - m.value).max(m.value - i.low);
            reach > thresholds.unsteady * m.value.abs()
        });
        let severe = Sorted::new(&m.samples).map_or(0, |sorted| sorted.outliers().severe());
        wide || m.samples.len() >= MIN_FOR_OUTLIERS && real(severe) > 0.05 * real(m.samples.len())
    };
    let name = |m: &Measurement| format!("{} ({})", m.id, m.metric);
    // A rate that was computed from a time is as unsteady as the time: one cause.
    let loose: Vec<&Measurement> = run
        .measurements
        .iter()
        .filter(|m| spread(m) && !m.metric.ends_with("throughput") && !explained.contains(&name(m)))
        .collect();
    let kinds: [(&[Kind], &str, &str); 3] = [
        (&[Kind::Timed, Kind::Loaded], "measured", "measure longer, on a machine where nothing else runs"),
        (
            &[Kind::Virtual],
            "simulated",
            "simulate more seeds (`--profile full`): one seed gives the same figure every time, the spread is that \
             of the seeds",
        ),
        (
            &[Kind::Counted],
            "counted",
            "count over more inputs: a count does not depend on how busy the machine is",
        ),
    ];
    let insight = |(kinds, how, advice): (&[Kind], &str, &str)| {
        let evidence: Vec<String> =
            loose.iter().filter(|m| kinds.contains(&m.kind)).map(|m| name(m)).collect();
        let n = evidence.len();
        (n > 0).then(|| Insight {
            kind: InsightKind::Info,
            priority: 2,
            text: format!(
                "{n} {how} {} loosely known: the interval reaches further than {} from the figure, or more than 5 % \
                 of the samples are severe outliers",
                if n == 1 { "figure is" } else { "figures are" },
                crate::Unit::Fraction.show(thresholds.unsteady)
            ),
            actions: vec![Action::new(advice)],
            evidence,
        })
    };
    kinds.into_iter().filter_map(insight).collect()
}

/// What did not succeed under load: its latency is that of errors as well.
fn failing(run: &Run, explained: &[String]) -> Option<Insight> {
    let name = |m: &Measurement| format!("{} ({})", m.id, m.metric);
    let of = |metrics: &[&str]| {
        let found = run.measurements.iter().filter(|m| metrics.contains(&m.metric.as_str()) && m.value > 0.0);
        let mut found: Vec<&Measurement> = found.filter(|m| !explained.contains(&name(m))).collect();
        found.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.id.cmp(&b.id)));
        found
    };
    let (rates, kinds) = (of(&["error-rate"]), of(&["failures", "exceptions"]));
    let counted = kinds.first().map(|most| {
        let all: f64 = kinds.iter().map(|m| m.value).sum();
        // The name of a kind is a whole message.
        let kind: String = most.id.chars().take(LONGEST_KIND).collect();
        let more = if kind.len() < most.id.len() { "…" } else { "" };
        format!("{} of {} failures are {kind}{more}", most.unit.show(most.value), most.unit.show(all))
    });
    let rate = rates.first().map(|most| format!("{} has {} of errors", most.id, most.unit.show(most.value)));
    let text: Vec<String> = rate.into_iter().chain(counted).collect();
    (!text.is_empty()).then(|| Insight {
        kind: InsightKind::Warning,
        priority: 4,
        text: text.join("; "),
        actions: vec![Action::new("see why they fail before reading any latency: an error is often quick")],
        evidence: rates.into_iter().chain(kinds).map(name).collect(),
    })
}

fn unread(run: &Run) -> Option<Insight> {
    let mut files: Vec<String> = run.findings.iter().map(|finding| finding.file.clone()).collect();
    files.sort();
    files.dedup();
    let n = run.findings.len();
    (n > 0).then(|| Insight {
        kind: InsightKind::Warning,
        priority: 3,
        text: format!(
            "{n} {} while the results were read",
            if n == 1 { "oddity was found" } else { "oddities were found" }
        ),
        actions: vec![Action::new("see them in the appendix; write what is cut or broken again")],
        evidence: files,
    })
}

fn compared(run: &Run) -> Vec<Insight> {
    let insight = |comparison: &crate::run::Comparison| {
        let (text, actions) = match &comparison.winner {
            Some(winner) => (format!("{}: {} wins, {}", comparison.id, winner.arm, winner.why), Vec::new()),
            None => (
                format!("{}: the data do not say which is better", comparison.id),
                vec![Action::new("compare over more runs, or take the cheaper one")],
            ),
        };
        Insight { kind: InsightKind::Info, priority: 2, text, actions, evidence: vec![comparison.id.clone()] }
    };
    run.comparisons.iter().map(insight).collect()
}
