//! What outlives the process and is not a folder of files: by now a journal in SQLite.
//!
//! A [`SqliteJournal`] keeps any number of logs in one file, which several processes may use at once.

mod sqlite_journal;

pub use sqlite_journal::{LogSize, SqliteJournal};
