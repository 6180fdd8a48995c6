//! An append-only log per key that survives kill −9.
//!
//! A [`Journal`] keeps records (lines of bytes) in the order in which they were appended, one log for each [`Key`]; a log
//! has one [`Writer`] at a time. What [`append`](Writer::append) has acknowledged is there after a crash of the process;
//! with [`Durability::Power`] also after a loss of power. A record that was being written when the process died is
//! recognised as torn and left out, never half read.

#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod disk;
mod error;
mod file;
mod journal;
mod memory;

pub use disk::{make_folder, sync_folder};
pub use error::{Error, ErrorKind};
pub use file::FileJournal;
#[cfg(any(test, feature = "test-util"))]
pub use journal::MockJournal;
pub use journal::{Durability, Journal, Key, Log, MAX_RECORD_BYTES, Writer, check_record};
pub use memory::MemoryJournal;
