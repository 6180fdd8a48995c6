//! Why there is no response.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

/// What kind of failure it was; decides what a caller may do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such file or folder.
    NotFound,
    /// It exists or may exist, and this transport must not touch it (a path that leaves the root, permissions).
    Denied,
    /// It is larger than the limit.
    TooLarge,
    /// It did not come in time.
    TimedOut,
    /// The other side could not be reached: no such name, no connection, no trust in its certificate. Nothing was sent.
    Unreachable,
    /// The connection broke, or the other side left the protocol, after it was reached.
    Broken,
    /// The recording does not hold this request.
    Unrecorded,
    /// What is stored is not what was stored: a wrong checksum, an unreadable line.
    Corrupt,
    /// Something that would have been overwritten is there already.
    Exists,
    /// The request itself is wrong and would fail anywhere.
    BadRequest,
    /// The operating system failed.
    Io,
}

impl ErrorKind {
    /// A fixed name in `snake_case`, as recordings write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::TooLarge => "too_large",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::Unrecorded => "unrecorded",
            Self::Corrupt => "corrupt",
            Self::Exists => "exists",
            Self::BadRequest => "bad_request",
            Self::Io => "io",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        const ALL: [ErrorKind; 11] = [
            ErrorKind::NotFound,
            ErrorKind::Denied,
            ErrorKind::TooLarge,
            ErrorKind::TimedOut,
            ErrorKind::Unreachable,
            ErrorKind::Broken,
            ErrorKind::Unrecorded,
            ErrorKind::Corrupt,
            ErrorKind::Exists,
            ErrorKind::BadRequest,
            ErrorKind::Io,
        ];
        ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Makes an error of this kind. `message` is a lower-case fragment that fits "failed to …".
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        let sent = matches!(self, Self::TimedOut | Self::Broken | Self::TooLarge);
        Error { kind: self, message: message.into(), source: None, retry_after: None, sent }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure to get a response: its kind, what was tried, and the cause.
///
/// ```
/// use assize_transport::ErrorKind;
///
/// let error = ErrorKind::NotFound.error("read `KO.csv`: there is no such file");
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert_eq!(error.to_string(), "read `KO.csv`: there is no such file");
/// ```
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    retry_after: Option<Duration>,
    sent: bool,
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How long the other side asked to be left alone, where it asked.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the request may have reached the other side, and so may have had its effect there, and its price.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        self.sent
    }

    /// The same error, where it is known whether the request may have reached the other side; otherwise the kind decides.
    #[must_use]
    pub fn sent(mut self, may_have_been: bool) -> Self {
        self.sent = may_have_been;
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }

    /// The same error with the time for which the other side asked to be left alone.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(crate) fn io(doing: &str, cause: io::Error) -> Self {
        let kind = match cause.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied => ErrorKind::Denied,
            io::ErrorKind::AlreadyExists => ErrorKind::Exists,
            io::ErrorKind::TimedOut => ErrorKind::TimedOut,
            _ => ErrorKind::Io,
        };
        kind.error(format!("{doing}: {cause}")).because(cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
