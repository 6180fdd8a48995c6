//! Recorded usages and what another library extracts from them, where the samples are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use assize_metering::{Bucket, FindingKind, Unit, Usage, UsageFormat, read_usage};
use serde_json::Value;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/llm/usages.jsonl");

#[test]
fn recorded_usages_are_read_as_genai_prices_reads_them() {
    let Ok(lines) = std::fs::read_to_string(Path::new(SAMPLES)) else { return };
    let (mut compared, mut without_flavour, mut beyond, mut wrong) = (0, 0, 0, Vec::new());
    for (position, line) in lines.lines().enumerate() {
        let sample: Value = serde_json::from_str(line).unwrap();
        let format = UsageFormat::detect(&sample["body"]).expect("every recorded body is of a known format");
        let mut usage = read_usage(format, &sample["body"]).expect("every recorded body holds a usage");
        for finding in usage.findings().to_owned() {
            match finding.kind {
                FindingKind::BilledApart => {}
                // Gemini behind OpenAI's interface states its thoughts in the total alone. That library does not bill
                // them; here the total counts.
                FindingKind::TotalMismatch if usage.tokens.get(Bucket::OutputReasoning).is_some() => {
                    beyond += 1;
                    usage.tokens.output_reasoning = None;
                }
                _ => wrong.push(format!("line {}: {finding}", position + 1)),
            }
        }
        match native(format, &sample["extracted"]) {
            None => without_flavour += 1,
            Some(expected) => {
                compared += 1;
                let read = in_their_names(&usage, expected);
                if read != *expected {
                    wrong.push(format!("line {}: {read:?} for {expected:?}", position + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((compared, without_flavour, beyond), (809, 0, 2), "the sample has changed");
}

/// What the library extracts in the flavour that is native to the body.
fn native(format: UsageFormat, extracted: &Value) -> Option<&Value> {
    let flavours: &[(&str, &str)] = match format {
        UsageFormat::OpenAiChat => &[("openai", "chat"), ("openai", "embeddings")],
        UsageFormat::OpenAiResponses => &[("openai", "responses")],
        UsageFormat::Anthropic => &[("anthropic", "default")],
        UsageFormat::Gemini => &[("google", "default")],
        UsageFormat::BedrockConverse => &[("aws", "default")],
        UsageFormat::Cohere => &[("cohere", "default"), ("cohere", "embeddings")],
        _ => &[],
    };
    flavours.iter().find_map(|(vendor, flavour)| {
        let entries = extracted.as_array()?;
        let entry = entries.iter().find(|entry| {
            let flavours = entry["extractors"].as_array().map_or(&[][..], Vec::as_slice);
            flavours.iter().any(|of| of["provider_id"] == *vendor && of["api_flavor"] == *flavour)
        });
        entry.map(|entry| &entry["usage"])
    })
}

/// The usage in that library's names: its totals include their parts, and it leaves zeros away.
fn in_their_names(usage: &Usage, expected: &Value) -> Value {
    let sum =
        |buckets: &[Bucket]| -> u64 { buckets.iter().filter_map(|bucket| usage.tokens.get(*bucket)).sum() };
    let writes = [Bucket::CacheWrite5m, Bucket::CacheWrite1h, Bucket::CacheWrite12h, Bucket::CacheWriteOther];
    let mut names = BTreeMap::from([
        ("input_tokens", usage.tokens.total_input()),
        ("cache_read_tokens", sum(&[Bucket::CacheRead, Bucket::CacheReadAudio, Bucket::CacheReadImage])),
        ("cache_write_tokens", sum(&writes)),
        ("input_audio_tokens", sum(&[Bucket::InputAudio, Bucket::CacheReadAudio])),
        ("cache_audio_read_tokens", sum(&[Bucket::CacheReadAudio])),
        ("input_image_tokens", sum(&[Bucket::InputImage, Bucket::CacheReadImage])),
        ("cache_image_read_tokens", sum(&[Bucket::CacheReadImage])),
        ("input_video_tokens", sum(&[Bucket::InputVideo])),
        ("output_tokens", usage.tokens.total_output()),
        ("output_reasoning_tokens", sum(&[Bucket::OutputReasoning])),
        ("output_audio_tokens", sum(&[Bucket::OutputAudio])),
        ("output_image_tokens", sum(&[Bucket::OutputImage])),
        ("web_searches", usage.units.get(Unit::WebSearch).unwrap_or(0)),
    ]);
    names.retain(|_, count| *count > 0);
    if expected.get("cache_write_5m_tokens").is_some() {
        names.insert("cache_write_5m_tokens", sum(&[Bucket::CacheWrite5m]));
    }
    if expected.get("cache_write_1h_tokens").is_some() {
        names.insert("cache_write_1h_tokens", sum(&[Bucket::CacheWrite1h]));
    }
    // Cached video has no bucket of its own; it is with cached text.
    if let Some(video) = expected.get("cache_video_read_tokens").and_then(Value::as_u64) {
        names.insert("cache_video_read_tokens", video);
        *names.entry("input_video_tokens").or_default() += video;
    } else if expected.get("input_video_tokens").is_none() {
        names.remove("input_video_tokens"); // they know video in Gemini's own usage only
    }
    // Text and what tools added are not apart here: they are `input` and `output` like the rest.
    for name in [
        "input_text_tokens",
        "cache_text_read_tokens",
        "output_text_tokens",
        "input_tool_tokens",
        "input_text_tool_tokens",
    ] {
        if let Some(count) = expected.get(name).and_then(Value::as_u64) {
            names.insert(name, count);
        }
    }
    names.into_iter().map(|(name, count)| (name.to_owned(), Value::from(count))).collect()
}
