//! The arguments of `assize debate`.

use std::path::PathBuf;

use assize_altdata::AsOf;
use assize_debate::{Order, SeatIndex, Selector, StopRule, TieBreak, Topology, Window};
use assize_wiring::Durability;
use clap::Args;

use super::{Given, Terms};

/// Let a panel argue a question to a verdict
///
/// On the panel sit those that a file says, or the models that are given and, where the evidence holds daily prices, the analysts
/// that read them. What is said here goes before what the file says.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  assize debate \"Will KO rise in 20 sessions?\" --evidence prices/KO.csv --as-of 1998-03-02
  assize debate \"Ship on Friday?\" --model openai:gpt-4o --model anthropic:claude-sonnet-4-5 --model gemini:gemini-2.5-flash
  assize debate \"Ship on Friday?\" --model ollama:llama3.2 --model http://127.0.0.1:8000/v1#qwen3 --deadline 60s
  assize debate \"Ship on Friday?\" --model simulated:gpt-4o --budget 0.50 --deadline 30s
  assize debate \"Ship on Friday?\" --model scripted:ada.txt --model scripted:ben.txt --option yes --option no
  assize debate \"Ship on Friday?\" --panel fixtures/panels/council.toml --evidence notes.md --deadline 2m --budget 0.50
  assize debate \"Ship on Friday?\" --panel fixtures/panels/bull-bear-judge.toml --model simulated:gpt-4o-mini
  assize debate \"Ship on Friday?\" --model human:Ada --model openai:gpt-4o --judge anthropic:claude-sonnet-4-5 --stop none
  assize debate --resume deb-0123456789ab --journal ./debates
  assize debate \"Ship on Friday?\" --panel council.toml --journal debates.db --durability power

Models: VENDOR:MODEL asks a vendor (openai, anthropic, gemini, openrouter, deepseek, groq, mistral, xai, or a server of your own: ollama,
vllm, llama.cpp). ADDRESS#MODEL asks a server that speaks OpenAI's chat completions, anthropic+ADDRESS#MODEL or
gemini+ADDRESS#MODEL one that speaks theirs. Keys come from --keys FILE (lines such as openai = \"…\", or \"proxy.example.org\" =
\"…\" for an address) or from the vendor's usual variable (OPENAI_API_KEY …); they are never shown, logged or recorded, and a
vendor's own key goes to no other address. Models on this machine or a private network cost nothing; others need a price.
simulated:MODEL waits like a hosted model, costs what MODEL would cost, and answers at random: a rehearsal. scripted:FILE
answers with the lines of a file, each {\"stance\": …, \"probabilities\": {…}, \"reasons\": [{\"text\": …, \"cites\": […]}]}.
human and human:NAME are asked here, and answer a line each time, such as: yes 70 %: the tests pass [ev-tests]. An empty line
abstains. A judge's answers are {\"winner\": …, \"scores\": {…}, \"enough\": …, \"reasons\": […]}; a script needs two lines for each
time, since a judge is asked in both orders.

Evidence: a table of daily prices (.csv with a date and a close, called after its ticker), whose newest bars are the items; any
other table, row by row; a text, whole (.txt) or heading by heading (.md); items as JSON, in a list (.json) or one a line (.jsonl):
{\"text\": …} and, where they are known, id, kind, subject, source, available_at, data, held_by. What was known only after the
as-of date is left out: by a table's column available_at, published or date, and by the front matter of a Markdown file. What
says nothing of it is taken for known, with a note.")]
pub(crate) struct DebateArguments {
    /// The question
    #[arg(required_unless_present = "resume", value_name = "QUESTION")]
    pub(crate) question: Option<String>,
    /// Who sits on the panel, and how the debate is held: a file in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) panel: Option<PathBuf>,
    /// A model on the panel (VENDOR:MODEL, ADDRESS#MODEL, simulated:MODEL, scripted:FILE), or human; one alone gets three seats.
    /// With --panel: one that speaks for all its models, or one for each
    #[arg(long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// A file of vendors' keys
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// A price book to lay over the embedded one, for models that it does not know
    #[arg(long = "price-book", value_name = "FILE")]
    pub(crate) price_books: Vec<PathBuf>,
    /// A file of evidence
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Vec<PathBuf>,
    /// An answer that can be given [default: those of the panel's file, else up and down with prices as evidence, else yes and no]
    #[arg(long = "option", value_name = "ANSWER")]
    pub(crate) options: Vec<String>,
    /// Use only evidence known at the end of this day in New York [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<AsOf>,
    /// How many sessions analysts look ahead
    #[arg(long, value_name = "SESSIONS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=252))]
    pub(crate) horizon: u32,
    #[command(flatten)]
    pub(crate) terms: Terms,
    #[command(flatten)]
    pub(crate) course: Course,
    /// Write every event to a log in this folder, or in this SQLite file (.db, .sqlite), so that the debate can be resumed
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// What the journal survives: process, the death of this program; or power, a loss of power, for which every event waits
    /// until the disk has it
    #[arg(long, value_name = "WHAT", default_value = "process", requires = "journal", value_parser = durability)]
    pub(crate) durability: Durability,
    /// Go on with this debate of the journal, on the terms written there; what was paid is not paid again
    #[arg(long, value_name = "ID", requires = "journal")]
    pub(crate) resume: Option<String>,
    /// What was given, and not left to its default.
    #[arg(skip)]
    pub(crate) given: Vec<Given>,
    /// Show on standard error what is said, as it is said
    #[arg(long)]
    pub(crate) stream: bool,
    /// Print the verdict as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a debate is held
#[derive(Debug, Args)]
#[command(next_help_heading = "Course of the debate")]
pub(crate) struct Course {
    /// Who speaks when: simultaneous, sequential, or round-robin, where another begins each round [default: simultaneous]
    #[arg(long, value_name = "ORDER", value_parser = order)]
    pub(crate) order: Option<Order>,
    /// Who hears whom: complete, ring, star:SEAT (the moderator's, from 1), or sparse:N, where each hears N [default: complete]
    #[arg(long, value_name = "TOPOLOGY", value_parser = topology)]
    pub(crate) topology: Option<Topology>,
    /// Whether it is debated at all: auto (where votes split, and time and money last), always, or never (a vote) [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = selector)]
    pub(crate) selector: Option<Selector>,
    /// What ends it early: unanimous, stable[:ROUNDS], unassailable-lead, sequential-test:COMPETENCE:ERROR, judge-satisfied, or
    /// none [default: unanimous,stable:1]
    #[arg(long = "stop", value_name = "RULE,…", value_delimiter = ',', value_parser = stop)]
    pub(crate) stops: Vec<Stop>,
    /// How much of earlier rounds is shown besides what was said last: at most so many rounds and tokens [default: nothing]
    #[arg(long, value_name = "ROUNDS[:TOKENS]", value_parser = window)]
    pub(crate) window: Option<Window>,
    /// Who judges: a model, as on the panel. It decides where the rule is judge
    #[arg(long, value_name = "MODEL")]
    pub(crate) judge: Option<String>,
    /// Let the judge assess every round, not only the last
    #[arg(long)]
    pub(crate) judge_each_round: bool,
    /// What decides a tie: none, confidence, first-round, or seeded, which is a lot [default: none]
    #[arg(long, value_name = "HOW", value_parser = tie_break)]
    pub(crate) tie_break: Option<TieBreak>,
}

impl Course {
    /// The rules that end it early, where they are named.
    pub(crate) fn stops(&self) -> Option<Vec<StopRule>> {
        (!self.stops.is_empty()).then(|| self.stops.iter().filter_map(|Stop(stop)| *stop).collect())
    }
}

/// A rule that ends a debate early, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop(Option<StopRule>);

fn order(text: &str) -> Result<Order, String> {
    match text {
        "simultaneous" => Ok(Order::Simultaneous),
        "sequential" => Ok(Order::Sequential),
        "round-robin" => Ok(Order::RoundRobin),
        _ => Err("there are simultaneous, sequential, round-robin".to_owned()),
    }
}

fn topology(text: &str) -> Result<Topology, String> {
    let (name, number) = match text.split_once(':') {
        Some((name, number)) => {
            (name, Some(number.parse::<u16>().map_err(|_| format!("{number:?} is no whole number"))?))
        }
        None => (text, None),
    };
    match (name, number) {
        ("complete", None) => Ok(Topology::Complete),
        ("ring", None) => Ok(Topology::Ring),
        ("star", Some(0)) => Err("the first seat is 1".to_owned()),
        ("star", Some(seat)) => Ok(Topology::Star { moderator: SeatIndex(seat - 1) }),
        ("sparse", Some(hears)) => Ok(Topology::Sparse { hears }),
        _ => Err("there are complete, ring, star:SEAT, sparse:N".to_owned()),
    }
}

fn selector(text: &str) -> Result<Selector, String> {
    match text {
        "auto" => Ok(Selector::Auto),
        "always" => Ok(Selector::Always),
        "never" => Ok(Selector::Never),
        _ => Err("there are auto, always, never".to_owned()),
    }
}

fn stop(text: &str) -> Result<Stop, String> {
    let number = |text: &str| text.parse::<f64>().map_err(|_| format!("{text:?} is no number"));
    let parts: Vec<&str> = text.split(':').collect();
    let rule = match parts[..] {
        ["none"] => return Ok(Stop(None)),
        ["unanimous"] => StopRule::Unanimous,
        ["stable"] => StopRule::Stable { rounds: 1 },
        ["stable", rounds] => StopRule::Stable {
            rounds: rounds.parse().map_err(|_| format!("{rounds:?} is no number of rounds"))?,
        },
        ["unassailable-lead"] => StopRule::UnassailableLead,
        ["sequential-test", competence, error] => {
            StopRule::SequentialTest { competence: number(competence)?, error: number(error)? }
        }
        ["judge-satisfied"] => StopRule::JudgeSatisfied,
        _ => {
            return Err(
                "there are unanimous, stable[:ROUNDS], unassailable-lead, sequential-test:COMPETENCE:ERROR, \
                        judge-satisfied, none"
                    .to_owned(),
            );
        }
    };
    Ok(Stop(Some(rule)))
}

fn window(text: &str) -> Result<Window, String> {
    let (rounds, tokens) = match text.split_once(':') {
        Some((rounds, tokens)) => (rounds, Some(tokens)),
        None => (text, None),
    };
    let number = |text: &str| {
        text.parse::<u32>().map_err(|_| format!("{text:?} is no whole number; write it as 5:4096"))
    };
    let usual = Window::default();
    Ok(Window { rounds: number(rounds)?, tokens: tokens.map_or(Ok(usual.tokens), number)? })
}

fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "process" => Ok(Durability::Process),
        "power" => Ok(Durability::Power),
        _ => Err("there are process, power".to_owned()),
    }
}

fn tie_break(text: &str) -> Result<TieBreak, String> {
    match text {
        "none" => Ok(TieBreak::None),
        "confidence" => Ok(TieBreak::Confidence),
        "first-round" => Ok(TieBreak::FirstRound),
        "seeded" => Ok(TieBreak::Seeded),
        _ => Err("there are none, confidence, first-round, seeded".to_owned()),
    }
}
