//! `OpenAI`'s chat completions and their dialects.

use assize_llm::{
    ChatReply, ChatRequest, Error, ErrorKind, FinishReason, Message, ModelId, ReplyDelta, ResponseFormat,
    Role,
};
use assize_metering::UsageBasis;
use assize_vendors::{Endpoint, WireFormat};
use serde_json::{Value, json};

/// Reads a stream of these events, and gives its deltas as well.
pub(crate) fn read_stream(format: WireFormat, text: &str) -> (Vec<ReplyDelta>, Result<ChatReply, Error>) {
    let mut reader = format.reader(&"m".into(), ChatRequest::new("Is it raining?"));
    let mut deltas = Vec::new();
    let read = match reader.push(text.as_bytes(), &mut deltas) {
        Ok(()) => reader.finish(&mut deltas),
        Err(error) => Err(reader.failed(error)),
    };
    (deltas, read)
}

pub(crate) fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

fn whole(body: &Value) -> Result<ChatReply, Error> {
    WireFormat::OpenAiChat.read_reply(
        &"m".into(),
        &ChatRequest::new("Is it raining?"),
        body.to_string().as_bytes(),
    )
}

fn streamed(list: &[Value]) -> Result<ChatReply, Error> {
    read_stream(WireFormat::OpenAiChat, &events(list)).1
}

fn of_message(message: &Value, finish: &str) -> ChatReply {
    whole(&json!({"choices": [{"message": message, "finish_reason": finish}]})).expect("a reply")
}

/// What is sent to this endpoint for this model.
pub(crate) fn written(
    endpoint: &str,
    model: &str,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Value, Error> {
    let endpoint = Endpoint::known(endpoint)?.with_key("sk-test");
    let model: ModelId = model.into();
    let request = endpoint.format().request(&endpoint, &model, request, streamed)?;
    Ok(serde_json::from_slice(request.body()).expect("a body of JSON"))
}

/// A request with everything in it.
pub(crate) fn full() -> ChatRequest {
    let schema = json!({"type": "object", "properties": {"rain": {"type": "boolean"}}, "required": ["rain"], "additionalProperties": false});
    ChatRequest::new("Is it raining?")
        .with_system("Answer briefly.")
        .with_messages([
            Message { role: Role::Assistant, text: "Where?".into() },
            Message { role: Role::User, text: "Here.".into() },
        ])
        .with_max_tokens(50)
        .with_temperature(0.7)
        .with_stop(["\n", "END"])
        .with_seed(7)
        .with_format(ResponseFormat::JsonSchema(schema.into()))
}

#[test]
fn a_full_request() {
    let request = full();
    let ResponseFormat::JsonSchema(schema) = &request.format else { unreachable!("it has a schema") };
    let expected = json!({
        "model": "llama",
        "messages": [
            {"role": "system", "content": "Answer briefly."},
            {"role": "user", "content": "Is it raining?"},
            {"role": "assistant", "content": "Where?"},
            {"role": "user", "content": "Here."},
        ],
        "max_tokens": 50,
        "temperature": 0.7,
        "seed": 7,
        "stop": ["\n", "END"],
        "response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": true, "schema": schema}},
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    assert_eq!(written("vllm", "llama", &request, true).unwrap(), expected);
    let plain = written("vllm", "llama", &ChatRequest::new("Hello"), false).unwrap();
    assert_eq!(plain, json!({"model": "llama", "messages": [{"role": "user", "content": "Hello"}]}));
}

#[test]
fn a_request_with_a_key() {
    let endpoint =
        Endpoint::known("openai").unwrap().with_key(" sk-test\n").with_header("openai-project", "p").unwrap();
    let request = WireFormat::OpenAiChat
        .request(&endpoint, &"gpt-4o".into(), &ChatRequest::new("Hello"), false)
        .unwrap();
    assert_eq!(request.url().as_str(), "https://api.openai.com/v1/chat/completions");
    let headers: Vec<(&str, &str)> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, [("content-type", "application/json"), ("openai-project", "p")]);
    let (name, secret) = &request.secret_headers()[0];
    assert_eq!((name.as_str(), secret.expose()), ("authorization", "Bearer sk-test"));
    assert!(!format!("{request:?} {endpoint:?}").contains("sk-test"));
}

#[test]
fn dialects_of_requests() {
    let request = || full().with_stop(Vec::<String>::new());
    // endpoint, model, what the body has, what it has not
    for (endpoint, model, has, lacks) in [
        (
            "openai",
            "gpt-4o",
            json!({"max_completion_tokens": 50, "seed": 7, "temperature": 0.7}),
            &["max_tokens"][..],
        ),
        (
            "openai",
            "o4-mini",
            json!({"max_completion_tokens": 50, "seed": 7}),
            &["max_tokens", "temperature"],
        ),
        ("openai", "gpt-5-nano", json!({"max_completion_tokens": 50}), &["temperature"]),
        ("openai", "gpt-5.1", json!({"temperature": 0.7}), &[]),
        ("openai", "gpt-5-chat-latest", json!({"temperature": 0.7}), &[]),
        (
            "mistral",
            "mistral-small-latest",
            json!({"random_seed": 7, "max_tokens": 50}),
            &["seed", "stream_options"],
        ),
        (
            "deepseek",
            "deepseek-chat",
            json!({"response_format": {"type": "json_object"}, "temperature": 0.7}),
            &["seed"],
        ),
        ("deepseek", "deepseek-reasoner", json!({"max_tokens": 50}), &["seed", "temperature"]),
        (
            "groq",
            "llama-3.3-70b-versatile",
            json!({"response_format": {"type": "json_object"}}),
            &["max_tokens"],
        ),
        ("openrouter", "openai/gpt-4o", json!({"max_tokens": 50, "seed": 7}), &["stream_options"]),
        ("xai", "grok-4", json!({"max_completion_tokens": 50, "seed": 7}), &[]),
        ("ollama", "qwen3", json!({"max_tokens": 50, "stream_options": {"include_usage": true}}), &[]),
        ("llama.cpp", "qwen3", json!({"max_tokens": 50, "seed": 7}), &[]),
    ] {
        let body = written(endpoint, model, &request(), true).unwrap();
        for (field, value) in has.as_object().unwrap() {
            assert_eq!(body.get(field), Some(value), "{endpoint} {model}: {field}");
        }
        for field in lacks {
            assert_eq!(body.get(*field), None, "{endpoint} {model}: {field}");
        }
    }
    let role = |model| written("openai", model, &request(), false).unwrap()["messages"][0]["role"].clone();
    assert_eq!((role("gpt-4o"), role("o3")), (json!("system"), json!("developer")));
    // Where the vendor takes no schema, the prompt holds it.
    for (endpoint, model, holds) in
        [("deepseek", "deepseek-chat", true), ("groq", "openai/gpt-oss-20b", false)]
    {
        let body = written(endpoint, model, &request(), false).unwrap();
        let system = body["messages"][0]["content"].as_str().unwrap();
        assert_eq!(system.contains(r#""required":["rain"]"#), holds, "{system}");
        assert!(system.starts_with("Answer briefly."));
    }
}

#[test]
fn stop_sequences_are_never_left_out() {
    let many = ChatRequest::new("Hello").with_stop(["1", "2", "3", "4", "5"]);
    for (endpoint, model, stop, taken) in [
        ("openai", "gpt-4o", 4, true),
        ("openai", "gpt-4o", 5, false),
        ("openai", "o3-mini", 1, false),
        ("openai-responses", "gpt-4o", 1, false),
        ("xai", "grok-4", 1, false),
        ("xai", "grok-4.20-non-reasoning", 4, true),
        ("gemini", "gemini-2.5-flash", 5, true),
        ("deepseek", "deepseek-chat", 5, true),
        ("vllm", "llama", 5, true),
        ("ollama-native", "llama", 5, true),
    ] {
        let request = many.clone().with_stop(many.stop.iter().take(stop).cloned());
        match written(endpoint, model, &request, false) {
            Ok(_) => assert!(taken, "{endpoint} {model} {stop}"),
            Err(error) => {
                assert!(!taken, "{endpoint} {model} {stop}: {error}");
                assert_eq!(error.kind(), ErrorKind::BadRequest);
                assert!(error.to_string().contains("`stop`"), "{error}");
            }
        }
    }
}

#[test]
fn a_temperature_must_be_a_number() {
    let error =
        written("vllm", "llama", &ChatRequest::new("Hello").with_temperature(f32::NAN), false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
}

#[test]
fn a_whole_reply() {
    let reply = whole(&json!({
        "id": "chatcmpl-1", "model": "gpt-4o-2024-08-06", "object": "chat.completion",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes.", "refusal": null}}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
    }))
    .unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("Yes.", FinishReason::Stop));
    assert_eq!((reply.usage.tokens.total_input(), reply.usage.tokens.total_output()), (12, 3));
    assert_eq!(reply.served_by, Some("gpt-4o-2024-08-06".into()));
    assert_eq!(reply.vendor_id.as_deref(), Some("chatcmpl-1"));
    assert_eq!((reply.reasoning, reply.tool_calls.len()), (None, 0));
}

#[test]
fn dialects_of_messages() {
    for (what, message, text, reasoning) in [
        ("a text", json!({"content": "a"}), "a", None),
        ("nothing", json!({"content": null}), "", None),
        (
            "parts",
            json!({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"type": "image_url"}]}),
            "ab",
            None,
        ),
        ("parts that are texts", json!({"content": ["a", "b"]}), "ab", None),
        (
            "thinking parts",
            json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, {"type": "text", "text": "a"}]}),
            "a",
            Some("t"),
        ),
        ("a thinking part", json!({"content": [{"type": "thinking", "thinking": "t"}]}), "", Some("t")),
        ("reasoning_content", json!({"content": "a", "reasoning_content": "t"}), "a", Some("t")),
        ("reasoning", json!({"content": "a", "reasoning": "t"}), "a", Some("t")),
        ("both", json!({"content": "a", "reasoning_content": "t", "reasoning": "t"}), "a", Some("t")),
        (
            "the first empty",
            json!({"content": "a", "reasoning_content": "", "reasoning": "t"}),
            "a",
            Some("t"),
        ),
        (
            "details",
            json!({"content": "a", "reasoning_details": [{"type": "reasoning.text", "text": "t"}, {"type": "reasoning.summary", "summary": "u"}, {"type": "reasoning.encrypted", "data": "x"}]}),
            "a",
            Some("tu"),
        ),
        (
            "details again",
            json!({"content": "a", "reasoning": "t", "reasoning_details": [{"type": "reasoning.text", "text": "t"}]}),
            "a",
            Some("t"),
        ),
        ("an object for reasoning", json!({"content": "a", "reasoning": {"effort": "low"}}), "a", None),
    ] {
        let reply = of_message(&message, "stop");
        assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), (text, reasoning), "{what}");
        let reply = streamed(&[json!({"choices": [{"delta": message, "finish_reason": "stop"}]})]).unwrap();
        assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), (text, reasoning), "{what}, streamed");
    }
}

#[test]
fn a_refusal_is_text_that_the_filter_ended() {
    let reply = of_message(&json!({"content": null, "refusal": "I cannot."}), "stop");
    assert_eq!((reply.text.as_str(), reply.finish), ("I cannot.", FinishReason::ContentFilter));
    let list = [
        json!({"choices": [{"delta": {"refusal": "I "}}]}),
        json!({"choices": [{"delta": {"refusal": "cannot."}}]}),
        json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
    ];
    let reply = streamed(&list).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("I cannot.", FinishReason::ContentFilter));
    let cut = streamed(&list[..2]).unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::CutStream, "a refusal that breaks off is not whole");
    let reply = of_message(&json!({"content": "a", "refusal": ""}), "stop");
    assert_eq!(reply.finish, FinishReason::Stop);
}

#[test]
fn words_for_the_end() {
    for (word, finish) in [
        ("stop", FinishReason::Stop),
        ("STOP", FinishReason::Stop),
        ("eos", FinishReason::Stop),
        ("end_turn", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("max_tokens", FinishReason::Length),
        ("model_length", FinishReason::Length),
        ("content_filter", FinishReason::ContentFilter),
        ("tool_calls", FinishReason::ToolCalls),
        ("function_call", FinishReason::ToolCalls),
        ("abort", FinishReason::Other),
        ("", FinishReason::Other),
    ] {
        assert_eq!(of_message(&json!({"content": "a"}), word).finish, finish, "{word}");
    }
    for (word, kind) in
        [("error", ErrorKind::Server), ("insufficient_system_resource", ErrorKind::Overloaded)]
    {
        let body = json!({"choices": [{"message": {"content": "a"}, "finish_reason": word}], "usage": {"prompt_tokens": 2, "completion_tokens": 1}});
        let error = whole(&body).unwrap_err();
        assert_eq!((error.kind(), error.possibly_billed()), (kind, true), "{word}");
        let partial = error.partial().expect("what came before");
        assert_eq!((partial.text.as_str(), partial.usage.tokens.total_input()), ("a", 2));
    }
}

#[test]
fn tool_calls_are_kept() {
    let reply = of_message(
        &json!({"content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}},
            {"id": "c2", "type": "function", "index": 0, "function": {"name": "sub", "arguments": {"b": 2}}},
            {"id": "c3", "type": "custom", "custom": {"name": "run", "input": "ls"}},
            {"function": {"name": "now"}},
        ]}),
        "tool_calls",
    );
    let calls: Vec<_> = reply
        .tool_calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(
        calls,
        [("c1", "add", "{\"a\":1}"), ("c2", "sub", "{\"b\":2}"), ("c3", "run", "ls"), ("", "now", "")]
    );
    assert_eq!(reply.finish, FinishReason::ToolCalls);
    let reply = of_message(&json!({"function_call": {"name": "add", "arguments": "{}"}}), "function_call");
    assert_eq!((reply.tool_calls.len(), reply.tool_calls[0].name.as_str()), (1, "add"));
}

#[test]
fn tool_calls_come_in_pieces() {
    let piece = |call: Value| json!({"choices": [{"delta": {"tool_calls": [call]}}]});
    let end = json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]});
    let interleaved = [
        piece(json!({"index": 0, "id": "c1", "function": {"name": "add", "arguments": ""}})),
        piece(json!({"index": 1, "id": "c2", "function": {"name": "sub", "arguments": "{"}})),
        piece(json!({"index": 0, "function": {"arguments": "{\"a\":1}"}})),
        piece(json!({"index": 1, "function": {"arguments": "}"}})),
        end.clone(),
    ];
    let unnumbered = [
        piece(json!({"id": "c1", "function": {"name": "add", "arguments": "{\"a\":1}"}})),
        piece(json!({"id": "c2", "function": {"name": "sub", "arguments": "{"}})),
        piece(json!({"function": {"arguments": "}"}})),
        end.clone(),
    ];
    let one_number = [
        piece(json!({"index": 0, "id": "c1", "function": {"name": "add", "arguments": "{\"a\":1}"}})),
        piece(json!({"index": 0, "id": "c2", "function": {"name": "sub", "arguments": "{}"}})),
        end.clone(),
    ];
    for (what, list) in
        [("interleaved", &interleaved[..]), ("unnumbered", &unnumbered), ("one number", &one_number)]
    {
        let reply = streamed(list).unwrap();
        let calls: Vec<_> = reply
            .tool_calls
            .iter()
            .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
            .collect();
        assert_eq!(calls, [("c1", "add", "{\"a\":1}"), ("c2", "sub", "{}")], "{what}");
        assert_eq!(reply.finish, FinishReason::ToolCalls);
    }
    let legacy = [
        json!({"choices": [{"delta": {"function_call": {"name": "add", "arguments": ""}}}]}),
        json!({"choices": [{"delta": {"function_call": {"arguments": "{}"}}}]}),
        end,
    ];
    let reply = streamed(&legacy).unwrap();
    assert_eq!((reply.tool_calls[0].name.as_str(), reply.tool_calls[0].arguments.as_str()), ("add", "{}"));
}

#[test]
fn a_stream() {
    let list = [
        json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}], "usage": null}),
        json!({"id": "c", "model": "m-1", "choices": [{"index": 1, "delta": {"content": "another choice"}}]}),
        json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]}),
        json!({"id": "c", "model": "m-1", "choices": null}),
        json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {"content": "Yes"}}]}),
        json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {"content": "."}}]}),
        json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        json!({"id": "c", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}),
    ];
    let text = events(&list) + "data: [DONE]\n\n";
    let (deltas, reply) = read_stream(WireFormat::OpenAiChat, &text);
    let reply = reply.unwrap();
    let expected = [
        ReplyDelta::Reasoning("hm".to_owned()),
        ReplyDelta::Text("Yes".to_owned()),
        ReplyDelta::Text(".".to_owned()),
    ];
    assert_eq!(deltas, expected);
    assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), ("Yes.", Some("hm")));
    assert_eq!((reply.usage.tokens.total_input(), reply.usage.tokens.total_output()), (9, 4));
    assert_eq!((reply.served_by, reply.vendor_id.as_deref()), (Some("m-1".into()), Some("c")));
    // Without its usage and without its end it still says why it ended.
    let (_, reply) = read_stream(WireFormat::OpenAiChat, &events(&list[..7]));
    assert!(matches!(reply.unwrap().usage.basis, UsageBasis::Estimated));
}

#[test]
fn names_that_are_none() {
    for name in ["", "\u{1b}[2J", "a\nb", &"x".repeat(257)] {
        let body = json!({"id": name, "model": name, "choices": [{"message": {"content": "Yes"}}]});
        let reply = whole(&body).unwrap();
        assert_eq!((reply.served_by, reply.vendor_id), (None, None), "{name:?}");
    }
}

#[test]
fn a_stream_that_breaks_off() {
    let begun = json!({"choices": [{"delta": {"content": "It is raining a little"}}]});
    let nested = json!({"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "upstream broke"}}]});
    let beside =
        json!({"error": {"message": "The server is overloaded", "type": "server_error"}, "choices": []});
    for (what, list, kind) in [
        ("cut", vec![begun.clone()], ErrorKind::CutStream),
        ("an error in the choice", vec![begun.clone(), nested], ErrorKind::Server),
        ("an error in the event", vec![begun, beside], ErrorKind::Overloaded),
    ] {
        let error = streamed(&list).unwrap_err();
        assert_eq!(error.kind(), kind, "{what}: {error}");
        let partial = error.partial().unwrap_or_else(|| panic!("{what}: something came"));
        assert_eq!(partial.text, "It is raining a little");
        assert!(
            matches!(partial.usage.basis, UsageBasis::Estimated) && partial.usage.tokens.total_output() > 0,
            "{what}"
        );
        assert!(error.possibly_billed());
    }
}

#[test]
fn bodies_that_are_no_reply() {
    for body in [
        json!({}),
        json!([]),
        json!(null),
        json!("x"),
        json!({"choices": null}),
        json!({"choices": []}),
        json!({"choices": [{}]}),
        json!({"choices": [{"message": "x"}]}),
        json!({"choices": {"message": {}}}),
        json!({"choices": [{"index": 3, "message": {"content": "x"}}]}),
    ] {
        let error = whole(&body).expect_err(&body.to_string());
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}");
    }
}
