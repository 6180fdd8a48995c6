//! What can go wrong with a journal.

use std::{error::Error as StdError, sync::Arc};

/// The kind of a journal's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key has characters that a file name must not have, or is too long.
    BadKey,
    /// A record holds a line break or is larger than [`MAX_RECORD_BYTES`](crate::MAX_RECORD_BYTES).
    BadRecord,
    /// Another process is writing this log.
    InUse,
    /// The storage refused.
    Io,
    /// What is stored is damaged: it can't be what was appended.
    Damaged,
    /// What is stored there is no journal, but something else's.
    Foreign,
    /// A later version of the program wrote it, in a form that this one doesn't know.
    TooNew,
}

impl ErrorKind {
    /// Makes an error of this kind. `message` is a lower-case fragment that fits "failed to …" and says what to do.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), source: None }
    }
}

/// A failure of a journal: a kind, a message, and the cause where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}", because(source.as_deref()))]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        ErrorKind::Io.error(message).because(source)
    }

    /// The same error with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

/// The cause, as the end of a message.
fn because(source: Option<&(dyn StdError + Send + Sync)>) -> String {
    source.map(|source| format!(": {source}")).unwrap_or_default()
}
