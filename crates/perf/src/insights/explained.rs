//! What costs and changes come from, brought together with what is known to be too slow.

use std::cmp::Reverse;

use super::{Action, Bottleneck, Insight, InsightKind};
use crate::explain::{Explanation, Origin};

/// From this factor on a change matters as much as anything.
const ENORMOUS: f64 = 12.0;
/// From this factor on it matters much.
const LARGE: f64 = 3.0;

/// Tells each explanation once: with the bottleneck and the insight that speak of the same figures where there are
/// some, by an insight of its own otherwise.
pub(crate) fn attach(
    explanations: &[Explanation],
    bottlenecks: &mut [Bottleneck],
    insights: &mut Vec<Insight>,
) {
    for one in explanations {
        if let Some(known) = bottlenecks.iter_mut().find(|known| cites(&known.evidence, one)) {
            known.origins.push(one.text.clone());
            known.actions.insert(0, action(one));
            // The place of the cause goes before that of the benchmark.
            known.places = joined(&one.places, &known.places);
        }
        let missed = insights.iter_mut().find(|known| {
            matches!(known.kind, InsightKind::Warning | InsightKind::Optimization)
                && cites(&known.evidence, one)
        });
        match missed {
            Some(known) => {
                known.text = format!("{}; {}", known.text, one.text);
                known.actions.insert(0, action(one));
                known.evidence = joined(&known.evidence, &one.evidence);
                known.priority = known.priority.max(priority(one));
            }
            None => insights.push(insight(one)),
        }
    }
    insights.sort_by_key(|insight| (Reverse(insight.priority), insight.kind));
}

/// Whether figures that are cited as `id (metric)` are among those that an explanation speaks of.
fn cites(evidence: &[String], one: &Explanation) -> bool {
    let is_of =
        |cited: &String, id: &String| cited.strip_prefix(id).is_some_and(|rest| rest.starts_with(" ("));
    evidence.iter().any(|cited| one.ids.iter().any(|id| is_of(cited, id)))
}

fn joined(first: &[String], second: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for one in first.iter().chain(second) {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

fn action(one: &Explanation) -> Action {
    let place = one.places.first().map_or_else(String::new, |place| format!(", at {place}"));
    Action { text: format!("{}{place}", one.action), gain: one.gain(), difficulty: one.difficulty() }
}

fn priority(one: &Explanation) -> u8 {
    match (one.is_change, one.origin) {
        (true, _) if one.factor >= ENORMOUS => 5,
        (true, _) if one.factor >= LARGE => 4,
        (_, Origin::Leak) => 4,
        (true, _) => 3,
        (false, _) if one.share.is_some_and(|share| share >= 0.5) => 3,
        (false, _) => 2,
    }
}

fn insight(one: &Explanation) -> Insight {
    let warns = one.is_change || one.origin == Origin::Leak;
    Insight {
        kind: if warns { InsightKind::Warning } else { InsightKind::Optimization },
        priority: priority(one),
        text: one.text.clone(),
        actions: vec![action(one)],
        evidence: one.evidence.clone(),
    }
}
