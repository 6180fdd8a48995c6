//! Every recorded exchange is read back, and held against what plain JSON says that it holds.

mod openai;

use std::collections::BTreeMap;

use assize_llm::{ChatReply, FinishReason};
use assize_metering::UsageBasis;
use assize_vendors::WireFormat;
use serde_json::Value;

use crate::{
    reading::{Streamed, streamed, whole},
    recordings::{self, Recording},
};

/// What a recording holds, as its JSON says: nothing here goes through the code that is tested.
#[derive(Debug, Default, PartialEq)]
struct Held {
    text: String,
    reasoning: String,
    calls: Vec<(String, String, Value)>,
    finish: Option<FinishReason>,
    /// All tokens that went in, and all that came out.
    tokens: Option<(u64, u64)>,
    served_by: Option<String>,
    vendor_id: Option<String>,
}

#[test]
fn every_recorded_exchange_is_read_back() {
    let mut n = BTreeMap::new();
    let mut wrong = Vec::new();
    for recording in recordings::all() {
        let Some(format) = recording.format() else { continue };
        let Some(held) = held(format, &recording) else { continue };
        *n.entry((format!("{format:?}"), recording.is_stream)).or_insert(0) += 1;
        if let Err(why) = compare(format, &recording, &held) {
            wrong.push(format!("{}: {why}", recording.name));
        }
    }
    // Either there are no samples here, or there are all of them.
    let all: u32 = n.values().sum();
    assert!(n.is_empty() || all >= 73, "only {n:?} were read");
    assert!(wrong.is_empty(), "{} wrong, {n:?} read:\n{}", wrong.len(), wrong.join("\n"));
}

/// Reads it, a stream in several cuts, and says where it differs.
fn compare(format: WireFormat, recording: &Recording, held: &Held) -> Result<(), String> {
    let body = recording.body.as_bytes();
    if !recording.is_stream {
        let reply = whole(format, body).map_err(|e| e.to_string())?;
        return same(&found(&reply), held);
    }
    for piece in [body.len().max(1), 7, 1] {
        let Streamed { text, reasoning, end } = streamed(format, body.chunks(piece));
        let reply = end.map_err(|e| e.to_string())?;
        if (&text, &reasoning) != (&reply.text, &reply.reasoning.clone().unwrap_or_default()) {
            return Err(format!("the deltas say {text:?}, the reply says {:?}", reply.text));
        }
        same(&found(&reply), held)?;
    }
    Ok(())
}

fn same(found: &Held, held: &Held) -> Result<(), String> {
    if found == held { Ok(()) } else { Err(format!("\n  found {found:?}\n  held  {held:?}")) }
}

fn found(reply: &ChatReply) -> Held {
    let calls = reply.tool_calls.iter().map(|call| {
        let arguments = serde_json::from_str(&call.arguments);
        (call.id.clone(), call.name.clone(), arguments.unwrap_or_else(|_| call.arguments.clone().into()))
    });
    let tokens = reply.usage.tokens;
    Held {
        text: reply.text.clone(),
        reasoning: reply.reasoning.clone().unwrap_or_default(),
        calls: calls.collect(),
        finish: Some(reply.finish),
        tokens: (reply.usage.basis == UsageBasis::Reported)
            .then(|| (tokens.total_input(), tokens.total_output())),
        served_by: reply.served_by.as_ref().map(|name| name.as_str().to_owned()),
        vendor_id: reply.vendor_id.clone(),
    }
}

fn held(format: WireFormat, recording: &Recording) -> Option<Held> {
    if recording.status != 200 {
        return None;
    }
    let events = match format {
        WireFormat::Ollama => recording.body.lines().map(json).collect(),
        _ if recording.is_stream => events(&recording.body),
        _ => vec![json(&recording.body)],
    };
    match (format, recording.is_stream) {
        (WireFormat::Anthropic, false) => Some(whole_message(&events[0])),
        (WireFormat::Anthropic, true) => Some(message_of(&events)),
        (WireFormat::Gemini, _) => Some(candidate_of(&events)),
        (WireFormat::OpenAiChat, _) => Some(openai::completion(&events)),
        (WireFormat::OpenAiResponses, _) => Some(openai::response(&events)),
        (WireFormat::Ollama, _) => Some(openai::lines(&events)),
        _ => None,
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The recordings have one line of data in each event.
fn events(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(str::trim).filter(|data| data.starts_with('{')).map(json).collect()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

fn stop_reason(reason: &str) -> Option<FinishReason> {
    Some(match reason {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        other => panic!("no recording ends so: {other}"),
    })
}

fn whole_message(body: &Value) -> Held {
    let mut held = Held {
        finish: stop_reason(&text(body, "/stop_reason")),
        tokens: Some(message_tokens(body, count(body, "/usage/output_tokens"))),
        served_by: Some(text(body, "/model")),
        vendor_id: Some(text(body, "/id")),
        ..Held::default()
    };
    for block in body["content"].as_array().expect("content is a list") {
        held.text += &text(block, "/text");
        held.reasoning += &text(block, "/thinking");
        if block["type"] == "tool_use" {
            held.calls.push((text(block, "/id"), text(block, "/name"), block["input"].clone()));
        }
    }
    held
}

fn message_tokens(message: &Value, output: u64) -> (u64, u64) {
    let input = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
    (input.iter().map(|name| count(message, &format!("/usage/{name}"))).sum(), output)
}

fn message_of(events: &[Value]) -> Held {
    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == kind);
    let start = of("message_start").next().expect("a message starts");
    let end = of("message_delta").next_back().expect("a message ends");
    let mut held = Held {
        finish: stop_reason(&text(end, "/delta/stop_reason")),
        tokens: Some(message_tokens(&start["message"], count(end, "/usage/output_tokens"))),
        served_by: Some(text(start, "/message/model")),
        vendor_id: Some(text(start, "/message/id")),
        ..Held::default()
    };
    // What the last event states of the input goes for the first's.
    let stated = message_tokens(end, 0).0;
    if let Some((input, _)) = held.tokens.as_mut().filter(|_| stated > 0) {
        *input = stated;
    }
    for event in of("content_block_delta") {
        held.text += &text(event, "/delta/text");
        held.reasoning += &text(event, "/delta/thinking");
    }
    for block in of("content_block_start").filter(|event| event["content_block"]["type"] == "tool_use") {
        let input: String = of("content_block_delta")
            .filter(|event| event["index"] == block["index"])
            .map(|event| text(event, "/delta/partial_json"))
            .collect();
        let input = if input.is_empty() { "{}".to_owned() } else { input };
        // Where the limit was reached, the arguments are cut.
        let input = serde_json::from_str(&input).unwrap_or(Value::String(input));
        held.calls.push((text(block, "/content_block/id"), text(block, "/content_block/name"), input));
    }
    held
}

fn candidate_of(chunks: &[Value]) -> Held {
    let mut held = Held::default();
    for chunk in chunks {
        let parts = chunk.pointer("/candidates/0/content/parts").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let said = text(part, "/text");
            if part["thought"] == true {
                held.reasoning += &said
            } else {
                held.text += &said
            }
            if let Some(call) = part.get("functionCall") {
                held.calls.push((text(call, "/id"), text(call, "/name"), call["args"].clone()));
            }
        }
        if let Some(usage) = chunk.get("usageMetadata") {
            let sum = |names: [&str; 2]| names.iter().map(|name| count(usage, &format!("/{name}"))).sum();
            held.tokens = Some((
                sum(["promptTokenCount", "toolUsePromptTokenCount"]),
                sum(["candidatesTokenCount", "thoughtsTokenCount"]),
            ));
        }
        held.finish = match text(chunk, "/candidates/0/finishReason").as_str() {
            "" => held.finish,
            "STOP" => Some(FinishReason::Stop),
            "MAX_TOKENS" => Some(FinishReason::Length),
            other => panic!("no recording ends so: {other}"),
        };
    }
    if held.finish == Some(FinishReason::Stop) && !held.calls.is_empty() {
        held.finish = Some(FinishReason::ToolCalls);
    }
    held.finish = held.finish.or(Some(FinishReason::Other));
    held.served_by = Some(text(&chunks[0], "/modelVersion"));
    held.vendor_id = Some(text(&chunks[0], "/responseId"));
    held
}
