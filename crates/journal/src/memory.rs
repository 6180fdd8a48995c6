//! A journal in memory: for tests, and for debates that need not outlive the process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Journal, Key, Log, Writer,
    journal::{from_lines, to_lines},
};

/// Keeps its logs in memory. Clones share them.
///
/// ```
/// use assize_journal::{Journal, MemoryJournal};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let journal = MemoryJournal::default();
/// let key = "deb-1".parse()?;
/// let (_, mut writer) = journal.open(&key).await?;
/// writer.append(&[b"asked".to_vec(), b"spoke".to_vec()]).await?;
/// assert_eq!(journal.read(&key).await?.records.len(), 2);
/// # Ok::<(), assize_journal::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    logs: Arc<Mutex<BTreeMap<Key, MemoryLog>>>,
}

#[derive(Debug, Default)]
struct MemoryLog {
    lines: Vec<u8>,
    is_open: bool,
}

impl MemoryJournal {
    fn logs(&self) -> MutexGuard<'_, BTreeMap<Key, MemoryLog>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), Error> {
        let mut logs = self.logs();
        let log = logs.entry(key.clone()).or_default();
        if log.is_open {
            let message = format!("write the journal {key}: somebody else is writing it");
            return Err(ErrorKind::InUse.error(message));
        }
        log.is_open = true;
        Ok((from_lines(&log.lines), Box::new(MemoryWriter { journal: self.clone(), key: key.clone() })))
    }

    async fn read(&self, key: &Key) -> Result<Log, Error> {
        Ok(self.logs().get(key).map(|log| from_lines(&log.lines)).unwrap_or_default())
    }
}

#[derive(Debug)]
struct MemoryWriter {
    journal: MemoryJournal,
    key: Key,
}

#[async_trait]
impl Writer for MemoryWriter {
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), Error> {
        let lines = to_lines(records)?;
        self.journal.logs().entry(self.key.clone()).or_default().lines.extend_from_slice(&lines);
        Ok(())
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        if let Some(log) = self.journal.logs().get_mut(&self.key) {
            log.is_open = false;
        }
    }
}
