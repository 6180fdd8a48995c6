//! The arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  assize-perf report target/criterion
  assize-perf report run.json target/criterion --targets benches/targets.toml --out report
  assize-perf report run.json --targets targets.toml --json | jq .verdict
  assize-perf load normal --url http://127.0.0.1:8080
  assize-perf formats

Exit codes: 0 done, 1 a target failed, 2 the request is wrong, 3 something could not be read or written";

/// Reads the results of benchmarks and says what is slow and what to do.
#[derive(Debug, Parser)]
#[command(name = "assize-perf", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads result files and prints an analysis
    Report(Report),
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

const LOAD_EXAMPLES: &str = "\
Examples:
  assize-perf load --list
  assize-perf load normal --url http://127.0.0.1:8080
  assize-perf load my.toml --url http://127.0.0.1:8080 --rate 200 --duration 60s --out report
  assize-perf load sustained --url http://127.0.0.1:8080 --pid 4711      watches the process for a leak
  assize-perf load normal --url http://127.0.0.1:8080 --rates 50,100,200,400 --duration 30s      where the knee is
  assize-perf load normal --url http://127.0.0.1:8080 --against http://127.0.0.1:8081 --duration 20s

Latency counts from the moment at which a request was to start, not from when it could be sent";

#[derive(Debug, Args)]
#[command(after_help = LOAD_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Load {
    /// A scenario file, or the name of one that is shipped
    #[arg(required_unless_present = "list", value_name = "SCENARIO")]
    pub(crate) scenario: Option<String>,
    /// Lists the scenarios that are shipped
    #[arg(long, conflicts_with = "scenario")]
    pub(crate) list: bool,
    /// Prints the scenario's file instead of running it
    #[arg(long)]
    pub(crate) show: bool,
    /// The address of the service; paths of steps are added to it
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// A second address, held against the first in turns
    #[arg(long, value_name = "URL", conflicts_with_all = ["closed", "rates"])]
    pub(crate) against: Option<String>,
    /// Pairs of runs where two are held against each other
    #[arg(long, value_name = "N", default_value_t = 6, requires = "against")]
    pub(crate) pairs: usize,
    /// The highest rate, in starts a second; all others in proportion
    #[arg(long, value_name = "R", conflicts_with = "users")]
    pub(crate) rate: Option<f64>,
    /// Several rates one after the other, lowest first: a plan of capacity
    #[arg(long, value_name = "R,R,…", value_delimiter = ',', conflicts_with_all = ["rate", "users", "closed"])]
    pub(crate) rates: Vec<f64>,
    /// How many users there are at the highest
    #[arg(long, value_name = "N")]
    pub(crate) users: Option<f64>,
    /// How long it lasts in all (each of several rates, each run of a pair): 90s, "10 min"
    #[arg(long, value_name = "TIME")]
    pub(crate) duration: Option<String>,
    /// Users who wait for answers, as other tools have them: what a stall keeps from being asked is not seen
    #[arg(long)]
    pub(crate) closed: bool,
    /// Tasks that send, each with a thread
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) workers: usize,
    /// The process under load, looked at while it lasts (Linux)
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    /// How often it is looked at
    #[arg(long, value_name = "TIME", default_value = "500 ms")]
    pub(crate) every: String,
    /// A TOML file with what the figures have to reach
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
    /// A folder that report.md, report.html, report.json and run.json are written to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    pub(crate) json: bool,
}
