//! The arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
  assize-perf report run.json --targets targets.toml --out report    writes report/report.md, .html and .json";

#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(crate) struct Report {
    /// Files or folders with results, in any format that `formats` lists
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A TOML file with what the figures have to reach
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
    /// A folder that report.md, report.html and report.json are written to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    pub(crate) json: bool,
}

const TREND_EXAMPLES: &str = "\
Examples:
  assize-perf trend runs/*.json                    runs, in the order of their times
  assize-perf trend --history perf-history         runs that `history add` kept
  assize-perf trend series.csv --out trend         a column of numbers is a series
  assize-perf trend --history perf-history --json | jq '.series[] | select(.changes != [])'";

#[derive(Debug, Args)]
#[command(after_help = TREND_EXAMPLES)]
pub(crate) struct Trend {
    /// Runs in any format that `formats` lists, or files with series: a table with a head, or lines of JSON with `values`
    #[arg(required_unless_present = "history", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A history of runs
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    pub(crate) history: Option<PathBuf>,
    /// The least change of the median that counts, in per cent
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = percent)]
    pub(crate) floor: f64,
    /// A folder that trend.md, trend.html and trend.json are written to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    pub(crate) json: bool,
}

/// A share in per cent, with or without the sign.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim();
    let share = number.parse::<f64>().map_err(|error| error.to_string())? / 100.0;
    if (0.0..10.0).contains(&share) { Ok(share) } else { Err("give 0 to 1000 per cent".to_owned()) }
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  assize-perf history add perf-history target/assize/bench/latest
  assize-perf history merge perf-history ../other/perf-history";

#[derive(Debug, Args)]
#[command(after_help = HISTORY_EXAMPLES, arg_required_else_help = true)]
pub(crate) struct History {
    #[command(subcommand)]
    pub(crate) action: HistoryAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryAction {
    /// Adds runs that are not there yet
    Add {
        /// The folder of the history; it is made if there is none
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Files or folders with results, each one a run
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Adds the runs of another history that are not there yet
    Merge {
        /// The folder of the history that is added to
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The folder of the other history, which stays as it is
        #[arg(value_name = "OTHER")]
        other: PathBuf,
    },
}
