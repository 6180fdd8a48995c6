//! The arguments of `assize fetch` and `assize score`.

use std::{path::PathBuf, time::Duration};

use assize_altdata::{AsOf, Identity, Ticker};
use assize_wiring::{DataPlace, FeedAddress, FilmChannel, SourceChoice, SourceOptions};
use clap::Args;

use super::{CacheUse, time};

/// What is known about companies: prices, filings, news, options, attention, with what is missing and why
///
/// All sources are asked at once, each no faster than it bears, within one deadline. What could have been known only after the
/// as-of date is taken out and counted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize fetch --list
  assize fetch KO PEP --prices ./prices --as-of 1998-03-02
  assize fetch KO --sources +cboe-options,-fred-csv --deadline 30s --out ./fetched
  assize fetch KO --sources all --data record:./recorded --keys keys.toml
  assize fetch KO --data replay:./recorded --json
  assize fetch KO PEP --feed https://example.org/markets.xml --channel KO=UCabcdefghijklmnopqrstuv
  assize fetch KO PEP --data world:42 --as-of 2026-03-06 --cache ./kept

LIST is all, or names or kinds with commas between (then no others are asked), or +NAME and -NAME for what differs from the
default. With --prices and neither --sources nor --data nothing is asked over the network. Keys are lines of a file (fred = \"…\",
sec = \"Example Research data@example.org\") or variables (FRED_API_KEY, SEC_CONTACT); `contact` or ASSIZE_CONTACT says to every
site who asks. The exit code is 0 with gaps, too; 2 when the request is wrong, 3 when nothing answered, 4 when the deadline came
before anything did.")]
pub(crate) struct FetchArguments {
    /// The tickers
    #[arg(required_unless_present = "list", value_name = "TICKER")]
    pub(crate) tickers: Vec<Ticker>,
    /// Show all sources, and ask none
    #[arg(long, conflicts_with_all = ["tickers", "sources", "as_of", "data", "prices", "out", "companies", "feeds", "channels"])]
    pub(crate) list: bool,
    /// Use only what was known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    #[command(flatten)]
    pub(crate) places: SourceArguments,
    /// How long it may take, such as 30s
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "60s")]
    pub(crate) deadline: Duration,
    #[command(flatten)]
    pub(crate) cache: CacheUse,
    /// Write fetch.md, fetch.html and fetch.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where what is known of companies comes from.
#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    /// Which sources to ask [default: those that need neither key nor consent, and of a world prices and options too]
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    sources: Option<SourceChoice>,
    /// Where answers come from: live, record:FOLDER, replay:FOLDER, or world:SEED, a market that is played [default: live]
    #[arg(long, value_name = "PLACE")]
    pub(crate) data: Option<DataPlace>,
    /// A folder of daily price tables; without --data or --sources nothing else is asked
    #[arg(long, value_name = "DIR")]
    pub(crate) prices: Option<PathBuf>,
    /// A feed of news (RSS or Atom), of which the entries that name a company are taken; may be given again
    #[arg(long = "feed", value_name = "URL")]
    feeds: Vec<FeedAddress>,
    /// A channel on YouTube, of which the films that name a company are taken, or a company's own, of which all are
    #[arg(long = "channel", value_name = "[TICKER=]ID")]
    channels: Vec<FilmChannel>,
    /// Which company a ticker means, with the SEC's number of it if you know
    #[arg(long = "company", value_name = "TICKER=NAME[;CIK]", value_parser = company)]
    companies: Vec<Identity>,
    /// A file of keys, of sources and of vendors
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
}

impl SourceArguments {
    /// What they say, with the day that was asked for, if one was.
    pub(crate) fn options(&self, as_of: Option<AsOf>) -> SourceOptions {
        SourceOptions {
            choice: self.sources.clone(),
            data: self.data.clone(),
            as_of,
            prices: self.prices.clone(),
            keys: self.keys.clone(),
            identities: self.companies.clone(),
            feeds: self.feeds.clone(),
            channels: self.channels.clone(),
        }
    }
}

/// Score texts, posts and option chains, and say why
///
/// Sentiment, tone, readability, novelty among the given, credibility of the publisher, category, engagement, and one score made
/// of them, with what each part gives and what is missing; the stories that the texts tell; figures of option chains.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize score article.html notes.md
  assize score headlines.jsonl --ticker CLX --company Clorox
  assize score chain.json --json
  assize fetch KO --json | assize score - --ticker KO --company \"Coca-Cola\"

A file is a text (.txt, .md, .html), or JSON: one object, a list of them, or one a line, each with title, text, url, published,
views, likes, dislikes, comments, usual_views_per_hour, items (of an 8-K), of which all can be left out but one of the first two;
or what `assize fetch --json` prints; or a chain of Cboe's delayed quotes. - is standard input.")]
pub(crate) struct ScoreArguments {
    /// What to score
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The ticker of the company that the texts should be about
    #[arg(long, value_name = "TICKER")]
    pub(crate) ticker: Option<Ticker>,
    /// A name of that company; may be given again for others
    #[arg(long = "company", value_name = "NAME", requires = "ticker")]
    pub(crate) names: Vec<String>,
    /// A finance lexicon of your own, such as Loughran and McDonald's (CSV with Word, Negative, Positive …)
    #[arg(long, value_name = "FILE")]
    pub(crate) lexicon: Option<PathBuf>,
    /// Credibility of domains of your own, in TOML, laid over ours
    #[arg(long, value_name = "FILE")]
    pub(crate) domains: Option<PathBuf>,
    /// Count ages from the end of this day in New York [default: now]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

fn company(text: &str) -> Result<Identity, String> {
    const WANTED: &str = "write it as KO=The Coca-Cola Company, or KO=The Coca-Cola Company;21344";
    let (ticker, rest) = text.split_once('=').ok_or(WANTED)?;
    let ticker: Ticker = ticker.parse().map_err(|e| format!("failed to {e}"))?;
    let (name, cik) = rest.rsplit_once(';').map_or((rest, None), |(name, cik)| (name, Some(cik)));
    let fits = (1..=200).contains(&name.trim().len()) && !name.chars().any(char::is_control);
    if !fits {
        return Err(WANTED.to_owned());
    }
    let card = Identity::new(&ticker, name.trim());
    match cik.map(|cik| cik.trim().parse::<u64>()) {
        None => Ok(card),
        Some(Ok(cik)) => Ok(card.with_cik(cik)),
        Some(Err(_)) => Err(WANTED.to_owned()),
    }
}
