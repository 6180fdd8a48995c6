//! Welch's test of two means whose variances may differ.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::summary::{mean, real, standard_deviation};
use crate::run::Interval;

/// What Welch's test (1947) says of the mean of `b` less that of `a`.
#[derive(Debug, Clone, PartialEq)]
pub struct Welch {
    /// The difference of the means.
    pub difference: f64,
    /// Student's t.
    pub t: f64,
    /// The degrees of freedom of Welch and Satterthwaite.
    pub freedom: f64,
    /// The two-sided p value.
    pub p: f64,
    /// Where the difference lies.
    pub interval: Interval,
}

/// Welch's test. Of logarithms the difference is that of the ratio of geometric means. It assumes about normal values: a second
/// opinion beside ranks. `None` for fewer than two values on a side, one that is not finite, no variance at all, or a level
/// out of range.
///
/// ```
/// let test = assize_perf::statistics::welch(&[1.0, 2.0, 3.0], &[4.0, 5.0, 9.0], 0.95).expect("three a side");
/// assert_eq!(test.difference, 4.0);
/// assert!(test.p > 0.05 && test.interval.contains(0.0));
/// ```
#[must_use]
pub fn welch(a: &[f64], b: &[f64], level: f64) -> Option<Welch> {
    if !(level > 0.0 && level < 1.0) || a.iter().chain(b).any(|x| !x.is_finite()) {
        return None;
    }
    let error = |values: &[f64]| Some(standard_deviation(values)?.powi(2) / real(values.len()));
    let (of_a, of_b) = (error(a)?, error(b)?);
    let variance = of_a + of_b;
    let squares = of_a * of_a / real(a.len() - 1) + of_b * of_b / real(b.len() - 1);
    let freedom = variance * variance / squares;
    if !freedom.is_finite() {
        return None;
    }
    let difference = mean(b)? - mean(a)?;
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let (error, t) = (variance.sqrt(), difference / variance.sqrt());
    let half = student.inverse_cdf(f64::midpoint(1.0, level)) * error;
    let (low, high) = (difference - half, difference + half);
    let interval = Interval { low, high, level, method: "Welch".to_owned() };
    Some(Welch { difference, t, freedom, p: (2.0 * student.sf(t.abs())).min(1.0), interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_variance_there_is_no_test() {
        assert_eq!(welch(&[1.0], &[1.0, 2.0], 0.95), None);
        assert_eq!(welch(&[1.0, 1.0], &[2.0, 2.0], 0.95), None);
        assert_eq!(welch(&[1.0, 2.0], &[2.0, f64::NAN], 0.95), None);
        assert!(welch(&[1.0, 1.0], &[2.0, 3.0], 0.95).is_some(), "one side may be exact");
    }
}
