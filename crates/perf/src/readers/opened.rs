//! A file while it is streamed: unpacked, and no longer than what is accepted.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;

use super::input::MIB;
use crate::{Error, ErrorKind};

/// The longest line of a text file.
const LINE_BYTES: usize = 64 * 1024 * 1024;

pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// A file that is read from its beginning to its end: unpacked where it is gzip, without a byte order mark. Beyond its
/// limit reading fails with [`io::ErrorKind::FileTooLarge`].
pub struct Opened {
    inner: BufReader<Box<dyn Read + Send>>,
    left: u64,
    limit: u64,
    file: PathBuf,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("file", &self.file).field("left", &self.left).finish_non_exhaustive()
    }
}

impl Opened {
    pub(super) fn new(mut packed: Box<dyn BufRead + Send>, file: &Path, limit: u64) -> Result<Self, Error> {
        let begin = packed.fill_buf().map_err(|e| Error::unreadable(file, e))?;
        let inner: Box<dyn Read + Send> = if begin.starts_with(&[0x1f, 0x8b]) {
            Box::new(MultiGzDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        let inner = BufReader::with_capacity(BUFFER_BYTES, inner);
        let mut opened = Self { inner, left: limit, limit, file: file.to_owned() };
        // What is wrong with the file is told when it is read.
        if opened.inner.fill_buf().is_ok_and(|begin| begin.starts_with(b"\xef\xbb\xbf")) {
            opened.inner.consume(3);
        }
        Ok(opened)
    }

    /// The next line without its end, its bytes taken for UTF-8 as far as they are; `false` at the end of the file.
    ///
    /// # Errors
    /// As reading; [`io::ErrorKind::FileTooLarge`] for a line of more than 64 MiB.
    pub fn next_line(&mut self, line: &mut String) -> io::Result<bool> {
        line.clear();
        let mut bytes = Vec::new();
        let longest = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX);
        if self.take(longest).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(false);
        }
        if bytes.len() == LINE_BYTES && bytes.last() != Some(&b'\n') {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it holds a line of more than 64 MiB"));
        }
        let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let whole = whole.strip_suffix(b"\r").unwrap_or(whole);
        line.push_str(&String::from_utf8_lossy(whole));
        Ok(true)
    }

    /// What went wrong while it was read, as an error of ours.
    pub fn error(&self, error: io::Error) -> Error {
        let name = self.file.display();
        match error.kind() {
            io::ErrorKind::FileTooLarge => Error::new(ErrorKind::TooLarge, format!("read {name}: {error}"))
                .hinted("split it, or leave the single samples out")
                .caused_by(error),
            // The decoder's kinds: the file is cut, or no gzip after its first bytes.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Error::new(ErrorKind::Malformed, format!("read {name}: it could not be unpacked: {error}"))
                    .hinted("the file is cut or damaged: write it again")
                    .caused_by(error)
            }
            _ => Error::unreadable(&self.file, error),
        }
    }
}

impl BufRead for Opened {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.inner.fill_buf()?;
        if self.left == 0 && !buffer.is_empty() {
            let text = if self.limit < MIB {
                format!("it holds more than {} bytes", self.limit)
            } else {
                format!("it holds more than {} MiB", self.limit / MIB)
            };
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let end = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        Ok(&buffer[..end])
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.left = self.left.saturating_sub(u64::try_from(amount).unwrap_or(u64::MAX));
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let amount = buffer.len().min(into.len());
        into[..amount].copy_from_slice(&buffer[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}
