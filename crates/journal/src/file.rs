//! A journal of files: one `<key>.jsonl` in a folder.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind as IoErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Journal, Key, Log,
    journal::{from_lines, to_lines},
};

/// How much a journal's acknowledgement survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process, kill −9 included: the operating system has the bytes.
    #[default]
    Process,
    /// A loss of power: the disk has the bytes (`fsync`).
    Power,
}

/// As many logs are kept open for writing at once; beyond it the one that rested longest is closed.
const MAX_OPEN: usize = 256;

/// Keeps each log in a file of its own, one record a line.
///
/// While a log is open for writing, an advisory lock keeps other processes from appending to it; the operating
/// system releases it when the process dies.
#[derive(Debug)]
pub struct FileJournal {
    folder: PathBuf,
    durability: Durability,
    open: Mutex<OpenLogs>,
}

#[derive(Debug, Default)]
struct OpenLogs {
    by_key: BTreeMap<Key, (u64, Arc<Mutex<OpenLog>>)>,
    uses: u64,
}

#[derive(Debug)]
struct OpenLog {
    path: PathBuf,
    file: File,
    length: u64,
}

impl FileJournal {
    /// A journal in `folder`, which is created when the first record is written.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, durability: Durability) -> Self {
        Self { folder: folder.into(), durability, open: Mutex::default() }
    }

    /// Where the log of `key` is kept.
    #[must_use]
    pub fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.jsonl"))
    }

    fn log(&self, key: &Key) -> Result<Arc<Mutex<OpenLog>>, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.uses += 1;
        let now = open.uses;
        if let Some((used, log)) = open.by_key.get_mut(key) {
            *used = now;
            return Ok(Arc::clone(log));
        }
        if open.by_key.len() >= MAX_OPEN {
            // A log in use must stay: a second handle on it would meet the first one's lock.
            let idle = open.by_key.iter().filter(|(_, (_, log))| Arc::strong_count(log) == 1);
            if let Some(oldest) = idle.min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone()) {
                open.by_key.remove(&oldest);
            }
        }
        let log = Arc::new(Mutex::new(OpenLog::open(&self.folder, self.path(key))?));
        open.by_key.insert(key.clone(), (now, Arc::clone(&log)));
        Ok(log)
    }
}

impl OpenLog {
    fn open(folder: &Path, path: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(folder)
            .map_err(|e| Error::io(format!("create the journal folder {}", folder.display()), e))?;
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|e| Error::io(format!("open the journal {}", path.display()), e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("write the journal {}: another process is writing it", path.display());
                return Err(Error::new(ErrorKind::InUse, message));
            }
            Err(TryLockError::Error(e)) => {
                return Err(Error::io(format!("lock the journal {}", path.display()), e));
            }
        }
        let length = drop_torn_tail(&mut file)
            .map_err(|e| Error::io(format!("repair the journal {}", path.display()), e))?;
        Ok(Self { path, file, length })
    }

    fn append(&mut self, lines: &[u8], durability: Durability) -> Result<(), Error> {
        let written = self.file.write_all(lines).and_then(|()| match durability {
            Durability::Process => Ok(()),
            Durability::Power => self.file.sync_data(),
        });
        match written {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(e) => {
                // All or nothing: what was partly written must not be read as a record later.
                let message = match self.file.set_len(self.length) {
                    Ok(()) => format!("write the journal {}", self.path.display()),
                    Err(_) => format!(
                        "write the journal {} (and to take the partial record back)",
                        self.path.display()
                    ),
                };
                Err(Error::io(message, e))
            }
        }
    }
}

/// Cuts off what follows the last line break, and returns the length that is left.
fn drop_torn_tail(file: &mut File) -> std::io::Result<u64> {
    const BLOCK: u64 = 64 << 10;
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = length;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        (&mut *file).take(end - start).read_to_end(&mut block)?;
        if let Some(last) = block.iter().rposition(|&b| b == b'\n') {
            end = start + last as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(end)
}

#[async_trait]
impl Journal for FileJournal {
    /// With [`Durability::Process`] the write goes to the operating system's page cache in this thread: that takes
    /// microseconds, less than a hop to another thread would. An fsync is done on a blocking thread.
    async fn append(&self, key: &Key, records: &[Vec<u8>]) -> Result<(), Error> {
        let lines = to_lines(records)?;
        if lines.is_empty() {
            return Ok(());
        }
        let log = self.log(key)?;
        let durability = self.durability;
        let write = move || log.lock().unwrap_or_else(PoisonError::into_inner).append(&lines, durability);
        match durability {
            Durability::Process => write(),
            Durability::Power => tokio::task::spawn_blocking(write)
                .await
                .map_err(|e| Error::io("write the journal", std::io::Error::other(e)))?,
        }
    }

    async fn read(&self, key: &Key) -> Result<Log, Error> {
        let path = self.path(key);
        match fs::read(&path) {
            Ok(bytes) => Ok(from_lines(&bytes)),
            Err(e) if e.kind() == IoErrorKind::NotFound => Ok(Log::default()),
            Err(e) => Err(Error::io(format!("read the journal {}", path.display()), e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_torn_record_is_left_out_and_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let key: Key = "deb-1".parse().unwrap();
        let path = FileJournal::new(folder.path(), Durability::Process).path(&key);
        fs::write(&path, b"one\ntwo\nthr").unwrap();
        block_on(async {
            let journal = FileJournal::new(folder.path(), Durability::Process);
            let log = journal.read(&key).await.unwrap();
            assert_eq!((log.records.len(), log.torn_bytes), (2, 3));
            journal.append(&key, &[b"three".to_vec()]).await.unwrap();
            let log = journal.read(&key).await.unwrap();
            assert_eq!(log.records, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
            assert_eq!(log.torn_bytes, 0);
        });
    }

    #[test]
    fn two_writers_of_one_log_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let key: Key = "deb-1".parse().unwrap();
        block_on(async {
            let first = FileJournal::new(folder.path(), Durability::Process);
            first.append(&key, &[b"one".to_vec()]).await.unwrap();
            let second = FileJournal::new(folder.path(), Durability::Process);
            let refused = second.append(&key, &[b"two".to_vec()]).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InUse);
            assert_eq!(second.read(&key).await.unwrap().records, [b"one".to_vec()]);
            drop(first);
            second.append(&key, &[b"two".to_vec()]).await.unwrap();
        });
    }

    #[test]
    fn more_logs_than_can_be_open_at_once() {
        let folder = tempfile::tempdir().unwrap();
        block_on(async {
            let journal = FileJournal::new(folder.path(), Durability::Process);
            for round in 0..2 {
                for n in 0..MAX_OPEN + 20 {
                    let record = format!("{round}").into_bytes();
                    journal.append(&format!("deb-{n}").parse().unwrap(), &[record]).await.unwrap();
                }
            }
            assert!(journal.open.lock().unwrap().by_key.len() <= MAX_OPEN);
            for n in 0..MAX_OPEN + 20 {
                let log = journal.read(&format!("deb-{n}").parse().unwrap()).await.unwrap();
                assert_eq!(log.records, [b"0".to_vec(), b"1".to_vec()]);
            }
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn wherever_the_file_is_cut_whole_records_survive(
            records in prop::collection::vec(prop::collection::vec(prop::num::u8::ANY.prop_filter("line break", |b| *b != b'\n'), 0..40), 1..20),
            cut in 0.0..1.0_f64,
        ) {
            let lines = to_lines(&records).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position in a small file")]
            let cut = (lines.len() as f64 * cut) as usize;
            let log = from_lines(&lines[..cut]);
            let whole = lines[..cut].iter().filter(|&&b| b == b'\n').count();
            prop_assert_eq!(&log.records[..], &records[..whole]);
        }
    }
}
