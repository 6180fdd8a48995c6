//! Writes that nobody waits for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::guarded::{Guarded, Write};
use crate::{Key, Selector};

/// So many writes to a tier are under way at once: enough for a tier that gathers them into one transaction.
const AT_ONCE: usize = 32;
/// The values that wait take at most so many bytes.
const MOST_WAITING_BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
struct State {
    /// Keys in the order in which their first write came. The value is in `waiting`, the latest for each key.
    order: VecDeque<Key>,
    waiting: HashMap<Key, Write>,
    waiting_bytes: usize,
    /// What is being written; `None` where it was invalidated meanwhile and must not be read from here.
    writing: HashMap<Key, Option<Write>>,
    /// Keys that were being written when their turn came again.
    held: HashSet<Key>,
    workers: usize,
}

/// The writes that wait for one tier. Tasks that write are started as needed and end when nothing waits.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    most: usize,
    /// Told whenever a write has ended or is forgotten.
    ended: Notify,
}

impl Queue {
    pub(crate) fn new(most: usize) -> Self {
        Self { state: Mutex::default(), most, ended: Notify::new() }
    }

    /// What waits to be written under this key, or is being written.
    pub(crate) fn get(&self, key: &Key) -> Option<Write> {
        let state = self.lock();
        let writing = || state.writing.get(key)?.as_ref();
        state.waiting.get(key).or_else(writing).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        let state = self.lock();
        state.waiting.len() + state.writing.len()
    }

    /// Waits until nothing waits and nothing is being written.
    pub(crate) async fn drained(&self) {
        loop {
            let ended = self.ended.notified();
            if self.len() == 0 {
                return;
            }
            ended.await;
        }
    }

    /// Waits until nothing waits to be written under this key, and nothing is being written.
    pub(crate) async fn written(&self, key: &Key) {
        loop {
            let ended = self.ended.notified();
            if self.is_written(key) {
                return;
            }
            ended.await;
        }
    }

    fn is_written(&self, key: &Key) -> bool {
        let state = self.lock();
        !state.waiting.contains_key(key) && !state.writing.contains_key(key)
    }

    /// Forgets the writes of what `selector` means. One under way goes on, and is removed by who waits at the gate. One
    /// that superseded another, and is meant by its tags alone, stays: the other may have other tags, and goes when it is
    /// the turn of this one.
    pub(crate) fn remove(&self, selector: &Selector) {
        let mut state = self.lock();
        let State { order, waiting, waiting_bytes, writing, held, .. } = &mut *state;
        let goes = |key: &Key, write: &Write| {
            selector.holds(key, if write.supersedes { &[] } else { write.entry.tags() })
        };
        waiting.retain(|key, write| {
            let stays = !goes(key, write);
            if !stays {
                *waiting_bytes -= write.entry.value().len();
            }
            stays
        });
        order.retain(|key| waiting.contains_key(key));
        held.retain(|key| waiting.contains_key(key));
        writing.retain(|key, write| {
            write.take_if(|write| goes(key, write));
            true
        });
        drop(state);
        self.ended.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets `write` wait for its tier; the last write for a key replaces the one before. Where too much waits, both are
/// dropped. An outdated one is passed over, unless it superseded something, which its turn will remove.
pub(crate) fn enqueue(to: &Arc<Guarded>, mut write: Write) {
    let queue = &to.queue;
    let mut state = queue.lock();
    // Asked under the lock that orders the writes: what outdates this one may be waiting, and must not make way for it.
    if to.is_outdated(&write) {
        let newer = state.waiting.get_mut(&write.key).filter(|waiting| waiting.moment >= write.moment);
        match newer {
            _ if !write.supersedes => return,
            Some(newer) => {
                newer.supersedes = true;
                return;
            }
            None => {}
        }
    }
    let waiting = state.waiting.get(&write.key);
    // What the one before superseded is still there.
    write.supersedes |= waiting.is_some_and(|waiting| waiting.supersedes);
    let (bytes, before) = (write.entry.value().len(), waiting.map(|waiting| waiting.entry.value().len()));
    let n_after = state.waiting.len() + usize::from(before.is_none());
    let bytes_after = state.waiting_bytes + bytes - before.unwrap_or(0);
    if n_after > queue.most || bytes_after > MOST_WAITING_BYTES {
        // The older one must not be written either: it would pass for the newer.
        if let Some(bytes) = before {
            state.waiting_bytes -= bytes;
            state.waiting.remove(&write.key);
            state.held.remove(&write.key);
            let State { order, waiting, .. } = &mut *state;
            order.retain(|key| waiting.contains_key(key));
        }
        // Before a reader can look for what is no longer waiting.
        to.drop_write(write);
        return;
    }
    state.waiting_bytes = bytes_after;
    if before.is_none() {
        state.order.push_back(write.key.clone());
    }
    state.waiting.insert(write.key.clone(), write);
    if state.workers < AT_ONCE {
        state.workers += 1;
        let worker = Worker { to: Arc::clone(to), has_left: false };
        drop(state);
        tokio::spawn(worker.run());
    }
}

/// A task that writes until nothing waits.
struct Worker {
    to: Arc<Guarded>,
    has_left: bool,
}

impl Worker {
    async fn run(mut self) {
        while let Some(write) = self.next() {
            let written = Written { queue: &self.to.queue, key: write.key.clone() };
            // Counted where it fails; nobody waits for it.
            let _ = self.to.put(write).await;
            drop(written);
        }
    }

    fn next(&mut self) -> Option<Write> {
        let mut state = self.to.queue.lock();
        while let Some(key) = state.order.pop_front() {
            if state.writing.contains_key(&key) {
                // Two writes of one key at once could end in either order.
                state.held.insert(key);
                continue;
            }
            let Some(write) = state.waiting.remove(&key) else { continue };
            state.waiting_bytes -= write.entry.value().len();
            state.writing.insert(key, Some(write.clone()));
            return Some(write);
        }
        // Under the lock that said that nothing waits: whoever enqueues next starts another.
        state.workers -= 1;
        drop(state);
        self.has_left = true;
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.has_left {
            self.to.queue.lock().workers -= 1;
        }
    }
}

/// Takes note that a write has ended, however it ended.
struct Written<'a> {
    queue: &'a Queue,
    key: Key,
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.writing.remove(&self.key);
        if state.held.remove(&self.key) && state.waiting.contains_key(&self.key) {
            state.order.push_back(self.key.clone());
        }
        drop(state);
        self.queue.ended.notify_waiters();
    }
}
