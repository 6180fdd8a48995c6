//! Misses, grouped by what causes them.

use super::Thresholds;
use crate::{
    Unit,
    run::{Comparison, Effect, Estimate, Measurement, Run},
    targets::{Row, Status},
};

/// Figures that are too slow, too large or too little for one reason, as far as the data tell.
#[derive(Debug, Default)]
pub(super) struct Cause<'a> {
    /// Rows that are not passed.
    pub(super) rows: Vec<&'a Row>,
    /// Figures beyond a general threshold, and not held to a target that they meet.
    pub(super) beyond: Vec<Beyond<'a>>,
}

/// A figure beyond a general threshold.
#[derive(Debug)]
pub(super) struct Beyond<'a> {
    pub(super) id: String,
    pub(super) metric: &'a str,
    pub(super) value: f64,
    pub(super) unit: &'a Unit,
    pub(super) limit: f64,
    pub(super) severity: super::Severity,
    pub(super) measurement: Option<&'a Measurement>,
}

impl Cause<'_> {
    fn speaks_of(&self, id: &str, metric: &str) -> bool {
        self.rows.iter().any(|row| row.measurement == id && row.metric == metric)
            || self.beyond.iter().any(|beyond| beyond.id == id && beyond.metric == metric)
    }
}

/// All causes: first those of missed targets, then those of figures beyond a threshold.
pub(super) fn causes<'a>(run: &'a Run, rows: &'a [Row], thresholds: &Thresholds) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    for row in rows.iter().filter(|row| matches!(row.status, Status::Fail | Status::Marginal)) {
        // One target, or one measurement, is one cause: what the row connects becomes one.
        let (mut joined, apart): (Vec<_>, Vec<_>) = causes.into_iter().partition(|cause| {
            cause.speaks_of(&row.measurement, &row.metric)
                || cause.rows.iter().any(|other| other.target == row.target)
        });
        let mut cause = if joined.is_empty() { Cause::default() } else { joined.remove(0) };
        for other in joined {
            cause.rows.extend(other.rows);
        }
        cause.rows.push(row);
        causes = apart;
        causes.push(cause);
    }
    for beyond in beyond_thresholds(run, thresholds) {
        let met = rows.iter().any(|row| {
            row.status == Status::Pass && row.measurement == beyond.id && row.metric == beyond.metric
        });
        let at = causes.iter().position(|cause| cause.speaks_of(&beyond.id, beyond.metric));
        match at {
            Some(at) => causes[at].beyond.push(beyond),
            // A target that is met says what this figure may be, and outranks what holds for any figure.
            None if met => {}
            None => causes.push(Cause { rows: Vec::new(), beyond: vec![beyond] }),
        }
    }
    causes
}

fn beyond_thresholds<'a>(run: &'a Run, thresholds: &Thresholds) -> Vec<Beyond<'a>> {
    use super::Severity::{Critical, High, Medium};
    let mut found = Vec::new();
    for m in run.measurements.iter().filter(|m| !is_of_an_arm(run, m)) {
        let (value, limits) = match &m.unit {
            Unit::Nanoseconds => (m.value, [(Critical, thresholds.critical_ns), (High, thresholds.high_ns)]),
            Unit::Bytes => (m.value, [(Critical, thresholds.critical_bytes), (High, thresholds.high_bytes)]),
            Unit::Ratio if is_speed_up(&m.metric) => {
                if m.value < thresholds.speed_up {
                    found.push(beyond(m, thresholds.speed_up, Medium));
                }
                continue;
            }
            _ => continue,
        };
        if let Some((severity, limit)) = limits.into_iter().find(|(_, limit)| value > *limit) {
            found.push(beyond(m, limit, severity));
        }
    }
    for comparison in &run.comparisons {
        for contrast in
            comparison.contrasts.iter().filter(|c| is_speed_up(&c.metric) && c.effect == Effect::Ratio)
        {
            let Estimate { value, unit, .. } = &contrast.estimate;
            if *value < thresholds.speed_up {
                found.push(Beyond {
                    id: format!("{}/{} against {}", comparison.id, contrast.a, contrast.b),
                    metric: &contrast.metric,
                    value: *value,
                    unit,
                    limit: thresholds.speed_up,
                    severity: Medium,
                    measurement: None,
                });
            }
        }
    }
    found
}

fn beyond(m: &Measurement, limit: f64, severity: super::Severity) -> Beyond<'_> {
    let (id, metric) = (m.id.clone(), m.metric.as_str());
    Beyond { id, metric, value: m.value, unit: &m.unit, limit, severity, measurement: Some(m) }
}

/// Whether a figure is that of an arm of a comparison. Arms are there to be compared, the slow ones too: what a figure
/// may be in general does not hold for them.
fn is_of_an_arm(run: &Run, m: &Measurement) -> bool {
    let arm = |comparison: &Comparison| m.id.strip_prefix(&comparison.id)?.strip_prefix('/');
    run.comparisons.iter().any(|comparison| arm(comparison).is_some())
}

fn is_speed_up(metric: &str) -> bool {
    matches!(metric, "speed-up" | "speedup" | "speed_up")
}
