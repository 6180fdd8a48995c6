//! The bootstrap interval that corrects for bias and for skewness.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    interval::Bootstrap,
    summary::{Sorted, mean, real},
};
use crate::run::Interval;

impl Bootstrap {
    /// The bias-corrected and accelerated interval of any statistic (`BCa`: Efron 1987, "Better bootstrap confidence
    /// intervals"). It takes n + 1 evaluations of the statistic more than [`of`](Self::of) does. `None` as there, and where
    /// all resamples lie on one side of the statistic, so that its bias cannot be told.
    ///
    /// ```
    /// use assize_ambient::Seed;
    /// use assize_perf::statistics::{Bootstrap, mean};
    ///
    /// let skewed = [0.1, 0.2, 0.2, 0.3, 0.4, 0.7, 1.1, 4.0];
    /// let interval = Bootstrap::new(Seed::new(1)).bca(&skewed, |drawn| mean(drawn).unwrap_or(f64::NAN));
    /// assert!(interval.is_some_and(|interval| interval.contains(0.875)));
    /// ```
    #[must_use]
    pub fn bca(&self, samples: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        if samples.len() < 2 {
            return None;
        }
        let without = |left_out: usize| {
            let mut rest = samples.to_vec();
            rest.remove(left_out);
            statistic(&rest)
        };
        let left_out: Vec<f64> = (0..samples.len()).map(without).collect();
        let draws = self.draws_of(samples, &statistic)?;
        self.corrected("BCa bootstrap", statistic(samples), &draws, &[&left_out])
    }

    /// The same interval of the mean of `a[i] − b[i]`. `None` as for [`paired_difference`](Self::paired_difference). Where
    /// all pairs differ by the same, that is both its ends.
    #[must_use]
    pub fn paired_difference_bca(&self, a: &[f64], b: &[f64]) -> Option<Interval> {
        if a.len() != b.len() || a.len() < 2 {
            return None;
        }
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let centre = mean(&differences)?;
        // The mean of all but one, without summing all but one again.
        let n = real(differences.len());
        let left_out: Vec<f64> = differences.iter().map(|x| centre + (centre - x) / (n - 1.0)).collect();
        let draws = self.draws_of(&differences, |drawn| drawn.iter().sum::<f64>() / n)?;
        self.corrected("paired BCa bootstrap", centre, &draws, &[&left_out])
    }

    /// `left_out`: the statistic of all samples but one, for each; of every side that is drawn by itself.
    pub(super) fn corrected(
        &self,
        name: &str,
        point: f64,
        draws: &[f64],
        left_out: &[&[f64]],
    ) -> Option<Interval> {
        let sorted = Sorted::new(draws)?;
        let method = self.method(name);
        // What differs by rounding alone is equal.
        let slack = 1e-12 * point.abs().max(1e-12);
        if (sorted.max() - point).abs() <= slack && (sorted.min() - point).abs() <= slack {
            return Some(Interval { low: point, high: point, level: self.level, method });
        }
        let below = draws.iter().filter(|draw| **draw < point - slack).count();
        let level = draws.iter().filter(|draw| (**draw - point).abs() <= slack).count();
        let normal = Normal::standard();
        let bias = normal.inverse_cdf((real(below) + real(level) / 2.0) / real(draws.len()));
        let acceleration = acceleration(left_out)?;
        let end = |tail: f64| {
            let z = bias + normal.inverse_cdf(tail);
            normal.cdf(bias + z / (1.0 - acceleration * z)) * 100.0
        };
        let tail = (1.0 - self.level) / 2.0;
        let (low, high) = (end(tail), end(1.0 - tail));
        (low.is_finite() && high.is_finite()).then(|| Interval {
            low: sorted.percentile(low),
            high: sorted.percentile(high),
            level: self.level,
            method,
        })
    }
}

/// How fast the standard error of a statistic changes with it, by the jackknife; each side by its own size.
fn acceleration(left_out: &[&[f64]]) -> Option<f64> {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for side in left_out {
        let (centre, n) = (mean(side)?, real(side.len()));
        for value in *side {
            let off = (centre - value) * (n - 1.0) / n;
            squares += off * off;
            cubes += off * off * off;
        }
    }
    Some(if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 })
}
