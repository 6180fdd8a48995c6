//! The trait, and what goes in and out of it.

use std::{fmt, str::FromStr};

use async_trait::async_trait;

use crate::{Error, ErrorKind};

/// The largest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// Names one log. Lower-case ASCII letters, digits, `-` and `_`; 1 to 128 of them, so that it can be a file's name.
///
/// ```
/// use assize_journal::Key;
///
/// assert_eq!("deb-0123456789ab".parse::<Key>()?.as_str(), "deb-0123456789ab");
/// assert!("../etc/passwd".parse::<Key>().is_err());
/// # Ok::<(), assize_journal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if text.is_empty() || text.len() > 128 || !text.bytes().all(plain) {
            let shown: String = text.chars().take(40).collect();
            return Err(ErrorKind::BadKey.error(format!(
                "use the journal key {shown:?}: a key has 1 to 128 characters of a-z, 0-9, '-' and '_'"
            )));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a log holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// The records, oldest first, without line breaks.
    pub records: Vec<Vec<u8>>,
    /// Bytes of a last record that was cut short by a crash; it was never acknowledged and is not in `records`.
    pub torn_bytes: u64,
}

/// How much a journal's acknowledgement survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process, kill −9 included: the operating system has the bytes.
    #[default]
    Process,
    /// A loss of power: the disk has the bytes (`fsync`), as far as it tells the truth. Each append then waits for the
    /// disk, which takes longer than all the rest of a turn: the benchmarks `debate/journalled` measure how much.
    Power,
}

/// Keeps append-only logs, one for each key. A key that was never written has an empty log.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
#[async_trait]
pub trait Journal: fmt::Debug + Send + Sync + 'static {
    /// Opens a log for writing: what it holds by now, and the one writer that may append to it. While the writer lives,
    /// nobody else can open this log, in this process or another.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when somebody else has it open; [`ErrorKind::Io`] when the storage refuses;
    /// [`ErrorKind::Damaged`], [`ErrorKind::Foreign`] and [`ErrorKind::TooNew`] when what is there can't be read.
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), Error>;

    /// Everything that was appended under `key` by now, whoever has it open.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the storage cannot be read; [`ErrorKind::Damaged`], [`ErrorKind::Foreign`] and
    /// [`ErrorKind::TooNew`] when what is there can't be.
    async fn read(&self, key: &Key) -> Result<Log, Error>;

    /// Closes what the journal holds open while no log is, and waits until that is done; it may be used again. Nothing that
    /// was acknowledged depends on it: a journal that is not closed leaves things to do to whoever opens it next.
    async fn close(&self) {}
}

/// The one writer of a log. Dropping it gives the log free.
#[async_trait]
pub trait Writer: fmt::Debug + Send {
    /// Appends records, in order, and returns when they are as durable as the journal promises.
    ///
    /// # Errors
    /// [`ErrorKind::BadRecord`] for a record with a line break or of more than [`MAX_RECORD_BYTES`];
    /// [`ErrorKind::Io`] when the storage refuses. In either case none of the records is in the log.
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), Error>;
}

/// Refuses a record that no journal takes: one with a line break, or of more than [`MAX_RECORD_BYTES`].
///
/// # Errors
/// [`ErrorKind::BadRecord`] for such a record.
pub fn check_record(record: &[u8]) -> Result<(), Error> {
    if record.len() > MAX_RECORD_BYTES {
        let message = format!("journal a record of {} bytes: the limit is {MAX_RECORD_BYTES}", record.len());
        return Err(ErrorKind::BadRecord.error(message));
    }
    if record.contains(&b'\n') {
        return Err(ErrorKind::BadRecord.error("journal a record that holds a line break"));
    }
    Ok(())
}

/// Joins records to lines, refusing what a line cannot hold.
pub(crate) fn to_lines(records: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let mut lines = Vec::with_capacity(records.iter().map(|record| record.len() + 1).sum());
    for record in records {
        check_record(record)?;
        lines.extend_from_slice(record);
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Splits what was stored into whole records and a torn rest.
pub(crate) fn from_lines(bytes: &[u8]) -> Log {
    let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |last| last + 1);
    let records =
        bytes[..whole].split_inclusive(|&b| b == b'\n').map(|line| line[..line.len() - 1].to_vec()).collect();
    Log { records, torn_bytes: (bytes.len() - whole) as u64 }
}
