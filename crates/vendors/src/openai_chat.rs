//! `OpenAI`'s chat completions, and what other servers make of them.

use assize_llm::{ChatRequest, Error, ErrorKind, FinishReason, ModelId, Role};
use assize_transport::Request;
use serde_json::{Map, Value, json};

use crate::{Endpoint, draft::Draft, reader::malformed};

pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    messages.extend(request.system.as_ref().map(|text| json!({"role": "system", "content": text})));
    messages.extend(request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.text})
    }));
    let mut body = Map::new();
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("messages".to_owned(), messages.into());
    if streamed {
        body.insert("stream".to_owned(), true.into());
    }
    let wrong = |e: assize_transport::Error| {
        Error::new(ErrorKind::BadRequest, format!("ask {model}: failed to {e}")).with_source(e)
    };
    let mut out = Request::post(endpoint.address("chat/completions")?, Value::Object(body).to_string())
        .with_header("content-type", "application/json")
        .map_err(wrong)?;
    if let Some(key) = endpoint.key() {
        out = out.with_secret_header("authorization", &format!("Bearer {}", key.expose())).map_err(wrong)?;
    }
    Ok(out)
}

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    let choice = body.get("choices").and_then(|choices| choices.get(0));
    let choice = choice.ok_or_else(|| malformed(model, &"it has no choice"))?;
    let text = choice.get("message").and_then(|message| message.get("content")).and_then(Value::as_str);
    draft.say(text.unwrap_or_default())?;
    draft.finish = Some(FinishReason::Stop);
    Ok(())
}

pub(crate) fn read_event(_model: &ModelId, event: &Value, draft: &mut Draft) -> Result<(), Error> {
    let choice = event.get("choices").and_then(|choices| choices.get(0));
    let text = choice.and_then(|choice| choice.get("delta")?.get("content")).and_then(Value::as_str);
    draft.say(text.unwrap_or_default())
}
