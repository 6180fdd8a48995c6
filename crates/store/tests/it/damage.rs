//! Files that are not as they were written: a log reads as it was, or says that it is damaged.

use std::{fs, path::Path};

use assize_journal::{Durability, ErrorKind, Journal};
use assize_store::SqliteJournal;

use crate::child::{key, record};

const LOGS: u64 = 6;
const RECORDS: u64 = 12;
const PAGE: usize = 4096;

/// Short ones, and some that take several pages.
fn body(log: &str, number: u64) -> Vec<u8> {
    record(log, if number.is_multiple_of(2) { number } else { number * 19 })
}

fn name(log: u64) -> String {
    format!("deb-{log}")
}

/// A file with logs of several pages, SQLite's log worked off.
async fn whole_file() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let journal = SqliteJournal::open(&path, Durability::Process).await.expect("a good file");
    for number in 0..RECORDS {
        for log in (0..LOGS).map(name) {
            let (_, mut writer) = journal.open(&key(&log)).await.expect("a good file");
            writer.append(&[body(&log, number)]).await.expect("a good file");
        }
    }
    let connection = rusqlite::Connection::open(&path).expect("a good file");
    connection.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a good file");
    fs::read(&path).expect("the file")
}

/// Reads all logs of a file. How many are refused.
async fn refused(path: &Path, what: &str) -> u64 {
    let is_typed = |kind| {
        let typed = [ErrorKind::Damaged, ErrorKind::Foreign, ErrorKind::TooNew, ErrorKind::Io];
        typed.contains(&kind)
    };
    let journal = match SqliteJournal::open(path, Durability::Process).await {
        Ok(journal) => journal,
        Err(error) => {
            assert!(is_typed(error.kind()), "{what}: {error}");
            return LOGS;
        }
    };
    let mut refused = 0;
    for log in (0..LOGS).map(name) {
        match journal.read(&key(&log)).await {
            Ok(held) => {
                assert_eq!(held.records.len() as u64, RECORDS, "{what}: records of {log} are missing");
                for (number, found) in (0..).zip(&held.records) {
                    assert_eq!(*found, body(&log, number), "{what}: {log}/{number} is wrong");
                }
            }
            Err(error) => {
                assert!(is_typed(error.kind()), "{what}: {error}");
                refused += 1;
            }
        }
    }
    // What they say may be wrong; that they say it must not fail but with an error.
    let _ = journal.keys().await.map_err(|error| assert!(is_typed(error.kind()), "{what}: {error}"));
    refused
}

async fn refused_of(bytes: &[u8], what: &str) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    fs::write(&path, bytes).expect("a file");
    refused(&path, what).await
}

#[tokio::test]
async fn a_wrong_byte_in_any_page_is_found() {
    let good = whole_file().await;
    let n_pages = good.len() / PAGE;
    assert!(n_pages > 20, "{n_pages} pages");
    assert_eq!(refused_of(&good, "the whole file").await, 0);
    let (mut found, mut cases) = (0, 0);
    for page in 0..n_pages {
        // The head of the page, where SQLite's own fields are, the cells' places, and the cells, which grow from the end.
        for at in [
            page % 12,
            12 + page * 7 % 30,
            page * 389 % PAGE,
            PAGE - 1 - page * 31 % 900,
            PAGE - 1 - page % 40,
        ] {
            let mut bad = good.clone();
            bad[page * PAGE + at] ^= 1 << (page % 8);
            found += u64::from(refused_of(&bad, &format!("byte {at} of page {page}")).await > 0);
            cases += 1;
        }
    }
    assert!(found > cases / 3, "{found} of {cases} are in use, and found");
}

#[tokio::test]
async fn a_wrong_byte_in_the_head_of_the_file_is_found_or_means_nothing() {
    let good = whole_file().await;
    let mut found = 0;
    for at in 0..100 {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        found += u64::from(refused_of(&bad, &format!("byte {at}")).await > 0);
    }
    assert!(found > 30, "{found}");
}

#[tokio::test]
async fn a_file_that_is_cut_short_is_refused() {
    let good = whole_file().await;
    // SQLite takes a single byte for an empty file.
    for length in [2, 50, 100, 4095, PAGE, 5000, 2 * PAGE, good.len() / 2, good.len() - PAGE, good.len() - 1]
    {
        assert!(refused_of(&good[..length], &format!("cut to {length}")).await > 0, "cut to {length}");
    }
}

/// Each log's own row, and its place in the index.
#[tokio::test]
async fn every_wrong_bit_where_the_logs_are_listed_is_found() {
    let good = whole_file().await;
    let (mut pages, mut found) = (0, 0);
    for (at, page) in good.chunks(PAGE).enumerate() {
        // A leaf of a table or of an index, with as many cells as there are logs, and names in them, but no record.
        let has = |text: &str| page.windows(text.len()).any(|window| window == text.as_bytes());
        let is_list =
            matches!(page[0], 13 | 10) && u64::from(page[4]) == LOGS && has("deb-0") && !has("number");
        if !is_list {
            continue;
        }
        pages += 1;
        let cells = usize::from(u16::from_be_bytes([page[5], page[6]]));
        for byte in (0..20).chain(cells..PAGE) {
            for bit in [0, 3, 7] {
                let mut bad = good.clone();
                bad[at * PAGE + byte] ^= 1 << bit;
                found +=
                    u64::from(refused_of(&bad, &format!("bit {bit} of byte {byte} of page {at}")).await > 0);
            }
        }
    }
    assert_eq!(pages, 2, "the list, and its index");
    assert!(found > 300, "{found}");
}
