//! A bucket that fills at a rate.

/// Credit that is missing by less than this is not missing: sums of floats are not exact.
const NOTHING: f64 = 1e-6;

/// Fills at `per_second` up to `burst`; what is taken beyond is debt. Moments are seconds on one's own scale.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) per_second: f64,
    burst: f64,
    level: f64,
    /// Until when it was filled.
    filled: f64,
}

impl Bucket {
    /// A full one.
    pub(super) fn full(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst, level: burst, filled: 0.0 }
    }

    /// Fills it up to now.
    pub(super) fn fill(&mut self, now: f64) {
        if now > self.filled {
            self.level = (self.level + (now - self.filled) * self.per_second).min(self.burst);
            self.filled = now;
        }
    }

    /// Does not fill before `moment`.
    pub(super) fn rest_until(&mut self, moment: f64) {
        self.filled = self.filled.max(moment);
    }

    pub(super) fn is_full(&self) -> bool {
        self.level >= self.burst - NOTHING
    }

    /// Seconds until `demand` can be taken; a demand above the burst is met by a full bucket. It must be filled up to now.
    pub(super) fn wait_for(&self, demand: f64) -> f64 {
        let missing = demand.min(self.burst) - self.level;
        if missing <= NOTHING { 0.0 } else { missing / self.per_second }
    }

    pub(super) fn take(&mut self, demand: f64) {
        self.level -= demand;
    }

    /// Gives back, or with a negative amount takes more, whatever the level.
    pub(super) fn give_back(&mut self, amount: f64) {
        self.level = (self.level + amount).min(self.burst);
    }

    /// Knows of no more than this.
    pub(super) fn at_most(&mut self, level: f64) {
        self.level = self.level.min(level);
    }

    pub(super) fn resize(&mut self, per_second: f64, burst: f64) {
        self.per_second = per_second;
        self.burst = burst;
        self.level = self.level.min(burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_above_the_burst_is_met_by_a_full_bucket_and_is_debt() {
        let mut bucket = Bucket::full(10.0, 20.0);
        assert!(bucket.wait_for(100.0) < 1e-9);
        bucket.take(100.0);
        assert!((bucket.wait_for(1.0) - 8.1).abs() < 1e-9, "80 in debt, one to have, at 10 a second");
        bucket.fill(4.0);
        bucket.give_back(30.0);
        assert!((bucket.wait_for(1.0) - 1.1).abs() < 1e-9);
        bucket.fill(1000.0);
        assert!(bucket.is_full());
        assert!((bucket.wait_for(30.0)).abs() < 1e-9);
    }

    #[test]
    fn it_does_not_fill_while_it_rests() {
        let mut bucket = Bucket::full(1.0, 1.0);
        bucket.take(1.0);
        bucket.rest_until(10.0);
        bucket.fill(5.0);
        assert!((bucket.wait_for(1.0) - 1.0).abs() < 1e-9);
        bucket.fill(10.5);
        assert!((bucket.wait_for(1.0) - 0.5).abs() < 1e-9);
    }
}
