//! What recordings of chat completions, of responses and of Ollama's own interface hold.

use assize_llm::FinishReason;
use serde_json::Value;

use super::{Held, count, text};

/// The end of a chat completion.
fn finish(reason: &str) -> Option<FinishReason> {
    match reason {
        "" => None,
        "stop" => Some(FinishReason::Stop),
        "length" => Some(FinishReason::Length),
        "tool_calls" => Some(FinishReason::ToolCalls),
        "content_filter" => Some(FinishReason::ContentFilter),
        other => panic!("no recording ends so: {other}"),
    }
}

/// A chat completion, of one body or of the events of a stream.
pub(super) fn completion(events: &[Value]) -> Held {
    let mut held = Held { finish: Some(FinishReason::Other), ..Held::default() };
    let mut calls: Vec<(Option<u64>, String, String, String)> = Vec::new();
    let mut is_refused = false;
    for event in events {
        // Of several candidates the first counts; it is not always the first to speak.
        let mut choices = event["choices"].as_array().into_iter().flatten();
        let choice = choices.find(|choice| count(choice, "/index") == 0).unwrap_or(&Value::Null);
        // Some send both: a whole reply an empty delta, each event of a stream all that was said so far.
        let name = if events.len() == 1 { "message" } else { "delta" };
        let message = choice.get(name).unwrap_or(&Value::Null);
        match &message["content"] {
            Value::Array(parts) => {
                for part in parts {
                    held.text += &text(part, "/text");
                    for thought in part["thinking"].as_array().into_iter().flatten() {
                        held.reasoning += &text(thought, "/text");
                    }
                }
            }
            content => held.text += content.as_str().unwrap_or_default(),
        }
        held.text += &text(message, "/refusal");
        is_refused |= !text(message, "/refusal").is_empty();
        let thought = [text(message, "/reasoning_content"), text(message, "/reasoning")];
        held.reasoning += thought.iter().find(|text| !text.is_empty()).map_or("", String::as_str);
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let (index, id) = (call["index"].as_u64(), text(call, "/id"));
            let (name, piece) = (text(call, "/function/name"), text(call, "/function/arguments"));
            let same = calls.iter_mut().find(|own| index.is_some() && own.0 == index);
            match same.filter(|own| id.is_empty() || own.1 == id || name.is_empty()) {
                Some(own) => own.3 += &piece,
                None => calls.push((index, id, name, piece)),
            }
        }
        held.finish = finish(&text(choice, "/finish_reason")).or(held.finish);
        if event["usage"].is_object() {
            held.tokens = Some(tokens(&event["usage"]));
        }
        held.served_by =
            held.served_by.or_else(|| Some(text(event, "/model")).filter(|name| !name.is_empty()));
        held.vendor_id = held.vendor_id.or_else(|| Some(text(event, "/id")).filter(|id| !id.is_empty()));
    }
    if is_refused && held.finish == Some(FinishReason::Stop) {
        held.finish = Some(FinishReason::ContentFilter);
    }
    held.calls = calls.into_iter().map(|(_, id, name, arguments)| (id, name, parsed(arguments))).collect();
    held
}

/// All that went in and all that came out. Some count what was thought, or what was heard, in the total alone.
fn tokens(usage: &Value) -> (u64, u64) {
    let of = |name: &str| count(usage, &format!("/{name}"));
    let (prompt, completion, total) = (of("prompt_tokens"), of("completion_tokens"), of("total_tokens"));
    let rest = total.saturating_sub(prompt + completion);
    if of("prompt_audio_seconds") > 0 { (prompt + rest, completion) } else { (prompt, completion + rest) }
}

/// Arguments may be cut where the limit was reached.
fn parsed(arguments: String) -> Value {
    serde_json::from_str(&arguments).unwrap_or(Value::String(arguments))
}

/// A response, of one body or of the last event of a stream, which mostly repeats all.
pub(super) fn response(events: &[Value]) -> Held {
    let last = events.last().expect("there is one");
    let body = last.get("response").unwrap_or(last);
    let mut held = Held {
        tokens: Some((count(body, "/usage/input_tokens"), count(body, "/usage/output_tokens"))),
        served_by: Some(text(body, "/model")),
        vendor_id: Some(text(body, "/id")),
        ..Held::default()
    };
    let mut is_refused = false;
    // Some servers give the items in events of their own, and do not repeat them.
    let done = events.iter().filter(|event| event["type"] == "response.output_item.done");
    let mut items: Vec<&Value> = body["output"].as_array().into_iter().flatten().collect();
    if items.is_empty() {
        items = done.map(|event| &event["item"]).collect();
    }
    for item in items {
        match text(item, "/type").as_str() {
            "message" => {
                for part in item["content"].as_array().into_iter().flatten() {
                    held.text += &text(part, "/text");
                    held.text += &text(part, "/refusal");
                    is_refused |= part["type"] == "refusal";
                }
            }
            "reasoning" => {
                let parts = ["summary", "content"].map(|name| item[name].as_array());
                for part in parts.into_iter().flatten().flatten() {
                    held.reasoning += &text(part, "/text");
                }
            }
            "function_call" => {
                held.calls.push((
                    text(item, "/call_id"),
                    text(item, "/name"),
                    parsed(text(item, "/arguments")),
                ));
            }
            _ => {}
        }
    }
    held.finish = Some(match text(body, "/status").as_str() {
        "completed" if is_refused => FinishReason::ContentFilter,
        "completed" if !held.calls.is_empty() => FinishReason::ToolCalls,
        "completed" => FinishReason::Stop,
        "incomplete" if text(body, "/incomplete_details/reason") == "content_filter" => {
            FinishReason::ContentFilter
        }
        "incomplete" => FinishReason::Length,
        other => panic!("no recording ends so: {other}"),
    });
    held
}

/// A reply of Ollama's own interface, of one body or of the lines of a stream.
pub(super) fn lines(lines: &[Value]) -> Held {
    let mut held = Held::default();
    for line in lines {
        held.text += &text(line, "/message/content");
        held.reasoning += &text(line, "/message/thinking");
        for call in line.pointer("/message/tool_calls").and_then(Value::as_array).into_iter().flatten() {
            held.calls.push((
                text(call, "/id"),
                text(call, "/function/name"),
                call["function"]["arguments"].clone(),
            ));
        }
    }
    let last = lines.last().expect("there is one");
    held.served_by = Some(text(last, "/model"));
    held.tokens = Some((count(last, "/prompt_eval_count"), count(last, "/eval_count")));
    held.finish = finish(&text(last, "/done_reason"));
    if held.finish == Some(FinishReason::Stop) && !held.calls.is_empty() {
        held.finish = Some(FinishReason::ToolCalls);
    }
    held
}
