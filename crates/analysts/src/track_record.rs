//! How often a rule was right on the same series, and what its calls are worth.

use crate::{Bar, PriceRule};

/// Before any record a rule is right in 53 % of its calls, whichever way they go, and that is held as firmly as ten
/// outcomes of each of the four kinds together would hold it: forty in all.
const PRIOR_RIGHT: f64 = 10.6;
const PRIOR_WRONG: f64 = 9.4;
/// Weaker readings do not count as a call.
const CALL: f64 = 0.25;

/// A rule's calls in the past of a series, by what they said and what came.
///
/// The rule is asked at the bars that lie one, two, three … horizons before the last: the outcomes do not overlap, and
/// each call saw nothing but the bars before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrackRecord {
    /// It called a rise, and a rise came.
    pub rise_then_rise: u32,
    /// It called a rise, and a fall came.
    pub rise_then_fall: u32,
    /// It called a fall, and a rise came.
    pub fall_then_rise: u32,
    /// It called a fall, and a fall came.
    pub fall_then_fall: u32,
}

impl TrackRecord {
    /// The record of `rule` on `bars`, for calls over `horizon` sessions.
    #[must_use]
    pub fn of(rule: &dyn PriceRule, bars: &[Bar], horizon: usize) -> Self {
        let mut record = Self::default();
        let mut end = bars.len();
        while horizon > 0 && end >= horizon + rule.bars_needed() {
            let (then, now) = (end - 1 - horizon, end - 1);
            end -= horizon;
            let Some(reading) = rule.read(&bars[..=then]) else { continue };
            let change = bars[now].close - bars[then].close;
            if reading.signal.abs() < CALL || change.abs() <= 0.0 {
                continue;
            }
            *match (reading.signal > 0.0, change > 0.0) {
                (true, true) => &mut record.rise_then_rise,
                (true, false) => &mut record.rise_then_fall,
                (false, true) => &mut record.fall_then_rise,
                (false, false) => &mut record.fall_then_fall,
            } += 1;
        }
        record
    }

    /// Calls whose outcome is known.
    #[must_use]
    pub const fn calls(self) -> u32 {
        self.rise_then_rise + self.rise_then_fall + self.fall_then_rise + self.fall_then_fall
    }

    /// Those that came true.
    #[must_use]
    pub const fn hits(self) -> u32 {
        self.rise_then_rise + self.fall_then_fall
    }

    /// The weight of evidence, in nats, that a reading of this rule carries for a rise: the logarithm of how much more
    /// often such a call came before a rise than before a fall, in proportion to the reading up to two standard
    /// deviations.
    ///
    /// It is a likelihood ratio, so that how often the price rises anyway does not count as the rule's merit: a rule that
    /// always calls a rise has no weight beyond its prior. 0 for a rule whose record speaks against it: that is no reason
    /// to believe the opposite.
    #[must_use]
    pub fn weight_of(self, signal: f64) -> f64 {
        let [rr, rf, fr, ff] =
            [self.rise_then_rise, self.rise_then_fall, self.fall_then_rise, self.fall_then_fall]
                .map(f64::from);
        // P(call | rise) and P(call | fall), each shrunk towards the prior.
        let before = |called: f64, prior: f64, all: f64| (called + prior) / (all + PRIOR_RIGHT + PRIOR_WRONG);
        let ratio = if signal > 0.0 {
            before(rr, PRIOR_RIGHT, rr + fr) / before(rf, PRIOR_WRONG, rf + ff)
        } else {
            before(ff, PRIOR_RIGHT, rf + ff) / before(fr, PRIOR_WRONG, rr + fr)
        };
        libm::log(ratio).max(0.0) * (signal / 2.0).clamp(-1.0, 1.0)
    }
}
