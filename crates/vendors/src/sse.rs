//! Server-sent events out of bytes, however the bytes were cut.

use memchr::memchr2;

/// Reads an event stream as the HTML standard defines it (section 9.2.6): lines end with CR, LF or both, a leading byte order
/// mark and comments are passed over, several `data` lines are joined by line feeds, an event without data is none. `id` and
/// `retry` say nothing here, since nothing is ever taken up again.
///
/// It holds one event at a time, and no more bytes of it than it was told: its lines as they came, with their ends. Lines
/// that say nothing do not count, but none may be longer. Whether an event is too long does not depend on the cuts either,
/// and nothing follows one.
///
/// ```
/// use assize_vendors::SseParser;
///
/// let mut parser = SseParser::new(1024);
/// parser.push(b"event: ping\nda");
/// assert!(parser.next_event()?.is_none());
/// parser.push(b"ta: {}\n\n");
/// let event = parser.next_event()?.ok_or("an event is whole")?;
/// assert_eq!((event.name, event.data), ("ping", "{}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SseParser {
    buffer: Vec<u8>,
    /// Where the first line starts that was not taken yet.
    start: usize,
    /// Up to where no line end was found.
    searched: usize,
    most_bytes: usize,
    /// How many bytes the event in hand has had so far.
    taken: usize,
    name: String,
    data: String,
    has_data: bool,
    /// The event in `name` and `data` was handed out.
    is_given: bool,
    is_begun: bool,
    /// An event was too long.
    failed: Option<EventTooLong>,
}

/// One event. An event without a name of its own has the empty name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// What stands in `event:`.
    pub name: &'a str,
    /// What stands in `data:`; bytes that are not UTF-8 are replaced.
    pub data: &'a str,
}

/// An event is longer than the parser was told to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream has more than {most_bytes} bytes")]
pub struct EventTooLong {
    /// The most bytes of an event.
    pub most_bytes: usize,
}

impl SseParser {
    /// A parser that holds events of at most so many bytes.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            most_bytes,
            taken: 0,
            name: String::new(),
            data: String::new(),
            has_data: false,
            is_given: false,
            is_begun: false,
            failed: None,
        }
    }

    /// Takes in the next bytes. Take all events out before the next ones.
    pub fn push(&mut self, bytes: &[u8]) {
        // What was taken is let go once it is the most of what is held, so that no byte is moved time and again.
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event that is whole.
    ///
    /// # Errors
    /// When an event is longer than it may be.
    pub fn next_event(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        self.take(false)
    }

    /// The last event, once the stream has ended: one that lacks only its empty line still counts.
    ///
    /// # Errors
    /// When an event is longer than it may be.
    pub fn last_event(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        self.take(true)
    }

    fn take(&mut self, at_end: bool) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        if std::mem::take(&mut self.is_given) {
            self.forget();
        }
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        while let Some(line) = self.next_line(at_end) {
            let length = self.start - line.start;
            self.check(length)?;
            if line.is_empty() {
                if self.has_data {
                    return Ok(Some(self.give()));
                }
                self.forget();
                continue;
            }
            let line = &self.buffer[line];
            let (field, value) = match memchr::memchr(b':', line) {
                Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
                None => (line, &line[line.len()..]),
            };
            match field {
                b"data" => {
                    if self.has_data {
                        self.data.push('\n');
                    }
                    self.has_data = true;
                    append(&mut self.data, value);
                }
                b"event" => {
                    self.name.clear();
                    append(&mut self.name, value);
                }
                _ => continue,
            }
            self.taken += length;
        }
        if self.is_begun {
            self.check(self.buffer.len() - self.start)?;
        }
        if at_end && self.has_data {
            return Ok(Some(self.give()));
        }
        Ok(None)
    }

    fn give(&mut self) -> SseEvent<'_> {
        self.is_given = true;
        SseEvent { name: &self.name, data: &self.data }
    }

    fn forget(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
        self.taken = 0;
    }

    /// Whether the event in hand may have so many bytes more.
    fn check(&mut self, more: usize) -> Result<(), EventTooLong> {
        if self.taken.saturating_add(more) > self.most_bytes {
            let failed = EventTooLong { most_bytes: self.most_bytes };
            self.failed = Some(failed);
            return Err(failed);
        }
        Ok(())
    }

    /// The next whole line, without its end.
    fn next_line(&mut self, at_end: bool) -> Option<std::ops::Range<usize>> {
        if !self.is_begun {
            const MARK: &[u8] = b"\xef\xbb\xbf";
            if self.buffer.len() < MARK.len() && !at_end && MARK.starts_with(&self.buffer) {
                return None;
            }
            self.is_begun = true;
            if self.buffer.starts_with(MARK) {
                self.start = MARK.len();
                self.searched = MARK.len();
            }
        }
        let start = self.start;
        let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            if !at_end || start == self.buffer.len() {
                return None;
            }
            self.start = self.buffer.len();
            return Some(start..self.start);
        };
        let end = self.searched + found;
        let mut next = end + 1;
        if self.buffer[end] == b'\r' {
            match self.buffer.get(next) {
                Some(b'\n') => next += 1,
                Some(_) => {}
                // The line feed of this line end may be under way.
                None if !at_end => {
                    self.searched = end;
                    return None;
                }
                None => {}
            }
        }
        self.start = next;
        self.searched = next;
        Some(start..end)
    }
}

fn append(text: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(plain) => text.push_str(plain),
        Err(_) => text.push_str(&String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests;
