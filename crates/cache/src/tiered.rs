//! The composition: tiers in their order, and what is computed where none has it.

use std::sync::Arc;
use std::time::Duration;

use assize_ambient::{Clock, Seed, Timestamp};
use futures_util::{StreamExt, future, stream};
use serde::{Serialize, de::DeserializeOwned};

use crate::flight::Turn;
use crate::look_up::{Found, Inner, Outcome};
use crate::policy::Worth;
use crate::statistics::STATISTICS_FORMAT_VERSION;
use crate::{
    Error, ErrorKind, Failed, Failure, Freshness, Key, Level, Notice, Origin, Policy, ReuseObserver,
    Selector, Served, Statistics, Stored,
};

/// A value that can be cached: cloned for those who asked at the same time, stored as JSON.
pub trait Cacheable: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Cacheable for T {}

/// Tiers in their order, the fastest first, and what is computed where none has it.
///
/// A tier that fails or is slow is a miss, never an error; after five failures in a row it is left alone for two seconds
/// at a time. All who ask for a key at the same time get the result of one look-up and one computation; if the one who
/// computes is cancelled or panics, another takes over. Entries are written to the first tier at once, to the others
/// behind the caller's back. Cheap to clone; all clones are one.
///
/// ```
/// use std::{convert::Infallible, sync::Arc, time::Duration};
/// use assize_ambient::{Seed, SystemClock};
/// use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Namespace, Origin, Policy, Tiered};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Arc::new(SystemClock);
/// let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
/// let cache = Tiered::new(vec![Level::memory(memory)], clock, Seed::new(7));
/// let (key, policy) = (Namespace::new("squares", 1)?.key("12")?, Policy::new(Duration::from_secs(60)));
/// let square = || async { Ok::<_, Infallible>(12 * 12) };
/// assert_eq!(cache.get_or_compute(&key, &policy, square).await?.from, Origin::Computed);
/// let again = cache.get_or_compute(&key, &policy, square).await?;
/// assert_eq!((again.value, again.from), (144, Origin::Tier(0)));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Tiered(Arc<Inner>);

impl Tiered {
    /// The composition of these tiers, the fastest first; without any, it only makes callers share computations.
    /// `seed` decides when entries expire early.
    #[must_use]
    pub fn new(levels: Vec<Level>, clock: Arc<dyn Clock>, seed: Seed) -> Self {
        Self(Arc::new(Inner::new(levels, clock, seed)))
    }

    /// The value of `key`: from the first tier that has it fresh, or computed.
    ///
    /// `compute` runs in the caller's task, unless the value is served stale or is about to expire: then in a task of its
    /// own. Dropping the returned future cancels it in the first case, and lets the next caller compute instead. One key
    /// must always be asked for with the same type: a value that can't be read as `T` is computed anew.
    ///
    /// # Errors
    /// [`Failed`], if the computation failed and no stale value may be served instead. A tier's failure is none.
    pub async fn get_or_compute<T, E, F, Fut>(
        &self,
        key: &Key,
        policy: &Policy,
        compute: F,
    ) -> Result<Served<T>, Failed<E>>
    where
        T: Cacheable,
        E: Failure,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let this = &*self.0;
        this.note_request(key);
        if let Some(found) = this.fresh_in_first::<T>(key, policy).await {
            return Ok(this.serve(found, Freshness::Fresh));
        }
        match this.look_ups.join::<Outcome<T, E>>(key, policy.tags()).wait().await {
            Turn::Landed(landing) => this.shared(landing),
            Turn::Lead(lead) => {
                let before = this.invalidations.moment();
                let (outcome, entry) = self.find_or_compute(key, policy, compute).await;
                let freshness = outcome.as_ref().map_or(Freshness::Fresh, |served| served.freshness);
                let is_past =
                    || entry.is_some_and(|entry| this.is_past(key, policy, &entry, freshness, before));
                lead.land_unless(is_past, Arc::new(outcome.clone()));
                outcome
            }
        }
    }

    /// The value of `key` if a tier has it fresh. Computes nothing and waits for nobody.
    pub async fn get<T: Cacheable>(&self, key: &Key, policy: &Policy) -> Option<Served<T>> {
        self.0.note_request(key);
        let found = self.0.search(key, policy).await?;
        if found.worth >= Worth::Early {
            return Some(self.0.serve(found, Freshness::Fresh));
        }
        self.0.pass_over(&found);
        None
    }

    /// Stores a value that came about elsewhere. Once this returns, no older one is served, whether or not all tiers
    /// could be written.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the value can't be written as JSON.
    pub async fn insert<T: Cacheable>(&self, key: &Key, policy: &Policy, value: &T) -> Result<(), Error> {
        let this = &*self.0;
        let json = serde_json::to_vec(value).map_err(|cause| {
            ErrorKind::Corrupt.error(format!("store `{key}`: it can't be written as JSON")).because(cause)
        })?;
        let entry = policy.entry(key, json, Duration::ZERO, this.clock.now(), this.seed)?;
        let selector = Selector::Key(key.clone());
        let begun = this.invalidations.begin(selector.clone());
        this.store(key, &entry, begun.moment(), this.levels.len(), true).await;
        this.supersede(&selector, begun);
        Ok(())
    }

    /// Removes what `selector` means from all tiers, and from what is being computed: once this returns, nothing made
    /// before is served. A tier that does not answer is not read for it until it has removed it.
    pub async fn invalidate(&self, selector: &Selector) -> Invalidated {
        let this = &*self.0;
        this.counts.invalidations.add();
        let removals = this.remove(selector, this.levels.iter()).await;
        let pending = removals.iter().filter(|removed| removed.is_err()).count();
        Invalidated { removed: removals.into_iter().flatten().collect(), pending }
    }

    /// Takes note of what another process did in the tier that it shares with this one: the `shared`-th of the
    /// composition, 0 being the first. What is told of is removed from the other tiers, which are this process's own. If
    /// something may have been missed, the tiers above the shared one are emptied; those below it are slower and stay
    /// as they are, within their own times.
    pub async fn heed(&self, shared: usize, notice: &Notice) {
        let this = &*self.0;
        let (selector, end) = match notice {
            Notice::Removed(selector) => (selector, this.levels.len()),
            Notice::MayHaveMissed => (&Selector::All, shared.min(this.levels.len())),
        };
        let own = this.levels[..end].iter().enumerate().filter(|(n, _)| *n != shared);
        // One that does not answer is not read for it until it has removed it.
        this.remove(selector, own.map(|(_, level)| level)).await;
    }

    /// Makes sure that these keys are there, `at_once` of them at a time (at least one).
    pub async fn warm<T, E, F, Fut>(
        &self,
        keys: impl IntoIterator<Item = Key> + Send,
        policy: &Policy,
        at_once: usize,
        compute: F,
    ) -> Warmed
    where
        T: Cacheable,
        E: Failure,
        F: Fn(Key) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let mut warmed = Warmed::default();
        let mut all = stream::iter(keys)
            .map(|key| {
                let compute = compute.clone();
                async move {
                    let own = key.clone();
                    self.get_or_compute(&key, policy, move || compute(own)).await.map(|served| served.from)
                }
            })
            .buffer_unordered(at_once.max(1));
        while let Some(outcome) = all.next().await {
            match outcome {
                Ok(Origin::Tier(_)) => warmed.present += 1,
                Ok(Origin::Computed | Origin::Coalesced) => warmed.computed += 1,
                Err(_) => warmed.failed += 1,
            }
        }
        warmed
    }

    /// Waits until all that waits to be written is written or has failed, but no longer than `within`. Gives the number
    /// of writes that were still waiting then: 0 is what a shutdown wants to see.
    pub async fn flush(&self, within: Duration) -> usize {
        let drained = future::join_all(self.0.levels.iter().map(|level| level.queue.drained()));
        match tokio::time::timeout(within, drained).await {
            Ok(_) => 0,
            Err(_) => self.0.levels.iter().map(|level| level.queue.len()).sum(),
        }
    }

    /// Tells `observer` of every key that is asked for from now on. The first observer stays; `false` where there is one.
    pub fn observe_reuse(&self, observer: Arc<ReuseObserver>) -> bool {
        self.0.reuse.set(observer).is_ok()
    }

    /// What happened since it was made.
    pub async fn statistics(&self) -> Statistics {
        let counts = &self.0.counts;
        let levels = future::join_all(self.0.levels.iter().map(|level| level.statistics())).await;
        let requests = counts.requests.get();
        let hits = levels.iter().map(|level| level.hits).sum();
        Statistics {
            format_version: STATISTICS_FORMAT_VERSION,
            requests,
            hits,
            misses: requests.saturating_sub(hits),
            computed: counts.computed.get(),
            failed: counts.failed.get(),
            coalesced: counts.coalesced.get(),
            remembered_failures: counts.remembered_failures.get(),
            stale_while_revalidating: counts.stale_while_revalidating.get(),
            stale_on_error: counts.stale_on_error.get(),
            refreshed: counts.refreshed.get(),
            invalidations: counts.invalidations.get(),
            outdated: counts.outdated.get(),
            unreadable: counts.unreadable.get(),
            levels,
        }
    }

    /// What the leader of a look-up does for all who wait for it. With the entry, where one was found.
    async fn find_or_compute<T, E, F, Fut>(
        &self,
        key: &Key,
        policy: &Policy,
        compute: F,
    ) -> (Outcome<T, E>, Option<Stored>)
    where
        T: Cacheable,
        E: Failure,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let this = &*self.0;
        let serve = |found: Found<T>, freshness| {
            let entry = found.entry.clone();
            (Ok(this.serve(found, freshness)), Some(entry))
        };
        let found = this.search::<T>(key, policy).await;
        let remembered = this.failures.get::<E>(key, this.clock.now());
        let found = match found {
            Some(found) if found.worth == Worth::Fresh => return serve(found, Freshness::Fresh),
            Some(found) if found.worth == Worth::Early => {
                if remembered.is_none() {
                    self.refresh(key, policy, compute, found.entry.stored_at());
                }
                return serve(found, Freshness::Fresh);
            }
            Some(found) if found.worth == Worth::Stale => {
                let freshness = if remembered.is_none() {
                    self.refresh(key, policy, compute, found.entry.stored_at());
                    this.counts.stale_while_revalidating.add();
                    Freshness::Revalidating
                } else {
                    this.counts.stale_on_error.add();
                    Freshness::AfterError
                };
                return serve(found, freshness);
            }
            found => found,
        };
        let outcome = match remembered {
            Some(error) => {
                this.counts.remembered_failures.add();
                Err(Failed::Computing(error))
            }
            None => match this.computations.join::<Outcome<T, E>>(key, policy.tags()).wait().await {
                Turn::Landed(landing) => this.shared(landing),
                Turn::Lead(lead) => {
                    let known = found.as_ref().map(|found| found.entry.stored_at());
                    this.compute(key, policy, compute, lead, known).await
                }
            },
        };
        match (outcome, found) {
            (Err(_), Some(found)) if policy.serves_on_error(&found.entry, this.clock.now()) => {
                this.counts.stale_on_error.add();
                serve(found, Freshness::AfterError)
            }
            (outcome, found) => {
                if let Some(found) = found {
                    this.pass_over(&found);
                }
                (outcome, None)
            }
        }
    }

    /// Computes a value behind the caller's back, unless it is being computed already.
    fn refresh<T, E, F, Fut>(&self, key: &Key, policy: &Policy, compute: F, known: Timestamp)
    where
        T: Cacheable,
        E: Failure,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let Some(lead) = self.0.computations.start::<Outcome<T, E>>(key, policy.tags()) else { return };
        self.0.counts.refreshed.add();
        let (this, key, policy) = (self.clone(), key.clone(), policy.clone());
        tokio::spawn(async move {
            // Who waits for it gets the outcome; the one who started it was served.
            let _ = this.0.compute(&key, &policy, compute, lead, Some(known)).await;
        });
    }
}

/// What an invalidation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalidated {
    /// How many entries each tier removed that answered, in their order.
    pub removed: Vec<u64>,
    /// How many tiers did not answer. They carry it out later; what it means is not read from them meanwhile.
    pub pending: usize,
}

/// What warming did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Warmed {
    /// Keys that a tier had.
    pub present: usize,
    /// Keys that were computed.
    pub computed: usize,
    /// Keys of which the computation failed.
    pub failed: usize,
}

#[cfg(test)]
mod tests;
