//! What was invalidated lately, so that nothing which began before is written after.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::{Key, Selector, Tag};

const MOST: usize = 1024;

/// A log of the last invalidations. A moment in it is the number of those that came before.
#[derive(Debug, Default)]
pub(crate) struct Invalidations {
    total: AtomicU64,
    recent: Mutex<VecDeque<Selector>>,
}

impl Invalidations {
    /// The present moment: read before a value is looked up or computed, compared before it is written.
    pub(crate) fn moment(&self) -> u64 {
        self.total.load(Ordering::Acquire)
    }

    pub(crate) fn add(&self, selector: Selector) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == MOST {
            recent.pop_front();
        }
        recent.push_back(selector);
        self.total.fetch_add(1, Ordering::Release);
    }

    /// Whether an entry of which the making began at `moment` was invalidated since. When that is too long ago to know,
    /// the answer is yes.
    pub(crate) fn hit(&self, moment: u64, key: &Key, tags: &[Tag]) -> bool {
        if self.moment() == moment {
            return false;
        }
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let since = usize::try_from(self.moment().saturating_sub(moment)).unwrap_or(usize::MAX);
        since > recent.len() || recent.iter().rev().take(since).any(|selector| selector.holds(key, tags))
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
        log.add(Selector::Key(a.clone()));
        assert!(log.hit(before, &a, &[]) && !log.hit(before, &b, &[]));
        let after = log.moment();
        assert!(!log.hit(after, &a, &[]));
        for _ in 0..MOST {
            log.add(Selector::Key(a.clone()));
        }
        assert!(!log.hit(after, &b, &[]), "all since are known");
        assert!(log.hit(before, &b, &[]), "one is forgotten, and might have meant it");
    }
}
