//! What a reply took where its vendor states only half of it: what nobody counted is estimated, never nothing.

use assize_metering::{TokenUsage, UsageBasis};
use assize_vendors::WireFormat;

use crate::reading::{streamed, whole};

const TEXT: &str = "It is high water in an hour.";

fn events(events: &[&str]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n").replace("TEXT", TEXT)).collect()
}

/// Holds tokens against what is expected of input and output: so many, or an estimate (`None`) of more than nothing.
fn check(what: &str, tokens: TokenUsage, basis: UsageBasis, expected: (Option<u64>, Option<u64>)) {
    let found = (tokens.total_input(), tokens.total_output());
    for (found, expected) in [(found.0, expected.0), (found.1, expected.1)] {
        assert!(expected.map_or(found > 0, |expected| found == expected), "{what}: {tokens:?}");
    }
    let is_estimated = expected.0.is_none() || expected.1.is_none();
    assert_eq!(basis == UsageBasis::Estimated, is_estimated, "{what}");
}

#[test]
fn a_count_that_is_missing_is_not_nothing() {
    let chat =
        r#"{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"TEXT"}}],"usage":USAGE}"#;
    let message = r#"{"type":"message","content":[{"type":"text","text":"TEXT"}],"stop_reason":"end_turn","usage":USAGE}"#;
    let candidate = r#"{"candidates":[{"content":{"parts":[{"text":"TEXT"}]},"finishReason":"STOP"}],"usageMetadata":USAGE}"#;
    for (format, body, usage, expected) in [
        (WireFormat::OpenAiChat, chat, "null", (None, None)),
        (WireFormat::OpenAiChat, chat, "{}", (None, None)),
        (WireFormat::OpenAiChat, chat, r#"{"prompt_tokens":9}"#, (Some(9), None)),
        (WireFormat::OpenAiChat, chat, r#"{"completion_tokens":9}"#, (None, Some(9))),
        (WireFormat::OpenAiChat, chat, r#"{"prompt_tokens":9,"completion_tokens":"?"}"#, (Some(9), None)),
        (WireFormat::OpenAiChat, chat, r#"{"prompt_tokens":0,"completion_tokens":0}"#, (Some(0), Some(0))),
        (WireFormat::Anthropic, message, r#"{"input_tokens":9}"#, (Some(9), None)),
        (WireFormat::Anthropic, message, r#"{"input_tokens":9,"output_tokens":7}"#, (Some(9), Some(7))),
        (WireFormat::Gemini, candidate, r#"{"promptTokenCount":9}"#, (Some(9), None)),
    ] {
        let body = body.replace("TEXT", TEXT).replace("USAGE", usage);
        let reply = whole(format, body.as_bytes()).unwrap();
        check(usage, reply.usage.tokens, reply.usage.basis, expected);
    }
}

#[test]
fn streams_that_state_half() {
    let begun = r#"{"type":"message_start","message":{"usage":{"input_tokens":12,"output_tokens":1,"service_tier":"priority"}}}"#;
    let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT"}}"#;
    let ended = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#;
    let stream = events(&[begun, text, ended, r#"{"type":"message_stop"}"#]);
    let reply = streamed(WireFormat::Anthropic, [stream.as_bytes()]).end.unwrap();
    check("an end without usage", reply.usage.tokens, reply.usage.basis, (Some(12), None));

    // What the vendor said of how it bills stands, also where the stream is cut.
    let cut = streamed(WireFormat::Anthropic, [events(&[begun, text]).as_bytes()]).end.unwrap_err();
    let usage = &cut.partial().unwrap().usage;
    check("a cut stream", usage.tokens, usage.basis, (Some(12), None));
    assert_eq!(usage.billing(), reply.usage.billing());
    assert_ne!(usage.billing(), assize_metering::Billing::default());
}

#[test]
fn a_usage_of_nothing_before_the_text_is_not_the_last_word() {
    let begun = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":0}}"#;
    let text = r#"{"choices":[{"delta":{"content":"TEXT"}}]}"#;
    let cut = streamed(WireFormat::OpenAiChat, [events(&[begun, text]).as_bytes()]).end.unwrap_err();
    let usage = &cut.partial().unwrap().usage;
    check("cut after the text", usage.tokens, usage.basis, (Some(9), None));
}
