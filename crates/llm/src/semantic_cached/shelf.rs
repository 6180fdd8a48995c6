//! The index of a semantic cache, and what happens to it while its checkpoint is being written.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use assize_ambient::Timestamp;
use assize_retrieval::{Entry, Hit, Query, VectorIndex};

use super::{EntryId, semantic_cache::Inner};

/// So many entries that are too old are dropped with each insertion, besides what has to make room: many may have become
/// so while nothing was asked, and nobody is to wait for all of them.
const DROPPED_AT_ONCE: usize = 32;
/// The most insertions that wait for an index whose checkpoint is being written.
const MOST_WAITING: usize = 1_024;

/// The index, and the ids in it that are known, which sort by age.
pub(super) struct Shelf {
    /// Away while its checkpoint is being written: nothing is found meanwhile, and nobody waits.
    index: Option<Box<dyn VectorIndex>>,
    ids: BTreeSet<String>,
    /// What happened meanwhile.
    waiting: Vec<Change>,
}

enum Change {
    Insert(Entry),
    Remove(String),
}

impl Shelf {
    pub(super) fn new(index: Box<dyn VectorIndex>, ids: BTreeSet<String>) -> Self {
        Self { index: Some(index), ids, waiting: Vec::new() }
    }

    /// How many entries there are.
    pub(super) fn count(&self) -> usize {
        self.index.as_ref().map_or(self.ids.len(), |index| index.count())
    }

    #[cfg(test)]
    pub(super) fn is_away(&self) -> bool {
        self.index.is_none()
    }

    /// An index that fails finds nothing.
    pub(super) fn search(&self, query: &Query<'_>) -> Vec<Hit> {
        self.index.as_ref().and_then(|index| index.search(query).ok()).unwrap_or_default()
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let was_known = self.ids.remove(id);
        match &mut self.index {
            Some(index) => index.remove(id).unwrap_or(false),
            None => {
                self.waiting.push(Change::Remove(id.to_owned()));
                was_known
            }
        }
    }

    /// Puts an entry in, unless there are so many already. Whether it is there.
    pub(super) fn insert(&mut self, entry: Entry, most: usize) -> bool {
        if self.count() >= most {
            return false;
        }
        let id = entry.id.clone();
        let is_in = match &mut self.index {
            Some(index) => index.insert(entry).is_ok(),
            None if self.waiting.len() < MOST_WAITING => {
                self.waiting.push(Change::Insert(entry));
                true
            }
            None => false,
        };
        if is_in {
            self.ids.insert(id);
        }
        is_in
    }

    /// Drops some of the entries that are too old, and the oldest until there is room for one. How many.
    pub(super) fn make_room(&mut self, most: usize, ttl: Duration, now: Timestamp) -> usize {
        let ttl = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
        let mut n = 0;
        while let Some(oldest) = self.ids.first().cloned() {
            let is_old = EntryId::micros(&oldest)
                .is_none_or(|made_at| now.as_microsecond().saturating_sub(made_at) >= ttl);
            if self.count() < most && !(is_old && n < DROPPED_AT_ONCE) {
                break;
            }
            self.remove(&oldest);
            n += 1;
        }
        n
    }

    /// The index, if a checkpoint is due. It has to be [put back](Self::put_back).
    fn take_out(&mut self) -> Option<Box<dyn VectorIndex>> {
        self.index.take_if(|index| index.wants_checkpoint())
    }

    fn put_back(&mut self, mut index: Box<dyn VectorIndex>) {
        for change in mem::take(&mut self.waiting) {
            match change {
                Change::Insert(entry) => {
                    let id = entry.id.clone();
                    if index.insert(entry).is_err() {
                        self.ids.remove(&id);
                    }
                }
                // What cannot be removed is found to be gone later.
                Change::Remove(id) => drop(index.remove(&id)),
            }
        }
        self.index = Some(index);
    }
}

/// Has a checkpoint written, if one is due, behind everybody's back.
pub(super) fn write_checkpoint_if_due(cache: &Arc<Inner>, mut shelf: MutexGuard<'_, Shelf>) {
    let Some(index) = shelf.take_out() else { return };
    drop(shelf);
    let mut away = Away { cache: Arc::clone(cache), index: Some(index) };
    tokio::task::spawn_blocking(move || away.write());
}

/// An index that is away. It comes back, also when writing panics and when nobody is left to write.
struct Away {
    cache: Arc<Inner>,
    index: Option<Box<dyn VectorIndex>>,
}

impl Away {
    fn write(&mut self) {
        let Some(index) = &mut self.index else { return };
        let counts = &self.cache.counts;
        match index.checkpoint() {
            Ok(()) => counts.checkpoints.add(),
            Err(_) => counts.checkpoints_failed.add(),
        }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        if let Some(index) = self.index.take() {
            self.cache.shelf().put_back(index);
        }
    }
}
