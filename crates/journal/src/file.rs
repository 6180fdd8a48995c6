//! A journal of files: one `<key>.jsonl` in a folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind as IoErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Journal, Key, Log, Writer,
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

/// Keeps each log in a file of its own, one record a line.
///
/// While a log is open for writing, an advisory lock keeps everybody else from opening it; the operating system releases
/// it when the process dies. Each open log holds a file handle: for thousands at once, raise the process's limit.
#[derive(Debug, Clone)]
pub struct FileJournal {
    folder: PathBuf,
    durability: Durability,
}

impl FileJournal {
    /// A journal in `folder`, which is created when the first log is opened.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, durability: Durability) -> Self {
        Self { folder: folder.into(), durability }
    }

    /// Where the log of `key` is kept.
    #[must_use]
    pub fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.jsonl"))
    }
}

#[async_trait]
impl Journal for FileJournal {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), Error> {
        let (mut open, bytes) = OpenLog::open(&self.folder, self.path(key), self.durability)?;
        let log = from_lines(&bytes);
        if log.torn_bytes > 0 {
            open.cut(bytes.len() as u64 - log.torn_bytes)?;
        }
        Ok((log, Box::new(FileWriter { log: Arc::new(Mutex::new(open)), durability: self.durability })))
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

#[derive(Debug)]
struct FileWriter {
    /// Shared with a write that is under way on another thread: should the writer be dropped meanwhile, the lock stays
    /// until the write is done.
    log: Arc<Mutex<OpenLog>>,
    durability: Durability,
}

#[async_trait]
impl Writer for FileWriter {
    /// With [`Durability::Process`] the write goes to the operating system's page cache in this thread: that takes
    /// microseconds, less than a hop to another thread would. An fsync is done on a blocking thread.
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), Error> {
        let lines = to_lines(records)?;
        if lines.is_empty() {
            return Ok(());
        }
        let (log, durability) = (Arc::clone(&self.log), self.durability);
        let write = move || log.lock().unwrap_or_else(PoisonError::into_inner).append(&lines, durability);
        match durability {
            Durability::Process => write(),
            Durability::Power => tokio::task::spawn_blocking(write)
                .await
                .map_err(|e| Error::io("write the journal", std::io::Error::other(e)))?,
        }
    }
}

#[derive(Debug)]
struct OpenLog {
    path: PathBuf,
    file: File,
    length: u64,
    /// A partial record could not be taken back: nothing may follow it.
    is_broken: bool,
}

impl OpenLog {
    /// Opens and locks a log, and reads what it holds.
    fn open(folder: &Path, path: PathBuf, durability: Durability) -> Result<(Self, Vec<u8>), Error> {
        fs::create_dir_all(folder)
            .map_err(|e| Error::io(format!("create the journal folder {}", folder.display()), e))?;
        let failed = |what: &str, e| Error::io(format!("{what} the journal {}", path.display()), e);
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|e| failed("open", e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("write the journal {}: somebody else is writing it", path.display());
                return Err(Error::new(ErrorKind::InUse, message));
            }
            Err(TryLockError::Error(e)) => return Err(failed("lock", e)),
        }
        if is_new && durability == Durability::Power {
            // The file's name must survive too, not only what is in it.
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| failed("create", e))?;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| failed("read", e))?;
        let length = bytes.len() as u64;
        Ok((Self { path, file, length, is_broken: false }, bytes))
    }

    /// Cuts the log to this length.
    fn cut(&mut self, length: u64) -> Result<(), Error> {
        self.file
            .set_len(length)
            .map_err(|e| Error::io(format!("repair the journal {}", self.path.display()), e))?;
        self.length = length;
        Ok(())
    }

    fn append(&mut self, lines: &[u8], durability: Durability) -> Result<(), Error> {
        let shown = self.path.display();
        if self.is_broken {
            return Err(Error::new(
                ErrorKind::Io,
                format!("write the journal {shown}: an earlier write left it torn; open it again"),
            ));
        }
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
                self.is_broken = self.file.set_len(self.length).is_err();
                Err(Error::io(format!("write the journal {shown}"), e))
            }
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
        let journal = FileJournal::new(folder.path(), Durability::Process);
        fs::write(journal.path(&key), b"one\ntwo\nthr").unwrap();
        block_on(async {
            assert_eq!(journal.read(&key).await.unwrap().torn_bytes, 3);
            let (log, mut writer) = journal.open(&key).await.unwrap();
            assert_eq!((log.records.len(), log.torn_bytes), (2, 3));
            writer.append(&[b"three".to_vec()]).await.unwrap();
            let log = journal.read(&key).await.unwrap();
            assert_eq!(log.records, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
            assert_eq!(log.torn_bytes, 0);
        });
    }

    #[test]
    fn after_a_write_that_could_not_be_taken_back_nothing_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("read-only.jsonl");
        fs::write(&path, b"one\n").unwrap();
        // A handle that cannot write stands for a full disk that cannot even be cut.
        let mut log = OpenLog { file: File::open(&path).unwrap(), path, length: 4, is_broken: false };
        assert_eq!(log.append(b"two\n", Durability::Process).unwrap_err().kind(), ErrorKind::Io);
        let refused = log.append(b"three\n", Durability::Process).unwrap_err();
        assert!(refused.to_string().contains("open it again"), "{refused}");
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
