//! `assize models`.

use std::process::ExitCode;

use assize_metering::{Bucket, Mode, ModelPrice, PriceBook};
use assize_report::{Cell, Column, Document, Table};
use serde_json::{Value, json};

use crate::{
    arguments::ModelsArguments,
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) fn run(arguments: &ModelsArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let book = PriceBook::embedded();
    let models: Vec<&ModelPrice> = book.models(&arguments.filter).collect();
    if models.is_empty() {
        return Err(Failure::bad_request(format!("find a model that holds {:?}", arguments.filter))
            .with_hint("`assize models` without a filter lists all"));
    }
    let mut table = Table::new([
        Column::left("vendor"),
        Column::left("model"),
        Column::right("input"),
        Column::right("cache read"),
        Column::right("output"),
        Column::right("context"),
        Column::left("valid"),
        Column::left("status"),
    ]);
    for price in &models {
        let rate = |bucket| {
            let rate = price.rate(bucket, Mode::Standard);
            rate.map_or_else(|| "–".to_owned(), |rate| rate.per_million().to_string())
        };
        table.push([
            Cell::from(price.vendor.clone()),
            Cell::from(price.id.clone()),
            Cell::from(rate(Bucket::Input)),
            Cell::from(rate(Bucket::CacheRead)),
            Cell::from(rate(Bucket::Output)),
            Cell::from(price.context_window.map_or_else(|| "–".to_owned(), |tokens| tokens.to_string())),
            Cell::from(price.period()),
            Cell::from(price.status.key()),
        ]);
    }
    let mut doc = Document::new("The price book");
    doc.paragraph(
        "USD per million tokens, for short prompts; `assize cost` knows tiers and the other kinds of tokens.",
    );
    doc.table(table);
    let json =
        json!({ "format_version": 1, "models": models.iter().copied().map(entry).collect::<Vec<_>>() });
    screen.show(&doc, &json)?;
    Ok(Outcome::Done.into())
}

fn entry(price: &ModelPrice) -> Value {
    let tiers: Vec<Value> = price
        .tiers()
        .map(|tier| {
            let rates: serde_json::Map<String, Value> = Bucket::ALL
                .into_iter()
                .filter_map(|bucket| {
                    Some((bucket.key().to_owned(), json!(tier.rate(bucket, Mode::Standard)?.per_million())))
                })
                .collect();
            json!({ "above_input_tokens": tier.above_input_tokens(), "usd_per_million": rates })
        })
        .collect();
    json!({
        "vendor": price.vendor,
        "id": price.id,
        "aliases": price.aliases,
        "status": price.status.key(),
        "valid_from": price.valid_from,
        "valid_until": price.valid_until,
        "retires_on": price.retires_on,
        "context_window": price.context_window,
        "max_output_tokens": price.max_output_tokens,
        "tiers": tiers,
        "source": price.source,
        "note": price.note,
    })
}
