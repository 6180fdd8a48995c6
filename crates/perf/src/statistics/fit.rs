//! A straight line through points.

use super::{
    interval::student_quantile,
    summary::{mean, real, sum},
};
use crate::run::Interval;

/// A line by ordinary least squares: `y = intercept + slope · x`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// How many points it was fitted to.
    pub n: usize,
    /// Growth of y for one step of x.
    pub slope: f64,
    /// y at x = 0.
    pub intercept: f64,
    /// The share of the variance of y that the line explains, in `0.0..=1.0`; 1 if y does not vary at all.
    pub r_squared: f64,
    /// The standard error of the slope; `None` for two points, which a line always meets.
    pub slope_error: Option<f64>,
}

impl Line {
    /// y on the line.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.slope.mul_add(x, self.intercept)
    }

    /// Student's t interval of the slope, n − 2 degrees of freedom; `None` for two points or a level out of range.
    #[must_use]
    pub fn slope_interval(&self, level: f64) -> Option<Interval> {
        let error = self.slope_error.filter(|_| level > 0.0 && level < 1.0)?;
        let half = student_quantile(f64::midpoint(1.0, level), self.n.checked_sub(2)?)? * error;
        Some(Interval {
            low: self.slope - half,
            high: self.slope + half,
            level,
            method: "least squares, Student t".to_owned(),
        })
    }
}

/// Fits a line; `None` for fewer than two points, points that are not finite, or x that does not vary.
///
/// ```
/// let turns = [(2.0, 7.9), (4.0, 16.2), (8.0, 31.8), (16.0, 64.1)];
/// let line = assize_perf::statistics::fit_line(&turns).expect("four points");
/// assert!((line.slope - 4.01).abs() < 0.02 && line.r_squared > 0.999);
/// ```
#[must_use]
pub fn fit_line(points: &[(f64, f64)]) -> Option<Line> {
    if points.len() < 2 || points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let xs: Vec<f64> = points.iter().map(|point| point.0).collect();
    let ys: Vec<f64> = points.iter().map(|point| point.1).collect();
    let (mean_x, mean_y) = (mean(&xs)?, mean(&ys)?);
    let xx = sum(xs.iter().map(|x| (x - mean_x) * (x - mean_x)));
    let xy = sum(points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)));
    let yy = sum(ys.iter().map(|y| (y - mean_y) * (y - mean_y)));
    if xx <= 0.0 || !xx.is_finite() {
        return None;
    }
    let slope = xy / xx;
    let intercept = mean_y - slope * mean_x;
    let residual = sum(points.iter().map(|(x, y)| {
        let off = y - slope.mul_add(*x, intercept);
        off * off
    }));
    let r_squared = if yy > 0.0 { (1.0 - residual / yy).clamp(0.0, 1.0) } else { 1.0 };
    let slope_error = (points.len() > 2).then(|| (residual / real(points.len() - 2) / xx).sqrt());
    Some(Line { n: points.len(), slope, intercept, r_squared, slope_error })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_needs_two_different_places() {
        assert_eq!(fit_line(&[(1.0, 2.0)]), None);
        assert_eq!(fit_line(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(fit_line(&[(1.0, f64::NAN), (2.0, 3.0)]), None);
        let flat = fit_line(&[(1.0, 5.0), (2.0, 5.0)]).unwrap();
        assert_eq!((flat.slope_error, flat.slope_interval(0.95)), (None, None));
        assert!(flat.slope.abs() < 1e-12 && (flat.r_squared - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn points_on_a_line_give_it_back(slope in -1e3_f64..1e3, intercept in -1e3_f64..1e3, n in 3_u32..50) {
            let points: Vec<_> = (0..n).map(|x| (f64::from(x), slope.mul_add(f64::from(x), intercept))).collect();
            let line = fit_line(&points).unwrap();
            prop_assert!((line.slope - slope).abs() < 1e-6);
            prop_assert!((line.intercept - intercept).abs() < 1e-6);
        }
    }
}
