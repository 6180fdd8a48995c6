//! What can go wrong with a call of a model.

use std::{error::Error as StdError, sync::Arc, time::Duration};

/// The kind of a failed call, the same for every vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing, wrong or not allowed to use this model.
    Auth,
    /// The account's quota or spending limit is used up; waiting does not help.
    Quota,
    /// Too many requests or tokens for now.
    RateLimited,
    /// The vendor is overloaded for now.
    Overloaded,
    /// The request does not fit the model's context window.
    ContextTooLong,
    /// The vendor's filter refused the request or the reply.
    ContentFilter,
    /// The request is wrong in itself.
    BadRequest,
    /// The vendor failed.
    Server,
    /// No answer in time. Once the request was sent it may have been billed.
    TimedOut,
    /// The stream ended before the reply did.
    CutStream,
    /// The reply cannot be read.
    Malformed,
    /// A budget of our own forbids the call; it was not made.
    OverBudget,
    /// What the call can cost at most cannot be told, or not be written down; it was not made.
    Unmetered,
    /// A scripted model has no further reply.
    ScriptEnded,
}

/// A failed call: its kind, how long the vendor asks us to wait, and whether it may have been billed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}{}", because(source.as_deref()), wait(*retry_after))]
pub struct Error {
    kind: ErrorKind,
    message: String,
    retry_after: Option<Duration>,
    possibly_billed: bool,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of this kind. `message` is a fragment that fits "failed to …".
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let possibly_billed =
            matches!(kind, ErrorKind::TimedOut | ErrorKind::CutStream | ErrorKind::Malformed);
        Self { kind, message: message.into(), retry_after: None, possibly_billed, source: None }
    }

    /// The same, with the wait that the vendor asks for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same, where it is known whether the vendor may bill the call: it may not for a time-out before the request was
    /// sent, it may for a failure in the middle of the reply. Otherwise the kind decides.
    #[must_use]
    pub fn with_possibly_billed(mut self, possibly_billed: bool) -> Self {
        self.possibly_billed = possibly_billed;
        self
    }

    /// The same, with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How long the vendor asks us to wait before the next call.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the vendor may bill this call although no whole reply came back.
    #[must_use]
    pub const fn possibly_billed(&self) -> bool {
        self.possibly_billed
    }
}

/// The cause, as the end of a message.
fn because(source: Option<&(dyn StdError + Send + Sync)>) -> String {
    source.map(|source| format!(": {source}")).unwrap_or_default()
}

/// The wait that the vendor asks for, as the end of a message.
fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!(" (asked to wait {wait:?})")).unwrap_or_default()
}
