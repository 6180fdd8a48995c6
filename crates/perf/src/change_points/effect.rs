//! How much a level changed.

use super::normal;
use crate::{run::Interval, statistics::real};

/// What a step came to.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) ratio: Option<f64>,
    pub(super) interval: Option<Interval>,
}

/// The medians of two segments and their ratio, with the interval of Bonett and Price (2002, "Statistical inference for a
/// linear function of medians") on logarithms; dependence on the past multiplies the variance by `inflation`.
pub(super) fn effect(before: &[f64], after: &[f64], inflation: f64) -> Effect {
    let (old, new) = (median(before), median(after));
    let mut effect = Effect { before: old, after: new, ratio: None, interval: None };
    if before.iter().chain(after).any(|value| *value <= 0.0) {
        return effect;
    }
    effect.ratio = Some(new / old);
    if let (Some(a), Some(b)) = (variance_of_median(before), variance_of_median(after)) {
        let half = Z95 * ((a + b) * inflation).sqrt();
        effect.interval = Some(Interval {
            low: new / old * libm::exp(-half),
            high: new / old * libm::exp(half),
            level: 0.95,
            method: "Bonett-Price on logarithms of medians".to_owned(),
        });
    }
    effect
}

/// Φ⁻¹(0.975).
const Z95: f64 = 1.959_963_984_540_054;

/// The variance of the logarithm of the median, from two order statistics about it; `None` for fewer than two values.
fn variance_of_median(values: &[f64]) -> Option<f64> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let wanted = f64::midpoint(real(n), 1.0) - real(n).sqrt();
    let rank = (1..=n / 2).take_while(|rank| real(*rank) <= wanted.max(1.0)).count().max(1);
    let tail = tail_of_even_binomial(n, rank);
    let z = normal::quantile(1.0 - tail);
    let mut values = values.to_vec();
    let low = *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1;
    let high = *values.select_nth_unstable_by(n - rank, f64::total_cmp).1;
    let error = libm::log(high / low) / (2.0 * z);
    Some(error * error)
}

/// The chance of fewer than `rank` heads in `n` throws of a coin.
fn tail_of_even_binomial(n: usize, rank: usize) -> f64 {
    let (mut term, mut sum) = (-real(n) * std::f64::consts::LN_2, 0.0);
    for heads in 0..rank {
        sum += libm::exp(term);
        term += libm::log(real(n - heads) / real(heads + 1));
    }
    sum.min(0.5 - 1e-9)
}

/// The median of at least one value.
pub(super) fn median(values: &[f64]) -> f64 {
    median_of(&mut values.to_vec())
}

/// The median of at least one value, whose order is lost.
pub(super) fn median_of(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (lower, upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    let upper = *upper;
    if n % 2 == 1 {
        return upper;
    }
    let lower = lower.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}
