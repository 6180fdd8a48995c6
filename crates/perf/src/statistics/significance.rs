//! Tests of hypotheses about pairs, and what many of them at once are worth.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The two-sided exact p value of `McNemar`'s test (1947): of the pairs in which exactly one of two succeeded, `only_a` were
/// successes of the one and `only_b` of the other; both are equally good if each is as likely. Twice the smaller tail of the
/// binomial distribution, at most 1.
///
/// ```
/// use assize_perf::statistics::mcnemar;
///
/// assert_eq!(mcnemar(0, 0), 1.0);
/// assert!(mcnemar(30, 10) < 0.01);
/// ```
#[must_use]
pub fn mcnemar(only_a: u64, only_b: u64) -> f64 {
    let Ok(even) = Binomial::new(0.5, only_a + only_b) else { return 1.0 };
    if only_a == only_b { 1.0 } else { (2.0 * even.cdf(only_a.min(only_b))).min(1.0) }
}

/// Holm's adjustment of p values (1979) for having made all these tests: the chance of one wrong rejection or more is at most
/// α if those are rejected whose adjusted p is at most α. In the order given; a p value that is not a number counts as 1.
///
/// ```
/// use assize_perf::statistics::holm;
///
/// assert_eq!(holm(&[0.04, 0.01, 0.2]), [0.08, 0.03, 0.2]);
/// ```
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let p = |test: usize| if p_values[test].is_nan() { 1.0 } else { p_values[test] };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p(*a).total_cmp(&p(*b)));
    let mut adjusted = vec![1.0; p_values.len()];
    let (mut left, mut least) = (super::real(p_values.len()), 0.0_f64);
    for test in order {
        least = least.max((p(test) * left).min(1.0));
        adjusted[test] = least;
        left -= 1.0;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_even_proves_nothing() {
        for n in [0, 1, 7, 5_000] {
            assert!((mcnemar(n, n) - 1.0).abs() < 1e-12, "{n}");
        }
        assert!((mcnemar(0, 1) - 1.0).abs() < 1e-12);
        // 2 · (1/2)^10.
        assert!((mcnemar(10, 0) - 2.0 / 1_024.0).abs() < 1e-12);
    }

    #[test]
    fn no_test_needs_no_adjustment() {
        assert_eq!(holm(&[]), Vec::<f64>::new());
        assert_eq!(holm(&[0.03]), [0.03]);
        assert_eq!(holm(&[f64::NAN, 0.5]), [1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn neither_side_is_favoured(a in 0_u64..3_000, b in 0_u64..3_000) {
            prop_assert!((mcnemar(a, b) - mcnemar(b, a)).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&mcnemar(a, b)));
        }

        #[test]
        fn an_adjusted_value_is_never_smaller_and_keeps_its_place(p in prop::collection::vec(0.0_f64..=1.0, 0..20)) {
            let adjusted = holm(&p);
            for (i, one) in p.iter().enumerate() {
                prop_assert!(adjusted[i] >= *one && adjusted[i] <= 1.0);
                for (j, other) in p.iter().enumerate() {
                    prop_assert!(one > other || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
