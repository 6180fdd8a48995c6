//! What holds things up, by severity.

use super::{
    Action, Thresholds, advice,
    cause::{Cause, causes},
};
use crate::{
    run::{COMPLETED, Measurement, Run},
    targets::{Row, Status},
};

/// How bad a bottleneck is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Any other target that is missed.
    Low,
    /// A speed-up that hardly is one, or a floor missed by a factor of three.
    Medium,
    /// Very long, or very large, or a floor missed by a factor of six.
    High,
    /// Too long or too large for any use, or a floor missed by a factor of twelve.
    Critical,
}

impl Severity {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

/// Something that is too slow, too large or too little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bottleneck {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one sentence with its figure.
    pub what: String,
    /// Where in the code it is measured, or which file its figures are in.
    pub places: Vec<String>,
    /// The measurements that say so, as `id (metric)`.
    pub evidence: Vec<String>,
    /// The requirements that it concerns.
    pub requirements: Vec<String>,
    /// How far it is from what it should be.
    pub cost: String,
    /// What it comes from, where figures that stand beside it say so.
    pub origins: Vec<String>,
    /// What to do, the first first.
    pub actions: Vec<Action>,
}

/// The bottlenecks of a run, the worst first: figures beyond the [`Thresholds`] unless a target of theirs is met or
/// they are those of an arm of a comparison (their id is the comparison's and more after a `/`), and targets that are
/// missed. One for each cause.
#[must_use]
pub fn bottlenecks(run: &Run, rows: &[Row], thresholds: &Thresholds) -> Vec<Bottleneck> {
    let mut found: Vec<Bottleneck> =
        causes(run, rows, thresholds).iter().map(|cause| bottleneck(run, cause, thresholds)).collect();
    found.sort_by_key(|bottleneck| std::cmp::Reverse(bottleneck.severity));
    found
}

/// How bad a cause is: by its worst figure, whether beyond a threshold or by how many times it misses a floor.
pub(super) fn severity(cause: &Cause<'_>, thresholds: &Thresholds) -> Severity {
    let failed = cause.rows.iter().filter(|row| row.status == Status::Fail);
    let by_floors = failed.filter_map(|row| advice::factor(row)).map(|factor| thresholds.of_multiple(factor));
    cause.beyond.iter().map(|beyond| beyond.severity).chain(by_floors).max().unwrap_or(Severity::Low)
}

fn bottleneck(run: &Run, cause: &Cause<'_>, thresholds: &Thresholds) -> Bottleneck {
    let figures = measurements(run, cause);
    let mut places: Vec<String> =
        figures.iter().filter_map(|m| m.location.clone().or_else(|| m.source.clone())).collect();
    places.sort();
    places.dedup();
    let mut requirements: Vec<String> = cause.rows.iter().map(|row| row.requirement.clone()).collect();
    requirements.sort();
    requirements.dedup();
    Bottleneck {
        severity: severity(cause, thresholds),
        what: what(cause),
        places,
        evidence: evidence(cause),
        requirements,
        cost: cost(cause),
        origins: Vec::new(),
        actions: advice::actions(run, cause),
    }
}

/// The measurements that a cause rests on, as `id (metric)`, without repetition.
pub(super) fn evidence(cause: &Cause<'_>) -> Vec<String> {
    let rows = cause.rows.iter().map(|row| format!("{} ({})", row.measurement, row.metric));
    let beyond = cause.beyond.iter().map(|beyond| format!("{} ({})", beyond.id, beyond.metric));
    let mut names: Vec<String> = Vec::new();
    for name in rows.chain(beyond) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn measurements<'a>(run: &'a Run, cause: &Cause<'a>) -> Vec<&'a Measurement> {
    let named = cause.rows.iter().flat_map(|row| run.measured(&row.measurement, &row.metric));
    named.chain(cause.beyond.iter().filter_map(|beyond| beyond.measurement)).collect()
}

/// The worst figure in a sentence, and how many others share the cause.
pub(super) fn what(cause: &Cause<'_>) -> String {
    let others = evidence(cause).len().saturating_sub(1);
    let more = match others {
        0 => String::new(),
        1 => ", and one more".to_owned(),
        n => format!(", and {n} more"),
    };
    let fails = cause.rows.iter().filter(|row| row.status == Status::Fail).copied();
    let factor = |row: &&Row| advice::factor(row).unwrap_or(0.0);
    let worst = fails.max_by(|a, b| factor(a).total_cmp(&factor(b)));
    let worst = worst.or_else(|| cause.rows.iter().copied().max_by(|a, b| factor(a).total_cmp(&factor(b))));
    let row = worst.and_then(|row| {
        let ((bound, name), unit, actual) = (advice::missed(row)?, row.unit.as_ref()?, row.actual?);
        if row.metric == COMPLETED {
            return Some(format!("{} did not complete{more}", row.measurement));
        }
        let (id, metric, shown, bound) = (&row.measurement, &row.metric, unit.show(actual), bound.show(unit));
        let verb = if advice::undecided(row) { "is not surely within" } else { "misses" };
        Some(format!("{id} ({metric}) is at {shown} and {verb} {name} of {bound}{more}"))
    });
    row.or_else(|| {
        let worst = cause.beyond.iter().max_by_key(|beyond| beyond.severity)?;
        let (value, limit) = (worst.unit.show(worst.value), worst.unit.show_limit(worst.limit));
        let side = if worst.value > worst.limit { "above" } else { "below" };
        Some(format!("{} ({}) is at {value}, {side} the threshold of {limit}{more}", worst.id, worst.metric))
    })
    .unwrap_or_default()
}

fn cost(cause: &Cause<'_>) -> String {
    let from_rows = cause.rows.iter().filter_map(|row| {
        let ((bound, name), actual, unit) = (advice::missed(row)?, row.actual?, row.unit.as_ref()?);
        let off = (actual - bound.value).abs();
        let text = match advice::factor(row) {
            Some(factor) => format!("{} from {name} ({})", unit.show(off), crate::Unit::Ratio.show(factor)),
            None => format!("{} from {name}", unit.show(off)),
        };
        Some((advice::factor(row).unwrap_or(0.0), text))
    });
    let from_limits = cause.beyond.iter().map(|beyond| {
        let off = beyond.unit.show((beyond.value - beyond.limit).abs());
        (0.0, format!("{off} from the threshold"))
    });
    let worst = from_rows.chain(from_limits).max_by(|a, b| a.0.total_cmp(&b.0));
    worst.map(|(_, text)| text).unwrap_or_default()
}
