//! Several processes on one file.

use assize_journal::{Durability, ErrorKind, Journal};
use assize_store::SqliteJournal;

use crate::child::{LOGS, RECORDS, child, key, record};

#[tokio::test]
async fn processes_make_and_write_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut children: Vec<_> = (0..2)
        .map(|run| child(&path, run, if run == 0 { Durability::Process } else { Durability::Power }))
        .collect();
    let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
    let (_, mut writer) = journal.open(&key("own")).await.unwrap();
    for number in 0..RECORDS {
        writer.append(&[record("own", number)]).await.unwrap();
        assert_eq!(journal.read(&key("own")).await.unwrap().records.len() as u64, number + 1);
    }
    for (child, told) in &mut children {
        while told.next().is_some() {}
        assert!(child.wait().unwrap().success(), "it met no error");
    }
    let sizes = journal.keys().await.unwrap();
    assert_eq!(sizes.len() as u64, 2 * LOGS + 1);
    for size in sizes {
        let log = journal.read(&size.key).await.unwrap();
        assert!(log.records.len() as u64 >= RECORDS, "{size:?}");
        for (number, found) in (0..).zip(&log.records) {
            assert_eq!(*found, record(size.key.as_str(), number));
        }
    }
}

#[tokio::test]
async fn a_log_has_one_writer_in_whatever_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (mut child, mut told) = child(&path, 7, Durability::Process);
    let (log, _) = told.next().expect("it writes");
    let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
    let refused = journal.open(&key(&log)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InUse, "{refused}");
    assert!(!journal.read(&key(&log)).await.unwrap().records.is_empty(), "reading is free");
    child.kill().unwrap();
    child.wait().unwrap();
    let (held, mut writer) = journal.open(&key(&log)).await.expect("its writer is dead");
    writer.append(&[b"mine".to_vec()]).await.unwrap();
    assert_eq!(journal.read(&key(&log)).await.unwrap().records.len(), held.records.len() + 1);
}
