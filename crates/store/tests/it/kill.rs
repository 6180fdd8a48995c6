//! The death of a process that writes, at any moment.

use std::collections::BTreeMap;

use assize_journal::{Durability, Journal};
use assize_store::SqliteJournal;

use crate::child::{LOGS, child, key, record};

const KILLS: u64 = 20;

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_a_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut acknowledged: BTreeMap<String, u64> = BTreeMap::new();
    for kill in 0..KILLS {
        let durability = if kill % 4 == 3 { Durability::Power } else { Durability::Process };
        // Four names, so that each log is taken up again after a kill.
        let (mut child, mut told) = child(&path, kill % 4, durability);
        // Killed after more and more of its work, and in its first moments as well.
        let mut seen: Vec<_> = told.by_ref().take(usize::try_from(kill * kill).unwrap()).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        seen.extend(told);
        for (log, number) in seen {
            let last = acknowledged.entry(log).or_default();
            assert!(*last <= number, "it goes on where it ended");
            *last = number;
        }

        let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
        let sizes = journal.keys().await.unwrap();
        for (log, last) in &acknowledged {
            let held = journal.read(&key(log)).await.unwrap();
            let n = held.records.len() as u64;
            assert!(n > *last, "{log} holds {n} records after kill {kill}, and {last} was acknowledged");
            assert_eq!(held.torn_bytes, 0);
            for (number, found) in (0..).zip(&held.records) {
                assert_eq!(*found, record(log, number), "{log}/{number} after kill {kill}");
            }
            // What is written two at a time is there two at a time.
            assert_ne!(n % 5, 1, "{log} ends within an append after kill {kill}");
            assert!(sizes.iter().any(|size| size.key.as_str() == log && size.records == n));
        }
        // Its claims died with it.
        for log in acknowledged.keys() {
            drop(journal.open(&key(log)).await.expect("a log whose writer is dead is free"));
        }
    }
    assert_eq!(acknowledged.len() as u64, 4 * LOGS);
    let all: u64 = acknowledged.values().sum();
    assert!(all > 1000, "{all} records were acknowledged");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let damage: String = connection.query_one("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(damage, "ok");
    // Whoever takes a claim that was left behind removes it.
    let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
    for log in (0..4).flat_map(|run| (0..LOGS).map(move |log| format!("{run}-{log}"))) {
        drop(journal.open(&key(&log)).await.expect("nobody is left"));
    }
    let left: Vec<_> =
        std::fs::read_dir(folder.path().join("a.db-writers")).into_iter().flatten().flatten().collect();
    assert!(left.iter().all(|claim| claim.file_name() == ".making"), "{left:?}");
}
