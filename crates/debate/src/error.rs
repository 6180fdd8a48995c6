//! What can go wrong with a debate.

use std::{error::Error as StdError, sync::Arc};

/// The kind of a debate's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The specification cannot be held: no seats, one option, zero rounds …
    BadSpec,
    /// The event does not fit the state of the debate.
    Refused,
    /// A log cannot be read: not this format, not this version, or not in order.
    BadLog,
    /// The journal failed.
    Journal,
    /// The ledger cannot be written.
    Ledger,
}

/// A failure of a debate: its kind, a message that says what to do, and the cause where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}", because(source.as_deref()))]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn caused(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self { kind, message: message.into(), source: Some(Arc::new(source)) }
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<assize_journal::Error> for Error {
    fn from(source: assize_journal::Error) -> Self {
        Self::caused(ErrorKind::Journal, "keep the debate's journal", source)
    }
}

/// The cause, as the end of a message.
fn because(source: Option<&(dyn StdError + Send + Sync)>) -> String {
    source.map(|source| format!(": {source}")).unwrap_or_default()
}
