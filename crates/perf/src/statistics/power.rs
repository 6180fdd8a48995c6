//! What a comparison of so many runs can show at all, and how many runs it would need.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    interval::student_quantile,
    rank_sums::{Null, smallest_p, tests_allowed},
    summary::real,
};

/// More runs than this are not asked for.
pub const MOST_RUNS: usize = 500;

/// Up to so many runs on both sides together it is counted which p can be reached.
const COUNTED_UP_TO: usize = 30;

/// How many more values a test of rank sums needs than one of means where values are normal: π / 3.
const RANKS_NEED: f64 = std::f64::consts::FRAC_PI_3;

/// A comparison as it is planned: what follows from it is computed by formula, for normal logarithms, and in the scale of
/// logarithms.
///
/// ```
/// use assize_perf::statistics::Plan;
///
/// let plan = Plan { before: 8, after: 8, tests: 50, ..Plan::default() };
/// let least = plan.detectable(0.03).expect("eight runs a side can show something");
/// assert!(least > 0.06 && least < 0.12);
/// // Six cannot, however large it is: their smallest p, times 50, is above 0.05.
/// assert_eq!(Plan { before: 6, after: 6, ..plan }.detectable(0.03), None);
/// assert_eq!(plan.runs_that_can_show(), Some(7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Runs before.
    pub before: usize,
    /// Runs after.
    pub after: usize,
    /// How many metrics are tested in all.
    pub tests: usize,
    /// The chance of a false alarm in the whole, at most.
    pub alpha: f64,
    /// The confidence of intervals.
    pub level: f64,
    /// The chance with which a change is to be found.
    pub power: f64,
    /// What a change has to exceed with its whole interval, as a difference of logarithms.
    pub floor: f64,
}

impl Default for Plan {
    /// Six runs a side of one metric, α 0.05, intervals at 95 %, power 80 %, no floor.
    fn default() -> Self {
        Self { before: 6, after: 6, tests: 1, alpha: 0.05, level: 0.95, power: 0.8, floor: 0.0 }
    }
}

impl Plan {
    /// The smallest shift of logarithms that is found with the chance asked for, where those of runs vary by this standard
    /// deviation. `None` where no shift can be shown. Simulated, 80 % are 70 % to 90 %: the less, the fewer runs there are.
    #[must_use]
    pub fn detectable(&self, deviation: f64) -> Option<f64> {
        self.can_show().then(|| self.reach(deviation))?
    }

    /// Whether a metric can be shown to have changed at all.
    #[must_use]
    pub fn can_show(&self) -> bool {
        tests_allowed(self.before, self.after, self.alpha) >= self.tests.max(1)
    }

    /// The least number of runs a side that can show anything, however large; `None` above [`MOST_RUNS`].
    #[must_use]
    pub fn runs_that_can_show(&self) -> Option<usize> {
        (2..=MOST_RUNS).find(|&n| smallest_p(n, n) * real(self.tests.max(1)) <= self.alpha * (1.0 + 1e-12))
    }

    /// The least number of runs a side with which a shift of this size is either shown, or shown to be within the floor, with
    /// the chance asked for. `None` above [`MOST_RUNS`]: a shift of just the floor needs more than anyone has.
    #[must_use]
    pub fn runs_to_decide(&self, shift: f64, deviation: f64) -> Option<usize> {
        let decides = |n: usize| {
            let plan = Self { before: n, after: n, ..*self };
            if shift.abs() > self.floor {
                return plan.detectable(deviation).is_some_and(|least| least <= shift.abs());
            }
            plan.interval_reach(deviation).is_some_and(|reach| shift.abs() + reach <= self.floor)
        };
        // More runs never decide less.
        let (mut low, mut high) = (2, MOST_RUNS);
        if !decides(high) {
            return None;
        }
        while low < high {
            let middle = usize::midpoint(low, high);
            if decides(middle) { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }

    fn reach(&self, deviation: f64) -> Option<f64> {
        let null =
            (self.before + self.after <= COUNTED_UP_TO).then(|| Null::of(self.before, self.after)).flatten();
        let alpha = self.alpha / real(self.tests.max(1));
        // Ranks are whole: what they reach is less than what was asked for.
        let alpha = null.map_or(Some(alpha), |null| null.reached(alpha))?;
        let by_interval = self.floor + self.interval_reach(deviation)?;
        Some(by_interval.max(self.needed(alpha)? * self.error(deviation)))
    }

    /// How far beyond a bound a shift has to be so that its interval is beyond it, with the chance asked for.
    fn interval_reach(&self, deviation: f64) -> Option<f64> {
        Some(self.needed(1.0 - self.level)? * self.error(deviation))
    }

    /// In standard errors: for a two-sided test at `alpha`, and the chance to find it, where the errors are estimated too
    /// (Abramowitz and Stegun, 26.7.10).
    fn needed(&self, alpha: f64) -> Option<f64> {
        let freedom = (self.before + self.after).checked_sub(2)?;
        let critical = student_quantile(1.0 - alpha / 2.0, freedom)?;
        let found = Normal::standard().inverse_cdf(self.power);
        let freedom = real(freedom);
        Some(critical * (1.0 - 0.25 / freedom) + found * (1.0 + critical * critical / (2.0 * freedom)).sqrt())
    }

    fn error(&self, deviation: f64) -> f64 {
        deviation * (RANKS_NEED * (1.0 / real(self.before.max(1)) + 1.0 / real(self.after.max(1)))).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_large_as_the_floor_is_never_decided() {
        let plan = Plan { floor: 0.05, ..Plan::default() };
        assert_eq!(plan.runs_to_decide(0.05, 0.03), None);
        let (near, far) = (plan.runs_to_decide(0.06, 0.03).unwrap(), plan.runs_to_decide(0.2, 0.03).unwrap());
        assert!(near > 50 && far < 7, "{near} {far}");
        let equal = plan.runs_to_decide(0.0, 0.03).unwrap();
        assert!((5..15).contains(&equal), "{equal}");
    }

    #[test]
    fn more_metrics_need_more() {
        let plan = Plan { before: 10, after: 10, ..Plan::default() };
        let of = |tests| Plan { tests, ..plan }.detectable(0.03).unwrap();
        assert!(of(1) < of(10) && of(10) < of(1_000));
        assert_eq!(Plan { before: 1, after: 9, ..plan }.detectable(0.03), None);
        assert_eq!(Plan { tests: 23, ..plan }.runs_that_can_show(), Some(6));
        // What the documentation says of a suite of fifty whose runs vary by 3 %.
        let suite = Plan { tests: 50, ..Plan::default() };
        let runs = [1.05_f64, 1.1].map(|factor| suite.runs_to_decide(factor.ln(), 0.03));
        assert_eq!(runs, [Some(17), Some(7)]);
    }
}
