//! The command line.

mod analyze;
mod backtest;
mod brief;
mod cache;
mod debate;
mod portfolio;
mod sources;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use assize_altdata::Ticker;
use assize_ambient::Timestamp;
use assize_debate::{MAX_ROUNDS, Rule};
use assize_loopback::{Fault, SiteFault};
use assize_metering::{Geo, Mode, PricedAt, Unit, Usd};
use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, parser::ValueSource,
};

pub(crate) use analyze::AnalyzeArguments;
pub(crate) use backtest::BacktestArguments;
pub(crate) use brief::BriefArguments;
pub(crate) use cache::{
    AskArguments, Asking, CacheArguments, CacheCommand, CachePlace, CacheUse, ClearArguments, StatsArguments,
    WarmArguments, What,
};
pub(crate) use debate::{Course, DebateArguments};
pub(crate) use portfolio::{EventsArguments, PortfolioArguments, PortfolioCommand, ShowArguments};
pub(crate) use sources::{FetchArguments, ScoreArguments};

/// A panel argues a question to a verdict, and says what it cost and how long it took.
#[derive(Debug, Parser)]
#[command(name = "assize", version, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 done, and the answer is no; 2 the request is wrong; 3 something outside did \
                          not answer; 4 stopped by a budget or a deadline with no result.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Brief(Box<BriefArguments>),
    Backtest(Box<BacktestArguments>),
    Analyze(Box<AnalyzeArguments>),
    Debate(Box<DebateArguments>),
    Fetch(Box<FetchArguments>),
    Score(Box<ScoreArguments>),
    Ask(Box<AskArguments>),
    Cache(CacheArguments),
    Cost(Box<CostArguments>),
    Tokens(TokensArguments),
    Models(ModelsArguments),
    Portfolio(PortfolioArguments),
    Doctor(DoctorArguments),
    World(WorldArguments),
}

/// A flag, or the question, as it was written on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Which field of the arguments it is.
    pub(crate) field: String,
    /// As it is called on the command line.
    pub(crate) flag: String,
    pub(crate) values: Vec<String>,
}

impl Arguments {
    /// Reads the command line that the process was called with.
    pub(crate) fn from_command_line() -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches()?;
        let mut arguments =
            Self::from_arg_matches(&matches).map_err(|refused| refused.format(&mut Self::command()))?;
        if let (Command::Debate(debate), Some((name, matches))) =
            (&mut arguments.command, matches.subcommand())
        {
            debate.given = given(name, matches);
        }
        Ok(arguments)
    }

    /// Whether one JSON document is wanted instead of text.
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            Command::Brief(arguments) => arguments.json,
            Command::Backtest(arguments) => arguments.json,
            Command::Analyze(arguments) => arguments.json,
            Command::Debate(arguments) => arguments.json,
            Command::Fetch(arguments) => arguments.json,
            Command::Score(arguments) => arguments.json,
            Command::Ask(arguments) => arguments.json,
            Command::Cache(arguments) => arguments.command.json(),
            Command::Cost(arguments) => arguments.json,
            Command::Tokens(arguments) => arguments.json,
            Command::Models(arguments) => arguments.json,
            Command::Portfolio(arguments) => arguments.command.json(),
            Command::Doctor(arguments) => arguments.json,
            Command::World(arguments) => arguments.json,
        }
    }
}

/// The terms on which a debate is held
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// The most rounds of a debate, the blind first one included [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_ROUNDS)))]
    pub(crate) rounds: Option<u32>,
    /// The rule of decision, such as linear-pool, plurality, supermajority:2/3 or schulze; a name that is none lists them all [default: linear-pool]
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<Rule>,
    /// How long it may take, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) deadline: Option<Duration>,
    /// The most that calls of models may cost, in USD
    #[arg(long, value_name = "USD", value_parser = budget, allow_negative_numbers = true)]
    pub(crate) budget: Option<Usd>,
    /// Where chance starts
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// What calls of models cost, to the last digit
///
/// Either of one call, from counts of tokens; or of recorded calls, from what vendors reported: their replies or usage objects,
/// as JSON, JSON lines or the events of a stream.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize cost claude-3-5-sonnet-20241022 --input 12000 --output 800
  assize cost gpt-4o --input 500 --cached-input 11500 --output 800 --at 2026-11-01 --explain
  assize cost gpt-4o-mini --input 90000 --output 4000 --mode batch
  assize cost --usage replies.jsonl --usage more/stream.txt
  cat replies.jsonl | assize cost --usage - --json

The counts are disjoint: --input holds neither cached nor audio nor image tokens, --output no reasoning. Recorded usage is read
from OpenAI (chat, responses) and what is compatible with it, Anthropic, Gemini, Bedrock, Cohere and Ollama. A record that
cannot be priced is listed with the reason, and the exit code is 2: it is never counted as nothing.")]
pub(crate) struct CostArguments {
    /// The model, by the id of its vendor; with --usage, of the records that do not name theirs
    #[arg(value_name = "MODEL", required_unless_present = "usage")]
    pub(crate) model: Option<String>,
    /// Price recorded calls; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) usage: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) counts: Counts,
    /// Of this vendor, where several sell a model of one name
    #[arg(long, value_name = "VENDOR", requires = "usage")]
    pub(crate) vendor: Option<String>,
    /// How the call was made: standard, batch, flex, priority, fast [default: as recorded, else standard]
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(crate) mode: Option<Mode>,
    /// Where it was bound to be served: global, us, eu, regional [default: as recorded, else global]
    #[arg(long, value_name = "PLACE", value_parser = geo)]
    pub(crate) geo: Option<Geo>,
    /// By the price list of this day or moment [default: as recorded, else now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<PricedAt>,
    /// Show each bucket and its rate, and where they come from
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) prices: PriceFiles,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// The tokens of one call, each counted once
#[derive(Debug, Args)]
#[command(next_help_heading = "Tokens of one call")]
pub(crate) struct Counts {
    /// Of text in the prompt that came from no cache
    #[arg(long, value_name = "TOKENS", required_unless_present = "usage", conflicts_with = "usage")]
    pub(crate) input: Option<u64>,
    /// Of visible text in the reply
    #[arg(long, value_name = "TOKENS", required_unless_present = "usage", conflicts_with = "usage")]
    pub(crate) output: Option<u64>,
    /// Of input read from the vendor's cache
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) cached_input: Option<u64>,
    /// Of input written to the vendor's cache for five minutes
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) cache_write: Option<u64>,
    /// Of input written to the vendor's cache for an hour
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) cache_write_1h: Option<u64>,
    /// Of reasoning
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) reasoning: Option<u64>,
    /// Of audio in the prompt
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) audio_input: Option<u64>,
    /// Of images in the prompt
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) image_input: Option<u64>,
    /// Of audio in the reply
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) audio_output: Option<u64>,
    /// Of images in the reply
    #[arg(long, value_name = "TOKENS", conflicts_with = "usage")]
    pub(crate) image_output: Option<u64>,
    /// Pieces that are billed apart, such as web_search=2
    #[arg(long = "unit", value_name = "UNIT=N", value_parser = pieces, conflicts_with = "usage")]
    pub(crate) units: Vec<(Unit, u64)>,
}

/// Prices of one's own
#[derive(Debug, Args)]
#[command(next_help_heading = "Prices")]
pub(crate) struct PriceFiles {
    /// Prices in TOML, laid over those that come with the program; a later file over an earlier one
    #[arg(long = "price-book", value_name = "FILE")]
    pub(crate) books: Vec<PathBuf>,
    /// LiteLLM's model_prices_and_context_window.json, laid over all others
    #[arg(long = "litellm-map", value_name = "FILE")]
    pub(crate) litellm_map: Option<PathBuf>,
}

/// Count the tokens of texts
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize tokens README.md
  assize tokens --model gpt-4o --model claude-sonnet-4-5 notes/*.md
  echo \"How long is this?\" | assize tokens --model gpt-4o -
  assize tokens --model gpt-4o --chat request.json

Counts are exact where the model's encoding is public; others are estimates, and say how far they can be off.")]
pub(crate) struct TokensArguments {
    /// The texts; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// As this model counts, or this encoding; several are counted side by side
    #[arg(long = "model", value_name = "MODEL", default_value = "o200k_base")]
    pub(crate) models: Vec<String>,
    /// The files are requests of OpenAI's chat interface: count all that is billed as the prompt
    #[arg(long)]
    pub(crate) chat: bool,
    #[command(flatten)]
    pub(crate) prices: PriceFiles,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// The price book
///
/// USD per million tokens, for short prompts, unless --explain shows everything that a price states.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize models
  assize models claude --json
  assize models --vendor anthropic --at 2026-11-01
  assize models gpt-4o-2024-08-06 --explain")]
pub(crate) struct ModelsArguments {
    /// Only models whose id, alias or vendor holds this
    #[arg(value_name = "FILTER", default_value = "")]
    pub(crate) filter: String,
    /// Only models of this vendor
    #[arg(long, value_name = "VENDOR")]
    pub(crate) vendor: Option<String>,
    /// Only prices that hold on this day or at this moment [default: of all times]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<PricedAt>,
    /// Show everything that is known of each price
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) prices: PriceFiles,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Run each component once, on known input, and say which works
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assize doctor\n  assize doctor --json")]
pub(crate) struct DoctorArguments {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Play the vendors of models, and sites that tell of a market, on this machine, until Ctrl-C
///
/// OpenAI, Anthropic and Gemini speak on one address, each in its own format and under its own paths, from a seed: the same
/// request gets the same reply. At the end stands what the vendors know: what they served and billed, and what went wrong.
///
/// The same address has sites that tell of an invented market: the SEC, Yahoo, Cboe and others, each in its own format and
/// within its own limit, under /host/ and the site's name. --truth keeps what was planted in that market.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize world
  assize world --addr 127.0.0.1:8080 --latency hosted --limit 600
  assize world --fault rate_limited=0.1 --fault cut=0.05 --json
  assize world --ticker KO,PEP --fault throttled=0.05 --truth truth.json

Faults: rate_limited, rate_limited_silently, quota, server_error, unavailable, overloaded, cut, slow, hang, malformed,
error_inside, wrong_type, huge, drop.
Faults of the sites: throttled, throttled_silently, down, sec_block, gdelt_text, gdelt_empty, missing_timestamp, null_iv,
new_fields, stall, cut_body, wrong_company.
With --json the address comes first, as one line, and what the vendors know at the
end, as one document.")]
pub(crate) struct WorldArguments {
    /// Where chance starts
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// The address to listen on; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) addr: SocketAddr,
    /// The share of calls, 0 to 1, that a fault hits
    #[arg(long = "fault", value_name = "FAULT=RATE", value_parser = fault)]
    pub(crate) faults: Vec<(WorldFault, f64)>,
    /// Who is listed in the market [default: two dozen well-known symbols]
    #[arg(long = "ticker", value_name = "TICKER,…", value_delimiter = ',')]
    pub(crate) tickers: Vec<Ticker>,
    /// Write what is true of the market into this file at the end: of the year before, and of the month to come
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: Option<PathBuf>,
    /// How long the vendors take: none, hosted (600 ms to the first token, 80 tokens a second)
    #[arg(long, value_name = "PROFILE", default_value = "none", hide_possible_values = true)]
    pub(crate) latency: WorldLatency,
    /// A limit for each key, in requests a minute
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Listen on an address that others can reach as well
    #[arg(long)]
    pub(crate) expose: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What goes wrong in the world: with a vendor, or with a site
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorldFault {
    Vendor(Fault),
    Site(SiteFault),
}

/// How long played vendors take
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorldLatency {
    None,
    Hosted,
}

/// What of a command's arguments stands on the command line itself.
fn given(command: &str, matches: &ArgMatches) -> Vec<Given> {
    let commands = Arguments::command();
    let arguments = commands.find_subcommand(command).into_iter().flat_map(clap::Command::get_arguments);
    let is_given = |id: &str| {
        matches!(matches.try_contains_id(id), Ok(true))
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    arguments
        .filter(|argument| is_given(argument.get_id().as_str()))
        .map(|argument| Given {
            field: argument.get_id().to_string(),
            flag: argument
                .get_long()
                .map_or_else(|| argument.get_id().to_string(), |long| format!("--{long}")),
            values: matches
                .get_raw(argument.get_id().as_str())
                .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
                .unwrap_or_default(),
        })
        .collect()
}

fn fault(text: &str) -> Result<(WorldFault, f64), String> {
    let faults = || Fault::ALL.map(Fault::key).into_iter().chain(SiteFault::ALL.map(SiteFault::key));
    let (key, rate) = text.split_once('=').ok_or("write it as cut=0.05")?;
    let of_vendor = || Fault::from_key(key).map(WorldFault::Vendor);
    let fault = of_vendor().or_else(|| SiteFault::from_key(key).map(WorldFault::Site));
    let fault = fault.ok_or_else(|| format!("write one of {}", faults().collect::<Vec<_>>().join(", ")))?;
    let rate: f64 = rate.parse().map_err(|_| format!("{rate:?} is no number"))?;
    if (0.0..=1.0).contains(&rate) { Ok((fault, rate)) } else { Err("write a share from 0 to 1".to_owned()) }
}

fn time(text: &str) -> Result<Duration, String> {
    let wanted = "write a time such as 30s, 5m or 1h 30m";
    let time: jiff::SignedDuration = text.parse().map_err(|_| wanted.to_owned())?;
    match Duration::try_from(time) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(format!("it must be longer than nothing; {wanted}")),
    }
}

fn budget(text: &str) -> Result<Usd, String> {
    let budget: Usd = text.parse().map_err(|e| format!("failed to {e}"))?;
    if budget < Usd::ZERO { Err("a budget must not be negative".to_owned()) } else { Ok(budget) }
}

fn mode(key: &str) -> Result<Mode, String> {
    Mode::from_key(key).ok_or_else(|| format!("write one of {}", Mode::ALL.map(Mode::key).join(", ")))
}

fn geo(key: &str) -> Result<Geo, String> {
    Geo::from_key(key).ok_or_else(|| format!("write one of {}", Geo::ALL.map(Geo::key).join(", ")))
}

fn pieces(text: &str) -> Result<(Unit, u64), String> {
    let units = || Unit::ALL.map(Unit::key).join(", ");
    let (key, pieces) = text.split_once('=').ok_or("write it as web_search=2")?;
    let unit = Unit::from_key(key).ok_or_else(|| format!("write one of {}", units()))?;
    pieces.parse().map(|pieces| (unit, pieces)).map_err(|_| format!("{pieces:?} is no whole number"))
}

/// A day, which means its beginning in UTC, or a moment.
fn moment(text: &str) -> Result<PricedAt, String> {
    let day = || text.parse::<jiff::civil::Date>().map(PricedAt::from).ok();
    // Of a time without an offset, jiff would read the day alone.
    let day = if text.contains(['T', 't', ' ']) { None } else { day() };
    day.or_else(|| text.parse::<Timestamp>().map(PricedAt::from).ok())
        .ok_or_else(|| "write a day such as 2026-11-01, or a moment such as 2026-11-01T08:30:00Z".to_owned())
}
