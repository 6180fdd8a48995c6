//! The tier in memory.

mod shard;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assize_ambient::Clock;
use async_trait::async_trait;
use bytes::Bytes;
use rustc_hash::FxHasher;

use crate::{Error, ErrorKind, Key, Selector, Stored, Tier, TierStats};
use shard::Shard;

/// How many bytes a tier in memory takes unless told otherwise: 100 MB.
pub const DEFAULT_MEMORY_BYTES: u64 = 100_000_000;

const BYTES_PER_SHARD: u64 = 16 << 20;
const MOST_SHARDS: u64 = 16;
/// An entry may take this part of its shard, so that one large value does not drive everything else out.
const LARGEST_PART: u64 = 4;

/// Entries in this process's memory, within a budget of bytes that counts what it costs to keep an entry, not its value
/// alone. With values of about one size, or of mixed ones, the process grows by no more than that. Where much larger
/// values take the place of many small ones at once, the allocator can't reuse the holes that those leave: it was then
/// seen to grow by half as much again.
///
/// What has to go when it is full is decided as in S3-FIFO (Yang et al., "FIFO queues are all you need for cache
/// eviction", SOSP 2023): what is asked for once passes through a small queue and leaves what is asked for often alone.
/// Expiry, tags, index and size change under one lock, so removals are exact and immediate, and the same calls leave
/// the same entries on every machine.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_ambient::{Clock, SystemClock};
/// use assize_cache::{MemoryTier, Namespace, Stored, Tier};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), assize_cache::Error> {
/// let clock = Arc::new(SystemClock);
/// let tier = MemoryTier::new(1 << 20, clock.clone());
/// let key = Namespace::new("prices", 1)?.key("KO")?;
/// tier.put(&key, Stored::new("62.5", clock.now(), Duration::from_secs(60))).await?;
/// assert_eq!(tier.get(&key).await?.unwrap().value(), "62.5");
/// # Ok(()) }
/// ```
pub struct MemoryTier {
    shards: Box<[Mutex<Shard>]>,
    limit: u64,
    clock: Arc<dyn Clock>,
}

impl MemoryTier {
    /// An empty tier that takes at most `limit` bytes, judging expiry by `clock`. An entry may take a quarter of the
    /// limit up to 32 MiB, and at least 4 MiB above that.
    #[must_use]
    pub fn new(limit: u64, clock: Arc<dyn Clock>) -> Self {
        // A power of two, so that the shards' budgets add up.
        let wanted = (limit / BYTES_PER_SHARD).clamp(1, MOST_SHARDS);
        let n_shards = 1 << wanted.ilog2();
        let shards = (0..n_shards).map(|_| Mutex::new(Shard::new(limit / n_shards))).collect();
        Self { shards, limit, clock }
    }

    /// The largest entry that it takes, in bytes, with what it costs to keep it.
    #[must_use]
    pub fn largest_entry(&self) -> u64 {
        self.limit / self.shards.len() as u64 / LARGEST_PART
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        // Not the hash of the index: that one is seeded by chance, and what is evicted must not depend on it.
        let hash = hash(key);
        let n = usize::try_from(hash >> 32).unwrap_or_default() % self.shards.len();
        lock(&self.shards[n])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(key: &Key) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

impl fmt::Debug for MemoryTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTier").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[async_trait]
impl Tier for MemoryTier {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error> {
        Ok(self.shard(key).get(key, self.clock.now()))
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error> {
        let now = self.clock.now();
        let size = shard::size(key, &entry);
        if size > self.largest_entry() || entry.is_expired(now) {
            self.shard(key).remove(key);
            if entry.is_expired(now) {
                return Ok(());
            }
            return Err(ErrorKind::TooLarge.error(format!(
                "store `{key}` in memory: it takes {size} bytes where an entry may take {}",
                self.largest_entry()
            )));
        }
        // The value may be a slice of something larger, which would stay in memory as long as the entry.
        let value = Bytes::copy_from_slice(entry.value());
        self.shard(key).put(key, hash(key), entry.with_value(value), size, now);
        Ok(())
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, Error> {
        if let Selector::Key(key) = selector {
            return Ok(u64::from(self.shard(key).remove(key)));
        }
        Ok(self.shards.iter().map(|shard| lock(shard).remove_all(selector)).sum())
    }

    async fn stats(&self) -> Result<TierStats, Error> {
        let mut total = TierStats { limit_bytes: Some(self.limit), ..TierStats::default() };
        for shard in &self.shards {
            let shard = lock(shard);
            total.entries += shard.len();
            total.bytes += shard.bytes();
            total.evictions += shard.evictions();
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests;
