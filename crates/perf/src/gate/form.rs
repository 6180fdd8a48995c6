//! What a gate came to, as data for other programs.

use serde_json::{Value, json};

use super::{Alert, Calibration, Gated, Reason};
use crate::run::Interval;

/// The version of the form that [`Gated::to_json`] writes.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn write(gated: &Gated) -> Value {
    json!({
        "assize": "gate",
        "format_version": FORMAT_VERSION,
        "outcome": gated.outcome().name(),
        "is_open": gated.is_open(),
        "reasons": reasons(&gated.reasons),
        "inconclusive": reasons(&gated.open),
        "inconclusive_fails": gated.inconclusive_fails,
        "alerts": gated.alerts.iter().map(alert).collect::<Vec<_>>(),
        "calibration": gated.calibration.as_ref().map(calibration),
        "comparison": gated.changes.as_ref().map(super::Changes::to_json),
        "analysis": gated.analysis.to_json(),
    })
}

fn reasons(reasons: &[Reason]) -> Vec<Value> {
    reasons.iter().map(|reason| json!({"cause": reason.cause.name(), "text": reason.text})).collect()
}

fn alert(alert: &Alert) -> Value {
    json!({
        "id": alert.row.id,
        "metric": alert.row.metric,
        "verdict": alert.row.verdict.name(),
        "severity": super::reasons::severity(&alert.row).name(),
        "change": alert.row.change,
        "confirmation": alert.confirmation.name(),
        "change_again": alert.again.as_ref().and_then(|row| row.change),
        "counts": alert.counts(),
    })
}

fn calibration(c: &Calibration) -> Value {
    let interval =
        |i: &Option<Interval>| i.as_ref().map(|i| json!({"low": i.low, "high": i.high, "level": i.level}));
    let found: Vec<Value> = c
        .found
        .iter()
        .map(|found| json!({"effect": found.effect, "share": found.share, "interval": interval(&found.interval)}))
        .collect();
    json!({
        "nominal": c.nominal,
        "false_alarms": c.false_alarms,
        "interval": interval(&c.interval),
        "suites": c.suites,
        "figures": c.figures,
        "deviation": c.deviation,
        "has_drift": c.has_drift,
        "found": found,
    })
}
