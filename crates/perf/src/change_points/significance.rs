//! How often chance alone shows such a step: the best of all places of a segment, in a series that depends on its past.

use std::ops::{Range, RangeInclusive};

use super::{
    effect::{median, median_of},
    normal,
};
use crate::statistics::{MAD_TO_SD, real};

/// The normal deviate of a step that explains the share `explained` of the variance of `n` scores: Student's t of the two
/// means, brought to the normal scale by Wallace (1959), which is good far out in the tail.
pub(super) fn deviate(explained: f64, n: usize) -> f64 {
    if n < 3 || explained.is_nan() || explained <= 0.0 {
        return 0.0;
    }
    let freedom = real(n - 2);
    // A step that explains everything: far out, but finite.
    let left = (1.0 - explained).max(1e-12);
    (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0) * (-freedom * libm::log(left)).sqrt()
}

/// The normal deviate of the difference between two medians, against the noise about them: ranks cannot say more than that
/// two segments do not overlap, and this says by how much they do not. Dependence multiplies the variance by `inflation`.
///
/// The noise is the larger of the scaled median and the scaled mean of the absolute deviations, so that a series of few
/// distinct values is not taken for one without noise; the degrees of freedom are those that a median is worth.
pub(super) fn deviate_of_medians(before: &[f64], after: &[f64], inflation: f64) -> f64 {
    let n = before.len() + after.len();
    let (old, new) = (median(before), median(after));
    let off =
        |segment: &[f64], centre: f64| -> Vec<f64> { segment.iter().map(|x| (x - centre).abs()).collect() };
    let mut deviations = off(before, old);
    deviations.extend(off(after, new));
    // Each median takes one away.
    let fewer = real(n) / real(n.max(3) - 2);
    let mean = deviations.iter().sum::<f64>() / real(n) * MEAN_DEVIATION_TO_SD;
    let noise = mean.max(MAD_TO_SD * median_of(&mut deviations)) * fewer;
    let difference = (new - old).abs();
    if difference <= 0.0 || n < LEAST_FOR_MEDIANS {
        return 0.0;
    }
    let places = (1.0 / real(before.len()) + 1.0 / real(after.len())) * VARIANCE_OF_MEDIAN;
    let square = difference * difference / (noise * noise * places * inflation).max(f64::MIN_POSITIVE);
    let freedom = real(n - 2) / VARIANCE_OF_MEDIAN / inflation.max(1.0).sqrt();
    (freedom * libm::log(1.0 + square.min(1e12) / freedom)).sqrt()
}

/// With fewer points the noise is not known well enough.
const LEAST_FOR_MEDIANS: usize = 16;
/// How much larger the variance of a median is than that of a mean: π/2.
const VARIANCE_OF_MEDIAN: f64 = std::f64::consts::FRAC_PI_2;
/// √(π/2).
const MEAN_DEVIATION_TO_SD: f64 = 1.253_314_137_315_500_3;

/// The share of the variance that a step has to explain for its deviate to be `deviate`.
pub(super) fn explained_by(deviate: f64, n: usize) -> f64 {
    let freedom = real(n.max(3) - 2);
    let z = deviate * (8.0 * freedom + 3.0) / (8.0 * freedom + 1.0);
    1.0 - libm::exp(-z * z / freedom)
}

/// The chance that the best of the steps at these places has a deviate of `z` or more, on either side, where there is
/// none: the tail of the maximum of a standardised random walk bridge (Siegmund 1986, "Boundary crossing probabilities
/// and statistical applications", with his correction for walks in steps).
pub(super) fn p_of_best(z: f64, n: usize, places: RangeInclusive<usize>) -> f64 {
    if z <= 0.0 || places.is_empty() || *places.start() == 0 || *places.end() >= n {
        return 1.0;
    }
    let rate = z * normal::density(z);
    let crossing = |place: usize| {
        let spread = real(place) * real(n - place) / real(n);
        rate / spread * overshoot(z / spread.sqrt())
    };
    let (first, last) = (*places.start(), *places.end());
    // The bridge is symmetric: of places that lie so, half are enough.
    let crossings = if first + last == n && last > first {
        let half = summed(first..n.div_ceil(2), crossing);
        if n.is_multiple_of(2) { 2.0 * half + crossing(n / 2) } else { 2.0 * half }
    } else {
        places.map(crossing).sum()
    };
    (crossings + 2.0 * normal::cdf(-z)).clamp(0.0, 1.0)
}

/// The sum over places of what changes the less from one to the next, the further they are from zero: there it is taken
/// for several at once.
fn summed(places: Range<usize>, of: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut from) = (0.0, places.start);
    while from < places.end {
        let stride = (from / 16).max(1).min(places.end - from);
        let (first, last) = (of(from), of(from + stride - 1));
        sum += f64::midpoint(first, last) * real(stride);
        from += stride;
    }
    sum
}

/// ν(x), by which a walk in steps crosses a bound less often than a Brownian motion (Siegmund and Yakir 2007).
fn overshoot(x: f64) -> f64 {
    let half = x / 2.0;
    let (area, height) = (normal::cdf(half), normal::density(half));
    if x < 1e-6 { 1.0 } else { (2.0 / x) * (area - 0.5) / (half * area + height) }
}

/// By how much dependence on the past multiplies the variance of a mean; the larger of two estimates. An AR(1) is right
/// where the past fades quickly; where a slow drift hides under noise, the autocovariances up to about n^⅓ show it.
pub(super) fn inflation(scores: &[f64]) -> f64 {
    let n = scores.len();
    if n < 4 {
        return 1.0;
    }
    let widest = (1..n / 4).take_while(|lag| lag * lag * lag <= 8 * n).count().max(1);
    let correlations = autocorrelations(scores, widest);
    // What the segments' levels took away made neighbours less alike.
    let direct = correlations[0] + (1.0 + 3.0 * correlations[0]) / real(n);
    let phi = f64::midpoint(direct, dependence(scores));
    // It is taken higher than it comes out, by up to two standard errors where there surely is some.
    let root = real(n).sqrt();
    let cautious = phi + (phi * root).clamp(LEAST_CAUTION, MOST_CAUTION) / root;
    of_ar1(cautious).max(windowed(&correlations))
}

const LEAST_CAUTION: f64 = 0.5;
const MOST_CAUTION: f64 = 2.0;

/// The same where nothing has been taken away yet: an AR(1), without caution. The largest twentieth of the differences is
/// left out, as steps may be all that there is of them.
pub(super) fn rough_inflation(scores: &[f64]) -> f64 {
    let square = |lag: usize| {
        let mut squares: Vec<f64> =
            scores.iter().zip(scores.iter().skip(lag)).map(|(a, b)| (a - b) * (a - b)).collect();
        let kept = squares.len() - squares.len().div_ceil(20);
        if kept == 0 {
            return 0.0;
        }
        squares.select_nth_unstable_by(kept - 1, f64::total_cmp);
        squares[..kept].iter().sum::<f64>() / real(kept)
    };
    let (one, two) = (square(1), square(2));
    of_ar1(if one > 0.0 { two / one - 1.0 } else { 0.0 })
}

fn of_ar1(phi: f64) -> f64 {
    let phi = phi.clamp(0.0, 0.95);
    (1.0 + phi) / (1.0 - phi)
}

/// The φ of an AR(1), from the differences of neighbours and of those two apart, which a step in the level hardly
/// touches: their mean squares are as 1 to 1 + φ.
fn dependence(scores: &[f64]) -> f64 {
    let n = scores.len();
    if n < 4 {
        return 0.0;
    }
    let square = |lag: usize| {
        let sum: f64 = scores.iter().zip(&scores[lag..]).map(|(a, b)| (a - b) * (a - b)).sum();
        sum / real(n - lag)
    };
    let (one, two) = (square(1), square(2));
    if one > 0.0 { two / one - 1.0 } else { 0.0 }
}

/// The correlations with what was 1 to `widest` points before.
fn autocorrelations(scores: &[f64], widest: usize) -> Vec<f64> {
    let centre = scores.iter().sum::<f64>() / real(scores.len().max(1));
    let centred: Vec<f64> = scores.iter().map(|score| score - centre).collect();
    let product = |lag: usize| inner_product(&centred[..centred.len() - lag], &centred[lag..]);
    let variance = product(0);
    (1..=widest).map(|lag| if variance > 0.0 { product(lag) / variance } else { 0.0 }).collect()
}

/// In four sums side by side, which a processor adds at once.
fn inner_product(a: &[f64], b: &[f64]) -> f64 {
    let (fours, others) = (a.chunks_exact(4).zip(b.chunks_exact(4)), a.len().min(b.len()) / 4 * 4);
    let mut sums = [0.0_f64; 4];
    for (a, b) in fours {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f64 = a[others..].iter().zip(&b[others..]).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// The sum of the autocorrelations under Bartlett's window (Newey and West 1987).
fn windowed(correlations: &[f64]) -> f64 {
    let width = real(correlations.len() + 1);
    let weighed = (1..).zip(correlations).map(|(lag, correlation)| (1.0 - real(lag) / width) * correlation);
    (1.0 + 2.0 * weighed.sum::<f64>()).max(1.0)
}
