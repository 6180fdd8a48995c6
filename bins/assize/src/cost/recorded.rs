//! The cost of recorded calls, from what vendors reported.

use std::{collections::BTreeMap, process::ExitCode};

use assize_ambient::Timestamp;
use assize_metering::{
    Billing, ErrorKind, Mode, PriceBook, PricedAt, TokenUsage, Usage, UsageFormat, UsageStream, Usd,
    read_usage,
};
use assize_report::{Column, Document, Table};
use serde_json::{Map, Value, json};

use super::{
    records::{self, Found, Records},
    shown,
};
use crate::{
    arguments::CostArguments,
    exit::{Failure, Outcome},
    input,
    screen::Screen,
};

/// So many records are listed one by one; `--explain` and `--json` list all.
const LISTED: usize = 40;
/// A body may lie so deep within what was written around it.
const DEEPEST: usize = 4;
/// Where writers put the body of a reply.
const WRAPPINGS: [&str; 6] = ["response", "body", "result", "message", "reply", "output"];

/// A call that was recorded.
struct Recorded {
    /// `file:line`.
    place: String,
    model: Option<String>,
    at: Option<PricedAt>,
    /// Whose reply it is, where its form tells.
    home: Option<&'static str>,
    usage: Usage,
    billing: Billing,
}

/// What became of a record.
struct Told {
    place: String,
    model: String,
    tokens: TokenUsage,
    remarks: Vec<String>,
    cost: Result<Cost, String>,
}

struct Cost {
    vendor: String,
    id: String,
    total: Usd,
    charged: Option<Usd>,
    detail: Value,
}

pub(super) fn run(
    arguments: &CostArguments,
    book: &PriceBook,
    now: PricedAt,
    screen: &Screen,
) -> Result<ExitCode, Failure> {
    let mut told = Vec::new();
    for path in &arguments.usage {
        let text = input::read(path)?;
        let name = input::name(path);
        let found = match records::read(&text) {
            Records::Documents(found) => found.into_iter().map(|found| document(&name, found)).collect(),
            Records::Events(found) => streams(&name, found),
        };
        if found.is_empty() {
            return Err(Failure::bad_request(format!("price {name}: it holds no record"))
                .with_hint("give replies of vendors or their usage objects, as JSON, JSON lines or events"));
        }
        told.extend(found.into_iter().map(|record| match record {
            Ok(record) => price(record, arguments, book, now),
            Err(told) => *told,
        }));
    }
    let sums = Sums::of(&told)?;
    screen.show(&page(&told, &sums, arguments), &as_json(&told, &sums))?;
    if sums.n_unpriced > 0 {
        screen.note(&format!("note: {} of {} records have no price", sums.n_unpriced, told.len()));
        return Ok(Outcome::BadRequest.into());
    }
    Ok(Outcome::Done.into())
}

/// One document: a reply, a usage object, or what was written around one.
fn document(name: &str, found: Found) -> Result<Recorded, Box<Told>> {
    let place = format!("{name}:{}", found.line);
    let value = found.value.map_err(|problem| unread(place.clone(), problem))?;
    let mut around = Vec::new();
    let mut body = &value;
    let format = loop {
        if let Some(format) = UsageFormat::detect(body) {
            break format;
        }
        let inner = body.as_object().and_then(|object| WRAPPINGS.iter().find_map(|name| object.get(*name)));
        match inner {
            Some(inner) if around.len() < DEEPEST => around.push(std::mem::replace(&mut body, inner)),
            _ => return Err(unread(place, "it holds no usage of a known form".to_owned())),
        }
    };
    let usage = read_usage(format, body).map_err(|e| unread(place.clone(), e.to_string()))?;
    let home = home(format, std::iter::once(body));
    let objects = || std::iter::once(body).chain(around.iter().rev().copied()).filter_map(Value::as_object);
    let mut billing = usage.billing();
    // A line of OpenAI's batches: `{"custom_id": …, "response": {"body": …}}`; of Anthropic's: `{"custom_id": …, "result": …}`.
    if billing.mode == Mode::Standard && around.iter().any(|outer| outer.get("custom_id").is_some()) {
        billing.mode = Mode::Batch;
    }
    Ok(Recorded {
        place,
        model: objects().find_map(model),
        at: objects().find_map(moment),
        home,
        usage,
        billing,
    })
}

/// The replies that a recorded stream holds, one after another.
fn streams(name: &str, events: Vec<Found>) -> Vec<Result<Recorded, Box<Told>>> {
    let mut replies = Vec::new();
    let mut open: Option<Open> = None;
    for Found { line, value } in events {
        let event = match value {
            Ok(event) => event,
            Err(problem) => {
                replies.push(Err(unread(format!("{name}:{line}"), problem)));
                continue;
            }
        };
        let begins = open.as_ref().is_some_and(|open| open.is_followed_by(&event));
        if begins {
            replies.extend(open.take().map(Open::close));
        }
        open.get_or_insert_with(|| Open { place: format!("{name}:{line}"), ..Open::default() })
            .events
            .push(event);
    }
    replies.extend(open.map(Open::close));
    replies
}

/// A streamed reply that is being read.
#[derive(Default)]
struct Open {
    place: String,
    events: Vec<Value>,
}

impl Open {
    /// Whether an event belongs to another reply: its id differs, or it is the first of its kind.
    fn is_followed_by(&self, event: &Value) -> bool {
        let id = |event: &Value| {
            ["id", "responseId", "response_id"]
                .iter()
                .find_map(|n| event.get(*n)?.as_str().map(str::to_owned))
        };
        let starts = |event: &Value| {
            matches!(event["type"].as_str(), Some("message_start" | "response.created" | "message-start"))
        };
        let other = id(event).zip(self.events.iter().find_map(id)).is_some_and(|(new, old)| new != old);
        other || (starts(event) && self.events.iter().any(starts))
    }

    fn close(self) -> Result<Recorded, Box<Told>> {
        let Self { place, events } = self;
        // The last word is the surest: an early event may hold a few counts of a common name alone.
        let Some(format) = events.iter().rev().find_map(UsageFormat::detect) else {
            return Err(unread(
                place,
                "the stream holds no usage: ask for it (stream_options.include_usage)".to_owned(),
            ));
        };
        let mut stream = UsageStream::new(format);
        events.iter().for_each(|event| stream.observe(event));
        let Some(usage) = stream.finish() else {
            return Err(unread(place, "the stream holds no usage".to_owned()));
        };
        let objects = || {
            let inner =
                |event: &'_ Value| ["message", "response"].iter().find_map(|n| event.get(*n).cloned());
            events.iter().flat_map(move |event| [Some(event.clone()), inner(event)]).flatten()
        };
        let model = objects().find_map(|object| model(object.as_object()?));
        let at = objects().find_map(|object| moment(object.as_object()?));
        let billing = usage.billing();
        let home = home(format, events.iter());
        Ok(Recorded { place, model, at, home, usage, billing })
    }
}

/// The model that an object says it comes from.
fn model(object: &Map<String, Value>) -> Option<String> {
    let name = ["model", "modelVersion", "model_version", "modelId"]
        .iter()
        .find_map(|name| object.get(*name)?.as_str())?;
    Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
}

/// When an object says that it was made: seconds since 1970, or a timestamp.
fn moment(object: &Map<String, Value>) -> Option<PricedAt> {
    ["created", "created_at", "createTime"]
        .iter()
        .find_map(|name| match object.get(*name)? {
            Value::Number(seconds) => Timestamp::from_second(seconds.as_i64().filter(|s| *s > 0)?).ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
        .map(PricedAt::from)
}

fn unread(place: String, problem: String) -> Box<Told> {
    let tokens = TokenUsage::default();
    Box::new(Told { place, model: String::new(), tokens, remarks: Vec::new(), cost: Err(problem) })
}

fn price(record: Recorded, arguments: &CostArguments, book: &PriceBook, now: PricedAt) -> Told {
    let Recorded { place, model, at, home, usage, billing } = record;
    let mut told = Told {
        place,
        model: String::new(),
        tokens: usage.tokens,
        remarks: usage.findings().iter().map(ToString::to_string).collect(),
        cost: Err("the record names no model: give one, `assize cost MODEL --usage …`".to_owned()),
    };
    let Some(model) = model.or_else(|| arguments.model.clone()) else { return told };
    let at = arguments.at.or(at).unwrap_or(now);
    let billing = shown::billing(arguments, billing);
    let of_vendor = |vendor: &str| book.cost_of_call(&format!("{vendor}/{model}"), &usage, billing, at);
    let plain = || book.cost_of_call(&model, &usage, billing, at);
    let call = match (&arguments.vendor, home) {
        (Some(vendor), _) => of_vendor(vendor),
        // A router names models as their makers do, and has prices of its own.
        (None, Some(vendor @ ("groq" | "openrouter"))) => of_vendor(vendor).or_else(|_| plain()),
        (None, Some(vendor)) => plain().or_else(|error| match error.kind() {
            ErrorKind::AmbiguousModel => of_vendor(vendor).map_err(|_| error),
            _ => Err(error),
        }),
        (None, None) => plain(),
    };
    told.model = model;
    told.cost = match call {
        Ok(call) => {
            let charged = usage.report.as_ref().and_then(|report| report.charged);
            let apart: Vec<Value> = call.apart.iter().map(|part| {
                json!({ "what": part.what, "model": part.price.full_name(), "cost": shown::json(&part.cost) })
            }).collect();
            let detail = json!({ "cost": shown::json(&call.cost), "apart": apart });
            let (vendor, id) = (call.price.vendor.clone(), call.price.id.clone());
            Ok(Cost { vendor, id, total: call.total, charged, detail })
        }
        Err(error) => Err(error.to_string()),
    };
    told
}

/// Who alone answers in this form.
fn home<'v>(format: UsageFormat, mut bodies: impl Iterator<Item = &'v Value>) -> Option<&'static str> {
    match format {
        UsageFormat::OpenAiResponses => Some("openai"),
        UsageFormat::Anthropic => Some("anthropic"),
        UsageFormat::Gemini | UsageFormat::GeminiInteractions => Some("google"),
        UsageFormat::BedrockConverse => Some("bedrock"),
        UsageFormat::Cohere => Some("cohere"),
        _ => bodies.find_map(|body| {
            let usage = body.get("usage").unwrap_or(body);
            let has = |name: &str| usage.get(name).is_some();
            if body.get("x_groq").is_some() || has("queue_time") {
                Some("groq")
            } else {
                (has("is_byok") || has("cost_details")).then_some("openrouter")
            }
        }),
    }
}

/// What all records of a model come to.
#[derive(Default)]
struct Sum {
    n_calls: usize,
    input: u64,
    output: u64,
    usd: Usd,
}

struct Sums {
    by_model: BTreeMap<(String, String), Sum>,
    all: Sum,
    n_unpriced: usize,
}

impl Sums {
    fn of(told: &[Told]) -> Result<Self, Failure> {
        let mut sums = Self { by_model: BTreeMap::new(), all: Sum::default(), n_unpriced: 0 };
        for record in told {
            let Ok(cost) = &record.cost else {
                sums.n_unpriced += 1;
                continue;
            };
            let model = sums.by_model.entry((cost.vendor.clone(), cost.id.clone())).or_default();
            for sum in [model, &mut sums.all] {
                sum.n_calls += 1;
                sum.input = sum.input.saturating_add(record.tokens.total_input());
                sum.output = sum.output.saturating_add(record.tokens.total_output());
                sum.usd = sum.usd.checked_add(cost.total).ok_or_else(|| {
                    Failure::bad_request("add up the records: their cost is out of all range")
                })?;
            }
        }
        Ok(sums)
    }
}

fn page(told: &[Told], sums: &Sums, arguments: &CostArguments) -> Document {
    let priced = sums.all.n_calls;
    let mut doc = Document::new(format!("{priced} recorded call(s): {} USD", sums.all.usd));
    let mut table = Table::new([
        Column::left("model"),
        Column::right("calls"),
        Column::right("input"),
        Column::right("output"),
        Column::right("USD"),
    ]);
    let row = |name: String, sum: &Sum| {
        [name, sum.n_calls.to_string(), sum.input.to_string(), sum.output.to_string(), sum.usd.to_string()]
    };
    for ((vendor, id), sum) in &sums.by_model {
        table.push(row(format!("{vendor}/{id}"), sum));
    }
    table.push(row("total".to_owned(), &sums.all));
    doc.table(table);
    list_unpriced(&mut doc, told, sums);
    if told.len() <= LISTED || arguments.explain {
        list(&mut doc, told);
    } else {
        doc.paragraph(format!(
            "{} records; --explain lists them one by one, --json with every rate.",
            told.len()
        ));
    }
    doc
}

fn list_unpriced(doc: &mut Document, told: &[Told], sums: &Sums) {
    if sums.n_unpriced == 0 {
        return;
    }
    doc.heading(2, format!("Not priced: {}", sums.n_unpriced));
    let mut table = Table::new([Column::left("record"), Column::left("model"), Column::left("why")]);
    for record in told {
        if let Err(problem) = &record.cost {
            table.push([record.place.clone(), record.model.clone(), problem.clone()]);
        }
    }
    doc.table(table);
}

fn list(doc: &mut Document, told: &[Told]) {
    doc.heading(2, "Each record");
    let mut table = Table::new([
        Column::left("record"),
        Column::left("model"),
        Column::left("tokens"),
        Column::right("USD"),
        Column::left("remarks"),
    ]);
    for record in told {
        let Ok(cost) = &record.cost else { continue };
        let mut remarks = record.remarks.clone();
        if let Some(charged) = cost.charged.filter(|charged| *charged != cost.total) {
            remarks.push(format!("its vendor says that it charged {charged} USD"));
        }
        let tokens: Vec<String> = record
            .tokens
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(bucket, n)| format!("{} {n}", bucket.key()))
            .collect();
        table.push([
            record.place.clone(),
            cost.id.clone(),
            tokens.join(", "),
            cost.total.to_string(),
            remarks.join("; "),
        ]);
    }
    doc.table(table);
}

fn as_json(told: &[Told], sums: &Sums) -> Value {
    let records: Vec<Value> = told
        .iter()
        .map(|record| {
            let mut entry = json!({
                "record": record.place,
                "model": record.model,
                "tokens": record.tokens,
                "remarks": record.remarks,
            });
            match &record.cost {
                Ok(cost) => {
                    entry["vendor"] = json!(cost.vendor);
                    entry["id"] = json!(cost.id);
                    entry["usd"] = json!(cost.total);
                    entry["charged_usd"] = json!(cost.charged);
                    entry["detail"] = cost.detail.clone();
                }
                Err(problem) => entry["problem"] = json!(problem),
            }
            entry
        })
        .collect();
    let models: Vec<Value> = sums.by_model.iter().map(|((vendor, id), sum)| {
        json!({ "vendor": vendor, "id": id, "calls": sum.n_calls, "input_tokens": sum.input, "output_tokens": sum.output, "usd": sum.usd })
    }).collect();
    json!({
        "format_version": 1,
        "records": records,
        "models": models,
        "priced": sums.all.n_calls,
        "unpriced": sums.n_unpriced,
        "usd": sums.all.usd,
    })
}
