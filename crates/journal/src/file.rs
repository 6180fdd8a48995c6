//! A journal of files: one `<key>.jsonl` in a folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind as IoErrorKind, Read, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Durability, Error, ErrorKind, Journal, Key, Log, Writer,
    disk::{Disk, Real, make_folder_on},
    journal::{from_lines, to_lines},
};

/// Keeps each log in a file of its own, one record a line.
///
/// While a log is open for writing, an advisory lock keeps everybody else from opening it; the operating system releases
/// it when the process dies. Each open log holds a file handle: for thousands at once, raise the process's limit.
///
/// With [`Durability::Power`] an append is acknowledged when the file is synced, and a log is open when its folder is, so
/// that the file is found under its name.
#[derive(Debug, Clone)]
pub struct FileJournal {
    folder: PathBuf,
    durability: Durability,
    disk: Arc<dyn Disk>,
}

impl FileJournal {
    /// A journal in `folder`, which is created when the first log is opened.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, durability: Durability) -> Self {
        Self { folder: folder.into(), durability, disk: Arc::new(Real) }
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
        let (this, path) = (self.clone(), self.path(key));
        let (log, open) = off_the_runtime(self.durability, "open", move || {
            let (mut open, bytes) = OpenLog::open(&this, path)?;
            let log = from_lines(&bytes);
            if log.torn_bytes > 0 {
                open.cut(bytes.len() as u64 - log.torn_bytes)?;
            }
            Ok((log, open))
        })
        .await?;
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
        let log = Arc::clone(&self.log);
        let write = move || log.lock().unwrap_or_else(PoisonError::into_inner).append(&lines);
        off_the_runtime(self.durability, "write", write).await
    }
}

/// Whatever syncs is done on a thread that may wait.
async fn off_the_runtime<T: Send + 'static>(
    durability: Durability,
    what: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match durability {
        Durability::Process => work(),
        Durability::Power => tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| ErrorKind::Io.error(format!("{what} the journal: it was broken off")).because(e))?,
    }
}

#[derive(Debug)]
struct OpenLog {
    path: PathBuf,
    file: File,
    length: u64,
    durability: Durability,
    disk: Arc<dyn Disk>,
    /// A partial record could not be taken back, or the disk failed to sync: nothing may follow.
    is_broken: bool,
}

impl OpenLog {
    /// Opens and locks a log, and reads what it holds.
    fn open(journal: &FileJournal, path: PathBuf) -> Result<(Self, Vec<u8>), Error> {
        let FileJournal { folder, durability, disk } = journal;
        make_folder_on(&**disk, folder, *durability)
            .map_err(|e| Error::io(format!("create the journal folder {}", folder.display()), e))?;
        let failed = |what: &str, e| Error::io(format!("{what} the journal {}", path.display()), e);
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
                return Err(ErrorKind::InUse.error(message));
            }
            Err(TryLockError::Error(e)) => return Err(failed("lock", e)),
        }
        if *durability == Durability::Power {
            // Also where the file is there already: who made it may have died before this, or not have cared.
            disk.sync_folder(folder).map_err(|e| failed("create", e))?;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| failed("read", e))?;
        let length = bytes.len() as u64;
        let (durability, disk) = (*durability, Arc::clone(disk));
        Ok((Self { path, file, length, durability, disk, is_broken: false }, bytes))
    }

    /// Cuts the log to this length.
    fn cut(&mut self, length: u64) -> Result<(), Error> {
        self.file
            .set_len(length)
            .map_err(|e| Error::io(format!("repair the journal {}", self.path.display()), e))?;
        self.length = length;
        Ok(())
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), Error> {
        let shown = self.path.display();
        if self.is_broken {
            let message = format!("write the journal {shown}: an earlier write left it torn; open it again");
            return Err(ErrorKind::Io.error(message));
        }
        let written = self.file.write_all(lines);
        let synced = written.and_then(|()| match self.durability {
            Durability::Process => Ok(()),
            // What a disk failed to sync it may take for synced when it is asked again.
            Durability::Power => self.disk.sync_file(&self.file).inspect_err(|_| self.is_broken = true),
        });
        match synced {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(e) => {
                // All or nothing: what was partly written must not be read as a record later.
                self.is_broken |= self.file.set_len(self.length).is_err();
                Err(Error::io(format!("write the journal {shown}"), e))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        let (file, disk) = (File::open(&path).unwrap(), Arc::new(Real));
        let mut log =
            OpenLog { path, file, length: 4, durability: Durability::Process, disk, is_broken: false };
        assert_eq!(log.append(b"two\n").unwrap_err().kind(), ErrorKind::Io);
        let refused = log.append(b"three\n").unwrap_err();
        assert!(refused.to_string().contains("open it again"), "{refused}");
    }

    /// Hears what is synced, and does it; or fails.
    #[derive(Debug, Default)]
    struct Listener {
        heard: Mutex<Vec<String>>,
        fails: std::sync::atomic::AtomicBool,
    }

    impl Listener {
        fn heard(&self) -> Vec<String> {
            std::mem::take(&mut *self.heard.lock().unwrap())
        }
    }

    impl Disk for Listener {
        fn sync_file(&self, file: &File) -> std::io::Result<()> {
            if self.fails.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(std::io::Error::other("the disk is gone"));
            }
            self.heard.lock().unwrap().push(format!("{} bytes", file.metadata()?.len()));
            Real.sync_file(file)
        }

        fn sync_folder(&self, folder: &Path) -> std::io::Result<()> {
            let mut names: Vec<_> = fs::read_dir(folder)?
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            self.heard.lock().unwrap().push(names.join(" "));
            Real.sync_folder(folder)
        }
    }

    fn journal_on(disk: &Arc<Listener>, folder: &Path, durability: Durability) -> FileJournal {
        FileJournal { disk: Arc::clone(disk) as Arc<dyn Disk>, ..FileJournal::new(folder, durability) }
    }

    #[test]
    fn with_power_everything_is_synced_before_it_is_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, key): (_, Key) = (Arc::new(Listener::default()), "deb-1".parse().unwrap());
        let journal = journal_on(&disk, &folder.path().join("a/b"), Durability::Power);
        block_on(async {
            let (_, mut writer) = journal.open(&key).await.unwrap();
            assert_eq!(disk.heard(), ["a", "b", "deb-1.jsonl"], "each name in its folder");
            writer.append(&[b"one".to_vec()]).await.unwrap();
            assert_eq!(disk.heard(), ["4 bytes"]);
            writer.append(&[b"two".to_vec(), b"three".to_vec()]).await.unwrap();
            assert_eq!(disk.heard(), ["14 bytes"], "once for all records of a call");
            writer.append(&[]).await.unwrap();
            assert!(disk.heard().is_empty());
            drop(writer);
            let other = journal_on(&disk, &folder.path().join("a/b"), Durability::Process);
            let (_, mut writer) = other.open(&"deb-2".parse().unwrap()).await.unwrap();
            writer.append(&[b"one".to_vec()]).await.unwrap();
            drop(writer);
            assert!(disk.heard().is_empty(), "the death of a process takes nothing from the system");
            journal.open(&"deb-2".parse().unwrap()).await.unwrap();
            assert_eq!(disk.heard(), ["deb-1.jsonl deb-2.jsonl"], "who made it did not care");
        });
    }

    #[test]
    fn after_a_sync_that_failed_nothing_follows() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, key): (_, Key) = (Arc::new(Listener::default()), "deb-1".parse().unwrap());
        let journal = journal_on(&disk, folder.path(), Durability::Power);
        block_on(async {
            let (_, mut writer) = journal.open(&key).await.unwrap();
            writer.append(&[b"one".to_vec()]).await.unwrap();
            disk.fails.store(true, std::sync::atomic::Ordering::Relaxed);
            let refused = writer.append(&[b"two".to_vec()]).await.unwrap_err();
            assert!(refused.to_string().contains("the disk is gone"), "{refused}");
            disk.fails.store(false, std::sync::atomic::Ordering::Relaxed);
            assert!(writer.append(&[b"two".to_vec()]).await.is_err(), "a second sync may promise too much");
            assert_eq!(journal.read(&key).await.unwrap().records, [b"one".to_vec()]);
            drop(writer);
            let (log, mut writer) = journal.open(&key).await.unwrap();
            assert_eq!(log.records.len(), 1);
            writer.append(&[b"two".to_vec()]).await.unwrap();
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
