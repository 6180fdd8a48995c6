//! Holding a run to its targets.

use super::Target;
use crate::{
    Quantity, Unit, natural,
    run::{Better, Interval, Kind, Measurement, Run},
};

/// What came of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The floor is not met: the bad end of the interval lies beyond it.
    Fail,
    /// The floor is met with the whole interval (or there is none), the goal is not, or only with a part of it.
    Marginal,
    /// Nothing fitting was measured.
    Missing,
    /// The goal is met with the whole interval; where there is no goal, the floor.
    Pass,
}

impl Status {
    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Marginal => "marginal",
            Self::Missing => "missing",
            Self::Pass => "pass",
        }
    }
}

/// Which bound a margin is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// The least that is accepted.
    Floor,
    /// What is aimed at.
    Goal,
}

/// One target held against one measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The id of the requirement.
    pub requirement: String,
    /// The id of the measurement; the pattern of the target where nothing was measured.
    pub measurement: String,
    /// Which metric of it.
    pub metric: String,
    /// The floor of the target.
    pub floor: Option<Quantity>,
    /// The goal of the target.
    pub goal: Option<Quantity>,
    /// The figure; `None` where nothing was measured.
    pub actual: Option<f64>,
    /// The interval of the figure.
    pub interval: Option<Interval>,
    /// The unit of the figure.
    pub unit: Option<Unit>,
    /// Which way the figure is better.
    pub better: Option<Better>,
    /// How the figure came about.
    pub kind: Option<Kind>,
    /// What came of it.
    pub status: Status,
    /// How far the figure lies on the good side of the bound, as a share of the bound: 0.25 is a quarter better,
    /// −0.25 a quarter worse. `None` where nothing was measured, or for a bound of zero.
    pub margin: Option<f64>,
    /// Which bound the margin is taken from: the goal where there is one.
    pub bound: Bound,
    /// How much the target matters, 1 to 5.
    pub importance: u8,
    /// The remark of the target, and why a figure was not held against it.
    pub note: Option<String>,
    /// The place of the target in the list that was given, from 0.
    pub target: usize,
    /// The ids that the target speaks of, as it writes them: `debate/turn/*`.
    pub pattern: String,
}

/// Holds a run to targets: one row for each measurement that a target speaks of, in the order of the targets and then
/// of the names as people count (`turn/2` before `turn/16`), and one row [`Status::Missing`] for each target that speaks of none.
///
/// A figure passes only with its whole interval: the bad end decides. A bound is met if it is reached exactly. A
/// figure with a goal that is easier than its floor must meet both to pass. A measurement whose unit does not fit
/// the target counts as missing, and the row's note says so.
#[must_use]
pub fn evaluate(run: &Run, targets: &[Target]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, target) in targets.iter().enumerate() {
        let before = rows.len();
        let mut fitting: Vec<&Measurement> =
            run.measurements.iter().filter(|m| target.applies_to(&m.id, &m.metric)).collect();
        fitting.sort_by(|a, b| natural::order(&a.id, &b.id));
        rows.extend(fitting.into_iter().map(|measurement| row(place, target, measurement)));
        if rows.len() == before {
            rows.push(missing(place, target));
        }
    }
    rows
}

fn missing(place: usize, target: &Target) -> Row {
    Row {
        requirement: target.requirement.clone(),
        measurement: target.measurement.clone(),
        metric: target.metric.clone(),
        floor: target.floor.clone(),
        goal: target.goal.clone(),
        actual: None,
        interval: None,
        unit: None,
        better: None,
        kind: None,
        status: Status::Missing,
        margin: None,
        bound: if target.goal.is_some() { Bound::Goal } else { Bound::Floor },
        importance: target.importance,
        note: target.note.clone(),
        target: place,
        pattern: target.measurement.clone(),
    }
}

fn row(place: usize, target: &Target, measurement: &Measurement) -> Row {
    let mut row = Row { measurement: measurement.id.clone(), ..missing(place, target) };
    let bounds = [target.floor.as_ref(), target.goal.as_ref()];
    let unfit = bounds.into_iter().flatten().find_map(|bound| {
        bound.unit.as_ref().filter(|unit| !unit.comparable(&measurement.unit)).map(|unit| (bound, unit))
    });
    if let Some((bound, unit)) = unfit {
        let why = format!(
            "the target ({}, line {}) is in {}, the measurement in {}: they cannot be compared",
            bound.text,
            target.line,
            unit.name(),
            measurement.unit.name()
        );
        row.note = Some(target.note.as_ref().map_or_else(|| why.clone(), |note| format!("{note}; {why}")));
        return row;
    }
    if !measurement.is_finite() {
        row.note = Some("the figure is not finite".to_owned());
        return row;
    }
    let worst = measurement.at_worst();
    let met = |bound: &Quantity| meets(worst, bound.value, measurement.better);
    row.status = match (&target.floor, &target.goal) {
        (Some(floor), _) if !met(floor) => Status::Fail,
        (_, Some(goal)) if !met(goal) => Status::Marginal,
        _ => Status::Pass,
    };
    let deciding = target.goal.as_ref().or(target.floor.as_ref()).map(|bound| bound.value);
    row.margin = deciding.filter(|bound| bound.abs() > 0.0).map(|bound| {
        let ahead = match measurement.better {
            Better::Lower => bound - measurement.value,
            Better::Higher => measurement.value - bound,
        };
        ahead / bound.abs()
    });
    row.actual = Some(measurement.value);
    row.interval.clone_from(&measurement.interval);
    row.unit = Some(measurement.unit.clone());
    row.better = Some(measurement.better);
    row.kind = Some(measurement.kind);
    row
}

/// Whether a figure reaches a bound.
fn meets(figure: f64, bound: f64, better: Better) -> bool {
    match better {
        Better::Lower => figure <= bound,
        Better::Higher => figure >= bound,
    }
}
