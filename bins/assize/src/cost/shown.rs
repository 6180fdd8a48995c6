//! How a cost is shown.

use assize_metering::{Billing, Bucket, CallCost, Geo, Mode, ModelPrice, TokenRate, Unit};
use assize_report::{Cell, Column, Document, Table};
use serde_json::{Value, json};

use crate::arguments::CostArguments;

/// How the call was billed: as was asked, else as was recorded.
pub(super) fn billing(arguments: &CostArguments, recorded: Billing) -> Billing {
    let mode = arguments.mode.unwrap_or(recorded.mode);
    Billing { mode, geo: arguments.geo.unwrap_or(recorded.geo), ..recorded }
}

/// What priced the call, as far as it is out of the ordinary.
pub(super) fn about(doc: &mut Document, price: &ModelPrice, cost: &CallCost) {
    doc.meta("vendor", price.vendor.clone());
    doc.meta("price valid", price.period());
    doc.meta("source", price.source.clone());
    if cost.mode() != Mode::Standard {
        doc.meta("mode", cost.mode().key());
    }
    if cost.billing().geo != Geo::Global {
        doc.meta("place", format!("{}, × {}", cost.billing().geo.key(), cost.multiplier()));
    }
    if cost.is_off_peak() {
        doc.meta("hours", "off-peak");
    }
    if let Some(above) = cost.above_input_tokens() {
        doc.meta("tier", format!("prompts above {above} tokens"));
    }
}

/// Each bucket and unit with its rate, and the total.
pub(super) fn lines(cost: &CallCost) -> Table {
    let mut table = Table::new([
        Column::left("tokens of"),
        Column::right("tokens"),
        Column::right("USD per million"),
        Column::right("USD"),
    ]);
    for line in cost.lines() {
        let rate = line.rate.per_million().to_string();
        table.push([words(line.bucket).to_owned(), line.tokens.to_string(), rate, line.cost.to_string()]);
    }
    let factor = cost.multiplier();
    if cost.token_cost() != cost.token_sum() {
        let (label, sum) = (format!("× {factor} for the place"), cost.token_cost().to_string());
        table.push([label, String::new(), String::new(), sum]);
    }
    for line in cost.unit_lines() {
        let label = format!("{} (by the piece)", unit_words(line.unit));
        let rate = format!("{} each", line.rate.of(1));
        table.push([label, line.pieces.to_string(), rate, line.cost.to_string()]);
    }
    table.push(["total".to_owned(), String::new(), String::new(), cost.total().to_string()]);
    table
}

/// Where each rate comes from, and the sum in whole picodollars.
pub(super) fn explain(doc: &mut Document, price: &ModelPrice, cost: &CallCost) {
    doc.heading(2, "How it is reckoned");
    let mut table = Table::new([
        Column::left("bucket"),
        Column::left("rate"),
        Column::right("tokens × picodollars"),
        Column::right("= picodollars"),
    ]);
    for line in cost.lines() {
        let picodollars = line.rate.per_token().picodollars();
        table.push([
            Cell::from(line.bucket.key()),
            Cell::from(origin(price, cost, line.bucket, line.rate)),
            Cell::from(format!("{} × {picodollars}", line.tokens)),
            Cell::from(line.cost.picodollars().to_string()),
        ]);
    }
    for line in cost.unit_lines() {
        table.push([
            Cell::from(line.unit.key()),
            Cell::from("stated by the piece"),
            Cell::from(format!("{} × {}", line.pieces, line.rate.of(1).picodollars())),
            Cell::from(line.cost.picodollars().to_string()),
        ]);
    }
    doc.table(table);
    let place = match cost.billing().geo {
        Geo::Global => String::new(),
        geo => format!(
            " The tokens' sum of {} is multiplied by {} for calls bound to `{}`, and rounded once, half to even.",
            cost.token_sum().picodollars(),
            cost.multiplier(),
            geo.key()
        ),
    };
    doc.paragraph(format!(
        "A picodollar is 1e-12 USD; a rate of 3.00 USD per million tokens is 3,000,000 of them a token.{place} In all {} \
         picodollars: {} USD.",
        cost.total().picodollars(),
        cost.total()
    ));
    if let Some(note) = &price.note {
        doc.paragraph(format!("The price book remarks: {note}"));
    }
}

/// Whether the list states the rate of a bucket, or another stands in for it.
fn origin(price: &ModelPrice, cost: &CallCost, bucket: Bucket, rate: TokenRate) -> String {
    let mode = cost.mode();
    let in_tier = |above: Option<u64>| {
        price
            .tiers()
            .find(|tier| tier.above_input_tokens() == above)
            .and_then(|tier| tier.stated().get(bucket, mode))
    };
    let above = cost.above_input_tokens();
    let tier = above.map_or(String::new(), |tokens| format!(" above {tokens} tokens"));
    if cost.is_off_peak() {
        return format!("off-peak{tier}");
    }
    if in_tier(above) == Some(rate) {
        let mode = if mode == Mode::Standard { String::new() } else { format!(" ({})", mode.key()) };
        return format!("stated{mode}{tier}");
    }
    format!("none stated{tier}: another stands in")
}

/// A cost as JSON.
pub(super) fn json(cost: &CallCost) -> Value {
    let lines: Vec<Value> = cost
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
    let units: Vec<Value> = cost
        .unit_lines()
        .iter()
        .map(|line| {
            json!({
                "unit": line.unit.key(),
                "pieces": line.pieces,
                "usd_each": line.rate.of(1),
                "usd": line.cost,
            })
        })
        .collect();
    json!({
        "mode": cost.mode().key(),
        "geo": cost.billing().geo.key(),
        "multiplier": cost.multiplier().to_string(),
        "off_peak": cost.is_off_peak(),
        "above_input_tokens": cost.above_input_tokens(),
        "lines": lines,
        "units": units,
        "token_usd": cost.token_cost(),
        "unit_usd": cost.unit_cost(),
        "usd": cost.total(),
    })
}

fn words(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Input => "input",
        Bucket::CacheRead => "input read from cache",
        Bucket::CacheWrite5m => "input written to cache",
        Bucket::CacheWrite1h => "input written to cache for an hour",
        Bucket::CacheWrite12h => "input written to cache for twelve hours",
        Bucket::CacheWriteOther => "input written to cache, for how long is not said",
        Bucket::InputAudio => "audio in the prompt",
        Bucket::CacheReadAudio => "audio read from cache",
        Bucket::InputImage => "images in the prompt",
        Bucket::CacheReadImage => "images read from cache",
        Bucket::InputVideo => "video in the prompt",
        Bucket::Output => "output",
        Bucket::OutputReasoning => "reasoning",
        Bucket::OutputAudio => "audio in the reply",
        Bucket::OutputImage => "images in the reply",
        other => other.key(),
    }
}

fn unit_words(unit: Unit) -> String {
    unit.key().replace('_', " ")
}
