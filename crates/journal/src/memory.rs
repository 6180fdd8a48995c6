//! A journal in memory: for tests, and for debates that need not outlive the process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Error, Journal, Key, Log,
    journal::{from_lines, to_lines},
};

/// Keeps its logs in memory.
///
/// ```
/// use assize_journal::{Journal, MemoryJournal};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let journal = MemoryJournal::default();
/// let key = "deb-1".parse()?;
/// journal.append(&key, &[b"asked".to_vec(), b"spoke".to_vec()]).await?;
/// assert_eq!(journal.read(&key).await?.records.len(), 2);
/// # Ok::<(), assize_journal::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct MemoryJournal {
    logs: Mutex<BTreeMap<Key, Vec<u8>>>,
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(&self, key: &Key, records: &[Vec<u8>]) -> Result<(), Error> {
        let lines = to_lines(records)?;
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        match logs.get_mut(key) {
            Some(log) => log.extend_from_slice(&lines),
            None => {
                logs.insert(key.clone(), lines);
            }
        }
        Ok(())
    }

    async fn read(&self, key: &Key) -> Result<Log, Error> {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(logs.get(key).map(|bytes| from_lines(bytes)).unwrap_or_default())
    }
}
