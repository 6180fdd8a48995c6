//! Recorded usages, priced: to the last digit what genai-prices 0.2.3 makes of them.

use std::collections::BTreeMap;

use assize_metering::{
    CallCost, ErrorKind, FindingKind, Mode, PriceBook, Usage, UsageFormat, Usd, read_usage,
};
use jiff::civil::{Date, date};
use serde_json::Value;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/llm/usages.jsonl");
/// A day on which all prices were those that are recorded: several have changed since.
const THEN: Date = date(2025, 11, 1);

/// Models of which the book has another price than the recorded one, with the reason.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "gpt-4o-audio-preview-2024-12-17",
        "genai-prices bills sound as text; LiteLLM states 40 USD a million tokens of it",
    ),
    (
        "openai.gpt-5.6-luna",
        "genai-prices does not see the cache writes in such a body; they cost more than input",
    ),
];

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    priced: usize,
    priced_otherwise: usize,
    /// Lines for which the recorded list has no price at the vendor that served them, or which do not say who it was.
    no_recorded_price: usize,
    /// Lines that have one, of models that the book does not have.
    not_in_the_book: usize,
}

#[test]
fn recorded_usages_are_priced_to_the_last_digit() {
    let Ok(lines) = std::fs::read_to_string(SAMPLES) else { return };
    let (mut counts, mut wrong, mut unknown) = (Counts::default(), Vec::new(), BTreeMap::new());
    for (position, line) in lines.lines().enumerate() {
        let sample: Value = serde_json::from_str(line).unwrap();
        let Some((vendor, model, recorded)) = native(&sample) else {
            counts.no_recorded_price += 1;
            continue;
        };
        let price = match PriceBook::embedded().find(&format!("{vendor}/{model}"), THEN) {
            Ok(price) => price,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnknownModel, "{error}");
                counts.not_in_the_book += 1;
                *unknown.entry(format!("{vendor}/{model}")).or_insert(0) += 1;
                continue;
            }
        };
        let usage = usage(&sample["body"]);
        // The list does not look at how a call was served.
        let cost = price.cost(&usage.tokens, Mode::Standard).unwrap();
        let (input, output) = (side(&cost, true), side(&cost, false));
        if (input, output) == recorded {
            counts.priced += 1;
        } else if OTHERWISE.iter().any(|(otherwise, _)| *otherwise == model) {
            counts.priced_otherwise += 1;
        } else {
            wrong.push(format!(
                "line {}, {vendor}/{model}: {input}, {output} is not {recorded:?}",
                position + 1
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong of {counts:?}:\n{}", wrong.len(), wrong.join("\n"));
    let expected = Counts { priced: 653, priced_otherwise: 4, no_recorded_price: 151, not_in_the_book: 1 };
    assert_eq!(counts, expected, "the sample has changed: {unknown:?}");
}

fn usage(body: &Value) -> Usage {
    let format = UsageFormat::detect(body).expect("every recorded body is of a known format");
    let mut usage = read_usage(format, body).expect("every recorded body holds a usage");
    // Gemini behind OpenAI's interface states its thoughts in the total alone; that library does not bill them.
    if usage.findings().iter().any(|finding| finding.kind == FindingKind::TotalMismatch) {
        usage.tokens.output_reasoning = None;
    }
    usage
}

fn side(cost: &CallCost, is_input: bool) -> Usd {
    let lines = cost.lines().filter(|line| line.bucket.is_input() == is_input);
    Usd::checked_sum(lines.map(|line| line.cost)).expect("it is a small sum")
}

/// The vendor that served a call, by what only its bodies hold, the model's name, or the recording's; and that vendor's
/// recorded prices of both sides.
fn native(sample: &Value) -> Option<(&'static str, &str, (Usd, Usd))> {
    let (body, model) = (&sample["body"], sample["model"].as_str()?);
    let file = body["file"].as_str()?;
    let has = |field: &str| body["usage"].get(field).is_some();
    let named = |starts: &[&str]| starts.iter().any(|start| model.starts_with(start));
    let (vendor, theirs): (&str, &[&str]) = if body.get("usageMetadata").is_some() {
        ("google", &["google"])
    } else if has("cost") || file.contains("openrouter") || file.contains("[qwen-nested-model]") {
        ("openrouter", &["openrouter"])
    } else if has("queue_time") || file.contains("groq") {
        ("groq", &["groq"])
    } else if named(&["claude"]) {
        ("anthropic", &["anthropic"])
    } else if file.contains("huggingface") || file.contains("ollama") {
        return None;
    } else if file.contains("bedrock_mantle") {
        ("bedrock-mantle", &["aws"])
    } else if file.contains("cerebras") {
        ("cerebras", &["cerebras"])
    } else if file.contains("zai") {
        ("zai", &["zai"])
    } else if file.contains("azure_provider") {
        ("azure", &["azure"])
    } else if named(&["mistral", "magistral"]) {
        ("mistral", &["mistral"])
    } else if named(&["gemini"]) {
        ("google", &["google"])
    } else {
        ("openai", &["openai"])
    };
    let extractors = sample["extracted"].as_array()?.iter().flat_map(|entry| entry["extractors"].as_array());
    let priced = extractors.flatten().find(|of| {
        let is_theirs = of["provider_id"].as_str().is_some_and(|id| theirs.contains(&id));
        is_theirs && (of.get("input_price").is_some() || of.get("output_price").is_some())
    })?;
    let amount = |field: &str| {
        priced[field].as_str().map_or(Usd::ZERO, |text| plain(text).parse().expect("it is an amount"))
    };
    Some((vendor, model, (amount("input_price"), amount("output_price"))))
}

/// Python writes small decimals as `6E-7`.
fn plain(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once("E-") else { return text.to_owned() };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places: usize = exponent.parse().expect("it is an exponent");
    format!("0.{}{whole}{decimals}", "0".repeat(places - whole.len()))
}
