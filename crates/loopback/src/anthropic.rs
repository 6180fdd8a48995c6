//! Anthropic's Messages.

use assize_ambient::Timestamp;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    Ask, Form, Vendor,
    ask::{Delivery, Invalid, Said, content_text, texts},
    limit::{Stand, Stands},
    problem::{Event, Page, Problem, put, quoted},
    reply::{Finish, Reply, Tokens},
    vendor::seconds_up,
};

/// Reads a request; one to count tokens needs no `max_tokens`.
pub(crate) fn read(body: &Value, counts_only: bool) -> Result<Ask, Invalid> {
    let required = |name: &str| Invalid::new(format!("{name}: Field required"));
    let model = body["model"].as_str().filter(|model| !model.is_empty());
    let model = model.ok_or_else(|| required("model"))?.to_owned();
    let messages = body["messages"].as_array().ok_or_else(|| required("messages"))?;
    if messages.is_empty() {
        return Err(Invalid::new("messages: at least one message is required"));
    }
    let max_tokens = match body.get("max_tokens") {
        None if counts_only => None,
        None => return Err(required("max_tokens")),
        Some(tokens) => match tokens.as_u64() {
            Some(0) | None => {
                return Err(Invalid::new("max_tokens: Input should be greater than or equal to 1"));
            }
            tokens => tokens,
        },
    };
    let mut said = Vec::with_capacity(messages.len());
    for (n, message) in messages.iter().enumerate() {
        let by_model = match message["role"].as_str() {
            Some("user") => false,
            Some("assistant") => true,
            _ => {
                let why = format!("messages.{n}.role: Input should be 'user' or 'assistant'");
                return Err(Invalid::new(why));
            }
        };
        let text = message.get("content").filter(|content| !content.is_null()).and_then(content_text);
        said.push(Said::new(by_model, text.ok_or_else(|| required(&format!("messages.{n}.content")))?));
    }
    let system = content_text(&body["system"])
        .ok_or_else(|| Invalid::new("system: Input should be a valid string or list"))?;
    // What the interface calls it now, and what it called it before.
    let format = [&body["output_config"]["format"], &body["output_format"]]
        .into_iter()
        .find(|format| format["type"] == "json_schema");
    let form = match format {
        Some(format) if format["schema"].is_object() => Form::JsonSchema(format["schema"].clone()),
        Some(_) => return Err(required("output_config.format.schema")),
        None => Form::Text,
    };
    let streamed = body["stream"].as_bool() == Some(true);
    let delivery = if streamed { Delivery::Events { include_usage: true } } else { Delivery::Whole };
    let (vendor, stop) = (Vendor::Anthropic, texts(&body["stop_sequences"]));
    Ok(Ask { vendor, model, system, messages: said, max_tokens, stop, form, delivery })
}

fn usage(tokens: &Tokens, output: u64) -> String {
    format!(
        "{{\"input_tokens\":{},\"cache_creation_input_tokens\":{write},\"cache_read_input_tokens\":{},\
         \"cache_creation\":{{\"ephemeral_5m_input_tokens\":{write},\"ephemeral_1h_input_tokens\":0}},\
         \"output_tokens\":{output},\"service_tier\":\"standard\",\"inference_geo\":\"not_available\"}}",
        tokens.input,
        tokens.cache_read,
        write = tokens.cache_write,
    )
}

/// The members `stop_reason` and `stop_sequence`.
fn stop(finish: &Finish) -> String {
    let (reason, sequence) = match finish {
        Finish::Stop => ("end_turn", "null".to_owned()),
        Finish::Length => ("max_tokens", "null".to_owned()),
        Finish::StopSequence(sequence) => ("stop_sequence", quoted(sequence)),
    };
    format!("\"stop_reason\":\"{reason}\",\"stop_sequence\":{sequence}")
}

pub(crate) fn whole(reply: &Reply) -> String {
    format!(
        "{{\"id\":\"msg_{}\",\"type\":\"message\",\"role\":\"assistant\",\"model\":{},\"content\":[{{\"type\":\"text\",\
         \"text\":{}}}],{},\"stop_details\":null,\"usage\":{}}}",
        reply.id,
        quoted(&reply.model),
        quoted(&reply.text),
        stop(&reply.finish),
        usage(&reply.tokens, reply.tokens.reply()),
    )
}

pub(crate) fn events(reply: &Reply) -> Vec<Event> {
    let event = |name: &str, rest: &str, generated, whole| Event {
        text: format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n"),
        generated,
        whole,
    };
    let start = format!(
        ",\"message\":{{\"id\":\"msg_{}\",\"type\":\"message\",\"role\":\"assistant\",\"model\":{},\"content\":[],\
         \"stop_reason\":null,\"stop_sequence\":null,\"stop_details\":null,\"usage\":{}}}",
        reply.id,
        quoted(&reply.model),
        usage(&reply.tokens, 1.min(reply.tokens.output)),
    );
    let mut events = vec![
        event("message_start", &start, 0, false),
        event(
            "content_block_start",
            ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}",
            0,
            false,
        ),
        event("ping", "", 0, false),
    ];
    for (generated, piece) in reply.pieces(1) {
        let delta = format!(",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{}}}", quoted(piece));
        events.push(event("content_block_delta", &delta, generated, false));
    }
    let (all, tokens) = (reply.tokens.output, &reply.tokens);
    events.push(event("content_block_stop", ",\"index\":0", all, false));
    let end = format!(
        ",\"delta\":{{{},\"stop_details\":null}},\"usage\":{{\"input_tokens\":{},\"cache_creation_input_tokens\":{},\
         \"cache_read_input_tokens\":{},\"output_tokens\":{}}}",
        stop(&reply.finish),
        tokens.input,
        tokens.cache_write,
        tokens.cache_read,
        tokens.reply(),
    );
    events.push(event("message_delta", &end, all, true));
    events.push(event("message_stop", "", all, true));
    events
}

fn error(status: u16, kind: &str, message: &str, request_id: &str) -> Page {
    let body =
        json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": request_id });
    Page::json(status, body.to_string())
}

pub(crate) fn refuse(problem: &Problem, request_id: &str) -> Page {
    let say = |status, kind, message: &str| {
        let page = error(status, kind, message, request_id);
        // The vendor says of errors that are its own that they may be tried again.
        if status == 429 || status >= 500 { page.with_header("x-should-retry", "true") } else { page }
    };
    let invalid = "invalid_request_error";
    match problem {
        Problem::UnknownPath { .. } => say(404, "not_found_error", "Not Found"),
        Problem::WrongMethod { .. } => say(405, invalid, "Method Not Allowed"),
        Problem::MissingKey => say(401, "authentication_error", "x-api-key header is required"),
        Problem::WrongKey => say(401, "authentication_error", "invalid x-api-key"),
        Problem::TooLarge { cap } => {
            say(413, "request_too_large", &format!("Request exceeds the maximum size of {cap} bytes"))
        }
        Problem::Unparseable => say(400, invalid, "The request body is not valid JSON"),
        Problem::Invalid(why) => say(400, invalid, &why.message),
        Problem::ContextTooLong { tokens, window } => {
            say(400, invalid, &format!("prompt is too long: {tokens} tokens > {window} maximum"))
        }
        Problem::RateLimited { wait } => {
            let message = "This request would exceed your organization's rate limit. Please try again later.";
            let page = say(429, "rate_limit_error", message);
            match wait {
                Some(wait) => page.with_header("retry-after", &seconds_up(*wait).to_string()),
                None => page,
            }
        }
        Problem::Quota => {
            let body = json!({
                "type": "error",
                "error": {
                    "type": "rate_limit_error",
                    "message": "This organization has reached its monthly spend limit.",
                    "details": { "error_code": "enforced_spend_limit_reached" },
                },
                "request_id": request_id,
            });
            Page::json(429, body.to_string()).with_header("x-should-retry", "false")
        }
        Problem::Server => say(500, "api_error", "Internal server error"),
        Problem::Unavailable => say(503, "api_error", "Service unavailable"),
        Problem::Overloaded => say(529, "overloaded_error", "Overloaded"),
    }
}

/// An error inside a stream.
pub(crate) fn error_event(request_id: &str) -> String {
    let page = error(200, "overloaded_error", "Overloaded", request_id);
    format!("event: error\ndata: {}\n\n", page.text)
}

pub(crate) fn models(names: &[String]) -> String {
    let data: Vec<Value> = names
        .iter()
        .map(|name| json!({ "type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z" }))
        .collect();
    json!({ "data": data, "has_more": false, "first_id": names.first(), "last_id": names.last() }).to_string()
}

pub(crate) fn limit_headers(headers: &mut HeaderMap, stands: &Stands, now: Timestamp) {
    let mut window = |names: [&'static str; 3], stand: &Stand| {
        put(headers, names[0], &stand.limit.to_string());
        put(headers, names[1], &stand.remaining.to_string());
        let whole = Vendor::Anthropic.tellable(stand.reset);
        let reset = now.checked_add(whole).unwrap_or(Timestamp::MAX);
        put(headers, names[2], &reset.to_string());
    };
    let requests = [
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ];
    window(requests, &stands.requests);
    if let Some(tokens) = &stands.tokens {
        let names = [
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ];
        window(names, tokens);
    }
}
