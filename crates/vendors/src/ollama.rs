//! Ollama's own interface: a reply is an object, a stream a line of JSON for each piece.

use assize_llm::{ChatRequest, Error, FinishReason, ModelId, ResponseFormat};
use assize_transport::Request;
use serde_json::{Map, Value, json};

use crate::{Endpoint, SchemaForm, decimal::decimal, draft::Draft, openai_chat, reader::malformed, schema};

/// Writes the request (`POST chat` below `/api`). Whether to think is left to the model.
pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let quirks = endpoint.quirks(model);
    let mut options = Map::new();
    if let Some(most) = request.max_tokens {
        options.insert("num_predict".to_owned(), most.into());
    }
    if let Some(own) = request.temperature {
        options.insert("temperature".to_owned(), decimal(model, "temperature", own)?);
    }
    if let Some(seed) = request.seed {
        options.insert("seed".to_owned(), seed.into());
    }
    if !request.stop.is_empty() {
        options.insert("stop".to_owned(), request.stop.clone().into());
    }
    let mut system = request.system.as_deref().map(str::to_owned);
    let mut body = Map::new();
    if let ResponseFormat::JsonSchema(own) = &request.format {
        match quirks.schema {
            SchemaForm::JsonSchema => body.insert("format".to_owned(), (**own).clone()),
            SchemaForm::JsonObject => body.insert("format".to_owned(), "json".into()),
            SchemaForm::Prompt => None,
        };
        if quirks.schema != SchemaForm::JsonSchema {
            system = Some(schema::prompt(system.as_deref(), own));
        }
    }
    let system = system.map(|text| json!({"role": "system", "content": text}));
    let rest = request.messages.iter();
    let rest = rest.map(|message| json!({"role": openai_chat::role(message.role), "content": message.text}));
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("messages".to_owned(), system.into_iter().chain(rest).collect());
    // It streams unless it is told not to.
    body.insert("stream".to_owned(), streamed.into());
    body.insert("options".to_owned(), options.into());
    endpoint.post(model, "chat", body)
}

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    if !body.get("message").is_some_and(Value::is_object) {
        return Err(malformed(model, &"it has no message"));
    }
    read_event(model, body, draft)?;
    if !draft.is_ended {
        return Err(malformed(model, &"it is not done"));
    }
    Ok(())
}

pub(crate) fn read_event(_model: &ModelId, event: &Value, draft: &mut Draft) -> Result<(), Error> {
    draft.identify(event.get("model").and_then(Value::as_str), None);
    if let Some(message) = event.get("message") {
        let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        draft.think(text("thinking"))?;
        draft.say(text("content"))?;
        for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let function = call.get("function").unwrap_or(&Value::Null);
            let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
            let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
            // Calls come whole, their arguments as JSON.
            let arguments = match function.get("arguments") {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(arguments) => arguments.to_string(),
            };
            draft.call(draft.n_calls(), id, name, &arguments)?;
        }
    }
    if event.get("done").and_then(Value::as_bool) == Some(true) {
        draft.is_ended = true;
        draft.finish = Some(match event.get("done_reason").and_then(Value::as_str) {
            // It has no word of its own for a reply that ends with calls. Older servers give no reason at all.
            Some("stop") | None if draft.n_calls() > 0 => FinishReason::ToolCalls,
            Some("stop") | None => FinishReason::Stop,
            Some("length") => FinishReason::Length,
            Some(_) => FinishReason::Other,
        });
    }
    Ok(())
}
