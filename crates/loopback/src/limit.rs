//! The hidden rate limit.

use std::time::Duration;

use tokio::time::Instant;

/// A rate limit per key that the client is not told of, but by its refusals and, where switched on, by headers. Requests
/// and tokens are counted in two buckets that fill steadily; a call needs both.
///
/// A call takes from the bucket of tokens what its prompt and its whole reply come to. A call of more tokens than the
/// bucket holds passes when the bucket is full, and leaves it in debt.
///
/// ```
/// use assize_loopback::Limit;
///
/// let limit = Limit::per_minute(600).with_burst(20).with_tokens_per_minute(100_000);
/// assert_eq!(limit.requests_per_minute(), 600);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    requests: Rate,
    tokens: Option<Rate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_minute: u64,
    pub(crate) burst: u64,
}

impl Limit {
    /// So many requests a minute (0 is taken as 1), one at a time: a burst of one.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self { requests: Rate { per_minute: u64::from(requests.max(1)), burst: 1 }, tokens: None }
    }

    /// The same with so many requests at once (0 is taken as 1) after a pause.
    #[must_use]
    pub fn with_burst(mut self, requests: u32) -> Self {
        self.requests.burst = u64::from(requests.max(1));
        self
    }

    /// The same with a limit on tokens (0 is taken as 1). After a pause a minute's worth may come at once.
    #[must_use]
    pub fn with_tokens_per_minute(mut self, tokens: u32) -> Self {
        let tokens = u64::from(tokens.max(1));
        self.tokens = Some(Rate { per_minute: tokens, burst: tokens });
        self
    }

    /// Requests a minute.
    #[must_use]
    pub fn requests_per_minute(&self) -> u64 {
        self.requests.per_minute
    }

    /// Half of it all, bursts excepted; at least one a minute.
    #[must_use]
    pub fn halved(&self) -> Self {
        let half = |rate: Rate| Rate { per_minute: (rate.per_minute / 2).max(1), ..rate };
        Self { requests: half(self.requests), tokens: self.tokens.map(half) }
    }
}

/// So many parts make one request or one token: then a bucket gains exactly `per_minute` parts in each nanosecond.
const PARTS: i128 = 60_000_000_000;

/// One bucket, exact to the nanosecond.
#[derive(Debug, Clone)]
struct Bucket {
    rate: Rate,
    parts: i128,
}

impl Bucket {
    fn full(rate: Rate) -> Self {
        Self { rate, parts: i128::from(rate.burst) * PARTS }
    }

    fn most(&self) -> i128 {
        i128::from(self.rate.burst) * PARTS
    }

    fn fill(&mut self, nanoseconds: u128) {
        let gained =
            i128::try_from(nanoseconds).unwrap_or(i128::MAX).saturating_mul(i128::from(self.rate.per_minute));
        self.parts = self.parts.saturating_add(gained).min(self.most());
    }

    /// How long until so much can be taken.
    fn wait_for(&self, n: u64) -> Duration {
        let wanted = (i128::from(n) * PARTS).min(self.most());
        self.time_to(wanted)
    }

    fn time_to(&self, parts: i128) -> Duration {
        let per_nanosecond = i128::from(self.rate.per_minute);
        let missing = (parts - self.parts).max(0);
        let nanoseconds = (missing + per_nanosecond - 1) / per_nanosecond;
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    fn stand(&self) -> Stand {
        Stand {
            limit: self.rate.per_minute,
            remaining: u64::try_from(self.parts / PARTS).unwrap_or(0),
            reset: self.time_to(self.most()),
        }
    }
}

/// What a vendor's headers say of a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// The time until the bucket is full.
    pub(crate) reset: Duration,
}

/// What a vendor's headers say of a key's limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stands {
    pub(crate) requests: Stand,
    pub(crate) tokens: Option<Stand>,
}

/// The buckets of one key.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    limit: Limit,
    requests: Bucket,
    tokens: Option<Bucket>,
    filled_at: Instant,
}

impl Buckets {
    pub(crate) fn full(limit: Limit, now: Instant) -> Self {
        Self {
            limit,
            requests: Bucket::full(limit.requests),
            tokens: limit.tokens.map(Bucket::full),
            filled_at: now,
        }
    }

    fn fill(&mut self, now: Instant) {
        let gone = now.saturating_duration_since(self.filled_at).as_nanos();
        self.filled_at = self.filled_at.max(now);
        self.requests.fill(gone);
        if let Some(tokens) = &mut self.tokens {
            tokens.fill(gone);
        }
    }

    /// From now on another limit holds. What was left stays, up to the new burst.
    pub(crate) fn change(&mut self, limit: Limit, now: Instant) {
        if limit == self.limit {
            return;
        }
        self.fill(now);
        let changed = |old: &Bucket, rate| {
            let mut bucket = Bucket { rate, parts: old.parts };
            bucket.fill(0);
            bucket
        };
        self.requests = changed(&self.requests, limit.requests);
        self.tokens = limit.tokens.map(|rate| match &self.tokens {
            Some(old) => changed(old, rate),
            None => Bucket::full(rate),
        });
        self.limit = limit;
    }

    /// Takes one request of so many tokens; or says how long to wait for it.
    pub(crate) fn take(&mut self, tokens: u64, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        let wait = self
            .requests
            .wait_for(1)
            .max(self.tokens.as_ref().map_or(Duration::ZERO, |bucket| bucket.wait_for(tokens)));
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.requests.parts -= PARTS;
        if let Some(bucket) = &mut self.tokens {
            bucket.parts -= i128::from(tokens) * PARTS;
        }
        Ok(())
    }

    pub(crate) fn stands(&self) -> Stands {
        Stands { requests: self.requests.stand(), tokens: self.tokens.as_ref().map(Bucket::stand) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passed(limit: Limit, tokens: u64, step: Duration, steps: u32) -> u32 {
        let start = Instant::now();
        let mut buckets = Buckets::full(limit, start);
        (0..steps).map(|i| u32::from(buckets.take(tokens, start + step * i).is_ok())).sum()
    }

    #[test]
    fn exactly_what_the_limit_grants_passes() {
        let second = Duration::from_secs(1);
        // 60 a minute and one at once: one each second.
        assert_eq!(passed(Limit::per_minute(60), 1, second, 60), 60);
        assert_eq!(passed(Limit::per_minute(60), 1, second / 10, 600), 60);
        // The burst, and then the rate: 20 at once, and 59.9 s at 600 a minute.
        assert_eq!(passed(Limit::per_minute(600).with_burst(20), 1, second / 100, 6_000), 20 + 599);
        // 1,000 tokens a minute at 100 a call: 10 at once, and 10 more in a minute.
        let tokens = Limit::per_minute(60_000).with_burst(1_000).with_tokens_per_minute(1_000);
        assert_eq!(passed(tokens, 100, second / 10, 601), 10 + 10);
    }

    #[test]
    fn more_tokens_than_the_bucket_holds_pass_once_and_leave_a_debt() {
        let start = Instant::now();
        let mut buckets = Buckets::full(Limit::per_minute(60_000).with_tokens_per_minute(60), start);
        assert_eq!(buckets.take(120, start), Ok(()));
        assert_eq!(buckets.take(1, start + Duration::from_secs(60)), Err(Duration::from_secs(1)));
        assert_eq!(buckets.stands().tokens.map(|stand| stand.remaining), Some(0));
    }

    #[test]
    fn a_changed_limit_holds_from_then_on() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let limit = Limit::per_minute(60).with_burst(10);
        let mut buckets = Buckets::full(limit, start);
        (0..10).for_each(|_| buckets.take(1, start).unwrap());
        buckets.change(limit.halved(), at(1));
        assert_eq!(buckets.take(1, at(1)), Ok(()), "a second at the old rate");
        assert_eq!(buckets.take(1, at(1)), Err(Duration::from_secs(2)), "then the new one");
        buckets.change(Limit::per_minute(60), at(100));
        assert_eq!(
            (buckets.take(1, at(100)), buckets.take(1, at(100))),
            (Ok(()), Err(Duration::from_secs(1)))
        );
    }

    proptest! {
        #[test]
        fn the_wait_that_is_told_is_enough_and_not_too_long(
            per_minute in 1_u32..100_000, burst in 1_u32..50, tokens in 1_u64..5_000,
            gaps in prop::collection::vec(0_u64..2_000_000_000, 1..60),
        ) {
            let start = Instant::now();
            let limit = Limit::per_minute(per_minute).with_burst(burst).with_tokens_per_minute(per_minute);
            let mut buckets = Buckets::full(limit, start);
            let mut now = start;
            for gap in gaps {
                now += Duration::from_nanos(gap);
                if let Err(wait) = buckets.take(tokens, now) {
                    let almost = now + wait - Duration::from_nanos(1);
                    prop_assert!(buckets.clone().take(tokens, almost).is_err());
                    prop_assert_eq!(buckets.clone().take(tokens, now + wait), Ok(()));
                }
            }
        }
    }
}
