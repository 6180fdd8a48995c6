//! A journal whose records are in one order, whichever log they are of: it can be cut as a process dies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assize_journal::{Error, Journal, Key, Log, Writer};
use async_trait::async_trait;

type Records = Arc<Mutex<Vec<(Key, Vec<u8>)>>>;

/// Records of all logs, in the order in which they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape(Records);

#[derive(Debug)]
struct Head {
    key: Key,
    records: Records,
}

impl Tape {
    fn records(&self) -> MutexGuard<'_, Vec<(Key, Vec<u8>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.records().len()
    }

    /// What there would be if the process had died after so many records.
    pub(crate) fn cut(&self, records: usize) -> Self {
        Self(Arc::new(Mutex::new(self.records()[..records].to_vec())))
    }

    /// All logs, by their keys.
    pub(crate) fn logs(&self) -> Vec<(Key, Vec<u8>)> {
        let mut records = self.records().clone();
        // Stable: each log keeps its order.
        records.sort_by(|(one, _), (other, _)| one.cmp(other));
        records
    }
}

#[async_trait]
impl Journal for Tape {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), Error> {
        let head = Head { key: key.clone(), records: Arc::clone(&self.0) };
        Ok((self.read(key).await?, Box::new(head)))
    }

    async fn read(&self, key: &Key) -> Result<Log, Error> {
        let records =
            self.records().iter().filter(|(of, _)| of == key).map(|(_, line)| line.clone()).collect();
        Ok(Log { records, torn_bytes: 0 })
    }
}

#[async_trait]
impl Writer for Head {
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), Error> {
        let mut all = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(records.iter().map(|record| (self.key.clone(), record.clone())));
        Ok(())
    }
}
