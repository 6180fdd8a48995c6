//! Gemini's `generateContent`: what is sent, and what comes back.

use assize_llm::{ChatRequest, ErrorKind, FinishReason, Message, ResponseFormat, Role};
use assize_metering::TokenUsage;
use assize_vendors::{Endpoint, WireFormat};
use serde_json::json;

use crate::reading::{check, fixture, sent, streamed, whole};

const FORMAT: WireFormat = WireFormat::Gemini;

fn endpoint() -> Endpoint {
    let base = "https://generativelanguage.googleapis.com/v1beta/".parse().expect("an address");
    Endpoint::new("gemini", FORMAT, base).with_key("AIza-hunter2")
}

#[test]
fn a_plain_request() {
    let (url, body) = sent(&endpoint(), &ChatRequest::new("Is it high water?"), false);
    assert_eq!(url, "https://generativelanguage.googleapis.com/v1beta/models/some-model-1.5:generateContent");
    assert_eq!(body, json!({"contents": [{"role": "user", "parts": [{"text": "Is it high water?"}]}]}));
}

#[test]
fn a_request_with_everything() {
    let schema = json!({"type": "object", "properties": {"tide": {"type": "string"}}});
    let request = ChatRequest::new("Is it high water?")
        .with_system("You keep the harbour.")
        .with_max_tokens(50)
        .with_temperature(0.1)
        .with_stop(["END", "STOP"])
        .with_seed(u64::MAX)
        .with_messages([Message { role: Role::Assistant, text: "At six.".into() }])
        .with_format(ResponseFormat::JsonSchema(schema.clone().into()));
    let (url, body) = sent(&endpoint(), &request, true);
    assert!(url.ends_with("/v1beta/models/some-model-1.5:streamGenerateContent?alt=sse"), "{url}");
    let expected = json!({
        "systemInstruction": {"parts": [{"text": "You keep the harbour."}]},
        "contents": [{"role": "user", "parts": [{"text": "Is it high water?"}]},
            {"role": "model", "parts": [{"text": "At six."}]}],
        "generationConfig": {"maxOutputTokens": 50, "temperature": 0.1, "stopSequences": ["END", "STOP"],
            "seed": 2_147_483_647, "responseMimeType": "application/json", "responseJsonSchema": schema}});
    assert_eq!(body, expected);
}

#[test]
fn the_key_is_a_secret_header() {
    let request = FORMAT.request(&endpoint(), &"m".into(), &ChatRequest::new("?"), false).unwrap();
    let secrets: Vec<_> =
        request.secret_headers().iter().map(|(name, key)| (name.as_str(), key.expose())).collect();
    assert_eq!(secrets, [("x-goog-api-key", "AIza-hunter2")]);
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn names_of_models() {
    let url = |name: &str| {
        let request = FORMAT.request(&endpoint(), &name.into(), &ChatRequest::new("?"), false);
        request.map(|request| request.url().as_str().to_owned())
    };
    for (name, path) in
        [("gemini-2.5-flash", "models/gemini-2.5-flash"), ("tunedModels/my-1", "tunedModels/my-1")]
    {
        let expected = format!("https://generativelanguage.googleapis.com/v1beta/{path}:generateContent");
        assert_eq!(url(name).unwrap(), expected);
    }
    for name in ["", "a b", "../../v1/x", "a/../b", "a?b", "a#b", "a%2e", "a:b", "/a", "a/", "é"] {
        assert_eq!(url(name).unwrap_err().kind(), ErrorKind::BadRequest, "{name}");
    }
}

#[test]
fn replies_whole_and_streamed() {
    let calls = [("", "tide", r#"{"port":"Leith","day":2}"#), ("", "now", "{}")];
    let calm = "Low water at six, 🌊 calm.";
    check(FORMAT, "gemini/text", (calm, "", &[], FinishReason::Stop), TokenUsage::of(14, 9));
    check(FORMAT, "gemini/length", ("One, two, thr", "", &[], FinishReason::Length), TokenUsage::of(5, 6));
    check(
        FORMAT,
        "gemini/ran_code",
        ("Running. It is 42.", "", &[], FinishReason::Stop),
        TokenUsage::of(30, 40),
    );
    let tokens = TokenUsage { output_reasoning: Some(12), ..TokenUsage::of(77, 21) };
    check(FORMAT, "gemini/tools", ("", "", &calls, FinishReason::ToolCalls), tokens);
    let tokens = TokenUsage { output_reasoning: Some(33), cache_read: Some(8), ..TokenUsage::of(12, 1) };
    check(FORMAT, "gemini/thoughts", ("12", "Six plus six is twelve.", &[], FinishReason::Stop), tokens);
}

#[test]
fn ends_of_every_name() {
    for (reason, expected) in [
        ("STOP", FinishReason::Stop),
        ("MAX_TOKENS", FinishReason::Length),
        ("SAFETY", FinishReason::ContentFilter),
        ("RECITATION", FinishReason::ContentFilter),
        ("BLOCKLIST", FinishReason::ContentFilter),
        ("PROHIBITED_CONTENT", FinishReason::ContentFilter),
        ("SPII", FinishReason::ContentFilter),
        ("MODEL_ARMOR", FinishReason::ContentFilter),
        ("IMAGE_SAFETY", FinishReason::ContentFilter),
        ("LANGUAGE", FinishReason::Other),
        ("OTHER", FinishReason::Other),
        ("MALFORMED_FUNCTION_CALL", FinishReason::Other),
        ("UNEXPECTED_TOOL_CALL", FinishReason::Other),
        ("FINISH_REASON_UNSPECIFIED", FinishReason::Other),
        ("SOMETHING_NEW", FinishReason::Other),
    ] {
        let body = json!({"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": reason}]});
        let reply = whole(FORMAT, body.to_string().as_bytes()).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("a", expected), "{reason}");
    }
}

#[test]
fn what_was_filtered() {
    let reply = whole(FORMAT, &fixture("gemini/safety.json")).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("", FinishReason::ContentFilter));
    let error = whole(FORMAT, &fixture("gemini/blocked.json")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentFilter);
    assert_eq!(error.to_string(), "ask asked: its filter blocked the prompt: PROHIBITED_CONTENT");
    let error = whole(FORMAT, &fixture("gemini/no_candidate.json")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[test]
fn a_stream_that_came_as_a_list() {
    let reply = whole(FORMAT, &fixture("gemini/list.json")).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("Low water.", FinishReason::Stop));
    assert_eq!(reply.usage.tokens, TokenUsage::of(4, 3));
    let body = br#"[{"candidates": [{}]}, {"error": {"code": 500, "message": "x", "status": "INTERNAL"}}]"#;
    assert_eq!(whole(FORMAT, body).unwrap_err().kind(), ErrorKind::Server);
}

#[test]
fn streams_that_fail() {
    let cut = streamed(FORMAT, fixture("gemini/cut.sse").chunks(9));
    let error = cut.end.unwrap_err();
    assert_eq!((error.kind(), cut.text.as_str()), (ErrorKind::CutStream, "Low wat"));
    let failed = streamed(FORMAT, fixture("gemini/error_inside.sse").chunks(9));
    let error = failed.end.unwrap_err();
    assert_eq!((error.kind(), error.possibly_billed()), (ErrorKind::Overloaded, true));
    assert_eq!(error.partial().map(|partial| partial.text.as_str()), Some("Low "));
}
