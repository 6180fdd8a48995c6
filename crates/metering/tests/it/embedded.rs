//! The embedded prices: known answers, their sources, their shape.

use std::collections::BTreeSet;
use std::path::Path;

use assize_ambient::Timestamp;
use assize_metering::{
    Billing, Bucket, Geo, Mode, ModelPrice, PriceBook, Status, TokenRate, TokenUsage, Unit, Units, Usd,
};
use jiff::civil::{Date, date};

/// The day on which the sources were read.
const READ_ON: Date = date(2026, 11, 20);
/// How many models there are, so that none gets lost.
const N_MODELS: usize = 741;

#[test]
fn a_million_tokens_each_way() {
    for (model, usd) in
        [("claude-3-5-sonnet-20241022", "18.00"), ("claude-3-5-haiku-20241022", "4.80"), ("gpt-4", "90.00")]
    {
        let price = PriceBook::embedded().find(model, READ_ON).unwrap();
        let cost = price.cost(&TokenUsage::of(1_000_000, 1_000_000), Mode::Standard).unwrap();
        assert_eq!(cost.total().to_string(), usd, "{model}");
    }
}

#[test]
fn known_rates() {
    for (model, input, output) in [
        ("claude-3-5-sonnet-20241022", "3.00", "15.00"),
        ("claude-3-5-haiku-20241022", "0.80", "4.00"),
        ("gpt-4", "30.00", "60.00"),
    ] {
        let price = PriceBook::embedded().find(model, READ_ON).unwrap();
        let rate = |bucket| price.rate(bucket, Mode::Standard).unwrap().to_string();
        assert_eq!(
            (rate(Bucket::Input), rate(Bucket::Output)),
            (input.to_owned(), output.to_owned()),
            "{model}"
        );
    }
}

#[test]
fn prices_change_with_the_day() {
    let book = PriceBook::embedded();
    for (model, day, input) in [
        ("mistral-large-4", date(2026, 10, 19), "0.68"),
        ("mistral-large-4", date(2026, 10, 20), "1.36"),
        ("mistral-large-4", date(2026, 10, 28), "1.36"),
        ("mistral-large-4", date(2026, 10, 29), "0.70"),
        ("gemini-4-argon", date(2026, 11, 30), "2.00"),
        ("gemini-4-argon", date(2026, 12, 1), "4.00"),
        ("deepseek-v4-flash", date(2026, 8, 16), "0.14"),
        ("deepseek-v4-flash", date(2026, 9, 10), "0.30"),
    ] {
        let rate = book.find(model, day).unwrap().rate(Bucket::Input, Mode::Standard);
        assert_eq!(rate.unwrap().to_string(), input, "{model} on {day}");
    }
}

#[test]
fn every_price_names_a_source_and_rises_with_the_prompt() {
    let book = PriceBook::embedded();
    let models: BTreeSet<String> = book.models("").map(ModelPrice::full_name).collect();
    assert_eq!((models.len(), book.models("").count()), (N_MODELS, book.len()));
    for price in book.models("") {
        let known = ["litellm-1.109.1", "genai-prices-0.2.3", "tokencost-0.1.26"];
        assert!(
            known.iter().any(|source| price.source.starts_with(source)),
            "{}: {}",
            price.id,
            price.source
        );
        for (bucket, mode) in Bucket::ALL.into_iter().flat_map(|bucket| Mode::ALL.map(|mode| (bucket, mode)))
        {
            let rates: Vec<_> = price.tiers().filter_map(|tier| tier.rate(bucket, mode)).collect();
            assert!(rates.is_sorted(), "{} {bucket:?} {mode:?}: {rates:?}", price.id);
        }
        let batch = price.rate(Bucket::Input, Mode::Batch);
        assert!(batch <= price.rate(Bucket::Input, Mode::Standard), "{}", price.id);
    }
}

/// Holds the book against the table that the sources were condensed into, where that is at hand.
#[test]
fn every_row_of_the_table_of_sources_is_in_the_book() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/research/prices.csv");
    let Ok(mut table) = csv::Reader::from_path(path) else { return };
    let columns = table.headers().unwrap().clone();
    let mut n_rows = 0;
    for record in table.records() {
        let record = record.unwrap();
        let cell = |column: &str| {
            let position = columns.iter().position(|name| name == column).unwrap();
            Some(&record[position]).filter(|text| !text.is_empty())
        };
        let id = cell("model_id").unwrap();
        let price = PriceBook::embedded().find(id, READ_ON).unwrap();
        assert_eq!((price.id.as_str(), price.vendor.as_str()), (id, cell("provider").unwrap()));
        check_base_rates(price, cell);
        check_tiers(price, cell("tiers").unwrap_or(""));
        check_facts(price, cell);
        n_rows += 1;
    }
    assert_eq!(n_rows, 81);
}

fn check_base_rates<'a>(price: &ModelPrice, cell: impl Fn(&str) -> Option<&'a str>) {
    let stated = price.tier_at(0).stated();
    for (bucket, mode, column) in [
        (Bucket::Input, Mode::Standard, "input_usd_per_mtok"),
        (Bucket::Output, Mode::Standard, "output_usd_per_mtok"),
        (Bucket::CacheRead, Mode::Standard, "cache_read_usd_per_mtok"),
        (Bucket::CacheWrite5m, Mode::Standard, "cache_write_5m_usd_per_mtok"),
        (Bucket::CacheWrite1h, Mode::Standard, "cache_write_1h_usd_per_mtok"),
        (Bucket::CacheWrite12h, Mode::Standard, "cache_write_12h_usd_per_mtok"),
        (Bucket::Input, Mode::Batch, "batch_input_usd_per_mtok"),
        (Bucket::Output, Mode::Batch, "batch_output_usd_per_mtok"),
    ] {
        let expected: Option<TokenRate> =
            cell(column).map(|text| text.parse().expect("the table is complete"));
        assert_eq!(stated.get(bucket, mode), expected, "{} {column}", price.id);
    }
}

/// `>272k: in 5 out 22.5 cr 0.5`, or `off-peak: in 0.15 out 0.6 cr 0.003`.
fn check_tiers(price: &ModelPrice, text: &str) {
    let Some((condition, rates)) = text.split_once(": ") else {
        assert_eq!((price.tiers().count(), price.off_peak()), (1, None), "{}", price.id);
        return;
    };
    let words: Vec<&str> = rates.split(' ').collect();
    let named = |name| -> Option<TokenRate> {
        words
            .chunks(2)
            .find(|pair| pair[0] == name)
            .map(|pair| pair[1].parse().expect("the table is complete"))
    };
    let stated = if condition == "off-peak" {
        *price.off_peak().expect("the table is complete").rates()
    } else {
        let thousands = condition
            .strip_prefix('>')
            .and_then(|rest| rest.strip_suffix('k'))
            .expect("the table is complete");
        let threshold: u64 = thousands.parse::<u64>().expect("the table is complete") * 1_000;
        // LiteLLM and genai-prices agree that xAI's thresholds are inclusive.
        let above = if price.vendor == "xai" { threshold - 1 } else { threshold };
        let tier = price.tier_at(above + 1);
        assert_eq!(tier.above_input_tokens(), Some(above), "{}", price.id);
        assert_eq!(price.tier_at(above).above_input_tokens(), None, "{}", price.id);
        *tier.stated()
    };
    for (bucket, name) in [(Bucket::Input, "in"), (Bucket::Output, "out"), (Bucket::CacheRead, "cr")] {
        assert_eq!(stated.get(bucket, Mode::Standard), named(name), "{} {bucket:?}", price.id);
    }
}

fn check_facts<'a>(price: &ModelPrice, cell: impl Fn(&str) -> Option<&'a str>) {
    let id = &price.id;
    let count = |column| cell(column).map(|text| text.parse::<u64>().expect("the table is complete"));
    assert_eq!(price.max_input_tokens, count("max_input_tokens"), "{id}");
    assert_eq!(price.context_window, count("context_window_genai_prices"), "{id}");
    assert_eq!(price.max_output_tokens, count("max_output_tokens"), "{id}");
    assert_eq!(
        price.retires_on,
        cell("deprecation_date").map(|text| text.parse().expect("the table is complete")),
        "{id}"
    );
    assert_eq!(Some(price.source.as_str()), cell("source"), "{id}");
    let tokenizer = cell("tokenizer").expect("the table is complete");
    assert!(tokenizer.starts_with(price.tokenizer.as_deref().expect("the table is complete")), "{id}");
    assert_eq!(price.tokenizer_assumed, tokenizer.contains('?'), "{id}");
    let status = match cell("status").expect("the table is complete") {
        "current" => Status::Current,
        "past deprecation_date" => Status::PastDeprecation,
        _ => Status::Retired,
    };
    assert_eq!(price.status, status, "{id}");
    let check = cell("check").expect("the table is complete");
    if !check.starts_with("agrees") {
        assert!(price.note.as_deref().is_some_and(|note| note.starts_with(check)), "{id}");
    }
}

#[test]
fn the_dearest_call_there_is_does_not_overflow() {
    for price in PriceBook::embedded().models("") {
        let priced = |bucket: &Bucket| price.tiers().all(|tier| tier.rate(*bucket, Mode::Standard).is_some());
        let usage = Bucket::ALL
            .into_iter()
            .filter(priced)
            .fold(TokenUsage::default(), |usage, bucket| usage.with(bucket, u64::MAX));
        let cost = price.cost(&usage, Mode::Standard).unwrap();
        assert_eq!(Usd::checked_sum(cost.lines().map(|line| line.cost)), Some(cost.total()), "{}", price.id);
    }
}

#[test]
fn every_name_means_one_model() {
    let book = PriceBook::embedded();
    for price in book.models("") {
        let day = price.valid_from.or_else(|| price.valid_until?.yesterday().ok()).unwrap_or(READ_ON);
        // An alias that is another vendor's id means that one, unless the vendor stands before it.
        let aliases = price.aliases.iter().map(|alias| format!("{}:{alias}", price.vendor));
        for name in aliases.chain([price.id.clone(), price.full_name()]) {
            let found = book.find(&name, day).unwrap();
            assert_eq!((&found.vendor, &found.id), (&price.vendor, &price.id), "{name}");
        }
    }
}

/// What a million tokens each way cost, read off the `LiteLLM` map by hand.
const KNOWN_BILLINGS: &[(&str, &str, &str)] = &[
    ("claude-opus-5-5", "standard", "24.00"),
    ("claude-opus-5-5", "batch", "12.00"),
    ("claude-opus-5-5", "us", "26.40"),
    ("claude-opus-5-5", "fast", "48.00"),
    ("gpt-5", "flex", "5.625"),
    ("gpt-5", "priority", "22.50"),
    ("gpt-6-astra", "fast", "570.00"),
    ("gpt-6-astra", "us", "104.50"),
    ("deepseek-v4-flash", "standard", "1.50"),
    ("deepseek-v4-flash", "night", "0.75"),
];

#[test]
fn modes_places_hours_and_pieces_of_the_sources_are_in_the_book() {
    let book = PriceBook::embedded();
    let price = |name: &str| book.find(name, READ_ON).unwrap();
    let of = |name, billing: Billing| {
        price(name).cost(&TokenUsage::of(1_000_000, 1_000_000), billing).unwrap().total().to_string()
    };
    let us = Billing { geo: Geo::Us, ..Billing::default() };
    let night: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
    for (name, billing, usd) in KNOWN_BILLINGS {
        let billing = match *billing {
            "us" => us,
            "night" => Billing::default().at(night),
            mode => Mode::from_key(mode).unwrap().into(),
        };
        assert_eq!(of(name, billing), *usd, "{name} {billing:?}");
    }
    let searches = Units::default().with(Unit::WebSearch, 1_000);
    for (name, usd) in [("claude-sonnet-4-6", "10.00"), ("sonar", "8.00")] {
        assert_eq!(price(name).unit_cost(&searches, Mode::Standard).unwrap().to_string(), usd, "{name}");
    }
}
