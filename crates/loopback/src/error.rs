//! What can go wrong with the playing itself.

use std::{error::Error as StdError, fmt};

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Options that make no sense.
    BadOptions,
    /// The connection closes before any byte of an answer: a fault, played.
    Dropped,
    /// The body breaks off: a fault, played.
    Cut,
    /// The address cannot be listened on.
    Address,
}

/// An error: of the options, or one that is played. A transport sees [`ErrorKind::Dropped`] and [`ErrorKind::Cut`] where a
/// real one would see a connection fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn dropped() -> Self {
        Self::new(ErrorKind::Dropped, "get an answer: the connection was closed before any byte of it")
    }

    pub(crate) fn cut() -> Self {
        Self::new(ErrorKind::Cut, "read the body: the connection was closed in the middle of it")
    }

    /// What kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {}
