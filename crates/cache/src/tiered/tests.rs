//! The composition, with a tier in memory and two that can be told to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use assize_ambient::{Timestamp, VirtualClock};
use async_trait::async_trait;
use tokio::time::{advance, sleep};

use super::*;
use crate::{MemoryTier, Namespace, Stored, Tag, Tier, TierStats};

mod invalidation;
mod leases;
mod model;
mod order;
mod stale;
mod stampede;
mod tiers;

const SECOND: Duration = Duration::from_secs(1);

/// An error that is remembered for so many seconds; 0 for not at all.
#[derive(Debug, Clone, PartialEq)]
struct Refused(u64);

impl Failure for Refused {
    fn remember_for(&self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_secs(self.0))
    }
}

const WORKS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

/// A tier in memory that can be told to fail or to hang.
#[derive(Debug)]
struct Moody {
    inner: MemoryTier,
    mood: AtomicU8,
    calls: AtomicU32,
    takes: Duration,
    /// Whether some calls take longer than others, so that they overtake each other.
    is_uneven: bool,
}

impl Moody {
    fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Self::slow(clock, Duration::ZERO)
    }

    fn slow(clock: Arc<dyn Clock>, takes: Duration) -> Arc<Self> {
        Arc::new(Self::with_time(clock, takes, false))
    }

    fn uneven(clock: Arc<dyn Clock>, takes: Duration) -> Arc<Self> {
        Arc::new(Self::with_time(clock, takes, true))
    }

    fn with_time(clock: Arc<dyn Clock>, takes: Duration, is_uneven: bool) -> Self {
        let (inner, mood) = (MemoryTier::new(1 << 20, clock), AtomicU8::new(WORKS));
        Self { inner, mood, calls: AtomicU32::new(0), takes, is_uneven }
    }

    fn now(&self, mood: u8) {
        self.mood.store(mood, Ordering::SeqCst);
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    async fn suffer(&self) -> Result<(), Error> {
        let n = self.calls.fetch_add(1, Ordering::SeqCst);
        let takes = if self.is_uneven { self.takes * [1, 3, 0, 2, 5][n as usize % 5] } else { self.takes };
        if !takes.is_zero() {
            sleep(takes).await;
        }
        match self.mood.load(Ordering::SeqCst) {
            WORKS => Ok(()),
            FAILS => Err(ErrorKind::Unavailable.error("reach a moody tier")),
            _ => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Tier for Moody {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error> {
        // What is there when it is asked; what is written meanwhile it does not know.
        let found = self.inner.get(key).await;
        self.suffer().await?;
        found
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error> {
        self.suffer().await?;
        self.inner.put(key, entry).await
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, Error> {
        self.suffer().await?;
        self.inner.remove(selector).await
    }

    async fn stats(&self) -> Result<TierStats, Error> {
        self.inner.stats().await
    }
}

/// Three tiers, the first in memory, the others moody.
struct House {
    cache: Tiered,
    clock: Arc<VirtualClock>,
    second: Arc<Moody>,
    third: Arc<Moody>,
    computed: Arc<AtomicU32>,
}

impl House {
    fn new() -> Self {
        Self::with_slow_tiers(Duration::ZERO)
    }

    fn with_slow_tiers(takes: Duration) -> Self {
        let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
        let first = Arc::new(MemoryTier::new(1 << 20, clock.clone()));
        let (second, third) = (Moody::slow(clock.clone(), takes), Moody::slow(clock.clone(), takes));
        Self::of(clock, first, second, third)
    }

    /// None of the tiers takes the same time twice, not even the first.
    fn with_uneven_tiers(first: Duration, others: Duration) -> Self {
        let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
        let [first, second, third] = [first, others, others].map(|takes| Moody::uneven(clock.clone(), takes));
        Self::of(clock, first, second, third)
    }

    fn of(clock: Arc<VirtualClock>, first: Arc<dyn Tier>, second: Arc<Moody>, third: Arc<Moody>) -> Self {
        let levels = vec![Level::memory(first), Level::shared(second.clone()), Level::disk(third.clone())];
        let cache = Tiered::new(levels, clock.clone(), Seed::new(1));
        Self { cache, clock, second, third, computed: Arc::default() }
    }

    /// Asks, where the n-th computation gives n after `takes`.
    async fn ask(&self, key: &Key, policy: &Policy, takes: Duration) -> Outcome<u32, Refused> {
        let computed = Arc::clone(&self.computed);
        let compute = move || async move {
            let n = computed.fetch_add(1, Ordering::SeqCst) + 1;
            sleep(takes).await;
            Ok(n)
        };
        self.cache.get_or_compute(key, policy, compute).await
    }

    /// Asks, where computing fails.
    async fn ask_in_vain(&self, key: &Key, policy: &Policy, failure: Refused) -> Outcome<u32, Refused> {
        let computed = Arc::clone(&self.computed);
        let compute = move || async move {
            computed.fetch_add(1, Ordering::SeqCst);
            Err(failure)
        };
        self.cache.get_or_compute(key, policy, compute).await
    }

    fn computed(&self) -> u32 {
        self.computed.load(Ordering::SeqCst)
    }

    async fn settle(&self) {
        assert_eq!(self.cache.flush(60 * SECOND).await, 0);
    }

    async fn forget_first(&self) {
        let first = &self.cache.0.levels[0];
        first.level.tier.remove(&Selector::All).await.unwrap();
    }
}

fn key(text: &str) -> Key {
    Namespace::new("test", 1).unwrap().key(text).unwrap()
}

fn plain() -> Policy {
    Policy::new(60 * SECOND).with_jitter(0.0).with_early(0.0)
}

fn tag(text: &str) -> Tag {
    Tag::new(text).unwrap()
}
