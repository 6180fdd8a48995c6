//! Price files that are refused, with the place.

use assize_metering::{ErrorKind, PriceBook};
use proptest::prelude::*;

/// A valid row, from line 2 on: `[[price]]`, vendor, id, source, input.
const ROW: &str = "[[price]]\nvendor = \"acme\"\nid = \"large\"\nsource = \"test\"\ninput = \"1\"\n";

/// A valid row and the beginning of an off-peak table, up to its windows.
const OFF: &str = "[[price]]\nvendor = \"acme\"\nid = \"large\"\nsource = \"test\"\ninput = \"1\"\noff_peak = { input = \"0.5\", windows = ";

#[test]
fn what_is_wrong_is_refused_with_line_and_field() {
    let later = "valid_from = 2026-02-01\n";
    let cases = [
        ("rate is negative", format!("{ROW}output = \"-1\"\n"), 7, Some("output")),
        ("rate is above 1 USD a token", format!("{ROW}output = \"1000001\"\n"), 7, Some("output")),
        ("rate is too fine", format!("{ROW}output = \"0.0000001\"\n"), 7, Some("output")),
        ("rate is an exponent", format!("{ROW}batch_input = \"1e-6\"\n"), 7, Some("batch_input")),
        ("rate is a float", format!("{ROW}cache_read = 0.5\n"), 7, Some("cache_read")),
        ("rate is a number", format!("{ROW}cache_read = 5\n"), 7, Some("cache_read")),
        ("key is unknown", format!("{ROW}inputt = \"1\"\n"), 7, Some("inputt")),
        ("key is unknown at the top", format!("{ROW}[[prices]]\n"), 7, Some("prices")),
        ("key is unknown in a tier", format!("{ROW}tiers = [\n  {{ above = 5 }}\n]\n"), 8, Some("above")),
        ("key is unknown off peak", format!("{ROW}off_peak = {{ hours = \"1\" }}\n"), 7, Some("hours")),
        (
            "tier without a threshold",
            format!("{ROW}tiers = [{{ input = \"1\" }}]\n"),
            7,
            Some("above_input_tokens"),
        ),
        ("tier without a rate", format!("{ROW}tiers = [{{ above_input_tokens = 5 }}]\n"), 7, Some("tiers")),
        (
            "tier with two thresholds",
            format!("{ROW}tiers = [{{ above_input_tokens = 5, from_input_tokens = 6, input = \"1\" }}]\n"),
            7,
            Some("from_input_tokens"),
        ),
        (
            "tier from nothing",
            format!("{ROW}tiers = [{{ from_input_tokens = 0, input = \"1\" }}]\n"),
            7,
            Some("from_input_tokens"),
        ),
        (
            "tiers out of order",
            format!(
                "{ROW}tiers = [\n{{ above_input_tokens = 5, input = \"1\" }},\n{{ from_input_tokens = 6, input = \"1\" }}]\n"
            ),
            9,
            Some("tiers"),
        ),
        ("count is negative", format!("{ROW}context_window = -1\n"), 7, Some("context_window")),
        ("date is a string", format!("{ROW}valid_from = \"2026-01-01\"\n"), 7, Some("valid_from")),
        ("date has a time", format!("{ROW}valid_from = 2026-01-01T00:00:00Z\n"), 7, Some("valid_from")),
        (
            "period ends before it begins",
            format!("{ROW}{later}valid_until = 2026-02-01\n"),
            2,
            Some("valid_until"),
        ),
        ("model twice", format!("{ROW}{ROW}"), 7, Some("id")),
        ("periods overlap", format!("{ROW}{later}{ROW}valid_until = 2026-02-02\n"), 8, Some("id")),
        ("status is unknown", format!("{ROW}status = \"gone\"\n"), 7, Some("status")),
        ("alias is the id", format!("{ROW}aliases = [\"large\"]\n"), 2, Some("aliases")),
        (
            "alias is another id",
            format!("{ROW}aliases = [\"small\"]\n{}", ROW.replace("large", "small")),
            2,
            Some("aliases"),
        ),
        ("id has a blank", ROW.replace("large", "very large"), 4, Some("id")),
        ("vendor has a slash", ROW.replace("acme", "acme/eu"), 3, Some("vendor")),
        ("vendor in capitals", ROW.replace("acme", "Acme"), 3, Some("vendor")),
        ("no vendor", ROW.replace("vendor = \"acme\"\n", ""), 2, Some("vendor")),
        ("no source", ROW.replace("source = \"test\"\n", ""), 2, Some("source")),
        ("no input rate", ROW.replace("input = \"1\"\n", ""), 2, Some("input")),
        ("a price is no table", "price = 5\n".to_owned(), 2, Some("price")),
        ("key twice", format!("{ROW}input = \"2\"\n"), 7, None),
        ("no TOML", format!("{ROW}input ="), 7, None),
    ];
    insta::assert_snapshot!(refusals(cases));
}

#[test]
fn what_is_wrong_with_hours_factors_and_pieces_is_refused_likewise() {
    let cases = [
        ("off peak without a rate", format!("{ROW}off_peak = {{ windows = [] }}\n"), 7, Some("off_peak")),
        ("window without hours", format!("{OFF}[\n{{ weekdays = [1] }}] }}\n"), 8, Some("hours_utc")),
        ("window with no hours", format!("{OFF}[{{ hours_utc = [] }}] }}\n"), 7, Some("hours_utc")),
        ("hours are none", format!("{OFF}[{{ hours_utc = [\"1-2\"] }}] }}\n"), 7, Some("hours_utc")),
        (
            "hours past midnight",
            format!("{OFF}[{{ hours_utc = [\"10:00-24:30\"] }}] }}\n"),
            7,
            Some("hours_utc"),
        ),
        (
            "weekday is none",
            format!("{OFF}[{{ weekdays = [0], hours_utc = [\"01:00-02:00\"] }}] }}\n"),
            7,
            Some("weekdays"),
        ),
        (
            "weekday twice",
            format!("{OFF}[{{ weekdays = [1, 1], hours_utc = [\"01:00-02:00\"] }}] }}\n"),
            7,
            Some("weekdays"),
        ),
        ("key is unknown in a window", format!("{OFF}[{{ hours = [] }}] }}\n"), 7, Some("hours")),
        ("geo is unknown", format!("{ROW}geo = {{ mars = \"1.1\" }}\n"), 7, Some("mars")),
        ("geo is everywhere", format!("{ROW}geo = {{ global = \"1\" }}\n"), 7, Some("global")),
        ("geo is a float", format!("{ROW}geo = {{ us = 1.1 }}\n"), 7, Some("us")),
        ("factor is zero", format!("{ROW}geo = {{ us = \"0\" }}\n"), 7, Some("us")),
        ("factor is above 100", format!("{ROW}geo = {{ us = \"110\" }}\n"), 7, Some("us")),
        ("factor is negative", format!("{ROW}fast_multiplier = \"-2\"\n"), 7, Some("fast_multiplier")),
        (
            "factor of the standard mode",
            format!("{ROW}standard_multiplier = \"2\"\n"),
            7,
            Some("standard_multiplier"),
        ),
        (
            "factor beside rates",
            format!("{ROW}fast_input = \"2\"\nfast_multiplier = \"2\"\n"),
            8,
            Some("fast_multiplier"),
        ),
        (
            "factor beside rates of a tier",
            format!(
                "{ROW}fast_multiplier = \"2\"\ntiers = [{{ above_input_tokens = 5, fast_input = \"1\" }}]\n"
            ),
            7,
            Some("fast_multiplier"),
        ),
        (
            "factor makes half picodollars",
            format!("{ROW}cache_read = \"0.000001\"\nbatch_multiplier = \"0.5\"\n"),
            8,
            Some("batch_multiplier"),
        ),
        (
            "factor makes more than 1 USD",
            format!("{ROW}output = \"999999\"\nfast_multiplier = \"2\"\n"),
            8,
            Some("fast_multiplier"),
        ),
        ("unit is unknown", format!("{ROW}units = {{ pixel = \"0.01\" }}\n"), 7, Some("pixel")),
        ("piece is negative", format!("{ROW}units = {{ page = \"-0.01\" }}\n"), 7, Some("page")),
        ("piece above 1000 USD", format!("{ROW}units = {{ page = \"1000.01\" }}\n"), 7, Some("page")),
        ("piece is a float", format!("{ROW}units = {{ page = 0.01 }}\n"), 7, Some("page")),
    ];
    insta::assert_snapshot!(refusals(cases));
}

type Case = (&'static str, String, usize, Option<&'static str>);

fn refusals(cases: impl IntoIterator<Item = Case>) -> String {
    let mut messages = Vec::new();
    for (case, rows, line, field) in cases {
        let error = PriceBook::from_toml("own.toml", &format!("format_version = 1\n{rows}"))
            .expect_err("it is wrong");
        assert_eq!(error.kind(), ErrorKind::InvalidPriceBook, "{case}");
        assert_eq!(
            (error.file(), error.line(), error.field()),
            (Some("own.toml"), Some(line), field),
            "{case}: {error}"
        );
        messages.push(format!("{case}:\n  {error}"));
    }
    messages.join("\n")
}

#[test]
fn the_version_of_the_format_is_required() {
    for text in [ROW.to_owned(), format!("format_version = 2\n{ROW}"), String::new()] {
        let error = PriceBook::from_toml("own.toml", &text).unwrap_err();
        assert_eq!((error.line(), error.field()), (Some(1), Some("format_version")));
    }
    assert!(PriceBook::from_toml("own.toml", "format_version = 1\n").unwrap().is_empty());
}

#[test]
fn sizes_are_limited() {
    let long = |n| "x".repeat(n);
    let many_aliases: Vec<String> = (0..65).map(|n| format!("\"a{n}\"")).collect();
    for (rows, part) in [
        (format!("# {}\n", long(4 << 20)), "larger than 4 MiB"),
        ("[[price]]\n".repeat(20_001), "more than 20000 items"),
        (ROW.replace("large", &long(201)), "longer than 200 bytes"),
        (format!("{ROW}note = \"{}\"\n", long(2_001)), "longer than 2000 bytes"),
        (format!("{OFF}[{}] }}\n", "{ hours_utc = [\"01:00-02:00\"] },".repeat(65)), "more than 64 items"),
        (format!("{OFF}[{{ hours_utc = [{}] }}] }}\n", "\"01:00-02:00\",".repeat(65)), "more than 64 items"),
        (format!("{ROW}aliases = [{}]\n", many_aliases.join(",")), "more than 64 items"),
        (format!("{ROW}{} = \"1\"\n", long(100_000)), "the key is unknown"),
    ] {
        let error = PriceBook::from_toml("own.toml", &format!("format_version = 1\n{rows}")).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.to_string().len() < 1_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_panics(lines in proptest::collection::vec(line(), 0..12)) {
        let text = format!("format_version = 1\n[[price]]\n{}", lines.join("\n"));
        if let Err(error) = PriceBook::from_toml("own.toml", &text) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidPriceBook);
            prop_assert!(error.line().is_some_and(|line| line <= text.lines().count().max(1) + 1));
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("id"),
        Just("vendor"),
        Just("source"),
        Just("input"),
        Just("output"),
        Just("batch_input"),
        Just("tiers"),
        Just("off_peak"),
        Just("geo"),
        Just("units"),
        Just("fast_multiplier"),
        Just("valid_from"),
        Just("valid_until"),
        Just("aliases"),
        Just("note"),
    ];
    let value = prop_oneof![
        Just("\"acme\"".to_owned()),
        Just("\"1.5\"".to_owned()),
        Just("2026-01-01".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("[{ above_input_tokens = 1, input = \"2\" }]".to_owned()),
        Just("{ us = \"1.1\", page = \"5\", input = \"1\" }".to_owned()),
        Just("{ input = \"1\", windows = [{ weekdays = [1], hours_utc = [\"23:00-01:00\"] }] }".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("0xff".to_owned()),
        Just("[[[[]]]]".to_owned()),
        "\\PC{0,20}",
    ];
    prop_oneof![
        8 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => Just("[[price]]".to_owned()),
        1 => "\\PC{0,30}",
    ]
}
