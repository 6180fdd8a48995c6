//! What holds of every JSON that may be given for a usage.

use assize_metering::{Bucket, FindingKind, UsageFormat, UsageStream, read_usage};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every name that any reader knows, and some that none does.
const NAMES: &[&str] = &[
    "usage",
    "usageMetadata",
    "message",
    "response",
    "delta",
    "meta",
    "type",
    "choices",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
    "input_token_details",
    "output_tokens_details",
    "reasoning_tokens",
    "thinking_tokens",
    "audio_tokens",
    "image_tokens",
    "cached_tokens_details",
    "cache_write_tokens",
    "prompt_cache_hit_tokens",
    "citation_tokens",
    "num_sources_used",
    "seconds",
    "cost",
    "cost_in_usd_ticks",
    "is_byok",
    "cost_details",
    "upstream_inference_cost",
    "cache_creation",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
    "iterations",
    "server_tool_use",
    "web_search_requests",
    "service_tier",
    "speed",
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
    "cachedContentTokenCount",
    "toolUsePromptTokenCount",
    "promptTokensDetails",
    "cacheTokensDetails",
    "candidatesTokensDetails",
    "modality",
    "tokenCount",
    "total_input_tokens",
    "total_cached_tokens",
    "total_output_tokens",
    "input_tokens_by_modality",
    "tokens",
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "cacheReadInputTokens",
    "cacheWriteInputTokens",
    "cacheDetails",
    "ttl",
    "billed_units",
    "search_units",
    "prompt_eval_count",
    "eval_count",
    "done",
    "timings",
    "prompt_n",
    "predicted_n",
    "cache_n",
    "tool_usage",
    "image_gen",
    "novel_tokens",
    "x",
];

fn json_values() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] =
        &["AUDIO", "IMAGE", "TEXT", "message_start", "message_delta", "compaction", "flex", "1h", "12", "e"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..2_000).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 12, |inner| {
        let name = prop_oneof![
            9 => proptest::sample::select(NAMES).prop_map(str::to_owned),
            1 => "\\PC{0,8}",
        ];
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            4 => proptest::collection::vec((name, inner), 0..12)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_json_makes_a_reader_panic(value in json_values()) {
        let _ = UsageFormat::detect(&value);
        for format in UsageFormat::ALL {
            let Ok(usage) = read_usage(format, &value) else { continue };
            prop_assert!(usage.findings().len() <= 32);
            prop_assert!(!usage.findings().iter().any(|finding| finding.to_string().contains('\n')));
        }
    }

    #[test]
    fn no_prefix_of_any_events_makes_a_stream_panic(events in proptest::collection::vec(json_values(), 0..6)) {
        for format in UsageFormat::ALL {
            let mut stream = UsageStream::new(format);
            for event in &events {
                let complete = stream.is_complete();
                let cut = stream.clone().finish();
                let flagged = cut.as_ref().is_some_and(|usage| {
                    usage.findings().iter().any(|f| matches!(f.kind, FindingKind::StreamCut | FindingKind::TooMany))
                });
                prop_assert_eq!(cut.is_some() && !complete, flagged);
                stream.observe(event);
            }
            let _ = stream.finish();
        }
    }

    #[test]
    fn chat_counts_sum_up_to_the_stated_total(
        prompt in 0_u64..100_000, completion in 0_u64..100_000, total in proptest::option::of(0_u64..300_000),
        cached in 0_u64..120_000, written in 0_u64..50_000, audio in 0_u64..50_000, reasoning in 0_u64..120_000,
    ) {
        let mut usage = json!({
            "prompt_tokens": prompt, "completion_tokens": completion,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        });
        if let Some(total) = total {
            usage["total_tokens"] = total.into();
        }
        let read = read_usage(UsageFormat::OpenAiChat, &usage).unwrap();
        let sum = read.tokens.total_input() + read.tokens.total_output();
        prop_assert!(sum >= prompt + completion, "nothing that was stated is lost");
        prop_assert!(sum >= total.unwrap_or(0), "no less than the total is billed");
        if read.findings().is_empty() {
            prop_assert_eq!(sum, total.unwrap_or(prompt + completion));
        }
    }

    #[test]
    fn anthropic_counts_are_all_there(
        input in 0_u64..1 << 30, output in 0_u64..1 << 30, read in 0_u64..1 << 30,
        short in 0_u64..1 << 30, long in 0_u64..1 << 30, beyond in 0_u64..1 << 30, thinking in 0_u64..1 << 31,
    ) {
        let usage = read_usage(UsageFormat::Anthropic, &json!({
            "input_tokens": input, "output_tokens": output, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": short + long + beyond,
            "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
            "output_tokens_details": {"thinking_tokens": thinking},
        })).unwrap();
        prop_assert_eq!(usage.tokens.total_input(), input + read + short + long + beyond);
        prop_assert_eq!(usage.tokens.total_output(), output);
        prop_assert_eq!(usage.tokens.get(Bucket::CacheWriteOther).unwrap_or(0), beyond);
        let odd = usize::from(beyond > 0) + usize::from(thinking > output);
        prop_assert_eq!(usage.findings().len(), odd);
    }

    #[test]
    fn gemini_counts_sum_up_to_the_total(
        text in 0_u64..100_000, image in 0_u64..100_000, audio in 0_u64..100_000, hidden in 0_u64..1_000,
        cached_share in 0_u64..=100, reply in 0_u64..100_000, thoughts in 0_u64..100_000, tools in 0_u64..10_000,
    ) {
        let prompt = text + image + audio + hidden;
        let total = prompt + reply + thoughts + tools;
        let usage = read_usage(UsageFormat::Gemini, &json!({
            "promptTokenCount": prompt, "candidatesTokenCount": reply, "thoughtsTokenCount": thoughts,
            "toolUsePromptTokenCount": tools, "totalTokenCount": total,
            "cachedContentTokenCount": prompt * cached_share / 100,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": text},
                {"modality": "IMAGE", "tokenCount": image}, {"modality": "AUDIO", "tokenCount": audio}],
        })).unwrap();
        prop_assert!(usage.findings().is_empty(), "{:?}", usage.findings());
        prop_assert_eq!(usage.tokens.total_input() + usage.tokens.total_output(), total);
        let cached = [Bucket::CacheRead, Bucket::CacheReadAudio, Bucket::CacheReadImage];
        let cached: u64 = cached.iter().filter_map(|bucket| usage.tokens.get(*bucket)).sum();
        prop_assert_eq!(cached, prompt * cached_share / 100);
    }
}
