//! The arguments.

mod history;
mod load;
mod trend;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use self::{
    history::{History, HistoryAction},
    load::Load,
    trend::Trend,
};
use crate::{compare::Compare, gate::Gate};

const EXAMPLES: &str = "\
Examples:
  assize-perf report target/criterion
  assize-perf report run.json target/criterion --targets benches/targets.toml --out report
  assize-perf report run.json --targets targets.toml --json | jq .verdict
  assize-perf compare before.json after.json
  assize-perf gate run.json --baseline before.json --targets targets.toml
  assize-perf trend runs/*.json
  assize-perf history add perf-history run.json
  assize-perf trend --history perf-history
  assize-perf load normal --url http://127.0.0.1:8080
  assize-perf formats

Exit codes: 0 done, 1 a target or the gate failed, 2 the request is wrong, 3 something could not be read or written";

/// Reads the results of benchmarks and says what is slow, what changed and what to do.
#[derive(Debug, Parser)]
#[command(name = "assize-perf", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compares two sets of runs: what changed, by how much, and how well that is known
    Compare(Compare),
    /// Reads result files and prints an analysis
    Report(Report),
    /// Decides whether runs may pass, and says how far to trust it
    Gate(Gate),
    /// Says when figures changed over many runs, how they grow, and where they go
    Trend(Trend),
    /// Keeps the figures of runs in a folder that can lie in version control
    History(History),
    /// Applies load to a service, and prints an analysis of what it made of it
    Load(Load),
    /// Lists the formats that are read
    Formats {
        /// Prints one JSON document instead
        #[arg(long)]
        json: bool,
    },
}

const REPORT_EXAMPLES: &str = "\
Examples:
  assize-perf report target/criterion
  assize-perf report target/criterion --targets benches/targets.toml
  assize-perf report run.json --targets targets.toml --out report    writes report/report.md, .html, .json and summary.md
  assize-perf report after.json --baseline before.json --short       what got slower and what it comes from, in Markdown";

#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(crate) struct Report {
    /// Files or folders with results, in any format that `formats` lists
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A TOML file with what the figures have to reach
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
    /// Runs of before, to say what got slower; may be given more than once
    #[arg(long, value_name = "PATH")]
    pub(crate) baseline: Vec<PathBuf>,
    /// Takes every sample for the run of a process of its own
    #[arg(long, requires = "baseline")]
    pub(crate) each_sample_a_run: bool,
    /// A folder with a history of runs, to draw how figures went (see `history`)
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    /// A folder that report.md, summary.md, report.html and report.json are written to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints the short form as Markdown, for the text of a pull request
    #[arg(long, conflicts_with = "json")]
    pub(crate) short: bool,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    pub(crate) json: bool,
}
