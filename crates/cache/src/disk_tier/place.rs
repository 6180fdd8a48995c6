//! Where the entries are kept on disk: opening the file, noticing that it was replaced, setting a damaged one aside.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::ErrorKind as IoErrorKind;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Clock;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, ffi};

use crate::{Error, ErrorKind};

use super::limits::{Limits, PAGE_BYTES};

/// The format's version is part of the name: programs with different formats never meet in one file.
const FILE: &str = "entries-1.sqlite";
const LOCK: &str = "entries-1.lock";
/// How the name of a damaged file begins that was set aside; the time follows.
pub(super) const DAMAGED: &str = "entries-1.sqlite.damaged-";

/// `azct`, in the header of the file.
const APPLICATION_ID: i64 = 0x617A_6374;
/// How long SQLite waits for another process's transaction. Ours take milliseconds.
const BUSY: Duration = Duration::from_secs(10);
const CACHED_STATEMENTS: usize = 32;

/// What was executed to make the file, word for word: it is compared when a file is opened, since a schema that is
/// damaged in one byte may still be one.
///
/// Values have a table of their own, so that noting when an entry was read does not write its value again. Keys are
/// bytes, so that they are compared as bytes.
const SCHEMA: [&str; 8] = [
    "CREATE TABLE entries(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, stale_until INTEGER NOT NULL, read_at INTEGER NOT NULL) STRICT",
    "CREATE INDEX entries_by_expiry ON entries(stale_until)",
    "CREATE INDEX entries_by_reading ON entries(read_at)",
    "CREATE TABLE bodies(id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
    "CREATE TABLE tags(tag BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(tag, entry)) STRICT, WITHOUT ROWID",
    "CREATE INDEX tags_by_entry ON tags(entry)",
    "CREATE TABLE totals(entries INTEGER NOT NULL) STRICT",
    "CREATE TRIGGER entry_goes AFTER DELETE ON entries BEGIN DELETE FROM bodies WHERE id = old.id; DELETE FROM tags WHERE entry = old.id; END",
];

/// The folder.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

/// What is to become of a file that is no longer to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Kept under another name for whoever wants to know what happened; the one kept before is deleted.
    SetAside,
    Deleted,
}

impl Place {
    pub(super) fn new(folder: PathBuf, limits: Limits, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { folder, limits, clock })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The log of what is committed and not yet in the file.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join(format!("{FILE}-wal"))
    }

    /// Opens the file, and makes it where there is none. One that can't be read is set aside first; `true` says so.
    pub(super) fn open(self: &Arc<Self>) -> Result<(Database, bool), Error> {
        let failed = |cause| failure("open", &self.folder, cause);
        fs::create_dir_all(&self.folder).map_err(|cause| self.refused("create", cause))?;
        let mut lock = Some(self.lock()?);
        let mut was_damaged = false;
        loop {
            self.prepare_file().map_err(|cause| self.refused("open", cause))?;
            match self.open_connection() {
                Ok(connection) => {
                    let identity = self.identity().map_err(|cause| self.refused("open", cause))?;
                    // Closing takes the lock as well.
                    drop(lock.take());
                    let place = Arc::clone(self);
                    return Ok((Database { connection: Some(connection), identity, place }, was_damaged));
                }
                Err(cause) if is_damage(&cause) && !was_damaged => {
                    self.put_away(Fate::SetAside).map_err(|cause| self.refused("set aside", cause))?;
                    was_damaged = true;
                }
                Err(cause) => return Err(failed(cause)),
            }
        }
    }

    /// Gets this file out of the way, unless somebody else has done so already. `false` where that is so.
    pub(super) fn replace(&self, database: &Database, fate: Fate) -> Result<bool, Error> {
        let _lock = self.lock()?;
        if !database.is_current() {
            return Ok(false);
        }
        self.put_away(fate).map_err(|cause| self.refused("set aside", cause))?;
        Ok(true)
    }

    /// Keeps other processes, and other threads of this one, from opening, closing and replacing the file: SQLite does
    /// not expect that a file changes its name while somebody opens or closes it.
    fn lock(&self) -> Result<File, Error> {
        let open = || {
            let file = private().create(true).truncate(false).open(self.folder.join(LOCK))?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|cause| self.refused("lock", cause))
    }

    fn identity(&self) -> std::io::Result<Identity> {
        fs::metadata(self.file()).map(|metadata| Identity::of(&metadata))
    }

    /// The file first: a log without its file is deleted when the next one is made, but a file without its log would
    /// pass for whole.
    fn put_away(&self, fate: Fate) -> std::io::Result<()> {
        let shared = self.folder.join(format!("{FILE}-shm"));
        if fate == Fate::Deleted {
            delete(&self.file())?;
            delete(&self.log())?;
            delete(&shared)?;
            // A loss of power must not bring back what was removed.
            return File::open(&self.folder)?.sync_all();
        }
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(DAMAGED) {
                delete(&entry.path())?;
            }
        }
        let now = self.clock.now().strftime("%Y%m%dT%H%M%SZ");
        let kept = self.folder.join(format!("{DAMAGED}{now}"));
        rename(&self.file(), &kept)?;
        rename(&self.log(), &self.folder.join(format!("{DAMAGED}{now}-wal")))?;
        delete(&shared)
    }

    /// Everything that opening has to do, up to the first read: from then on SQLite holds all the files it needs.
    fn open_connection(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.file(), flags)?;
        // Asked before the file is read, for a head that is damaged can pass for one that must not be written.
        let may_write = !connection.is_readonly("main")?;
        match self.prepare(&connection) {
            Err(cause) if may_write && cause.sqlite_error_code() == Some(ErrorCode::ReadOnly) => {
                Err(damage("the file's head is damaged"))
            }
            prepared => prepared.map(|()| connection),
        }
    }

    fn prepare(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        let checkpoint = self.limits.checkpoint_pages();
        let log_bytes = checkpoint * PAGE_BYTES;
        connection.execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = {checkpoint};
             PRAGMA journal_size_limit = {log_bytes}; PRAGMA cache_size = -4096; PRAGMA mmap_size = 0;
             PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
        ))?;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let found = schema(&transaction)?;
        if found.is_empty() {
            for statement in SCHEMA {
                transaction.execute_batch(statement)?;
            }
            transaction.execute("INSERT INTO totals(entries) VALUES (0)", [])?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        } else if found != SCHEMA
            || number(&transaction, "application_id")? != APPLICATION_ID
            || number(&transaction, "page_size")?.cast_unsigned() != PAGE_BYTES
        {
            return Err(damage("the file has another layout"));
        }
        transaction.commit()
    }

    /// Makes an empty file that nobody else may read, where there is none. One that is there is not opened but by SQLite:
    /// closing it again would give up the locks that other connections of this process have on it.
    fn prepare_file(&self) -> std::io::Result<()> {
        match fs::metadata(self.file()) {
            Ok(metadata) if metadata.len() > 0 => return Ok(()),
            Ok(_) => {}
            Err(cause) if cause.kind() == IoErrorKind::NotFound => {
                drop(private().create_new(true).open(self.file())?)
            }
            Err(cause) => return Err(cause),
        }
        delete(&self.log())?;
        delete(&self.folder.join(format!("{FILE}-shm")))
    }

    fn refused(&self, doing: &str, cause: std::io::Error) -> Error {
        ErrorKind::Io.error(format!("{doing} the cache in `{}`", self.folder.display())).because(cause)
    }
}

/// An open connection to the file.
#[derive(Debug)]
pub(super) struct Database {
    connection: Option<Connection>,
    identity: Identity,
    place: Arc<Place>,
}

impl Database {
    /// Whether this is still the file that the name stands for. Another process may have replaced it.
    pub(super) fn is_current(&self) -> bool {
        self.place.identity().is_ok_and(|identity| identity == self.identity)
    }
}

impl Deref for Database {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until the database is dropped")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The last to close deletes the log by its name, which must still be the log of this file.
        let lock = self.place.lock();
        drop(self.connection.take());
        drop(lock);
    }
}

/// What tells a file from another that had the same name. As long as the file is open, no other gets its number. Systems
/// that have no such number let nobody replace a file that is open.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device_and_number: (u64, u64),
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device_and_number: (metadata.dev(), metadata.ino()) }
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {}
    }
}

/// Options for a file that only its owner may read: what is cached may be anybody's.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn schema(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

fn delete(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != IoErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::rename(from, to) {
        Err(cause) if cause.kind() != IoErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// An error of SQLite's kind for damage that SQLite does not see.
pub(super) fn damage(what: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(what.to_owned()))
}

/// Whether the file itself is at fault. The statements are always the same: where one is refused for what it says, what
/// it says is not what is in the file.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::SchemaChanged
                | ErrorCode::TooBig
                | ErrorCode::Unknown
        ),
        // What was read is not of the type that was written.
        None => true,
    }
}

/// SQLite's error as ours.
pub(super) fn failure(doing: &str, folder: &Path, cause: rusqlite::Error) -> Error {
    let (kind, why) = match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            (ErrorKind::Unavailable, ": another process holds on to it")
        }
        Some(ErrorCode::DiskFull) => (ErrorKind::Io, ": the disk is full"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            (ErrorKind::Io, ": it must not be written")
        }
        _ if is_damage(&cause) => (ErrorKind::Corrupt, ": it is damaged"),
        _ => (ErrorKind::Io, ""),
    };
    kind.error(format!("{doing} the cache in `{}`{why}", folder.display())).because(cause)
}
