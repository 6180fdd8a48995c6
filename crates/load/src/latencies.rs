//! Times of many requests in little space.

use std::{fmt, time::Duration};

use assize_perf::{Interval, statistics::P99_NEEDS};
use hdrhistogram::Histogram;

use crate::number::{len, nanoseconds, real};

/// What is longer is recorded as this.
const LONGEST: Duration = Duration::from_hours(24);
/// Between 0.025 and 0.975 of the normal distribution lie so many standard deviations either way.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;

/// Times in an HDR histogram of three significant digits: what is read from it is at most 0.1 % too large, the smallest and the
/// largest are exact. Those of several workers are merged, count by count; percentiles are never averaged.
///
/// ```
/// use std::time::Duration;
/// use assize_load::Latencies;
///
/// let (mut a, mut b) = (Latencies::new(), Latencies::new());
/// (0..1_500).for_each(|_| a.record(Duration::from_millis(1)));
/// (0..20).for_each(|_| b.record(Duration::from_secs(2)));
/// a.merge(&b);
/// let p99 = a.p99().expect("more than 1,000 of them");
/// assert!((p99 / 2e9 - 1.0).abs() < 0.001);
/// ```
#[derive(Clone)]
pub struct Latencies {
    histogram: Histogram<u64>,
    least: u64,
    most: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        let histogram = Histogram::new(3).expect("three digits are between one and five");
        Self { histogram, least: u64::MAX, most: 0 }
    }
}

impl Latencies {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; more than a day counts as a day.
    pub fn record(&mut self, time: Duration) {
        let time = nanoseconds(time.min(LONGEST));
        self.least = self.least.min(time);
        self.most = self.most.max(time);
        // It grows as it must, so that nothing up to the longest is refused.
        let recorded = self.histogram.record(time);
        debug_assert!(recorded.is_ok(), "{time}");
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        let added = self.histogram.add(&other.histogram);
        debug_assert!(added.is_ok(), "it grows as it must");
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The shortest, in nanoseconds.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.count() > 0).then(|| real(self.least))
    }

    /// The longest, in nanoseconds.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count() > 0).then(|| real(self.most))
    }

    /// The mean, in nanoseconds.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.histogram.mean())
    }

    /// The value that the share `q` of them do not exceed, in nanoseconds.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        (self.count() > 0).then(|| real(self.histogram.value_at_quantile(q)).min(real(self.most)))
    }

    /// The 99th percentile in nanoseconds; `None` ("insufficient") below [`P99_NEEDS`] of them.
    #[must_use]
    pub fn p99(&self) -> Option<f64> {
        (self.count() >= u64::try_from(P99_NEEDS).unwrap_or(u64::MAX)).then(|| self.quantile(0.99))?
    }

    /// The 95 % interval of a quantile by order statistics: the binomial distribution's normal form, which assumes
    /// independence. `None` where fewer than five lie on either side of the quantile.
    #[must_use]
    pub fn quantile_interval(&self, q: f64) -> Option<Interval> {
        let n = real(self.count());
        if (n * q).min(n * (1.0 - q)) < 5.0 {
            return None;
        }
        let half = Z_95 * (q * (1.0 - q) / n).sqrt();
        Some(Interval {
            low: self.quantile((q - half).max(0.0))?,
            high: self.quantile((q + half).min(1.0))?,
            level: 0.95,
            method: "order statistics of the requests, taken as independent".to_owned(),
        })
    }

    /// What a closed loop has left out, put back by rule: for each time that is longer than the interval at which a user was to
    /// send, those of the requests that it kept the user from sending (Tene's correction: time − interval, time − 2 · interval, …).
    #[must_use]
    pub fn corrected(&self, interval: Duration) -> Self {
        let interval = nanoseconds(interval);
        let histogram =
            if interval == 0 { self.histogram.clone() } else { self.histogram.clone_correct(interval) };
        let least = if interval == 0 || self.count() == 0 { self.least } else { histogram.min() };
        Self { histogram, least, most: self.most }
    }

    /// The values that occur, in nanoseconds, and how often.
    #[must_use]
    pub fn values(&self) -> Vec<(u64, u64)> {
        let each = self.histogram.iter_recorded();
        each.map(|it| (it.value_iterated_to(), it.count_since_last_iteration())).collect()
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Latencies");
        shown.field("count", &self.count()).field("p50", &self.quantile(0.5)).field("max", &self.max());
        shown.finish_non_exhaustive()
    }
}

/// The median of figures; `None` for none.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    (len(values) > 0.0).then(|| assize_perf::statistics::Sorted::new(values).map(|sorted| sorted.median()))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::number::whole;

    #[test]
    fn nothing_recorded_says_nothing() {
        let none = Latencies::new();
        assert_eq!(
            (none.quantile(0.5), none.max(), none.min(), none.mean(), none.p99()),
            (None, None, None, None, None)
        );
        assert_eq!(none.corrected(Duration::from_secs(1)).count(), 0);
    }

    #[test]
    fn a_correction_puts_back_what_a_stall_kept_from_being_sent() {
        let mut seen = Latencies::new();
        (0..999).for_each(|_| seen.record(Duration::from_millis(1)));
        seen.record(Duration::from_secs(2));
        // One request every 10 ms: the stall kept 199 from being sent, at 1.99 s, 1.98 s, … 10 ms.
        let corrected = seen.corrected(Duration::from_millis(10));
        assert_eq!(corrected.count(), 1_000 + 199);
        assert!(seen.p99().unwrap() < 1.01e6 && corrected.p99().unwrap() > 1.8e9);
    }

    proptest! {
        #[test]
        fn merged_is_as_recorded_together(
            a in prop::collection::vec(1_u64..10_000_000_000, 0..200),
            b in prop::collection::vec(1_u64..10_000_000_000, 1..200),
            q in 0.0_f64..1.0,
        ) {
            let of = |times: &[u64]| {
                let mut all = Latencies::new();
                times.iter().for_each(|time| all.record(Duration::from_nanos(*time)));
                all
            };
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let mut all = [a, b].concat();
            let together = of(&all);
            prop_assert_eq!(merged.values(), together.values());
            all.sort_unstable();
            prop_assert_eq!(merged.max(), all.last().map(|time| real(*time)));
            prop_assert_eq!(merged.min(), all.first().map(|time| real(*time)));
            let rank = usize::try_from(whole((len(&all) * q).ceil())).unwrap().clamp(1, all.len());
            let (exact, read) = (real(all[rank - 1]), merged.quantile(q).unwrap());
            prop_assert!(read >= exact && read <= exact * 1.001 + 1.0, "{read} for {exact}");
        }
    }
}
