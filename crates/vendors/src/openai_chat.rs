//! `OpenAI`'s chat completions, and what other servers make of them.

mod delta;
mod message;

pub(crate) use delta::read_event;
pub(crate) use message::read_reply;

use assize_llm::{ChatRequest, Error, ErrorKind, FinishReason, ModelId, ResponseFormat, Role};
use assize_transport::Request;
use serde_json::{Map, Value, json};

use crate::{Endpoint, Quirks, SchemaForm, decimal::decimal, draft::Draft, failure, schema};

/// Writes the request (`POST chat/completions`).
pub(crate) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    request: &ChatRequest,
    streamed: bool,
) -> Result<Request, Error> {
    let quirks = endpoint.quirks(model);
    let mut body = Map::new();
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("messages".to_owned(), messages(&quirks, request));
    if let Some(most) = request.max_tokens {
        body.insert(quirks.max_tokens.clone(), most.into());
    }
    if let Some(own) = request.temperature {
        body.insert("temperature".to_owned(), decimal(model, "temperature", own)?);
    }
    if let Some(seed) = request.seed {
        body.insert(quirks.seed.clone(), seed.into());
    }
    if !request.stop.is_empty() {
        body.insert("stop".to_owned(), request.stop.clone().into());
    }
    if let ResponseFormat::JsonSchema(own) = &request.format
        && let Some(format) = response_format(&quirks, own)
    {
        body.insert("response_format".to_owned(), format);
    }
    if streamed {
        body.insert("stream".to_owned(), true.into());
        if quirks.stream_usage {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
    }
    endpoint.post(model, "chat/completions", body)
}

fn messages(quirks: &Quirks, request: &ChatRequest) -> Value {
    let system = match &request.format {
        ResponseFormat::JsonSchema(own) if quirks.schema != SchemaForm::JsonSchema => {
            Some(schema::prompt(request.system.as_deref(), own))
        }
        _ => request.system.as_deref().map(str::to_owned),
    };
    let system = system.map(|text| json!({"role": quirks.system_role, "content": text}));
    let rest =
        request.messages.iter().map(|message| json!({"role": role(message.role), "content": message.text}));
    system.into_iter().chain(rest).collect()
}

/// The name of who said a message.
pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn response_format(quirks: &Quirks, own: &Value) -> Option<Value> {
    match quirks.schema {
        SchemaForm::JsonSchema => {
            let named = json!({"name": schema::NAME, "schema": own, "strict": schema::is_strict(own)});
            Some(json!({"type": "json_schema", "json_schema": named}))
        }
        SchemaForm::JsonObject => Some(json!({"type": "json_object"})),
        SchemaForm::Prompt => None,
    }
}

/// The choice that counts: we ask for one, and a server that gives several numbers them.
fn first_choice(body: &Value) -> Option<&Value> {
    let choices = body.get("choices")?.as_array()?;
    let index = |choice: &Value| choice.get("index").and_then(Value::as_u64);
    choices.iter().find(|choice| index(choice).is_none_or(|index| index == 0))
}

/// Why the reply ended, in the words of the many servers that speak this format. An end that is a failure is an error.
fn read_finish(model: &ModelId, choice: &Value, draft: &mut Draft) -> Result<(), Error> {
    // OpenRouter tells of a failure half-way here.
    if let Some(error) = failure::inside(model, choice) {
        return Err(error);
    }
    let Some(word) = choice.get("finish_reason").and_then(Value::as_str).filter(|word| !word.is_empty())
    else {
        return Ok(());
    };
    let broke_off = |kind| {
        Err(Error::new(kind, format!("ask {model}: the vendor broke the reply off (`{word}`)"))
            .with_possibly_billed(true))
    };
    draft.finish = Some(match word.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "complete" | "completed" => {
            FinishReason::Stop
        }
        // `model_length` is Mistral's word for the context window's end.
        "length" | "max_tokens" | "max_length" | "model_length" | "max_output_tokens" => FinishReason::Length,
        "content_filter" | "content-filter" | "safety" | "recitation" | "refusal" => {
            FinishReason::ContentFilter
        }
        "tool_calls" | "tool-calls" | "tool_use" | "function_call" => FinishReason::ToolCalls,
        "error" => return broke_off(ErrorKind::Server),
        // DeepSeek's word for a server that has no more to give for now.
        "insufficient_system_resource" => return broke_off(ErrorKind::Overloaded),
        _ => FinishReason::Other,
    });
    Ok(())
}
