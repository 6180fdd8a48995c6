//! Where debates are written down.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use assize_journal::{Durability, ErrorKind as JournalErrorKind, FileJournal, Journal};
use assize_store::SqliteJournal;

use crate::{Error, ErrorKind};

/// A new file with one of these endings is one of SQLite's.
const ENDINGS: [&str; 3] = ["db", "sqlite", "sqlite3"];
const HEAD: &[u8; 16] = b"SQLite format 3\0";

/// Where a debate is written down, and how safely.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// A folder, with a file for each debate; or a SQLite file, which is there or ends in `.db`, `.sqlite` or `.sqlite3`.
    pub path: PathBuf,
    /// What an event survives that is written down.
    pub durability: Durability,
}

/// A journal, and what a debate's log in it is called.
#[derive(Debug)]
pub(crate) struct OpenJournal {
    pub(crate) journal: Arc<dyn Journal>,
    path: PathBuf,
    is_folder: bool,
}

impl OpenJournal {
    pub(crate) async fn open(options: JournalOptions) -> Result<Self, Error> {
        let JournalOptions { path, durability } = options;
        let is_folder = !is_sqlite(&path);
        if is_folder && path.exists() && !path.is_dir() {
            let message = format!("open the journal {}: it is not a folder", path.display());
            return Err(Error::bad_request(message).with_hint(
                "give a folder, such as `--journal ./debates`, or a SQLite file, such as `--journal debates.db`; it is made when \
                 there is none",
            ));
        }
        let journal: Arc<dyn Journal> = if is_folder {
            Arc::new(FileJournal::new(&path, durability))
        } else {
            Arc::new(SqliteJournal::open(&path, durability).await.map_err(refused)?)
        };
        Ok(Self { journal, path, is_folder })
    }

    /// The file that holds the log of a debate.
    pub(crate) fn log(&self, debate: &str) -> PathBuf {
        if self.is_folder { self.path.join(format!("{debate}.jsonl")) } else { self.path.clone() }
    }
}

/// A journal's failure: a file that is in the way is the user's, the rest comes from outside.
pub(crate) fn refused(error: assize_journal::Error) -> Error {
    let kind = match error.kind() {
        JournalErrorKind::BadKey
        | JournalErrorKind::Foreign
        | JournalErrorKind::TooNew
        | JournalErrorKind::Damaged => ErrorKind::BadRequest,
        _ => ErrorKind::Outside,
    };
    Error::caused(kind, "", error)
}

/// What is there says what it is; its name says so where nothing is.
fn is_sqlite(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let is_called_so = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    if is_called_so {
        return !path.is_dir();
    }
    let mut head = [0; HEAD.len()];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok()
        && head == *HEAD
}
