//! What vendors say when a call fails, in their own words, and what is made of it.

use std::time::Duration;

use assize_llm::ErrorKind::{
    Auth, BadRequest, ContextTooLong, Overloaded, Quota, RateLimited, Server, TimedOut,
};
use assize_vendors::WireFormat;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    reading::{fixture, whole},
    recordings,
};

fn read(status: u16, body: &[u8]) -> assize_llm::Error {
    WireFormat::OpenAiChat.read_failure(&"m".into(), status, body)
}

/// A line of the fixture: what a vendor said, and what it must come to.
#[derive(Debug, Deserialize)]
struct Case {
    about: String,
    vendor: String,
    status: u16,
    /// JSON, or as a text what is no JSON.
    body: Value,
    kind: String,
    /// What the message must hold.
    holds: String,
}

#[test]
fn refusals_of_every_vendor() {
    let text = String::from_utf8(fixture("failures.jsonl")).unwrap();
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let what = format!("{}, {}", case.about, case.vendor);
        let body = match &case.body {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let error = read(case.status, body.as_bytes());
        let message = error.to_string();
        assert_eq!(error.kind().key(), case.kind, "{what}: {message}");
        assert_eq!(error.status(), Some(case.status), "{what}");
        assert!(message.starts_with(&format!("ask m: status {}", case.status)), "{what}: {message}");
        assert!(message.contains(&case.holds), "{what}: {message}");
    }
    assert_eq!(text.lines().count(), 91);
}

#[test]
fn what_may_be_billed() {
    for (status, possibly_billed) in [(504, true), (408, true), (500, false), (429, false), (400, false)] {
        assert_eq!(read(status, b"").possibly_billed(), possibly_billed, "{status}");
    }
}

#[test]
fn waits_that_stand_in_the_body() {
    let wait = |body: &str| read(429, body.as_bytes()).retry_after();
    let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
    let delay = r#"{"error":{"code":429,"message":"Please retry in 9s.","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"12.5s"}]}}"#;
    assert_eq!(wait(delay), seconds(12.5));
    assert_eq!(
        wait(r#"{"error":{"message":"Please try again in 6m0s.","code":"rate_limit_exceeded"}}"#),
        seconds(360.0)
    );
    assert_eq!(wait(r#"{"error":{"message":"Slow down."}}"#), None);
}

#[test]
fn errors_inside_a_success() {
    for (body, kind) in [
        (json!({"error": {"message": "Overloaded", "type": "overloaded_error"}}), Overloaded),
        (json!({"error": {"message": "x", "code": 429}}), RateLimited),
        (json!({"error": {"message": "x", "code": 402}}), Quota),
        (json!({"error": {"message": "x", "code": 504}, "choices": [{"finish_reason": "error"}]}), TimedOut),
        (json!({"error": {"message": "x", "code": "rate_limit_exceeded"}}), RateLimited),
        (json!({"error": {"message": "x", "code": "context_length_exceeded"}}), ContextTooLong),
        (json!({"error": {"message": "x", "type": "invalid_request_error"}}), BadRequest),
        (json!({"error": {"message": "x", "type": "authentication_error"}}), Auth),
        (json!({"error": "an error was encountered while running the model"}), Server),
        (json!({"type": "error", "code": "server_error", "message": "x"}), Server),
        (json!({"object": "error", "message": "x", "type": "rate_limited", "code": "1300"}), RateLimited),
        (
            json!({"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded", "message": "x"}}}),
            RateLimited,
        ),
        (json!([{"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}]), Overloaded),
    ] {
        let error = whole(WireFormat::OpenAiChat, body.to_string().as_bytes()).unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, None), "{body}: {error}");
    }
    // What says that nothing is wrong is no error.
    for none in [json!(null), json!(""), json!({}), json!(false)] {
        let body =
            json!({"error": none, "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]});
        assert!(whole(WireFormat::OpenAiChat, body.to_string().as_bytes()).is_ok(), "{body}");
    }
}

#[test]
fn messages_are_short_and_hold_no_key() {
    let message =
        |text: &str| read(400, json!({"error": {"message": text}}).to_string().as_bytes()).to_string();
    let long = message(&"word ".repeat(1000));
    assert!(long.chars().count() < 560 && long.ends_with("word …"), "{long}");
    assert!(message(&"x".repeat(10_000)).chars().count() < 60, "a word that is too long could be a key");
    assert_eq!(message("a\r\nb\u{7}\tc\u{0}"), "ask m: status 400: a b c");
    for (text, shown) in [
        ("key sk-proj-abcdef0123456789abcdef, please", "key [secret], please"),
        ("(gsk_0123456789abcdefghij)", "([secret])"),
        ("?key=AIzaSy0123456789abcdefghij&x=1", "?key=[secret]&x=1"),
        ("\"xai-0123456789abcdef0123\"", "\"[secret]\""),
        ("sk-ab***yz", "[secret]"),
        ("sk-an****************Z4gA.", "[secret]."),
        ("**bold** and sk-learn", "**bold** and sk-learn"),
        ("ask-me-anything-1234567890", "ask-me-anything-1234567890"),
    ] {
        assert_eq!(message(text), format!("ask m: status 400: {shown}"));
    }
    // Errors in errors in errors: so deep and no deeper.
    let nested = (0..100).fold(json!({"message": "deep"}), |inner, _| json!({"error": inner}));
    assert!(read(400, nested.to_string().as_bytes()).to_string().len() < 600);
}

#[test]
fn every_recorded_refusal_is_read() {
    let mut n = 0;
    for recording in recordings::all() {
        if recording.status < 400 {
            continue;
        }
        n += 1;
        let error = read(recording.status, recording.body.as_bytes());
        let message = error.to_string();
        let is_key = ["api key", "authentication", "forbidden", "permission denied"]
            .iter()
            .any(|words| recording.body.to_ascii_lowercase().contains(words));
        let expected = match recording.status {
            _ if is_key => Auth,
            _ if recording.body.contains("context size")
                || recording.body.contains("too large to process") =>
            {
                ContextTooLong
            }
            500.. => Server,
            _ => BadRequest,
        };
        assert_eq!(error.kind(), expected, "{}: {message}", recording.name);
        assert!(!message.contains("no reason was given"), "{}: {message}", recording.name);
    }
    // Either there are no samples here, or there are all of them.
    assert!(n == 0 || n >= 3, "only {n} were read");
}
