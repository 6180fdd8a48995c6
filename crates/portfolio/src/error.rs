//! What can go wrong with a portfolio.

use std::{error::Error as StdError, sync::Arc};

/// The kind of a portfolio's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A price, a volume, a split or an amount that no market has.
    BadFigure,
    /// What was handed in cannot be acted upon: an empty name, weights of more than the whole, two orders for one ticker …
    BadInput,
    /// It does not fit the state of the account: more sold than held, a decision about a past that is booked already …
    Refused,
    /// An amount or a number of shares leaves the range.
    TooLarge,
    /// A journal cannot be read: not this format, not this version, or not in order.
    BadLog,
    /// The journal failed.
    Journal,
}

impl ErrorKind {
    /// An error of this kind. `message` is a lower-case fragment that fits "failed to …" and says what to do.
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), source: None }
    }
}

/// A failure of a portfolio: its kind, a message that says what to do, and the cause where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}", because(source.as_deref()))]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The same error with its cause.
    pub(crate) fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }
}

impl From<assize_journal::Error> for Error {
    fn from(source: assize_journal::Error) -> Self {
        ErrorKind::Journal.error("keep the account's journal").because(source)
    }
}

/// The cause, as the end of a message.
fn because(source: Option<&(dyn StdError + Send + Sync)>) -> String {
    source.map(|source| format!(": {source}")).unwrap_or_default()
}
