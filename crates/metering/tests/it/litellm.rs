//! Maps of prices in `LiteLLM`'s form: a small one with every field and some malice, and the real one where it is at hand.

use std::fmt::Write as _;
use std::path::Path;

use assize_metering::{
    Billing, ErrorKind, Geo, Mode, ModelPrice, PriceBook, PriceFinding, PriceFindingKind, TokenUsage, Unit,
};
use jiff::civil::{Date, date};

const ANY_DAY: Date = date(2026, 11, 20);

fn read(map: &str) -> (PriceBook, Vec<PriceFinding>) {
    PriceBook::from_litellm("map.json", map).expect("it is a map")
}

fn fixture() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/metering/litellm/map.json");
    std::fs::read_to_string(path).expect("the fixture is there")
}

/// Everything that a book says of a model, in a few lines.
fn shown(price: &ModelPrice) -> String {
    let mut text = price.full_name();
    let facts = [
        ("input", price.max_input_tokens.map(|tokens| tokens.to_string())),
        ("output", price.max_output_tokens.map(|tokens| tokens.to_string())),
        ("retires", price.retires_on.map(|day| day.to_string())),
    ];
    for (name, fact) in facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))) {
        write!(text, " {name}={fact}").expect("memory is enough");
    }
    if !price.aliases.is_empty() {
        write!(text, " aliases={:?}", price.aliases).expect("memory is enough");
    }
    for tier in price.tiers() {
        let above = tier.above_input_tokens().map_or("any".to_owned(), |above| format!(">{above}"));
        write!(text, "\n  {above}:").expect("memory is enough");
        for (bucket, mode, rate) in tier.stated().iter() {
            let mode = if mode == Mode::Standard { String::new() } else { format!("{}_", mode.key()) };
            write!(text, " {mode}{}={rate}", bucket.key()).expect("memory is enough");
        }
    }
    if let Some(off_peak) = price.off_peak() {
        write!(text, "\n  off-peak {:?}:", off_peak.windows()).expect("memory is enough");
        for (bucket, _, rate) in off_peak.rates().iter() {
            write!(text, " {}={rate}", bucket.key()).expect("memory is enough");
        }
    }
    for geo in [Geo::Us, Geo::Eu, Geo::Regional] {
        if let Some(factor) = price.multiplier(geo) {
            write!(text, "\n  {}: × {factor}", geo.key()).expect("memory is enough");
        }
    }
    for (unit, mode, rate) in price.unit_rates().iter() {
        write!(text, "\n  {} {}: {rate}", mode.key(), unit.key()).expect("memory is enough");
    }
    text
}

#[test]
fn every_field_is_read_and_what_makes_no_sense_is_found() {
    let (book, findings) = read(&fixture());
    let mut text: String = book.models("").map(|price| shown(price) + "\n").collect();
    text.push('\n');
    text.extend(findings.iter().map(|finding| format!("{finding}\n")));
    insta::assert_snapshot!(text);
}

#[test]
fn a_map_that_is_none_is_an_error_with_its_line() {
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let nan = "{\n\"a\": {\"input_cost_per_token\": NaN}}";
    let many: String = (0..50_001).map(|n| format!("\"m{n}\":{{}},")).collect();
    let many = format!("{{{}}}", many.trim_end_matches(','));
    for (map, line) in [
        ("", 1),
        ("[]", 1),
        ("{\n\"a\": {}", 2),
        (nan, 2),
        (many.as_str(), 1),
        (&" ".repeat((32 << 20) + 1), 1),
    ] {
        let error = PriceBook::from_litellm("map.json", map).unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::InvalidPriceBook, Some("map.json")));
        assert_eq!(error.line(), Some(line), "{error}");
    }
    let (book, findings) = read(&deep);
    assert!(book.is_empty());
    assert_eq!(findings[0].kind, PriceFindingKind::Refused);
}

#[test]
fn findings_are_of_limited_number() {
    let entries: Vec<String> =
        (0..12_000).map(|n| format!("\"m{n}\":{{\"input_cost_per_token\":-1,\"cost_of_{n}\":1}}")).collect();
    let (book, findings) = read(&format!("{{{}}}", entries.join(",")));
    assert!(book.is_empty());
    assert!(findings.len() <= 11_001, "{}", findings.len());
    assert_eq!(findings.last().unwrap().problem, "more was met than is listed");
}

#[test]
fn laid_over_the_embedded_book_it_changes_the_vendors_own_models() {
    let map = r#"{
        "xai/grok-4.3": {"litellm_provider": "xai", "input_cost_per_token": 9e-06, "output_cost_per_token": 9e-05},
        "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 8e-06, "output_cost_per_token": 8e-05}
    }"#;
    let (map, findings) = read(map);
    assert!(findings.is_empty());
    let book = PriceBook::embedded().overlaid(&map);
    for (name, usd) in [
        ("grok-4.3", "9.00"),
        ("xai/grok-4.3", "9.00"),
        ("xai:grok-4.3", "9.00"),
        ("gpt-4o", "8.00"),
        ("openai/gpt-4o", "8.00"),
    ] {
        let price = book.find(name, ANY_DAY).unwrap();
        let cost = price.cost(&TokenUsage::of(1_000_000, 0), Mode::Standard).unwrap();
        assert_eq!(cost.total().to_string(), usd, "{name}");
    }
    assert_eq!(book.find("azure/gpt-4o", ANY_DAY).unwrap().vendor, "azure");
}

#[test]
fn places_speed_hours_and_pieces_have_their_price() {
    let (book, _) = read(&fixture());
    let usage = TokenUsage::of(1_000_000, 0);
    let total = |name: &str, billing: Billing| {
        book.find(name, ANY_DAY).unwrap().cost(&usage, billing).unwrap().total().to_string()
    };
    let us = Billing { geo: Geo::Us, ..Billing::default() };
    assert_eq!(total("acme-wide", us), "5.50");
    assert_eq!(total("acme-wide", Mode::Fast.into()), "10.00");
    assert_eq!(total("acme-wide", Billing { geo: Geo::Us, ..Mode::Fast.into() }), "11.00");
    let friday_night: jiff::Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
    let friday_noon: jiff::Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let saturday_noon: jiff::Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    for (at, usd) in [(friday_night, "0.15"), (friday_noon, "0.30"), (saturday_noon, "0.15")] {
        assert_eq!(total("acme-night", Billing::default().at(at)), usd);
    }
    let pieces = assize_metering::Units::default()
        .with(Unit::WebSearch, 1)
        .with(Unit::WebSearchHigh, 1)
        .with(Unit::CodeSession, 1);
    let price = book.find("acme-search", ANY_DAY).unwrap();
    assert_eq!(price.unit_cost(&pieces, Mode::Standard).unwrap().to_string(), "0.052");
}
