//! Reads, each on a connection of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Semaphore;

use crate::{Error, ErrorKind, Key, Stored};

use super::body;
use super::limits::PAGE_BYTES;
use super::place::{Database, Fate, Place, failure, is_damage};

/// So many reads are under way at once. More would wait for the same disk, each on a thread of its own.
const AT_ONCE: usize = 4;

/// The connections that read.
#[derive(Debug)]
pub(super) struct Readers {
    place: Arc<Place>,
    idle: Mutex<Vec<Database>>,
    turns: Arc<Semaphore>,
    corrupt: AtomicU64,
}

/// What is stored under a key.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    Entry { id: i64, entry: Stored },
    Damaged { id: i64 },
}

impl Readers {
    pub(super) fn new(place: Arc<Place>) -> Self {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Self { place, idle: Mutex::default(), turns, corrupt: AtomicU64::new(0) }
    }

    pub(super) fn place(&self) -> &Arc<Place> {
        &self.place
    }

    pub(super) fn corrupt(&self) -> u64 {
        self.corrupt.load(Ordering::Relaxed)
    }

    pub(super) fn count_corrupt(&self) {
        self.corrupt.fetch_add(1, Ordering::Relaxed);
    }

    /// Closes what is idle: a file that was replaced takes space until then.
    pub(super) fn close_idle(&self) {
        let idle = std::mem::take(&mut *self.lock());
        drop(idle);
    }

    /// What is stored under this key, expired or not.
    pub(super) async fn find(self: &Arc<Self>, key: &Key) -> Result<Found, Error> {
        let key = key.clone();
        self.read(move |connection| find(connection, &key)).await
    }

    /// How many entries there are, and how many bytes of the file are in use.
    pub(super) async fn fullness(self: &Arc<Self>) -> Result<(u64, u64), Error> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let entries: i64 = snapshot.query_one("SELECT entries FROM totals", [], |row| row.get(0))?;
            let pages = used_pages(&snapshot)?;
            Ok((u64::try_from(entries).unwrap_or(0), pages * PAGE_BYTES))
        })
        .await
    }

    /// Carries out a read on one of the connections.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let this = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the thread, not by the caller, who may be gone before the read is done.
            let _turn = turn;
            this.read_now(&job)
        });
        done.await.map_err(|cause| {
            ErrorKind::Unavailable.error("read the cache on disk: the read was broken off").because(cause)
        })?
    }

    /// Reads from the file. One that is damaged is replaced by an empty one, which is read instead.
    fn read_now<T>(&self, job: &dyn Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let mut is_second = false;
        loop {
            let database = self.take()?;
            match job(&database) {
                Ok(answer) => {
                    let mut idle = self.lock();
                    if idle.len() < AT_ONCE {
                        idle.push(database);
                        return Ok(answer);
                    }
                    drop(idle);
                    return Ok(answer);
                }
                Err(cause) if is_damage(&cause) && !is_second => {
                    is_second = true;
                    self.set_aside(&database)?;
                }
                Err(cause) => return Err(failure("read", self.place.folder(), cause)),
            }
        }
    }

    /// Gets a damaged file out of the way, unless somebody else has done so.
    pub(super) fn set_aside(&self, database: &Database) -> Result<(), Error> {
        if self.place.replace(database, Fate::SetAside)? {
            self.count_corrupt();
        }
        Ok(())
    }

    /// A new connection to the file.
    pub(super) fn connect(&self) -> Result<Database, Error> {
        let (database, was_damaged) = self.place.open()?;
        if was_damaged {
            self.count_corrupt();
        }
        Ok(database)
    }

    fn take(&self) -> Result<Database, Error> {
        loop {
            let idle = self.lock().pop();
            match idle {
                Some(database) if database.is_current() => return Ok(database),
                Some(outdated) => drop(outdated),
                None => return self.connect(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Database>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks the entry up and checks it. That removals by tag would find it is checked as well: what is damaged may be the
/// index rather than the entry.
fn find(connection: &Connection, key: &Key) -> rusqlite::Result<Found> {
    let snapshot = connection.unchecked_transaction()?;
    let mut by_key = snapshot.prepare_cached(
        "SELECT entries.id, body FROM entries LEFT JOIN bodies ON bodies.id = entries.id WHERE key = ?1",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let body = row.get_ref(1)?.as_blob_or_null()?;
        Ok((row.get::<_, i64>(0)?, body.and_then(|body| body::decode(key, body))))
    };
    let Some((id, entry)) = by_key.query_one([key.as_str().as_bytes()], row).optional()? else {
        return Ok(Found::Nothing);
    };
    let Some(entry) = entry else { return Ok(Found::Damaged { id }) };
    for tag in entry.tags() {
        let mut by_tag = snapshot.prepare_cached("SELECT 1 FROM tags WHERE tag = ?1 AND entry = ?2")?;
        if !by_tag.exists((tag.as_str().as_bytes(), id))? {
            return Ok(Found::Damaged { id });
        }
    }
    Ok(Found::Entry { id, entry })
}

/// How many pages of the file are in use.
pub(super) fn used_pages(connection: &Connection) -> rusqlite::Result<u64> {
    Ok(pages(connection, "PRAGMA page_count")?.saturating_sub(pages(connection, "PRAGMA freelist_count")?))
}

/// One of SQLite's own counts of pages.
pub(super) fn pages(connection: &Connection, pragma: &str) -> rusqlite::Result<u64> {
    let count: i64 = connection.prepare_cached(pragma)?.query_one([], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}
