//! The command line of `cargo xtask` and its exit codes.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{Error, bench, ci, fuzz, peers, report, schema, tidy};

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    after_help = "Exit codes: 0 done; 1 done, and the answer is no; 2 it could not run."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// One chore each.
#[derive(Debug, Subcommand)]
enum Command {
    /// Measure, hold the figures to their targets and write a report.
    Bench(bench::Options),
    /// Run every step that must pass before a change is accepted, and stop at the first that fails.
    Ci(ci::Options),
    /// Try many cases of every property test named `fuzz_…`, and write a log of what ran.
    Fuzz(fuzz::Options),
    /// Measure us beside the libraries of others, each in an environment of its own, interleaved in one run.
    Peers(peers::Options),
    /// Write the report of a measured run again, with the targets as they are now.
    Report(report::Options),
    /// Write the JSON Schemas of verdicts, logs and panels into docs/schemas, or check that they are up to date.
    Schema(schema::Options),
    /// Hold the workspace to its own rules: edges, sizes, names, clocks, money, purity, licences and more.
    Tidy(tidy::Options),
}

/// Reads the arguments, does the chore and says how it ended: 0 done; 1 done, and the answer is no; 2 it could
/// not run.
#[must_use]
pub fn main_impl() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(options) => bench::run(&options),
        Command::Ci(options) => ci::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Peers(options) => peers::run(&options),
        Command::Report(options) => report::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Tidy(options) => tidy::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

fn complain(error: &Error) {
    // Nothing is left to be done if standard error is closed: the exit code still tells.
    let _ = writeln!(std::io::stderr(), "error: failed to {}", error.with_causes());
    if let Some(hint) = error.hint() {
        let _ = writeln!(std::io::stderr(), "hint: {hint}");
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
