//! The arguments of `assize cache` and `assize ask`.

use std::path::PathBuf;

use assize_cache::{Key, MAX_TAG_BYTES, Namespace, Prefix, Tag};
use assize_metering::Usd;
use clap::{Args, Subcommand};

use super::budget;

/// The replies that are kept
///
/// The cache is a folder, or a file in TOML that says how large it may be and which Redis server it shares; see --cache of each
/// command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize cache stats
  assize cache warm questions.txt --model openai:gpt-4o-mini --budget 0.50
  assize cache clear --prefix replies

A file for --cache is TOML, and all of it can be left out:
  folder = \"replies\"
  memory_bytes = 100_000_000
  disk_bytes = 10_000_000_000
  fresh_for = \"24h\"
  redis = \"redis://:password@cache.example.org:6379/0\"
  redis_name = \"assize\"
  redis_bytes = 1_000_000_000
The folder is relative to the file. Of a server's address only the host is ever shown.")]
pub(crate) struct CacheArguments {
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    Stats(StatsArguments),
    Clear(ClearArguments),
    Warm(Box<WarmArguments>),
}

impl CacheCommand {
    pub(super) fn json(&self) -> bool {
        match self {
            Self::Stats(arguments) => arguments.json,
            Self::Clear(arguments) => arguments.json,
            Self::Warm(arguments) => arguments.json,
        }
    }
}

/// Where the cache is
#[derive(Debug, Args)]
pub(crate) struct CachePlace {
    /// The cache: a folder, or a file of options in TOML [default: the variable ASSIZE_CACHE, else the folder assize among
    /// the user's caches]
    #[arg(long = "cache", value_name = "FOLDER|FILE")]
    pub(crate) place: Option<PathBuf>,
}

/// The cache, or none.
#[derive(Debug, Args)]
pub(crate) struct CacheUse {
    #[command(flatten)]
    pub(crate) place: CachePlace,
    /// Ask anew, and keep nothing
    #[arg(long, conflicts_with = "place")]
    pub(crate) no_cache: bool,
}

/// What the cache holds, tier by tier, and on disk by namespace
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize cache stats
  assize cache stats --cache ./replies --json
  assize cache stats --prometheus > /var/lib/node_exporter/assize.prom

The tier in memory is that of a running program: here it is always empty. Evictions and damaged entries are counted from the
moment at which the cache was opened. A server that does not answer is shown as such, and no error: the exit code is 0.")]
pub(crate) struct StatsArguments {
    #[command(flatten)]
    pub(crate) cache: CachePlace,
    /// Print metrics in Prometheus's text format
    #[arg(long, conflicts_with = "json")]
    pub(crate) prometheus: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Remove what is kept
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize cache clear --scope acme
  assize cache clear --prefix replies:1
  assize cache clear --all --yes

It says how many entries each tier removed. The exit code is 3 if one of them did not answer: what it holds is still there. It
is 1 if you were asked and did not say yes. What a running program has in its own memory expires within minutes, or at once
where both share a Redis server.")]
pub(crate) struct ClearArguments {
    #[command(flatten)]
    pub(crate) what: What,
    /// Do not ask before everything is removed
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) cache: CachePlace,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is removed
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct What {
    /// The replies that are kept for this tenant
    #[arg(long, value_name = "TENANT", value_parser = scope)]
    pub(crate) scope: Option<String>,
    /// The entries with this tag
    #[arg(long, value_name = "TAG", value_parser = tag)]
    pub(crate) tag: Option<Tag>,
    /// The entries whose keys begin so: a namespace, or one of its versions, or the beginning of a text in that
    #[arg(long, value_name = "NAMESPACE[:VERSION[:TEXT]]", value_parser = prefix)]
    pub(crate) prefix: Option<Prefix>,
    /// The entry with this key
    #[arg(long, value_name = "NAMESPACE:VERSION:TEXT", value_parser = key)]
    pub(crate) key: Option<Key>,
    /// Every entry
    #[arg(long)]
    pub(crate) all: bool,
}

/// Ask questions ahead of time, so that their answers are there
///
/// What is there already is not asked again: a second run costs nothing while the answers are fresh.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize cache warm questions.txt --model openai:gpt-4o-mini --budget 0.50
  assize cache warm questions.jsonl --model ollama:llama3.2 --at-once 2 --scope acme
  assize cache warm questions.txt --model simulated:gpt-4o --system \"Answer in one word.\" --json

FILE has one question a line, or one JSON object a line: {\"question\": \"…\", \"system\": \"…\", \"temperature\": 0, \"max_tokens\": 200},
of which all but the question can be left out; - is standard input. A question that stands there twice is asked once. An answer
serves the same request alone: the same model, question, system prompt, temperature, limit and scope.

The exit code is 0 when all answers are there, 1 when some are there and others are not (the summary says which and why), 2 when
the file is wrong (then nothing was asked), 3 when none could be had, 4 when the budget let none be asked.")]
pub(crate) struct WarmArguments {
    /// The questions
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// How many questions to ask at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) at_once: u16,
    #[command(flatten)]
    pub(crate) cache: CachePlace,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Ask one model a question, or be told what it answered before
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize ask \"What is a basis point?\" --model openai:gpt-4o-mini
  assize ask \"What is a basis point?\" --model ollama:llama3.2 --system \"Answer in one sentence.\" --no-cache
  assize ask \"What is a basis point?\" --model simulated:gpt-4o --json

The answer is on standard output; where it came from and what it cost on standard error. The exit code is 2 when the request is
wrong, 3 when the model did not answer, 4 when the budget forbids the call.")]
pub(crate) struct AskArguments {
    /// The question
    #[arg(value_name = "QUESTION")]
    pub(crate) question: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
    #[command(flatten)]
    pub(crate) cache: CacheUse,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who is asked, and how
#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// The model (VENDOR:MODEL, ADDRESS#MODEL, simulated:MODEL, scripted:FILE)
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: String,
    /// What the model is told before the question
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// The sampling temperature, 0 to 2 [default: the vendor's]
    #[arg(long, value_name = "N", value_parser = temperature)]
    pub(crate) temperature: Option<f32>,
    /// The most tokens of an answer; one that is cut off is not kept
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,
    /// Whose answers these are: they are never shown to another
    #[arg(long, value_name = "TENANT", default_value = "default", value_parser = scope)]
    pub(crate) scope: String,
    /// The most that it may cost, in USD
    #[arg(long, value_name = "USD", value_parser = budget, allow_negative_numbers = true)]
    pub(crate) budget: Option<Usd>,
    /// A file of vendors' keys
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// A price book to lay over the embedded one, for models that it does not know
    #[arg(long = "price-book", value_name = "FILE")]
    pub(crate) price_books: Vec<PathBuf>,
}

/// The longest name of a tenant, in bytes.
const MAX_SCOPE_BYTES: usize = 256;

fn scope(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.len() <= MAX_SCOPE_BYTES && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| format!("write a name of 1 to {MAX_SCOPE_BYTES} bytes without control characters"))
}

fn temperature(text: &str) -> Result<f32, String> {
    let wanted = || "write a number from 0 to 2".to_owned();
    let temperature: f32 = text.parse().map_err(|_| wanted())?;
    if (0.0..=2.0).contains(&temperature) { Ok(temperature) } else { Err(wanted()) }
}

fn tag(text: &str) -> Result<Tag, String> {
    Tag::new(text)
        .map_err(|_| format!("a tag has 1 to {MAX_TAG_BYTES} bytes, without spaces and control characters"))
}

/// The parts of a key, as far as they are there.
fn parts(text: &str) -> Result<(Namespace, Option<&str>), String> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let version = parts.next();
    let number = match version {
        Some(version) => version.parse().map_err(|_| {
            format!("{version:?} is no version: write NAMESPACE:VERSION:TEXT, such as replies:1:")
        })?,
        None => 0,
    };
    let namespace = Namespace::new(name, number).map_err(|e| format!("failed to {e}"))?;
    Ok((namespace, version.map(|_| parts.next().unwrap_or_default())))
}

fn prefix(text: &str) -> Result<Prefix, String> {
    let (namespace, rest) = parts(text)?;
    match rest {
        Some(rest) => namespace.prefix(rest).map_err(|e| format!("failed to {e}")),
        None => Ok(namespace.every_version()),
    }
}

fn key(text: &str) -> Result<Key, String> {
    let (namespace, rest) = parts(text)?;
    let rest = rest.filter(|rest| !rest.is_empty()).ok_or("write NAMESPACE:VERSION:TEXT")?;
    namespace.key(rest).map_err(|e| format!("failed to {e}"))
}
