//! `assize tokens`.

use std::process::ExitCode;

use assize_ambient::{Clock, SystemClock};
use assize_metering::{Bucket, Mode, PriceBook, PricedAt, TokenCounter, TokenUsage, Usd};
use assize_report::{Cell, Column, Document, Table};
use assize_tokens::{Encoding, ModelCounter, PromptCount, counter_for};
use serde_json::{Value, json};

use crate::{
    arguments::TokensArguments,
    cost,
    exit::{Failure, Outcome},
    input,
    screen::Screen,
};

pub(crate) fn run(arguments: &TokensArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let book = cost::price_book(&arguments.prices, screen)?;
    let now = PricedAt::from(SystemClock.now());
    let ways =
        arguments.models.iter().map(|name| Way::of(name, &book, now)).collect::<Result<Vec<_>, _>>()?;
    let mut counted = Vec::new();
    for path in &arguments.files {
        let name = input::name(path);
        let text = input::read(path)?;
        let counts = if arguments.chat { prompts(&name, &text, &ways)? } else { texts(&text, &ways) };
        counted.push(Counted { name, bytes: text.len(), counts });
    }
    screen.show(&page(&counted, &ways, arguments.chat), &as_json(&counted, &ways, arguments.chat))?;
    Ok(Outcome::Done.into())
}

/// A way to count: a model's, or an encoding's.
struct Way<'b> {
    name: String,
    counter: Counter,
    /// What a token of text costs in a prompt.
    price: Option<&'b assize_metering::ModelPrice>,
}

enum Counter {
    Encoding(&'static dyn TokenCounter),
    Model(ModelCounter),
}

impl<'b> Way<'b> {
    fn of(name: &str, book: &'b PriceBook, now: PricedAt) -> Result<Self, Failure> {
        let price = book.find(name, now).ok();
        let counter = match Encoding::named(name) {
            Some(encoding) => Counter::Encoding(encoding.counter().ok_or_else(|| {
                Failure::bad_request(format!("count as {name}: its vocabulary is not part of this program"))
                    .with_hint("build it with --features fast-tokens")
            })?),
            None => Counter::Model(counter_for(name)),
        };
        Ok(Self { name: name.to_owned(), counter, price })
    }

    fn counter(&self) -> &dyn TokenCounter {
        match &self.counter {
            Counter::Encoding(counter) => *counter,
            Counter::Model(counter) => counter,
        }
    }

    fn cost(&self, tokens: u64) -> Option<Usd> {
        let usage = TokenUsage::default().with(Bucket::Input, tokens);
        Some(self.price?.cost(&usage, Mode::Standard).ok()?.total())
    }
}

struct Counted {
    name: String,
    bytes: usize,
    /// One for each way.
    counts: Vec<Count>,
}

struct Count {
    tokens: u64,
    exactness: String,
    /// What is part of the prompt and could not be counted.
    uncounted: Vec<String>,
}

fn texts(text: &str, ways: &[Way<'_>]) -> Vec<Count> {
    let count = |way: &Way<'_>| {
        let counter = way.counter();
        Count {
            tokens: counter.count(text),
            exactness: counter.exactness().to_string(),
            uncounted: Vec::new(),
        }
    };
    ways.iter().map(count).collect()
}

fn prompts(name: &str, text: &str, ways: &[Way<'_>]) -> Result<Vec<Count>, Failure> {
    let body: Value = serde_json::from_str(text).map_err(|e| {
        Failure::bad_request(format!("read {name}: {e}"))
            .with_hint("--chat counts the JSON body of a request")
    })?;
    ways.iter()
        .map(|way| {
            let prompt: PromptCount = match &way.counter {
                Counter::Model(counter) => {
                    counter.prompt(&body).map_err(|e| Failure::bad_request(format!("{name}: {e}")))?
                }
                Counter::Encoding(_) => {
                    let problem = format!("count the request {name} as {}: that is an encoding", way.name);
                    return Err(Failure::bad_request(problem)
                        .with_hint("name a model: what a request adds around its texts depends on it"));
                }
            };
            Ok(Count {
                tokens: prompt.tokens,
                exactness: prompt.exactness.to_string(),
                uncounted: prompt.uncounted.iter().map(ToString::to_string).collect(),
            })
        })
        .collect()
}

fn page(counted: &[Counted], ways: &[Way<'_>], chat: bool) -> Document {
    let what = if chat { "Tokens of prompts" } else { "Tokens of texts" };
    let mut doc = Document::new(what);
    let heads = ways.iter().map(|way| Column::right(way.name.as_str()));
    let mut table = Table::new([Column::left("text"), Column::right("bytes")].into_iter().chain(heads));
    for file in counted {
        let cells = file.counts.iter().map(|count| Cell::from(count.tokens.to_string()));
        table.push(
            [Cell::from(file.name.clone()), Cell::from(file.bytes.to_string())].into_iter().chain(cells),
        );
    }
    let sum = |at: usize| counted.iter().map(|file| file.counts[at].tokens).fold(0, u64::saturating_add);
    if counted.len() > 1 {
        let bytes: usize = counted.iter().map(|file| file.bytes).sum();
        let cells = (0..ways.len()).map(|at| Cell::from(sum(at).to_string()));
        table.push([Cell::from("total"), Cell::from(bytes.to_string())].into_iter().chain(cells));
    }
    let label = |text: &str| [Cell::from(text), Cell::from("")];
    table.push(
        label("how sure").into_iter().chain((0..ways.len()).map(|at| Cell::from(sureness(counted, at)))),
    );
    if ways.iter().any(|way| way.price.is_some()) {
        let cells = ways.iter().enumerate().map(|(at, way)| {
            Cell::from(way.cost(sum(at)).map_or_else(|| "–".to_owned(), |usd| usd.to_string()))
        });
        table.push(label("USD as input").into_iter().chain(cells));
    }
    doc.table(table);
    for file in counted {
        for (way, count) in ways.iter().zip(&file.counts) {
            if !count.uncounted.is_empty() {
                doc.paragraph(format!(
                    "{} for {}: not counted are {}.",
                    file.name,
                    way.name,
                    count.uncounted.join("; ")
                ));
            }
        }
    }
    doc
}

/// How sure the counts of a way are: that of the least sure.
fn sureness(counted: &[Counted], at: usize) -> String {
    let mut said: Vec<&str> = counted.iter().map(|file| file.counts[at].exactness.as_str()).collect();
    said.dedup();
    said.join(", ")
}

fn as_json(counted: &[Counted], ways: &[Way<'_>], chat: bool) -> Value {
    let files: Vec<Value> = counted
        .iter()
        .map(|file| {
            let counts: Vec<Value> = ways
                .iter()
                .zip(&file.counts)
                .map(|(way, count)| {
                    json!({
                        "model": way.name,
                        "counter": way.counter().name(),
                        "tokens": count.tokens,
                        "exactness": count.exactness,
                        "uncounted": count.uncounted,
                        "usd_as_input": way.cost(count.tokens),
                    })
                })
                .collect();
            json!({ "text": file.name, "bytes": file.bytes, "counts": counts })
        })
        .collect();
    json!({ "format_version": 1, "chat": chat, "files": files })
}
