//! `assize models`.

use std::process::ExitCode;

use assize_metering::{Bucket, Geo, Mode, ModelPrice, Tier};
use assize_report::{Cell, Column, Document, Table};
use serde_json::{Map, Value, json};

use crate::{
    arguments::ModelsArguments,
    cost,
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) fn run(arguments: &ModelsArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let book = cost::price_book(&arguments.prices, screen)?;
    let models: Vec<&ModelPrice> = book
        .models(&arguments.filter)
        .filter(|price| arguments.vendor.as_ref().is_none_or(|vendor| price.vendor == *vendor))
        .filter(|price| arguments.at.is_none_or(|at| price.is_valid_at(at)))
        .collect();
    if models.is_empty() {
        return Err(nothing(arguments));
    }
    let json =
        json!({ "format_version": 1, "models": models.iter().copied().map(entry).collect::<Vec<_>>() });
    let doc = if arguments.explain { explained(&models) } else { listed(&models) };
    screen.show(&doc, &json)?;
    Ok(Outcome::Done.into())
}

fn nothing(arguments: &ModelsArguments) -> Failure {
    let mut wanted = format!("find a model that holds {:?}", arguments.filter);
    if let Some(vendor) = &arguments.vendor {
        wanted = format!("{wanted} of the vendor {vendor:?}");
    }
    if arguments.at.is_some() {
        wanted.push_str(" and has a price at that time");
    }
    Failure::bad_request(wanted).with_hint("`assize models` without a filter lists all")
}

fn listed(models: &[&ModelPrice]) -> Document {
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
    for price in models {
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
    let mut doc = Document::new(format!("The price book: {} prices", models.len()));
    doc.paragraph(
        "USD per million tokens, for short prompts; --explain shows tiers, modes, places, off-peak hours and what is billed by the piece.",
    );
    doc.table(table);
    doc
}

fn explained(models: &[&ModelPrice]) -> Document {
    let mut doc = Document::new(format!("The price book: {} prices", models.len()));
    doc.paragraph("USD per million tokens, as the sources state them. What is not stated takes the rate that stands in for it (see the top of the price book).");
    for price in models {
        doc.heading(2, price.full_name());
        if !price.aliases.is_empty() {
            doc.paragraph(format!("Also known as {}.", price.aliases.join(", ")));
        }
        let mut facts = vec![format!("Valid: {}; {}.", price.period(), price.status.key())];
        let sizes = [
            ("longest prompt", price.max_input_tokens),
            ("context", price.context_window),
            ("longest reply", price.max_output_tokens),
        ];
        facts.extend(
            sizes.iter().filter_map(|(what, tokens)| Some(format!("{what}: {} tokens.", (*tokens)?))),
        );
        facts.extend(price.retires_on.map(|day| format!("Retires on {day}.")));
        facts.push(format!("Source: {}.", price.source));
        facts.extend(price.note.as_ref().map(|note| format!("Remark: {note}.")));
        doc.paragraph(facts.join(" "));
        doc.table(rates(price));
    }
    doc
}

/// All rates that a price states: a row a bucket, a column a tier and mode.
fn rates(price: &ModelPrice) -> Table {
    let mut columns: Vec<(String, Vec<Option<String>>)> = Vec::new();
    for tier in price.tiers() {
        for mode in Mode::ALL {
            let stated: Vec<Option<String>> = Bucket::ALL
                .iter()
                .map(|&bucket| tier.stated().get(bucket, mode).map(|rate| rate.to_string()))
                .collect();
            if stated.iter().any(Option::is_some) {
                columns.push((title(tier, mode), stated));
            }
        }
    }
    if let Some(hours) = price.off_peak() {
        let rate = |&bucket: &Bucket| hours.rates().get(bucket, Mode::Standard).map(|rate| rate.to_string());
        columns.push(("off-peak".to_owned(), Bucket::ALL.iter().map(rate).collect()));
    }
    let heads = columns.iter().map(|(title, _)| Column::right(title.as_str()));
    let mut table = Table::new(std::iter::once(Column::left("")).chain(heads));
    for (at, bucket) in Bucket::ALL.iter().enumerate() {
        if columns.iter().any(|(_, rates)| rates[at].is_some()) {
            let cells = columns.iter().map(|(_, rates)| rates[at].clone().unwrap_or_else(|| "–".to_owned()));
            table.push(std::iter::once(bucket.key().to_owned()).chain(cells));
        }
    }
    let beside = |label: String, value: String| {
        let blanks = std::iter::repeat_n(String::new(), columns.len().saturating_sub(1));
        [label, value].into_iter().chain(blanks).take(1 + columns.len().max(1))
    };
    for (unit, mode, rate) in price.unit_rates().iter() {
        let mode = if mode == Mode::Standard { String::new() } else { format!(" ({})", mode.key()) };
        table.push(beside(format!("{}{mode}, each", unit.key()), rate.of(1).to_string()));
    }
    for geo in Geo::ALL {
        if let Some(factor) = price.multiplier(geo).filter(|factor| !factor.is_one()) {
            table.push(beside(format!("bound to {}", geo.key()), format!("× {factor}")));
        }
    }
    table
}

fn title(tier: &Tier, mode: Mode) -> String {
    let mode = if mode == Mode::Standard { "" } else { mode.key() };
    match tier.above_input_tokens() {
        Some(tokens) => format!("{mode} above {tokens}").trim().to_owned(),
        None if mode.is_empty() => "rate".to_owned(),
        None => mode.to_owned(),
    }
}

fn entry(price: &ModelPrice) -> Value {
    let tiers: Vec<Value> = price
        .tiers()
        .map(|tier| {
            let resolved: Map<String, Value> = Bucket::ALL
                .into_iter()
                .filter_map(|bucket| {
                    Some((bucket.key().to_owned(), json!(tier.rate(bucket, Mode::Standard)?.per_million())))
                })
                .collect();
            let mut modes = Map::new();
            for mode in Mode::ALL.into_iter().filter(|mode| *mode != Mode::Standard) {
                let stated: Map<String, Value> = Bucket::ALL
                    .into_iter()
                    .filter_map(|bucket| {
                        let rate = tier.stated().get(bucket, mode)?;
                        Some((bucket.key().to_owned(), json!(rate.per_million())))
                    })
                    .collect();
                if !stated.is_empty() {
                    modes.insert(mode.key().to_owned(), Value::Object(stated));
                }
            }
            json!({
                "above_input_tokens": tier.above_input_tokens(),
                "usd_per_million": resolved,
                "modes": modes,
            })
        })
        .collect();
    let units: Map<String, Value> = price
        .unit_rates()
        .iter()
        .filter(|(_, mode, _)| *mode == Mode::Standard)
        .map(|(unit, _, rate)| (unit.key().to_owned(), json!(rate.of(1))))
        .collect();
    let places: Map<String, Value> = Geo::ALL
        .into_iter()
        .filter(|geo| *geo != Geo::Global)
        .filter_map(|geo| Some((geo.key().to_owned(), json!(price.multiplier(geo)?.to_string()))))
        .collect();
    json!({
        "vendor": price.vendor,
        "id": price.id,
        "aliases": price.aliases,
        "status": price.status.key(),
        "valid_from": price.valid_from,
        "valid_until": price.valid_until,
        "retires_on": price.retires_on,
        "max_input_tokens": price.max_input_tokens,
        "context_window": price.context_window,
        "max_output_tokens": price.max_output_tokens,
        "tiers": tiers,
        "usd_each": units,
        "multipliers": places,
        "off_peak_hours_utc": price.off_peak().map(|hours| {
            hours.windows().iter().map(ToString::to_string).collect::<Vec<_>>()
        }),
        "tokenizer": price.tokenizer,
        "source": price.source,
        "note": price.note,
    })
}
