//! A part of the memory: an index, two queues, and what was let go lately.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use assize_ambient::Timestamp;

use crate::{Key, Selector, Stored, Tag};

/// What it costs to keep an entry beside its key, value and tags: the entry itself, its places in the index and the
/// queues, the headers of its allocations, the trace that it leaves when it goes. `tests/it/budget.rs` holds it against the
/// allocator; `tests/resident.rs` against the process's resident memory.
const ENTRY_BYTES: u64 = 376;
/// This part of a value comes on top: holes between allocations of different sizes.
const HOLES_PART: usize = 10;
/// The same for a tag that no other entry has: the worst case.
const TAG_BYTES: u64 = 208;
/// The small queue has this part of the budget (S3-FIFO: a tenth).
const SMALL_PART: u64 = 10;
const MOST_USES: u8 = 3;
const NONE: u32 = u32::MAX;

/// What an entry takes of the budget.
pub(super) fn size(key: &Key, entry: &Stored) -> u64 {
    let tags: u64 = entry.tags().iter().map(|tag| TAG_BYTES + tag.as_str().len() as u64).sum();
    let value = entry.value().len() + entry.value().len() / HOLES_PART;
    ENTRY_BYTES + (key.as_str().len() + value) as u64 + tags
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Small,
    Main,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    stored: Stored,
    size: u64,
    hash: u64,
    older: u32,
    newer: u32,
    uses: u8,
    place: Place,
}

/// A queue whose links are in the entries, so that one can leave from the middle.
#[derive(Debug)]
struct Queue {
    oldest: u32,
    newest: u32,
    bytes: u64,
}

impl Queue {
    const fn new() -> Self {
        Self { oldest: NONE, newest: NONE, bytes: 0 }
    }
}

/// Hashes of keys that were let go lately: who comes back goes straight to the main queue.
#[derive(Debug, Default)]
struct Ghosts {
    order: VecDeque<u64>,
    known: HashSet<u64>,
}

impl Ghosts {
    fn add(&mut self, hash: u64, most: usize) {
        if self.known.insert(hash) {
            self.order.push_back(hash);
        }
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    /// Whether it was there. It stays in the order until its turn comes, so that both stay of one length.
    fn knows(&self, hash: u64) -> bool {
        self.known.contains(&hash)
    }
}

#[derive(Debug)]
pub(super) struct Shard {
    limit: u64,
    slots: Vec<Option<Box<Entry>>>,
    free: Vec<u32>,
    index: HashMap<Key, u32>,
    by_tag: HashMap<Tag, BTreeSet<u32>>,
    small: Queue,
    main: Queue,
    ghosts: Ghosts,
    evictions: u64,
}

impl Shard {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            slots: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
            by_tag: HashMap::new(),
            small: Queue::new(),
            main: Queue::new(),
            ghosts: Ghosts::default(),
            evictions: 0,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.index.len() as u64
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.small.bytes + self.main.bytes
    }

    pub(super) const fn evictions(&self) -> u64 {
        self.evictions
    }

    pub(super) fn get(&mut self, key: &Key, now: Timestamp) -> Option<Stored> {
        let slot = *self.index.get(key)?;
        let entry = self.entry(slot)?;
        if entry.stored.is_expired(now) {
            self.take(slot);
            return None;
        }
        entry.uses = (entry.uses + 1).min(MOST_USES);
        Some(entry.stored.clone())
    }

    /// `size` must fit the shard's limit.
    pub(super) fn put(&mut self, key: &Key, hash: u64, stored: Stored, size: u64, now: Timestamp) {
        let (place, uses) = match self.index.get(key).copied().and_then(|slot| self.take(slot)) {
            Some(old) => (old.place, old.uses),
            None if self.ghosts.knows(hash) => (Place::Main, 0),
            None => (Place::Small, 0),
        };
        // Room is made first: the budget holds at every moment.
        while self.bytes() + size > self.limit && self.evict_one(now) {}
        let entry = Entry { key: key.clone(), stored, size, hash, older: NONE, newer: NONE, uses, place };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
        });
        for tag in entry.stored.tags() {
            self.by_tag.entry(tag.clone()).or_default().insert(slot);
        }
        self.index.insert(key.clone(), slot);
        if let Some(free) = self.slots.get_mut(slot as usize) {
            *free = Some(Box::new(entry));
            self.link(slot, place);
        }
    }

    pub(super) fn remove(&mut self, key: &Key) -> bool {
        self.index.get(key).copied().is_some_and(|slot| self.take(slot).is_some())
    }

    pub(super) fn remove_all(&mut self, selector: &Selector) -> u64 {
        let meant: Vec<u32> = match selector {
            Selector::Key(key) => self.index.get(key).copied().into_iter().collect(),
            Selector::Tag(tag) => self.by_tag.get(tag).into_iter().flatten().copied().collect(),
            Selector::Prefix(_) | Selector::All => (0..)
                .zip(&self.slots)
                .filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)))
                .filter(|(_, entry)| selector.holds(&entry.key, entry.stored.tags()))
                .map(|(slot, _)| slot)
                .collect(),
        };
        meant.into_iter().filter_map(|slot| self.take(slot)).map(|_| 1).sum()
    }

    /// Lets one entry go; `false` if there is none. What was used meanwhile gets another round.
    fn evict_one(&mut self, now: Timestamp) -> bool {
        loop {
            let from_small = self.small.bytes > self.limit / SMALL_PART || self.main.oldest == NONE;
            let slot = if from_small { self.small.oldest } else { self.main.oldest };
            let Some(entry) = self.entry(slot) else { return false };
            if entry.uses == 0 || entry.stored.is_expired(now) {
                let ghost = (from_small && !entry.stored.is_expired(now)).then_some(entry.hash);
                self.take(slot);
                self.evictions += 1;
                if let Some(hash) = ghost {
                    self.ghosts.add(hash, self.index.len());
                }
                return true;
            }
            entry.uses = if from_small { 0 } else { entry.uses - 1 };
            self.unlink(slot);
            self.link(slot, Place::Main);
        }
    }

    fn entry(&mut self, slot: u32) -> Option<&mut Entry> {
        self.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    /// Takes an entry out of everything that knows it.
    fn take(&mut self, slot: u32) -> Option<Box<Entry>> {
        self.unlink(slot);
        let entry = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        self.index.remove(&entry.key);
        for tag in entry.stored.tags() {
            if let Some(slots) = self.by_tag.get_mut(tag) {
                slots.remove(&slot);
                if slots.is_empty() {
                    self.by_tag.remove(tag);
                }
            }
        }
        Some(entry)
    }

    const fn queue(&mut self, place: Place) -> &mut Queue {
        match place {
            Place::Small => &mut self.small,
            Place::Main => &mut self.main,
        }
    }

    /// Puts an entry at the newest end.
    fn link(&mut self, slot: u32, place: Place) {
        let before = self.queue(place).newest;
        let Some(entry) = self.entry(slot) else { return };
        (entry.place, entry.older, entry.newer) = (place, before, NONE);
        let size = entry.size;
        if let Some(before) = self.entry(before) {
            before.newer = slot;
        }
        let queue = self.queue(place);
        queue.bytes += size;
        queue.newest = slot;
        if queue.oldest == NONE {
            queue.oldest = slot;
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Some(entry) = self.entry(slot) else { return };
        let (place, older, newer, size) = (entry.place, entry.older, entry.newer, entry.size);
        if let Some(entry) = self.entry(older) {
            entry.newer = newer;
        }
        if let Some(entry) = self.entry(newer) {
            entry.older = older;
        }
        let queue = self.queue(place);
        queue.bytes -= size;
        if queue.oldest == slot {
            queue.oldest = newer;
        }
        if queue.newest == slot {
            queue.newest = older;
        }
    }
}
