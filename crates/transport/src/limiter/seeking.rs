//! A rate that seeks a limit which nobody states.
//!
//! It borrows from CUBIC (RFC 9438): it remembers the rate at which it was refused, falls below it at once, comes back
//! quickly at first and slowly then, stays just below for long, and only then looks whether there is more. Three things
//! differ, because a limiter of requests sees more than a sender of packets, and each refusal is an error that somebody
//! sees:
//!
//! - *What it remembers is what was let through.* A refusal says that the other side's bucket is empty. Between two such
//!   moments it let through what it refilled, however large it is, so requests over time is the limit itself, but for what
//!   it spilled while it was full. Where a refusal came only after a climb, it may have spilled, and what was let through
//!   while climbing bounds the limit from above.
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
/// By what factor it stays longer, each time that it finds the same limit.
const STAY_GROWS: f64 = 4.0;
/// It stays no longer than so many seconds (but for the first stay), lest a slow limit be held for hours.
const LONGEST_STAY_SECONDS: f64 = 300.0;
/// By how much of the limit it climbs in so many requests, when it looks for more: at first slowly, then steadily.
const CLIMB: f64 = 0.1;
const CLIMB_IN: f64 = 100.0;
/// What each request adds to the rate, before the first refusal.
const START_STEP: f64 = 0.5;
/// From so many requests on what was let through is known well enough.
const ENOUGH: u64 = 10;
/// Two limits that differ by less than this are one.
const SAME: f64 = 0.06;
/// So much of a limit may have been spilled by a bucket that was full while the rate stayed just below.
const SPILL: f64 = 0.03;
/// What climbing shows of a limit counts for little, as a full bucket lets more through: so much ...
const RAISE: f64 = 1.04;
/// ... unless the rate had come so far above the limit.
const FAR: f64 = 1.3;
/// A probe is waited for as long as the last refusals took to come back, and by so much longer.
const PATIENCE: f64 = 1.3;
/// How fast a longer way back is forgotten, with each refusal.
const FORGET: f64 = 0.9;
/// Without anything let through in between, each refusal doubles the pause, up to so many seconds.
const LONGEST_PAUSE: f64 = 5.0;

/// A moment, and how many requests had been let start.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: f64,
    grant: u64,
}

/// What is known of the limit. Moments are seconds.
#[derive(Debug, Clone)]
pub(super) struct Seeking {
    rate: f64,
    /// The limit, once there was a refusal.
    limit: Option<f64>,
    /// The last moment when the other side had nothing left.
    empty: Option<Mark>,
    /// Whether the rate was not used to the full since then.
    idle: bool,
    refused_since: u64,
    silent_since: f64,
    /// When it began to look for more.
    climb: Option<Mark>,
    /// Grants before this one were made before the last refusal was known.
    changed_at: u64,
    /// The rate after the last fall, and the requests since then that the rate held back.
    fallen_to: f64,
    since_fall: f64,
    stay: f64,
    /// Refusals on end, with nothing let through between them.
    on_end: u32,
    /// How long a refusal takes to come back.
    way_back: f64,
}

impl Seeking {
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate,
            limit: None,
            empty: None,
            idle: false,
            refused_since: 0,
            silent_since: 0.0,
            climb: None,
            changed_at: 0,
            fallen_to: rate,
            since_fall: 0.0,
            stay: STAY,
            on_end: 0,
            way_back: 0.0,
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

    /// The rate was not used to the full: the limit is above what was let through.
    pub(super) fn idle(&mut self) {
        self.idle = true;
        self.climb = None;
    }

    /// Nobody starts for so many seconds, because the other side wishes it.
    pub(super) fn silent_for(&mut self, seconds: f64) {
        self.silent_since += seconds;
    }

    /// This request was let start at this moment, after the rate had held it back.
    pub(super) fn granted(&mut self, at: f64, grant: u64) {
        if grant == self.changed_at && self.limit.is_some() {
            // The first after a pause goes alone, for as long as its refusal would take.
            self.rate = 1.0 / self.pause();
            return;
        }
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
            below
        } else {
            self.climb = self.climb.or(Some(Mark { at, grant }));
            let x = (n - RETURN - stay) / CLIMB_IN;
            below + limit * CLIMB * if x < 1.0 { x * x * x } else { x }
        };
    }

    /// A request that was let start at this moment was refused; `next` is the next one to start. The seconds to pause for.
    pub(super) fn refused(&mut self, at: f64, grant: u64, next: u64, now: f64) -> f64 {
        self.way_back = (self.way_back * FORGET).max(now - at);
        if self.empty.is_some_and(|empty| grant > empty.grant) {
            self.refused_since += 1;
        }
        if grant < self.changed_at {
            // It started before an earlier refusal was known, and says nothing new.
            return 0.0;
        }
        let closed = self.limit.is_some() && grant == self.changed_at;
        self.changed_at = next;
        self.on_end = if closed { self.on_end + 1 } else { 0 };
        if !closed {
            self.fall(Mark { at, grant });
        }
        self.pause()
    }

    /// How long to wait after a refusal, in seconds: for one more request and for an answer, and longer with each refusal on end.
    fn pause(&self) -> f64 {
        let one = (1.0 / self.fallen_to).max(self.way_back * PATIENCE);
        (one * f64::from(1_u32 << self.on_end.min(20))).min(LONGEST_PAUSE.max(one))
    }

    fn fall(&mut self, now: Mark) {
        let through = self.empty.and_then(|empty| self.let_through(empty, now));
        let climbed = self.climb.and_then(|climb| through_between(climb, now, 0, 0.0));
        match (through, self.limit) {
            (Some(through), Some(limit)) => {
                let found = match climbed {
                    // Between what was used and what was refused.
                    _ if self.idle => (through * limit.min(self.rate)).sqrt().max(limit * PLUNGE),
                    // It may have spilled before, and was not empty when the climb began.
                    Some(climbed) if self.rate > limit * FAR => through.max(f64::midpoint(limit, climbed)),
                    Some(climbed) => through.max(climbed.min(limit * RAISE)),
                    None if through > limit * (1.0 - SPILL) && through < limit => limit,
                    None => through,
                };
                let same = (found / limit - 1.0).abs() < SAME;
                self.stay = if same { (self.stay * STAY_GROWS).min(LONGEST_STAY) } else { STAY };
                self.limit = Some(found);
                self.fallen_to = (found * FALL).min(self.rate);
            }
            (_, limit) => {
                self.limit = limit.or(Some(self.rate));
                self.fallen_to = self.rate * PLUNGE;
                self.stay = STAY;
            }
        }
        if through.is_some() || self.empty.is_none() {
            self.empty = Some(now);
            self.idle = false;
            self.refused_since = 0;
            self.silent_since = 0.0;
        }
        self.climb = None;
        self.since_fall = 0.0;
        self.rate = self.fallen_to;
    }

    /// What was let through a second between two moments of emptiness.
    ///
    /// During a wait that was asked for, a small bucket spills and a window that is used up does not: the truth lies between
    /// leaving that time out and counting it.
    fn let_through(&self, empty: Mark, now: Mark) -> Option<f64> {
        let all = through_between(empty, now, self.refused_since, 0.0)?;
        let without = through_between(empty, now, self.refused_since, self.silent_since).unwrap_or(all);
        Some((all * without).sqrt())
    }
}

/// Requests let through a second between two moments, but for so many that were refused and so many seconds; `None` where
/// they are too few to tell.
fn through_between(from: Mark, until: Mark, refused: u64, silent: f64) -> Option<f64> {
    let seconds = until.at - from.at - silent;
    let passed =
        until.grant.checked_sub(from.grant)?.checked_sub(refused).filter(|passed| *passed >= ENOUGH)?;
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    let rate = passed as f64 / seconds;
    (seconds > 0.0).then_some(rate)
}
