//! What is counted while load is applied.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::{Fault, Flow, Latencies, Outcome, schedule::block_of};

/// What became of the requests of one step, or of all.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// From the intended start to the answer, of right answers, timeouts and requests never sent (these two as long as was
    /// waited). Quick failures are left out: they would make the service look quick.
    pub latency: Latencies,
    /// From sending to the answer, of the same: what a generator sees that waits for answers.
    pub service: Latencies,
    /// From the intended start to sending: what the generator itself was late, or had no place for.
    pub late: Latencies,
    /// Requests that were to start.
    pub requests: u64,
    /// What went wrong, and how often.
    pub faults: BTreeMap<Fault, u64>,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

impl Figures {
    /// How many went wrong.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.faults.values().sum()
    }

    /// How many were answered rightly.
    #[must_use]
    pub fn right(&self) -> u64 {
        self.requests.saturating_sub(self.wrong())
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        self.service.merge(&other.service);
        self.late.merge(&other.late);
        self.requests += other.requests;
        for (fault, times) in &other.faults {
            *self.faults.entry(*fault).or_default() += times;
        }
        self.sent += other.sent;
        self.received += other.received;
    }
}

/// A stretch of time, all steps together; a request belongs to that of its intended start.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// From the intended start, as [`Figures::latency`].
    pub latency: Latencies,
    /// Right answers.
    pub right: u64,
    /// What went wrong.
    pub wrong: u64,
    /// Bytes sent and received.
    pub bytes: u64,
}

impl Block {
    fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        self.right += other.right;
        self.wrong += other.wrong;
        self.bytes += other.bytes;
    }
}

/// How far a run is, for who watches it.
#[derive(Debug, Default)]
pub struct Progress {
    started: AtomicU64,
    done: AtomicU64,
    wrong: AtomicU64,
}

impl Progress {
    /// Requests that were sent.
    pub fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Requests that are over.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Those of them that went wrong.
    pub fn wrong(&self) -> u64 {
        self.wrong.load(Ordering::Relaxed)
    }

    pub(crate) fn start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    fn finish(&self, is_wrong: bool) {
        self.done.fetch_add(1, Ordering::Relaxed);
        if is_wrong {
            self.wrong.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) step: usize,
    pub(crate) intended: Instant,
    pub(crate) sent: Instant,
    pub(crate) outcome: Outcome,
}

/// What one worker counts; those of all workers are merged at the end.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) steps: Vec<Figures>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) began: Instant,
    pub(crate) counted: (Duration, Duration),
    /// When the last request that counts was over.
    pub(crate) ended: Duration,
}

impl Tally {
    pub(crate) fn new(flow: &Flow, blocks: usize, began: Instant, counted: (Duration, Duration)) -> Self {
        Self {
            steps: vec![Figures::default(); flow.steps().len()],
            blocks: vec![Block::default(); blocks.max(1)],
            began,
            counted,
            ended: Duration::ZERO,
        }
    }

    /// Counts a request that is over now.
    pub(crate) fn add(&mut self, record: &Record, counts: bool, progress: &Progress) {
        let now = Instant::now();
        let Record { step, intended, sent, outcome } = *record;
        progress.finish(outcome.fault.is_some());
        if !counts {
            return;
        }
        let latency = now.saturating_duration_since(intended);
        let is_told = matches!(outcome.fault, None | Some(Fault::Timeout | Fault::Unsent));
        let at = intended.saturating_duration_since(self.began);
        self.ended = self.ended.max(now.saturating_duration_since(self.began));
        let place = block_of(at, self.counted, self.blocks.len());
        if let Some(block) = self.blocks.get_mut(place) {
            if is_told {
                block.latency.record(latency);
            }
            block.right += u64::from(outcome.fault.is_none());
            block.wrong += u64::from(outcome.fault.is_some());
            block.bytes += outcome.sent + outcome.received;
        }
        let Some(figures) = self.steps.get_mut(step) else { return };
        figures.requests += 1;
        figures.sent += outcome.sent;
        figures.received += outcome.received;
        figures.late.record(sent.saturating_duration_since(intended));
        if is_told {
            figures.latency.record(latency);
            figures.service.record(now.saturating_duration_since(sent));
        }
        if let Some(fault) = outcome.fault {
            *figures.faults.entry(fault).or_default() += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.steps.iter_mut().zip(&other.steps) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.blocks.iter_mut().zip(&other.blocks) {
            ours.merge(theirs);
        }
        self.ended = self.ended.max(other.ended);
    }
}
