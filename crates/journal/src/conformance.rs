//! What every [`Journal`] must do; each implementation runs it.

use crate::{ErrorKind, Journal, Key, MAX_RECORD_BYTES};

/// Runs the whole suite on an empty journal.
///
/// # Panics
/// When the journal breaks the trait's contract: the message says how.
pub async fn run(journal: &dyn Journal) {
    keeps_order(journal).await;
    keeps_keys_apart(journal).await;
    has_one_writer_at_a_time(journal).await;
    refuses_what_a_line_cannot_hold(journal).await;
    goes_on_after_it_was_closed(journal).await;
}

fn key(text: &str) -> Key {
    text.parse().expect("a good key")
}

async fn keeps_order(journal: &dyn Journal) {
    let key = key("order");
    assert_eq!(journal.read(&key).await.expect("an unwritten key reads").records.len(), 0);
    let (log, mut writer) = journal.open(&key).await.expect("an unwritten key opens");
    assert_eq!(log.records.len(), 0);
    writer.append(&[]).await.expect("nothing can be appended");
    writer.append(&[b"1".to_vec(), Vec::new()]).await.expect("append");
    drop(writer);
    let (log, mut writer) = journal.open(&key).await.expect("it opens again");
    assert_eq!(log.records, [b"1".to_vec(), Vec::new()], "what was written before");
    writer.append(&[b"{\"three\": \"\xc3\xa9\"}".to_vec()]).await.expect("append");
    let log = journal.read(&key).await.expect("read");
    assert_eq!(
        log.records,
        [b"1".to_vec(), Vec::new(), b"{\"three\": \"\xc3\xa9\"}".to_vec()],
        "order and content"
    );
    assert_eq!(log.torn_bytes, 0);
}

async fn keeps_keys_apart(journal: &dyn Journal) {
    let (_, mut left) = journal.open(&key("left")).await.expect("open");
    let (_, mut right) = journal.open(&key("right")).await.expect("another key opens beside it");
    left.append(&[b"l".to_vec()]).await.expect("append");
    right.append(&[b"r".to_vec()]).await.expect("append");
    assert_eq!(journal.read(&key("left")).await.expect("read").records, [b"l".to_vec()]);
    assert_eq!(journal.read(&key("right")).await.expect("read").records, [b"r".to_vec()]);
}

async fn has_one_writer_at_a_time(journal: &dyn Journal) {
    let key = key("writer");
    let (_, mut first) = journal.open(&key).await.expect("open");
    first.append(&[b"one".to_vec()]).await.expect("append");
    assert_eq!(journal.open(&key).await.expect_err("it is open").kind(), ErrorKind::InUse);
    assert_eq!(journal.read(&key).await.expect("reading is free").records, [b"one".to_vec()]);
    drop(first);
    let (log, mut second) = journal.open(&key).await.expect("it is free");
    assert_eq!(log.records, [b"one".to_vec()]);
    second.append(&[b"two".to_vec()]).await.expect("append");
    assert_eq!(journal.read(&key).await.expect("read").records.len(), 2);
}

async fn refuses_what_a_line_cannot_hold(journal: &dyn Journal) {
    let key = key("refused");
    let (_, mut writer) = journal.open(&key).await.expect("open");
    for bad in [b"a\nb".to_vec(), vec![b'x'; MAX_RECORD_BYTES + 1]] {
        let error = writer.append(&[b"good".to_vec(), bad]).await.expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::BadRecord);
    }
    assert_eq!(journal.read(&key).await.expect("read").records.len(), 0, "all records of a call, or none");
}

async fn goes_on_after_it_was_closed(journal: &dyn Journal) {
    let key = key("closed");
    let (_, mut writer) = journal.open(&key).await.expect("open");
    writer.append(&[b"before".to_vec()]).await.expect("append");
    journal.close().await;
    writer.append(&[b"between".to_vec()]).await.expect("a writer goes on");
    drop(writer);
    journal.close().await;
    let (log, mut writer) = journal.open(&key).await.expect("it opens again");
    assert_eq!(log.records, [b"before".to_vec(), b"between".to_vec()]);
    writer.append(&[b"after".to_vec()]).await.expect("append");
    assert_eq!(journal.read(&key).await.expect("read").records.len(), 3);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Durability, FileJournal, MemoryJournal};

    #[tokio::test]
    async fn memory() {
        run(&MemoryJournal::default()).await;
    }

    #[tokio::test]
    async fn file() {
        for durability in [Durability::Process, Durability::Power] {
            let folder = tempfile::tempdir().unwrap();
            run(&FileJournal::new(folder.path(), durability)).await;
        }
    }
}
