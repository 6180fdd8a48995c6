//! Two configurations side by side: blocks of load in turns, and by what the one differs from the other.

use std::sync::Arc;

use assize_ambient::Seed;
use assize_perf::{
    Arm, Better, Comparison, Contrast, Effect, Estimate, Interval, Unit, Winner,
    statistics::{Bootstrap, Sorted},
};

use crate::{Error, ErrorKind, Plan, Report, Target, latencies::median, open};

/// Fewer pairs than this decide nothing.
const LEAST: usize = 6;

/// Runs of two configurations, in pairs.
#[derive(Debug, Clone)]
pub struct Contest {
    /// What they are called.
    pub names: [String; 2],
    /// The runs of each, pair by pair.
    pub reports: [Vec<Report>; 2],
}

/// Applies the same load to two targets in turns, A B B A A B B A …, so that what changes over time meets both alike.
///
/// # Errors
/// As [`open`], and [`ErrorKind::InvalidPlan`] for no pair.
pub async fn contest(
    a: (&str, Arc<dyn Target>),
    b: (&str, Arc<dyn Target>),
    plan: &Plan,
    pairs: usize,
) -> Result<Contest, Error> {
    if pairs == 0 {
        return Err(ErrorKind::InvalidPlan.error("hold two services against each other in no pair"));
    }
    let mut contest = Contest { names: [a.0.to_owned(), b.0.to_owned()], reports: [Vec::new(), Vec::new()] };
    for pair in 0..pairs {
        for side in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let target = if side == 0 { &a.1 } else { &b.1 };
            contest.reports[side].push(open(Arc::clone(target), plan).await?);
        }
    }
    Ok(contest)
}

type Metric = (&'static str, Unit, Better, fn(&Report) -> Option<f64>);

const METRICS: [Metric; 4] = [
    ("p50", Unit::Nanoseconds, Better::Lower, |report| report.total().latency.quantile(0.5)),
    ("p95", Unit::Nanoseconds, Better::Lower, |report| report.total().latency.quantile(0.95)),
    ("p99", Unit::Nanoseconds, Better::Lower, |report| report.total().latency.p99()),
    ("throughput", Unit::PerSecond, Better::Higher, |report| Some(report.throughput())),
];

/// The metric that decides.
const DECIDES: &str = "p95";

impl Contest {
    /// The ratio A / B of each metric: Hodges and Lehmann's estimate over the logarithms of the pairs' ratios, with its 95 %
    /// bootstrap interval (seeded). Whoever has the better p95 with the whole interval wins.
    #[must_use]
    pub fn comparison(&self, seed: Seed) -> Comparison {
        let pairs = self.reports[0].len().min(self.reports[1].len());
        let [a, b] = &self.names;
        let mut arms = self.names.clone().map(|name| Arm { name, ..Arm::default() });
        let mut contrasts = Vec::new();
        let mut winner = None;
        for (metric, unit, better, of) in METRICS {
            let [ours, theirs] =
                self.reports.each_ref().map(|all| all.iter().map(of).collect::<Option<Vec<f64>>>());
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            for (arm, values) in arms.iter_mut().zip([&ours, &theirs]) {
                let value = median(values).map(|value| Estimate::new(value, unit.clone(), better));
                arm.metrics.extend(value.map(|value| (metric.to_owned(), value)));
            }
            let Some((ratio, interval)) = ratio(&ours, &theirs, seed.child(metric)) else { continue };
            let apart = interval.as_ref().filter(|i| pairs >= LEAST && (i.low > 1.0 || i.high < 1.0));
            let verdict = match apart {
                _ if pairs < LEAST => format!("inconclusive: {pairs} pairs, and it needs {LEAST}"),
                None => "inconclusive: the interval holds 1".to_owned(),
                Some(_) => {
                    let leads = if (ratio < 1.0) == (better == Better::Lower) { a } else { b };
                    if metric == DECIDES {
                        let why = format!("{metric} of {a} is {} that of {b}", Unit::Ratio.show(ratio));
                        winner = Some(Winner { arm: leads.clone(), why });
                    }
                    format!("{leads} is better: the whole interval lies on its side of 1")
                }
            };
            contrasts.push(Contrast {
                metric: metric.to_owned(),
                a: a.clone(),
                b: b.clone(),
                effect: Effect::Ratio,
                estimate: Estimate::new(ratio, Unit::Ratio, better).within(interval),
                verdict,
            });
        }
        let plan = self.reports[0].first().map_or("load", |report| report.name.as_str());
        Comparison {
            id: format!("load-{plan}"),
            question: format!("Which answers the load {plan} sooner, {a} or {b}?"),
            arms: arms.into(),
            contrasts,
            winner,
            method: format!(
                "{pairs} pairs of runs in the order A B B A; medians of runs; Hodges-Lehmann over the logarithms of the pairs' ratios"
            ),
            assumptions: vec!["what one run does to the machine is over before the next".to_owned()],
        }
    }
}

/// The ratio of pairs.
fn ratio(ours: &[f64], theirs: &[f64], seed: Seed) -> Option<(f64, Option<Interval>)> {
    let logarithms: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| libm::log(a / b)).collect();
    if logarithms.is_empty() || logarithms.iter().any(|one| !one.is_finite()) {
        return None;
    }
    let bootstrap = Bootstrap::new(seed).resamples(2_000);
    let interval =
        bootstrap.bca(&logarithms, hodges_lehmann).or_else(|| bootstrap.of(&logarithms, hodges_lehmann));
    let back = |i: Interval| Interval {
        low: libm::exp(i.low),
        high: libm::exp(i.high),
        method: format!("{} of Hodges-Lehmann over pairs", i.method),
        ..i
    };
    Some((libm::exp(hodges_lehmann(&logarithms)), interval.map(back)))
}

/// The median of the means of all pairs, each value with itself too (Hodges and Lehmann 1963).
fn hodges_lehmann(values: &[f64]) -> f64 {
    let mut means = Vec::with_capacity(values.len() * (values.len() + 1) / 2);
    for (place, a) in values.iter().enumerate() {
        means.extend(values[place..].iter().map(|b| f64::midpoint(*a, *b)));
    }
    Sorted::new(&means).map_or(f64::NAN, |sorted| sorted.median())
}

#[cfg(test)]
mod tests;
