//! Finding a price: names, times, overlays.

use assize_ambient::Timestamp;
use assize_metering::{Bucket, ErrorKind, Mode, ModelPrice, PriceBook};
use jiff::civil::{Date, date};

const READ_ON: Date = date(2026, 11, 20);

#[test]
fn a_model_is_found_by_its_names() {
    for (name, id) in [
        ("gpt-4o", "gpt-4o"),
        ("openai/gpt-4o", "gpt-4o"),
        ("openai:gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("openai/gpt-4o-2024-11-20", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("anthropic:claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
    ] {
        assert_eq!(PriceBook::embedded().find(name, READ_ON).unwrap().id, id, "{name}");
    }
}

#[test]
fn an_unknown_model_names_its_neighbours() {
    let messages: Vec<String> =
        ["gpt-9-nonsense", "claude-3-5-sonnet", "openai/gpt-4.1-mimi", "anthropic/gpt-4o", "\u{1b}[2J", ""]
            .into_iter()
            .map(|name| {
                let error = PriceBook::embedded().find(name, READ_ON).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnknownModel);
                error.to_string()
            })
            .collect();
    insta::assert_snapshot!(messages.join("\n"));
    for (name, meant) in [
        ("GPT-4o", "gpt-4o"),
        ("vercel/gpt-4o", "openai/gpt-4o"),
        ("openrouter/openai/gpt-4o", "openai/gpt-4o"),
        ("openrouter/anthropic/claude-3-opus-20240229", "anthropic/claude-3-opus-20240229"),
        ("models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("ft:gpt-4o:acme::A1b2C3", "openai/gpt-4o"),
        ("vertex_ai/claude-3-opus@20240229", "claude-3-opus-20240229"),
        ("bedrock/eu.anthropic.claude-3-opus-20240229", "anthropic/claude-3-opus-20240229"),
    ] {
        let error = PriceBook::embedded().find(name, READ_ON).unwrap_err();
        assert!(error.suggestions().iter().any(|known| known == meant), "{name}: {error}");
    }
    let long = "x".repeat(1_000_000);
    let error = PriceBook::embedded().find(&long, READ_ON).unwrap_err();
    assert!(error.to_string().len() < 300 && error.suggestions().is_empty());
}

#[test]
fn a_time_without_a_known_price_is_an_error_that_names_the_periods() {
    let book = PriceBook::embedded();
    let error = book.find("deepseek-v4-flash", date(2026, 9, 9)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotPricedThen);
    insta::assert_snapshot!(error, @"find a price for `deepseek-v4-flash` at 2026-09-09T00:00:00Z: its prices are known only for the time until 2026-08-17; the time from 2026-09-10");
}

#[test]
fn periods_end_at_midnight_in_utc() {
    let book = PriceBook::embedded();
    for (time, input) in [
        ("2026-10-28T23:59:59.999999999Z", "1.36"),
        ("2026-10-29T00:00:00Z", "0.70"),
        ("2026-10-28T20:00:00-04:00", "0.70"),
        ("1969-12-31T23:59:59.5Z", "0.68"),
    ] {
        let at: Timestamp = time.parse().unwrap();
        let rate = book.find("mistral-large-4", at).unwrap().rate(Bucket::Input, Mode::Standard).unwrap();
        assert_eq!(rate.to_string(), input, "{time}");
    }
}

#[test]
fn listing_is_filtered_and_sorted() {
    let listed = |filter| -> Vec<String> {
        let row = |price: &ModelPrice| format!("{} {}", price.full_name(), price.period());
        PriceBook::embedded().models(filter).map(row).collect()
    };
    insta::assert_snapshot!(listed("Mistral-LARGE-4").join("\n"), @r"
    mistral/mistral-large-4 until 2026-10-20
    mistral/mistral-large-4 from 2026-10-20 until 2026-10-29
    mistral/mistral-large-4 from 2026-10-29
    ");
    assert_eq!(listed("openai/gpt-4o-2024-05-13"), ["openai/gpt-4o-2024-05-13 all time"]);
    assert_eq!(listed("amazon-nova/").len(), 4);
    assert!(PriceBook::embedded().models("").is_sorted_by_key(|price| (&price.vendor, &price.id)));
    assert!(listed("no such").is_empty());
}

#[test]
fn a_book_laid_over_replaces_the_times_that_it_prices() {
    let own = book(
        r#"
        [[price]]
        vendor = "openai"
        id = "gpt-4o"
        aliases = ["o3-mini-2025-01-31"]
        input = "2"
        output = "8"
        valid_from = 2026-03-01
        valid_until = 2026-06-01
        source = "contract"
        [[price]]
        vendor = "mistral"
        id = "mistral-large-4"
        input = "9"
        output = "9"
        valid_from = 2026-10-25
        source = "contract"
        [[price]]
        vendor = "openai"
        id = "gpt-4"
        input = "1"
        output = "1"
        source = "contract"
        "#,
    );
    let both = PriceBook::embedded().overlaid(&own);
    let rows = |filter: &str| -> Vec<String> {
        let row = |price: &ModelPrice| {
            format!("{} {}: {}", price.id, price.period(), price.rate(Bucket::Input, Mode::Standard).unwrap())
        };
        both.models(filter).filter(|price| price.full_name() == filter).map(row).collect()
    };
    let listed =
        ["openai/gpt-4o", "mistral/mistral-large-4", "openai/gpt-4"].map(|name| rows(name).join("\n"));
    insta::assert_snapshot!(listed.join("\n\n"));
    // Every time has one price, and the alias moved with the book that was laid over.
    for day in [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)] {
        let inside = (date(2026, 3, 1)..date(2026, 6, 1)).contains(&day);
        let source = &both.find("gpt-4o", day).unwrap().source;
        assert_eq!(source == "contract", inside, "{day}");
    }
    assert_eq!(both.find("o3-mini-2025-01-31", READ_ON).unwrap().id, "gpt-4o");
    assert_eq!(PriceBook::embedded().find("o3-mini-2025-01-31", READ_ON).unwrap().id, "o3-mini");
}

#[test]
fn two_vendors_of_one_model_are_not_confused() {
    let own = book(
        r#"
        [[price]]
        vendor = "azure"
        id = "gpt-4o"
        input = "3"
        output = "12"
        source = "contract"
        "#,
    );
    let both = PriceBook::embedded().overlaid(&own);
    let error = both.find("gpt-4o", READ_ON).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AmbiguousModel);
    assert_eq!(error.suggestions(), ["azure/gpt-4o", "openai/gpt-4o"]);
    for vendor in ["azure", "openai"] {
        assert_eq!(both.find(&format!("{vendor}/gpt-4o"), READ_ON).unwrap().vendor, vendor);
    }
    // An alias of the one remains clear.
    assert_eq!(both.find("gpt-4o-2024-08-06", READ_ON).unwrap().vendor, "openai");
}

#[test]
fn an_id_may_contain_the_separators() {
    let own = book(
        r#"
        [[price]]
        vendor = "ollama"
        id = "meta-llama/llama3:8b"
        input = "0"
        output = "0"
        source = "own machine"
        "#,
    );
    for name in ["meta-llama/llama3:8b", "ollama/meta-llama/llama3:8b", "ollama:meta-llama/llama3:8b"] {
        assert!(own.find(name, READ_ON).is_ok(), "{name}");
    }
}

/// Also where hostile: no time and no memory is spent on it.
#[test]
fn a_name_of_separators_alone_is_unknown() {
    for name in ["/".repeat(200), ":.@/".repeat(50), "/".repeat(1_000_000), "a/".repeat(100)] {
        let error = PriceBook::embedded().find(&name, READ_ON).unwrap_err();
        assert_eq!((error.kind(), error.suggestions()), (ErrorKind::UnknownModel, &[][..]));
    }
}

fn book(rows: &str) -> PriceBook {
    PriceBook::from_toml("own.toml", &format!("format_version = 1\n{rows}")).expect("the rows are valid")
}
