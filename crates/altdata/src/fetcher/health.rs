//! How sources have fared lately.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::{Source, SourceId};

/// How many attempts at a source are remembered.
pub const ATTEMPTS_REMEMBERED: usize = 20;

/// How a source has fared in its last attempts, over all fetches of one fetcher.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceHealth {
    /// Which source.
    pub source: SourceId,
    /// Attempts by now.
    pub attempts: u64,
    /// Its last [`ATTEMPTS_REMEMBERED`] attempts, the oldest first.
    pub last: Vec<Attempt>,
}

/// One attempt at one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// How it ended: `items`, `empty`, or why not, as [`GapReason::as_str`](crate::GapReason::as_str) says.
    pub ended: &'static str,
    /// How long it took, without waiting for its turn.
    pub took: Duration,
}

impl SourceHealth {
    /// The share of its last attempts that brought what was asked for, or the certain answer that there is nothing; `None`
    /// before the first.
    #[must_use]
    pub fn success_share(&self) -> Option<f64> {
        let good =
            self.last.iter().filter(|one| matches!(one.ended, "items" | "empty" | "not_found")).count();
        let count = |n: usize| u32::try_from(n).map_or(f64::INFINITY, f64::from);
        (!self.last.is_empty()).then(|| count(good) / count(self.last.len()))
    }

    /// The middle of the times that its last attempts took; `None` before the first.
    #[must_use]
    pub fn median(&self) -> Option<Duration> {
        let mut times: Vec<Duration> = self.last.iter().map(|one| one.took).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }

    /// How often each failure came among the last attempts, in the order of their names.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<&'static str, usize> {
        let mut failures = BTreeMap::new();
        for one in self.last.iter().filter(|one| !matches!(one.ended, "items" | "empty" | "not_found")) {
            *failures.entry(one.ended).or_default() += 1;
        }
        failures
    }
}

/// The same for all sources.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<BTreeMap<SourceId, (u64, VecDeque<Attempt>)>>);

impl Health {
    pub(super) fn note(&self, source: &SourceId, attempt: Attempt) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (attempts, last) = all.entry(source.clone()).or_default();
        *attempts += 1;
        if last.len() == ATTEMPTS_REMEMBERED {
            last.pop_front();
        }
        last.push_back(attempt);
    }

    pub(super) fn of<'a>(&self, sources: impl Iterator<Item = &'a dyn Source>) -> Vec<SourceHealth> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let health = |source: &dyn Source| {
            let source = source.meta().id.clone();
            let (attempts, last) = all.get(&source).cloned().unwrap_or_default();
            SourceHealth { source, attempts, last: last.into() }
        };
        sources.map(health).collect()
    }
}
