//! How the command ends: the one place where failures become exit codes.

use std::{
    io::{self, Write},
    path::Path,
};

use assize_perf::ErrorKind;

/// Done.
pub(crate) const DONE: u8 = 0;
/// Done, and the answer is no.
pub(crate) const NO: u8 = 1;
/// The request is wrong.
pub(crate) const WRONG_REQUEST: u8 = 2;
/// Something outside did not answer.
pub(crate) const OUTSIDE: u8 = 3;

/// The code stands whether or not somebody reads the output: a target that failed has failed.
pub(crate) fn read_or_not(code: u8, written: Result<(), Failure>) -> Result<u8, Failure> {
    match written {
        Ok(()) | Err(Failure::NobodyReads) => Ok(code),
        Err(failure) => Err(failure),
    }
}

/// Why there is no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What clap has to say: a wrong argument, or help that was asked for.
    Arguments(clap::Error),
    /// Whoever read the output has gone.
    NobodyReads,
    /// Anything else.
    Told { code: u8, message: String, hint: Option<String> },
}

impl Failure {
    /// Standard output could not be written.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
    pub(crate) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::NobodyReads;
        }
        Self::Told {
            code: OUTSIDE,
            message: format!("failed to write to standard output: {error}"),
            hint: None,
        }
    }

    /// A file of the report could not be written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        let message = format!("failed to write {}: {error}", path.display());
        Self::Told {
            code: OUTSIDE,
            message,
            hint: Some("check --out: it is a folder that can be written to".to_owned()),
        }
    }

    /// Says what went wrong, and answers with the exit code.
    pub(crate) fn tell(self, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
        // Nothing can be said about a standard error that cannot be written.
        match self {
            Self::NobodyReads => DONE,
            Self::Arguments(error) if error.use_stderr() => {
                let text = error.to_string();
                let text = text.strip_prefix("error: ").unwrap_or(&text);
                let _ = writeln!(err, "error: {}", text.trim_end());
                WRONG_REQUEST
            }
            Self::Arguments(help) => match write!(out, "{help}").and_then(|()| out.flush()) {
                Ok(()) => DONE,
                Err(error) => Self::output(error).tell(&mut io::sink(), err),
            },
            Self::Told { code, message, hint } => {
                let _ = writeln!(err, "error: {message}");
                if let Some(hint) = hint {
                    let _ = writeln!(err, "hint: {hint}");
                }
                code
            }
        }
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Arguments(error)
    }
}

impl From<assize_perf::Error> for Failure {
    fn from(error: assize_perf::Error) -> Self {
        let gone = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<io::Error>())
            .is_some_and(|source| source.kind() != io::ErrorKind::NotFound);
        // A path that names nothing is a wrong request; a file that is there and cannot be read is not.
        let code = if error.kind() == ErrorKind::Unreadable && gone { OUTSIDE } else { WRONG_REQUEST };
        Self::Told { code, message: format!("failed to {error}"), hint: error.hint().map(str::to_owned) }
    }
}

impl From<assize_load::Error> for Failure {
    fn from(error: assize_load::Error) -> Self {
        use assize_load::ErrorKind as Kind;
        let absent = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<io::Error>())
            .is_some_and(|source| source.kind() == io::ErrorKind::NotFound);
        // As for results: a file that is not there is a wrong request.
        let outside = matches!(error.kind(), Kind::Unreadable | Kind::Unreachable | Kind::Broken) && !absent;
        let code = if outside { OUTSIDE } else { WRONG_REQUEST };
        Self::Told { code, message: format!("failed to {error}"), hint: error.hint().map(str::to_owned) }
    }
}
