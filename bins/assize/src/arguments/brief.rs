//! The arguments of `assize brief`.

use std::{path::PathBuf, time::Duration};

use assize_altdata::{AsOf, Ticker};
use assize_metering::Usd;
use assize_pipeline::Part;
use clap::Args;

use super::{CacheUse, Terms, budget, debate::Course, sources::SourceArguments, time};

/// A morning brief of stocks: research, evidence, debate, decision
///
/// Fetches prices, alternative data and options of all tickers at once, lets a panel argue over what was known of each on the
/// as-of date, and prints a decision for each with its reasons and its evidence. With --prices alone only that folder of CSV files
/// named after their tickers (KO.csv, NVDA_daily_2014.csv …) is read, and what is missing is named.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize brief KO PEP --prices ./prices --as-of 1998-03-02
  assize brief NVDA --prices ./prices --as-of 2014-12-31 --out ./brief
  assize brief KO --prices ./prices --without debate --json
  assize brief KO PEP AAPL --sources +yahoo-chart,+cboe-options --out ./brief
  assize brief KO PEP --data world:42 --without altdata,options
  assize brief KO PEP --prices ./prices --model openai:gpt-4o --model anthropic:claude-sonnet-4-5 --budget 2.00 --deadline 5m
  assize brief KO PEP --prices ./prices --panel council.toml --journal ./debates
  assize brief KO PEP --data world:42 --portfolio ./paper

With --portfolio the decisions are held against limits, and what is left of them becomes orders on paper that are filled at
the next session's open; earlier orders are filled as far as prices are known, forecasts are held against what came, and who
forecast well weighs more. Its debates are written down in that folder, so that a brief that broke off can be made again: nothing
is ordered or paid twice. `assize portfolio` shows the account.

Sources, companies, keys and places of data are those of `assize fetch`; panels, models and the course of a debate those of
`assize debate`. Without a panel and models the analysts argue: rules that need no model. With --journal a brief that broke off
goes on where it was when it is made again over the same evidence: no call is paid twice.

A ticker of which nothing is known degrades alone. The exit code is 2 when the input lets nothing be decided at all (unknown
tickers, empty files, prices far older than the as-of date), 3 when something outside did not answer, 4 when the deadline or
the budget did, 0 otherwise.")]
pub(crate) struct BriefArguments {
    /// The tickers
    #[arg(required = true, value_name = "TICKER")]
    pub(crate) tickers: Vec<Ticker>,
    #[command(flatten)]
    pub(crate) places: SourceArguments,
    /// Use only what was known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    /// How many sessions to look ahead
    #[arg(long, value_name = "SESSIONS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=252))]
    pub(crate) horizon: u32,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// How long the research may take [default: 50s, and with models no more than 6 tenths of the deadline]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) research: Option<Duration>,
    /// Who sits on the panel, and how a debate is held: a file in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) panel: Option<PathBuf>,
    /// A model on the panel (VENDOR:MODEL, ADDRESS#MODEL, simulated:MODEL, scripted:FILE); one alone gets three seats. With
    /// --panel: one that speaks for all its models, or one for each
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
    /// Carry the decisions out on paper, in the account of this folder, which is begun where there is none
    #[arg(long, value_name = "DIR")]
    pub(crate) portfolio: Option<PathBuf>,
    /// What an account begins with, in USD
    #[arg(long, value_name = "USD", default_value = "100000", value_parser = budget, requires = "portfolio")]
    pub(crate) capital: Usd,
    /// What each ticker is to return more than, such as SPY, and what the account is held against [default: the question is
    /// whether each rises, and the account is held against all tickers, as much of each]
    #[arg(long, value_name = "TICKER")]
    pub(crate) benchmark: Option<Ticker>,
    /// What may not be exceeded, and how much evidence it takes: a file in TOML
    #[arg(long, value_name = "FILE", requires = "portfolio")]
    pub(crate) limits: Option<PathBuf>,
    /// Leave parts out: altdata, options, debate (then the panel votes once)
    #[arg(long, value_name = "PART,…", value_delimiter = ',')]
    pub(crate) without: Vec<Part>,
    /// How many tickers to debate at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) cache: CacheUse,
    /// Write brief.md, brief.html, brief.json and run.md, run.html, run.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the brief as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
