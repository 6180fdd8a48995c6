//! Whose turn it is, and when.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{LimiterOptions, LimiterState, Pace, bucket::Bucket, seeking::Seeking, stepwise::Stepwise};
use crate::{LimitReport, LimitWindow};

/// Below this a rate is none.
const LOWEST_RATE: f64 = 1e-6;
/// Nobody is kept waiting for longer by what the other side asks, in seconds: a year.
const LONGEST_PAUSE: f64 = 365.0 * 24.0 * 3600.0;
const MINUTE: f64 = 60.0;
/// The windows that vendors count in, in seconds: a minute, an hour, a day.
const WINDOWS: [f64; 3] = [MINUTE, 3600.0, 86_400.0];

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Done { tokens: u64 },
    Refused { retry_after: Option<Duration> },
    Failed { tokens: u64, retry_after: Option<Duration> },
    NotMade,
    Unknown,
}

/// Whether one in the queue may start.
#[derive(Debug)]
pub(super) enum Start {
    Granted {
        grant: u64,
        at: f64,
    },
    /// Not before this moment, if nothing changes.
    At(f64),
    NotFirst,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    wake: Arc<Notify>,
    /// Whether it had to wait for the rate.
    held_back: bool,
}

#[derive(Debug)]
enum Chooser {
    Seeking(Seeking),
    Stepwise(Stepwise),
    Fixed,
}

/// All that a limiter knows. Moments are seconds since it began.
#[derive(Debug)]
pub(super) struct Turns {
    floor: f64,
    /// The ceilings of the options, and of what the other side said last.
    ceiling: f64,
    stated: f64,
    chooser: Chooser,
    requests: Bucket,
    tokens: Option<Bucket>,
    tokens_by_contract: bool,
    /// Whether the other side refills its count of requests bit by bit, rather than all at once.
    refills: bool,
    not_before: f64,
    queue: VecDeque<Waiter>,
    queued: u64,
    in_flight: u64,
    granted: u64,
    refused: u64,
}

impl Turns {
    pub(super) fn new(options: LimiterOptions) -> Self {
        let in_range = |rate: f64| if rate.is_nan() { LOWEST_RATE } else { rate.clamp(LOWEST_RATE, 1e9) };
        let contract = options.requests_per_minute.map_or(f64::INFINITY, |most| f64::from(most) / MINUTE);
        let ceiling = in_range(options.ceiling.min(contract));
        let floor = in_range(options.floor).min(ceiling);
        let start = in_range(options.start).max(floor).min(ceiling);
        let chooser = match options.pace {
            Pace::Seeking => Chooser::Seeking(Seeking::new(start)),
            Pace::Stepwise { window } => Chooser::Stepwise(Stepwise::new(window.as_secs_f64())),
            Pace::Fixed => Chooser::Fixed,
        };
        let tokens = options.tokens_per_minute.map(|most| tokens_a_minute(most.max(1)));
        Self {
            floor,
            ceiling,
            stated: f64::INFINITY,
            chooser,
            requests: Bucket::full(start, f64::from(options.burst.max(1))),
            tokens_by_contract: tokens.is_some(),
            tokens,
            refills: false,
            not_before: 0.0,
            queue: VecDeque::new(),
            queued: 0,
            in_flight: 0,
            granted: 0,
            refused: 0,
        }
    }

    /// Joins the queue; the number by which to ask.
    pub(super) fn queue(&mut self, wake: Arc<Notify>, now: f64) -> u64 {
        self.requests.fill(now);
        if self.queue.is_empty()
            && self.requests.is_full()
            && let Chooser::Seeking(seeking) = &mut self.chooser
        {
            seeking.idle();
        }
        self.queued += 1;
        self.queue.push_back(Waiter { number: self.queued, wake, held_back: false });
        self.queued
    }

    /// Leaves the queue, if still in it.
    pub(super) fn leave(&mut self, number: u64) {
        // Whoever was let start comes here too, while thousands may wait: the numbers are in order.
        if let Ok(place) = self.queue.binary_search_by_key(&number, |waiter| waiter.number) {
            self.queue.remove(place);
            if place == 0 {
                self.wake_first();
            }
        }
    }

    pub(super) fn try_start(&mut self, number: u64, tokens: u64, now: f64) -> Start {
        let behind_somebody = self.queue.len() > 1;
        let Some(first) = self.queue.front_mut().filter(|first| first.number == number) else {
            return Start::NotFirst;
        };
        self.requests.fill(now);
        let mut wait = self.requests.wait_for(1.0).max(self.not_before - now);
        first.held_back |= wait > 0.0;
        if let Some(bucket) = &mut self.tokens {
            bucket.fill(now);
            wait = wait.max(bucket.wait_for(real(tokens)));
        }
        if wait > 0.0 {
            return Start::At(now + wait);
        }
        let held_back = first.held_back || behind_somebody;
        self.queue.pop_front();
        self.requests.take(1.0);
        if let Some(bucket) = &mut self.tokens {
            bucket.take(real(tokens));
        }
        self.granted += 1;
        self.in_flight += 1;
        match &mut self.chooser {
            Chooser::Seeking(seeking) if held_back => seeking.granted(now, self.granted),
            Chooser::Stepwise(stepwise) => stepwise.granted(held_back),
            Chooser::Seeking(_) | Chooser::Fixed => {}
        }
        self.choose_rate();
        self.wake_first();
        Start::Granted { grant: self.granted, at: now }
    }

    pub(super) fn end(&mut self, grant: u64, at: f64, reserved: u64, outcome: Outcome, now: f64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.requests.fill(now);
        let used = match outcome {
            Outcome::Done { tokens } | Outcome::Failed { tokens, .. } => tokens,
            Outcome::Refused { .. } | Outcome::NotMade => 0,
            Outcome::Unknown => reserved,
        };
        if let Some(bucket) = &mut self.tokens {
            bucket.fill(now);
            bucket.give_back(real(reserved) - real(used));
        }
        if let Outcome::NotMade = outcome {
            self.requests.give_back(1.0);
        }
        if let Outcome::Refused { retry_after } | Outcome::Failed { retry_after, .. } = outcome
            && let Some(wait) = retry_after
        {
            self.pause_until(now + wait.as_secs_f64(), now);
        }
        let error = match outcome {
            Outcome::Refused { .. } | Outcome::Failed { .. } => Some(true),
            Outcome::Done { .. } => Some(false),
            Outcome::NotMade | Outcome::Unknown => None,
        };
        if let Outcome::Refused { retry_after } = outcome {
            self.refused += 1;
            if let Chooser::Seeking(seeking) = &mut self.chooser {
                let pause = seeking.refused(at, grant, self.granted + 1, now);
                if retry_after.is_none() {
                    self.pause_until(now + pause, now);
                }
            }
        }
        if let (Chooser::Stepwise(stepwise), Some(error)) = (&mut self.chooser, error) {
            self.requests.per_second *= stepwise.ended(now, error);
        }
        self.choose_rate();
        self.wake_first();
    }

    pub(super) fn note(&mut self, report: &LimitReport, now: f64) {
        self.requests.fill(now);
        let requests = report.requests;
        if let Some(limit) = requests.limit.filter(|limit| *limit > 0) {
            // A window of an unknown length: the looser reading, which can do no harm.
            self.stated = (real(limit) / MINUTE).max(refill(&requests).unwrap_or(0.0));
            if let Some(known) = refills(&requests) {
                self.refills = known;
            }
        }
        let whole = report.tokens.limit.filter(|limit| *limit > 0);
        if let Some(limit) = whole.filter(|_| !self.tokens_by_contract) {
            let stated = tokens_a_minute(limit);
            match &mut self.tokens {
                Some(bucket) => {
                    bucket.fill(now);
                    bucket.resize(stated.per_second, real(limit));
                }
                None => {
                    let bucket = self.tokens.insert(stated);
                    bucket.rest_until(now);
                }
            }
        }
        if let (Some(bucket), Some(remaining)) = (&mut self.tokens, report.tokens.remaining) {
            bucket.at_most(real(remaining));
        }
        if requests.remaining == Some(0)
            && let Some(reset) = requests.reset
        {
            let one = requests.limit.filter(|_| self.refills).map_or(1.0, |limit| real(limit.max(1)));
            self.pause_until(now + reset.as_secs_f64() / one, now);
        }
        self.choose_rate();
        self.wake_first();
    }

    pub(super) fn state(&self, now: f64) -> LimiterState {
        let found = match &self.chooser {
            Chooser::Seeking(seeking) => seeking.limit(),
            Chooser::Stepwise(_) | Chooser::Fixed => None,
        };
        LimiterState {
            rate: self.requests.per_second,
            found,
            ceiling: self.ceiling.min(self.stated),
            tokens_per_second: self.tokens.as_ref().map(|bucket| bucket.per_second),
            paused_for: Duration::try_from_secs_f64(self.not_before - now).unwrap_or_default(),
            waiting: self.queue.len(),
            in_flight: self.in_flight,
            granted: self.granted,
            refused: self.refused,
        }
    }

    /// Nobody starts before this moment, and nothing is saved up for it.
    fn pause_until(&mut self, moment: f64, now: f64) {
        let moment = moment.min(now + LONGEST_PAUSE);
        if moment <= self.not_before {
            return;
        }
        if let Chooser::Seeking(seeking) = &mut self.chooser {
            seeking.silent_for(moment - self.not_before.max(now));
        }
        self.not_before = moment;
        match self.chooser {
            // Its rate is known, and holds while nobody starts: the first one after it needs no further wait.
            Chooser::Fixed => self.requests.fill(moment),
            Chooser::Seeking(_) | Chooser::Stepwise(_) => self.requests.rest_until(moment),
        }
        self.requests.at_most(1.0);
    }

    fn choose_rate(&mut self) {
        let ceiling = self.ceiling.min(self.stated);
        let floor = self.floor.min(ceiling);
        if let Chooser::Seeking(seeking) = &mut self.chooser {
            seeking.keep_within(floor, ceiling);
            self.requests.per_second = seeking.rate();
        }
        self.requests.per_second = self.requests.per_second.max(floor).min(ceiling);
    }

    /// Who is first looks again: something has changed.
    fn wake_first(&self) {
        if let Some(first) = self.queue.front() {
            first.wake.notify_one();
        }
    }
}

/// A bucket that holds a minute's worth.
fn tokens_a_minute(most: u64) -> Bucket {
    Bucket::full(real(most) / MINUTE, real(most))
}

/// What a window refills a second, if it does so bit by bit: what was used comes back until the reset.
fn refill(window: &LimitWindow) -> Option<f64> {
    let used = window.limit?.checked_sub(window.remaining?)?;
    let reset = window.reset?.as_secs_f64();
    (used > 0 && reset > 0.0).then(|| real(used) / reset)
}

/// Whether a window refills bit by bit, where little enough of it was used to tell: then the reset is as near as little was
/// used, while a window that refills all at once is, after little use, still far from its end.
fn refills(window: &LimitWindow) -> Option<bool> {
    let (limit, remaining) = (window.limit?, window.remaining?);
    let used = limit.checked_sub(remaining).filter(|used| *used > 0 && *used <= limit / 4)?;
    let reset = window.reset?.as_secs_f64();
    // Resets are often given in whole seconds.
    let due = |length: &f64| (reset - length * real(used) / real(limit)).abs() <= 1.0 + reset * 0.05;
    Some(WINDOWS.iter().any(due))
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of tokens and requests are far below 2^52")]
fn real(count: u64) -> f64 {
    count as f64
}
