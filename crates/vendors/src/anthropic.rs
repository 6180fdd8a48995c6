//! Anthropic's messages (<https://platform.claude.com/docs/en/api/messages>).

use assize_llm::{ChatRequest, Error, FinishReason, ModelId, ResponseFormat, Role};
use assize_transport::{Request, Url};
use serde_json::{Map, Value, json};

use crate::{Endpoint, decimal::decimal, draft::Draft, reader::malformed, written::written};

/// The version of the interface that is asked for, and that is read here.
const VERSION: &str = "2023-06-01";

/// The vendor demands a limit on the reply. Where the request has none it is this, which every model of theirs grants; a
/// reply that reaches it ends with [`FinishReason::Length`].
const MAX_TOKENS: u32 = 4096;

/// The vendor knows no seed: one in the request is left out.
pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let messages: Vec<Value> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            json!({"role": role, "content": message.text})
        })
        .collect();
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model", model.as_str().into());
    put("max_tokens", request.max_tokens.unwrap_or(MAX_TOKENS).into());
    put("messages", messages.into());
    if let Some(system) = &request.system {
        put("system", (**system).into());
    }
    if let Some(temperature) = request.temperature {
        put("temperature", decimal(model, "temperature", temperature)?);
    }
    if !request.stop.is_empty() {
        put("stop_sequences", request.stop.clone().into());
    }
    if let ResponseFormat::JsonSchema(schema) = &request.format {
        put("output_config", json!({"format": {"type": "json_schema", "schema": schema}}));
    }
    if streamed {
        put("stream", true.into());
    }
    let key = endpoint.key().map(|key| ("x-api-key", key.expose()));
    let address = endpoint.address(path(endpoint.base()))?;
    written(model, address, body, &[("anthropic-version", VERSION)], key)
}

/// Where messages are below a base. The vendor's own clients take a base without the version, such as
/// `https://proxy.example.org`; so does this.
fn path(base: &Url) -> &'static str {
    let origin = format!("{}://{}", base.scheme(), base.host().unwrap_or_default());
    if base.as_str().trim_end_matches('/') == origin { "v1/messages" } else { "messages" }
}

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    let blocks = body.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or_else(|| malformed(model, &"it has no content"))?;
    identify(body, draft);
    for block in blocks {
        match text(block, "type") {
            "text" => draft.say(text(block, "text"))?,
            "thinking" => draft.think(text(block, "thinking"))?,
            "tool_use" => {
                let input = block.get("input").map(Value::to_string);
                draft.call(
                    draft.n_calls(),
                    text(block, "id"),
                    text(block, "name"),
                    &input.unwrap_or_default(),
                )?;
            }
            // What the vendor ran itself and what it found (`server_tool_use` and its results) asks for nothing, and
            // thoughts that it keeps to itself (`redacted_thinking`) say nothing.
            _ => {}
        }
    }
    draft.finish = finish(body);
    draft.is_ended = true;
    Ok(())
}

pub(crate) fn read_event(event: &Value, draft: &mut Draft) -> Result<(), Error> {
    let index = event.get("index").and_then(Value::as_u64);
    match text(event, "type") {
        "message_start" => {
            if let Some(message) = event.get("message") {
                identify(message, draft);
            }
        }
        "content_block_start" => {
            if let Some(block) = event.get("content_block") {
                begin(block, index, draft)?;
            }
        }
        "content_block_delta" => {
            if let Some(delta) = event.get("delta") {
                match text(delta, "type") {
                    "text_delta" => draft.say(text(delta, "text"))?,
                    "thinking_delta" => draft.think(text(delta, "thinking"))?,
                    "input_json_delta" => draft.add_arguments(index, text(delta, "partial_json"))?,
                    // Signatures and citations.
                    _ => {}
                }
            }
        }
        "message_delta" => {
            // A later one that says nothing of the end does not take it back.
            draft.finish = event.get("delta").and_then(finish).or(draft.finish);
        }
        "message_stop" => draft.is_ended = true,
        // `content_block_stop`, `ping`, and what is still to be invented.
        _ => {}
    }
    Ok(())
}

/// Takes up a block; some servers put its beginning there already.
fn begin(block: &Value, index: Option<u64>, draft: &mut Draft) -> Result<(), Error> {
    match text(block, "type") {
        "text" => draft.say(text(block, "text")),
        "thinking" => draft.think(text(block, "thinking")),
        "tool_use" => {
            // The input follows in pieces; where none does, it is what stands here.
            let input = block.get("input").map(Value::to_string).unwrap_or_default();
            draft.begin_call(index, text(block, "id"), text(block, "name"), input)
        }
        _ => Ok(()),
    }
}

fn identify(message: &Value, draft: &mut Draft) {
    draft.identify(message.get("model").and_then(Value::as_str), message.get("id").and_then(Value::as_str));
}

/// Why a message ended, where it says so (<https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons>).
fn finish(of: &Value) -> Option<FinishReason> {
    Some(match of.get("stop_reason")?.as_str()? {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::ContentFilter,
        // `pause_turn`: a tool of the vendor's own takes longer than one reply may.
        _ => FinishReason::Other,
    })
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}
