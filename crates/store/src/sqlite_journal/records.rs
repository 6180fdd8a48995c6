//! Logs in tables.

use assize_journal::{Key, Log};
use rusqlite::{Connection, OptionalExtension};

use super::place::damage;

/// What is executed to make the file, word for word: it is compared when a file is opened.
///
/// A record's id is its log's, 32 bits higher, and its number: the records of a log lie together.
pub(super) const SCHEMA: [&str; 2] = [
    "CREATE TABLE logs(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, records INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT",
    "CREATE TABLE records(id INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
];

/// How large a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSize {
    /// Whose log it is.
    pub key: Key,
    /// How many records it holds.
    pub records: u64,
    /// The length of all of them together.
    pub bytes: u64,
}

/// The log of a key, checked.
pub(super) fn read(connection: &Connection, key: &Key) -> rusqlite::Result<Log> {
    let snapshot = connection.unchecked_transaction()?;
    let mut find = snapshot.prepare_cached("SELECT id, records, bytes FROM logs WHERE key = ?1")?;
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let Some((log, count, bytes)): Option<(i64, i64, i64)> =
        find.query_one([key.as_str()], columns).optional()?
    else {
        // A log that its index has lost must not pass for one that was never written.
        let mut search = snapshot.prepare_cached("SELECT 1 FROM logs NOT INDEXED WHERE key = ?1")?;
        return match search.exists([key.as_str()])? {
            true => Err(damage("a log is not in the index")),
            false => Ok(Log::default()),
        };
    };
    let mut select = snapshot
        .prepare_cached("SELECT id, checksum, body FROM records WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
    let mut rows = select.query((id_of(log, 0)?, id_of(log, u32::MAX.into())?))?;
    let (mut records, mut length) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let number = records.len() as u64;
        let body = row.get_ref(2)?.as_blob()?;
        let is_whole = row.get::<_, i64>(0)? == id_of(log, number)?
            && row.get::<_, i64>(1)? == checksum(key, number, body);
        if !is_whole {
            return Err(damage("a record is missing, or is not what was written"));
        }
        length += body.len() as u64;
        records.push(body.to_vec());
    }
    if (records.len() as u64, length) != (count.cast_unsigned(), bytes.cast_unsigned()) {
        return Err(damage("a log is not as long as it was written"));
    }
    Ok(Log { records, torn_bytes: 0 })
}

/// Appends records to the log of a key, inside a transaction.
pub(super) fn append(connection: &Connection, key: &Key, records: &[Vec<u8>]) -> rusqlite::Result<()> {
    let bytes: usize = records.iter().map(Vec::len).sum();
    let mut lengthen = connection.prepare_cached(
        "INSERT INTO logs(key, records, bytes) VALUES (?1, ?2, ?3) ON CONFLICT(key)
         DO UPDATE SET records = records + ?2, bytes = bytes + ?3 RETURNING id, records",
    )?;
    let added = records.len() as u64;
    let lengthened = (key.as_str(), added.cast_signed(), (bytes as u64).cast_signed());
    let (log, count): (i64, i64) = lengthen.query_one(lengthened, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let first =
        count.cast_unsigned().checked_sub(added).ok_or_else(|| damage("a log is shorter than nothing"))?;
    let mut insert =
        connection.prepare_cached("INSERT INTO records(id, checksum, body) VALUES (?1, ?2, ?3)")?;
    for (number, record) in (first..).zip(records) {
        insert.execute((id_of(log, number)?, checksum(key, number, record), record))?;
    }
    Ok(())
}

/// All logs.
pub(super) fn sizes(connection: &Connection) -> rusqlite::Result<Vec<LogSize>> {
    let mut select = connection.prepare_cached("SELECT key, records, bytes FROM logs ORDER BY key")?;
    let rows = select.query_map([], |row| {
        let key = row.get_ref(0)?.as_str()?.parse().map_err(|_| damage("a log has a key that no log has"))?;
        let number = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
        Ok(LogSize { key, records: number(1)?, bytes: number(2)? })
    })?;
    rows.collect()
}

/// The id of a record. Four thousand million records are more than a log can hold, as many logs more than a file.
fn id_of(log: i64, number: u64) -> rusqlite::Result<i64> {
    match (u32::try_from(log), u32::try_from(number)) {
        (Ok(log), Ok(number)) if log <= i32::MAX.cast_unsigned() => {
            Ok(i64::from(log) << 32 | i64::from(number))
        }
        _ => Err(damage("there are too many records")),
    }
}

/// Binds a record to its key and its place.
fn checksum(key: &Key, number: u64, body: &[u8]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    // No key has a zero byte.
    hasher.update(key.as_str().as_bytes()).update(&[0]).update(&number.to_le_bytes()).update(body);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(sum)
}
