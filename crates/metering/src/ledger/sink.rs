//! Where a ledger is written to.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::entry::Entry;
use super::log::MAX_LINE_BYTES;

/// Takes a ledger's entries.
///
/// It is called in order, one entry at a time, while the ledger is locked: it should be quick, and it must neither panic
/// nor call the ledger. A reservation is granted only after its entry was taken. An entry that was refused comes again,
/// or, where it was that of a reservation, another with the same sequence number in its place.
pub trait LedgerSink: fmt::Debug + Send {
    /// Takes an entry.
    ///
    /// # Errors
    /// Whatever kept it from being written. Until it succeeds, no reservation is granted.
    fn record(&mut self, entry: &Entry) -> io::Result<()>;
}

/// Keeps entries in memory; clones share them.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::SystemClock;
/// use assize_metering::{Attribution, Charge, Ledger, MemorySink, Usd};
///
/// let sink = MemorySink::default();
/// let ledger = Ledger::builder(Arc::new(SystemClock)).sink(sink.clone()).open()?;
/// drop(ledger.reserve(Charge::new(Attribution::new(), Usd::ZERO))?);
/// assert_eq!(sink.entries().len(), 2); // reserved, released
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemorySink {
    entries: Arc<Mutex<VecDeque<Entry>>>,
    most: Option<usize>,
}

impl MemorySink {
    /// One that keeps only the last so many entries.
    #[must_use]
    pub fn of_last(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// The entries that it holds, the oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl LedgerSink for MemorySink {
    fn record(&mut self, entry: &Entry) -> io::Result<()> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push_back(entry.clone());
        while self.most.is_some_and(|most| entries.len() > most) {
            entries.pop_front();
        }
        Ok(())
    }
}

/// Writes each entry as a line of JSON, and flushes it. What that is worth is the writer's business: a file's flush
/// survives the death of the process, not of the machine.
///
/// A vendor's report that is nested too deeply to be read back, or that makes a line longer than 16 MiB, is left out of
/// the line; the counts and amounts are always written.
pub struct JsonLines<W> {
    writer: W,
    line: Vec<u8>,
    /// The last line may be torn.
    torn: bool,
}

impl<W: Write + Send> JsonLines<W> {
    /// Writes to an empty file.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { writer, line: Vec::new(), torn: false }
    }

    /// Appends to a file that holds a ledger, whose last line may be torn.
    #[must_use]
    pub fn appending(writer: W) -> Self {
        Self { torn: true, ..Self::new(writer) }
    }

    fn set_line(&mut self, entry: &Entry) -> io::Result<()> {
        self.line.clear();
        if self.torn {
            self.line.push(b'\n');
        }
        serde_json::to_writer(&mut self.line, entry)?;
        self.line.push(b'\n');
        Ok(())
    }
}

impl<W: Write + Send> LedgerSink for JsonLines<W> {
    fn record(&mut self, entry: &Entry) -> io::Result<()> {
        let report = entry.usage.as_ref().and_then(|usage| usage.report.as_ref());
        if report.is_none_or(|report| is_shallow(&report.raw)) {
            self.set_line(entry)?;
        }
        let too_long = self.line.len() > MAX_LINE_BYTES;
        if report.is_some_and(|report| too_long || !is_shallow(&report.raw)) {
            let mut bare = entry.clone();
            if let Some(usage) = &mut bare.usage {
                Arc::make_mut(usage).report = None;
            }
            self.set_line(&bare)?;
        }
        let written = self.writer.write_all(&self.line).and_then(|()| self.writer.flush());
        self.torn = written.is_err();
        if self.line.capacity() > MAX_KEPT_BYTES {
            self.line = Vec::new();
        }
        written
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("torn", &self.torn).finish_non_exhaustive()
    }
}

const MAX_KEPT_BYTES: usize = 1 << 16;

/// Whether a value can be read back inside an entry: readers stop at 128 levels. Walks without recursion, and stops at
/// the limit.
fn is_shallow(value: &Value) -> bool {
    const MAX_DEPTH: usize = 64;
    let mut left = vec![(value, 0)];
    while let Some((value, depth)) = left.pop() {
        if depth > MAX_DEPTH {
            return false;
        }
        match value {
            Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(fields) => left.extend(fields.values().map(|field| (field, depth + 1))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    true
}
