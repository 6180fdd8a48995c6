//! The arguments of `assize-perf history`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
