//! Looking a value up in the tiers, computing it, writing it to them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use assize_ambient::{Clock, Seed, Timestamp};
use futures_util::future;
use tokio::time::Instant;

use crate::failure::Failures;
use crate::flight::{Flights, Landing, Lead};
use crate::guarded::{Guarded, Write};
use crate::invalidations::{Begun, Invalidations};
use crate::leases::Leave;
use crate::policy::Worth;
use crate::statistics::Counts;
use crate::{
    Cacheable, Error, Failed, Failure, Freshness, Key, Level, Origin, Policy, ReuseObserver, Selector,
    Served, Stored, write_behind,
};

/// What the clones of a composition share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) levels: Vec<Arc<Guarded>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: Seed,
    pub(crate) counts: Counts,
    /// Who looks a key up.
    pub(crate) look_ups: Flights,
    /// Who computes it. Separate, so that a value can be served stale while it is computed.
    pub(crate) computations: Flights,
    pub(crate) failures: Failures,
    pub(crate) invalidations: Arc<Invalidations>,
    pub(crate) reuse: OnceLock<Arc<ReuseObserver>>,
}

/// What all on one flight get.
pub(crate) type Outcome<T, E> = Result<Served<T>, Failed<E>>;

/// What was found in the tiers.
#[derive(Debug)]
pub(crate) struct Found<T> {
    value: T,
    pub(crate) entry: Stored,
    level: usize,
    pub(crate) worth: Worth,
}

impl Inner {
    pub(crate) fn new(levels: Vec<Level>, clock: Arc<dyn Clock>, seed: Seed) -> Self {
        let invalidations = Arc::new(Invalidations::default());
        let guard = |level| Arc::new(Guarded::new(level, Arc::clone(&invalidations), Arc::clone(&clock)));
        Self {
            levels: levels.into_iter().map(guard).collect(),
            clock,
            seed,
            counts: Counts::default(),
            look_ups: Flights::default(),
            computations: Flights::default(),
            failures: Failures::default(),
            invalidations,
            reuse: OnceLock::new(),
        }
    }

    /// Somebody asks for a key.
    pub(crate) fn note_request(&self, key: &Key) {
        self.counts.requests.add();
        if let Some(observer) = self.reuse.get() {
            observer.asked_for(key);
        }
    }

    /// The first tier's entry, if it is fresh and not about to expire: the one case that needs no flight.
    pub(crate) async fn fresh_in_first<T: Cacheable>(&self, key: &Key, policy: &Policy) -> Option<Found<T>> {
        let found = self.ask(0, key, policy).await?;
        (found.worth == Worth::Fresh).then_some(found)
    }

    /// Asks the tiers in turn for a fresh value, and carries it up to those that did not have it. Where none has one,
    /// the best of what they have; the caller says whether that was a hit.
    pub(crate) async fn search<T: Cacheable>(&self, key: &Key, policy: &Policy) -> Option<Found<T>> {
        let moment = self.invalidations.moment();
        let mut best: Option<Found<T>> = None;
        for (n, level) in self.levels.iter().enumerate() {
            let Some(found) = self.ask::<T>(n, key, policy).await else {
                level.counts.misses.add();
                continue;
            };
            let rank = |found: &Found<T>| (found.worth, found.entry.fresh_until());
            if best.as_ref().is_some_and(|best| rank(best) >= rank(&found)) {
                level.counts.misses.add();
                continue;
            }
            let is_fresh = found.worth == Worth::Fresh;
            if let Some(worse) = best.replace(found) {
                self.pass_over(&worse);
            }
            if is_fresh {
                break;
            }
        }
        let best = best?;
        if best.worth == Worth::Fresh {
            self.store(key, &best.entry, moment, best.level, false).await;
        }
        Some(best)
    }

    /// What one tier has that is worth anything.
    pub(crate) async fn ask<T: Cacheable>(
        &self,
        level: usize,
        key: &Key,
        policy: &Policy,
    ) -> Option<Found<T>> {
        let entry = self.levels.get(level)?.get(key).await?;
        let worth = policy.worth(key, &entry, self.clock.now(), self.seed)?;
        let Ok(value) = serde_json::from_slice(entry.value()) else {
            self.counts.unreadable.add();
            return None;
        };
        Some(Found { value, entry, level, worth })
    }

    /// What was found goes to a caller.
    pub(crate) fn serve<T>(&self, found: Found<T>, freshness: Freshness) -> Served<T> {
        let Found { value, entry, level, worth: _ } = found;
        self.levels[level].counts.hits.add();
        Served { value, from: Origin::Tier(level), freshness, made_at: entry.stored_at() }
    }

    /// Whether what was found, at `moment` or later, is not to be given to who has asked for it only now: it has expired,
    /// or was removed, by tags perhaps that the policy does not have.
    pub(crate) fn is_past(
        &self,
        key: &Key,
        policy: &Policy,
        entry: &Stored,
        freshness: Freshness,
        moment: u64,
    ) -> bool {
        let least = match freshness {
            Freshness::Fresh => Worth::Early,
            Freshness::Revalidating => Worth::Stale,
            Freshness::AfterError => Worth::OnError,
        };
        let worth = policy.worth(key, entry, self.clock.now(), self.seed);
        worth.is_none_or(|worth| worth < least) || self.invalidations.hit(moment, key, entry.tags())
    }

    /// What was found was not good enough.
    pub(crate) fn pass_over<T>(&self, found: &Found<T>) {
        self.levels[found.level].counts.misses.add();
    }

    /// What another's flight brought.
    pub(crate) fn shared<T: Cacheable, E: Failure>(&self, landing: Landing) -> Outcome<T, E> {
        self.counts.coalesced.add();
        let Landing::With(outcome) = landing else { return Err(Failed::Panicked) };
        // Flights are kept apart by the type of their outcome, so it is this one.
        let outcome = outcome.downcast::<Outcome<T, E>>().map_err(|_| Failed::Panicked)?;
        let mut served = Outcome::clone(&outcome)?;
        match served.from {
            Origin::Tier(level) => self.levels[level].counts.hits.add(),
            Origin::Computed | Origin::Coalesced => served.from = Origin::Coalesced,
        }
        Ok(served)
    }

    /// Computes the value as the leader of its flight, and stores it. `known` is when the value was made that is to be
    /// replaced.
    pub(crate) async fn compute<T, E, F, Fut>(
        &self,
        key: &Key,
        policy: &Policy,
        compute: F,
        lead: Lead,
        known: Option<Timestamp>,
    ) -> Outcome<T, E>
    where
        T: Cacheable,
        E: Failure,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let before = self.invalidations.moment();
        let held = match self.leave::<T>(key, policy, known).await {
            Leave::Found(found) => {
                let entry = found.entry.clone();
                let outcome = Ok(self.serve(found, Freshness::Fresh));
                let is_past = || self.is_past(key, policy, &entry, Freshness::Fresh, before);
                lead.land_unless(is_past, Arc::new(outcome.clone()));
                return outcome;
            }
            Leave::Compute(held) => held,
        };
        let moment = self.invalidations.moment();
        let started = Instant::now();
        let outcome = match compute().await {
            Ok(value) => {
                self.counts.computed.add();
                let made_at = self.keep(key, policy, &value, started.elapsed(), moment).await;
                Ok(Served { value, from: Origin::Computed, freshness: Freshness::Fresh, made_at })
            }
            Err(error) => {
                self.counts.failed.add();
                let (error, tags) = (Arc::new(error), policy.tags());
                self.failures
                    .add(key, tags, &error, self.clock.now(), || self.invalidations.hit(moment, key, tags));
                Err(Failed::Computing(error))
            }
        };
        drop(held);
        lead.land(Arc::new(outcome.clone()));
        outcome
    }

    /// Stores what was computed. A value that can't be written is counted and still served.
    async fn keep<T: Cacheable>(
        &self,
        key: &Key,
        policy: &Policy,
        value: &T,
        compute_time: Duration,
        moment: u64,
    ) -> Timestamp {
        let now = self.clock.now();
        let entry = serde_json::to_vec(value)
            .ok()
            .and_then(|json| policy.entry(key, json, compute_time, now, self.seed).ok());
        let Some(entry) = entry else {
            self.counts.unreadable.add();
            return now;
        };
        self.store(key, &entry, moment, self.levels.len(), false).await;
        entry.stored_at()
    }

    /// Writes an entry to the tiers before `end`: to the first at once, to the others as they come to it. All know of it
    /// when this returns, the others before it waits for the first.
    pub(crate) async fn store(&self, key: &Key, entry: &Stored, moment: u64, end: usize, supersedes: bool) {
        let now = self.clock.now();
        let write = |to: &Guarded| {
            let fresh_until = crate::envelope::later(now, to.level.fresh_at_most);
            let entry = entry.clone().fresh_at_most_until(fresh_until);
            Write { key: key.clone(), entry, moment, supersedes }
        };
        let Some((first, others)) = self.levels[..end].split_first() else { return };
        for to in others {
            write_behind::enqueue(to, write(to));
        }
        // Counted where it fails: the caller has the value.
        if matches!(first.put_in_turn(write(first)).await, Ok(false)) {
            self.counts.outdated.add();
        }
    }

    /// Nothing that is under way now brings, or leaves behind, what `selector` means. All tiers know of it by now: who
    /// looks for it from now on does not find what it means.
    pub(crate) fn supersede(&self, selector: &Selector, begun: Begun<'_>) {
        self.look_ups.detach(selector);
        self.computations.detach(selector);
        self.failures.remove(selector);
        drop(begun);
    }

    /// Removes what `selector` means from these levels. Gives what each answered.
    pub(crate) async fn remove<'a>(
        &self,
        selector: &Selector,
        levels: impl Iterator<Item = &'a Arc<Guarded>> + Send,
    ) -> Vec<Result<u64, Error>> {
        let begun = self.invalidations.begin(selector.clone());
        let owed: Vec<_> = levels.map(|level| (level, level.owe(selector.clone()))).collect();
        self.supersede(selector, begun);
        future::join_all(owed.into_iter().map(|(level, id)| level.remove(selector, id))).await
    }
}
