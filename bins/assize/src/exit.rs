//! Exit codes, decided here once.

use std::process::ExitCode;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done, and the answer is no: a check failed.
    No,
    /// The request is wrong: arguments, files, configuration.
    BadRequest,
    /// Something outside did not answer.
    Outside,
    /// Stopped by a budget or a deadline with no result.
    Stopped,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::No => 1,
            Outcome::BadRequest => 2,
            Outcome::Outside => 3,
            Outcome::Stopped => 4,
        })
    }
}

/// A run that gave nothing, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    /// A fragment that fits "failed to …".
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::BadRequest, message: message.into(), hint: None }
    }

    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Outside, message: message.into(), hint: None }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<assize_wiring::Error> for Failure {
    fn from(error: assize_wiring::Error) -> Self {
        let outcome = match error.kind() {
            assize_wiring::ErrorKind::BadRequest => Outcome::BadRequest,
            assize_wiring::ErrorKind::Deadline => Outcome::Stopped,
            _ => Outcome::Outside,
        };
        Self { outcome, message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}
