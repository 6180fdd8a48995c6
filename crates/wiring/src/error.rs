//! What can go wrong while things are put together.

use std::{error::Error as StdError, sync::Arc};

/// The kind of a failure, and with it who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for is wrong: a file that is not there, an unknown name, a request that makes no sense.
    BadRequest,
    /// Something outside did not do its part: a disk, a network.
    Outside,
    /// The time that was given was over.
    Deadline,
}

/// A failure, with a hint of what to do where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}", because(message, source.as_deref()))]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadRequest, message: message.into(), hint: None, source: None }
    }

    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Outside, message: message.into(), hint: None, source: None }
    }

    pub(crate) fn too_late(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Deadline, message: message.into(), hint: None, source: None }
    }

    pub(crate) fn caused(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self { kind, message: message.into(), hint: None, source: Some(Arc::new(source)) }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, as the end of a message that begins like this.
    pub(crate) fn about(mut self, beginning: &str) -> Self {
        let rest = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        self.message = format!("{beginning}{rest}");
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl From<assize_debate::Error> for Error {
    fn from(source: assize_debate::Error) -> Self {
        let kind = match source.kind() {
            assize_debate::ErrorKind::Journal => ErrorKind::Outside,
            _ => ErrorKind::BadRequest,
        };
        Self::caused(kind, "", source)
    }
}

impl From<assize_pipeline::Error> for Error {
    fn from(source: assize_pipeline::Error) -> Self {
        let kind = match source.kind() {
            assize_pipeline::ErrorKind::Journal => ErrorKind::Outside,
            _ => ErrorKind::BadRequest,
        };
        Self::caused(kind, "", source)
    }
}

impl From<assize_portfolio::Error> for Error {
    fn from(source: assize_portfolio::Error) -> Self {
        let kind = match source.kind() {
            assize_portfolio::ErrorKind::Journal => ErrorKind::Outside,
            _ => ErrorKind::BadRequest,
        };
        Self::caused(kind, "", source)
    }
}

/// The cause, as the end of a message, or as all of it.
fn because(message: &str, source: Option<&(dyn StdError + Send + Sync)>) -> String {
    match source {
        Some(source) if message.is_empty() => source.to_string(),
        Some(source) => format!(": {source}"),
        None => String::new(),
    }
}
