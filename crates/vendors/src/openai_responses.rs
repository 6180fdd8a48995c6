//! `OpenAI`'s responses, whole and streamed.

use assize_llm::{ChatRequest, Error, ErrorKind, FinishReason, ModelId, ResponseFormat};
use assize_transport::Request;
use serde_json::{Map, Value, json};

use crate::{
    Endpoint, SchemaForm, decimal::decimal, draft::Draft, failure, openai_chat, reader::malformed, schema,
};

/// Writes the request (`POST responses`). The vendor is asked to store nothing.
pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let quirks = endpoint.quirks(model);
    let mut body = Map::new();
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("store".to_owned(), false.into());
    let input = request.messages.iter();
    let input =
        input.map(|message| json!({"role": openai_chat::role(message.role), "content": message.text}));
    body.insert("input".to_owned(), input.collect());
    let mut instructions = request.system.as_deref().map(str::to_owned);
    if let ResponseFormat::JsonSchema(own) = &request.format {
        let format = match quirks.schema {
            SchemaForm::JsonSchema => {
                json!({"type": "json_schema", "name": schema::NAME, "schema": own, "strict": schema::is_strict(own)})
            }
            SchemaForm::JsonObject => json!({"type": "json_object"}),
            SchemaForm::Prompt => json!({"type": "text"}),
        };
        body.insert("text".to_owned(), json!({"format": format}));
        if quirks.schema != SchemaForm::JsonSchema {
            instructions = Some(schema::prompt(instructions.as_deref(), own));
        }
    }
    if let Some(text) = instructions {
        body.insert("instructions".to_owned(), text.into());
    }
    if let Some(most) = request.max_tokens {
        body.insert("max_output_tokens".to_owned(), most.into());
    }
    if let Some(own) = request.temperature {
        body.insert("temperature".to_owned(), decimal(model, "temperature", own)?);
    }
    if streamed {
        body.insert("stream".to_owned(), true.into());
    }
    endpoint.post(model, "responses", body)
}

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    if body.get("output").and_then(Value::as_array).is_none() {
        return Err(malformed(model, &"it has no output"));
    }
    read_output(body, draft)?;
    read_end(model, body, draft)
}

/// Reads an event. What the deltas said is not said again by the events that sum them up.
pub(crate) fn read_event(model: &ModelId, event: &Value, draft: &mut Draft) -> Result<(), Error> {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let index = event.get("output_index").and_then(Value::as_u64);
    match text("type") {
        "response.output_text.delta" => draft.say(text("delta")),
        "response.refusal.delta" => {
            draft.is_refused |= !text("delta").is_empty();
            draft.say(text("delta"))
        }
        "response.reasoning_summary_part.added" => part_of_reasoning(draft),
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
            draft.think(text("delta"))
        }
        "response.content_part.added" if is_of_type(event.get("part"), "reasoning_text") => {
            part_of_reasoning(draft)
        }
        "response.output_item.added" => match event.get("item").and_then(call) {
            // Its arguments follow, also where they are empty so far.
            Some((id, name, _)) => draft.call_piece(index, id, name, ""),
            None => Ok(()),
        },
        "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
            draft.call_piece(index, "", "", text("delta"))
        }
        "response.output_item.done" => match event.get("item").and_then(call) {
            Some((id, name, arguments)) => {
                let known = draft.calls().iter().find(|own| own.id == id && own.name == name);
                // A server that streams no arguments gives them here.
                let rest = if known.is_none_or(|own| own.arguments.is_empty()) { arguments } else { "" };
                draft.call_piece(index, id, name, rest)
            }
            None => Ok(()),
        },
        "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
            let response =
                event.get("response").ok_or_else(|| malformed(model, &"its last event has no response"))?;
            if draft.text().is_empty() && draft.reasoning().is_empty() && draft.calls().is_empty() {
                // A server that streams nothing gives all at the end.
                read_output(response, draft)?;
            }
            read_end(model, response, draft)?;
            draft.is_ended = true;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn read_output(response: &Value, draft: &mut Draft) -> Result<(), Error> {
    for item in response.get("output").and_then(Value::as_array).into_iter().flatten() {
        if let Some((id, name, arguments)) = call(item) {
            draft.call_piece(None, id, name, arguments)?;
            continue;
        }
        match item.get("type").and_then(Value::as_str) {
            Some("message") => {
                for part in parts(item, "content") {
                    if let Some(refusal) = part.get("refusal").and_then(Value::as_str) {
                        draft.is_refused |= !refusal.is_empty();
                        draft.say(refusal)?;
                    } else {
                        draft.say(part.get("text").and_then(Value::as_str).unwrap_or_default())?;
                    }
                }
            }
            Some("reasoning") => {
                for part in parts(item, "summary").chain(parts(item, "content")) {
                    part_of_reasoning(draft)?;
                    draft.think(part.get("text").and_then(Value::as_str).unwrap_or_default())?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Who answered, and why the reply ended.
fn read_end(model: &ModelId, response: &Value, draft: &mut Draft) -> Result<(), Error> {
    draft.identify(response.get("model").and_then(Value::as_str), response.get("id").and_then(Value::as_str));
    if let Some(error) = failure::inside(model, response) {
        return Err(error);
    }
    let reason =
        response.get("incomplete_details").and_then(|details| details.get("reason")).and_then(Value::as_str);
    draft.finish = Some(match response.get("status").and_then(Value::as_str) {
        Some("completed") | None if draft.calls().is_empty() => FinishReason::Stop,
        Some("completed") | None => FinishReason::ToolCalls,
        Some("incomplete") => match reason {
            Some("max_output_tokens") => FinishReason::Length,
            Some("content_filter") => FinishReason::ContentFilter,
            _ => FinishReason::Other,
        },
        Some(status) => {
            let message = format!("ask {model}: the response is `{}`, not completed", capped(status));
            return Err(Error::new(ErrorKind::Server, message).with_possibly_billed(true));
        }
    });
    Ok(())
}

/// The call that an item is: its id, its tool, its arguments.
fn call(item: &Value) -> Option<(&str, &str, &str)> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let arguments = match text("type")? {
        "function_call" => text("arguments"),
        "custom_tool_call" => text("input"),
        _ => return None,
    };
    let id = text("call_id").or_else(|| text("id")).unwrap_or_default();
    Some((id, text("name").unwrap_or_default(), arguments.unwrap_or_default()))
}

fn parts<'a>(item: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    item.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn is_of_type(value: Option<&Value>, kind: &str) -> bool {
    value.and_then(|value| value.get("type")).and_then(Value::as_str) == Some(kind)
}

/// Parts of the reasoning are paragraphs.
fn part_of_reasoning(draft: &mut Draft) -> Result<(), Error> {
    if draft.reasoning().is_empty() { Ok(()) } else { draft.think("\n\n") }
}

fn capped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
