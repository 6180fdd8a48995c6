//! The cost of one call, from counts of tokens.

use std::process::ExitCode;

use assize_metering::{Bucket, PriceBook, PricedAt, Status, TokenUsage, Units, Usage};
use assize_report::Document;
use serde_json::json;

use super::{shown, unpriced};
use crate::{
    arguments::{CostArguments, Counts},
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(super) fn run(
    arguments: &CostArguments,
    book: &PriceBook,
    now: PricedAt,
    screen: &Screen,
) -> Result<ExitCode, Failure> {
    let at = arguments.at.unwrap_or(now);
    let model = arguments.model.as_deref().unwrap_or_default();
    let usage = usage(&arguments.counts)?;
    let billing = shown::billing(arguments, usage.billing());
    let call = book.cost_of_call(model, &usage, billing, at).map_err(|e| unpriced(&e))?;
    let (price, cost) = (call.price, &call.cost);
    let mut doc = Document::new(format!("{}: {} USD", price.id, cost.total()));
    shown::about(&mut doc, price, cost);
    doc.table(shown::lines(cost));
    if arguments.explain {
        shown::explain(&mut doc, price, cost);
    }
    let json = json!({
        "format_version": 1,
        "model": price.id,
        "vendor": price.vendor,
        "status": price.status.key(),
        "price_valid": price.period(),
        "source": price.source,
        "cost": shown::json(cost),
        "usd": cost.total(),
    });
    screen.show(&doc, &json)?;
    if price.status != Status::Current {
        let (id, status) = (&price.id, price.status.key());
        screen.note(&format!("note: {id} is no longer offered ({status}); the price is kept for old runs"));
    }
    Ok(Outcome::Done.into())
}

fn usage(counts: &Counts) -> Result<Usage, Failure> {
    let stated = [
        (Bucket::Input, counts.input),
        (Bucket::CacheRead, counts.cached_input),
        (Bucket::CacheWrite5m, counts.cache_write),
        (Bucket::CacheWrite1h, counts.cache_write_1h),
        (Bucket::InputAudio, counts.audio_input),
        (Bucket::InputImage, counts.image_input),
        (Bucket::Output, counts.output),
        (Bucket::OutputReasoning, counts.reasoning),
        (Bucket::OutputAudio, counts.audio_output),
        (Bucket::OutputImage, counts.image_output),
    ];
    let mut tokens = TokenUsage::default();
    for (bucket, count) in stated {
        if let Some(count) = count {
            tokens = tokens.with(bucket, count);
        }
    }
    let mut units = Units::default();
    for &(unit, pieces) in &counts.units {
        if units.get(unit).is_some() {
            let key = unit.key();
            return Err(Failure::bad_request(format!("price the call: --unit {key} is given twice")));
        }
        units = units.with(unit, pieces);
    }
    let mut usage = Usage::estimated(tokens);
    usage.units = units;
    Ok(usage)
}
