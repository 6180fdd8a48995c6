//! The arguments of `assize backtest`.

use std::{path::PathBuf, time::Duration};

use assize_altdata::{AsOf, Ticker};
use assize_metering::Usd;
use assize_pipeline::{Every, Part};
use clap::Args;
use jiff::civil::Date;

use super::{CacheUse, Terms, budget, debate::Course, sources::SourceArguments, time};

/// The same brief on one day after the other of the past, and what became of the money
///
/// On each day the brief sees what was known then. An account on paper carries its decisions out: at the next open at the
/// earliest, with slippage and commission. What came of it stands beside a benchmark, with drawdown, costs, each day's decisions,
/// and how often the forecasts were right.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize backtest KO PEP --prices ./prices --from 1997-06-02 --to 1998-03-02
  assize backtest KO PEP --prices ./prices --from 1997-06-02 --to 1998-03-02 --every 5s --benchmark KO --out ./backtest
  assize backtest KO PEP --data world:42 --from 2026-01-05 --to 2026-06-30 --out ./backtest
  assize backtest KO --prices ./prices --from 1998-01-05 --to 1998-03-02 --model openai:gpt-4o --blind --budget 0.10 --journal ./debates

The past is fetched once and cut anew for each day. --budget and --deadline are those of each brief. From a folder of prices
alone nothing is bought: the limits want evidence of two kinds. --limits FILE changes them (min_source_kinds = 1), but then it is
no longer the brief's default that is tested. The exit code is 2 when the input lets nothing be decided on any day.")]
pub(crate) struct BacktestArguments {
    /// The tickers
    #[arg(required = true, value_name = "TICKER")]
    pub(crate) tickers: Vec<Ticker>,
    /// The day of the first brief
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Date,
    /// The last day; what was known at its end in New York ends the test
    #[arg(long, value_name = "DATE")]
    pub(crate) to: AsOf,
    /// How often a brief is made: each so many weeks (1w) or sessions (5s)
    #[arg(long, value_name = "TIME", default_value = "1w")]
    pub(crate) every: Every,
    #[command(flatten)]
    pub(crate) places: SourceArguments,
    /// What the account is held against, such as SPY [default: all tickers, as much of each]
    #[arg(long, value_name = "TICKER")]
    pub(crate) benchmark: Option<Ticker>,
    /// What the account begins with, in USD
    #[arg(long, value_name = "USD", default_value = "100000", value_parser = budget)]
    pub(crate) capital: Usd,
    /// What may not be exceeded, and how much evidence it takes: a file in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) limits: Option<PathBuf>,
    /// Keep from models which company it is and when: they may remember how things went
    #[arg(long)]
    pub(crate) blind: bool,
    /// How many sessions each brief looks ahead
    #[arg(long, value_name = "SESSIONS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=252))]
    pub(crate) horizon: u32,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// How long the research may take, for all days together
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "5m")]
    pub(crate) research: Duration,
    /// Who sits on the panel, and how a debate is held: a file in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) panel: Option<PathBuf>,
    /// A model on the panel, as for a brief
    #[arg(long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// A price book to lay over the embedded one, for models that it does not know
    #[arg(long = "price-book", value_name = "FILE")]
    pub(crate) price_books: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) course: Course,
    /// Write every debate to a log in this folder, or in this SQLite file (.db, .sqlite), so that it is not paid for again
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Leave parts out: altdata, options, debate (then the panel votes once)
    #[arg(long, value_name = "PART,…", value_delimiter = ',')]
    pub(crate) without: Vec<Part>,
    /// How many tickers to debate at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) cache: CacheUse,
    /// Write backtest.md, backtest.html and backtest.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the report as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
