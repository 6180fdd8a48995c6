//! By how much one set of values is shifted against another: Hodges and Lehmann's estimate and its intervals.

use std::collections::{BTreeMap, btree_map::Entry};

use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    interval::Bootstrap,
    rank_sums::{EXACT_UP_TO, Null, rank_sums},
    summary::{Sorted, real},
};
use crate::run::Interval;

/// Differences are kept and sorted up to so many; of more, single ones are sought.
const SORTED_UP_TO: usize = 4_096;

/// The median of all differences of a value of `b` and one of `a` (Hodges and Lehmann 1963): by how much `b` is shifted. Of
/// logarithms it is the logarithm of the ratio. Of an outlier it takes no notice. `None` where a side is empty or a value is
/// not finite.
///
/// ```
/// let shift = assize_perf::statistics::hodges_lehmann(&[1.0, 2.0, 90.0], &[2.0, 3.0, 4.0]);
/// assert_eq!(shift, Some(1.0));
/// ```
#[must_use]
pub fn hodges_lehmann(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len().saturating_mul(b.len()) > SORTED_UP_TO {
        return Some(Differences::of(a, b)?.median());
    }
    // Without sorting them all: a bootstrap asks for this thousands of times.
    let mut all = differences(a, b)?;
    let half = all.len() / 2;
    let is_odd = all.len() % 2 == 1;
    let (below, upper, _) = all.select_nth_unstable_by(half, f64::total_cmp);
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(if is_odd { *upper } else { f64::midpoint(lower, *upper) })
}

/// The interval of the shift that the test of rank sums does not reject, which assumes nothing of the distribution but its
/// shape being the same on both sides. Exact up to [`EXACT_UP_TO`] values in all, by the normal distribution beyond (Hollander
/// and Wolfe, "Nonparametric Statistical Methods", section 4.3). Its `level` is what is reached: more than was asked for, as
/// ranks are whole, or less where so few values cannot show it. `None` as for [`hodges_lehmann`], and for a level out of range.
///
/// ```
/// let (a, b) = ([1.0, 2.0, 3.0], [3.5, 4.0, 6.0]);
/// let interval = assize_perf::statistics::shift_interval(&a, &b, 0.95).expect("values");
/// assert_eq!((interval.low, interval.high), (0.5, 5.0));
/// assert!((interval.level - 0.9).abs() < 1e-12); // three against three cannot show more
/// ```
#[must_use]
pub fn shift_interval(a: &[f64], b: &[f64], level: f64) -> Option<Interval> {
    Shifts::at(level)?.of(a, b).map(Shift::into_interval)
}

impl Bootstrap {
    /// The bias-corrected and accelerated interval of [`hodges_lehmann`]'s shift, each side resampled by itself. With fewer than
    /// ten values a side it is too narrow, as every bootstrap is: [`shift_interval`] is the one to decide by. `None` for fewer
    /// than two values on a side, and as for [`bca`](Self::bca).
    #[must_use]
    pub fn shift(&self, a: &[f64], b: &[f64]) -> Option<Interval> {
        if a.len() < 2 || b.len() < 2 {
            return None;
        }
        let point = hodges_lehmann(a, b)?;
        let draws = self.draws_of_two(a, b, |a, b| hodges_lehmann(a, b).unwrap_or(f64::NAN))?;
        let without = |values: &[f64], place: usize| {
            let mut rest = values.to_vec();
            rest.remove(place);
            rest
        };
        let left_out_of_a: Option<Vec<f64>> =
            (0..a.len()).map(|i| hodges_lehmann(&without(a, i), b)).collect();
        let left_out_of_b: Option<Vec<f64>> =
            (0..b.len()).map(|i| hodges_lehmann(a, &without(b, i))).collect();
        self.corrected("BCa bootstrap of both sides", point, &draws, &[&left_out_of_a?, &left_out_of_b?])
    }
}

/// A shift as its ranks bound it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shift {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The confidence that is reached.
    pub(crate) level: f64,
    /// Of the test of rank sums.
    pub(crate) p: f64,
    pub(crate) is_exact: bool,
}

impl Shift {
    pub(crate) fn into_interval(self) -> Interval {
        let method = if self.is_exact { "exact ranks" } else { "ranks, normal" };
        Interval { low: self.low, high: self.high, level: self.level, method: method.to_owned() }
    }
}

/// Shifts at one level. Keeps what all pairs of the same sizes share.
#[derive(Debug, Clone)]
pub(crate) struct Shifts {
    level: f64,
    nulls: BTreeMap<(usize, usize), Null>,
}

impl Shifts {
    /// `None` for a level out of range.
    pub(crate) fn at(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then(|| Self { level, nulls: BTreeMap::new() })
    }

    pub(crate) fn of(&mut self, a: &[f64], b: &[f64]) -> Option<Shift> {
        let differences = Differences::of(a, b)?;
        let (n, m) = (a.len(), b.len());
        let is_exact = n + m <= EXACT_UP_TO;
        let asked = self.level;
        let (bound, level) =
            if is_exact { self.null(n, m)?.bounds(asked) } else { (normal_bound(n, m, asked), asked) };
        let p = match differences.u_without_ties() {
            Some(u) if is_exact && !repeats(a) && !repeats(b) => self.null(n, m)?.p(u),
            _ => rank_sums(a, b)?.p,
        };
        Some(Shift {
            value: differences.median(),
            low: differences.nth(bound),
            high: differences.nth(n * m + 1 - bound),
            level,
            p,
            is_exact,
        })
    }

    fn null(&mut self, n: usize, m: usize) -> Option<&Null> {
        match self.nulls.entry((n, m)) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => Some(place.insert(Null::of(n, m)?)),
        }
    }
}

/// Whether a value of a few stands there twice.
#[expect(clippy::float_cmp, reason = "ties are values that are equal")]
fn repeats(few: &[f64]) -> bool {
    few.iter().enumerate().any(|(i, x)| few[..i].iter().any(|y| x == y))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the differences there are"
)]
fn normal_bound(n: usize, m: usize, level: f64) -> usize {
    let (n, m) = (real(n), real(m));
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, level));
    let bound = n * m / 2.0 - z * (n * m * (n + m + 1.0) / 12.0).sqrt();
    bound.floor().clamp(1.0, n * m) as usize
}

/// All differences of a value of b and one of a, in no order; `None` if there are none, or one is not finite.
fn differences(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let all: Vec<f64> = b.iter().flat_map(|b| a.iter().map(move |a| b - a)).collect();
    (!all.is_empty() && all.iter().all(|x| x.is_finite())).then_some(all)
}

/// All differences of a value of b and one of a, in order.
enum Differences {
    All(Vec<f64>),
    /// Too many to keep: both sides in order.
    Sides(Sorted, Sorted),
}

impl Differences {
    fn of(a: &[f64], b: &[f64]) -> Option<Self> {
        if a.len().saturating_mul(b.len()) > SORTED_UP_TO {
            return Some(Self::Sides(Sorted::new(a)?, Sorted::new(b)?));
        }
        let mut all = differences(a, b)?;
        all.sort_unstable_by(f64::total_cmp);
        Some(Self::All(all))
    }

    fn len(&self) -> usize {
        match self {
            Self::All(all) => all.len(),
            Self::Sides(a, b) => a.values().len() * b.values().len(),
        }
    }

    fn median(&self) -> f64 {
        let n = self.len();
        let upper = self.nth(n / 2 + 1);
        if n % 2 == 1 { upper } else { f64::midpoint(self.nth(n / 2), upper) }
    }

    /// In how many pairs b is larger; `None` if some are equal, or it is not known without counting again.
    fn u_without_ties(&self) -> Option<usize> {
        let Self::All(all) = self else { return None };
        let below = all.partition_point(|x| *x < 0.0);
        all.get(below).is_none_or(|x| *x > 0.0).then(|| all.len() - below)
    }

    /// The `k`th smallest, from 1.
    fn nth(&self, k: usize) -> f64 {
        match self {
            Self::All(all) => all[k.clamp(1, all.len()) - 1],
            Self::Sides(a, b) => sought(a.values(), b.values(), k),
        }
    }
}

/// The `k`th smallest difference of two sorted sides: by halving between the extremes, and counting.
fn sought(a: &[f64], b: &[f64], k: usize) -> f64 {
    let (first, last) = (b[0] - a[a.len() - 1], b[b.len() - 1] - a[0]);
    // Floats in the order of their values as whole numbers.
    let order = |x: f64| {
        let bits = x.to_bits().cast_signed();
        bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
    };
    let value = |order: i64| {
        f64::from_bits((order ^ ((order >> 63).cast_unsigned() >> 1).cast_signed()).cast_unsigned())
    };
    let (mut low, mut high) = (order(first), order(last));
    while low < high {
        let middle = low.midpoint(high) - i64::from(low.midpoint(high) == high);
        if at_most(a, b, value(middle)) >= k { high = middle } else { low = middle + 1 }
    }
    value(low)
}

/// How many differences are at most `limit`.
fn at_most(a: &[f64], b: &[f64], limit: f64) -> usize {
    // The larger b is, the larger a has to be.
    let (mut count, mut too_small) = (0, 0);
    for b in b {
        while too_small < a.len() && b - a[too_small] > limit {
            too_small += 1;
        }
        count += a.len() - too_small;
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_shifted_has_no_shift() {
        assert_eq!(hodges_lehmann(&[], &[1.0]), None);
        assert_eq!(hodges_lehmann(&[1.0], &[f64::INFINITY]), None);
        assert_eq!(shift_interval(&[1.0], &[2.0], 1.0), None);
        let same = shift_interval(&[2.0; 6], &[2.0; 6], 0.95).unwrap();
        assert_eq!((same.low, same.high), (0.0, 0.0));
    }

    #[test]
    fn many_values_are_not_paired_one_by_one() {
        let a: Vec<f64> = (0..30_000).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|x| x + 12.5).collect();
        let interval = shift_interval(&a, &b, 0.95).unwrap();
        assert!(interval.contains(12.5) && interval.high - interval.low < 600.0, "{interval:?}");
        assert!((hodges_lehmann(&a, &b).unwrap() - 12.5).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn one_that_is_sought_is_one_of_all(
            a in prop::collection::vec(-50_i32..50, 1..20), b in prop::collection::vec(-50_i32..50, 1..20), share in 0.0_f64..1.0
        ) {
            let side = |values: Vec<i32>| values.into_iter().map(|x| f64::from(x) / 7.0).collect::<Vec<f64>>();
            let (a, b) = (side(a), side(b));
            let all = Differences::of(&a, &b).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the differences")]
            let k = 1 + (share * real(a.len() * b.len())) as usize;
            let sides = Differences::Sides(Sorted::new(&a).unwrap(), Sorted::new(&b).unwrap());
            prop_assert!((all.nth(k) - sides.nth(k)).abs() < f64::MIN_POSITIVE);
            prop_assert!((all.median() - sides.median()).abs() < f64::MIN_POSITIVE);
            prop_assert!((all.median() - hodges_lehmann(&a, &b).unwrap()).abs() < f64::MIN_POSITIVE);
        }

        #[test]
        fn a_shift_is_found(a in prop::collection::vec(-1e3_f64..1e3, 2..15), by in -1e3_f64..1e3) {
            let b: Vec<f64> = a.iter().map(|x| x + by).collect();
            prop_assert!(shift_interval(&a, &b, 0.9).unwrap().contains(hodges_lehmann(&a, &b).unwrap()));
            prop_assert!((hodges_lehmann(&a, &b).unwrap() - by).abs() < 1e-9);
        }
    }
}
