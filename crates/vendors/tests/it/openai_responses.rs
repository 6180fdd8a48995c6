//! `OpenAI`'s responses.

use assize_llm::{ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ReplyDelta};
use assize_vendors::WireFormat;
use serde_json::{Value, json};

use crate::openai_chat::{events, full, read_stream, written};

const FORMAT: WireFormat = WireFormat::OpenAiResponses;

fn whole(body: &Value) -> Result<ChatReply, Error> {
    FORMAT.read_reply(&"m".into(), &ChatRequest::new("Is it raining?"), body.to_string().as_bytes())
}

fn response(status: &str, output: &Value) -> Value {
    json!({"id": "resp_1", "object": "response", "model": "gpt-4o-2024-08-06", "status": status, "error": null,
           "incomplete_details": null, "output": output,
           "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "output_tokens_details": {"reasoning_tokens": 2}}})
}

fn message(parts: &Value) -> Value {
    json!({"type": "message", "id": "msg_1", "role": "assistant", "content": parts})
}

#[test]
fn a_full_request() {
    let request = full().with_stop(Vec::<String>::new());
    let body = written("openai-responses", "gpt-4o", &request, true).unwrap();
    let format = body["text"]["format"].clone();
    assert_eq!(
        (&format["type"], &format["name"], &format["strict"]),
        (&json!("json_schema"), &json!("reply"), &json!(true))
    );
    let mut rest = body;
    rest.as_object_mut().unwrap().remove("text");
    let expected = json!({
        "model": "gpt-4o",
        "store": false,
        "instructions": "Answer briefly.",
        "input": [
            {"role": "user", "content": "Is it raining?"},
            {"role": "assistant", "content": "Where?"},
            {"role": "user", "content": "Here."},
        ],
        "max_output_tokens": 50,
        "temperature": 0.7,
        "stream": true,
    });
    assert_eq!(rest, expected);
    let reasoning = written("openai-responses", "o3", &request, false).unwrap();
    assert_eq!(
        (reasoning.get("temperature"), reasoning.get("seed"), reasoning.get("stream")),
        (None, None, None)
    );
}

#[test]
fn whole_replies() {
    let reasoning = json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}]});
    let text = json!([{"type": "output_text", "text": "Yes", "annotations": []}, {"type": "output_text", "text": "."}]);
    let reply = whole(&response(
        "completed",
        &json!([reasoning, message(&text), {"type": "web_search_call", "id": "ws"}]),
    ))
    .unwrap();
    assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), ("Yes.", Some("one\n\ntwo")));
    assert_eq!((reply.finish, reply.vendor_id.as_deref()), (FinishReason::Stop, Some("resp_1")));
    assert_eq!((reply.usage.tokens.total_input(), reply.usage.tokens.total_output()), (10, 5));

    let calls = json!([
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "add", "arguments": "{\"a\":1}"},
        {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "run", "input": "ls"},
    ]);
    let reply = whole(&response("completed", &calls)).unwrap();
    let calls: Vec<_> = reply
        .tool_calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(calls, [("call_1", "add", "{\"a\":1}"), ("call_2", "run", "ls")]);
    assert_eq!(reply.finish, FinishReason::ToolCalls);

    let refused = message(&json!([{"type": "refusal", "refusal": "I cannot."}]));
    let reply = whole(&response("completed", &json!([refused]))).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("I cannot.", FinishReason::ContentFilter));
}

#[test]
fn ends_that_are_none() {
    for (reason, finish) in [
        (json!({"reason": "max_output_tokens"}), FinishReason::Length),
        (json!({"reason": "content_filter"}), FinishReason::ContentFilter),
        (json!(null), FinishReason::Other),
    ] {
        let mut body =
            response("incomplete", &json!([message(&json!([{"type": "output_text", "text": "It"}]))]));
        body["incomplete_details"] = reason;
        let reply = whole(&body).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("It", finish));
    }
    for status in ["failed", "cancelled", "queued", "in_progress", "new\u{7}word"] {
        let error = whole(&response(status, &json!([]))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server, "{status}");
        assert!(error.possibly_billed() && error.partial().is_some(), "{status}: its usage is stated");
        assert!(!error.to_string().contains('\u{7}'));
    }
    let mut failed = response("failed", &json!([]));
    failed["error"] = json!({"code": "rate_limit_exceeded", "message": "Rate limit reached"});
    assert_eq!(whole(&failed).unwrap_err().kind(), ErrorKind::RateLimited);
    for body in [json!({}), json!({"output": "x"}), json!([])] {
        assert_eq!(whole(&body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}

fn stream() -> Vec<Value> {
    let reasoning = json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}]});
    let call = json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "add", "arguments": "{\"a\":1}"});
    let mut begun = call.clone();
    begun["arguments"] = json!("");
    let done = response(
        "completed",
        &json!([reasoning, message(&json!([{"type": "output_text", "text": "Yes."}])), call]),
    );
    let mut created = response("in_progress", &json!([]));
    created["usage"] = json!(null);
    vec![
        json!({"type": "response.created", "response": created}),
        json!({"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 0, "part": {"type": "summary_text", "text": ""}}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "one"}),
        json!({"type": "response.reasoning_summary_text.done", "output_index": 0, "summary_index": 0, "text": "one"}),
        json!({"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 1, "part": {"type": "summary_text", "text": ""}}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 1, "delta": "two"}),
        json!({"type": "response.output_text.delta", "output_index": 1, "delta": "Ye"}),
        json!({"type": "response.output_text.delta", "output_index": 1, "delta": "s."}),
        json!({"type": "response.output_text.done", "output_index": 1, "text": "Yes."}),
        json!({"type": "response.output_item.added", "output_index": 2, "item": begun}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 2, "item_id": "fc_1", "delta": "{\"a\""}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 2, "item_id": "fc_1", "delta": ":1}"}),
        json!({"type": "response.output_item.done", "output_index": 2, "item": call}),
        json!({"type": "response.completed", "response": done}),
    ]
}

#[test]
fn a_stream_is_the_whole_reply() {
    let list = stream();
    let (deltas, reply) = read_stream(FORMAT, &events(&list));
    let reply = reply.unwrap();
    assert_eq!(reply, whole(&list.last().unwrap()["response"]).unwrap());
    let said: String = deltas
        .iter()
        .filter_map(|delta| if let ReplyDelta::Text(text) = delta { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!((said.as_str(), reply.finish), ("Yes.", FinishReason::ToolCalls));
    // A server that sums up only, at the end of the item or of all.
    let items: Vec<Value> =
        list.iter().filter(|event| !event["type"].as_str().unwrap().ends_with(".delta")).cloned().collect();
    let (_, reply) = read_stream(FORMAT, &events(&items));
    assert_eq!(reply.unwrap().tool_calls[0].arguments, "{\"a\":1}");
    let (_, reply) = read_stream(FORMAT, &events(&list[list.len() - 1..]));
    assert_eq!(reply.unwrap(), whole(&list.last().unwrap()["response"]).unwrap());
}

#[test]
fn a_stream_that_breaks_off() {
    let list = stream();
    let (_, cut) = read_stream(FORMAT, &events(&list[..8]));
    let cut = cut.unwrap_err();
    assert_eq!((cut.kind(), cut.partial().unwrap().text.as_str()), (ErrorKind::CutStream, "Yes."));
    let mut failed = response("failed", &json!([]));
    failed["error"] = json!({"code": "server_error", "message": "The model broke"});
    for (event, kind) in [
        (json!({"type": "response.failed", "response": failed}), ErrorKind::Server),
        (
            json!({"type": "error", "code": "rate_limit_exceeded", "message": "Rate limit reached", "param": null}),
            ErrorKind::RateLimited,
        ),
        (json!({"type": "error", "error": {"type": "server_error", "message": "broke"}}), ErrorKind::Server),
        (json!({"type": "response.completed"}), ErrorKind::Malformed),
    ] {
        let mut broken = list[..8].to_vec();
        broken.push(event.clone());
        let (_, error) = read_stream(FORMAT, &events(&broken));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{event}");
        assert_eq!(error.partial().unwrap().text, "Yes.");
    }
}
