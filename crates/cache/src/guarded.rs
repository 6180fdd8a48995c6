//! A tier behind its deadline, its circuit breaker, its queue of writes and the removals that it owes.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assize_ambient::Clock;
use rustc_hash::FxBuildHasher;
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

/// So many keys at least can be written in turn at the same time.
const TURNS: usize = 64;

/// A removal that the tier has not carried out yet. Until it has, what it means is not read: whatever was written there
/// meanwhile goes with the rest.
#[derive(Debug)]
struct Owed {
    id: u64,
    selector: Selector,
}

#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) level: Level,
    pub(crate) counts: LevelCounts,
    pub(crate) queue: Queue,
    breaker: Breaker,
    /// Writes hold it for reading, removals for writing: no write that began before a removal ends after it.
    gate: RwLock<()>,
    /// Held by who writes a key at once, by the key's hash: two writes of one key could end in either order.
    turns: [tokio::sync::Mutex<()>; TURNS],
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
            turns: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
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
        let found = match self.queue.get(key) {
            // What waits to be written is what a reader must see.
            Some(waiting) if !self.is_outdated(&waiting) => Some(waiting.entry),
            // What the tier has was superseded, and what superseded it was invalidated.
            Some(waiting) if waiting.supersedes => None,
            _ => self.ask(key).await,
        };
        self.settle_soon();
        found.filter(|entry| !entry.is_expired(self.clock.now()))
    }

    /// What the tier answers, unless a removal of it was owed when it was asked: the answer may come after the removal
    /// that it does not know of.
    async fn ask(&self, key: &Key) -> Option<Stored> {
        let owed = self.owed_of(key);
        let found = self.call(self.level.deadline, self.level.tier.get(key)).await.ok()??;
        (!owed.iter().any(|selector| selector.holds(key, found.tags()))).then_some(found)
    }

    /// Writes one entry now, unless it was invalidated while it was made. `Ok(false)` where that was so.
    pub(crate) async fn put(&self, write: Write) -> Result<bool, Error> {
        let _gate = self.gate.read().await;
        self.write(write).await
    }

    /// The same after the other writes of this key that are under way, for a caller who waits: for them, and for a
    /// removal, no longer than the deadline.
    pub(crate) async fn put_in_turn(&self, write: Write) -> Result<bool, Error> {
        let slot = usize::try_from(FxBuildHasher.hash_one(&write.key) >> 32).unwrap_or_default() % TURNS;
        let turn = async { (self.turns[slot].lock().await, self.gate.read().await) };
        match tokio::time::timeout(self.level.deadline, turn).await {
            Ok(_held) => self.write(write).await,
            Err(elapsed) => {
                let message = format!("write to the {} tier: others write or remove", self.level.name);
                self.drop_write(write);
                Err(ErrorKind::TimedOut.error(message).because(elapsed))
            }
        }
    }

    async fn write(&self, write: Write) -> Result<bool, Error> {
        let is_outdated = self.is_outdated(&write);
        if is_outdated && !write.supersedes {
            return Ok(false);
        }
        let Write { key, entry, moment: _, supersedes } = write;
        let (deadline, tier) = (self.level.deadline, &self.level.tier);
        let result = if is_outdated {
            // It is not to be read, and what it was to take the place of is not either.
            self.call(deadline, tier.remove(&Selector::Key(key.clone()))).await.map(|_| false)
        } else if entry.value().len() as u64 > self.level.largest_value {
            Err(ErrorKind::TooLarge
                .error(format!("store `{key}` in the {} tier: too large", self.level.name)))
        } else {
            self.call(deadline, tier.put(&key, entry)).await.map(|()| true)
        };
        match &result {
            Ok(true) => self.counts.written.add(),
            Ok(false) => {}
            Err(error) if error.kind() == ErrorKind::TooLarge => self.counts.refused.add(),
            Err(_) => self.counts.dropped_writes.add(),
        }
        if supersedes && result.is_err() {
            self.owe(Selector::Key(key));
        }
        result
    }

    /// Takes note that `write` will not be carried out.
    pub(crate) fn drop_write(&self, write: Write) {
        self.counts.dropped_writes.add();
        if write.supersedes {
            self.owe(Selector::Key(write.key));
        }
    }

    /// Whether what it stores was invalidated since making it began.
    pub(crate) fn is_outdated(&self, write: &Write) -> bool {
        self.invalidations.hit(write.moment, &write.key, write.entry.tags())
    }

    /// Removes what `selector` means, which was [owed](Self::owe) before as `id`.
    pub(crate) async fn remove(&self, selector: &Selector, id: u64) -> Result<u64, Error> {
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
    pub(crate) async fn call<T>(
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

    /// Takes note of a removal that the tier has to carry out, sooner or later. Readers know it from now on.
    pub(crate) fn owe(&self, selector: Selector) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut owed = self.lock_owed();
        if owed.len() >= MOST_OWED {
            // Under an id of its own, which no lesser removal settles.
            owed.clear();
            owed.push(Owed { id, selector: Selector::All });
            self.owes.store(true, Ordering::Release);
            return self.next_id.fetch_add(1, Ordering::Relaxed);
        }
        owed.push(Owed { id, selector });
        self.owes.store(true, Ordering::Release);
        id
    }

    fn settled(&self, id: u64) {
        let mut owed = self.lock_owed();
        owed.retain(|one| one.id != id);
        self.owes.store(!owed.is_empty(), Ordering::Release);
    }

    /// The removals owed now that may mean this key, by its tags if not by itself.
    fn owed_of(&self, key: &Key) -> Vec<Selector> {
        if !self.owes.load(Ordering::Acquire) {
            return Vec::new();
        }
        let may = |one: &&Owed| matches!(one.selector, Selector::Tag(_)) || one.selector.holds(key, &[]);
        self.lock_owed().iter().filter(may).map(|one| one.selector.clone()).collect()
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
            loop {
                let _gate = this.gate.write().await;
                // Asked behind the gate: a removal that was under way has settled by now.
                let Some((id, selector)) = this.next_owed() else { break };
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
