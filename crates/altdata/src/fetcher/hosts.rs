//! What each host bears, and which have refused us.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assize_transport::{Gate, Limiter, LimiterOptions, Pace, Pass, Permit, RetryBudget};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::line::{Line, Place};
use crate::Source;

/// How many requests are under way at one host at once.
const AT_ONCE: usize = 8;

/// A host that says "too often" and not for how long is left alone for so long at least, and at most.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST_UNSTATED: Duration = Duration::from_secs(600);

/// Left alone for ever: ten years.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);

/// One host, for all who ask there.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) name: String,
    line: Line,
    pub(super) limiter: Option<Limiter>,
    gate: Gate,
    pub(super) retries: RetryBudget,
    /// Until when it is left alone.
    refused: watch::Sender<Option<Instant>>,
    /// Until when it asked not to be asked.
    resting: Mutex<Option<Instant>>,
    /// How long it takes until one more may be asked.
    interval: Duration,
    refusals: Mutex<Refusals>,
}

/// How often a host has said "too often" on end, and not for how long.
#[derive(Debug, Default)]
struct Refusals {
    on_end: u32,
    /// When the last of them was known. Who was under way then says nothing new.
    known: Option<Instant>,
}

impl Host {
    /// Leaves it alone for so long, or longer if it was to be.
    pub(super) fn leave_alone(&self, wait: Duration) {
        let now = Instant::now();
        let until = now.checked_add(wait).or_else(|| now.checked_add(LONGEST));
        self.refused.send_modify(|refused| *refused = (*refused).max(until));
    }

    /// It says for how long it is not to be asked: then it bears what it ever bears, as many as that are at once.
    pub(super) fn rest(&self, wait: Duration) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        *resting = (*resting).max(Instant::now().checked_add(wait.min(LONGEST)));
    }

    /// What may be asked now, once this is the next one to ask.
    pub(super) async fn turn(&self, place: Place) -> (Pass, Option<Permit>) {
        let _turn = self.line.turn(place).await;
        let pass = self.gate.enter().await;
        loop {
            while let Some(until) = self.resting() {
                sleep_until(until).await;
            }
            let Some(limiter) = &self.limiter else { return (pass, None) };
            let permit = limiter.acquire(0).await;
            if self.resting().is_none() {
                return (pass, Some(permit));
            }
            permit.cancel();
        }
    }

    fn resting(&self) -> Option<Instant> {
        let resting = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.filter(|until| Instant::now() < *until)
    }

    /// For how long to leave it alone, now that it has said "too often" to who asked then, and not for how long: as long as
    /// two requests take by its limit, and twice as long each time that it says so again at once.
    pub(super) fn too_often(&self, asked: Instant) -> Duration {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.known.is_none_or(|known| known <= asked) {
            refusals.on_end = refusals.on_end.saturating_add(1);
            refusals.known = Some(Instant::now());
        }
        let doubled = 1_u32.checked_shl(refusals.on_end.saturating_sub(1)).unwrap_or(u32::MAX);
        let least = (self.interval * 2).max(SHORTEST);
        least.saturating_mul(doubled).min(LONGEST_UNSTATED.max(least))
    }

    /// It has answered who asked then.
    pub(super) fn answered(&self, asked: Instant) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.known.is_some_and(|known| known <= asked) {
            *refusals = Refusals::default();
        }
    }

    pub(super) fn is_left_alone(&self) -> bool {
        is_ahead(*self.refused.borrow())
    }

    /// Waits until it is left alone, maybe for ever.
    pub(super) async fn left_alone(&self) {
        let mut refused = self.refused.subscribe();
        // The sender lives as long as this does.
        let _ = refused.wait_for(|until| is_ahead(*until)).await;
    }
}

fn is_ahead(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() < until)
}

/// All hosts of a fetcher's sources. Of several sources at one host, the lowest rate counts.
#[derive(Debug)]
pub(super) struct Hosts(BTreeMap<String, Arc<Host>>);

impl Hosts {
    pub(super) fn of(sources: &[Arc<dyn Source>]) -> Self {
        let mut limits: BTreeMap<&str, (Option<f64>, u32)> = BTreeMap::new();
        for source in sources {
            let meta = source.meta();
            let (rate, burst) = limits.entry(&meta.host).or_insert((meta.rate, meta.burst));
            *rate = match (*rate, meta.rate) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            *burst = (*burst).min(meta.burst);
        }
        let host = |(name, (rate, burst)): (&str, (Option<f64>, u32))| {
            let limiter = rate.map(|rate| {
                let fixed = LimiterOptions {
                    pace: Pace::Fixed,
                    start: rate,
                    ceiling: rate,
                    floor: rate,
                    burst,
                    ..LimiterOptions::default()
                };
                Limiter::new(fixed)
            });
            let name = name.to_owned();
            // A source whose files lie here is bounded by its own count.
            let gate = Gate::new(AT_ONCE.max(usize::try_from(burst).unwrap_or(AT_ONCE)));
            // A third of the requests may be tried again, and twenty beyond that.
            let retries = RetryBudget::new(0.34, 20);
            let host = Host {
                name: name.clone(),
                line: Line::default(),
                limiter,
                gate,
                retries,
                refused: watch::Sender::new(None),
                resting: Mutex::default(),
                interval: rate
                    .and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok())
                    .unwrap_or_default(),
                refusals: Mutex::default(),
            };
            (name, Arc::new(host))
        };
        Self(limits.into_iter().map(host).collect())
    }

    /// The host of one of the sources that it was made of.
    pub(super) fn get(&self, source: &dyn Source) -> Option<&Arc<Host>> {
        self.0.get(&*source.meta().host)
    }
}
