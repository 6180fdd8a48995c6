//! The tier on disk.

mod body;
mod contents;
mod limits;
mod place;
mod queue;
mod reading;
mod room;
mod writing;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use assize_ambient::Clock;
use async_trait::async_trait;

use crate::{Error, ErrorKind, Key, Selector, Stored, Tier, TierStats};

pub use contents::NamespaceContents;

use limits::Limits;
use place::Place;
use queue::{Command, Queue};
use reading::{Found, Readers};

/// Entries in a SQLite file in a folder of their own, within a budget of bytes on disk.
///
/// *What survives.* A `put` or `remove` is acknowledged when its transaction is committed: the death of a process, kill
/// −9 included, loses nothing that was acknowledged. A loss of power may lose the puts since the log was last worked off
/// (at most a sixteenth of the limit, 16 MiB), so that what they replaced is there again; removals are synced and stay.
/// Writes that come while one transaction is under way go into the next one together, up to 500; none waits for others
/// to come.
///
/// *What is damaged.* Each value has a checksum over its key and itself, and must be found by each of its tags: a wrong
/// one is removed and reported once. A file that SQLite can't read is renamed to `entries-1.sqlite.damaged-<time>`, the
/// one kept before deleted, and an empty one takes its place.
///
/// *Who may open it.* Any number of processes at once, on one machine and not on a network's file system; each notices
/// when another has replaced the file. Where the system does not let an open file be renamed or deleted (Windows), a
/// damaged file stays and is an error, and so is the removal of everything.
///
/// *What goes when it is full*: what has expired, then what was read the longest ago. When something was read is written
/// with the next transaction, after a minute or when the tier is dropped, and lost when the process is killed before. Three quarters of the limit are for the file, with its indexes,
/// the rest for the log beside it; a damaged file that was set aside is not counted.
///
/// Nothing here blocks the runtime: SQLite runs on tokio's threads for blocking work.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_ambient::{Clock, SystemClock};
/// use assize_cache::{DiskTier, Namespace, Stored, Tier};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let clock = Arc::new(SystemClock);
/// let key = Namespace::new("prices", 1)?.key("KO")?;
/// let tier = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await?;
/// tier.put(&key, Stored::new("62.5", clock.now(), Duration::from_secs(60))).await?;
/// drop(tier);
/// let again = DiskTier::open(folder.path(), 64 << 20, clock).await?;
/// assert_eq!(again.get(&key).await?.unwrap().value(), "62.5");
/// # Ok(()) }
/// ```
pub struct DiskTier {
    place: Arc<Place>,
    limits: Limits,
    readers: Arc<Readers>,
    queue: Arc<Queue>,
    clock: Arc<dyn Clock>,
}

impl DiskTier {
    /// The tier in `folder`, which is made if need be, with at most `limit` bytes on disk (4 MiB at least), judging
    /// expiry by `clock`. An entry may take a sixteenth of the limit, up to 64 MiB. Where another process has opened it
    /// with another limit, each lets go what is too much for itself.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the folder or the file can't be made, read or written, [`ErrorKind::Unavailable`] if another
    /// process holds on to it for 10 seconds.
    pub async fn open(folder: impl Into<PathBuf>, limit: u64, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let limits = Limits::new(limit);
        let place = Place::new(folder.into(), limits, Arc::clone(&clock));
        let readers = Arc::new(Readers::new(Arc::clone(&place)));
        let queue = Queue::new(Arc::clone(&readers), limits, Arc::clone(&clock));
        let tier = Self { place, limits, readers, queue, clock };
        // Fails now rather than at the first call, and fits what is there into this limit.
        tier.queue.run(Command::Fit, 0).await?;
        Ok(tier)
    }

    /// The largest entry that it takes, in bytes before compression, with its envelope.
    #[must_use]
    pub fn largest_entry(&self) -> u64 {
        self.limits.largest_entry()
    }
}

/// Closing may write and sync: behind the caller's back, if there is a runtime for that.
impl Drop for DiskTier {
    fn drop(&mut self) {
        let (readers, queue) = (Arc::clone(&self.readers), Arc::clone(&self.queue));
        let close = move || {
            readers.close_idle();
            queue.close();
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(close)),
            Err(_) => close(),
        }
    }
}

impl fmt::Debug for DiskTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskTier")
            .field("folder", &self.place.folder())
            .field("limit", &self.limits.bytes())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Tier for DiskTier {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error> {
        match self.readers.find(key).await? {
            Found::Nothing => Ok(None),
            Found::Entry { id, entry } => {
                let now = self.clock.now();
                if entry.is_expired(now) {
                    return Ok(None);
                }
                self.queue.note_reading(id, now);
                Ok(Some(entry))
            }
            Found::Damaged { id } => {
                // Somebody else who found it has reported it, or it was replaced meanwhile.
                if self.queue.run(Command::RemoveDamaged { key: key.clone(), id }, 0).await? == 0 {
                    return Ok(None);
                }
                self.readers.count_corrupt();
                Err(ErrorKind::Corrupt
                    .error(format!("read `{key}` from disk: it was damaged and is removed")))
            }
        }
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error> {
        if entry.is_expired(self.clock.now()) {
            return self.remove(&Selector::Key(key.clone())).await.map(drop);
        }
        let bytes = entry.value().len() as u64;
        if bytes > self.limits.largest_entry() {
            self.remove(&Selector::Key(key.clone())).await?;
            return Err(queue::too_large(key, bytes, self.limits));
        }
        self.queue.run(Command::Put { key: key.clone(), entry }, bytes).await.map(drop)
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, Error> {
        self.queue.run(Command::Remove(selector.clone()), 0).await
    }

    async fn stats(&self) -> Result<TierStats, Error> {
        let (entries, bytes) = self.readers.fullness().await?;
        Ok(TierStats {
            entries,
            bytes,
            limit_bytes: Some(self.limits.bytes()),
            evictions: self.queue.evictions(),
            corrupt: self.readers.corrupt(),
        })
    }
}

#[cfg(test)]
mod tests;
