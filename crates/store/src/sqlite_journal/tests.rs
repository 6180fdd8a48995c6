//! What only shows from within: settings of connections, and which appends share a transaction.

use std::fs;

use super::*;

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn pragma(journal: &SqliteJournal, name: &str) -> String {
    let read = |connection: &rusqlite::Connection| {
        connection.pragma_query_value(None, name, |row| {
            row.get::<_, rusqlite::types::Value>(0).map(|value| format!("{value:?}"))
        })
    };
    journal.place.with_connection("read", read).unwrap().unwrap()
}

/// What these mean is SQLite's word: with 1 (NORMAL) it syncs when it works its log off, with 2 (FULL) at each commit too.
#[tokio::test]
async fn a_commit_is_synced_for_power_and_for_nothing_less() {
    let folder = tempfile::tempdir().unwrap();
    for (durability, synchronous, mac) in [
        (Durability::Process, "Integer(1)", "Integer(0)"),
        (Durability::Power, "Integer(2)", "Integer(1)"),
        (Durability::Process, "Integer(1)", "Integer(0)"),
    ] {
        let journal = SqliteJournal::open(folder.path().join("a.db"), durability).await.unwrap();
        let (_, mut writer) = journal.open(&key("one")).await.unwrap();
        writer.append(&[b"1".to_vec()]).await.unwrap();
        let settings = ["journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync"];
        let found = settings.map(|name| pragma(&journal, name));
        assert_eq!(found, ["Text(\"wal\")", synchronous, mac, mac], "{durability:?}");
    }
}

#[tokio::test]
async fn appends_that_come_together_share_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("a.db"), Durability::Power).await.unwrap();
    let mut writers = Vec::new();
    for n in 0..200 {
        writers.push(journal.open(&key(&n.to_string())).await.unwrap().1);
    }
    let appends: Vec<_> = writers
        .into_iter()
        .map(|mut writer| {
            tokio::spawn(async move { writer.append(&[b"one".to_vec(), b"two".to_vec()]).await })
        })
        .collect();
    for append in appends {
        append.await.unwrap().unwrap();
    }
    // All of them wait before the first thread is there; the first transaction may have had only one.
    let commits = journal.queue.commits();
    assert!((1..50).contains(&commits), "{commits} transactions for 200 appends");
    let sizes = journal.keys().await.unwrap();
    assert_eq!(sizes.len(), 200);
    assert!(sizes.iter().all(|size| (size.records, size.bytes) == (2, 6)), "{sizes:?}");
}

#[tokio::test]
async fn one_logs_fault_is_not_anothers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
    let (_, mut good) = journal.open(&key("good")).await.unwrap();
    let (_, mut bad) = journal.open(&key("bad")).await.unwrap();
    good.append(&[b"1".to_vec()]).await.unwrap();
    bad.append(&[b"1".to_vec()]).await.unwrap();
    // The next record of that log is there already.
    journal
        .place
        .with_connection("tamper with", |connection| {
            connection.execute(
                "INSERT INTO records SELECT id + 1, checksum, body FROM records WHERE id = 2 << 32",
                [],
            )
        })
        .unwrap();
    let two = [b"2".to_vec()];
    let (one, other) = tokio::join!(good.append(&two), bad.append(&two));
    one.unwrap();
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Damaged);
    assert_eq!(journal.read(&key("good")).await.unwrap().records, [b"1".to_vec(), b"2".to_vec()]);
    assert_eq!(journal.read(&key("bad")).await.unwrap_err().kind(), ErrorKind::Damaged);
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("a.db"), Durability::Process).await.unwrap();
    let (_, mut writer) = journal.open(&key("one")).await.unwrap();
    writer.append(&[b"before".to_vec()]).await.unwrap();
    let small =
        |connection: &rusqlite::Connection| connection.query_one("PRAGMA max_page_count = 1", [], |_| Ok(()));
    journal.place.with_connection("tamper with", small).unwrap();
    let refused = writer.append(&[b"small".to_vec(), vec![b'x'; 100_000]]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Io);
    assert!(refused.to_string().contains("the disk is full; make room"), "{refused}");
    assert_eq!(journal.read(&key("one")).await.unwrap().records, [b"before".to_vec()]);
    writer.append(&[b"after".to_vec()]).await.expect("a new connection has no such limit");
    assert_eq!(journal.read(&key("one")).await.unwrap().records, [b"before".to_vec(), b"after".to_vec()]);
}

/// Whoever was killed leaves the file behind that it had locked; it says nothing. Who lets go removes it.
#[tokio::test]
async fn a_claim_that_nobody_holds_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, claims) = (folder.path().join("a.db"), folder.path().join("a.db-writers"));
    fs::create_dir(&claims).unwrap();
    for name in ["one", ".making"] {
        fs::write(claims.join(name), "").unwrap();
    }
    let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
    let (_, writer) = journal.open(&key("one")).await.unwrap();
    assert_eq!(journal.open(&key("one")).await.unwrap_err().kind(), ErrorKind::InUse);
    drop(writer);
    assert!(!claims.exists(), "nothing is left of them");
}

/// Claims are taken and let go by many at once: each is held by one.
#[test]
fn a_claim_has_one_holder() {
    let folder = tempfile::tempdir().unwrap();
    let (claims, held) = (folder.path().join("claims"), std::sync::atomic::AtomicU32::new(0));
    let taken: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let (claims, held) = (&claims, &held);
                scope.spawn(move || {
                    let mut taken = 0;
                    for _ in 0..500 {
                        let claim = match thread % 2 {
                            0 => Claim::take(claims, "one").unwrap(),
                            _ => Some(Claim::wait_for(claims, "one").unwrap()),
                        };
                        if claim.is_some() {
                            assert_eq!(held.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                            std::thread::yield_now();
                            held.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                            taken += 1;
                        }
                    }
                    taken
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(taken >= 1000, "{taken}");
}
