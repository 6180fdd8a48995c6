//! What every journal must do, and how a file is met that is none of ours.

use std::{fs, path::Path};

use assize_journal::{Durability, ErrorKind, Journal, Key, conformance};
use assize_store::{LogSize, SqliteJournal};

use crate::child::key;

#[tokio::test]
async fn it_does_what_every_journal_must_do() {
    for durability in [Durability::Process, Durability::Power] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/if/need/be.db");
        let journal = SqliteJournal::open(&path, durability).await.unwrap();
        assert!(!path.exists(), "it is made when the first log is opened");
        conformance::run(&journal).await;
        let again = SqliteJournal::open(&path, durability).await.unwrap();
        assert_eq!(again.read(&key("order")).await.unwrap().records.len(), 3);
        let size = |key: &str, records, bytes| LogSize { key: key.parse().unwrap(), records, bytes };
        assert_eq!(
            again.keys().await.unwrap(),
            [
                size("closed", 3, 6 + 7 + 5),
                size("left", 1, 1),
                size("order", 3, 1 + 15),
                size("right", 1, 1),
                size("writer", 2, 6)
            ],
            "and no log without a record"
        );
    }
}

#[test]
fn it_does_so_on_many_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async move {
        let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
        tokio::spawn(async move { conformance::run(&journal).await }).await.unwrap();
    });
}

/// What is closed is one file, and whole.
#[tokio::test]
async fn closing_leaves_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    written(&path).await;
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["a.db"]);
    let copy = folder.path().join("b.db");
    fs::copy(&path, &copy).unwrap();
    let journal = SqliteJournal::open(&copy, Durability::Process).await.unwrap();
    assert_eq!(journal.read(&key("one")).await.unwrap().records, [b"1".to_vec()]);
}

#[tokio::test]
async fn reading_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone/a.db");
    let journal = SqliteJournal::open(&path, Durability::Power).await.unwrap();
    assert!(journal.read(&key("one")).await.unwrap().records.is_empty());
    assert!(journal.keys().await.unwrap().is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Two names of one file: a link must not lead round the one writer.
#[cfg(unix)]
#[tokio::test]
async fn a_log_has_one_writer_under_whatever_name() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("a.db"), Durability::Process).await.unwrap();
    let (_, mut writer) = journal.open(&key("one")).await.unwrap();
    writer.append(&[b"1".to_vec()]).await.unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(journal.path(), &link).unwrap();
    let linked = SqliteJournal::open(&link, Durability::Process).await.unwrap();
    assert_eq!(linked.read(&key("one")).await.unwrap().records, [b"1".to_vec()]);
    let refused = linked.open(&key("one")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InUse);
    assert!(refused.to_string().contains("somebody else is writing it"), "{refused}");
}

/// What is in the way, of which kind that is, and what is said about it.
async fn refused(path: &Path, kind: ErrorKind, why: &str) {
    let before = fs::read(path).ok();
    let error = SqliteJournal::open(path, Durability::Process).await.expect_err("it is in the way");
    assert_eq!(error.kind(), kind, "{error}");
    let told = error.to_string();
    assert!(told.starts_with("open the journal ") && told.contains(why), "{told}");
    assert_eq!(fs::read(path).ok(), before, "it is left alone");
}

#[tokio::test]
async fn what_is_no_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fs::write(&path, "a diary\n").unwrap();
    refused(&path, ErrorKind::Foreign, "give a path of its own").await;
    fs::write(&path, "a diary, day after day. ".repeat(1000)).unwrap();
    refused(&path, ErrorKind::Foreign, "it is no SQLite file").await;
    fs::remove_file(&path).unwrap();
    let other = rusqlite_file(&path, "CREATE TABLE songs(name TEXT)");
    drop(other);
    refused(&path, ErrorKind::Foreign, "another program's SQLite file; give a path of its own").await;
    refused(folder.path(), ErrorKind::Foreign, "it is a folder").await;
    refused(&path.join("below.db"), ErrorKind::Io, "Not a directory").await;
}

#[tokio::test]
async fn what_a_later_version_wrote_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    written(&path).await;
    drop(rusqlite_file(&path, "PRAGMA user_version = 2; CREATE TABLE more(n INTEGER)"));
    refused(
        &path,
        ErrorKind::TooNew,
        "it has format 2, and this program knows 1; use the version that wrote it",
    )
    .await;
    drop(rusqlite_file(&path, "PRAGMA user_version = 1"));
    refused(&path, ErrorKind::Damaged, "it is damaged; put a copy in its place").await;
}

/// An empty file, and SQLite's own empty one, is as good as none.
#[tokio::test]
async fn an_empty_file_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    for (name, statement) in
        [("a.db", None), ("b.db", Some("VACUUM")), ("c.db", Some("PRAGMA journal_mode = WAL"))]
    {
        let path = folder.path().join(name);
        fs::write(&path, "").unwrap();
        drop(statement.map(|statement| rusqlite_file(&path, statement)));
        written(&path).await;
        let journal = SqliteJournal::open(&path, Durability::Process).await.unwrap();
        assert_eq!(journal.keys().await.unwrap().len(), 1, "{name}");
    }
}

/// Makes a journal with a log in it.
async fn written(path: &Path) {
    let journal = SqliteJournal::open(path, Durability::Process).await.expect("a good file");
    let key: Key = key("one");
    let (_, mut writer) = journal.open(&key).await.expect("a good file");
    writer.append(&[b"1".to_vec()]).await.expect("a good file");
    drop(writer);
    journal.close().await;
}

fn rusqlite_file(path: &Path, statements: &str) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a good file");
    connection.execute_batch(statements).expect("a good file");
    connection
}
