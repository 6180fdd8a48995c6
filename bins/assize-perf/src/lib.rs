//! The `assize-perf` command: reads the results of benchmarks and says what is slow, what changed and what to do.
//!
//! Exit codes: 0 done; 1 done, and a target or the gate failed; 2 the request is wrong (arguments, files, targets); 3 a file or
//! the output could not be read or written. With `--json` standard output holds one JSON document and nothing else;
//! errors go to standard error as `error: …`, with a `hint: …` where there is one.

mod arguments;
mod compare;
mod exit;
mod formats;
mod gate;
mod history;
mod load;
mod report;
mod trend;

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
};

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit::Failure;

/// What the command takes from its surroundings beside its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether to colour what goes to standard output.
    pub colour: bool,
    /// How many columns the terminal has.
    pub width: usize,
}

/// How wide output is where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 120;

/// Runs the command as a program: with the arguments, the streams and the environment of the process.
#[must_use]
pub fn main() -> ExitCode {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let terminal = stdout.is_terminal();
    let surroundings =
        Surroundings { colour: terminal && !set("NO_COLOR"), width: columns().unwrap_or(DEFAULT_WIDTH) };
    ExitCode::from(run(std::env::args_os(), surroundings, &mut stdout.lock(), &mut stderr.lock()))
}

/// Runs the command and answers with its exit code. An output that nobody reads any more is not an error.
///
/// ```
/// use assize_perf_cli::{Surroundings, run};
///
/// let (mut out, mut err) = (Vec::new(), Vec::new());
/// let code = run(["assize-perf", "formats"], Surroundings { colour: false, width: 80 }, &mut out, &mut err);
/// assert_eq!(code, 0);
/// assert!(String::from_utf8_lossy(&out).contains("criterion"));
/// ```
pub fn run<A>(
    arguments: impl IntoIterator<Item = A>,
    surroundings: Surroundings,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8
where
    A: Into<OsString> + Clone,
{
    let done = Arguments::try_parse_from(arguments).map_err(Failure::from).and_then(|arguments| {
        let code = match arguments.command {
            Command::Compare(request) => compare::compare(&request, surroundings, out)?,
            Command::Gate(request) => gate::gate(&request, surroundings, out)?,
            Command::Report(request) => report::report(&request, surroundings, out)?,
            Command::Trend(request) => trend::trend(&request, surroundings, out)?,
            Command::History(request) => history::history(&request.action, out)?,
            Command::Load(request) => load::load(&request, surroundings, out, err)?,
            Command::Formats { json } => formats::formats(json, surroundings, out)?,
        };
        exit::read_or_not(code, out.flush().map_err(Failure::output))
    });
    done.unwrap_or_else(|failure| failure.tell(out, err))
}

#[expect(clippy::disallowed_methods, reason = "a bin reads NO_COLOR")]
fn set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "a bin reads COLUMNS")]
fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| (40..=400).contains(columns))
}
