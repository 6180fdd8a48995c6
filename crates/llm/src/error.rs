//! What can go wrong with a call of a model.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use crate::{PartialReply, Telemetry};

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
    /// The vendor could not be reached; nothing was sent.
    Unreachable,
    /// No answer in time. Once the request was sent it may have been billed.
    TimedOut,
    /// The stream ended before the reply did.
    CutStream,
    /// The reply cannot be read.
    Malformed,
    /// A circuit breaker of our own is open, after too many failures; the call was not made.
    CircuitOpen,
    /// A budget of our own forbids the call; it was not made.
    OverBudget,
    /// What the call can cost at most cannot be told, or not be written down; it was not made.
    Unmetered,
    /// A recording does not hold the call, or a scripted model has no further reply.
    ScriptEnded,
}

impl ErrorKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 16] = [
        Self::Auth,
        Self::Quota,
        Self::RateLimited,
        Self::Overloaded,
        Self::ContextTooLong,
        Self::ContentFilter,
        Self::BadRequest,
        Self::Server,
        Self::Unreachable,
        Self::TimedOut,
        Self::CutStream,
        Self::Malformed,
        Self::CircuitOpen,
        Self::OverBudget,
        Self::Unmetered,
        Self::ScriptEnded,
    ];

    /// The name in logs, metrics and recordings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::ContextTooLong => "context_too_long",
            Self::ContentFilter => "content_filter",
            Self::BadRequest => "bad_request",
            Self::Server => "server",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::CutStream => "cut_stream",
            Self::Malformed => "malformed",
            Self::CircuitOpen => "circuit_open",
            Self::OverBudget => "over_budget",
            Self::Unmetered => "unmetered",
            Self::ScriptEnded => "script_ended",
        }
    }

    /// Whether the same call may succeed later, with nothing changed.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::Overloaded
                | Self::Server
                | Self::Unreachable
                | Self::TimedOut
                | Self::CutStream
                | Self::Malformed
                | Self::CircuitOpen
        )
    }

    /// Whether the vendor may bill a call that fails so, unless more is known.
    const fn may_be_billed(self) -> bool {
        matches!(self, Self::TimedOut | Self::CutStream | Self::Malformed)
    }

    /// Whether a vendor was asked at all.
    const fn was_asked(self) -> bool {
        !matches!(self, Self::CircuitOpen | Self::OverBudget | Self::Unmetered)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A failed call: its kind, how long the vendor asks us to wait, whether it may have been billed, and what came of it.
///
/// ```
/// use assize_llm::{Error, ErrorKind};
/// use std::time::Duration;
///
/// let error = Error::new(ErrorKind::RateLimited, "ask gpt-4o: too many requests").with_retry_after(Duration::from_secs(3));
/// assert_eq!(error.to_string(), "ask gpt-4o: too many requests (asked to wait 3s)");
/// assert!(error.kind().is_transient() && !error.possibly_billed());
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    retry_after: Option<Duration>,
    should_retry: Option<bool>,
    possibly_billed: bool,
    status: Option<u16>,
    partial: Option<PartialReply>,
    telemetry: Telemetry,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of this kind. `message` is a fragment that fits "failed to …".
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            retry_after: None,
            should_retry: None,
            possibly_billed: kind.may_be_billed(),
            status: None,
            partial: None,
            telemetry: Telemetry {
                attempts: u32::from(kind.was_asked()),
                rate_limited: u32::from(matches!(kind, ErrorKind::RateLimited)),
                ..Telemetry::default()
            },
            source: None,
        }))
    }

    /// The same, with the wait that the vendor asks for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The same, where the vendor says whether trying again makes sense.
    #[must_use]
    pub fn with_should_retry(mut self, should_retry: bool) -> Self {
        self.0.should_retry = Some(should_retry);
        self
    }

    /// The same, where it is known whether the vendor may bill the call: it may not for a time-out before the request was
    /// sent, it may for a failure in the middle of the reply. Otherwise the kind decides.
    #[must_use]
    pub fn with_possibly_billed(mut self, possibly_billed: bool) -> Self {
        self.0.possibly_billed = possibly_billed;
        self
    }

    /// The same, with the HTTP status of the refusal.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The same, with what came of the reply before it broke off. Something came, so it may be billed.
    #[must_use]
    pub fn with_partial(mut self, partial: PartialReply) -> Self {
        self.0.partial = Some(partial);
        self.0.possibly_billed = true;
        self
    }

    /// The same, with its cause. Its text is no part of the message: repeat there what the reader must know.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same, with its message changed: for who knows a secret that must not stand in it.
    #[must_use]
    pub fn map_message(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.0.message = change(std::mem::take(&mut self.0.message));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// How long the vendor asks us to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the vendor says that trying again makes sense (`x-should-retry`).
    #[must_use]
    pub fn should_retry(&self) -> Option<bool> {
        self.0.should_retry
    }

    /// Whether the vendor may bill this call although no whole reply came back.
    #[must_use]
    pub fn possibly_billed(&self) -> bool {
        self.0.possibly_billed
    }

    /// The HTTP status of the refusal, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What came of the reply before it broke off.
    #[must_use]
    pub fn partial(&self) -> Option<&PartialReply> {
        self.0.partial.as_ref()
    }

    /// How the call went.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// How the call went, for a wrapper that adds what it knows.
    pub fn telemetry_mut(&mut self) -> &mut Telemetry {
        &mut self.0.telemetry
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(wait) = self.0.retry_after {
            write!(f, " (asked to wait {wait:?})")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
