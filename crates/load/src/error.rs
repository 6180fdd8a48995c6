//! What can go wrong before and while load is applied.

use std::{error, fmt, path::Path};

/// What kind of thing went wrong; decides the exit code of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A scenario is not well formed, or there is none of that name.
    InvalidScenario,
    /// A schedule, a flow or a setting makes no sense: no step, a rate that is not finite, no worker.
    InvalidPlan,
    /// An address is none that can be driven.
    InvalidAddress,
    /// A file could not be read.
    Unreadable,
    /// The service could not be reached before the start.
    Unreachable,
    /// The process to watch is not there, or cannot be watched on this system.
    NotWatched,
    /// A timer or a task of the generator failed.
    Broken,
}

impl ErrorKind {
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), hint: None, source: None }
    }
}

/// The error of this crate: a kind, a fragment that fits "failed to …", and where known what to do about it.
///
/// ```
/// let error = assize_load::Scenario::shipped("nrmal").unwrap_err();
/// assert_eq!(error.kind(), assize_load::ErrorKind::InvalidScenario);
/// assert!(error.hint().is_some_and(|hint| hint.contains("normal")));
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        ErrorKind::Unreadable.error(format!("read {}: {source}", path.display())).caused_by(source)
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
