//! Ollama's own interface.

use assize_llm::{ChatReply, ChatRequest, Error, ErrorKind, FinishReason};
use assize_metering::UsageBasis;
use assize_vendors::WireFormat;
use serde_json::{Value, json};

use crate::openai_chat::{full, read_stream, written};

const FORMAT: WireFormat = WireFormat::Ollama;

fn whole(body: &Value) -> Result<ChatReply, Error> {
    FORMAT.read_reply(&"m".into(), &ChatRequest::new("Is it raining?"), body.to_string().as_bytes())
}

fn lines(list: &[Value]) -> String {
    list.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_full_request() {
    let body = written("ollama-native", "llama3.2", &full(), false).unwrap();
    let expected = json!({
        "model": "llama3.2",
        "messages": [
            {"role": "system", "content": "Answer briefly."},
            {"role": "user", "content": "Is it raining?"},
            {"role": "assistant", "content": "Where?"},
            {"role": "user", "content": "Here."},
        ],
        "stream": false,
        "options": {"num_predict": 50, "temperature": 0.7, "seed": 7, "stop": ["\n", "END"]},
        "format": {"type": "object", "properties": {"rain": {"type": "boolean"}}, "required": ["rain"], "additionalProperties": false},
    });
    assert_eq!(body, expected);
}

fn stream() -> Vec<Value> {
    vec![
        json!({"model": "llama3.2", "message": {"role": "assistant", "content": "", "thinking": "h"}, "done": false}),
        json!({"model": "llama3.2", "message": {"role": "assistant", "content": "", "thinking": "m"}, "done": false}),
        json!({"model": "llama3.2", "message": {"role": "assistant", "content": "Ye"}, "done": false}),
        json!({"model": "llama3.2", "message": {"role": "assistant", "content": "s."}, "done": false}),
        json!({"model": "llama3.2", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 8, "eval_count": 4}),
    ]
}

#[test]
fn a_stream_is_the_whole_reply() {
    let body = json!({"model": "llama3.2", "message": {"role": "assistant", "content": "Yes.", "thinking": "hm"}, "done": true, "done_reason": "stop", "prompt_eval_count": 8, "eval_count": 4});
    let reply = whole(&body).unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.reasoning.as_deref(), reply.finish),
        ("Yes.", Some("hm"), FinishReason::Stop)
    );
    assert_eq!((reply.usage.tokens.total_input(), reply.usage.tokens.total_output()), (8, 4));
    let text = lines(&stream());
    assert_eq!(read_stream(FORMAT, &text).1.unwrap(), reply);
    // Also without its last line feed, and where it comes at once.
    assert_eq!(read_stream(FORMAT, text.trim_end()).1.unwrap(), reply);
    assert_eq!(read_stream(FORMAT, &body.to_string()).1.unwrap(), reply);
}

#[test]
fn calls_and_ends() {
    let call = json!({"function": {"name": "add", "arguments": {"a": 1}}});
    let named = json!({"id": "c2", "function": {"index": 0, "name": "sub", "arguments": {}}});
    let list = [
        json!({"message": {"content": "", "tool_calls": [call]}, "done": false}),
        json!({"message": {"content": "", "tool_calls": [named]}, "done": false}),
        json!({"message": {"content": ""}, "done": true, "done_reason": "stop"}),
    ];
    let reply = read_stream(FORMAT, &lines(&list)).1.unwrap();
    let calls: Vec<_> = reply
        .tool_calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(calls, [("", "add", "{\"a\":1}"), ("c2", "sub", "{}")]);
    assert_eq!(reply.finish, FinishReason::ToolCalls);
    for (reason, finish) in [
        (json!("stop"), FinishReason::Stop),
        (json!("length"), FinishReason::Length),
        (json!("load"), FinishReason::Other),
        (json!(null), FinishReason::Stop),
    ] {
        let reply =
            whole(&json!({"message": {"content": "a"}, "done": true, "done_reason": reason})).unwrap();
        assert_eq!(reply.finish, finish);
    }
}

#[test]
fn a_stream_that_breaks_off() {
    let mut list = stream();
    list.truncate(3);
    for (last, kind) in [
        (None, ErrorKind::CutStream),
        (Some("{\"model\":\"llama3.2\",\"mess"), ErrorKind::CutStream),
        (Some("{\"error\":\"an error was encountered while running the model\"}\n"), ErrorKind::Server),
        (Some("not JSON\n"), ErrorKind::Malformed),
    ] {
        let text = lines(&list) + last.unwrap_or_default();
        let error = read_stream(FORMAT, &text).1.unwrap_err();
        assert_eq!(error.kind(), kind, "{last:?}: {error}");
        let partial = error.partial().unwrap();
        assert_eq!(partial.text, "Ye");
        assert!(matches!(partial.usage.basis, UsageBasis::Estimated));
    }
    for body in
        [json!({}), json!({"message": {"content": "a"}, "done": false}), json!({"done": true}), json!([])]
    {
        assert_eq!(whole(&body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}
