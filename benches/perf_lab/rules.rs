//! By what rules others call a benchmark changed.

use assize_ambient::Chance;
use assize_perf::statistics::{Sorted, mean, rank_sums, standard_deviation};

use crate::real;

/// Benchstat: the test of rank sums at 5 %, from four runs a side on, of each benchmark by itself.
pub(crate) fn benchstat(before: &[f64], after: &[f64]) -> bool {
    before.len() >= 4 && after.len() >= 4 && rank_sums(before, after).is_some_and(|test| test.p <= 0.05)
}

/// `asv compare`: the test of rank sums at 0.2 %, and medians that differ by the factor 1.1.
pub(crate) fn asv(before: &[f64], after: &[f64]) -> bool {
    let median = |runs: &[f64]| Sorted::new(runs).map_or(f64::NAN, |sorted| sorted.median());
    let ratio = median(after) / median(before);
    rank_sums(before, after).is_some_and(|test| test.p < 0.002) && !(1.0 / 1.1..=1.1).contains(&ratio)
}

/// Criterion: of the samples of one process on either side, a bootstrapped test of t at 5 %, and the whole bootstrapped interval
/// of the ratio of means beyond ±1 %. It draws 100,000 times, this as often as is said.
pub(crate) fn criterion(before: &[f64], after: &[f64], resamples: usize, chance: &mut Chance) -> bool {
    let seen = t(after, before);
    let both: Vec<f64> = before.iter().chain(after).copied().collect();
    let (mut of_before, mut of_after) = (vec![0.0; before.len()], vec![0.0; after.len()]);
    let mut below = 0;
    for _ in 0..resamples {
        draw(&both, &mut of_before, chance);
        draw(&both, &mut of_after, chance);
        below += usize::from(t(&of_after, &of_before) < seen);
    }
    let p = 2.0 * real(below.min(resamples - below)) / real(resamples);
    if p >= 0.05 {
        return false;
    }
    let ratios: Vec<f64> = (0..resamples)
        .map(|_| {
            draw(before, &mut of_before, chance);
            draw(after, &mut of_after, chance);
            average(&of_after) / average(&of_before) - 1.0
        })
        .collect();
    Sorted::new(&ratios)
        .is_some_and(|ratios| ratios.percentile(2.5) > 0.01 || ratios.percentile(97.5) < -0.01)
}

fn draw(from: &[f64], into: &mut [f64], chance: &mut Chance) {
    into.iter_mut().for_each(|place| *place = from[chance.below(from.len())]);
}

fn average(values: &[f64]) -> f64 {
    mean(values).unwrap_or(f64::NAN)
}

/// Welch's t, as criterion computes it.
fn t(a: &[f64], b: &[f64]) -> f64 {
    let error = |values: &[f64]| {
        let deviation = standard_deviation(values).unwrap_or(f64::NAN);
        deviation * deviation / real(values.len())
    };
    (average(a) - average(b)) / (error(a) + error(b)).sqrt()
}
