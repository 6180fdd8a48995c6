//! What went wrong with prices elsewhere, one test a thread.

use assize_metering::{Bucket, ErrorKind, Mode, PriceBook, TokenUsage, Usd};
use jiff::civil::{Date, date};

const READ_ON: Date = date(2026, 11, 20);

/// A header said that a response had cost 0.0016150000000000001 USD.
#[test]
fn litellm_8867_a_cost_has_no_float_noise() {
    // 382 × 2.5 + 66 × 10 per million.
    let usage = TokenUsage::of(382, 66);
    assert_eq!(embedded("gpt-4o", &usage), "0.001615");
}

/// The price of a session was an imprecise float wrapped as a decimal.
#[test]
fn agentops_284_a_sum_of_costs_is_exact() {
    let costs = ["0.1", "0.2", "0.000000000001"].map(|text| text.parse::<Usd>().unwrap());
    assert_eq!(Usd::checked_sum(costs).unwrap().to_string(), "0.300000000001");
}

/// Four exact costs were added to a spend of 0.6619999999999999.
#[test]
fn otari_691_a_spend_is_the_sum_of_its_costs() {
    // 62,200 × 2.5 + 1,000 × 10 per million: an amount that no float holds.
    let usage = TokenUsage::of(62_200, 1_000);
    let cost: Usd = embedded("gpt-4o", &usage).parse().unwrap();
    assert_eq!(cost.to_string(), "0.1655");
    assert_eq!(Usd::checked_sum([cost; 4]).unwrap().to_string(), "0.662");
}

/// A new id was missing from the table and cost 0.
#[test]
fn eliza_11527_an_unknown_model_is_never_free() {
    for id in ["claude-opus-99", "gpt-9-nonsense", "", "claude-opus"] {
        assert_eq!(
            PriceBook::embedded().find(id, READ_ON).unwrap_err().kind(),
            ErrorKind::UnknownModel,
            "{id}"
        );
    }
}

/// With prices of one's own, cached tokens were billed as input too: 100 uncached, 700 written and 200 read as 1,000.
#[test]
fn litellm_31282_own_prices_bill_cached_tokens_once() {
    let usage = TokenUsage { cache_write_5m: Some(700), cache_read: Some(200), ..TokenUsage::of(100, 0) };
    // 100 × 3 + 700 × 3.75 + 200 × 0.30 per million.
    let cost =
        own("input = \"3\"\noutput = \"15\"\ncache_write_5m = \"3.75\"\ncache_read = \"0.3\"\n", &usage);
    assert_eq!(cost, "0.002985");
}

/// With prices of one's own, the rate for cached tokens was passed over for that of input.
#[test]
fn litellm_26807_own_prices_have_a_rate_for_cached_tokens() {
    // 6,074 prompt tokens, 3,456 of them cached.
    let usage = TokenUsage { cache_read: Some(3_456), ..TokenUsage::of(2_618, 285) };
    // 2,618 × 2.5 + 3,456 × 0.25 + 285 × 15 per million.
    assert_eq!(own("input = \"2.5\"\noutput = \"15\"\ncache_read = \"0.25\"\n", &usage), "0.011684");
    // Where the list states none they are input, not free.
    assert_eq!(own("input = \"2.5\"\noutput = \"15\"\n", &usage), "0.01946");
}

/// Cached tokens without a price of their own were billed 0 in some clients; a stated zero is a price, silence is not.
#[test]
fn litellm_16000_cached_tokens_are_not_free_by_silence() {
    let cached = TokenUsage::default().with(Bucket::CacheRead, 1_000_000);
    assert_eq!(own("input = \"2\"\n", &cached), "2.00");
    assert_eq!(own("input = \"2\"\ncache_read = \"0\"\n", &cached), "0.00");
}

/// Long prompts were billed at the rates of short ones, or only what lay above the threshold at the higher rate.
#[test]
fn genai_prices_242_a_long_prompt_takes_the_higher_rates_for_all_its_tokens() {
    let rates = "input = \"2\"\noutput = \"12\"\ncache_read = \"0.2\"\n\
                 tiers = [{ above_input_tokens = 200000, input = \"4\", output = \"18\", cache_read = \"0.4\" }]\n";
    for (usage, cost) in [
        (TokenUsage::of(200_000, 0), "0.40"),
        (TokenUsage::of(200_001, 0), "0.800004"),
        (TokenUsage::of(250_000, 0), "1.00"),
        // The reply is long, the prompt is not.
        (TokenUsage::of(1_000, 250_000), "3.002"),
        (TokenUsage::of(200_001, 1_000), "0.818004"),
        // Cached tokens count towards the threshold.
        (TokenUsage::of(1, 1_000).with(Bucket::CacheRead, 200_000), "0.098004"),
        (TokenUsage::of(0, 1_000).with(Bucket::CacheRead, 200_000), "0.052"),
    ] {
        assert_eq!(own(rates, &usage), cost, "{usage:?}");
    }
}

/// Retired models were dropped from the map, so that old runs could not be priced again.
#[test]
fn litellm_23637_a_retired_model_keeps_its_price() {
    for (id, cost) in [
        ("claude-3-5-sonnet-20241022", "18.00"),
        ("claude-3-opus-20240229", "90.00"),
        ("gemini-1.5-flash", "0.75"),
        ("gpt-4", "90.00"),
    ] {
        let usage = TokenUsage::of(1_000_000, 1_000_000);
        assert_eq!(embedded(id, &usage), cost, "{id}");
    }
}

fn embedded(id: &str, usage: &TokenUsage) -> String {
    let price = PriceBook::embedded().find(id, READ_ON).expect("the model is in the embedded book");
    price.cost(usage, Mode::Standard).expect("the usage has a price").total().to_string()
}

fn own(rates: &str, usage: &TokenUsage) -> String {
    let text =
        format!("format_version = 1\n[[price]]\nid = \"any\"\nvendor = \"acme\"\nsource = \"test\"\n{rates}");
    let book = PriceBook::from_toml("own.toml", &text).expect("the rates are valid");
    let price = book.find("any", READ_ON).expect("the model is in the book");
    price.cost(usage, Mode::Standard).expect("the usage has a price").total().to_string()
}

/// Every rate of GPT-5 in a list that was typed in by hand was wrong.
#[test]
fn adk_rust_615_the_rates_of_gpt_5_are_those_of_the_packages() {
    for (usage, cost) in [
        (TokenUsage::of(1_000_000, 0), "1.25"),
        (TokenUsage::of(0, 1_000_000), "10.00"),
        (TokenUsage::default().with(Bucket::CacheRead, 1_000_000), "0.125"),
    ] {
        assert_eq!(embedded("gpt-5", &usage), cost, "{usage:?}");
    }
    let price = PriceBook::embedded().find("gpt-5", READ_ON).unwrap();
    assert!(price.source.contains("litellm-1.109.1"), "{}", price.source);
}

/// Costs of single tokens were multiplied as floats, and their last digits were noise.
#[test]
fn posthog_pr_50294_costs_of_few_tokens_keep_their_last_digit() {
    for tokens in 1..=1_000 {
        let cost: Usd = embedded("gpt-4o-mini", &TokenUsage::of(tokens, tokens)).parse().unwrap();
        // 0.15 and 0.60 per million: 750,000 picodollars for one of each.
        assert_eq!(cost.picodollars(), i128::from(tokens) * 750_000);
    }
}
