//! Sums, means and spreads of samples.

use crate::Absence;
use crate::measure::{enough, finite};

/// A spread below this share of the largest value is what rounding leaves of none.
const ROUNDING: f64 = 1e-12;

/// The sum, with what rounding takes away carried along (Neumaier 1974), so that it hardly depends on the order.
pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut carried) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        carried += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + carried
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "no sample has 2^53 values")]
pub(crate) const fn float(n: usize) -> f64 {
    n as f64
}

/// The mean.
pub(crate) fn mean(values: &[f64]) -> Result<f64, Absence> {
    enough(values.len(), 1)?;
    finite(sum(values.iter().copied()) / float(values.len()))
}

/// The covariance of two samples of one length, with n − 1 below.
pub(crate) fn covariance(one: &[f64], other: &[f64]) -> Result<f64, Absence> {
    enough(one.len(), 2)?;
    let means = (mean(one)?, mean(other)?);
    let products = one.iter().zip(other).map(|(a, b)| (a - means.0) * (b - means.1));
    finite(sum(products) / (float(one.len()) - 1.0))
}

/// The variance, with n − 1 below.
///
/// # Errors
/// [`Absence::ZeroVariance`] for values that are all the same but for rounding.
pub(crate) fn variance(values: &[f64]) -> Result<f64, Absence> {
    let variance = covariance(values, values)?;
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if variance.sqrt() <= ROUNDING * largest { Err(Absence::ZeroVariance) } else { Ok(variance) }
}

/// The standard deviation, with n − 1 below.
///
/// # Errors
/// As for [`variance`].
pub(crate) fn deviation(values: &[f64]) -> Result<f64, Absence> {
    variance(values).map(f64::sqrt)
}

/// The correlation of two samples of one length, −1 to 1.
pub(crate) fn correlation(one: &[f64], other: &[f64]) -> Result<f64, Absence> {
    let spreads = deviation(one)? * deviation(other)?;
    finite(covariance(one, other)? / spreads).map(|correlation| correlation.clamp(-1.0, 1.0))
}

/// The ranks from 1, equal values sharing the mean of theirs.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    // Minus nothing is nothing.
    let compare = |a: &usize, b: &usize| (values[*a] + 0.0).total_cmp(&(values[*b] + 0.0));
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(compare);
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for group in order.chunk_by(|a, b| compare(a, b).is_eq()) {
        let rank = float(start) + f64::midpoint(float(group.len()), 1.0);
        for place in group {
            ranks[*place] = rank;
        }
        start += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_what_rounding_would_lose() {
        assert!((sum([1.0, 1e100, 1.0, -1e100]) - 2.0).abs() < 1e-15);
        assert!((sum([]) - 0.0).abs() < 1e-300);
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[0.3, 0.1, 0.3, 0.2, 0.3]), [4.0, 1.0, 4.0, 2.0, 4.0]);
        assert_eq!(ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert_eq!(ranks(&[]), [0.0; 0]);
    }

    #[test]
    fn what_has_no_spread_says_so() {
        assert_eq!(deviation(&[0.1; 50]), Err(Absence::ZeroVariance), "the mean of these is not quite 0.1");
        assert_eq!(deviation(&[0.0; 50]), Err(Absence::ZeroVariance));
        assert_eq!(deviation(&[0.1]), Err(Absence::TooFew { have: 1, need: 2 }));
        assert_eq!(deviation(&[1e300, -1e300]), Err(Absence::OutOfRange));
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[-2.0, -4.0, -6.0]), Ok(-1.0));
    }
}
