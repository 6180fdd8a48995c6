//! Decisions held against the truth, and what many of them show.

use assize_ambient::Seed;
use assize_benches::quality::{Decision, Posed};
use assize_metering::Usd;
use assize_perf::{
    Interval,
    statistics::{Bootstrap, Sorted, mean, wilson_interval},
};

/// What a decision was worth.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    /// 1.0 for the right option, 0.0 for another.
    pub(crate) right: f64,
    /// The squared error over all options (Brier 1950): 0 to 2.
    pub(crate) brier: f64,
    /// The logarithm of the probability of the truth, with the sign turned.
    pub(crate) log_loss: f64,
    /// The probability of what was decided; negative where that was wrong.
    pub(crate) sureness: f64,
    /// Seats, and those that turned to the right option and away from it.
    pub(crate) seats: f64,
    pub(crate) to_right: f64,
    pub(crate) to_wrong: f64,
    /// The share of the facts that one holds alone which was laid open; not a number where there are none.
    pub(crate) coverage: f64,
    pub(crate) calls: f64,
    pub(crate) tokens: f64,
    pub(crate) cost: Usd,
    pub(crate) time_ns: f64,
    pub(crate) degraded: f64,
}

const fn one_if(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn real(count: u64) -> f64 {
    count as f64
}

impl Mark {
    pub(crate) fn of(decision: &Decision, truth: usize) -> Self {
        let p = &decision.probabilities;
        let is_right = decision.option == truth;
        let turned = |towards: bool| {
            let turns = |(first, last): &&(usize, usize)| {
                first != last && if towards { *last == truth } else { *first == truth }
            };
            real(decision.stances.iter().filter(turns).count() as u64)
        };
        let (cited, all) = decision.unshared;
        let squares = p.iter().enumerate().map(|(option, p)| (p - one_if(option == truth)).powi(2));
        Self {
            right: one_if(is_right),
            brier: squares.sum(),
            log_loss: -libm::log(p[truth].max(1e-6)),
            sureness: if is_right { p[decision.option] } else { -p[decision.option] },
            seats: real(decision.stances.len() as u64),
            to_right: turned(true),
            to_wrong: turned(false),
            coverage: f64::from(cited) / f64::from(all),
            calls: f64::from(decision.calls),
            tokens: real(decision.tokens),
            cost: decision.cost,
            time_ns: decision.time.as_secs_f64() * 1e9,
            degraded: one_if(decision.is_degraded),
        }
    }

    /// What the oracle's best option is worth.
    pub(crate) fn of_oracle(posed: &Posed, truth: usize) -> Self {
        let option = (0..posed.options)
            .fold(0, |best, option| if posed.oracle[option] > posed.oracle[best] { option } else { best });
        let decision = Decision {
            option,
            probabilities: posed.oracle.clone(),
            stances: Vec::new(),
            unshared: (0, 0),
            calls: 0,
            tokens: 0,
            cost: Usd::ZERO,
            time: std::time::Duration::ZERO,
            is_degraded: false,
        };
        Self::of(&decision, truth)
    }
}

/// A figure and where it lies.
#[derive(Clone)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
}

/// One figure of each mark.
pub(crate) fn column(marks: &[Mark], of: impl Fn(&Mark) -> f64) -> Vec<f64> {
    marks.iter().map(of).collect()
}

/// The share of right decisions, with Wilson's interval.
pub(crate) fn accuracy(marks: &[Mark], level: f64) -> Figure {
    let right = marks.iter().filter(|mark| mark.right > 0.5).count();
    Figure {
        value: real(right as u64) / real(marks.len() as u64),
        interval: wilson_interval(right, marks.len(), level),
    }
}

/// A mean, with its bootstrap interval.
pub(crate) fn mean_of(values: &[f64], resamples: usize, label: &str) -> Figure {
    let bootstrap = Bootstrap::new(Seed::new(0).child(label)).resamples(resamples);
    let plain = |drawn: &[f64]| drawn.iter().sum::<f64>() / real(drawn.len() as u64);
    Figure { value: mean(values).unwrap_or(f64::NAN), interval: bootstrap.of(values, plain) }
}

/// The expected error of calibration over 15 bins of the decision's probability (Naeini, Cooper and Hauskrecht 2015).
pub(crate) fn calibration_error(marks: &[Mark], resamples: usize) -> Figure {
    let sureness = column(marks, |mark| mark.sureness);
    let bootstrap = Bootstrap::new(Seed::new(0).child("calibration")).resamples(resamples);
    Figure { value: binned(&sureness), interval: bootstrap.of(&sureness, binned) }
}

const BINS: usize = 15;

fn binned(sureness: &[f64]) -> f64 {
    let mut gaps = [0.0; BINS];
    for signed in sureness {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 15")]
        let bin = (signed.abs() * real(BINS as u64)) as usize;
        gaps[bin.min(BINS - 1)] += one_if(*signed > 0.0) - signed.abs();
    }
    gaps.iter().map(|gap| gap.abs()).sum::<f64>() / real(sureness.len() as u64)
}

/// What a right decision cost, in dollars: for display alone.
pub(crate) fn cost_per_right(marks: &[Mark]) -> f64 {
    let right: f64 = marks.iter().map(|mark| mark.right).sum();
    dollars(marks) / right
}

/// What all decisions cost.
pub(crate) fn dollars(marks: &[Mark]) -> f64 {
    let sum = marks.iter().try_fold(Usd::ZERO, |sum, mark| sum.checked_add(mark.cost));
    sum.and_then(|sum| sum.to_string().parse().ok()).unwrap_or(f64::NAN)
}

/// A percentile of the virtual time.
pub(crate) fn time(marks: &[Mark], percentile: f64) -> f64 {
    Sorted::new(&column(marks, |mark| mark.time_ns)).map_or(f64::NAN, |times| times.percentile(percentile))
}

/// A share as percent, with its interval.
pub(crate) fn percent(figure: &Figure) -> String {
    match &figure.interval {
        Some(i) => format!("{:.1} % ({:.1} to {:.1})", 100.0 * figure.value, 100.0 * i.low, 100.0 * i.high),
        None => format!("{:.1} %", 100.0 * figure.value),
    }
}

/// A difference of shares in points, with its interval.
pub(crate) fn points(figure: &Figure) -> String {
    match &figure.interval {
        Some(i) => format!("{:+.1} ({:+.1} to {:+.1})", 100.0 * figure.value, 100.0 * i.low, 100.0 * i.high),
        None => format!("{:+.1}", 100.0 * figure.value),
    }
}

/// The difference of two columns of pairs, with its `BCa` interval.
pub(crate) fn difference(a: &[f64], b: &[f64], resamples: usize, label: &str) -> Figure {
    let bootstrap = Bootstrap::new(Seed::new(0).child(label)).resamples(resamples);
    let value = mean(a).unwrap_or(f64::NAN) - mean(b).unwrap_or(f64::NAN);
    Figure { value, interval: bootstrap.paired_difference_bca(a, b) }
}
