//! Reading a ledger that was written as lines of JSON.

use std::io::{BufRead, Read};

use super::entry::Entry;
use super::problem::Problem;
use crate::error::Result;

/// The longest line that is read.
pub(super) const MAX_LINE_BYTES: usize = 16 << 20;

/// The entries of a ledger that [`JsonLines`](super::JsonLines) wrote, one after the other and checked: their numbers have
/// no gap. It holds one line at a time.
///
/// - A torn last line, without its line break, is left out: its entry was never acknowledged.
/// - A torn line in the middle is passed over where the numbers go on without a gap: its entry was written again.
/// - Of neighbouring lines with the same number the last counts: the writing of the earlier one was reported as failed.
/// - Any other line that cannot be read is an error, after which the iterator ends.
///
/// ```
/// use assize_metering::{LedgerLog, RollUp};
///
/// let log: &[u8] = b"{\"format_version\":1,\"sequ"; // the process died while it wrote its first entry
/// assert_eq!(LedgerLog::new(log).count(), 0);
/// ```
#[derive(Debug)]
pub struct LedgerLog<R> {
    reader: R,
    line: Vec<u8>,
    number: usize,
    /// The entry that comes next, unless the line after it takes its place.
    pending: Option<Entry>,
    /// A line that could not be read: its number and what is wrong.
    unread: Option<(usize, String)>,
    done: bool,
}

impl<R: BufRead> LedgerLog<R> {
    /// Reads from here.
    #[must_use]
    pub fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), number: 0, pending: None, unread: None, done: false }
    }

    /// The next entry, or `None` at the end.
    fn advance(&mut self) -> Result<Option<Entry>> {
        loop {
            self.line.clear();
            let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
            let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line);
            self.number += 1;
            let length = read.map_err(|error| Problem::unreadable(self.number, error))?;
            if length == 0 {
                self.done = true;
                return match self.unread.take() {
                    Some((line, problem)) => Err(Problem::corrupt(line, problem)),
                    None => Ok(self.pending.take()),
                };
            }
            let whole = self.line.ends_with(b"\n");
            if !whole && length == MAX_LINE_BYTES {
                return Err(Problem::corrupt(self.number, "it is longer than 16 MiB".to_owned()));
            }
            if self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<Entry>(&self.line) {
                Ok(entry) => {
                    if let Some(ready) = self.follow(entry)? {
                        return Ok(Some(ready));
                    }
                }
                // Torn at the very end. If a line before it was unread as well, that is said at the end.
                Err(_) if !whole => {}
                Err(error) => {
                    if let Some((line, problem)) = self.unread.replace((self.number, error.to_string())) {
                        return Err(Problem::corrupt(line, problem));
                    }
                }
            }
        }
    }

    /// Takes an entry behind the pending one, which is returned where it is final.
    fn follow(&mut self, entry: Entry) -> Result<Option<Entry>> {
        let last = self.pending.as_ref().map_or(0, |pending| pending.sequence);
        if let Some(problem) = entry.problem() {
            return Err(Problem::corrupt(self.number, problem.to_owned()));
        }
        let again = last > 0 && entry.sequence == last;
        if again || last.checked_add(1) == Some(entry.sequence) {
            self.unread = None;
            let before = self.pending.replace(entry);
            return Ok(before.filter(|_| !again));
        }
        Err(match self.unread.take() {
            Some((line, problem)) => Problem::corrupt(line, problem),
            None => {
                let problem =
                    format!("entry {} follows entry {last}; lines are missing or doubled", entry.sequence);
                Problem::corrupt(self.number, problem)
            }
        })
    }
}

impl<R: BufRead> Iterator for LedgerLog<R> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance();
        self.done |= next.is_err();
        next.transpose()
    }
}
