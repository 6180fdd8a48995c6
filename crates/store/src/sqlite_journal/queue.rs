//! Appends wait here for the one thread that writes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assize_journal::{Error, ErrorKind, Key};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::{claim::Claim, place::Place, records};

/// The most appends in a transaction, and the most bytes, but for a single append.
const MOST_IN_BATCH: usize = 500;
const MOST_BYTES_IN_BATCH: usize = 8 << 20;

#[derive(Debug)]
pub(super) struct Queue {
    place: Arc<Place>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Job>,
    is_draining: bool,
    /// How many transactions were committed.
    #[cfg(test)]
    commits: u64,
}

/// An append, with what tells its caller how it went.
#[derive(Debug)]
struct Job {
    claim: Arc<Claim>,
    key: Key,
    records: Vec<Vec<u8>>,
    done: oneshot::Sender<Result<(), Error>>,
}

impl Job {
    /// Lets the log go before its writer hears of the end, who may want to open it again at once.
    fn tell(self, outcome: Result<(), Error>) {
        let Self { claim, done, .. } = self;
        drop(claim);
        // Nobody need be waiting any more.
        let _ = done.send(outcome);
    }
}

impl Queue {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self { place, state: Mutex::default() }
    }

    /// Appends records to a log, and returns when they are committed.
    pub(super) async fn append(
        self: &Arc<Self>,
        claim: Arc<Claim>,
        key: Key,
        records: Vec<Vec<u8>>,
    ) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.add(Job { claim, key, records, done });
        outcome.await.unwrap_or_else(|_| Err(ErrorKind::Io.error("write the journal: it was broken off")))
    }

    fn add(self: &Arc<Self>, job: Job) {
        let mut state = self.lock();
        state.waiting.push_back(job);
        if state.is_draining {
            return;
        }
        state.is_draining = true;
        drop(state);
        // Made here, so that a runtime that is being shut down and drops the task leaves the queue in order.
        let draining = Draining { queue: Arc::clone(self), is_done: false };
        tokio::task::spawn_blocking(move || draining.run());
    }

    /// What belongs into the next transaction, in order; `None` where nothing waits, and then nobody drains.
    fn next_batch(&self) -> Option<Vec<Job>> {
        let mut state = self.lock();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(job) = state.waiting.front() {
            bytes += job.records.iter().map(Vec::len).sum::<usize>();
            if !batch.is_empty() && (batch.len() >= MOST_IN_BATCH || bytes > MOST_BYTES_IN_BATCH) {
                break;
            }
            batch.extend(state.waiting.pop_front());
        }
        state.is_draining = !batch.is_empty();
        state.is_draining.then_some(batch)
    }

    /// Where appends fail together each is tried alone: one log's fault is not another's.
    fn carry_out(&self, batch: Vec<Job>) {
        match self.write(&batch) {
            Err(_) if batch.len() > 1 => {
                for job in batch {
                    let outcome = self.write(std::slice::from_ref(&job));
                    job.tell(outcome);
                }
            }
            outcome => batch.into_iter().for_each(|job| job.tell(outcome.clone())),
        }
    }

    fn write(&self, batch: &[Job]) -> Result<(), Error> {
        let written = self.place.with_connection("write to", |connection| commit(connection, batch))?;
        #[cfg(test)]
        {
            self.lock().commits += 1;
        }
        written.ok_or_else(|| self.place.removed("write to"))
    }

    /// How many transactions were committed.
    #[cfg(test)]
    pub(super) fn commits(&self) -> u64 {
        self.lock().commits
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn commit(connection: &Connection, batch: &[Job]) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    for Job { key, records, .. } in batch {
        records::append(&transaction, key, records)?;
    }
    transaction.commit()
}

/// The thread that writes until nothing waits.
struct Draining {
    queue: Arc<Queue>,
    is_done: bool,
}

impl Draining {
    fn run(mut self) {
        while let Some(batch) = self.queue.next_batch() {
            self.queue.carry_out(batch);
        }
        self.is_done = true;
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
