//! Anthropic's messages: what is sent, and what comes back.

use assize_llm::{ChatRequest, ErrorKind, FinishReason, Message, ResponseFormat, Role};
use assize_metering::{TokenUsage, UsageBasis};
use assize_vendors::{Endpoint, WireFormat};
use serde_json::json;

use crate::reading::{check, fixture, sent, streamed, whole};

const FORMAT: WireFormat = WireFormat::Anthropic;

fn endpoint() -> Endpoint {
    let base = "https://api.anthropic.com/v1".parse().expect("an address");
    Endpoint::new("anthropic", FORMAT, base).with_key("sk-ant-hunter2")
}

#[test]
fn a_plain_request() {
    let (url, body) = sent(&endpoint(), &ChatRequest::new("Is it high water?"), false);
    assert_eq!(url, "https://api.anthropic.com/v1/messages");
    let expected = json!({"model": "some-model-1.5", "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Is it high water?"}]});
    assert_eq!(body, expected);
}

/// With the version and without, as the vendor's own clients take it.
#[test]
fn bases() {
    for (base, url) in [
        ("https://proxy.example.org", "https://proxy.example.org/v1/messages"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/messages"),
        ("https://proxy.example.org/v1/", "https://proxy.example.org/v1/messages"),
        ("https://proxy.example.org/anthropic", "https://proxy.example.org/anthropic/messages"),
    ] {
        let endpoint = Endpoint::new("proxy", FORMAT, base.parse().unwrap());
        assert_eq!(sent(&endpoint, &ChatRequest::new("?"), false).0, url);
    }
}

#[test]
fn a_request_with_everything() {
    let schema = json!({"type": "object", "properties": {"tide": {"type": "string"}},
        "required": ["tide"], "additionalProperties": false});
    let request = ChatRequest::new("Is it high water?")
        .with_system("You keep the harbour.")
        .with_max_tokens(50)
        .with_temperature(0.7)
        .with_stop(["END"])
        .with_seed(7)
        .with_messages([
            Message { role: Role::Assistant, text: "At six.".into() },
            Message { role: Role::User, text: "And now?".into() },
        ])
        .with_format(ResponseFormat::JsonSchema(schema.clone().into()));
    let (_, body) = sent(&endpoint(), &request, true);
    let expected = json!({"model": "some-model-1.5", "max_tokens": 50, "temperature": 0.7,
        "system": "You keep the harbour.", "stop_sequences": ["END"], "stream": true,
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "messages": [{"role": "user", "content": "Is it high water?"},
            {"role": "assistant", "content": "At six."}, {"role": "user", "content": "And now?"}]});
    assert_eq!(body, expected);
    // 0.7 and not 0.699999988079071.
    let sent = FORMAT.request(&endpoint(), &"m".into(), &request, true).unwrap();
    assert!(String::from_utf8_lossy(sent.body()).contains("\"temperature\":0.7}"));
}

#[test]
fn the_key_is_a_secret_header() {
    let request = FORMAT.request(&endpoint(), &"m".into(), &ChatRequest::new("?"), false).unwrap();
    let secrets: Vec<_> =
        request.secret_headers().iter().map(|(name, key)| (name.as_str(), key.expose())).collect();
    assert_eq!(secrets, [("x-api-key", "sk-ant-hunter2")]);
    assert!(!format!("{request:?}").contains("hunter2"));
    assert!(request.headers().contains(&("anthropic-version".to_owned(), "2023-06-01".to_owned())));
    let keyless = Endpoint::new("local", FORMAT, "http://127.0.0.1:9/v1".parse().unwrap());
    let request = FORMAT.request(&keyless, &"m".into(), &ChatRequest::new("?"), false).unwrap();
    assert!(request.secret_headers().is_empty());
}

#[test]
fn a_temperature_that_is_no_number() {
    let request = ChatRequest::new("?").with_temperature(f32::NAN);
    let error = FORMAT.request(&endpoint(), &"m".into(), &request, false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
}

#[test]
fn replies_whole_and_streamed() {
    let uncached = |input, output| TokenUsage {
        cache_read: Some(0),
        cache_write_5m: Some(0),
        ..TokenUsage::of(input, output)
    };
    let calls = [("toolu_01A", "tide", r#"{"port":"Leith","day":2}"#), ("toolu_01B", "now", "{}")];
    let wet = "The harbour is open, 3 °C, light rain 🌧.";
    let thought = "Oats need 90 g. Check: 3 × 30.";
    check(FORMAT, "anthropic/text", (wet, "", &[], FinishReason::Stop), uncached(21, 17));
    check(
        FORMAT,
        "anthropic/tools",
        ("I shall look.", "", &calls, FinishReason::ToolCalls),
        uncached(310, 71),
    );
    check(
        FORMAT,
        "anthropic/searched",
        ("High water is at noon.", "", &[], FinishReason::Stop),
        uncached(900, 80),
    );
    check(FORMAT, "anthropic/length", ("One, two, thr", "", &[], FinishReason::Length), uncached(12, 5));
    check(FORMAT, "anthropic/refusal", ("", "", &[], FinishReason::ContentFilter), uncached(50, 1));
    check(FORMAT, "anthropic/stopped", ("alpha ", "", &[], FinishReason::Stop), uncached(15, 3));
    let mut tokens = TokenUsage::of(40, 55);
    (tokens.cache_read, tokens.cache_write_5m) = (Some(1000), Some(200));
    check(FORMAT, "anthropic/thinking", ("90 g.", thought, &[], FinishReason::Stop), tokens);
}

#[test]
fn ends_of_every_name() {
    for (reason, expected) in [
        ("\"end_turn\"", FinishReason::Stop),
        ("\"stop_sequence\"", FinishReason::Stop),
        ("\"max_tokens\"", FinishReason::Length),
        ("\"model_context_window_exceeded\"", FinishReason::Length),
        ("\"tool_use\"", FinishReason::ToolCalls),
        ("\"refusal\"", FinishReason::ContentFilter),
        ("\"pause_turn\"", FinishReason::Other),
        ("\"something_new\"", FinishReason::Other),
        ("null", FinishReason::Other),
        ("7", FinishReason::Other),
    ] {
        let body = format!(r#"{{"content": [{{"type": "text", "text": "a"}}], "stop_reason": {reason}}}"#);
        let reply = whole(FORMAT, body.as_bytes()).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("a", expected), "{reason}");
    }
}

#[test]
fn streams_that_fail() {
    let streamed_of = |name: &str| streamed(FORMAT, fixture(name).chunks(11));
    let error = streamed_of("anthropic/overloaded_inside.sse").end.unwrap_err();
    assert_eq!((error.kind(), error.possibly_billed()), (ErrorKind::Overloaded, true));
    assert_eq!(error.to_string(), "ask asked: the reply holds an error overloaded_error: Overloaded");
    assert_eq!(error.partial().map(|partial| partial.text.as_str()), Some("It is  "));
    let cut = streamed_of("anthropic/cut.sse");
    let error = cut.end.unwrap_err();
    assert_eq!((error.kind(), cut.text.as_str()), (ErrorKind::CutStream, "It is high water"));
    let partial = error.partial().unwrap();
    assert_eq!((partial.text.as_str(), partial.usage.basis), ("It is high water", UsageBasis::Estimated));
    assert_eq!(partial.usage.tokens.total_input(), 9, "what the vendor stated of the input stands");
    // Nothing after the end counts, not even what cannot be read.
    let mut body = fixture("anthropic/text.sse");
    body.extend_from_slice(b"data: {broken\n\n");
    for size in [body.len(), 5] {
        assert!(streamed(FORMAT, body.chunks(size)).end.is_ok());
    }
}

#[test]
fn bodies_that_are_no_message() {
    for body in
        [&b""[..], b"null", b"[]", b"{}", b"{\"content\": 3}", b"{\"content\"", b"\xff\xfe", b"<html>"]
    {
        let error = whole(FORMAT, body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{}", String::from_utf8_lossy(body));
    }
}
