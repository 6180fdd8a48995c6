//! A tier behind its deadline, its circuit breaker, its queue of writes and the removals that it owes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assize_ambient::{Clock, Timestamp};
use tokio::sync::RwLock;

use crate::breaker::Breaker;
use crate::invalidations::Invalidations;
use crate::statistics::LevelCounts;
use crate::write_behind::Queue;
use crate::{Error, ErrorKind, Key, Level, LevelStatistics, Selector, Stored};

/// A removal touches many entries: it may take so many times the deadline of a single one.
const REMOVAL_DEADLINES: u32 = 10;
/// Where more removals are owed than this, the whole tier is cleared instead.
const MOST_OWED: usize = 1024;

/// A removal that the tier has not carried out yet. Until it has, what it means and what is not younger is not read.
#[derive(Debug)]
struct Owed {
    id: u64,
    selector: Selector,
    at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) level: Level,
    pub(crate) counts: LevelCounts,
    pub(crate) queue: Queue,
    breaker: Breaker,
    /// Writes hold it for reading, removals for writing: no write that began before a removal ends after it.
    gate: RwLock<()>,
    owed: Mutex<Vec<Owed>>,
    owes: AtomicBool,
    is_settling: AtomicBool,
    next_id: AtomicU64,
    invalidations: Arc<Invalidations>,
    clock: Arc<dyn Clock>,
}

/// An entry to be written.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) entry: Stored,
    /// When making it began, in the log of invalidations.
    pub(crate) moment: u64,
    /// Whether what it replaces must not be read even if this can't be written.
    pub(crate) supersedes: bool,
}

impl Guarded {
    pub(crate) fn new(level: Level, invalidations: Arc<Invalidations>, clock: Arc<dyn Clock>) -> Self {
        Self {
            queue: Queue::new(level.most_waiting),
            level,
            counts: LevelCounts::default(),
            breaker: Breaker::new(),
            gate: RwLock::new(()),
            owed: Mutex::default(),
            owes: AtomicBool::new(false),
            is_settling: AtomicBool::new(false),
            next_id: AtomicU64::new(0),
            invalidations,
            clock,
        }
    }

    /// The entry with this key, if it is there, in time, not expired and not to be removed.
    pub(crate) async fn get(self: &Arc<Self>, key: &Key) -> Option<Stored> {
        // What waits to be written is what a reader must see.
        let found = match self.queue.get(key).filter(|write| !self.is_outdated(write)) {
            Some(waiting) => Some(waiting.entry),
            None => self.call(self.level.deadline, self.level.tier.get(key)).await.ok().flatten(),
        };
        self.settle_soon();
        found.filter(|entry| !entry.is_expired(self.clock.now()) && !self.owes_removal_of(key, entry))
    }

    /// Writes one entry now, unless it was invalidated while it was made. `Ok(false)` where that was so.
    pub(crate) async fn put(&self, write: Write) -> Result<bool, Error> {
        let gate = self.gate.read().await;
        if self.is_outdated(&write) {
            return Ok(false);
        }
        let Write { key, entry, moment: _, supersedes } = write;
        let at = entry.stored_at();
        let size = entry.value().len() as u64;
        let result = if size > self.level.largest_value {
            Err(ErrorKind::TooLarge
                .error(format!("store `{key}` in the {} tier: too large", self.level.name)))
        } else {
            self.call(self.level.deadline, self.level.tier.put(&key, entry)).await
        };
        drop(gate);
        match &result {
            Ok(()) => self.counts.written.add(),
            Err(error) if error.kind() == ErrorKind::TooLarge => self.counts.refused.add(),
            Err(_) => self.counts.dropped_writes.add(),
        }
        if supersedes && result.is_err() {
            self.owe(Selector::Key(key), at.max(self.clock.now()));
        }
        result.map(|()| true)
    }

    /// Takes note that `write` will not be carried out.
    pub(crate) fn drop_write(&self, write: Write) {
        self.counts.dropped_writes.add();
        if write.supersedes {
            self.owe(Selector::Key(write.key), write.entry.stored_at().max(self.clock.now()));
        }
    }

    /// Whether what it stores was invalidated since making it began.
    pub(crate) fn is_outdated(&self, write: &Write) -> bool {
        self.invalidations.hit(write.moment, &write.key, write.entry.tags())
    }

    /// Removes what `selector` means: at once for readers, and in the tier as soon as it answers.
    pub(crate) async fn remove(self: &Arc<Self>, selector: &Selector) -> Result<u64, Error> {
        let id = self.owe(selector.clone(), self.clock.now());
        self.queue.remove(selector);
        let _gate = self.gate.write().await;
        let deadline = self.level.deadline.saturating_mul(REMOVAL_DEADLINES);
        let removed = self.call(deadline, self.level.tier.remove(selector)).await?;
        self.settled(id);
        Ok(removed)
    }

    /// What is counted here; the tier itself is asked for the rest.
    pub(crate) async fn statistics(&self) -> LevelStatistics {
        // Not through the breaker: looking at a tier must not change how it fares.
        let stats = tokio::time::timeout(self.level.deadline, self.level.tier.stats());
        let stats = stats.await.ok().and_then(Result::ok);
        let counts = &self.counts;
        LevelStatistics {
            name: self.level.name,
            hits: counts.hits.get(),
            misses: counts.misses.get(),
            answered: counts.answered.get(),
            timed_out: counts.timed_out.get(),
            errors: counts.failed.get(),
            skipped: counts.skipped.get(),
            written: counts.written.get(),
            refused: counts.refused.get(),
            dropped_writes: counts.dropped_writes.get(),
            waiting_writes: self.queue.len() as u64,
            pending_removals: self.lock_owed().len() as u64,
            is_available: self.breaker.is_closed(),
            entries: stats.map(|stats| stats.entries),
            bytes: stats.map(|stats| stats.bytes),
            limit_bytes: stats.and_then(|stats| stats.limit_bytes),
            evictions: stats.map(|stats| stats.evictions),
            corrupt: stats.map(|stats| stats.corrupt),
        }
    }

    /// Makes a call within the deadline, if the breaker lets it, and counts what came of it.
    async fn call<T>(
        &self,
        deadline: Duration,
        call: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        let Some(leave) = self.breaker.admit() else {
            self.counts.skipped.add();
            return Err(ErrorKind::Unavailable
                .error(format!("use the {} tier: it failed just now and is left alone", self.level.name)));
        };
        match tokio::time::timeout(deadline, call).await {
            Ok(Ok(answer)) => {
                leave.worked();
                self.counts.answered.add();
                Ok(answer)
            }
            Ok(Err(error)) => {
                if error.kind().is_outage() {
                    leave.failed();
                    self.counts.failed.add();
                } else {
                    leave.worked();
                    self.counts.answered.add();
                }
                Err(error)
            }
            Err(elapsed) => {
                leave.failed();
                self.counts.timed_out.add();
                let message = format!("use the {} tier: no answer within {deadline:?}", self.level.name);
                Err(ErrorKind::TimedOut.error(message).because(elapsed))
            }
        }
    }

    fn owe(&self, selector: Selector, at: Timestamp) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut owed = self.lock_owed();
        if owed.len() >= MOST_OWED {
            // Under an id of its own, which no lesser removal settles.
            let (all, at) = (id, owed.iter().map(|one| one.at).fold(at, Timestamp::max));
            owed.clear();
            owed.push(Owed { id: all, selector: Selector::All, at });
            self.owes.store(true, Ordering::Release);
            return self.next_id.fetch_add(1, Ordering::Relaxed);
        }
        owed.push(Owed { id, selector, at });
        self.owes.store(true, Ordering::Release);
        id
    }

    fn settled(&self, id: u64) {
        let mut owed = self.lock_owed();
        owed.retain(|one| one.id != id);
        self.owes.store(!owed.is_empty(), Ordering::Release);
    }

    fn owes_removal_of(&self, key: &Key, entry: &Stored) -> bool {
        self.owes.load(Ordering::Acquire)
            && self
                .lock_owed()
                .iter()
                .any(|one| entry.stored_at() <= one.at && one.selector.holds(key, entry.tags()))
    }

    /// Carries out what is owed, behind the caller's back, once the tier answers again.
    fn settle_soon(self: &Arc<Self>) {
        if !self.owes.load(Ordering::Acquire)
            || !self.breaker.is_closed()
            || self.is_settling.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let _reset = Reset(&this.is_settling);
            while let Some((id, selector)) = this.next_owed() {
                let _gate = this.gate.write().await;
                let deadline = this.level.deadline.saturating_mul(REMOVAL_DEADLINES * REMOVAL_DEADLINES);
                if this.call(deadline, this.level.tier.remove(&selector)).await.is_err() {
                    break;
                }
                this.settled(id);
            }
        });
    }

    fn next_owed(&self) -> Option<(u64, Selector)> {
        self.lock_owed().first().map(|one| (one.id, one.selector.clone()))
    }

    fn lock_owed(&self) -> MutexGuard<'_, Vec<Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clears a flag when its task ends, however it ends.
struct Reset<'a>(&'a AtomicBool);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
