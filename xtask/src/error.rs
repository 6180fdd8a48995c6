//! Why a chore could not be done at all (a chore that was done and says "no" is not an error).

use std::error::Error as StdError;
use std::fmt;

/// Which part of the surroundings refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The arguments, or a file that they name, ask for something that cannot be done.
    Request,
    /// A file or folder could not be read or written.
    Files,
    /// `cargo metadata` failed or said something unexpected.
    Metadata,
    /// `docs/tidy.toml` is missing, malformed or names something unknown.
    Policy,
    /// A program could not be started, or did not do what everything after it needs.
    Process,
    /// The answer could not be written to standard output.
    Output,
}

/// A chore that could not run. Its text is a fragment that fits "failed to …"; the cause is its source.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), hint: None, source: None }
    }

    pub(crate) fn because(
        kind: ErrorKind,
        what: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind, what: what.into(), hint: None, source: Some(source.into()) }
    }

    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What `perf` refused, in its own words and with its hint.
    pub(crate) fn of_perf(kind: ErrorKind, error: &assize_perf::Error) -> Self {
        let said = Self::new(kind, error.to_string());
        match error.hint() {
            Some(hint) => said.hinted(hint),
            None => said,
        }
    }

    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Which part of the surroundings refused.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The whole chain on one line, as it is shown to a person.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(error.to_string().trim_end());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
