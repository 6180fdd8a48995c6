//! How calls went, by model and agent.

mod snapshot;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assize_metering::{TokenUsage, Usd};
use hdrhistogram::Histogram;

pub use self::snapshot::{CallSeries, CallSnapshot, Quantiles};
use crate::{CacheOutcome, ChatReply, Error, ErrorKind, ModelId, Telemetry};

/// The most models and agents that are told apart, unless it is said otherwise.
const MOST_SERIES: usize = 1_000;
/// What the rest is noted under.
const OTHER: &str = "other";
/// The longest time that is told apart, in microseconds: a day.
const LONGEST_US: u64 = 86_400_000_000;

/// Counts and times of calls, by the model that replied and by agent, as [`Observed`](crate::Observed) notes them. Clones
/// share them.
///
/// At most a thousand pairs of model and agent are told apart (or [as many as you say](Self::of_at_most)); further ones are
/// noted together as `other`, so that names made up by strangers do not fill the memory. Times are right to a hundredth
/// of themselves.
#[derive(Clone)]
pub struct CallStatistics {
    series: Arc<Mutex<BTreeMap<Key, Arc<Series>>>>,
    most: usize,
}

/// The model that replied, and the agent.
type Key = (ModelId, Arc<str>);

impl fmt::Debug for CallStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallStatistics").field("n_series", &lock(&self.series).len()).finish_non_exhaustive()
    }
}

impl Default for CallStatistics {
    fn default() -> Self {
        Self::new()
    }
}

impl CallStatistics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::of_at_most(MOST_SERIES)
    }

    /// None yet, of at most so many pairs of model and agent, and `other` besides.
    #[must_use]
    pub fn of_at_most(most: usize) -> Self {
        Self { series: Arc::default(), most }
    }

    /// How the calls went that have ended so far, sorted by model and agent.
    #[must_use]
    pub fn snapshot(&self) -> CallSnapshot {
        let series: Vec<_> =
            lock(&self.series).iter().map(|(key, series)| (key.clone(), Arc::clone(series))).collect();
        let mut total = Counts::new();
        let mut each = Vec::with_capacity(series.len());
        for ((model, agent), series) in series {
            let counts = lock(&series.0);
            total.add(&counts);
            each.push(counts.snapshot(model.as_str(), &agent));
        }
        CallSnapshot::new(total.snapshot("", ""), each)
    }

    /// Where calls of a model for an agent are noted.
    pub(crate) fn series(&self, model: &ModelId, agent: &Arc<str>) -> Arc<Series> {
        let mut all = lock(&self.series);
        let mut key = (model.clone(), Arc::clone(agent));
        if !all.contains_key(&key) && all.len() >= self.most {
            key = (OTHER.into(), OTHER.into());
        }
        Arc::clone(all.entry(key).or_insert_with(|| Arc::new(Series(Mutex::new(Counts::new())))))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a call ended.
#[derive(Clone, Copy)]
pub(crate) enum End<'a> {
    Reply(&'a ChatReply),
    Error(&'a Error),
    Cancelled,
}

/// The calls of one model for one agent.
pub(crate) struct Series(Mutex<Counts>);

impl Series {
    /// Notes a call that has ended.
    pub(crate) fn note(&self, end: End<'_>, took: Duration, first_delta: Option<Duration>, streamed: bool) {
        let mut counts = lock(&self.0);
        counts.calls += 1;
        counts.streamed += u64::from(streamed);
        match end {
            End::Reply(reply) => {
                counts.replied += 1;
                // What came out of a cache took no tokens and needs no price.
                if reply.telemetry.cache != Some(CacheOutcome::Hit) {
                    counts.tokens.merge(&reply.usage.tokens);
                    counts.n_unpriced += u64::from(reply.telemetry.cost.is_none());
                }
                counts.note_telemetry(&reply.telemetry);
                record(&mut counts.latency, took);
            }
            End::Error(error) => {
                *counts.failed.entry(error.kind()).or_default() += 1;
                counts.possibly_billed += u64::from(error.possibly_billed());
                if let Some(partial) = error.partial() {
                    counts.tokens.merge(&partial.usage.tokens);
                }
                counts.note_telemetry(error.telemetry());
            }
            End::Cancelled => counts.cancelled += 1,
        }
        if let Some(first_delta) = first_delta {
            record(&mut counts.first_delta, first_delta);
        }
    }
}

/// Times in microseconds. It begins small and grows with the longest.
type Times = Option<Histogram<u64>>;

fn times() -> Times {
    Histogram::new(2).ok()
}

fn record(times: &mut Times, time: Duration) {
    if let Some(times) = times {
        // Within the range, and it may grow: it cannot fail.
        let _ = times.record(microseconds(time).min(LONGEST_US));
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

struct Counts {
    calls: u64,
    replied: u64,
    cancelled: u64,
    streamed: u64,
    failed: BTreeMap<ErrorKind, u64>,
    possibly_billed: u64,
    n_unpriced: u64,
    tokens: TokenUsage,
    cost: Usd,
    attempts: u64,
    rate_limited: u64,
    cache_hits: u64,
    cache_misses: u64,
    backing_off: Duration,
    queued: Duration,
    latency: Times,
    first_delta: Times,
}

impl Counts {
    fn new() -> Self {
        Self {
            calls: 0,
            replied: 0,
            cancelled: 0,
            streamed: 0,
            failed: BTreeMap::new(),
            possibly_billed: 0,
            n_unpriced: 0,
            tokens: TokenUsage::default(),
            cost: Usd::ZERO,
            attempts: 0,
            rate_limited: 0,
            cache_hits: 0,
            cache_misses: 0,
            backing_off: Duration::ZERO,
            queued: Duration::ZERO,
            latency: times(),
            first_delta: times(),
        }
    }

    fn note_telemetry(&mut self, telemetry: &Telemetry) {
        self.attempts += u64::from(telemetry.attempts);
        self.rate_limited += u64::from(telemetry.rate_limited);
        self.backing_off = self.backing_off.saturating_add(telemetry.backing_off);
        self.queued = self.queued.saturating_add(telemetry.queued);
        match telemetry.cache {
            Some(CacheOutcome::Hit) => self.cache_hits += 1,
            Some(CacheOutcome::Miss) => self.cache_misses += 1,
            None => {}
        }
        if let Some(cost) = telemetry.cost {
            self.cost = self.cost.checked_add(cost).unwrap_or(Usd::MAX);
        }
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.replied += other.replied;
        self.cancelled += other.cancelled;
        self.streamed += other.streamed;
        for (kind, n) in &other.failed {
            *self.failed.entry(*kind).or_default() += n;
        }
        self.possibly_billed += other.possibly_billed;
        self.n_unpriced += other.n_unpriced;
        self.tokens.merge(&other.tokens);
        self.cost = self.cost.checked_add(other.cost).unwrap_or(Usd::MAX);
        self.attempts += other.attempts;
        self.rate_limited += other.rate_limited;
        self.cache_hits += other.cache_hits;
        self.cache_misses += other.cache_misses;
        self.backing_off = self.backing_off.saturating_add(other.backing_off);
        self.queued = self.queued.saturating_add(other.queued);
        for (own, other) in [(&mut self.latency, &other.latency), (&mut self.first_delta, &other.first_delta)]
        {
            if let (Some(own), Some(other)) = (own, other) {
                // Both grow as they must.
                let _ = own.add(other);
            }
        }
    }

    fn snapshot(&self, model: &str, agent: &str) -> CallSeries {
        CallSeries {
            model: model.to_owned(),
            agent: agent.to_owned(),
            calls: self.calls,
            replied: self.replied,
            failed: self.failed.iter().map(|(kind, n)| (kind.key().to_owned(), *n)).collect(),
            cancelled: self.cancelled,
            streamed: self.streamed,
            possibly_billed: self.possibly_billed,
            tokens: self.tokens,
            cost: self.cost,
            unpriced: self.n_unpriced,
            attempts: self.attempts,
            rate_limited: self.rate_limited,
            cache_hits: self.cache_hits,
            cache_misses: self.cache_misses,
            backing_off_us: microseconds(self.backing_off),
            queued_us: microseconds(self.queued),
            latency_us: Quantiles::of(self.latency.as_ref()),
            first_delta_us: Quantiles::of(self.first_delta.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests;
