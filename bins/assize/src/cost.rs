//! `assize cost`.

use std::process::ExitCode;

use assize_ambient::{Clock, SystemClock};
use assize_metering::{Bucket, Mode, PriceBook, PricedAt, Status, TokenUsage};
use assize_report::{Column, Document, Table};
use serde_json::json;

use crate::{
    arguments::CostArguments,
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) fn run(arguments: &CostArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let at = arguments.at.map_or_else(|| PricedAt::from(SystemClock.now()), PricedAt::from);
    let failed = |e: assize_metering::Error| {
        Failure::bad_request(e.to_string())
            .with_hint("`assize models` lists the models whose prices are known")
    };
    let price = PriceBook::embedded().find(&arguments.model, at).map_err(failed)?;
    let usage = TokenUsage {
        cache_read: arguments.cached_input,
        cache_write_5m: arguments.cache_write,
        output_reasoning: arguments.reasoning,
        ..TokenUsage::of(arguments.input, arguments.output)
    };
    let cost = price.cost(&usage, Mode::Standard).map_err(failed)?;
    let mut table = Table::new([
        Column::left("tokens of"),
        Column::right("tokens"),
        Column::right("USD per million"),
        Column::right("USD"),
    ]);
    for line in cost.lines() {
        table.push([
            words(line.bucket).to_owned(),
            line.tokens.to_string(),
            line.rate.per_million().to_string(),
            line.cost.to_string(),
        ]);
    }
    table.push(["total".to_owned(), String::new(), String::new(), cost.total().to_string()]);
    let mut doc = Document::new(format!("{}: {} USD", price.id, cost.total()));
    doc.meta("vendor", price.vendor.clone());
    doc.meta("price valid", price.period());
    doc.meta("source", price.source.clone());
    if let Some(above) = cost.above_input_tokens() {
        doc.meta("tier", format!("prompts above {above} tokens"));
    }
    doc.table(table);
    let lines: Vec<_> = cost
        .lines()
        .map(|line| {
            json!({
                "bucket": line.bucket.key(),
                "tokens": line.tokens,
                "usd_per_million": line.rate.per_million(),
                "usd": line.cost,
            })
        })
        .collect();
    let json = json!({
        "format_version": 1,
        "model": price.id,
        "vendor": price.vendor,
        "status": price.status.key(),
        "price_valid": price.period(),
        "source": price.source,
        "above_input_tokens": cost.above_input_tokens(),
        "lines": lines,
        "usd": cost.total(),
    });
    screen.show(&doc, &json)?;
    if price.status != Status::Current {
        screen.note(&format!(
            "note: {} is no longer offered ({}); the price is kept for old runs",
            price.id,
            price.status.key()
        ));
    }
    Ok(Outcome::Done.into())
}

fn words(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Input => "input",
        Bucket::CacheRead => "input read from cache",
        Bucket::CacheWrite5m => "input written to cache",
        Bucket::Output => "output",
        Bucket::OutputReasoning => "reasoning",
        other => other.key(),
    }
}
