//! Benjamini and Hochberg's adjustment, for lists that advise rather than decide.

use super::summary::real;

/// Benjamini and Hochberg's adjustment of p values (1995): of those whose adjusted p is at most α, a share of at most α is
/// expected to be wrong. Weaker than [`holm`](super::holm), under which the chance of a single wrong one is at most α. In the
/// order given; a p value that is not a number counts as 1.
///
/// ```
/// use assize_perf::statistics::benjamini_hochberg;
///
/// assert_eq!(benjamini_hochberg(&[0.01, 0.04, 0.02, 0.5]), [0.04, 0.16 / 3.0, 0.04, 0.5]);
/// ```
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let p = |test: usize| if p_values[test].is_nan() { 1.0 } else { p_values[test] };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p(*b).total_cmp(&p(*a)));
    let mut adjusted = vec![1.0; p_values.len()];
    let (mut least, mut rank) = (1.0_f64, p_values.len());
    for test in order {
        least = least.min(p(test) * real(p_values.len()) / real(rank));
        adjusted[test] = least;
        rank -= 1;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::holm;

    #[test]
    fn no_test_needs_no_adjustment() {
        assert_eq!(benjamini_hochberg(&[]), Vec::<f64>::new());
        assert_eq!(benjamini_hochberg(&[f64::NAN, 0.03]), [1.0, 0.06]);
    }

    proptest! {
        #[test]
        fn it_lies_between_the_value_and_holms(p in prop::collection::vec(0.0_f64..=1.0, 0..20)) {
            for ((adjusted, p), holm) in benjamini_hochberg(&p).into_iter().zip(&p).zip(holm(&p)) {
                prop_assert!(*p <= adjusted + 1e-12 && adjusted <= holm + 1e-12);
            }
        }
    }
}
