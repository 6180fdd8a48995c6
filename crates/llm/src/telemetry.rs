//! How a call went, besides what it said.

use std::time::Duration;

use assize_metering::{Attempt, Usd};
use assize_transport::LimitReport;

use crate::SemanticHit;

/// How the call that a reply or an error ends went: each wrapper adds what it knows. It never changes what was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Telemetry {
    /// How many times a vendor was asked: 0 where a call was answered or refused before it left.
    pub attempts: u32,
    /// How many of them were refused for their rate.
    pub rate_limited: u32,
    /// The time spent waiting between attempts.
    pub backing_off: Duration,
    /// The time spent waiting for leave: limits of rate and of concurrency.
    pub queued: Duration,
    /// Whether the reply came out of a cache, where there is one.
    pub cache: Option<CacheOutcome>,
    /// Whether it came out of a cache past its time: because asking anew failed, or while it is asked anew.
    pub is_stale: bool,
    /// The entry of a semantic cache that served the call, where one did.
    pub semantic: Option<SemanticHit>,
    /// What all attempts cost that were booked; `None` where none was, or where one of them has no price. What is possibly
    /// billed is not in it.
    pub cost: Option<Usd>,
    /// The last attempt's entry in the ledger, where it was booked.
    pub booked: Option<Attempt>,
    /// What the vendor last said about its limits.
    pub limits: Option<LimitReport>,
}

/// What a cache had to say to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheOutcome {
    /// It had the reply: one to the same request, or to one that says the same, see [`Telemetry::semantic`].
    Hit,
    /// It had not.
    Miss,
}

impl Telemetry {
    /// That of a call for which a vendor was asked once.
    #[must_use]
    pub fn of_one_attempt() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    fn is_unpriced(&self) -> bool {
        self.booked.is_some() && self.cost.is_none()
    }

    /// Adds what an earlier attempt of the same call went through. What is known last stays.
    pub fn add_earlier(&mut self, earlier: &Self) {
        self.attempts = self.attempts.saturating_add(earlier.attempts);
        self.rate_limited = self.rate_limited.saturating_add(earlier.rate_limited);
        self.backing_off = self.backing_off.saturating_add(earlier.backing_off);
        self.queued = self.queued.saturating_add(earlier.queued);
        self.cache = self.cache.or(earlier.cache);
        self.semantic = self.semantic.take().or_else(|| earlier.semantic.clone());
        self.cost = match (self.cost, earlier.cost) {
            (Some(own), Some(other)) => own.checked_add(other),
            // What one of them cost is not known, so the sum is not.
            _ if self.is_unpriced() || earlier.is_unpriced() => None,
            (own, other) => own.or(other),
        };
        self.booked = self.booked.or(earlier.booked);
        self.limits = self.limits.or(earlier.limits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_what_has_no_price_is_not_known() {
        let of = |cost: Option<i128>, number: Option<u32>| Telemetry {
            cost: cost.map(Usd::from_picodollars),
            booked: number.map(|number| Attempt { call: 7, number }),
            ..Telemetry::of_one_attempt()
        };
        let sum = |last: &Telemetry, earlier: &Telemetry| {
            let mut sum = last.clone();
            sum.add_earlier(earlier);
            (sum.attempts, sum.cost.map(Usd::picodollars), sum.booked.map(|booked| booked.number))
        };
        let (unbooked, free, dear, unpriced) =
            (of(None, None), of(Some(0), Some(1)), of(Some(5), Some(2)), of(None, Some(3)));
        assert_eq!(sum(&dear, &free), (2, Some(5), Some(2)));
        assert_eq!(sum(&dear, &unbooked), (2, Some(5), Some(2)));
        assert_eq!(sum(&unbooked, &dear), (2, Some(5), Some(2)));
        assert_eq!(sum(&unpriced, &free), (2, None, Some(3)));
        assert_eq!(sum(&free, &unpriced), (2, None, Some(1)));
        let mut three = unbooked;
        three.add_earlier(&unpriced);
        three.add_earlier(&dear);
        assert_eq!((three.attempts, three.cost), (3, None), "once unknown, it stays so");
    }
}
