//! From values to verdicts.

use super::{
    collecting::Pair,
    exact,
    magnitude::Magnitude,
    row::{Row, Side, Verdict},
    rules::Rules,
};
use crate::{
    run::{Better, Effect, Interval, Kind},
    statistics::{Bootstrap, Shift, Shifts, benjamini_hochberg, cliffs_delta, holm, pooled_deviation, welch},
};

/// Up to so many runs on both sides together there is a second interval, by bootstrap.
const BOOTSTRAPPED_UP_TO: usize = 40;

/// How often it draws.
const RESAMPLES: usize = 2_000;

/// What the runs of one figure show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is surely larger.
    Larger,
    /// It is surely smaller.
    Smaller,
    /// It is surely the same, but for what does not matter.
    Same,
    /// Neither is shown.
    Open,
}

/// Decides a whole suite of positive figures, each with its values before and after: a change is one if its adjusted p is at
/// most [`Rules::alpha`] and its whole interval is beyond `threshold` (a share); none if the whole interval is within it. The rule
/// behind every verdict on times, for those who want to try it out.
///
/// ```
/// use assize_perf::compare::{Decision, Rules, decide};
///
/// let slow = ([1.00, 1.01, 0.99, 1.02, 0.98, 1.03], [1.20, 1.21, 1.19, 1.22, 1.18, 1.23]);
/// let even = ([2.00, 2.01, 1.99, 2.02, 1.98, 2.03], [2.00, 2.01, 1.99, 2.02, 1.98, 2.03]);
/// let suite = [slow, even].map(|(before, after)| (before.to_vec(), after.to_vec()));
/// assert_eq!(decide(&suite, 0.05, &Rules::default()), [Decision::Larger, Decision::Same]);
/// ```
#[must_use]
pub fn decide(suite: &[(Vec<f64>, Vec<f64>)], threshold: f64, rules: &Rules) -> Vec<Decision> {
    decide_with(&mut Weigher::new(rules), suite, |_| threshold)
}

/// As [`decide`], with what was kept from another suite, and a threshold for each figure.
pub(crate) fn decide_with(
    weigher: &mut Weigher,
    suite: &[(Vec<f64>, Vec<f64>)],
    threshold: impl Fn(usize) -> f64,
) -> Vec<Decision> {
    let weighed: Vec<Option<Weighed>> = suite.iter().map(|(a, b)| weigher.weigh(a, b)).collect();
    let p: Vec<f64> = weighed.iter().map(|weighed| weighed.map_or(1.0, |weighed| weighed.shift.p)).collect();
    let adjusted = holm(&p).into_iter().zip(weighed).enumerate();
    let of_one = |(at, (p, weighed)): (usize, (f64, Option<Weighed>))| {
        weighed.map_or(Decision::Open, |weighed| {
            weighed.decision(p, weighed.limit(&suite[at].0, threshold(at)), weigher.alpha)
        })
    };
    adjusted.map(of_one).collect()
}

/// Weighs pairs at one level.
pub(crate) struct Weigher {
    shifts: Option<Shifts>,
    alpha: f64,
}

impl Weigher {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self { shifts: Shifts::at(rules.level), alpha: rules.alpha }
    }

    /// `None` for fewer than two runs on a side, or a value that is not finite.
    fn weigh(&mut self, before: &[f64], after: &[f64]) -> Option<Weighed> {
        if before.len() < 2 || after.len() < 2 {
            return None;
        }
        let effect = effect(before, after);
        let shift = match effect {
            Effect::Ratio => self.shifts.as_mut()?.of(&logs(before), &logs(after))?,
            Effect::Difference => self.shifts.as_mut()?.of(before, after)?,
        };
        Some(Weighed { effect, shift })
    }
}

/// What ranks say of one pair.
#[derive(Debug, Clone, Copy)]
struct Weighed {
    effect: Effect,
    shift: Shift,
}

impl Weighed {
    /// The threshold in the scale of the shift: that of logarithms, or of the values.
    fn limit(&self, before: &[f64], share: f64) -> f64 {
        match self.effect {
            Effect::Ratio => share.ln_1p(),
            Effect::Difference => share * Side::of(before.to_vec()).median.abs(),
        }
    }

    fn decision(&self, p_adjusted: f64, limit: f64, alpha: f64) -> Decision {
        let Shift { low, high, .. } = self.shift;
        if low > limit && p_adjusted <= alpha {
            Decision::Larger
        } else if high < -limit && p_adjusted <= alpha {
            Decision::Smaller
        } else if low >= -limit && high <= limit {
            Decision::Same
        } else {
            Decision::Open
        }
    }
}

fn effect(before: &[f64], after: &[f64]) -> Effect {
    let positive = before.iter().chain(after).all(|x| *x > 0.0);
    if positive { Effect::Ratio } else { Effect::Difference }
}

fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|x| x.ln()).collect()
}

/// One row for each pair. Times are refused where the machines are not `comparable`.
pub(super) fn judge(pairs: Vec<Pair>, rules: &Rules, comparable: bool) -> Vec<Row> {
    let mut weigher = Weigher::new(rules);
    let mut rows = Vec::with_capacity(pairs.len());
    let mut tested = Vec::new();
    for pair in pairs {
        let mut row = row(pair, rules);
        if row.is_exact() {
            exact::judge(&mut row, rules.tolerance);
        } else if comparable {
            match weigher.weigh(&row.before.values, &row.after.values) {
                Some(weighed) => tested.push((rows.len(), weighed)),
                None => single(&mut row),
            }
        } else {
            single(&mut row);
            row.verdict = Verdict::Refused;
        }
        rows.push(row);
    }
    let p: Vec<f64> = tested.iter().map(|(_, weighed)| weighed.shift.p).collect();
    let (family, discoveries) = (holm(&p), benjamini_hochberg(&p));
    for (((at, weighed), family), discovery) in tested.into_iter().zip(family).zip(discoveries) {
        rows[at].p_adjusted = Some(family);
        rows[at].p_discovery = Some(discovery);
        several(&mut rows[at], weighed, rules, p.len());
    }
    if comparable {
        let times = rows.iter().filter(|row| !row.is_exact()).count();
        rows.iter_mut().filter(|row| needs_more(row)).for_each(|row| ask_for_runs(row, rules, times));
    }
    rows
}

fn row(pair: Pair, rules: &Rules) -> Row {
    let Pair { id, metric, unit, better, kind, location, before, after } = pair;
    let threshold = rules.threshold(&id, &metric);
    Row {
        id,
        metric,
        unit,
        better,
        kind,
        location,
        effect: effect(&before, &after),
        before: Side::of(before),
        after: Side::of(after),
        change: None,
        interval: None,
        bootstrap: None,
        delta: None,
        p: None,
        p_adjusted: None,
        p_discovery: None,
        p_welch: None,
        deviation: None,
        detectable: None,
        threshold,
        verdict: Verdict::Inconclusive { runs_needed: None },
        magnitude: None,
        notes: Vec::new(),
    }
}

/// A time with a single run on a side is at most suspected.
fn single(row: &mut Row) {
    let (before, after) = (row.before.median, row.after.median);
    row.change = Some(match row.effect {
        Effect::Ratio => after / before,
        Effect::Difference => after - before,
    });
    let multiple = multiple(row);
    if multiple > 1.0 {
        row.verdict = Verdict::Suspected;
        row.magnitude = Some(Magnitude::of(multiple));
    }
}

/// A time with several runs on both sides.
fn several(row: &mut Row, weighed: Weighed, rules: &Rules, tests: usize) {
    let (before, after) = (&row.before.values, &row.after.values);
    let scale = |x: f64| match weighed.effect {
        Effect::Ratio => x.exp(),
        Effect::Difference => x,
    };
    let scaled = |i: Interval| Interval { low: scale(i.low), high: scale(i.high), ..i };
    let (a, b) = match weighed.effect {
        Effect::Ratio => (logs(before), logs(after)),
        Effect::Difference => (before.clone(), after.clone()),
    };
    let limit = weighed.limit(before, row.threshold.share);
    let adjusted = row.p_adjusted.unwrap_or(1.0);
    let few = a.len() + b.len() <= BOOTSTRAPPED_UP_TO;
    let bootstrap =
        Bootstrap::new(rules.seed.child(&row.id).child(&row.metric)).resamples(RESAMPLES).level(rules.level);
    row.bootstrap = few.then(|| bootstrap.shift(&a, &b)).flatten().map(scaled);
    row.effect = weighed.effect;
    row.change = Some(scale(weighed.shift.value));
    row.interval = Some(scaled(weighed.shift.into_interval()));
    row.delta = cliffs_delta(&a, &b);
    row.p = Some(weighed.shift.p);
    row.p_welch = welch(&a, &b, rules.level).map(|test| test.p);
    if weighed.effect == Effect::Ratio {
        row.deviation = pooled_deviation(&a, &b);
        let plan = rules.plan(a.len(), b.len(), tests, limit);
        row.detectable = row.deviation.and_then(|deviation| plan.detectable(deviation)).map(f64::exp_m1);
    }
    let worse = match row.better {
        Better::Lower => Decision::Larger,
        Better::Higher => Decision::Smaller,
    };
    row.verdict = match weighed.decision(adjusted, limit, rules.alpha) {
        Decision::Same => Verdict::Unchanged,
        Decision::Open => Verdict::Inconclusive { runs_needed: None },
        moved if moved == worse => Verdict::Regressed,
        _ => Verdict::Improved,
    };
    if matches!(row.verdict, Verdict::Regressed | Verdict::Improved) {
        row.magnitude = Some(Magnitude::of(multiple(row)));
    }
    let disagrees = row.p_welch.is_some_and(|p| (p <= rules.alpha) != (weighed.shift.p <= rules.alpha));
    if disagrees && row.verdict != Verdict::Unchanged {
        row.notes.push("ranks and Welch's test disagree: look at the single runs".to_owned());
    }
}

fn needs_more(row: &Row) -> bool {
    matches!(row.verdict, Verdict::Inconclusive { .. }) && matches!(row.kind, Kind::Timed | Kind::Loaded)
}

/// How many runs would decide: by what is known of their spread, or where nothing is, the least that can show anything.
fn ask_for_runs(row: &mut Row, rules: &Rules, tests: usize) {
    let limit = row.threshold.share.ln_1p();
    let plan = rules.plan(row.before.values.len(), row.after.values.len(), tests, limit);
    let shift = row.change.filter(|_| row.effect == Effect::Ratio).map(f64::ln);
    let runs_needed = match (shift, row.deviation) {
        (Some(shift), Some(deviation)) => plan.runs_to_decide(shift, deviation),
        _ => plan.runs_that_can_show(),
    };
    if !plan.can_show() && row.p.is_some() {
        row.notes.push(format!("too few runs to show any change among {tests} metrics"));
    }
    row.verdict = Verdict::Inconclusive { runs_needed };
}

/// How many times the threshold the change is; in logarithms for ratios, so that twice and half are as far.
fn multiple(row: &Row) -> f64 {
    let share = row.threshold.share;
    let multiple = match (row.effect, row.change) {
        (Effect::Ratio, Some(ratio)) => ratio.ln().abs() / share.ln_1p(),
        (Effect::Difference, Some(by)) => by.abs() / (share * row.before.median.abs()),
        (_, None) => 0.0,
    };
    // No change of nothing is no multiple of anything.
    if multiple.is_nan() { 0.0 } else { multiple }
}
