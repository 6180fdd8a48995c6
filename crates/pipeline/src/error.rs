//! What makes a whole run impossible. What concerns one ticker is a [`Shortfall`](crate::Shortfall) instead.

/// The kind of a pipeline's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be carried out.
    BadRequest,
    /// It does not fit what the paper account has been through.
    Refused,
    /// A journal cannot be read or written.
    Journal,
}

/// A failure of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadRequest, message: message.into() }
    }

    /// A failure of the paper account.
    pub(crate) fn of_account(error: &assize_portfolio::Error) -> Self {
        use assize_portfolio::ErrorKind as Kind;
        let kind = match error.kind() {
            Kind::Journal | Kind::BadLog => ErrorKind::Journal,
            Kind::BadFigure | Kind::BadInput => ErrorKind::BadRequest,
            _ => ErrorKind::Refused,
        };
        Self { kind, message: error.to_string() }
    }

    /// A failure of a journal, while doing what `what` says.
    pub(crate) fn of_journal(what: &str, cause: impl std::fmt::Display) -> Self {
        Self { kind: ErrorKind::Journal, message: format!("{what}: {cause}") }
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
