//! Why a table of the user's could not be read.

use std::{error::Error as StdError, fmt, sync::Arc};

/// What kind of failure it was; decides what a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A size, a length or a number of entries is beyond its limit.
    TooLarge,
    /// What was given does not have the form that it should have.
    Malformed,
    /// The form is right and a value in it is not: a number out of its range, a name that is not known.
    BadValue,
}

impl ErrorKind {
    /// Makes an error of this kind. `message` is a lower-case fragment that fits "failed to …".
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), line: None, source: None }
    }
}

/// A failure: its kind, a message, the line where it lies, and the cause where there is one.
///
/// ```
/// use assize_signals::ErrorKind;
///
/// let error = ErrorKind::BadValue.error("read a class: `angry` is none").at(7);
/// assert_eq!((error.kind(), error.line()), (ErrorKind::BadValue, Some(7)));
/// assert_eq!(error.to_string(), "read a class: `angry` is none (line 7)");
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    line: Option<u64>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The line of the input where it lies, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<u64> {
        self.line
    }

    /// The same with its line, counted from 1.
    #[must_use]
    pub const fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same with its cause, which becomes the end of the message.
    #[must_use]
    pub fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    /// The cause itself, which can be downcast, and not what shares it.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
