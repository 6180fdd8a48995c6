//! What went wrong elsewhere in the reading of usages, a test for each thread, and what is near to it. The figures are
//! ours.

use assize_ambient::Timestamp;
use assize_metering::{
    Bucket, ErrorKind, FindingKind, PriceBook, TokenUsage, Usage, UsageFormat, UsageStream, read_usage,
};
use serde_json::{Value, json};

fn read(format: UsageFormat, usage: &Value) -> Usage {
    read_usage(format, usage).expect("it is an object with a usage")
}

fn folded(format: UsageFormat, events: &[Value]) -> Option<Usage> {
    let mut stream = UsageStream::new(format);
    events.iter().for_each(|event| stream.observe(event));
    stream.finish()
}

fn is_cut(usage: &Usage) -> bool {
    usage.findings().iter().any(|finding| finding.kind == FindingKind::StreamCut)
}

/// BerriAI/litellm#9812: cached tokens were billed twice.
#[test]
fn litellm_9812_cached_tokens_are_not_billed_twice() {
    let usage = read(
        UsageFormat::Anthropic,
        &json!({"input_tokens": 1_000, "cache_read_input_tokens": 40_000, "cache_creation_input_tokens": 2_000,
                "output_tokens": 500}),
    );
    assert_eq!(usage.tokens.input, Some(1_000));
    let price = PriceBook::embedded().find("claude-3-5-sonnet-20241022", Timestamp::UNIX_EPOCH).unwrap();
    let cost = price.cost(&usage.tokens, usage.billing().mode).unwrap();
    // 1,000 × 3 + 40,000 × 0.30 + 2,000 × 3.75 + 500 × 15
    assert_eq!(cost.total().to_string(), "0.03");
}

/// BerriAI/litellm#11364: cached tokens were billed twice. Here where the total includes them.
#[test]
fn litellm_11364_a_cache_within_the_prompt_is_taken_off_it() {
    let usage = read(
        UsageFormat::OpenAiChat,
        &json!({"prompt_tokens": 9_000, "completion_tokens": 10, "total_tokens": 9_010,
                "cache_read_input_tokens": 8_000, "cache_creation_input_tokens": 500,
                "prompt_tokens_details": {"cached_tokens": 8_000}}),
    );
    let expected =
        TokenUsage { cache_read: Some(8_000), cache_write_5m: Some(500), ..TokenUsage::of(500, 10) };
    assert_eq!((usage.tokens, usage.findings()), (expected, &[][..]));
}

/// BerriAI/litellm#14849: Gemini's cached tokens were billed twice, four times too much in all.
#[test]
fn litellm_14849_geminis_cached_part_is_within_its_prompt() {
    let usage = read(
        UsageFormat::Gemini,
        &json!({"promptTokenCount": 4_612, "cachedContentTokenCount": 3_765, "candidatesTokenCount": 3,
                "totalTokenCount": 4_615}),
    );
    assert_eq!(usage.tokens, TokenUsage { cache_read: Some(3_765), ..TokenUsage::of(847, 3) });
}

/// BerriAI/litellm#31282 and #40016: with prices of one's own, cached tokens were billed twice.
#[test]
fn litellm_40016_buckets_sum_up_to_the_prompt() {
    let usage = read(
        UsageFormat::OpenAiResponses,
        &json!({"input_tokens": 2_000, "output_tokens": 100, "total_tokens": 2_100,
                "input_tokens_details": {"cached_tokens": 1_800, "cache_write_tokens": 150}}),
    );
    assert_eq!((usage.tokens.total_input(), usage.tokens.input), (2_000, Some(50)));
}

/// maximhq/bifrost#904: a cached prompt was billed five times too high. Here where two fields state the same count.
#[test]
fn bifrost_904_a_cache_read_is_one_bucket_only() {
    let usage = read(
        UsageFormat::BedrockConverse,
        &json!({"inputTokens": 5, "outputTokens": 7, "totalTokens": 10_012, "cacheReadInputTokens": 10_000,
                "cacheReadInputTokenCount": 10_000}),
    );
    assert_eq!(usage.tokens, TokenUsage { cache_read: Some(10_000), ..TokenUsage::of(5, 7) });
}

/// maximhq/bifrost#3451: cached tokens were billed twice. Here cache writes with a breakdown.
#[test]
fn bifrost_3451_cache_writes_are_billed_once_by_lifetime() {
    let usage = read(
        UsageFormat::Anthropic,
        &json!({"input_tokens": 10, "output_tokens": 20, "cache_creation_input_tokens": 3_000,
                "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000}}),
    );
    let expected =
        TokenUsage { cache_write_5m: Some(1_000), cache_write_1h: Some(2_000), ..TokenUsage::of(10, 20) };
    assert_eq!(usage.tokens, expected);
}

/// maximhq/bifrost#5354: the snapshots of a stream were added up.
#[test]
fn bifrost_5354_stream_snapshots_are_not_added() {
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 100, "cache_read_input_tokens": 900,
                                                              "output_tokens": 1}}}),
        json!({"type": "message_delta", "delta": {}, "usage": {"input_tokens": 100, "output_tokens": 20}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
               "usage": {"input_tokens": 100, "cache_read_input_tokens": null, "output_tokens": 35}}),
        json!({"type": "message_stop"}),
    ];
    let usage = folded(UsageFormat::Anthropic, &events).unwrap();
    assert_eq!(usage.tokens, TokenUsage { cache_read: Some(900), ..TokenUsage::of(100, 35) });
    assert!(usage.findings().is_empty());
}

/// BerriAI/litellm#37923: streams were logged at nearly nothing, so that no budget ever fired.
#[test]
fn litellm_37923_a_stream_without_a_usage_is_unknown_and_not_free() {
    let events = [
        json!({"choices": [{"delta": {"content": "He"}, "finish_reason": null}], "usage": null}),
        json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": null}),
    ];
    assert_eq!(folded(UsageFormat::OpenAiChat, &events), None);
    let error = read_usage(UsageFormat::OpenAiChat, &events[1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidUsage);
}

/// BerriAI/litellm#35290: without the usage chunk, reasoning was undercounted by more than nine tenths.
#[test]
fn litellm_35290_reasoning_that_nobody_sees_is_counted() {
    let events = [
        json!({"choices": [{"delta": {"content": "42"}, "finish_reason": "stop"}]}),
        json!({"choices": [], "usage": {"prompt_tokens": 50, "completion_tokens": 1_500, "total_tokens": 1_550,
               "completion_tokens_details": {"reasoning_tokens": 1_472}}}),
    ];
    let usage = folded(UsageFormat::OpenAiChat, &events).unwrap();
    assert_eq!((usage.tokens.output, usage.tokens.output_reasoning), (Some(28), Some(1_472)));
}

/// BerriAI/litellm#36426: the row of a stream was silently dropped. Here what is odd around a usage loses no tokens.
#[test]
fn litellm_36426_an_odd_last_chunk_keeps_its_usage() {
    let odd = json!({"choices": null, "service_tier": 7, "usage": {"prompt_tokens": 50, "completion_tokens": 9,
                     "total_tokens": 59, "completion_tokens_details": "none", "extra": [null]}});
    let usage = folded(UsageFormat::OpenAiChat, &[odd]).unwrap();
    assert_eq!(usage.tokens, TokenUsage::of(50, 9));
    let kinds: Vec<FindingKind> = usage.findings().iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::WrongType, FindingKind::UnknownWord]);
}

/// BerriAI/litellm#33736, on cancelled streams: what was known of the prompt stays known.
#[test]
fn litellm_33736_a_stream_that_was_left_keeps_its_prompt() {
    let start =
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 8_000, "output_tokens": 1}}});
    let usage = folded(UsageFormat::Anthropic, &[start]).unwrap();
    assert_eq!((usage.tokens.input, usage.tokens.output), (Some(8_000), None));
    assert!(is_cut(&usage));
}

/// BerriAI/litellm#36008, on cancelled streams: the placeholder at the start is not the reply's count.
#[test]
fn litellm_36008_the_first_output_count_is_no_reply() {
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 12, "output_tokens": 1}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Once upon"}}),
        json!({"type": "error", "error": {"type": "overloaded_error"}}),
    ];
    let usage = folded(UsageFormat::Anthropic, &events).unwrap();
    assert_eq!(usage.tokens.output, None);
    assert_eq!(usage.report.as_ref().unwrap().raw["output_tokens"], 1);
}

/// BerriAI/litellm#37558, on cancelled streams: the last snapshot is kept, and flagged.
#[test]
fn litellm_37558_a_cut_stream_keeps_the_last_snapshot() {
    let chunk = |reply: u64| {
        json!({"choices": [{"delta": {"content": "a"}}],
               "usage": {"prompt_tokens": 9, "completion_tokens": reply, "total_tokens": 9 + reply}})
    };
    let usage = folded(UsageFormat::OpenAiChat, &[chunk(1), chunk(2), chunk(3)]).unwrap();
    assert_eq!(usage.tokens, TokenUsage::of(9, 3));
    assert!(is_cut(&usage));
}

/// BerriAI/litellm#37992: an explicit zero was taken for a missing count and replaced by an estimate.
#[test]
fn litellm_37992_an_explicit_zero_is_kept() {
    let stopped =
        json!({"type": "message_delta", "delta": {"stop_reason": "refusal"}, "usage": {"output_tokens": 0}});
    let start =
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 30, "output_tokens": 1}}});
    let usage = folded(UsageFormat::Anthropic, &[start, stopped]).unwrap();
    assert_eq!((usage.tokens.output, is_cut(&usage)), (Some(0), false));
    let usage = read(
        UsageFormat::OpenAiChat,
        &json!({"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 3}),
    );
    assert_eq!(usage.tokens, TokenUsage::of(3, 0));
}

/// BerriAI/litellm#13245, on cancelled streams: Gemini's largest snapshot is kept, and flagged.
#[test]
fn litellm_13245_a_cut_stream_is_never_taken_for_a_whole_one() {
    let chunk = json!({"candidates": [{"content": {}}], "usageMetadata": {"promptTokenCount": 20,
                       "candidatesTokenCount": 21, "thoughtsTokenCount": 69, "totalTokenCount": 110}});
    let smaller = json!({"candidates": [{"content": {}}],
                         "usageMetadata": {"promptTokenCount": 20, "totalTokenCount": 20}});
    let usage = folded(UsageFormat::Gemini, &[chunk, smaller]).unwrap();
    assert_eq!(usage.tokens.total_output(), 90);
    assert!(is_cut(&usage));
}

/// Anthropic states the prompt at the start of a stream and the reply at its end.
#[test]
fn a_streams_usage_is_put_together() {
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 25, "output_tokens": 1}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}),
    ];
    assert_eq!(folded(UsageFormat::Anthropic, &events).unwrap().tokens, TokenUsage::of(25, 15));
}

/// Ollama's counts are read from between the text of its reply.
#[test]
fn what_the_vendor_states_is_what_counts() {
    let body = json!({"message": {"content": "some words of a reply"}, "done": true, "prompt_eval_count": 26,
                      "eval_count": 298});
    assert_eq!(read(UsageFormat::Ollama, &body).tokens, TokenUsage::of(26, 298));
}

/// Mistral's last chunk holds the usage and still has choices.
#[test]
fn a_usage_beside_choices_is_read() {
    let last = json!({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}],
                      "usage": {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}});
    let usage = folded(UsageFormat::OpenAiChat, &[last]).unwrap();
    assert_eq!((usage.tokens, is_cut(&usage)), (TokenUsage::of(20, 8), false));
}

/// tensorzero/tensorzero#5267: cached usage was reported as zero.
#[test]
fn tensorzero_5267_cached_usage_is_not_nothing() {
    let usage = read(
        UsageFormat::OpenAiChat,
        &json!({"prompt_tokens": 1_024, "completion_tokens": 4, "total_tokens": 1_028,
                "prompt_cache_hit_tokens": 1_024, "prompt_cache_miss_tokens": 0,
                "prompt_tokens_details": {"cached_tokens": 1_024}}),
    );
    assert_eq!(usage.tokens, TokenUsage { cache_read: Some(1_024), ..TokenUsage::of(0, 4) });
    assert_eq!(usage.tokens.get(Bucket::CacheRead), Some(1_024));
}
