//! What a reader is given: a file, or a folder with all that lies in it, within limits.

use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

use super::{Head, Opened, opened::BUFFER_BYTES};
use crate::{Error, ErrorKind, run::Finding};

/// How much of what a stranger gives is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file that a reader holds whole, in bytes after unpacking; 256 MiB by default.
    pub file_bytes: u64,
    /// The largest file that a reader streams, in bytes after unpacking; 4 GiB by default.
    pub stream_bytes: u64,
    /// How many folders deep; 16 by default.
    pub depth: usize,
    /// How many files in all; 100,000 by default.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 256 * MIB, stream_bytes: 4 * 1024 * MIB, depth: 16, files: 100_000 }
    }
}

pub(super) const MIB: u64 = 1024 * 1024;

/// How much of a file is looked at to know its format.
const HEAD_BYTES: u64 = 4 * 1024;

/// A file or a folder to read. Symbolic links inside a folder are followed to files only, never to folders.
#[derive(Debug)]
pub struct Input {
    path: PathBuf,
    limits: Limits,
    files: Vec<PathBuf>,
    findings: Vec<Finding>,
    /// The content of the only file, if it was given as bytes.
    held: Option<Vec<u8>>,
}

impl Input {
    /// Lists what is at `path`.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] if the path itself cannot be read, [`ErrorKind::TooLarge`] for more files than the
    /// limit. A folder below it that cannot be read is a finding.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, Error> {
        let mut input =
            Self { path: path.to_owned(), limits, files: Vec::new(), findings: Vec::new(), held: None };
        let meta = fs::metadata(path).map_err(|e| Error::unreadable(path, e))?;
        if meta.is_file() {
            input.files.push(path.to_owned());
        } else if meta.is_dir() {
            fs::read_dir(path).map_err(|e| Error::unreadable(path, e))?;
            input.walk(path, 0)?;
        } else {
            return Err(Error::new(
                ErrorKind::Unreadable,
                format!("read {}: it is neither a file nor a folder", path.display()),
            )
            .hinted("write the results to a file first"));
        }
        Ok(input)
    }

    /// Bytes that are already here, as the one file `name`.
    #[must_use]
    pub fn of_bytes(bytes: Vec<u8>, name: &str, limits: Limits) -> Self {
        let path = PathBuf::from(name);
        Self { files: vec![path.clone()], path, limits, findings: Vec::new(), held: Some(bytes) }
    }

    /// The path as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as text.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The files, in the order of their names.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// What could not be listed.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The first 4 KiB of a file, unpacked; nothing if it cannot be read.
    #[must_use]
    pub fn head(&self, file: &Path) -> Head {
        let mut head = Vec::new();
        if let Ok(opened) = self.open_file(file) {
            // What could be read before an error is enough to look at; reading it whole will name the error.
            let _ = opened.take(HEAD_BYTES).read_to_end(&mut head);
        }
        Head::new(head)
    }

    /// A file to be streamed: unpacked where it is gzip, without a byte order mark, and no longer than the limit.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    pub fn open_file(&self, file: &Path) -> Result<Opened, Error> {
        self.open_within(file, self.limits.stream_bytes)
    }

    /// All of a file, unpacked where it is gzip, without a byte order mark.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`], or [`ErrorKind::TooLarge`] beyond the limit.
    pub fn bytes(&self, file: &Path) -> Result<Vec<u8>, Error> {
        match self.bytes_before_cut(file)? {
            (bytes, None) => Ok(bytes),
            (_, Some(cut)) => Err(cut),
        }
    }

    /// As [`bytes`](Self::bytes), but of a packed file that is cut or damaged what comes before that, with the error.
    pub(super) fn bytes_before_cut(&self, file: &Path) -> Result<(Vec<u8>, Option<Error>), Error> {
        let mut bytes = Vec::new();
        let mut opened = self.open_within(file, self.limits.file_bytes)?;
        match opened.read_to_end(&mut bytes).map_err(|e| opened.error(e)) {
            Ok(_) => Ok((bytes, None)),
            Err(error) if error.kind() == ErrorKind::Malformed && !bytes.is_empty() => {
                Ok((bytes, Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    fn open_within(&self, file: &Path, limit: u64) -> Result<Opened, Error> {
        match &self.held {
            Some(bytes) if file == self.path => {
                Opened::new(Box::new(BufReader::new(Cursor::new(bytes.clone()))), file, limit)
            }
            Some(_) => Err(Error::unreadable(file, io::ErrorKind::NotFound.into())),
            None => {
                let opened = File::open(file).map_err(|e| Error::unreadable(file, e))?;
                Opened::new(Box::new(BufReader::with_capacity(BUFFER_BYTES, opened)), file, limit)
            }
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize) -> Result<(), Error> {
        let entries: Result<Vec<_>, _> =
            fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map(|mut entries| {
                entries.sort_by_key(fs::DirEntry::file_name);
                entries
            });
        let entries = match entries {
            Ok(entries) => entries,
            Err(e) => {
                self.find(folder, format!("could not be listed and was left out: {e}"));
                return Ok(());
            }
        };
        for entry in entries {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                self.find(&path, "could not be looked at and was left out");
                continue;
            };
            if kind.is_dir() {
                if depth + 1 > self.limits.depth {
                    self.find(
                        &path,
                        format!("lies more than {} folders deep and was left out", self.limits.depth),
                    );
                } else {
                    self.walk(&path, depth + 1)?;
                }
            } else if kind.is_symlink() {
                match fs::metadata(&path) {
                    Ok(meta) if meta.is_file() => self.add(path)?,
                    Ok(_) => self.find(&path, "is a link to a folder and was not followed"),
                    Err(_) => self.find(&path, "is a link to nothing and was left out"),
                }
            } else if kind.is_file() {
                self.add(path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), Error> {
        if self.files.len() >= self.limits.files {
            let text =
                format!("read {}: it holds more than {} files", self.path.display(), self.limits.files);
            return Err(Error::new(ErrorKind::TooLarge, text).hinted("give a folder nearer to the results"));
        }
        self.files.push(path);
        Ok(())
    }

    fn find(&mut self, path: &Path, text: impl Into<String>) {
        self.findings.push(Finding::new(path.display().to_string(), None, text));
    }
}
