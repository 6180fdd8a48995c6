//! Writes wait here for the one thread that writes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assize_ambient::{Clock, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::envelope::since;
use crate::{Error, ErrorKind, Key, Selector, Stored};

use super::limits::Limits;
use super::reading::Readers;
use super::writing::Writer;

/// The most writes in a transaction.
const MOST_IN_BATCH: usize = 500;
/// The values that wait take at most so many KiB; whoever comes then waits for room.
const ROOM_KIB: u32 = 64 << 10;
/// So many readings are written at the latest, or when the first of them is so old.
const MOST_READINGS: usize = 1024;
const OLDEST_READING: Duration = Duration::from_secs(60);

/// What is to be written.
#[derive(Debug)]
pub(super) enum Command {
    Put {
        key: Key,
        entry: Stored,
    },
    Remove(Selector),
    RemoveDamaged {
        key: Key,
        id: i64,
    },
    /// Makes what is there fit the limit.
    Fit,
}

impl Command {
    /// Whether it may touch any number of entries, and has its own transactions.
    fn is_large(&self) -> bool {
        matches!(self, Self::Remove(Selector::Tag(_) | Selector::Prefix(_) | Selector::All) | Self::Fit)
    }
}

/// A write with what tells its caller how it went: the number of entries that it removed.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) command: Command,
    pub(super) done: oneshot::Sender<Result<u64, Error>>,
    bytes: u64,
    _room: OwnedSemaphorePermit,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Job>,
    is_draining: bool,
    /// When entries were last read, by their id, until that is written.
    readings: BTreeMap<i64, i64>,
    first_reading: Option<Timestamp>,
}

/// What waits to be written. A thread that writes is started as needed and ends when nothing waits.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    room: Arc<Semaphore>,
    /// Held by the thread that writes; there is one at a time.
    writer: Mutex<Writer>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    evictions: AtomicU64,
}

impl Queue {
    pub(super) fn new(readers: Arc<Readers>, limits: Limits, clock: Arc<dyn Clock>) -> Arc<Self> {
        let room = Arc::new(Semaphore::new(ROOM_KIB as usize));
        Arc::new(Self {
            state: Mutex::default(),
            room,
            writer: Mutex::new(Writer::new(readers, limits)),
            limits,
            clock,
            evictions: AtomicU64::new(0),
        })
    }

    pub(super) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }

    /// Lets a write wait for its turn, and gives what came of it. It is carried out even if the caller is gone by then.
    pub(super) async fn run(self: &Arc<Self>, command: Command, bytes: u64) -> Result<u64, Error> {
        let kib = u32::try_from(bytes / 1024).unwrap_or(ROOM_KIB).saturating_add(1).min(ROOM_KIB);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await;
        let stopped =
            || ErrorKind::Unavailable.error("write to the cache on disk: the program is being shut down");
        let room = room.map_err(|_| stopped())?;
        let outcome = self.add(command, bytes, room);
        outcome.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn add(
        self: &Arc<Self>,
        command: Command,
        bytes: u64,
        room: OwnedSemaphorePermit,
    ) -> oneshot::Receiver<Result<u64, Error>> {
        let (done, outcome) = oneshot::channel();
        let mut state = self.lock();
        state.waiting.push_back(Job { command, done, bytes, _room: room });
        self.start(state);
        outcome
    }

    /// Remembers that an entry was read, until that is written with something else, or is worth a write of its own.
    pub(super) fn note_reading(self: &Arc<Self>, id: i64, at: Timestamp) {
        let mut state = self.lock();
        state.readings.insert(id, at.as_microsecond());
        let first = *state.first_reading.get_or_insert(at);
        if state.readings.len() >= MOST_READINGS || since(first, at) >= OLDEST_READING {
            self.start(state);
        }
    }

    /// Writes what is known about readings, and closes the file once nothing is being written.
    pub(super) fn close(&self) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let readings = std::mem::take(&mut self.lock().readings);
        if !readings.is_empty() {
            let n = writer.run(Batch { jobs: Vec::new(), readings, now: self.clock.now() });
            self.evictions.fetch_add(n, Ordering::Relaxed);
        }
        writer.close();
    }

    fn start(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.is_draining {
            return;
        }
        state.is_draining = true;
        drop(state);
        // Made here, so that a runtime that is being shut down and drops the task leaves the queue in order.
        let draining = Draining { queue: Arc::clone(self), is_done: false };
        tokio::task::spawn_blocking(move || draining.run());
    }

    /// What belongs into the next transaction, in order; `None` where nothing waits.
    fn next_batch(&self) -> Option<Batch> {
        let mut state = self.lock();
        let mut batch = Batch { jobs: Vec::new(), readings: BTreeMap::new(), now: self.clock.now() };
        let mut bytes = 0;
        while let Some(job) = state.waiting.front() {
            let is_large = job.command.is_large();
            bytes += job.bytes;
            let is_full = batch.jobs.len() >= MOST_IN_BATCH || bytes > self.limits.batch_bytes();
            if !batch.jobs.is_empty() && (is_large || is_full) {
                break;
            }
            batch.jobs.extend(state.waiting.pop_front());
            if is_large {
                break;
            }
        }
        let is_due = state.readings.len() >= MOST_READINGS
            || state.first_reading.is_some_and(|first| since(first, batch.now) >= OLDEST_READING);
        if batch.jobs.is_empty() && !is_due {
            return None;
        }
        batch.readings = std::mem::take(&mut state.readings);
        state.first_reading = None;
        Some(batch)
    }

    /// Whether something is being written.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        self.lock().is_draining
    }

    /// Looks into the file, or tampers with the connection that writes.
    #[cfg(test)]
    pub(super) fn with_connection<T>(&self, look: impl FnOnce(&rusqlite::Connection) -> T) -> T {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.with_connection(look)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is written in one transaction, or a single command that has its own.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) jobs: Vec<Job>,
    pub(super) readings: BTreeMap<i64, i64>,
    pub(super) now: Timestamp,
}

/// The thread that writes until nothing waits.
struct Draining {
    queue: Arc<Queue>,
    is_done: bool,
}

impl Draining {
    fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        let mut writer = queue.writer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(batch) = queue.next_batch() {
                queue.evictions.fetch_add(writer.run(batch), Ordering::Relaxed);
            } else if !writer.shrink() {
                let mut state = queue.lock();
                if state.waiting.is_empty() {
                    state.is_draining = false;
                    self.is_done = true;
                    return;
                }
            }
        }
    }
}

/// However the thread ends, another can be started; who waits for a write that never ran is told.
impl Drop for Draining {
    fn drop(&mut self) {
        if !self.is_done {
            let mut state = self.queue.lock();
            state.is_draining = false;
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            drop(waiting);
        }
    }
}

/// The error for an entry of so many bytes.
pub(super) fn too_large(key: &Key, bytes: u64, limits: Limits) -> Error {
    let most = limits.largest_entry();
    ErrorKind::TooLarge
        .error(format!("store `{key}` on disk: it takes {bytes} bytes where an entry may take {most}"))
}
