//! The arguments of `assize portfolio`.

use std::path::PathBuf;

use assize_altdata::{AsOf, Ticker};
use clap::{Args, Subcommand};

/// What an account on paper holds, how it did, and what happened to it
///
/// `assize brief … --portfolio DIR` keeps the account: it trades on paper what the briefs decide. Here it is only read, even
/// while a brief is at work on it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize portfolio show ./paper
  assize portfolio show ./paper --as-of 2024-06-28 --out ./report
  assize portfolio events ./paper --ticker KO --json")]
pub(crate) struct PortfolioArguments {
    #[command(subcommand)]
    pub(crate) command: PortfolioCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PortfolioCommand {
    Show(ShowArguments),
    Events(EventsArguments),
}

impl PortfolioCommand {
    pub(crate) const fn json(&self) -> bool {
        match self {
            Self::Show(arguments) => arguments.json,
            Self::Events(arguments) => arguments.json,
        }
    }
}

/// The book, orders that wait, performance and scorecards
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize portfolio show ./paper
  assize portfolio show ./paper --prices ./prices --benchmark SPY
  assize portfolio show ./paper --as-of 2024-06-28 --json

Forecasts are held against the closes in --prices, and the account against those of --benchmark; both are read there alone.")]
pub(crate) struct ShowArguments {
    /// The portfolio's folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// As it was known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    /// A folder of daily price tables: with it the scorecards are shown
    #[arg(long, value_name = "DIR")]
    pub(crate) prices: Option<PathBuf>,
    /// What to hold the account against
    #[arg(long, value_name = "TICKER", requires = "prices")]
    pub(crate) benchmark: Option<Ticker>,
    /// Write portfolio.md, portfolio.html and portfolio.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What happened: deposits, decisions, fills, splits, dividends, closes
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize portfolio events ./paper
  assize portfolio events ./paper --ticker KO --as-of 2024-06-28
  assize portfolio events ./paper --json")]
pub(crate) struct EventsArguments {
    /// The portfolio's folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// As it was known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    /// Only what concerns this ticker: its fills, splits and dividends, and what was decided about it
    #[arg(long, value_name = "TICKER")]
    pub(crate) ticker: Option<Ticker>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
