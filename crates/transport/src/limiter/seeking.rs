//! A rate that seeks a limit which nobody states.
//!
//! It borrows from CUBIC (RFC 9438): it remembers the rate at which it was refused, falls below it at once, comes back
//! quickly at first and slowly then, stays just below for long, and only then looks whether there is more. Three things
//! differ, because a limiter of requests sees more than a sender of packets, and each refusal is an error that somebody
//! sees:
//!
//! - *What it remembers is what was let through.* A refusal says that the other side's bucket is empty. Between two such
//!   moments it let through exactly what it refilled, however large it is, so requests over time is the limit itself.
//!   Time in which the other side had asked for silence does not count: what a small bucket then spills is lost.
//! - *It counts requests, not seconds.* Looking for more costs a refusal or two; once in some hundred requests is below
//!   one in a hundred at any limit.
//! - *It looks ever more rarely* while it finds the same limit again, and often once more when it finds another.

/// The share of the limit at which it stays.
const JUST_BELOW: f64 = 0.985;
/// The share of the limit to which it falls on a refusal.
const FALL: f64 = 0.9;
/// The factor of the rate where a refusal comes and the limit is not known.
const PLUNGE: f64 = 0.7;
/// Requests in which it comes back from its fall.
const RETURN: f64 = 30.0;
/// Requests for which it stays just below, at first, and at most, before it looks for more.
const STAY: f64 = 300.0;
const LONGEST_STAY: f64 = 6400.0;
/// It stays no longer than so many seconds (but for the first stay), lest a slow limit be held for hours.
const LONGEST_STAY_SECONDS: f64 = 300.0;
/// Requests in which it climbs from the limit to [`CLIMB`] times it, when it looks for more.
const CLIMB_IN: f64 = 100.0;
const CLIMB: f64 = 1.1;
/// What each request adds to the rate, before the first refusal.
const START_STEP: f64 = 0.5;
/// From so many requests on what was let through is known well enough.
const ENOUGH: u64 = 10;
/// Two limits that differ by less than this are one.
const SAME: f64 = 0.04;
/// Without anything let through in between, each refusal doubles the pause, up to so many seconds.
const LONGEST_PAUSE: f64 = 5.0;

/// A moment when the other side had nothing left.
#[derive(Debug, Clone, Copy)]
struct Empty {
    at: f64,
    grant: u64,
}

/// What is known of the limit. Moments are seconds.
#[derive(Debug, Clone)]
pub(super) struct Seeking {
    rate: f64,
    /// The limit, once there was a refusal.
    limit: Option<f64>,
    /// The last moment of emptiness, since when the rate was used to the full.
    empty: Option<Empty>,
    refused_since: u64,
    silent_since: f64,
    /// Grants before this one were made at a rate that has been changed since.
    changed_at: u64,
    /// The rate after the last fall, and the requests since then that the rate held back.
    fallen_to: f64,
    since_fall: f64,
    stay: f64,
    /// Refusals on end, with hardly anything let through between them.
    on_end: u32,
    last_refused: u64,
}

impl Seeking {
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate,
            limit: None,
            empty: None,
            refused_since: 0,
            silent_since: 0.0,
            changed_at: 0,
            fallen_to: rate,
            since_fall: 0.0,
            stay: STAY,
            on_end: 0,
            last_refused: 0,
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// The limit as far as it is known.
    pub(super) fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// The rate is kept between these, whatever is found.
    pub(super) fn keep_within(&mut self, floor: f64, ceiling: f64) {
        self.rate = self.rate.max(floor).min(ceiling);
    }

    /// The rate was not used to the full: what was let through says nothing of the limit.
    pub(super) fn idle(&mut self) {
        self.empty = None;
    }

    /// Nobody starts for so many seconds, because the other side wishes it.
    pub(super) fn silent_for(&mut self, seconds: f64) {
        self.silent_since += seconds;
    }

    /// A request was let start, after the rate had held it back.
    pub(super) fn granted(&mut self) {
        self.since_fall += 1.0;
        let Some(limit) = self.limit else {
            self.rate += START_STEP;
            return;
        };
        let (n, below) = (self.since_fall, limit * JUST_BELOW);
        let stay = self.stay.min((LONGEST_STAY_SECONDS * limit).max(STAY));
        self.rate = if n <= RETURN {
            let left = 1.0 - n / RETURN;
            below - (below - self.fallen_to) * left * left * left
        } else if n <= RETURN + stay {
            below.max(self.fallen_to)
        } else {
            let climbed = (n - RETURN - stay) / CLIMB_IN;
            below.max(self.fallen_to) + limit * (CLIMB - JUST_BELOW) * climbed * climbed * climbed
        };
    }

    /// The `grant`-th request, let start `at` this moment, was refused; `next` is the next one. The seconds to pause.
    pub(super) fn refused(&mut self, at: f64, grant: u64, next: u64) -> f64 {
        if self.empty.is_some_and(|empty| grant > empty.grant) {
            self.refused_since += 1;
        }
        if grant < self.changed_at {
            // It started before the rate fell: it says nothing new.
            return 0.0;
        }
        self.on_end = if grant - self.last_refused < ENOUGH { self.on_end + 1 } else { 0 };
        self.last_refused = grant;
        self.since_fall = 0.0;
        self.changed_at = next;
        match self.let_through(at, grant) {
            Some(found) => self.found(found, Empty { at, grant }),
            None => {
                if self.limit.is_none() {
                    self.limit = Some(self.rate);
                }
                if self.empty.is_none() {
                    self.empty_again(Empty { at, grant });
                }
                self.fallen_to = self.rate * PLUNGE;
                self.stay = STAY;
            }
        }
        self.rate = self.fallen_to;
        let doubled = f64::from(1_u32 << self.on_end.min(20));
        (doubled / self.rate).min(LONGEST_PAUSE.max(1.0 / self.rate))
    }

    /// What was let through a second since the last moment of emptiness.
    fn let_through(&self, at: f64, grant: u64) -> Option<f64> {
        let empty = self.empty?;
        let seconds = at - empty.at - self.silent_since;
        // The refused one is no part of it, neither now nor then.
        let passed = (grant - empty.grant).checked_sub(self.refused_since)?;
        #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
        let rate = passed as f64 / seconds;
        (passed >= ENOUGH && seconds > 0.0).then_some(rate)
    }

    fn found(&mut self, found: f64, empty: Empty) {
        let same = self.limit.is_some_and(|limit| (found / limit - 1.0).abs() < SAME);
        self.stay = if same { (self.stay * 2.0).min(LONGEST_STAY) } else { STAY };
        self.limit = Some(found);
        self.fallen_to = (found * FALL).min(self.rate);
        self.empty_again(empty);
    }

    fn empty_again(&mut self, empty: Empty) {
        self.empty = Some(empty);
        self.refused_since = 0;
        self.silent_since = 0.0;
    }
}
