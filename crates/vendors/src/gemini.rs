//! Gemini's `generateContent` (<https://ai.google.dev/api/generate-content>).

use assize_llm::{ChatRequest, Error, ErrorKind, FinishReason, ModelId, ResponseFormat, Role};
use assize_transport::Request;
use serde_json::{Map, Value, json};

use crate::{Endpoint, decimal::decimal, draft::Draft, failure, reader::malformed, written::written};

/// The vendor's seeds have 31 bits: of a larger one those are taken.
const SEED_BITS: u64 = 0x7fff_ffff;

pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let contents: Vec<Value> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "model",
            };
            json!({"role": role, "parts": [{"text": message.text}]})
        })
        .collect();
    let mut body = Map::new();
    body.insert("contents".to_owned(), contents.into());
    if let Some(system) = &request.system {
        body.insert("systemInstruction".to_owned(), json!({"parts": [{"text": system}]}));
    }
    let config = config(model, request)?;
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), config.into());
    }
    let method = if streamed { "streamGenerateContent?alt=sse" } else { "generateContent" };
    let address = endpoint.address(&format!("{}:{method}", path(model)?))?;
    let key = endpoint.key().map(|key| ("x-goog-api-key", key.expose()));
    written(model, address, body, &[], key)
}

fn config(model: &ModelId, request: &ChatRequest) -> Result<Map<String, Value>, Error> {
    let mut config = Map::new();
    let mut put = |name: &str, value: Value| config.insert(name.to_owned(), value);
    if let Some(max_tokens) = request.max_tokens {
        put("maxOutputTokens", max_tokens.into());
    }
    if let Some(temperature) = request.temperature {
        put("temperature", decimal(model, "temperature", temperature)?);
    }
    if !request.stop.is_empty() {
        put("stopSequences", request.stop.clone().into());
    }
    if let Some(seed) = request.seed {
        put("seed", (seed & SEED_BITS).into());
    }
    if let ResponseFormat::JsonSchema(schema) = &request.format {
        put("responseMimeType", "application/json".into());
        put("responseJsonSchema", (**schema).clone());
    }
    Ok(config)
}

/// The path of a model, which stands in the address: nothing in its name may lead elsewhere.
fn path(model: &ModelId) -> Result<String, Error> {
    let name = model.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/@".contains(&byte);
    if !name.bytes().all(plain) || name.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        let message = format!(
            "ask {model}: the name of a model of Gemini holds letters, digits, dashes and dots, as in gemini-2.5-flash"
        );
        return Err(Error::new(ErrorKind::BadRequest, message));
    }
    // Tuned models are called by their whole path.
    Ok(if name.contains('/') { name.to_owned() } else { format!("models/{name}") })
}

pub(crate) fn read_reply(model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
    let mut has_candidate = false;
    match body {
        // A stream that does not come as events is a list of what the events would hold.
        Value::Array(pieces) => {
            for piece in pieces {
                if let Some(error) = failure::inside(model, piece) {
                    return Err(error);
                }
                draft.observe(piece);
                has_candidate |= read_piece(model, piece, draft)?;
            }
        }
        piece => has_candidate = read_piece(model, piece, draft)?,
    }
    if !has_candidate {
        return Err(malformed(model, &"it has no candidate"));
    }
    draft.is_ended = true;
    Ok(())
}

pub(crate) fn read_event(model: &ModelId, event: &Value, draft: &mut Draft) -> Result<(), Error> {
    read_piece(model, event, draft).map(|_| ())
}

/// Reads a piece of a reply, and says whether there is a candidate in it.
fn read_piece(model: &ModelId, event: &Value, draft: &mut Draft) -> Result<bool, Error> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    draft.identify(text("modelVersion"), text("responseId"));
    let blocked = event.get("promptFeedback").and_then(|feedback| feedback.get("blockReason")?.as_str());
    if let Some(reason) = blocked {
        return Err(failure::blocked(model, reason));
    }
    // Nobody asks for more than one candidate here.
    let Some(candidate) = event.get("candidates").and_then(|candidates| candidates.get(0)) else {
        return Ok(false);
    };
    let parts = candidate.get("content").and_then(|content| content.get("parts")?.as_array());
    for part in parts.into_iter().flatten() {
        let text = part.get("text").and_then(Value::as_str).unwrap_or_default();
        if part.get("thought").and_then(Value::as_bool) == Some(true) {
            draft.think(text)?;
        } else {
            draft.say(text)?;
        }
        // What the vendor ran itself (`executableCode` and its result) asks for nothing.
        if let Some(call) = part.get("functionCall") {
            let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
            let arguments = call.get("args").map_or_else(|| "{}".to_owned(), Value::to_string);
            draft.call(draft.n_calls(), text("id"), text("name"), &arguments)?;
        }
    }
    if let Some(reason) = candidate.get("finishReason").and_then(Value::as_str) {
        draft.finish = Some(finish(reason));
    }
    // The vendor has no word of its own for a reply that waits for its tools.
    if draft.finish == Some(FinishReason::Stop) && draft.n_calls() > 0 {
        draft.finish = Some(FinishReason::ToolCalls);
    }
    Ok(true)
}

/// Why a candidate ended (<https://ai.google.dev/api/generate-content#FinishReason>).
fn finish(reason: &str) -> FinishReason {
    match reason {
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}
