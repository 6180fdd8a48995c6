//! Costs against answers that were computed elsewhere, and against those worked out by hand.

use std::path::Path;

use assize_metering::{Bucket, ErrorKind, Mode, ModelPrice, PriceBook, TokenUsage, Usd};
use jiff::civil::{Date, date};

const READ_ON: Date = date(2026, 11, 20);

/// The table says in its first lines how it was computed.
#[test]
fn costs_equal_those_of_decimal_arithmetic() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/metering/costs.csv");
    let mut table = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let columns = table.headers().unwrap().clone();
    let mut n_rows = 0;
    for record in table.records() {
        let record = record.unwrap();
        let mode = Mode::ALL.into_iter().find(|mode| mode.key() == &record[1]).unwrap();
        let mut usage = TokenUsage::default();
        for (column, count) in columns.iter().zip(&record).skip(2) {
            if let Some(bucket) = Bucket::from_key(column) {
                usage = usage.with(bucket, count.parse().unwrap());
            }
        }
        let cost = model(&record[0]).cost(&usage, mode).unwrap();
        assert_eq!(cost.total().to_string(), record[columns.len() - 1], "{record:?}");
        assert_eq!(Usd::checked_sum(cost.lines().map(|line| line.cost)), Some(cost.total()));
        n_rows += 1;
    }
    assert!(n_rows > 200, "only {n_rows} rows");
}

#[test]
fn a_tier_is_a_cliff_for_the_whole_request() {
    // 100,000 at the threshold: 0.01 + 1,000 × 0.5 = 0.0105; one more: 100,001 × 0.5 + 1,000 × 2.5.
    for (model_id, input, output, above, usd) in [
        ("claude-haiku-5-5", 100_000, 1_000, None, "0.0105"),
        ("claude-haiku-5-5", 100_001, 1_000, Some(100_000), "0.0525005"),
        ("gemini-2.5-pro", 200_000, 0, None, "0.25"),
        ("gemini-2.5-pro", 200_001, 0, Some(200_000), "0.5000025"),
        // xAI's threshold is inclusive.
        ("grok-4.3", 199_999, 0, None, "0.24999875"),
        ("grok-4.3", 200_000, 0, Some(199_999), "0.50"),
    ] {
        let cost = model(model_id).cost(&TokenUsage::of(input, output), Mode::Standard).unwrap();
        assert_eq!(
            (cost.above_input_tokens(), cost.total().to_string().as_str()),
            (above, usd),
            "{model_id} {input}"
        );
    }
}

#[test]
fn cached_tokens_count_towards_the_tier_and_take_its_rates() {
    let usage = TokenUsage {
        cache_write_5m: Some(40_000),
        cache_write_1h: Some(20_000),
        ..TokenUsage::of(50_000, 1_000)
    };
    // 50,000 × 0.5 + 40,000 × 0.625 + 20,000 × 1 + 1,000 × 2.5 = 72,500 per million; half in a batch.
    for (mode, usd) in [(Mode::Standard, "0.0725"), (Mode::Batch, "0.03625")] {
        let cost = model("claude-haiku-5-5").cost(&usage, mode).unwrap();
        assert_eq!(cost.total().to_string(), usd);
        assert_eq!(cost.lines().count(), 4);
        assert_eq!(cost.mode(), mode);
    }
}

#[test]
fn a_missing_cache_rate_is_the_input_rate_and_a_stated_zero_is_a_price() {
    let cached =
        TokenUsage::default().with(Bucket::CacheRead, 1_000_000).with(Bucket::CacheWrite1h, 1_000_000);
    assert_eq!(model("gpt-4").cost(&cached, Mode::Standard).unwrap().total().to_string(), "60.00");
    let written = TokenUsage::default().with(Bucket::CacheWriteOther, 1_000_000);
    let cost = model("deepseek-chat").cost(&written, Mode::Standard).unwrap();
    assert_eq!(cost.total(), Usd::ZERO);
    assert_eq!(cost.lines().next().map(|line| line.rate.to_string()).as_deref(), Some("0.00"));
}

#[test]
fn each_line_says_bucket_tokens_rate_and_cost() {
    let usage = TokenUsage::of(1_000, 200).with(Bucket::OutputReasoning, 300).with(Bucket::CacheRead, 0);
    let cost = model("gpt-4o").cost(&usage, Mode::Standard).unwrap();
    let lines: Vec<String> = cost
        .lines()
        .map(|line| format!("{} {} × {} = {}", line.bucket.key(), line.tokens, line.rate, line.cost))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    input 1000 × 2.50 = 0.0025
    output 200 × 10.00 = 0.002
    output_reasoning 300 × 10.00 = 0.003
    ");
    assert_eq!(cost.of(Bucket::OutputReasoning).to_string(), "0.003");
    assert_eq!(cost.of(Bucket::CacheRead), Usd::ZERO);
}

#[test]
fn what_has_no_price_is_an_error_and_never_nothing() {
    for (model_id, usage, mode, kind, field, part) in [
        (
            "gpt-4",
            TokenUsage::default().with(Bucket::InputAudio, 5),
            Mode::Standard,
            ErrorKind::NoRate,
            Some("input_audio"),
            "5 tokens of `input_audio`",
        ),
        (
            "gpt-4",
            TokenUsage::of(1, 1).with(Bucket::OutputImage, 5),
            Mode::Standard,
            ErrorKind::NoRate,
            Some("output_image"),
            "5 tokens of `output_image`",
        ),
        (
            "gpt-4",
            TokenUsage::of(1, 1).with(Bucket::CacheReadAudio, 5),
            Mode::Standard,
            ErrorKind::NoRate,
            Some("cache_read_audio"),
            "5 tokens of `cache_read_audio`",
        ),
        (
            "gpt-4",
            TokenUsage::of(1, 1).with(Bucket::OutputAudio, 1),
            Mode::Standard,
            ErrorKind::NoRate,
            Some("output_audio"),
            "1 tokens of `output_audio`",
        ),
        (
            "gpt-4",
            TokenUsage::of(1, 1),
            Mode::Batch,
            ErrorKind::NoPriceInMode,
            None,
            "no batch price of it is known",
        ),
    ] {
        let error = model(model_id).cost(&usage, mode).unwrap_err();
        assert_eq!((error.kind(), error.field()), (kind, field));
        assert!(error.to_string().contains(part), "{error}");
    }
    // A stated absence of such tokens is fine.
    let none = TokenUsage::of(1, 1).with(Bucket::InputAudio, 0);
    assert!(model("gpt-4").cost(&none, Mode::Standard).is_ok());
}

#[test]
fn a_batch_price_does_not_outlive_the_standard_price_it_belongs_to() {
    let book = PriceBook::from_toml(
        "own.toml",
        r#"
        format_version = 1
        [[price]]
        vendor = "acme"
        id = "long"
        input = "2"
        output = "8"
        batch_input = "1"
        batch_output = "4"
        tiers = [{ above_input_tokens = 1000, input = "4" }]
        source = "test"
        [[price]]
        vendor = "acme"
        id = "embedding"
        input = "0.02"
        source = "test"
        "#,
    )
    .unwrap();
    let price = book.find("long", READ_ON).unwrap();
    assert_eq!(price.cost(&TokenUsage::of(1_000, 0), Mode::Batch).unwrap().total().to_string(), "0.001");
    let error = price.cost(&TokenUsage::of(1_001, 0), Mode::Batch).unwrap_err();
    insta::assert_snapshot!(error, @"price a usage of `long`: no batch price of it is known above 1000 input tokens");
    // A tier keeps the rates that it does not state.
    let cost = price.cost(&TokenUsage::of(1_001, 1_000), Mode::Standard).unwrap();
    assert_eq!(cost.of(Bucket::Output).to_string(), "0.008");

    let embedding = book.find("embedding", READ_ON).unwrap();
    assert_eq!(embedding.worst_case(1_000_000, 0, Mode::Standard).unwrap().to_string(), "0.02");
    assert_eq!(embedding.worst_case(1_000_000, 1, Mode::Standard).unwrap_err().kind(), ErrorKind::NoRate);
    assert_eq!(embedding.cost(&TokenUsage::of(1, 1), Mode::Standard).unwrap_err().field(), Some("output"));
}

#[test]
fn the_worst_case_takes_the_dearest_rates_that_can_occur() {
    let haiku = model("claude-haiku-5-5");
    // An hour's cache write at 0.2 a million, output at 0.5; above 100,000 at 1 and 2.5.
    assert_eq!(haiku.worst_case(100_000, 1_000, Mode::Standard).unwrap().to_string(), "0.0205");
    assert_eq!(haiku.worst_case(100_001, 1_000, Mode::Standard).unwrap().to_string(), "0.102501");
    let plain = |bucket| {
        matches!(bucket, Bucket::Input | Bucket::CacheRead | Bucket::Output | Bucket::OutputReasoning)
    };
    assert_eq!(haiku.worst_case_among(100_000, 1_000, Mode::Standard, plain).unwrap().to_string(), "0.0105");
    assert_eq!(haiku.worst_case(0, 0, Mode::Standard).unwrap(), Usd::ZERO);
    let error = haiku.worst_case_among(5, 5, Mode::Standard, |bucket| bucket.is_input()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoRate);
}

fn model(id: &str) -> &'static ModelPrice {
    PriceBook::embedded().find(id, READ_ON).expect("the model is in the embedded book")
}
