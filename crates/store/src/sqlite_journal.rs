//! A journal in a SQLite file.

mod claim;
mod place;
mod queue;
mod records;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use assize_journal::{Durability, Error, ErrorKind, Journal, Key, Log, Writer, check_record};
use async_trait::async_trait;

use claim::Claim;
use place::Place;
use queue::Queue;

pub use records::LogSize;

/// Keeps many logs in one SQLite file. Clones share it.
///
/// *What survives.* An append is acknowledged when its transaction is committed: with [`Durability::Process`] the death of
/// a process, kill −9 included, loses nothing of it; with [`Durability::Power`] the commit is synced first. Appends that
/// come while a transaction is under way go into the next one together, whichever logs they belong to, so that they share
/// its sync; none waits for others to come. A log is never torn.
///
/// *Who may open it.* Any number of processes at once, on one machine and not on a network's file system. A log that is
/// open for writing is claimed by a locked file, called after its key, in the folder `<file>-writers`; the operating system
/// gives the lock free when its process dies, however it does. Programs that disagree on the durability may share a file.
///
/// *What is damaged.* Each record has a checksum over its key, its place and itself, and each log knows how long it is: a
/// log reads as it was written or is an error of the kind [`ErrorKind::Damaged`]. Nothing is repaired or removed.
///
/// Nothing here blocks the runtime: SQLite runs on tokio's threads for blocking work. An append takes longer for that than
/// one to a file; with [`Durability::Power`] both take what the disk takes for a sync. The benchmarks `debate/journalled`
/// measure all four.
///
/// While it is open, part of what was written stands in SQLite's own log, `<file>-wal`: copy it when it is closed, or with
/// SQLite's means. Where the last journal is dropped and not [closed](Journal::close), closing goes on behind its back.
///
/// Anybody may look into it: `SELECT key, body FROM logs JOIN records ON records.id >> 32 = logs.id ORDER BY records.id`.
///
/// ```
/// use assize_journal::{Durability, Journal};
/// use assize_store::SqliteJournal;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let journal = SqliteJournal::open(folder.path().join("debates.db"), Durability::Process).await?;
/// let (_, mut writer) = journal.open(&"deb-1".parse()?).await?;
/// writer.append(&[b"asked".to_vec(), b"spoke".to_vec()]).await?;
/// let sizes = journal.keys().await?;
/// assert_eq!((sizes[0].key.as_str(), sizes[0].records, sizes[0].bytes), ("deb-1", 2, 10));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SqliteJournal {
    place: Arc<Place>,
    queue: Arc<Queue>,
}

impl SqliteJournal {
    /// The journal in the file `path`, which is made, with its folder, when the first log is opened. What is there already
    /// is looked at now.
    ///
    /// # Errors
    /// [`ErrorKind::Foreign`] when another program's file is there, or none of SQLite's; [`ErrorKind::TooNew`] when a later
    /// version of this program wrote it; [`ErrorKind::Damaged`] when it can't be read; [`ErrorKind::Io`] when the storage
    /// refuses.
    pub async fn open(path: impl Into<PathBuf>, durability: Durability) -> Result<Self, Error> {
        let place = Arc::new(Place::new(path.into(), durability));
        let queue = Arc::new(Queue::new(Arc::clone(&place)));
        let journal = Self { place, queue };
        journal.read_with("open", |_| Ok(())).await?;
        Ok(journal)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// All logs that hold a record, and how large they are, ordered by their keys.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub async fn keys(&self) -> Result<Vec<LogSize>, Error> {
        Ok(self.read_with("read", records::sizes).await?.unwrap_or_default())
    }

    /// Reads from the file, where there is one.
    async fn read_with<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        let place = Arc::clone(&self.place);
        let turn = place.turn().await;
        off_the_runtime(doing, move || {
            // Held by the thread, not by the caller, who may be gone before the work is done.
            let _turn = turn;
            place.with_connection(doing, work)
        })
        .await
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), Error> {
        let (this, key) = (self.clone(), key.clone());
        let turn = self.place.turn().await;
        let (log, writer) = off_the_runtime("open", move || {
            let _turn = turn;
            let claim = this.place.claim(&key)?;
            this.place.make()?;
            let read = this.place.with_connection("read", |connection| records::read(connection, &key))?;
            this.place.sync_names()?;
            let writer = SqliteWriter { claim: Arc::new(claim), key, queue: this.queue };
            Ok((read.unwrap_or_default(), writer))
        })
        .await?;
        Ok((log, Box::new(writer)))
    }

    async fn read(&self, key: &Key) -> Result<Log, Error> {
        let key = key.clone();
        let log = self.read_with("read", move |connection| records::read(connection, &key)).await?;
        Ok(log.unwrap_or_default())
    }

    /// With the last connection SQLite writes everything into the one file, and removes its log beside it.
    async fn close(&self) {
        let idle = self.place.take_idle();
        // A thread that fails to close them has closed them all the same.
        let _ = tokio::task::spawn_blocking(move || drop(idle)).await;
    }
}

#[derive(Debug)]
struct SqliteWriter {
    /// Shared with a write that is under way: should the writer be dropped meanwhile, nobody else can open the log until
    /// the write is done.
    claim: Arc<Claim>,
    key: Key,
    queue: Arc<Queue>,
}

#[async_trait]
impl Writer for SqliteWriter {
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), Error> {
        records.iter().try_for_each(|record| check_record(record))?;
        if records.is_empty() {
            return Ok(());
        }
        self.queue.append(Arc::clone(&self.claim), self.key.clone(), records.to_vec()).await
    }
}

async fn off_the_runtime<T: Send + 'static>(
    doing: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ErrorKind::Io.error(format!("{doing} the journal: it was broken off")).because(e))?
}

#[cfg(test)]
mod tests;
