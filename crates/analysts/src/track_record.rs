//! How often a rule was right on the same series.

use crate::{Bar, PriceRule};

/// Before any record: a rule is right a little more often than a coin …
const PRIOR_HIT_RATE: f64 = 0.53;
/// … and that is held as firmly as forty outcomes would hold it.
const PRIOR_OUTCOMES: f64 = 40.0;
/// Weaker readings do not count as a call.
const CALL: f64 = 0.25;

/// A rule's calls in the past of a series, and how many of them came true.
///
/// The rule is asked at the bars that lie one, two, three … horizons before the last: the outcomes do not overlap, and
/// each call saw nothing but the bars before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrackRecord {
    /// Calls whose outcome is known.
    pub calls: u32,
    /// Those that came true.
    pub hits: u32,
}

impl TrackRecord {
    /// The record of `rule` on `bars`, for calls over `horizon` sessions.
    #[must_use]
    pub fn of(rule: &dyn PriceRule, bars: &[Bar], horizon: usize) -> Self {
        let mut record = Self::default();
        let mut outcome = bars.len();
        while horizon > 0 && outcome > horizon + rule.bars_needed() {
            let (then, now) = (outcome - 1 - horizon, outcome - 1);
            outcome -= horizon;
            let Some(reading) = rule.read(&bars[..=then]) else { continue };
            let change = bars[now].close - bars[then].close;
            if reading.signal.abs() >= CALL && change.abs() > 0.0 {
                record.calls += 1;
                record.hits += u32::from((reading.signal > 0.0) == (change > 0.0));
            }
        }
        record
    }

    /// How often the rule can be expected to be right: its record, shrunk towards 53 % as if forty outcomes had been
    /// seen before (the mean of a Beta posterior).
    #[must_use]
    pub fn expected_hit_rate(self) -> f64 {
        (PRIOR_HIT_RATE.mul_add(PRIOR_OUTCOMES, f64::from(self.hits)))
            / (PRIOR_OUTCOMES + f64::from(self.calls))
    }

    /// The weight of evidence, in nats, that a reading of this rule carries for a rise: the log-odds of being right, in
    /// proportion to the reading up to two standard deviations. 0 for a rule that is expected to be wrong as often as
    /// right: a bad record is no reason to believe the opposite.
    #[must_use]
    pub fn weight_of(self, signal: f64) -> f64 {
        let rate = self.expected_hit_rate();
        let log_odds = libm::log(rate / (1.0 - rate)).max(0.0);
        log_odds * (signal / 2.0).clamp(-1.0, 1.0)
    }
}
