//! What was invalidated lately, so that nothing which began before is written after.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Key, Selector, Tag};

const MOST: usize = 1024;

/// A log of the last invalidations. A moment in it is the number of those that came before.
#[derive(Debug, Default)]
pub(crate) struct Invalidations {
    total: AtomicU64,
    /// The moment of whoever begins now.
    moment: AtomicU64,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    recent: VecDeque<Selector>,
    /// The moments before those that not all tiers know of yet.
    open: BTreeSet<u64>,
}

impl Invalidations {
    /// The present moment: read before a value is looked up or computed, compared before it is written. While an
    /// invalidation begins, it is the one before: what is read then may be what it means.
    pub(crate) fn moment(&self) -> u64 {
        self.moment.load(Ordering::Acquire)
    }

    /// Takes note of an invalidation, which lasts until all tiers know of it.
    pub(crate) fn begin(&self, selector: Selector) -> Begun<'_> {
        let mut log = self.lock();
        if log.recent.len() == MOST {
            log.recent.pop_front();
        }
        log.recent.push_back(selector);
        let before = self.total.fetch_add(1, Ordering::AcqRel);
        log.open.insert(before);
        Begun { invalidations: self, before }
    }

    /// Whether an entry of which the making began at `moment` was invalidated since. When that is too long ago to know,
    /// the answer is yes.
    pub(crate) fn hit(&self, moment: u64, key: &Key, tags: &[Tag]) -> bool {
        if self.total.load(Ordering::Acquire) == moment {
            return false;
        }
        let log = self.lock();
        let since = self.total.load(Ordering::Acquire).saturating_sub(moment);
        let since = usize::try_from(since).unwrap_or(usize::MAX);
        since > log.recent.len()
            || log.recent.iter().rev().take(since).any(|selector| selector.holds(key, tags))
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An invalidation that not all tiers know of yet. Dropped once they do.
#[derive(Debug)]
#[must_use]
pub(crate) struct Begun<'a> {
    invalidations: &'a Invalidations,
    before: u64,
}

impl Begun<'_> {
    /// The moment after it: that of the value which supersedes what it means.
    pub(crate) const fn moment(&self) -> u64 {
        self.before + 1
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut log = self.invalidations.lock();
        log.open.remove(&self.before);
        let total = self.invalidations.total.load(Ordering::Acquire);
        let moment = log.open.first().copied().unwrap_or(total);
        self.invalidations.moment.store(moment, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Namespace;

    #[test]
    fn only_what_came_since_counts() {
        let space = Namespace::new("n", 1).unwrap();
        let (a, b) = (space.key("a").unwrap(), space.key("b").unwrap());
        let log = Invalidations::default();
        let before = log.moment();
        drop(log.begin(Selector::Key(a.clone())));
        assert!(log.hit(before, &a, &[]) && !log.hit(before, &b, &[]));
        let after = log.moment();
        assert!(!log.hit(after, &a, &[]));
        for _ in 0..MOST {
            drop(log.begin(Selector::Key(a.clone())));
        }
        assert!(!log.hit(after, &b, &[]), "all since are known");
        assert!(log.hit(before, &b, &[]), "one is forgotten, and might have meant it");
    }

    #[test]
    fn while_one_begins_the_moment_is_the_one_before() {
        let key = Namespace::new("n", 1).unwrap().key("a").unwrap();
        let log = Invalidations::default();
        let first = log.begin(Selector::Key(key.clone()));
        let second = log.begin(Selector::All);
        assert_eq!((log.moment(), first.moment(), second.moment()), (0, 1, 2));
        assert!(log.hit(first.moment(), &key, &[]) && !log.hit(second.moment(), &key, &[]));
        drop(second);
        assert_eq!(log.moment(), 0, "the first still begins");
        drop(first);
        assert_eq!(log.moment(), 2);
    }
}
