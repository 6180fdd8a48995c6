//! The arguments of `assize analyze`.

use std::{path::PathBuf, time::Duration};

use assize_altdata::{AsOf, Ticker};
use assize_metering::Usd;
use assize_pipeline::FrameworkKind;
use clap::Args;

use super::{CacheUse, budget, sources::SourceArguments, time};

/// The analysis of a company: its figures, what is said of it, frameworks, and what they come to
///
/// Research, market and statements are read at the same time; all frameworks are filled in at the same time, each from the same
/// digest of the three; a synthesis sums them up. With --model a model writes, and each of its points cites what it rests on or
/// is marked as unsupported. Without one rules say what figures can honestly say (health, SWOT, parts of PESTEL), and the rest is
/// named as missing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize analyze KO --data world:42
  assize analyze KO --prices ./prices --as-of 1998-03-02 --benchmark PEP
  assize analyze \"Coca-Cola\" --model openai:gpt-4o --budget 0.50 --deadline 2m --out ./analysis
  assize analyze KO --frameworks porter,swot --model ollama:llama3.2 --json

COMPANY is a ticker where it is written in capitals; else it is looked up, as a ticker or a name, in a source of identities.
Frameworks: porter, swot, pestel, blue-ocean, bcg, ansoff. Sources, keys and the cache are as for `assize fetch`; the answers of
a model are kept in the cache as well, so that the same analysis asks it once. The exit code is 0 with gaps, too; 2 when the request is
wrong or nothing is known of the company, 3 when nothing outside answered, 4 when the deadline came before anything did.")]
pub(crate) struct AnalyzeArguments {
    /// The company: its ticker, or a name
    #[arg(value_name = "COMPANY")]
    pub(crate) company: String,
    /// Which frameworks to fill in
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "porter,swot,pestel,blue-ocean,bcg,ansoff"
    )]
    pub(crate) frameworks: Vec<FrameworkKind>,
    /// The model that writes: VENDOR:MODEL, ADDRESS#MODEL, simulated:MODEL, scripted:FILE [default: none, there are rules]
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// The most that its calls may cost, in USD
    #[arg(long, value_name = "USD", value_parser = budget, requires = "model", allow_negative_numbers = true)]
    pub(crate) budget: Option<Usd>,
    /// A price book to lay over the embedded one, for models that it does not know
    #[arg(long = "price-book", value_name = "FILE", requires = "model")]
    pub(crate) price_books: Vec<PathBuf>,
    /// A ticker against which beta and the excess return are measured
    #[arg(long, value_name = "TICKER")]
    pub(crate) benchmark: Option<Ticker>,
    /// Use only what was known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    #[command(flatten)]
    pub(crate) places: SourceArguments,
    /// How long it may take, such as 2m
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) deadline: Option<Duration>,
    /// How many stages work at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) cache: CacheUse,
    /// Write analysis.md, analysis.html, analysis.json and run.md, run.html, run.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the analysis as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
