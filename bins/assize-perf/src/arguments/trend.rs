//! The arguments of `assize-perf trend`.

use std::path::PathBuf;

use clap::Args;

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
