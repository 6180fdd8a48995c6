//! What the message of a whole reply and the delta of a streamed one have in common, and the whole reply.

use assize_llm::{Error, ModelId};
use serde_json::Value;

use super::{first_choice, read_finish};
use crate::{draft::Draft, reader::malformed};

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    draft.identify(body.get("model").and_then(Value::as_str), body.get("id").and_then(Value::as_str));
    let choice = first_choice(body).ok_or_else(|| malformed(model, &"it has no choice"))?;
    let message = choice.get("message").filter(|message| message.is_object());
    let message = message.ok_or_else(|| malformed(model, &"its choice has no message"))?;
    read_texts(message, draft)?;
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let place = draft.n_calls();
        read_call(call, |id, name, arguments| draft.call(place, id, name, arguments))?;
    }
    if let Some(call) = message.get("function_call").filter(|call| call.is_object()) {
        let place = draft.n_calls();
        read_function(call, "", |id, name, arguments| draft.call(place, id, name, arguments))?;
    }
    read_finish(model, choice, draft)
}

/// Reads what is thought, said and refused.
pub(super) fn read_texts(message: &Value, draft: &mut Draft) -> Result<(), Error> {
    read_reasoning(message, draft)?;
    read_content(message.get("content"), draft)?;
    let refusal = message.get("refusal").and_then(Value::as_str).unwrap_or_default();
    if !refusal.is_empty() {
        // A refusal is what the model said, as text in a field of its own.
        draft.is_refused = true;
        draft.say(refusal)?;
    }
    Ok(())
}

/// One text, by whichever name the server knows it: those that give several names say the same under each.
fn read_reasoning(message: &Value, draft: &mut Draft) -> Result<(), Error> {
    let stated = |name: &str| message.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(text) = stated("reasoning_content").or_else(|| stated("reasoning")) {
        return draft.think(text);
    }
    for detail in message.get("reasoning_details").and_then(Value::as_array).into_iter().flatten() {
        let text = detail.get("text").or_else(|| detail.get("summary")).and_then(Value::as_str);
        draft.think(text.unwrap_or_default())?;
    }
    Ok(())
}

/// A text, or parts of one. Mistral's thinking is a part that holds parts.
fn read_content(content: Option<&Value>, draft: &mut Draft) -> Result<(), Error> {
    match content {
        Some(Value::String(text)) => draft.say(text),
        Some(Value::Array(parts)) => parts.iter().try_for_each(|part| read_part(part, draft)),
        _ => Ok(()),
    }
}

fn read_part(part: &Value, draft: &mut Draft) -> Result<(), Error> {
    let text = |value: &Value| value.get("text").and_then(Value::as_str).map(str::to_owned);
    match part.get("type").and_then(Value::as_str) {
        Some("thinking") => match part.get("thinking") {
            Some(Value::String(thought)) => draft.think(thought),
            Some(Value::Array(thoughts)) => {
                thoughts.iter().filter_map(text).try_for_each(|thought| draft.think(&thought))
            }
            _ => Ok(()),
        },
        Some("refusal") => {
            let refusal = part.get("refusal").and_then(Value::as_str).unwrap_or_default();
            draft.is_refused |= !refusal.is_empty();
            draft.say(refusal)
        }
        Some("text" | "output_text") | None => match part {
            Value::String(text) => draft.say(text),
            part => draft.say(part.get("text").and_then(Value::as_str).unwrap_or_default()),
        },
        Some(_) => Ok(()),
    }
}

/// Reads an entry of `tool_calls`.
pub(super) fn read_call(
    call: &Value,
    keep: impl FnOnce(&str, &str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
    // A tool whose input is no JSON is called `custom`.
    match call.get("function").or_else(|| call.get("custom")) {
        Some(function) => read_function(function, id, keep),
        None => keep(id, "", ""),
    }
}

pub(super) fn read_function(
    function: &Value,
    id: &str,
    keep: impl FnOnce(&str, &str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    match function.get("arguments").or_else(|| function.get("input")) {
        Some(Value::String(arguments)) => keep(id, name, arguments),
        None | Some(Value::Null) => keep(id, name, ""),
        // Some servers give the arguments as JSON, not as its text.
        Some(arguments) => keep(id, name, &arguments.to_string()),
    }
}
