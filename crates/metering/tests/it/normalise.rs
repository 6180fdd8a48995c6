//! Vendors' usage objects, read: the fixtures, and what does not add up.

use std::fmt::Write as _;
use std::path::Path;

use assize_metering::{ErrorKind, FindingKind, TokenUsage, Usage, UsageFormat, read_usage};
use serde_json::{Value, json};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/metering/usage");

#[test]
fn every_dialect_is_read_into_disjoint_buckets() {
    let mut lines = String::new();
    for name in names(Path::new(FIXTURES), "json") {
        let text = std::fs::read_to_string(Path::new(FIXTURES).join(format!("{name}.json"))).unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        let format = UsageFormat::detect(&body).unwrap();
        let usage = read_usage(format, &body).unwrap();
        writeln!(lines, "{name} ({})\n  {}", format.key(), shown(&usage)).unwrap();
    }
    insta::assert_snapshot!(lines);
}

/// The names of a folder's files of one extension, in order.
pub(crate) fn names(folder: &Path, extension: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the fixtures are part of the project");
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let is_one = path.extension().is_some_and(|found| found == extension);
            is_one.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).flatten()
        })
        .collect();
    names.sort();
    names
}

/// All that a usage says, in one line a finding.
pub(crate) fn shown(usage: &Usage) -> String {
    let mut parts: Vec<String> = vec![of_tokens(&usage.tokens)];
    parts.extend(usage.units.iter().map(|(unit, pieces)| format!("{pieces} × {}", unit.key())));
    let billing = usage.billing();
    parts.push(format!("{}, {}", billing.mode.key(), billing.geo.key()));
    let report = usage.report.as_ref().expect("a usage that was read has a report");
    parts.extend(report.charged.map(|amount| format!("charged {amount}")));
    parts.extend(report.upstream.map(|amount| format!("upstream {amount}")));
    for part in usage.apart() {
        let model = part.model.as_deref().unwrap_or("no model named");
        parts.push(format!("apart: {} ({model}) {}", part.what, of_tokens(&part.tokens)));
    }
    let findings = usage.findings().iter().map(|finding| format!("\n  ! {finding}")).collect::<String>();
    parts.join("; ") + &findings
}

fn of_tokens(tokens: &TokenUsage) -> String {
    let stated: Vec<String> =
        tokens.iter().map(|(bucket, count)| format!("{} {count}", bucket.key())).collect();
    stated.join(" + ")
}

#[test]
fn what_does_not_add_up_is_a_finding_and_no_tokens_are_lost() {
    for (format, usage, expected) in [
        (
            UsageFormat::OpenAiChat,
            json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
                   "prompt_tokens_details": {"cached_tokens": 40},
                   "completion_tokens_details": {"reasoning_tokens": 9}}),
            "input 0 + cache_read 10 + output 0 + output_reasoning 5; standard, global\
             \n  ! `prompt_tokens_details.cached_tokens` exceeds the total that it is a part of: 40 against 10\
             \n  ! `completion_tokens_details.reasoning_tokens` exceeds the total that it is a part of: 9 against 5",
        ),
        (
            UsageFormat::OpenAiChat,
            json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 12}),
            "input 10 + output 5; standard, global\n  ! `total_tokens` is not the sum of its parts: 12 against 15",
        ),
        (
            UsageFormat::OpenAiChat,
            json!({"prompt_tokens": null, "completion_tokens": 5, "total_tokens": 12}),
            "input 7 + output 5; standard, global\n  ! `prompt_tokens` is null: null\
             \n  ! `total_tokens` is not the sum of its parts: 12 against 5",
        ),
        (
            UsageFormat::OpenAiChat,
            json!({"total_tokens": 12}),
            "input 12; standard, global\n  ! `total_tokens` is the only count that is stated: 12 against 0",
        ),
        (
            UsageFormat::OpenAiChat,
            json!({"prompt_tokens": 30, "completion_tokens": 5, "prompt_cache_hit_tokens": 20,
                   "prompt_tokens_details": {"cached_tokens": 10}}),
            "input 10 + cache_read 20 + output 5; standard, global\
             \n  ! `prompt_tokens_details.cached_tokens` disagrees with another field for the same: 10 against 20",
        ),
        (
            UsageFormat::Anthropic,
            json!({"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": 100,
                   "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}),
            "input 1 + cache_write_5m 10 + cache_write_1h 20 + cache_write_other 70 + output 2; standard, global\
             \n  ! `cache_creation_input_tokens` is broken down into another sum: 100 against 30",
        ),
        (
            UsageFormat::Anthropic,
            json!({"input_tokens": -3, "output_tokens": 2.5, "cache_read_input_tokens": "17",
                   "cache_creation_input_tokens": 1e30, "service_tier": "gold", "inference_geo": "mars"}),
            "cache_read 17 + output 3; standard, global\n  ! `input_tokens` is negative: -3\
             \n  ! `cache_read_input_tokens` is of the wrong type: \"17\"\
             \n  ! `cache_creation_input_tokens` is more than any call can consume: 1e+30\
             \n  ! `output_tokens` is no whole number: 2.5\
             \n  ! `service_tier` is an unknown word: \"gold\"\n  ! `inference_geo` is an unknown word: \"mars\"",
        ),
        (
            UsageFormat::Gemini,
            json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15,
                   "promptTokensDetails": [{"modality": "SMELL", "tokenCount": 4}, 7],
                   "dreamTokenCount": 8, "novel": {"dream_tokens": [3]}}),
            "input 10 + output 5; standard, global\
             \n  ! `promptTokensDetails[0].modality` is an unknown word: \"SMELL\"\
             \n  ! `promptTokensDetails[1]` is of the wrong type: 7\
             \n  ! `dreamTokenCount` is an unknown field that holds tokens: 8\
             \n  ! `novel.dream_tokens[]` is an unknown field that holds tokens: 3",
        ),
        (
            UsageFormat::OpenAiChat,
            json!({"prompt_tokens": 1, "completion_tokens": 1, "cost": "0.00000000000015"}),
            "input 1 + output 1; standard, global; charged 0.00\
             \n  ! `cost` is no whole number of picodollars: \"0.00000000000015\"",
        ),
        (UsageFormat::Anthropic, json!({}), "; standard, global\n  ! the usage holds no known count"),
    ] {
        assert_eq!(shown(&read_usage(format, &usage).unwrap()), expected, "{usage}");
    }
}

#[test]
fn only_what_holds_no_usage_is_an_error() {
    for (format, value) in [
        (UsageFormat::OpenAiChat, json!(null)),
        (UsageFormat::Gemini, json!([{"usageMetadata": {}}])),
        (UsageFormat::OpenAiChat, json!({"choices": [], "usage": null})),
        (UsageFormat::Anthropic, json!({"type": "error", "error": {"type": "overloaded_error"}})),
        (UsageFormat::Ollama, json!({"message": {"content": ""}, "done": false})),
        (UsageFormat::LlamaCpp, json!({"content": "", "stop": true})),
    ] {
        let error = read_usage(format, &value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidUsage, "{value}");
        assert!(error.to_string().starts_with("read a usage: "), "{error}");
    }
}

#[test]
fn hostile_size_costs_neither_memory_nor_findings_without_end() {
    let many: serde_json::Map<String, Value> =
        (0..10_000).map(|number| (format!("novel_{number}_tokens"), json!(number + 1))).collect();
    let usage = read_usage(UsageFormat::OpenAiChat, &Value::Object(many)).unwrap();
    let kinds: Vec<FindingKind> = usage.findings().iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds.len(), 32);
    assert_eq!(kinds[31], FindingKind::TooMany);
    assert_eq!(usage.report.as_ref().unwrap().raw, Value::Null);

    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!({ "tokens": deep });
    }
    let usage = read_usage(UsageFormat::Gemini, &json!({"promptTokenCount": 3, "deep": deep})).unwrap();
    assert_eq!(usage.tokens.input, Some(3));
    assert_eq!(usage.findings()[0].kind, FindingKind::RawTooLarge);

    let word = "é".repeat(100_000);
    let usage =
        read_usage(UsageFormat::Anthropic, &json!({"input_tokens": 1, "service_tier": word})).unwrap();
    assert!(usage.findings()[0].to_string().len() < 400);
}

#[test]
fn a_report_keeps_its_findings_when_it_is_written_down() {
    let body = json!({"prompt_tokens": 10, "total_tokens": 9, "cost": 0.25});
    let usage = read_usage(UsageFormat::OpenAiChat, &body).unwrap();
    assert_eq!(usage.report.as_ref().unwrap().raw, body);
    let written = serde_json::to_string(&usage).unwrap();
    assert_eq!(serde_json::from_str::<Usage>(&written).unwrap(), usage);
}

#[test]
fn formats_are_found_by_their_keys() {
    for format in UsageFormat::ALL {
        assert_eq!(UsageFormat::from_key(format.key()), Some(format));
    }
    assert_eq!(UsageFormat::from_key("openai"), None);
    assert_eq!(UsageFormat::detect(&json!([1])), None);
    assert_eq!(UsageFormat::detect(&json!({"choices": [], "usage": null})), None);
}
