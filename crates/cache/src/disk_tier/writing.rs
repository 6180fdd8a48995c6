//! What the one thread that writes does: transactions of many writes, removals of many entries.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{Error, Key, Selector, Stored};

use super::body;
use super::limits::Limits;
use super::place::{Database, Fate, failure, is_damage};
use super::queue::{Batch, Command, Job, too_large};
use super::reading::Readers;
use super::room;

/// A removal of many entries takes so many in a transaction, so that other processes get their turn.
const MOST_REMOVED: u32 = 1000;
/// Expired entries go with each transaction, so many at most.
const MOST_EXPIRED: u32 = 128;
/// How long writing waits for readers when the log has grown too long.
const READERS_LEAVE: Duration = Duration::from_millis(100);
const BUSY: Duration = Duration::from_secs(10);

/// The connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    readers: Arc<Readers>,
    limits: Limits,
    database: Option<Database>,
}

/// What a batch did: for each job how many entries it removed, or why it was refused; how many entries were let go.
#[derive(Debug, Default)]
struct Done {
    outcomes: Vec<Result<u64, Error>>,
    evicted: u64,
}

impl Writer {
    pub(super) fn new(readers: Arc<Readers>, limits: Limits) -> Self {
        Self { readers, limits, database: None }
    }

    /// Carries out a batch and tells those who wait. Gives how many entries were let go for want of space.
    pub(super) fn run(&mut self, batch: Batch) -> u64 {
        let done = match batch.jobs.first().map(|job| &job.command) {
            Some(Command::Remove(Selector::All)) => {
                self.remove_all().map(|n| Done { outcomes: vec![Ok(n)], evicted: 0 })
            }
            _ => self.carry_out(&batch),
        };
        let evicted = done.as_ref().map_or(0, |done| done.evicted);
        match done {
            Ok(done) => {
                for (job, outcome) in batch.jobs.into_iter().zip(done.outcomes) {
                    // Nobody need be waiting any more.
                    let _ = job.done.send(outcome);
                }
            }
            Err(error) => {
                for job in batch.jobs {
                    let _ = job.done.send(Err(error.clone()));
                }
            }
        }
        self.shorten_log();
        evicted
    }

    /// Gives some of the file's unused pages back to the operating system, if they are many. `true` where there is more
    /// to do.
    pub(super) fn shrink(&mut self) -> bool {
        let Some(database) = &self.database else { return false };
        match room::shrink(database) {
            Ok(is_unfinished) => is_unfinished,
            Err(_) => {
                // Whoever writes next finds out what is wrong.
                self.database = None;
                false
            }
        }
    }

    /// Closes the file; the next write opens it again.
    pub(super) fn close(&mut self) {
        self.database = None;
    }

    /// Damage is met by beginning anew, once, with an empty file. After any other failure the connection is not trusted.
    fn carry_out(&mut self, batch: &Batch) -> Result<Done, Error> {
        let mut is_second = false;
        loop {
            let database = self.current()?;
            match write(&database, batch, self.limits) {
                Ok(done) => {
                    self.database = Some(database);
                    return Ok(done);
                }
                Err(cause) if is_damage(&cause) && !is_second => {
                    is_second = true;
                    self.readers.set_aside(&database)?;
                }
                Err(cause) => return Err(failure("write to", self.readers.place().folder(), cause)),
            }
        }
    }

    /// An empty file in the place of the old one: at once, however large that was.
    fn remove_all(&mut self) -> Result<u64, Error> {
        loop {
            let database = self.current()?;
            // A file that can't be counted is removed all the same.
            let n = database.query_one("SELECT entries FROM totals", [], |row| row.get::<_, i64>(0));
            if self.readers.place().replace(&database, Fate::Deleted)? {
                drop(database);
                self.readers.close_idle();
                return Ok(n.ok().and_then(|n| u64::try_from(n).ok()).unwrap_or(0));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn with_connection<T>(&mut self, look: impl FnOnce(&Connection) -> T) -> T {
        let database = self.current().unwrap();
        let seen = look(&database);
        self.database = Some(database);
        seen
    }

    /// The connection, taken out until it has done its work well.
    fn current(&mut self) -> Result<Database, Error> {
        match self.database.take() {
            Some(database) if database.is_current() => Ok(database),
            _ => self.readers.connect(),
        }
    }

    /// SQLite works the log off by itself, but begins it anew only when no reader needs it: where readers are never all
    /// gone it grows. They are made to wait then.
    fn shorten_log(&self) {
        let Some(database) = &self.database else { return };
        let length = std::fs::metadata(self.readers.place().log()).map_or(0, |metadata| metadata.len());
        if length > self.limits.log_bytes() {
            // Failing that, it is tried again after the next batch.
            let _ = database.busy_timeout(READERS_LEAVE);
            let _ = database.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            let _ = database.busy_timeout(BUSY);
        }
    }
}

fn write(connection: &Connection, batch: &Batch, limits: Limits) -> rusqlite::Result<Done> {
    match batch.jobs.first().map(|job| &job.command) {
        Some(Command::Fit) => {
            let evicted = fit(connection, batch, limits)?;
            Ok(Done { outcomes: vec![Ok(0)], evicted })
        }
        Some(Command::Remove(selector @ (Selector::Tag(_) | Selector::Prefix(_)))) => {
            let removed = remove_many(connection, selector)?;
            Ok(Done { outcomes: vec![Ok(removed)], evicted: 0 })
        }
        _ => write_small(connection, batch, limits),
    }
}

/// Writes and removals of single entries, all in one transaction.
fn write_small(connection: &Connection, batch: &Batch, limits: Limits) -> rusqlite::Result<Done> {
    let only_puts = batch.jobs.iter().all(|job| matches!(job.command, Command::Put { .. }));
    let transaction = begin(connection, !only_puts)?;
    let mut done = Done::default();
    let mut added = 0;
    for (id, at) in &batch.readings {
        transaction
            .prepare_cached("UPDATE entries SET read_at = ?2 WHERE id = ?1 AND read_at < ?2")?
            .execute((id, at))?;
    }
    for job in &batch.jobs {
        let (outcome, change) = write_one(&transaction, job, batch.now.as_microsecond(), limits)?;
        done.outcomes.push(outcome);
        added += change;
    }
    let expired = room::expire(&transaction, batch.now, MOST_EXPIRED)?;
    done.evicted = room::evict(&transaction, limits, u64::MAX)?;
    count(&transaction, added, expired + done.evicted)?;
    transaction.commit()?;
    Ok(done)
}

/// Carries out one write. Gives its outcome, and by how many entries there are more.
fn write_one(
    transaction: &Transaction<'_>,
    job: &Job,
    now: i64,
    limits: Limits,
) -> rusqlite::Result<(Result<u64, Error>, i64)> {
    Ok(match &job.command {
        Command::Put { key, entry } => {
            let removed = remove_one(transaction, key)?;
            match body::encode(key, entry, limits) {
                Ok(body) => {
                    insert(transaction, key, entry, &body, now)?;
                    (Ok(removed), 1 - removed.cast_signed())
                }
                Err(bytes) => (Err(too_large(key, bytes, limits)), -removed.cast_signed()),
            }
        }
        Command::Remove(Selector::Key(key)) => {
            let removed = remove_one(transaction, key)?;
            (Ok(removed), -removed.cast_signed())
        }
        Command::RemoveDamaged { key, id } => {
            let removed = transaction
                .prepare_cached("DELETE FROM entries WHERE id = ?1 AND key = ?2")?
                .execute((id, key.as_str().as_bytes()))? as u64;
            (Ok(removed), -removed.cast_signed())
        }
        Command::Remove(_) | Command::Fit => (Ok(0), 0),
    })
}

fn insert(
    transaction: &Transaction<'_>,
    key: &Key,
    entry: &Stored,
    body: &[u8],
    now: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO entries(key, stale_until, read_at) VALUES (?1, ?2, ?3)")?
        .execute((key.as_str().as_bytes(), entry.stale_until().as_microsecond(), now))?;
    let id = transaction.last_insert_rowid();
    transaction.prepare_cached("INSERT INTO bodies(id, body) VALUES (?1, ?2)")?.execute((id, body))?;
    for tag in entry.tags() {
        transaction
            .prepare_cached("INSERT INTO tags(tag, entry) VALUES (?1, ?2)")?
            .execute((tag.as_str().as_bytes(), id))?;
    }
    Ok(())
}

fn remove_one(transaction: &Transaction<'_>, key: &Key) -> rusqlite::Result<u64> {
    let mut remove = transaction.prepare_cached("DELETE FROM entries WHERE key = ?1")?;
    Ok(remove.execute([key.as_str().as_bytes()])? as u64)
}

/// Removes what has this tag, or begins so, by the index over it.
fn remove_many(connection: &Connection, selector: &Selector) -> rusqlite::Result<u64> {
    let mut removed = 0;
    loop {
        let transaction = begin(connection, true)?;
        let n = match selector {
            Selector::Tag(tag) => room::delete(
                &transaction,
                "SELECT entry FROM tags WHERE tag = ?1 LIMIT ?2",
                (tag.as_str().as_bytes(), MOST_REMOVED),
            ),
            Selector::Prefix(prefix) => room::delete(
                &transaction,
                "SELECT id FROM entries WHERE key >= ?1 AND key < ?2 LIMIT ?3",
                (prefix.as_str().as_bytes(), end_of(prefix.as_str()), MOST_REMOVED),
            ),
            Selector::Key(_) | Selector::All => Ok(0),
        }?;
        count(&transaction, 0, n)?;
        transaction.commit()?;
        removed += n;
        if n == 0 {
            return Ok(removed);
        }
    }
}

/// The first bytes after all that begin with `prefix`, which is never empty. The last byte of UTF-8 is below 0xF5.
fn end_of(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}

/// Lets go what has expired, and what is too much for the limit, a part at a time.
fn fit(connection: &Connection, batch: &Batch, limits: Limits) -> rusqlite::Result<u64> {
    let mut total = 0;
    loop {
        let transaction = begin(connection, false)?;
        let expired = room::expire(&transaction, batch.now, MOST_REMOVED)?;
        let evicted = room::evict(&transaction, limits, u64::from(MOST_REMOVED))?;
        count(&transaction, 0, expired + evicted)?;
        transaction.commit()?;
        total += evicted;
        if expired + evicted == 0 {
            return Ok(total);
        }
    }
}

/// Begins to write at once: a transaction that begins by reading could not wait for another's end. What removes entries
/// is synced, so that a loss of power does not bring them back.
fn begin(connection: &Connection, is_synced: bool) -> rusqlite::Result<Transaction<'_>> {
    connection.execute_batch(if is_synced {
        "PRAGMA synchronous = FULL"
    } else {
        "PRAGMA synchronous = NORMAL"
    })?;
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

fn count(transaction: &Transaction<'_>, added: i64, gone: u64) -> rusqlite::Result<()> {
    let change = added - gone.cast_signed();
    if change != 0 {
        transaction.prepare_cached("UPDATE totals SET entries = max(0, entries + ?1)")?.execute([change])?;
    }
    Ok(())
}
