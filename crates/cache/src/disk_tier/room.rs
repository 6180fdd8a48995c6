//! Making room: what has expired, what was not read for the longest time, what the file no longer uses.

use assize_ambient::Timestamp;
use rusqlite::{Connection, Params, Transaction};

use super::limits::Limits;
use super::place::damage;
use super::reading::{pages, used_pages};

/// So many entries are let go before it is looked whether that was enough.
const AT_ONCE: u32 = 64;
/// So many pages are given back at a time.
const VACUUMED_AT_ONCE: u64 = 256;
/// The file keeps this part of its pages unused, for what comes next.
const UNUSED_PART: u64 = 8;

/// Deletes at most so many of the entries that have expired.
pub(super) fn expire(transaction: &Transaction<'_>, now: Timestamp, most: u32) -> rusqlite::Result<u64> {
    delete(
        transaction,
        "SELECT id FROM entries WHERE stale_until <= ?1 ORDER BY stale_until LIMIT ?2",
        (now.as_microsecond(), most),
    )
}

/// Deletes what was read the longest ago until the file is within its limit, or so many are gone.
pub(super) fn evict(transaction: &Transaction<'_>, limits: Limits, most: u64) -> rusqlite::Result<u64> {
    let mut evicted = 0;
    if used_pages(transaction)? <= limits.pages() {
        return Ok(0);
    }
    let enough = limits.pages() - limits.slack_pages();
    while evicted < most && used_pages(transaction)? > enough {
        let n = delete(transaction, "SELECT id FROM entries ORDER BY read_at, id LIMIT ?1", [AT_ONCE])?;
        evicted += n;
        if n == 0 {
            break;
        }
    }
    Ok(evicted)
}

/// Deletes the entries that `ids` selects.
pub(super) fn delete(
    transaction: &Transaction<'_>,
    ids: &'static str,
    params: impl Params,
) -> rusqlite::Result<u64> {
    let mut select = transaction.prepare_cached(ids)?;
    let ids: Vec<i64> = select.query_map(params, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut remove = transaction.prepare_cached("DELETE FROM entries WHERE id = ?1")?;
    for id in &ids {
        if remove.execute([id])? != 1 {
            return Err(damage("an index names an entry that is not there"));
        }
    }
    Ok(ids.len() as u64)
}

/// Gives some unused pages back if they are many. `true` where there are still too many.
pub(super) fn shrink(connection: &Connection) -> rusqlite::Result<bool> {
    let unused = pages(connection, "PRAGMA freelist_count")?;
    let kept = (pages(connection, "PRAGMA page_count")? / UNUSED_PART).max(VACUUMED_AT_ONCE);
    if unused <= kept {
        return Ok(false);
    }
    // Each step of the statement gives back one page.
    let mut vacuum = connection.prepare_cached(&format!("PRAGMA incremental_vacuum({VACUUMED_AT_ONCE})"))?;
    let mut steps = vacuum.query([])?;
    while steps.next()?.is_some() {}
    drop(steps);
    let is_unfinished = unused - VACUUMED_AT_ONCE > kept;
    if !is_unfinished {
        // The file itself becomes shorter only when the log is worked off.
        connection.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(is_unfinished)
}
