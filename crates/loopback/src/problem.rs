//! Answers that are no replies, whoever's format they go out in.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::ask::Invalid;

/// Why a request was refused, faults aside. None of these is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing has this path.
    UnknownPath,
    /// What has this path does not take this method.
    WrongMethod,
    /// The request has no key.
    MissingKey,
    /// The key is one of those that are refused.
    WrongKey,
    /// The request's body is longer than the cap.
    TooLarge,
    /// The body is no JSON.
    Unparseable,
    /// Something in it is missing or wrong.
    Invalid,
    /// The prompt does not fit the context window.
    ContextTooLong,
    /// The hidden rate limit was met.
    OverLimit,
}

impl Refusal {
    /// All refusals, in their order.
    pub const ALL: [Self; 9] = [
        Self::UnknownPath,
        Self::WrongMethod,
        Self::MissingKey,
        Self::WrongKey,
        Self::TooLarge,
        Self::Unparseable,
        Self::Invalid,
        Self::ContextTooLong,
        Self::OverLimit,
    ];
}

/// What an answer that is no reply has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    UnknownPath { method: String, path: String },
    WrongMethod { method: String, path: String },
    MissingKey,
    WrongKey,
    TooLarge { cap: usize },
    Unparseable,
    Invalid(Invalid),
    ContextTooLong { tokens: u64, window: u64 },
    RateLimited { wait: Option<Duration> },
    Quota,
    Server,
    Unavailable,
    Overloaded,
}

impl Problem {
    /// What it is counted as, where it is no fault.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::UnknownPath { .. } => Refusal::UnknownPath,
            Self::WrongMethod { .. } => Refusal::WrongMethod,
            Self::MissingKey => Refusal::MissingKey,
            Self::WrongKey => Refusal::WrongKey,
            Self::TooLarge { .. } => Refusal::TooLarge,
            Self::Unparseable => Refusal::Unparseable,
            Self::ContextTooLong { .. } => Refusal::ContextTooLong,
            Self::RateLimited { .. } => Refusal::OverLimit,
            Self::Invalid(_) | Self::Quota | Self::Server | Self::Unavailable | Self::Overloaded => {
                Refusal::Invalid
            }
        }
    }
}

/// An answer with all its text at once.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn json(status: u16, text: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            text,
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        put(&mut self.headers, name, value);
        self
    }
}

/// Puts a header; one that no header can hold is left out.
pub(crate) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// One event of a streamed reply.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) text: String,
    /// The visible tokens that have come when it was sent.
    pub(crate) generated: u64,
    /// Whether the client knows with it that the reply is whole, and what it took.
    pub(crate) whole: bool,
}

/// The text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
