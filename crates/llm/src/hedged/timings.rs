//! How long recent calls took.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::Hedging;

/// The longest time that is told apart, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;
/// After so many calls the oldest are forgotten.
const MOST: u64 = 1_000;
/// After so many calls the wait is learned anew.
const LEARNED_AFTER: u64 = 16;

/// The times of the last one to two thousand calls, and the wait that follows from them.
pub(super) struct Timings {
    hedging: Hedging,
    recent: Option<Histogram<u32>>,
    earlier: Option<Histogram<u32>>,
    n_seen: u64,
    wait: Duration,
}

impl Timings {
    pub(super) fn new(hedging: Hedging) -> Self {
        Self { hedging, recent: None, earlier: None, n_seen: 0, wait: hedging.first_wait }
    }

    pub(super) fn wait(&self) -> Duration {
        self.wait
    }

    pub(super) fn note(&mut self, took: Duration) {
        if self.recent.as_ref().is_some_and(|recent| recent.len() >= MOST) {
            self.earlier = self.recent.take();
        }
        if self.recent.is_none() {
            // Two digits: the wait is right to a hundredth.
            self.recent = Histogram::new_with_max(LONGEST_US, 2).ok();
        }
        if let Some(recent) = &mut self.recent {
            recent.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
        }
        self.n_seen = self.n_seen.saturating_add(1);
        let enough = self.n_seen >= self.hedging.enough;
        if enough && (self.n_seen == self.hedging.enough || self.n_seen.is_multiple_of(LEARNED_AFTER)) {
            self.learn();
        }
    }

    fn learn(&mut self) {
        let Some(recent) = &self.recent else { return };
        let mut all = recent.clone();
        if let Some(earlier) = &self.earlier {
            // Both have the same range.
            let _ = all.add(earlier);
        }
        self.wait = Duration::from_micros(all.value_at_quantile(self.hedging.quantile));
    }
}
