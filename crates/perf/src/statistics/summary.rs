//! What a set of samples looks like.

/// What the median absolute deviation is multiplied with to estimate the standard deviation of normal data:
/// 1 / Φ⁻¹(3/4).
pub const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// With fewer samples than this a 99th percentile is not reported: it would rest on fewer than ten of them.
pub const P99_NEEDS: usize = 1_000;

/// A count as a real number. Exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "no set of samples has 2^53 members")]
pub(crate) const fn real(count: usize) -> f64 {
    count as f64
}

/// The arithmetic mean, summed with compensation (Neumaier 1974); `None` for no samples.
#[must_use]
pub fn mean(samples: &[f64]) -> Option<f64> {
    (!samples.is_empty()).then(|| sum(samples.iter().copied()) / real(samples.len()))
}

/// The standard deviation of a sample (divisor n − 1); `None` for fewer than two.
#[must_use]
pub fn standard_deviation(samples: &[f64]) -> Option<f64> {
    let centre = mean(samples).filter(|_| samples.len() >= 2)?;
    let squares = sum(samples.iter().map(|x| (x - centre) * (x - centre)));
    Some((squares / real(samples.len() - 1)).sqrt())
}

/// A compensated sum (Neumaier), so that a million small samples do not drown in rounding.
pub(crate) fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = total + term;
        lost += if total.abs() >= term.abs() { (total - next) + term } else { (term - next) + total };
        total = next;
    }
    total + lost
}

/// Samples in ascending order: at least one, all finite.
///
/// ```
/// use assize_perf::statistics::Sorted;
///
/// let sorted = Sorted::new(&[3.0, 1.0, 2.0, 4.0]).expect("four finite samples");
/// assert_eq!(sorted.median(), 2.5);
/// assert!(Sorted::new(&[]).is_none());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts; `None` if there is no sample, or one that is not finite.
    #[must_use]
    pub fn new(samples: &[f64]) -> Option<Self> {
        if samples.is_empty() || samples.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self(sorted))
    }

    /// The samples, ascending.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The smallest.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    /// The largest.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }

    /// The percentile `p` in `0.0..=100.0` (clamped), interpolated linearly: type 7 of Hyndman and Fan (1996), which
    /// is `NumPy`'s default.
    #[must_use]
    pub fn percentile(&self, p: f64) -> f64 {
        let last = self.0.len() - 1;
        let position = p.clamp(0.0, 100.0) / 100.0 * real(last);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the last index"
        )]
        let below = (position.floor() as usize).min(last);
        let above = (below + 1).min(last);
        let share = position - real(below);
        let (low, high) = (self.0[below], self.0[above]);
        // From the nearer end, as NumPy does, so that the result is monotone in p.
        if share < 0.5 { low + (high - low) * share } else { high - (high - low) * (1.0 - share) }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    /// The median absolute deviation from the median, not scaled; times [`MAD_TO_SD`] it estimates the standard
    /// deviation of normal data.
    #[must_use]
    pub fn mad(&self) -> f64 {
        let centre = self.median();
        let deviations: Vec<f64> = self.0.iter().map(|x| (x - centre).abs()).collect();
        Self::new(&deviations).map_or(f64::NAN, |deviations| deviations.median())
    }

    /// How many samples lie beyond Tukey's fences: mild beyond 1.5, severe beyond 3 interquartile ranges from the
    /// quartiles (Tukey 1977, "Exploratory Data Analysis").
    #[must_use]
    pub fn outliers(&self) -> Outliers {
        let (q1, q3) = (self.percentile(25.0), self.percentile(75.0));
        let range = q3 - q1;
        let mut found = Outliers::default();
        for &x in &self.0 {
            if x < q1 - 3.0 * range {
                found.low_severe += 1;
            } else if x < q1 - 1.5 * range {
                found.low_mild += 1;
            } else if x > q3 + 3.0 * range {
                found.high_severe += 1;
            } else if x > q3 + 1.5 * range {
                found.high_mild += 1;
            }
        }
        found
    }
}

/// Counts of samples beyond Tukey's fences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outliers {
    /// More than 3 interquartile ranges below the first quartile.
    pub low_severe: usize,
    /// Between 1.5 and 3 interquartile ranges below it.
    pub low_mild: usize,
    /// Between 1.5 and 3 interquartile ranges above the third quartile.
    pub high_mild: usize,
    /// More than 3 interquartile ranges above it.
    pub high_severe: usize,
}

impl Outliers {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.low_severe + self.low_mild + self.high_mild + self.high_severe
    }

    /// Those beyond the outer fences.
    #[must_use]
    pub const fn severe(&self) -> usize {
        self.low_severe + self.high_severe
    }
}

/// The usual figures of a set of samples, in the unit of the samples.
///
/// ```
/// use assize_perf::statistics::Summary;
///
/// let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).expect("finite samples");
/// assert_eq!(summary.mean, 5.0);
/// assert_eq!(summary.p99, None); // eight samples say nothing about one in a hundred
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How many samples there are.
    pub n: usize,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The standard deviation with divisor n − 1; `None` for one sample.
    pub sd: Option<f64>,
    /// The median absolute deviation, not scaled.
    pub mad: f64,
    /// The median absolute deviation times [`MAD_TO_SD`]: a robust estimate of the standard deviation.
    pub mad_scaled: f64,
    /// The 25th percentile.
    pub q1: f64,
    /// The 75th percentile.
    pub q3: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile; `None` ("insufficient") below [`P99_NEEDS`] samples.
    pub p99: Option<f64>,
    /// Samples beyond Tukey's fences.
    pub outliers: Outliers,
}

impl Summary {
    /// Summarises; `None` if there is no sample, or one that is not finite.
    #[must_use]
    pub fn of(samples: &[f64]) -> Option<Self> {
        let sorted = Sorted::new(samples)?;
        let mad = sorted.mad();
        Some(Self {
            n: samples.len(),
            min: sorted.min(),
            max: sorted.max(),
            mean: mean(samples)?,
            median: sorted.median(),
            sd: standard_deviation(samples),
            mad,
            mad_scaled: mad * MAD_TO_SD,
            q1: sorted.percentile(25.0),
            q3: sorted.percentile(75.0),
            p95: sorted.percentile(95.0),
            p99: (samples.len() >= P99_NEEDS).then(|| sorted.percentile(99.0)),
            outliers: sorted.outliers(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_summary_is_ordered_and_within_its_samples(samples in prop::collection::vec(-1e12_f64..1e12, 1..300)) {
            let s = Summary::of(&samples).unwrap();
            let slack = 1e-9 * (s.max - s.min).abs().max(s.max.abs().max(s.min.abs()));
            prop_assert!(s.min <= s.q1 && s.q1 <= s.median && s.median <= s.q3 && s.q3 <= s.p95 && s.p95 <= s.max);
            prop_assert!(s.min - slack <= s.mean && s.mean <= s.max + slack);
            prop_assert!(s.mad >= 0.0 && s.sd.unwrap_or(0.0) >= 0.0);
            prop_assert!(s.outliers.total() < samples.len().max(2));
        }

        #[test]
        fn order_does_not_matter(mut samples in prop::collection::vec(-1e6_f64..1e6, 1..100)) {
            let before = Sorted::new(&samples);
            samples.reverse();
            prop_assert_eq!(before, Sorted::new(&samples));
        }
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        assert_eq!(Summary::of(&[1.0, f64::NAN]), None);
        assert_eq!(Summary::of(&[f64::INFINITY]), None);
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[7.0]).unwrap().sd, None);
    }

    #[test]
    fn a_compensated_sum_keeps_small_terms() {
        assert!((sum([1e16, 1.0, 1.0, -1e16].into_iter()) - 2.0).abs() < 1e-9);
    }
}
