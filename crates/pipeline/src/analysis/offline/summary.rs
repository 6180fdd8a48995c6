//! What rules make of all frameworks: a summary that cites.

use super::super::{
    Known,
    framework::{Cell, Framework, Point, SYNTHESIS, Writer},
    prompt::Form,
};
use crate::{Shortfall, Status};

/// So many points of a side.
const MOST: usize = 5;

/// The summary; `shortfalls` say why no model wrote it, where one was meant to.
pub(in super::super) fn summary(
    known: &Known,
    frameworks: &[Framework],
    shortfalls: Vec<Shortfall>,
) -> Framework {
    let side = |keys: [&str; 2]| -> Vec<Point> {
        let cells =
            frameworks.iter().filter(|framework| framework.name == "swot").flat_map(|swot| &swot.cells);
        let mut sides: Vec<Vec<Point>> = keys
            .iter()
            .map(|key| {
                cells.clone().filter(|cell| cell.key == *key).flat_map(|cell| cell.points.clone()).collect()
            })
            .collect();
        // Of what it does itself and of what is around it in turn, so that neither hides the other.
        let (around, own) = (sides.pop().unwrap_or_default(), sides.pop().unwrap_or_default());
        let most_own = MOST.saturating_sub(around.len().min(2));
        let own: Vec<Point> = own.into_iter().take(most_own).collect();
        let left = MOST - own.len();
        own.into_iter().chain(around.into_iter().take(left)).collect()
    };
    let (supports, risks) = (side(["strengths", "opportunities"]), side(["weaknesses", "threats"]));
    let points = [supports, risks, watch(known)];
    let cells = SYNTHESIS
        .iter()
        .zip(points)
        .map(|(kind, points)| Cell { key: kind.key, title: kind.title, points, missing: None })
        .collect();
    let text = words(known, frameworks);
    Framework::written(Form::SYNTHESIS.naming(), Writer::Rules, Some(text), cells, shortfalls)
}

fn words(known: &Known, frameworks: &[Framework]) -> String {
    let mut parts = Vec::new();
    match known.financial.found.as_ref() {
        Some(financial) => {
            let end =
                financial.period_end.map(|end| format!(" of the statements to {end}")).unwrap_or_default();
            parts.push(match &financial.health {
                Some(health) => {
                    format!("Health of its finances {} ({:.0} of 100){end}", health.grade, health.score)
                }
                None => format!("Too few figures{end} for a grade"),
            });
        }
        None => parts.push("Nothing is known of its statements".to_owned()),
    }
    for id in [
        "fin.revenue-growth",
        "fin.operating-margin",
        "mkt.return-1y",
        "mkt.volatility",
        "fin.earnings-yield",
    ] {
        parts.extend(known.measure(id).map(|measure| format!("{} {}", measure.name, measure.shown())));
    }
    let count = |key: &str| {
        let cells =
            frameworks.iter().filter(|framework| framework.name == "swot").flat_map(|swot| &swot.cells);
        cells.filter(|cell| cell.key == key).map(|cell| cell.points.len()).sum::<usize>()
    };
    if frameworks.iter().any(|framework| framework.name == "swot" && framework.status != Status::Missing) {
        parts.push(format!(
            "strengths {}, weaknesses {}, opportunities {}, threats {}",
            count("strengths"),
            count("weaknesses"),
            count("opportunities"),
            count("threats")
        ));
    }
    let missing = frameworks.iter().filter(|framework| framework.status == Status::Missing);
    let missing: Vec<&str> = missing.map(|framework| framework.title).collect();
    if !missing.is_empty() {
        parts.push(format!("not filled in: {}", missing.join(", ")));
    }
    format!("{}.", parts.join("; "))
}

/// What the market expects, and what may change it.
fn watch(known: &Known) -> Vec<Point> {
    let expected = ["mkt.implied-volatility", "mac.policy-rate-change", "res.attention"];
    expected
        .iter()
        .filter_map(|id| known.measure(id))
        .map(|measure| Point::resting_on(measure.text.clone(), vec![measure.id.clone()]))
        .collect()
}
