//! What can go wrong while results and targets are read.

use std::{error, fmt, io, path::Path};

/// What kind of thing went wrong; decides the exit code of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder could not be opened or read.
    Unreadable,
    /// No reader knows the content.
    UnknownFormat,
    /// The content says a `format_version` that this version does not know.
    UnknownVersion,
    /// The content breaks its own format.
    Malformed,
    /// A file, a folder or a nesting is larger than what is accepted.
    TooLarge,
    /// A target is not well formed.
    InvalidTarget,
    /// A figure with its unit could not be understood.
    InvalidFigure,
}

/// The error of this crate: a kind, a fragment that fits "failed to …", and where known what to do about it.
///
/// ```
/// let error = assize_perf::Quantity::parse("10 parsecs").unwrap_err();
/// assert_eq!(error.kind(), assize_perf::ErrorKind::InvalidFigure);
/// assert!(error.hint().is_some_and(|hint| hint.contains("ms")));
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, source: None }
    }

    pub(crate) fn unreadable(path: &Path, source: io::Error) -> Self {
        let hint = match source.kind() {
            io::ErrorKind::NotFound => "check the path: nothing is there",
            io::ErrorKind::PermissionDenied => "grant this user permission to read it",
            _ => "check that the path is a regular file or a folder",
        };
        Self::new(ErrorKind::Unreadable, format!("read {}: {source}", path.display()))
            .hinted(hint)
            .caused_by(source)
    }

    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn caused_by(mut self, source: impl error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn error::Error + 'static))
    }
}
