//! How fast: requests and tokens within limits, stated or found.

mod bucket;
mod seeking;
mod stepwise;
mod turn;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::LimitReport;
use turn::{Outcome, Start, Turns};

/// How the rate of requests is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// It seeks the limit that refusals show, remembers it, and stays just below it. It grows from the start until the first
    /// refusal; a limit that is found again is tested ever more rarely.
    #[default]
    Seeking,
    /// It goes by steps: over a window, more than 10 % of errors, times 0.8; less than 1 %, times 1.1.
    Stepwise {
        /// How long a window is.
        window: Duration,
    },
    /// It stays where it starts.
    Fixed,
}

/// What a [`Limiter`] is to keep to. Rates are requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimiterOptions {
    /// How the rate is chosen.
    pub pace: Pace,
    /// The rate at first.
    pub start: f64,
    /// The lowest rate.
    pub floor: f64,
    /// The highest rate.
    pub ceiling: f64,
    /// How many requests may start at once after a time of rest: at least 1.
    pub burst: u32,
    /// The most requests a minute, where the contract says so: a ceiling as well.
    pub requests_per_minute: Option<u32>,
    /// The most tokens a minute, of prompts and replies, where the contract says so. A minute's worth may be used at once.
    pub tokens_per_minute: Option<u64>,
}

impl Default for LimiterOptions {
    /// Seeking from 10 a second, between 0.1 and 1000, bursts of 20; nothing said of minutes.
    fn default() -> Self {
        Self {
            pace: Pace::default(),
            start: 10.0,
            floor: 0.1,
            ceiling: 1000.0,
            burst: 20,
            requests_per_minute: None,
            tokens_per_minute: None,
        }
    }
}

/// Lets requests start no faster than the other side bears, in the order in which they came. Clones are one limiter.
///
/// Each request takes one from a bucket of requests, and what it is thought to need from a bucket of tokens, if there is
/// one. A demand above a bucket's size is met when the bucket is full, and is debt then: who comes later waits it off. How
/// the request ended must be said ([`Permit::settle`], [`Permit::refused`] …): tokens are refunded or charged by it, and the
/// rate follows it. Nobody starts before a wait that a refusal asked for is over.
///
/// It needs no task of its own: whoever is first in the queue waits for all. Dropping [`acquire`](Self::acquire) leaves the
/// queue; dropping a [`Permit`] ends the request, and what was reserved stays used.
///
/// ```
/// use assize_transport::{Limiter, LimiterOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let limiter = Limiter::new(LimiterOptions { tokens_per_minute: Some(90_000), ..LimiterOptions::default() });
/// let permit = limiter.acquire(1200).await;
/// // … the call …
/// permit.settle(850);
/// assert_eq!((limiter.state().granted, limiter.state().in_flight), (1, 0));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Limiter(Arc<Shared>);

struct Shared {
    /// Moments are seconds since then.
    began: Instant,
    turns: Mutex<Turns>,
}

/// What a limiter looks like at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimiterState {
    /// Requests a second, now.
    pub rate: f64,
    /// The limit that refusals have shown, in requests a second, where it is sought.
    pub found: Option<f64>,
    /// The highest rate, as the options or the other side's headers have it.
    pub ceiling: f64,
    /// Tokens a second, where they are limited.
    pub tokens_per_second: Option<f64>,
    /// How long nobody may start.
    pub paused_for: Duration,
    /// Requests that wait.
    pub waiting: usize,
    /// Requests that have started and not ended.
    pub in_flight: u64,
    /// Requests that were let start, so far.
    pub granted: u64,
    /// Requests of which it was said that they were refused for their rate, so far.
    pub refused: u64,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Limiter").field(&self.state()).finish()
    }
}

impl Limiter {
    /// A limiter that keeps to these options. What makes no sense in them is brought into range: rates above 0, a burst of
    /// at least 1, a ceiling not below the floor.
    pub fn new(options: LimiterOptions) -> Self {
        Self(Arc::new(Shared { began: Instant::now(), turns: Mutex::new(Turns::new(options)) }))
    }

    /// Waits until a request that needs about so many tokens may start.
    pub async fn acquire(&self, tokens: u64) -> Permit {
        let asked = Instant::now();
        let wake = Arc::new(Notify::new());
        let number = self.turns().queue(Arc::clone(&wake), self.now());
        let queued = Queued { limiter: self, number };
        let (grant, at) = loop {
            let start = self.turns().try_start(number, tokens, self.now());
            match start {
                Start::Granted { grant, at } => break (grant, at),
                Start::At(moment) => {
                    let moment = Duration::try_from_secs_f64(moment).ok();
                    let until = moment.and_then(|moment| self.0.began.checked_add(moment));
                    // A rest below a nanosecond must not be waited for in no time, for ever.
                    let until = until.map(|until| until.max(Instant::now() + LEAST_WAIT));
                    tokio::select! {
                        biased;
                        () = wake.notified() => {}
                        () = wait_until(until) => {}
                    }
                }
                Start::NotFirst => wake.notified().await,
            }
        };
        drop(queued);
        Permit { limiter: self.clone(), grant, at, reserved: tokens, waited: asked.elapsed(), open: true }
    }

    /// Takes note of what the other side says of its limits: a limit is a ceiling, and where nothing is left nobody starts
    /// until there is.
    pub fn note(&self, report: &LimitReport) {
        let now = self.now();
        self.turns().note(report, now);
    }

    /// What it looks like now.
    #[must_use]
    pub fn state(&self) -> LimiterState {
        let now = self.now();
        self.turns().state(now)
    }

    fn now(&self) -> f64 {
        self.0.began.elapsed().as_secs_f64()
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Timers have a grain of a millisecond anyway.
const LEAST_WAIT: Duration = Duration::from_micros(1);

async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// One in the queue, until it is dropped.
struct Queued<'a> {
    limiter: &'a Limiter,
    number: u64,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.limiter.turns().leave(self.number);
    }
}

/// Leave to make one request. Say how it ended; dropped, it ends with what was reserved used.
#[derive(Debug)]
#[must_use = "dropping it ends the request"]
pub struct Permit {
    limiter: Limiter,
    grant: u64,
    at: f64,
    reserved: u64,
    waited: Duration,
    open: bool,
}

impl Permit {
    /// How long it was waited for.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// It succeeded, and took so many tokens.
    pub fn settle(mut self, tokens: u64) {
        self.end(Outcome::Done { tokens });
    }

    /// It was refused for its rate; the other side may have asked for a wait. It took no tokens.
    pub fn refused(mut self, retry_after: Option<Duration>) {
        self.end(Outcome::Refused { retry_after });
    }

    /// It failed otherwise, having taken so many tokens as far as is known; the other side may have asked for a wait.
    pub fn failed(mut self, tokens: u64, retry_after: Option<Duration>) {
        self.end(Outcome::Failed { tokens, retry_after });
    }

    /// It was not made.
    pub fn cancel(mut self) {
        self.end(Outcome::NotMade);
    }

    fn end(&mut self, outcome: Outcome) {
        if std::mem::take(&mut self.open) {
            let now = self.limiter.now();
            self.limiter.turns().end(self.grant, self.at, self.reserved, outcome, now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(Outcome::Unknown);
    }
}

#[cfg(test)]
mod tests;
