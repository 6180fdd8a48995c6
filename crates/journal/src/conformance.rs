//! What every [`Journal`] must do; each implementation runs it.

use crate::{ErrorKind, Journal, Key, MAX_RECORD_BYTES};

/// Runs the whole suite on an empty journal.
///
/// # Panics
/// When the journal breaks the trait's contract: the message says how.
pub async fn run(journal: &dyn Journal) {
    keeps_order(journal).await;
    keeps_keys_apart(journal).await;
    refuses_what_a_line_cannot_hold(journal).await;
}

fn key(text: &str) -> Key {
    text.parse().expect("a good key")
}

async fn keeps_order(journal: &dyn Journal) {
    let key = key("order");
    assert_eq!(journal.read(&key).await.expect("an unwritten key reads").records.len(), 0);
    journal.append(&key, &[]).await.expect("nothing can be appended");
    for batch in [vec![b"1".to_vec(), Vec::new()], vec![b"{\"three\": \"\xc3\xa9\"}".to_vec()]] {
        journal.append(&key, &batch).await.expect("append");
    }
    let log = journal.read(&key).await.expect("read");
    assert_eq!(
        log.records,
        [b"1".to_vec(), Vec::new(), b"{\"three\": \"\xc3\xa9\"}".to_vec()],
        "order and content"
    );
    assert_eq!(log.torn_bytes, 0);
}

async fn keeps_keys_apart(journal: &dyn Journal) {
    journal.append(&key("left"), &[b"l".to_vec()]).await.expect("append");
    journal.append(&key("right"), &[b"r".to_vec()]).await.expect("append");
    assert_eq!(journal.read(&key("left")).await.expect("read").records, [b"l".to_vec()]);
    assert_eq!(journal.read(&key("right")).await.expect("read").records, [b"r".to_vec()]);
}

async fn refuses_what_a_line_cannot_hold(journal: &dyn Journal) {
    let key = key("refused");
    for bad in [b"a\nb".to_vec(), vec![b'x'; MAX_RECORD_BYTES + 1]] {
        let error = journal.append(&key, &[b"good".to_vec(), bad]).await.expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::BadRecord);
    }
    assert_eq!(journal.read(&key).await.expect("read").records.len(), 0, "all records of a call, or none");
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
