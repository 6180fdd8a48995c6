//! Why there is no vector, or no answer about vectors.

use std::{error::Error as StdError, fmt, sync::Arc};

/// What kind of failure it was; decides what a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A text, an id, a tag, or a number of them is beyond its limit, or empty where it must not be.
    BadInput,
    /// A vector has the wrong number of dimensions, a component that is no number, or no direction.
    BadVector,
    /// The index holds as many entries as it may.
    Full,
    /// The file was written with another embedder, another version of it, or other dimensions: embed the texts again.
    OtherEmbedder,
    /// The file has a format that this version does not know.
    OtherFormat,
    /// What is stored is not what was written.
    Corrupt,
    /// Another process, or another part of this one, has the file open.
    InUse,
    /// An embedder that lives elsewhere could not be reached or refused.
    Unavailable,
    /// The operating system failed.
    Io,
}

impl ErrorKind {
    /// Makes an error of this kind. `message` is a lower-case fragment that fits "failed to …".
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error { kind: self, message: message.into(), source: None }
    }
}

/// A failure: its kind, a message, and the cause where there is one.
///
/// ```
/// use assize_retrieval::ErrorKind;
///
/// let error = ErrorKind::BadInput.error("embed a text of 70000 bytes: 65536 is the limit");
/// assert_eq!(error.kind(), ErrorKind::BadInput);
/// assert_eq!(error.to_string(), "embed a text of 70000 bytes: 65536 is the limit");
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_and_can_be_had_back() {
        let error = ErrorKind::Unavailable.error("embed");
        assert!(error.to_string() == "embed" && error.source().is_none());
        let error = error.because(ErrorKind::Io.error("read a file"));
        assert_eq!(error.to_string(), "embed: read a file");
        let cause = error.source().and_then(|cause| cause.downcast_ref::<Error>());
        assert_eq!(cause.map(Error::kind), Some(ErrorKind::Io));
    }
}
