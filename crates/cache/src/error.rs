//! What can go wrong with a tier.

use std::{error::Error as StdError, sync::Arc};

/// The kind of a tier's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A namespace or a key's text is empty, too long, or has characters that it must not have.
    BadKey,
    /// A tag is empty, too long, or has characters that it must not have; or there are too many.
    BadTag,
    /// The entry is larger than the tier takes.
    TooLarge,
    /// What is stored can't be read: damaged, or written by something else. A tier answers so at most once for an
    /// entry, then has removed it.
    Corrupt,
    /// The tier can't be reached now.
    Unavailable,
    /// The tier did not answer in time.
    TimedOut,
    /// The storage refused.
    Io,
    /// What the tier was told at its making can't be: an address, a limit.
    BadSettings,
}

impl ErrorKind {
    /// Makes an error of this kind. `message` is a lower-case fragment that fits "failed to …" and holds no value
    /// and no secret.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), source: None }
    }

    /// Whether the tier itself failed, rather than this one entry: such failures open its circuit breaker.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        match self {
            Self::Unavailable | Self::TimedOut | Self::Io => true,
            Self::BadKey | Self::BadTag | Self::TooLarge | Self::Corrupt | Self::BadSettings => false,
        }
    }
}

/// A failure of a tier: a kind, a message, and the cause where there is one.
///
/// ```
/// use assize_cache::ErrorKind;
///
/// let error = ErrorKind::TooLarge.error("store `prices:1:KO`: 9 MiB where at most 8 MiB fit");
/// assert_eq!(error.kind(), ErrorKind::TooLarge);
/// assert!(!error.kind().is_outage());
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
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
    #[must_use]
    pub fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }
}
