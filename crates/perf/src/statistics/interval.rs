//! Intervals: of a mean, of a proportion, and by bootstrap of anything.

use assize_ambient::{Chance, Seed};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::summary::{Sorted, mean, real, standard_deviation};
use crate::run::Interval;

/// Student's t interval of a mean at `level` (between 0 and 1, both excluded). Assumes independent samples whose mean
/// is about normal. `None` for fewer than two samples, one that is not finite, or a level out of range.
///
/// ```
/// let interval = assize_perf::statistics::student_interval(&[4.0, 5.0, 6.0], 0.95).expect("three samples");
/// assert!((interval.low - 2.5159).abs() < 1e-4);
/// ```
#[must_use]
pub fn student_interval(samples: &[f64], level: f64) -> Option<Interval> {
    if !is_level(level) || samples.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let (centre, sd) = (mean(samples)?, standard_deviation(samples)?);
    let half =
        student_quantile(f64::midpoint(1.0, level), samples.len() - 1)? * sd / real(samples.len()).sqrt();
    Some(Interval { low: centre - half, high: centre + half, level, method: "Student t".to_owned() })
}

/// Wilson's score interval of a proportion (Wilson 1927), without continuity correction. `None` for no trials, more
/// successes than trials, or a level out of range.
///
/// ```
/// // No failure in 1,000 trials does not mean that there is none.
/// let interval = assize_perf::statistics::wilson_interval(0, 1_000, 0.95).expect("a thousand trials");
/// assert!(interval.high > 0.003 && interval.high < 0.004);
/// ```
#[must_use]
pub fn wilson_interval(successes: usize, trials: usize, level: f64) -> Option<Interval> {
    if trials == 0 || successes > trials || !is_level(level) {
        return None;
    }
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, level));
    let (n, p) = (real(trials), real(successes) / real(trials));
    let (z2, shrink) = (z * z, 1.0 + z * z / n);
    let centre = (p + z2 / (2.0 * n)) / shrink;
    let half = z / shrink * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula gives exactly 0 and 1, but rounding may miss them.
    let low = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes == trials { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { low, high, level, method: "Wilson score".to_owned() })
}

/// The quantile `p` of Student's t with this many degrees of freedom.
pub(crate) fn student_quantile(p: f64, freedom: usize) -> Option<f64> {
    if freedom == 0 {
        return None;
    }
    StudentsT::new(0.0, 1.0, real(freedom)).ok().map(|t| t.inverse_cdf(p))
}

fn is_level(level: f64) -> bool {
    level > 0.0 && level < 1.0
}

/// The percentile bootstrap (Efron 1979): resamples with replacement, and takes the middle `level` of what a statistic
/// then shows. It assumes that the samples are independent: those of one process seldom are, so resample runs where
/// there are several.
///
/// ```
/// use assize_ambient::Seed;
/// use assize_perf::statistics::{Bootstrap, Sorted};
///
/// let samples = [4.1, 4.3, 4.2, 4.9, 4.2, 4.0, 4.4];
/// let bootstrap = Bootstrap::new(Seed::new(1));
/// let interval = bootstrap.of(&samples, |resample| Sorted::new(resample).map_or(f64::NAN, |s| s.median()));
/// assert!(interval.is_some_and(|interval| interval.contains(4.2)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Where the draws come from.
    pub seed: Seed,
    /// How many resamples are drawn; 10,000 by default.
    pub resamples: usize,
    /// Which share of them the interval spans; 0.95 by default.
    pub level: f64,
}

impl Bootstrap {
    /// 10,000 resamples at 95 %.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { seed, resamples: 10_000, level: 0.95 }
    }

    /// With another number of resamples.
    #[must_use]
    pub const fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// At another level, between 0 and 1.
    #[must_use]
    pub const fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// The interval of any statistic. Resamples on which the statistic is not finite are left out; `None` if more than
    /// a tenth are, for fewer than two samples, or for a level out of range.
    #[must_use]
    pub fn of(&self, samples: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        if samples.len() < 2 {
            return None;
        }
        let mut drawn = vec![0.0; samples.len()];
        self.span("bootstrap", |chance| {
            draw(samples, &mut drawn, chance);
            statistic(&drawn)
        })
    }

    /// The interval of the mean of `a[i] − b[i]`: what pairs that belong together differ by. `None` as for
    /// [`of`](Self::of), or if the two are not equally long.
    #[must_use]
    pub fn paired_difference(&self, a: &[f64], b: &[f64]) -> Option<Interval> {
        if a.len() != b.len() {
            return None;
        }
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let interval = self.of(&differences, |resample| mean(resample).unwrap_or(f64::NAN))?;
        Some(Interval { method: self.method("paired bootstrap"), ..interval })
    }

    /// The interval of `statistic(a) − statistic(b)` for independent samples.
    #[must_use]
    pub fn difference(&self, a: &[f64], b: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        self.of_two(a, b, |a, b| statistic(a) - statistic(b))
    }

    /// The interval of `statistic(a) / statistic(b)` for independent samples.
    #[must_use]
    pub fn ratio(&self, a: &[f64], b: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        self.of_two(a, b, |a, b| statistic(a) / statistic(b))
    }

    /// The interval of the ratio of the means of pairs that belong together: pairs are resampled as pairs.
    #[must_use]
    pub fn paired_ratio(&self, a: &[f64], b: &[f64]) -> Option<Interval> {
        if a.len() != b.len() || a.len() < 2 {
            return None;
        }
        let interval = self.span("bootstrap of pairs", |chance| {
            let (mut over, mut under) = (0.0, 0.0);
            for _ in 0..a.len() {
                let pair = chance.below(a.len());
                over += a[pair];
                under += b[pair];
            }
            over / under
        })?;
        Some(Interval { method: self.method("paired bootstrap"), ..interval })
    }

    fn of_two(&self, a: &[f64], b: &[f64], statistic: impl Fn(&[f64], &[f64]) -> f64) -> Option<Interval> {
        if a.len() < 2 || b.len() < 2 {
            return None;
        }
        let (mut of_a, mut of_b) = (vec![0.0; a.len()], vec![0.0; b.len()]);
        self.span("bootstrap of two", |chance| {
            draw(a, &mut of_a, chance);
            draw(b, &mut of_b, chance);
            statistic(&of_a, &of_b)
        })
    }

    /// What the statistic shows on resamples; at least nine tenths of them, all finite.
    pub(super) fn draws_of(&self, samples: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Vec<f64>> {
        let mut drawn = vec![0.0; samples.len()];
        self.draws("bootstrap", |chance| {
            draw(samples, &mut drawn, chance);
            statistic(&drawn)
        })
    }

    /// What the statistic shows on resamples of both, each drawn by itself.
    pub(super) fn draws_of_two(
        &self,
        a: &[f64],
        b: &[f64],
        statistic: impl Fn(&[f64], &[f64]) -> f64,
    ) -> Option<Vec<f64>> {
        let (mut of_a, mut of_b) = (vec![0.0; a.len()], vec![0.0; b.len()]);
        self.draws("bootstrap of two", |chance| {
            draw(a, &mut of_a, chance);
            draw(b, &mut of_b, chance);
            statistic(&of_a, &of_b)
        })
    }

    fn draws(&self, label: &str, mut once: impl FnMut(&mut Chance) -> f64) -> Option<Vec<f64>> {
        if !is_level(self.level) || self.resamples == 0 {
            return None;
        }
        let mut chance = self.seed.child(label).rng();
        let values: Vec<f64> =
            (0..self.resamples).map(|_| once(&mut chance)).filter(|x| x.is_finite()).collect();
        (values.len() >= self.resamples - self.resamples / 10).then_some(values)
    }

    fn span(&self, label: &str, once: impl FnMut(&mut Chance) -> f64) -> Option<Interval> {
        let sorted = Sorted::new(&self.draws(label, once)?)?;
        let tail = (1.0 - self.level) / 2.0 * 100.0;
        Some(Interval {
            low: sorted.percentile(tail),
            high: sorted.percentile(100.0 - tail),
            level: self.level,
            method: self.method("percentile bootstrap"),
        })
    }

    pub(super) fn method(&self, name: &str) -> String {
        format!("{name}, {} resamples", self.resamples)
    }
}

fn draw(samples: &[f64], into: &mut [f64], chance: &mut Chance) {
    for place in into {
        *place = samples[chance.below(samples.len())];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_known_is_not_answered() {
        assert_eq!(student_interval(&[1.0], 0.95), None);
        assert_eq!(student_interval(&[1.0, 2.0], 1.0), None);
        assert_eq!(wilson_interval(3, 2, 0.95), None);
        assert_eq!(wilson_interval(0, 0, 0.95), None);
        let bootstrap = Bootstrap::new(Seed::new(1)).resamples(200);
        assert_eq!(bootstrap.of(&[1.0], |s| s[0]), None);
        assert_eq!(bootstrap.of(&[1.0, 2.0], |_| f64::NAN), None);
        assert_eq!(bootstrap.paired_difference(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(bootstrap.ratio(&[1.0, 2.0], &[0.0, 0.0], |s| s[0]), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let samples: Vec<f64> = (0..40).map(f64::from).collect();
        let interval =
            |seed| Bootstrap::new(Seed::new(seed)).resamples(500).of(&samples, |s| mean(s).unwrap_or(0.0));
        assert_eq!(interval(3), interval(3));
        assert_ne!(interval(3), interval(4));
    }

    #[test]
    fn pairing_removes_what_pairs_share() {
        // Every pair differs by 1, the pairs among themselves by hundreds.
        let b: Vec<f64> = (0..30).map(|i| 100.0 * f64::from(i)).collect();
        let a: Vec<f64> = b.iter().map(|x| x + 1.0).collect();
        let bootstrap = Bootstrap::new(Seed::new(9)).resamples(1_000);
        let paired = bootstrap.paired_difference(&a, &b).unwrap();
        assert!((paired.low - 1.0).abs() < 1e-9 && (paired.high - 1.0).abs() < 1e-9);
        let apart = bootstrap.difference(&a, &b, |s| mean(s).unwrap_or(f64::NAN)).unwrap();
        assert!(apart.low < -100.0 && apart.high > 100.0);
    }

    proptest! {
        #[test]
        fn wilson_holds_its_proportion(trials in 1_usize..5_000, share in 0.0_f64..=1.0) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within trials")]
            let successes = (real(trials) * share) as usize;
            let interval = wilson_interval(successes, trials, 0.95).unwrap();
            prop_assert!(interval.contains(real(successes) / real(trials)));
            prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
        }

        #[test]
        fn a_higher_level_is_never_narrower(samples in prop::collection::vec(-1e3_f64..1e3, 2..40)) {
            let (narrow, wide) = (student_interval(&samples, 0.8).unwrap(), student_interval(&samples, 0.99).unwrap());
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
    }
}
