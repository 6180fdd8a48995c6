//! Lines out of bytes, however the bytes were cut, and which framing a format has.

use crate::{EventTooLong, SseEvent, SseParser, WireFormat};

/// What takes the events out of a stream.
#[derive(Debug)]
pub(crate) enum Framing {
    /// Server-sent events.
    Events(SseParser),
    /// An event a line.
    Lines(LineParser),
}

impl Framing {
    /// That of a format, for events of at most so many bytes.
    pub(crate) fn of(format: WireFormat, most_bytes: usize) -> Self {
        match format {
            WireFormat::Ollama => Self::Lines(LineParser::new(most_bytes)),
            _ => Self::Events(SseParser::new(most_bytes)),
        }
    }

    /// Takes in the next bytes. Take all events out before the next ones.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Events(parser) => parser.push(bytes),
            Self::Lines(parser) => parser.push(bytes),
        }
    }

    /// The next event that is whole.
    pub(crate) fn next_event(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        match self {
            Self::Events(parser) => parser.next_event(),
            Self::Lines(parser) => parser.next_line(false),
        }
    }

    /// The last event, once the stream has ended.
    pub(crate) fn last_event(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        match self {
            Self::Events(parser) => parser.last_event(),
            Self::Lines(parser) => parser.next_line(true),
        }
    }
}

/// Reads lines that end with a line feed. Empty lines say nothing; bytes that are not UTF-8 are replaced.
#[derive(Debug)]
pub(crate) struct LineParser {
    buffer: Vec<u8>,
    /// Where the first line starts that was not taken yet.
    start: usize,
    /// Up to where no line end was found.
    searched: usize,
    most_bytes: usize,
    line: String,
}

impl LineParser {
    fn new(most_bytes: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, searched: 0, most_bytes, line: String::new() }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    fn next_line(&mut self, at_end: bool) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        loop {
            let found = memchr::memchr(b'\n', &self.buffer[self.searched..]).map(|at| self.searched + at);
            let end = found.unwrap_or(self.buffer.len());
            if end - self.start > self.most_bytes {
                return Err(EventTooLong { most_bytes: self.most_bytes });
            }
            if found.is_none() && !(at_end && self.start < end) {
                self.searched = end;
                return Ok(None);
            }
            let line = self.buffer[self.start..end].trim_ascii();
            self.line = String::from_utf8_lossy(line).into_owned();
            self.start = if found.is_some() { end + 1 } else { end };
            self.searched = self.start;
            if !self.line.is_empty() {
                return Ok(Some(SseEvent { name: "", data: &self.line }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]], most_bytes: usize) -> Result<Vec<String>, EventTooLong> {
        let mut parser = LineParser::new(most_bytes);
        let mut lines = Vec::new();
        for piece in pieces {
            parser.push(piece);
            while let Some(event) = parser.next_line(false)? {
                lines.push(event.data.to_owned());
            }
        }
        while let Some(event) = parser.next_line(true)? {
            lines.push(event.data.to_owned());
        }
        Ok(lines)
    }

    #[test]
    fn lines() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\nb\n", &["a", "b"]),
            ("a\r\n\r\n\n  b ", &["a", "b"]),
            ("\n", &[]),
        ] {
            assert_eq!(read(&[text.as_bytes()], 10).unwrap(), expected, "{text:?}");
        }
        assert_eq!(read(&[b"\xff\n"], 10).unwrap(), ["\u{fffd}"]);
        assert_eq!(read(&[b"1234567890\n"], 10).unwrap().len(), 1);
        for pieces in [&[&b"12345678901"[..]][..], &[b"12345678901\n"], &[b"a\n123456", b"78901"]] {
            assert_eq!(read(pieces, 10), Err(EventTooLong { most_bytes: 10 }));
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_bytes_are_cut(bytes in "[a\n\r é]{0,60}", cuts in proptest::collection::vec(0..200_usize, 0..8)) {
            let bytes = bytes.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.sort_unstable();
            let ends = cuts.iter().copied().chain([bytes.len()]);
            let pieces: Vec<&[u8]> = std::iter::once(0).chain(cuts.iter().copied()).zip(ends).map(|(from, to)| &bytes[from..to]).collect();
            prop_assert_eq!(read(&pieces, 100).unwrap(), read(&[bytes], 100).unwrap());
        }
    }
}
