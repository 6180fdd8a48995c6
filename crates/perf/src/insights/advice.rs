//! What to do about a miss, as far as the figure itself tells.

use super::cause::Cause;
use crate::{
    Unit,
    run::{Better, COMPLETED, Kind, Run},
    targets::{Row, Status},
};

/// How much work something is, by a rule of thumb from the factor that is missing: up to 1.2 is low, up to 3 medium,
/// more is high. A few percent are usually found in the code as it is, a factor of ten needs another design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difficulty {
    /// Up to a fifth is missing.
    Low,
    /// Up to a factor of three is missing.
    Medium,
    /// More is missing.
    High,
}

impl Difficulty {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    fn of(factor: f64) -> Self {
        if factor <= 1.2 {
            Self::Low
        } else if factor <= 3.0 {
            Self::Medium
        } else {
            Self::High
        }
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub text: String,
    /// What it brings, if it brings the figure to its bound; `None` where nothing measured says so.
    pub gain: Option<String>,
    /// How much work it is likely to be.
    pub difficulty: Option<Difficulty>,
}

impl Action {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), gain: None, difficulty: None }
    }
}

/// What to do about a cause: first how sure the miss is, then where to look.
pub(super) fn actions(run: &Run, cause: &Cause<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let broken: Vec<&&Row> = cause.rows.iter().filter(|row| row.metric == COMPLETED).collect();
    if !broken.is_empty() {
        // What was cut off says nothing of how fast it is; why it was cut off is the whole matter.
        let sources = broken.iter().flat_map(|row| run.measured(&row.measurement, &row.metric));
        let mut logs: Vec<&str> = sources.filter_map(|m| m.source.as_deref()).collect();
        logs.dedup();
        let logs = if logs.is_empty() { "what it wrote before it ended".to_owned() } else { logs.join(", ") };
        return vec![Action::new(format!("read {logs}"))];
    }
    let unsure: Vec<&&Row> = cause.rows.iter().filter(|row| undecided(row)).collect();
    if !unsure.is_empty() {
        let n = if unsure.len() == 1 { "the interval reaches" } else { "the intervals reach" };
        // What decides is the kind of those that are unsure; where it is not one, each kind has its own advice.
        for kind in Kind::ALL.into_iter().filter(|kind| unsure.iter().any(|row| row.kind == Some(*kind))) {
            let again = match kind {
                Kind::Virtual => "simulate it over more seeds (`--profile full`)",
                Kind::Counted => "count it over more inputs",
                Kind::Timed | Kind::Loaded => "measure it again, longer and on a quiet machine",
            };
            let action = Action::new(format!("{again}: {n} from one side of the bound to the other"));
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        if unsure.len() == cause.rows.len() && cause.beyond.is_empty() {
            return actions;
        }
    }
    let Some((unit, factor, bound)) = worst(cause) else { return actions };
    actions.push(Action {
        text: look_at(&unit).to_owned(),
        gain: factor.map(|factor| format!("{} to reach {bound}", Unit::Ratio.show(factor))),
        difficulty: factor.map(Difficulty::of),
    });
    actions
}

/// Whether the bound lies within the interval, so that more runs may decide otherwise.
pub(super) fn undecided(row: &Row) -> bool {
    let bound = match row.status {
        Status::Fail => row.floor.as_ref(),
        Status::Marginal => row.goal.as_ref(),
        Status::Missing | Status::Pass => None,
    };
    match (bound, &row.interval, row.better) {
        (Some(bound), Some(interval), Some(Better::Lower)) => interval.low <= bound.value,
        (Some(bound), Some(interval), Some(Better::Higher)) => interval.high >= bound.value,
        _ => false,
    }
}

/// By which factor a row misses the bound that it misses, above 1; `None` where a ratio says nothing.
pub(super) fn factor(row: &Row) -> Option<f64> {
    let bound = missed(row)?.0.value;
    let actual = row.actual?;
    let factor = match row.better? {
        Better::Lower => actual / bound,
        Better::Higher => bound / actual,
    };
    (factor.is_finite() && factor > 1.0).then_some(factor)
}

/// The bound that a row misses, with its name.
pub(super) fn missed(row: &Row) -> Option<(&crate::Quantity, &'static str)> {
    match row.status {
        Status::Fail => row.floor.as_ref().map(|bound| (bound, "the floor")),
        Status::Marginal => row.goal.as_ref().map(|bound| (bound, "the goal")),
        Status::Missing | Status::Pass => None,
    }
}

/// Unit, factor and bound of what is furthest off.
fn worst(cause: &Cause<'_>) -> Option<(Unit, Option<f64>, String)> {
    let rows = cause.rows.iter().filter_map(|row| {
        let (bound, name) = missed(row)?;
        let unit = row.unit.clone()?;
        let text = format!("{name} of {}", bound.show(&unit));
        Some((unit, factor(row), text))
    });
    let beyond = cause.beyond.iter().map(|b| {
        let factor = if matches!(b.unit, Unit::Ratio) { b.limit / b.value } else { b.value / b.limit };
        let text = format!("the threshold of {}", b.unit.show_limit(b.limit));
        (b.unit.clone(), (factor.is_finite() && factor > 1.0).then_some(factor), text)
    });
    let size = |found: &(Unit, Option<f64>, String)| found.1.unwrap_or(0.0);
    rows.chain(beyond).max_by(|a, b| size(a).total_cmp(&size(b)))
}

const fn look_at(unit: &Unit) -> &'static str {
    match unit {
        Unit::Nanoseconds => {
            "profile it by function, and begin with what takes the largest share of the time"
        }
        Unit::Bytes => "profile its heap by call site, and begin with what holds most at the peak",
        Unit::Count => "count by call site, and begin with what is called most",
        Unit::Ratio => "look for what still waits in turn: a lock, a limit of rate, the slowest part",
        Unit::PerSecond | Unit::BytesPerSecond => {
            "find what is used up first as the load grows: processor, memory, a limit of connections or a lock"
        }
        Unit::Usd => {
            "list the calls by cost, and begin with the largest part: fewer calls, shorter prompts, a cache"
        }
        Unit::Fraction | Unit::Score | Unit::Other(_) => {
            "look at the cases that do worst, and at what they share"
        }
    }
}
