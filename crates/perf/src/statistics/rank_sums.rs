//! The test of rank sums (Wilcoxon 1945; Mann and Whitney 1947), exact for few values, and Cliff's delta.

use std::iter;

use statrs::distribution::{ContinuousCDF, Normal};

use super::summary::real;

/// Up to so many values on both sides together p is exact.
pub const EXACT_UP_TO: usize = 50;

/// What the ranks of two sets of values say of whether one tends to be larger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSums {
    /// Mann and Whitney's U: in how many pairs the value of `b` is larger; equal ones count one half.
    pub u: f64,
    /// The two-sided p value: twice the smaller tail, at most 1.
    pub p: f64,
    /// Whether p is exact; it is normal, corrected for ties and continuity, beyond [`EXACT_UP_TO`] values.
    pub is_exact: bool,
}

/// Tests whether `a` and `b` come from the same distribution. With ties the exact p is that of all ways to part the values.
/// `None` where a side is empty or a value is not a number.
///
/// ```
/// let test = assize_perf::statistics::rank_sums(&[1.0, 2.0, 3.0, 5.0], &[11.0, 12.0, 13.0, 15.0]).expect("values");
/// assert_eq!(test.u, 16.0);
/// assert!((test.p - 2.0 / 70.0).abs() < 1e-12 && test.is_exact);
/// ```
#[must_use]
pub fn rank_sums(a: &[f64], b: &[f64]) -> Option<RankSums> {
    let ranks = Ranks::of(a, b)?;
    let u = ranks.u();
    if a.len() + b.len() > EXACT_UP_TO {
        return Some(RankSums { u, p: ranks.normal_p(), is_exact: false });
    }
    let ways = parted(&ranks.doubled, b.len());
    Some(RankSums { u, p: two_sided(&cumulated(&ways), ranks.sum_of_b), is_exact: true })
}

/// Cliff's delta (1993): how much oftener a value of `b` is larger than one of `a` than smaller, from −1 (never larger) over
/// 0 to 1 (always). `None` as for [`rank_sums`].
///
/// ```
/// let delta = assize_perf::statistics::cliffs_delta(&[1.0, 2.0], &[2.0, 3.0]);
/// assert_eq!(delta, Some(0.75));
/// ```
#[must_use]
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    let u = Ranks::of(a, b)?.u();
    Some(2.0 * u / (real(a.len()) * real(b.len())) - 1.0)
}

/// The smallest two-sided p that the exact test can show with so many values a side: 2 / C(n + m, n), at most 1.
///
/// ```
/// use assize_perf::statistics::smallest_p;
///
/// assert!((smallest_p(6, 6) - 2.0 / 924.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn smallest_p(n: usize, m: usize) -> f64 {
    let few = n.min(m);
    // One factor after the other, so that nothing overflows.
    let share = (1..=few).fold(1.0, |share, i| share * real(i) / real(n + m - few + i));
    (2.0 * share).min(1.0)
}

/// How many tests with so many values a side Holm's adjustment allows before none of them can show anything at `alpha`.
///
/// ```
/// use assize_perf::statistics::tests_allowed;
///
/// assert_eq!((tests_allowed(6, 6, 0.05), tests_allowed(8, 8, 0.05)), (23, 321));
/// ```
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; `as` saturates")]
pub fn tests_allowed(n: usize, m: usize, alpha: f64) -> usize {
    // A hair more, as 0.05 / 0.05 need not be 1.
    (alpha / smallest_p(n, m) * (1.0 + 1e-12)) as usize
}

/// How U is distributed if both sides are alike and there are no ties.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Null {
    n: usize,
    m: usize,
    /// The chance of a U of at most its place.
    cumulated: Vec<f64>,
}

impl Null {
    /// `None` beyond [`EXACT_UP_TO`], or for an empty side.
    pub(crate) fn of(n: usize, m: usize) -> Option<Self> {
        if n == 0 || m == 0 || n + m > EXACT_UP_TO {
            return None;
        }
        let ranks: Vec<usize> = (1..=n + m).collect();
        let ways = parted(&ranks, n);
        let least = n * (n + 1) / 2;
        Some(Self { n, m, cumulated: cumulated(&ways[least..=least + n * m]) })
    }

    /// The two-sided p of a U without ties.
    pub(crate) fn p(&self, u: usize) -> f64 {
        two_sided(&self.cumulated, u)
    }

    /// The largest p that can be shown of those that are at most `alpha`; `None` if none is.
    pub(crate) fn reached(&self, alpha: f64) -> Option<f64> {
        let within = self.cumulated.partition_point(|share| 2.0 * share <= alpha + 1e-12);
        Some(2.0 * self.cumulated[within.checked_sub(1)?])
    }

    /// Which of the ordered differences, counted from 1 at either end, bound the shift with a confidence of at least
    /// `level`, and what that confidence is; the outermost where none reaches it.
    pub(crate) fn bounds(&self, level: f64) -> (usize, f64) {
        let tail = (1.0 - level) / 2.0 + 1e-12;
        let within = self.cumulated.partition_point(|share| *share <= tail).max(1);
        (within.min((self.n * self.m).div_ceil(2)), 1.0 - 2.0 * self.cumulated[within - 1])
    }
}

/// The ranks of the values of both sides, doubled so that those of ties are whole.
struct Ranks {
    n: usize,
    m: usize,
    doubled: Vec<usize>,
    sum_of_b: usize,
    /// Σ (t³ − t) over groups of t equal values.
    ties: f64,
}

impl Ranks {
    fn of(a: &[f64], b: &[f64]) -> Option<Self> {
        if a.is_empty() || b.is_empty() || a.iter().chain(b).any(|x| x.is_nan()) {
            return None;
        }
        let mut all: Vec<(f64, bool)> =
            a.iter().map(|x| (*x, false)).chain(b.iter().map(|x| (*x, true))).collect();
        all.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
        let (mut doubled, mut sum_of_b, mut ties) = (Vec::with_capacity(all.len()), 0, 0.0);
        #[expect(clippy::float_cmp, reason = "ties are values that are equal")]
        for group in all.chunk_by(|x, y| x.0 == y.0) {
            // Ranks from r + 1 to r + t have the mean r + (t + 1) / 2.
            let rank = 2 * doubled.len() + group.len() + 1;
            sum_of_b += rank * group.iter().filter(|(_, of_b)| *of_b).count();
            let t = real(group.len());
            ties += t * t * t - t;
            doubled.extend(iter::repeat_n(rank, group.len()));
        }
        Some(Self { n: a.len(), m: b.len(), doubled, sum_of_b, ties })
    }

    fn u(&self) -> f64 {
        real(self.sum_of_b) / 2.0 - real(self.m) * real(self.m + 1) / 2.0
    }

    fn normal_p(&self) -> f64 {
        let (pairs, all) = (real(self.n) * real(self.m), real(self.n + self.m));
        let variance = pairs / 12.0 * (all + 1.0 - self.ties / (all * (all - 1.0)));
        let off = ((self.u() - pairs / 2.0).abs() - 0.5).max(0.0);
        if variance > 0.0 { (2.0 * Normal::standard().sf(off / variance.sqrt())).min(1.0) } else { 1.0 }
    }
}

/// In how many ways `size` of the weights add up to each sum.
fn parted(weights: &[usize], size: usize) -> Vec<f64> {
    let width = weights.iter().sum::<usize>() + 1;
    let mut ways = vec![0.0; (size + 1) * width];
    ways[0] = 1.0;
    let mut reached = 0;
    for (seen, &weight) in weights.iter().enumerate() {
        reached += weight;
        for taken in (1..=size.min(seen + 1)).rev() {
            for sum in (weight..=reached).rev() {
                ways[taken * width + sum] += ways[(taken - 1) * width + sum - weight];
            }
        }
    }
    ways.split_off(size * width)
}

/// Counts as the shares of them that lie at or below each place.
fn cumulated(ways: &[f64]) -> Vec<f64> {
    let total: f64 = ways.iter().sum();
    let running = ways.iter().scan(0.0, |sum, count| {
        *sum += count;
        Some(*sum / total)
    });
    running.collect()
}

fn two_sided(cumulated: &[f64], at: usize) -> f64 {
    let below = cumulated[at];
    let above = if at == 0 { 1.0 } else { 1.0 - cumulated[at - 1] };
    (2.0 * below.min(above)).min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_there_is_not_tested() {
        assert_eq!(rank_sums(&[], &[1.0]), None);
        assert_eq!(rank_sums(&[f64::NAN], &[1.0]), None);
        assert_eq!(cliffs_delta(&[1.0], &[]), None);
        assert_eq!((Null::of(0, 4), Null::of(26, 25)), (None, None));
        let equal = rank_sums(&[2.0; 40], &[2.0; 40]).unwrap();
        assert!((equal.p - 1.0).abs() < 1e-12 && !equal.is_exact);
    }

    #[test]
    fn few_runs_allow_few_tests() {
        let allowed = [3, 4, 5, 6, 7, 8].map(|n| tests_allowed(n, n, 0.05));
        assert_eq!(allowed, [0, 1, 6, 23, 85, 321]);
        assert_eq!(tests_allowed(1, 1, 1.0), 1);
    }

    #[test]
    fn the_bounds_are_those_of_the_tables() {
        // Lehmann (1975), table B: with six a side the fifth tail value is the last below 2.5 %.
        let (k, level) = Null::of(6, 6).unwrap().bounds(0.95);
        assert_eq!(k, 6);
        assert!((level - (1.0 - 2.0 * 19.0 / 924.0)).abs() < 1e-12, "{level}");
        let (k, level) = Null::of(3, 3).unwrap().bounds(0.95);
        assert_eq!(k, 1);
        assert!((level - 0.9).abs() < 1e-12, "all that three runs can say is 90 %: {level}");
        assert_eq!(Null::of(1, 1).unwrap().bounds(0.95).0, 1);
        // The critical value of six against six at 5 % is 5, whose p is 38 / 924.
        let null = Null::of(6, 6).unwrap();
        assert!((null.reached(0.05).unwrap() - 38.0 / 924.0).abs() < 1e-12);
        assert_eq!(null.reached(0.002), None);
    }

    proptest! {
        #[test]
        fn the_sides_are_alike(a in prop::collection::vec(-9_i32..9, 1..12), b in prop::collection::vec(-9_i32..9, 1..12)) {
            let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().map(f64::from).collect(), b.into_iter().map(f64::from).collect());
            let (there, back) = (rank_sums(&a, &b).unwrap(), rank_sums(&b, &a).unwrap());
            prop_assert!((there.p - back.p).abs() < 1e-9 && (0.0..=1.0).contains(&there.p));
            prop_assert!((there.u + back.u - real(a.len() * b.len())).abs() < 1e-9);
            prop_assert!((cliffs_delta(&a, &b).unwrap() + cliffs_delta(&b, &a).unwrap()).abs() < 1e-9);
        }

        #[test]
        fn without_ties_the_kept_distribution_says_the_same(n in 1_usize..10, m in 1_usize..10, seed in any::<u64>()) {
            let mut chance = assize_ambient::Seed::new(seed).rng();
            let mut draw = |n| (0..n).map(|_| chance.unit()).collect::<Vec<f64>>();
            let (a, b) = (draw(n), draw(m));
            let test = rank_sums(&a, &b).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of pairs")]
            let u = test.u as usize;
            prop_assert!((Null::of(n, m).unwrap().p(u) - test.p).abs() < 1e-9);
            prop_assert!(test.p >= smallest_p(n, m) - 1e-12);
        }
    }
}
