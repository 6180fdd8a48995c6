//! The file: making it, telling it from others, and the connections to it.

use std::{
    fs,
    io::{ErrorKind as IoErrorKind, Result as IoResult},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assize_journal::{Durability, Error, ErrorKind, Key, make_folder, sync_folder};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, ffi};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{claim::Claim, records::SCHEMA};

/// `azjn`, in the head of the file.
const APPLICATION_ID: i64 = 0x617A_6A6E;
/// In the head of the file as well.
const FORMAT_VERSION: i64 = 1;
/// How long SQLite waits for another process's transaction. Ours take milliseconds.
const BUSY: Duration = Duration::from_secs(10);
/// So many reads are under way at once, and so many connections are kept.
const AT_ONCE: usize = 4;
/// The log of SQLite's is cut to so many bytes when it has been worked off.
const LOG_BYTES: u64 = 4 << 20;
/// What is claimed while the file is made. No key has a dot.
const MAKING: &str = ".making";

#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    durability: Durability,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Place {
    pub(super) fn new(path: PathBuf, durability: Durability) -> Self {
        Self { path, durability, idle: Mutex::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leave to read, when its turn has come.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Makes this process the one that writes a log.
    pub(super) fn claim(&self, key: &Key) -> Result<Claim, Error> {
        self.make_folder()?;
        let claim = self.claims().and_then(|folder| Claim::take(&folder, key.as_str()));
        claim.map_err(|e| self.refused("lock", e))?.ok_or_else(|| {
            let message =
                format!("write {key} in the journal {}: somebody else is writing it", self.path.display());
            ErrorKind::InUse.error(message)
        })
    }

    /// Makes the file where there is none, or an empty one.
    pub(super) fn make(&self) -> Result<(), Error> {
        if self.with_connection("open", |_| Ok(()))?.is_some() {
            return Ok(());
        }
        self.make_folder()?;
        let making = self.claims().and_then(|folder| Claim::wait_for(&folder, MAKING));
        let _making = making.map_err(|e| self.refused("create", e))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_CREATE;
        let path = self.real_path().map_err(|e| self.refused("create", e))?;
        let make = || {
            let connection = Connection::open_with_flags(path, flags)?;
            self.prepare(&connection)?;
            write_layout(&connection)?;
            Ok(connection)
        };
        // Closed when the one that is kept is open: the last to close would remove SQLite's log.
        let _made = make().map_err(|cause| self.failure("create", cause))?;
        let made = self.connect()?.ok_or_else(|| self.removed("create"))?;
        self.give_back(made);
        Ok(())
    }

    /// The error where a file that was there is gone.
    pub(super) fn removed(&self, doing: &str) -> Error {
        ErrorKind::Io.error(format!("{doing} the journal {}: it was removed meanwhile", self.path.display()))
    }

    /// With [`Durability::Power`]: the names of the file and of SQLite's log are on the disk. Also where they were there
    /// already: who made them may not have cared.
    pub(super) fn sync_names(&self) -> Result<(), Error> {
        match self.durability {
            Durability::Process => Ok(()),
            Durability::Power => {
                let real = self.real_path().and_then(|path| sync_folder(folder_of(&path)));
                real.map_err(|e| self.refused("create", e))
            }
        }
    }

    /// Does something with a connection to the file; `None` where there is no file, or an empty one.
    pub(super) fn with_connection<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => match self.connect()? {
                Some(connection) => connection,
                None => return Ok(None),
            },
        };
        // After a failure the connection is not trusted.
        let done = work(&connection).map_err(|cause| self.failure(doing, cause))?;
        self.give_back(connection);
        Ok(Some(done))
    }

    /// The connections that nobody uses now.
    pub(super) fn take_idle(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// SQLite's error as ours.
    pub(super) fn failure(&self, doing: &str, cause: rusqlite::Error) -> Error {
        let shown = self.path.display();
        let (kind, why) = match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => (
                ErrorKind::Foreign,
                "it is no SQLite file, or its head is damaged; give a path of its own to the journal",
            ),
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => (ErrorKind::Io, "another process holds on to it; try again when that is done"),
            Some(ErrorCode::DiskFull) => (ErrorKind::Io, "the disk is full; make room"),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                (ErrorKind::Io, "it can't be opened for writing; see to its permissions")
            }
            _ if is_damage(&cause) => (
                ErrorKind::Damaged,
                "it is damaged; put a copy in its place, or save what can be read with sqlite3's .recover",
            ),
            _ => (ErrorKind::Io, "the storage refused"),
        };
        kind.error(format!("{doing} the journal {shown}: {why}")).because(cause)
    }

    fn connect(&self) -> Result<Option<Connection>, Error> {
        match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => {
                let message = format!("open the journal {}: it is a folder", self.path.display());
                return Err(ErrorKind::Foreign.error(message));
            }
            Ok(found) if found.len() == 0 => return Ok(None),
            Ok(_) => {}
            Err(e) if e.kind() == IoErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.refused("open", e)),
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = self.real_path().map_err(|e| self.refused("open", e))?;
        let look = || {
            let connection = Connection::open_with_flags(path, flags)?;
            self.prepare(&connection)?;
            let found = look_at(&connection)?;
            Ok((connection, found))
        };
        let (connection, found) = look().map_err(|cause| self.failure("open", cause))?;
        let shown = self.path.display();
        match found {
            Found::Nothing => Ok(None),
            Found::Ours => Ok(Some(connection)),
            Found::Foreign => Err(ErrorKind::Foreign.error(format!(
                "open the journal {shown}: it is another program's SQLite file; give a path of its own to the journal"
            ))),
            Found::Newer(version) => Err(ErrorKind::TooNew.error(format!(
                "open the journal {shown}: it has format {version}, and this program knows {FORMAT_VERSION}; use the \
                 version that wrote it"
            ))),
        }
    }

    /// Settings of a connection; nothing of them changes the file.
    fn prepare(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(BUSY)?;
        // With NORMAL, SQLite syncs when it works its log off, and a commit is in the operating system's hands; with FULL
        // it syncs each commit. The other two are for macOS, whose plain sync stops at the disk's own memory.
        let power = match self.durability {
            Durability::Process => "PRAGMA synchronous = NORMAL;",
            Durability::Power => {
                "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
            }
        };
        connection.execute_batch(&format!(
            "{power} PRAGMA journal_size_limit = {LOG_BYTES}; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
        ))
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < AT_ONCE {
            idle.push(connection);
        }
    }

    fn make_folder(&self) -> Result<(), Error> {
        make_folder(folder_of(&self.path), self.durability)
            .map_err(|e| self.refused("create the folder of", e))
    }

    /// Where the file really is: who comes by another path, or a link, must meet the same claims.
    fn real_path(&self) -> IoResult<PathBuf> {
        match fs::canonicalize(&self.path) {
            Err(e) if e.kind() == IoErrorKind::NotFound => {
                let name = self.path.file_name().ok_or(e)?;
                Ok(fs::canonicalize(folder_of(&self.path))?.join(name))
            }
            found => found,
        }
    }

    /// The folder of those who write.
    fn claims(&self) -> IoResult<PathBuf> {
        let mut path = self.real_path()?.into_os_string();
        path.push("-writers");
        Ok(path.into())
    }

    fn refused(&self, doing: &str, cause: std::io::Error) -> Error {
        ErrorKind::Io.error(format!("{doing} the journal {}", self.path.display())).because(cause)
    }
}

/// Closing the last connection works SQLite's log off, and syncs: behind the caller's back, if there is a runtime for that.
impl Drop for Place {
    fn drop(&mut self) {
        let idle = self.take_idle();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !idle.is_empty() => drop(runtime.spawn_blocking(move || drop(idle))),
            _ => drop(idle),
        }
    }
}

/// What a SQLite file is.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Ours,
    Foreign,
    Newer(i64),
}

fn look_at(connection: &Connection) -> rusqlite::Result<Found> {
    let snapshot = connection.unchecked_transaction()?;
    let id = number(&snapshot, "application_id")?;
    let version = number(&snapshot, "user_version")?;
    let found = schema(&snapshot)?;
    match (id, version) {
        (0, 0) if found.is_empty() => Ok(Found::Nothing),
        (APPLICATION_ID, FORMAT_VERSION) if found == SCHEMA => Ok(Found::Ours),
        (APPLICATION_ID, version) if version > FORMAT_VERSION => Ok(Found::Newer(version)),
        (APPLICATION_ID, _) => Err(damage("the file has another layout")),
        _ => Ok(Found::Foreign),
    }
}

/// Lays the tables out, unless somebody else has done so meanwhile.
fn write_layout(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.query_one("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        // On a network's file system, say.
        let why = "this file system can't share memory between processes; use a disk of this machine";
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), Some(why.to_owned())));
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if schema(&transaction)?.is_empty() {
        for statement in SCHEMA {
            transaction.execute_batch(statement)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT_VERSION)?;
    }
    transaction.commit()
}

fn schema(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An error of SQLite's kind for damage that SQLite does not see.
pub(super) fn damage(what: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(what.to_owned()))
}

/// Whether the file itself is at fault. The statements are always the same: where one is refused for what it says, what
/// it says is not what is in the file.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::DatabaseCorrupt
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
