//! The three shapes of a summary, and the one they are brought to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// How deep groups are followed.
const DEPTH: usize = 32;

#[derive(Debug, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    metrics: Value,
    #[serde(default)]
    root_group: Value,
    #[serde(default)]
    results: Value,
    #[serde(default)]
    metadata: Value,
}

/// A summary of any shape.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) metrics: Vec<(String, Metric)>,
    pub(super) checks: Vec<Check>,
    pub(super) generated_at: Option<String>,
    pub(super) version: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Metric {
    /// `trend`, `counter`, `rate`, `gauge`.
    pub(super) kind: String,
    /// `time`, `data`, `default`; empty where it is not told.
    pub(super) contains: String,
    pub(super) values: BTreeMap<String, f64>,
    pub(super) thresholds: Vec<Threshold>,
}

impl Metric {
    /// Whether a trend holds milliseconds: told, or for the metrics of k6 itself known.
    pub(super) fn is_time(&self, name: &str) -> bool {
        let known = ["http_req_", "iteration_duration", "group_duration", "ws_", "grpc_req_", "browser_"];
        self.contains == "time"
            || self.contains.is_empty() && known.iter().any(|start| name.starts_with(start))
    }
}

#[derive(Debug)]
pub(super) struct Threshold {
    pub(super) expression: String,
    pub(super) held: bool,
}

#[derive(Debug)]
pub(super) struct Check {
    pub(super) path: String,
    pub(super) passes: f64,
    pub(super) fails: f64,
}

impl Form {
    pub(super) fn plain(self) -> Summary {
        let mut summary = Summary::default();
        let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        summary.generated_at = text(&self.metadata, "generatedAt");
        summary.version = text(&self.metadata, "k6Version");
        match &self.metrics {
            Value::Object(metrics) => {
                summary.metrics.extend(metrics.iter().map(|(name, told)| (name.clone(), metric(told))));
            }
            Value::Array(metrics) => summary.take(metrics),
            _ => {}
        }
        checks(&self.root_group, DEPTH, &mut summary.checks);
        if let Some(Value::Array(metrics)) = self.results.get("metrics") {
            summary.take(metrics);
        }
        let told = self.results.get("checks");
        if let Some(Value::Array(metrics)) = told.and_then(|told| told.get("metrics")) {
            summary.take(metrics);
        }
        if let Some(Value::Array(results)) = told.and_then(|told| told.get("results")) {
            summary.checks.extend(results.iter().filter_map(|told| check(told, None)));
        }
        summary
    }
}

impl Summary {
    fn take(&mut self, metrics: &[Value]) {
        for told in metrics {
            if let Some(name) = told.get("name").and_then(Value::as_str) {
                self.metrics.push((name.to_owned(), metric(told)));
            }
        }
        self.metrics.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

fn metric(told: &Value) -> Metric {
    let text = |field: &str| told.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    // In `--summary-export` the values stand in the metric itself.
    let values = told.get("values").unwrap_or(told);
    let values: BTreeMap<String, f64> = values
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)))
        .collect();
    let thresholds = told.get("thresholds").and_then(Value::as_object).into_iter().flatten();
    let thresholds = thresholds.filter_map(|(expression, told)| {
        let held = match told {
            // In `--summary-export`, where `true` means that it was crossed.
            Value::Bool(crossed) => !crossed,
            told => told.get("ok")?.as_bool()?,
        };
        Some(Threshold { expression: expression.clone(), held })
    });
    let thresholds = thresholds.collect();
    let kind = match text("type") {
        kind if kind.is_empty() => kind_of(&values).to_owned(),
        kind => kind,
    };
    Metric { kind, contains: text("contains"), values, thresholds }
}

/// The type, by the values that it has.
fn kind_of(values: &BTreeMap<String, f64>) -> &'static str {
    let has = |name: &str| values.contains_key(name);
    if has("avg") || has("med") || values.keys().any(|name| name.starts_with("p(")) {
        "trend"
    } else if has("count") {
        "counter"
    } else if has("passes") || has("fails") || has("rate") {
        "rate"
    } else {
        "gauge"
    }
}

/// The checks of a group and of the groups in it, which are lists in one format and maps in another.
fn checks(group: &Value, depth: usize, into: &mut Vec<Check>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for (name, told) in members(group.get("checks")) {
        into.extend(check(told, name));
    }
    for (_, group) in members(group.get("groups")) {
        checks(group, depth, into);
    }
}

fn members(of: Option<&Value>) -> Vec<(Option<&str>, &Value)> {
    match of {
        Some(Value::Array(list)) => list.iter().map(|member| (None, member)).collect(),
        Some(Value::Object(map)) => map.iter().map(|(name, member)| (Some(name.as_str()), member)).collect(),
        _ => Vec::new(),
    }
}

fn check(told: &Value, name: Option<&str>) -> Option<Check> {
    let text = |field: &str| told.get(field).and_then(Value::as_str);
    let path = text("path").or_else(|| text("name")).or(name)?.to_owned();
    let count = |field: &str| told.get(field).and_then(Value::as_f64).filter(|count| *count >= 0.0);
    Some(Check { path, passes: count("passes")?, fails: count("fails")? })
}
