//! OpenAI's chat completions.

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

const FINGERPRINT: &str = "fp_l00pback";

fn missing(param: &'static str) -> Invalid {
    Invalid {
        message: format!("Missing required parameter: '{param}'."),
        param: Some(param),
        code: Some("missing_required_parameter"),
    }
}

fn wrong(param: &'static str, message: impl Into<String>) -> Invalid {
    Invalid { message: message.into(), param: Some(param), code: Some("invalid_value") }
}

pub(crate) fn read(body: &Value) -> Result<Ask, Invalid> {
    let model = body["model"].as_str().filter(|model| !model.is_empty());
    let model = model.ok_or_else(|| Invalid::new("you must provide a model parameter"))?.to_owned();
    let messages = body["messages"].as_array().ok_or_else(|| missing("messages"))?;
    if messages.is_empty() {
        return Err(wrong(
            "messages",
            "Invalid 'messages': empty array. Expected an array with minimum length 1.",
        ));
    }
    let (mut system, mut said) = (Vec::new(), Vec::new());
    for message in messages {
        let text = content_text(&message["content"]);
        let text = text.ok_or_else(|| wrong("messages", "Invalid type for 'messages[].content'."))?;
        match message["role"].as_str() {
            Some("system" | "developer") => system.push(text),
            Some("user" | "tool" | "function") => said.push(Said::new(false, text)),
            Some("assistant") => said.push(Said::new(true, text)),
            _ => return Err(wrong("messages", "Invalid value for 'messages[].role'.")),
        }
    }
    if body["n"].as_u64().is_some_and(|n| n != 1) {
        return Err(wrong("n", "Invalid 'n': this model gives one choice."));
    }
    let limit = ["max_completion_tokens", "max_tokens"].into_iter().find_map(|name| body.get(name));
    let max_tokens = match limit {
        None | Some(Value::Null) => None,
        Some(limit) => match limit.as_u64().filter(|tokens| *tokens > 0) {
            Some(tokens) => Some(tokens),
            None => return Err(wrong("max_tokens", "Invalid 'max_tokens': integer below minimum value.")),
        },
    };
    let form = match body["response_format"]["type"].as_str() {
        Some("json_schema") => {
            let schema = body["response_format"]["json_schema"].get("schema");
            let named = body["response_format"]["json_schema"]["name"].is_string();
            let schema = schema.filter(|_| named).ok_or_else(|| missing("response_format.json_schema"))?;
            Form::JsonSchema(schema.clone())
        }
        Some("json_object") => Form::JsonObject,
        _ => Form::Text,
    };
    let delivery = if body["stream"].as_bool() == Some(true) {
        Delivery::Events { include_usage: body["stream_options"]["include_usage"].as_bool() == Some(true) }
    } else {
        Delivery::Whole
    };
    let (vendor, stop) = (Vendor::OpenAi, texts(&body["stop"]));
    Ok(Ask { vendor, model, system: system.join("\n"), messages: said, max_tokens, stop, form, delivery })
}

fn usage(tokens: &Tokens) -> String {
    let (prompt, reply) = (tokens.prompt(), tokens.reply());
    format!(
        "{{\"prompt_tokens\":{prompt},\"completion_tokens\":{reply},\"total_tokens\":{},\
         \"prompt_tokens_details\":{{\"cached_tokens\":{},\"audio_tokens\":0}},\
         \"completion_tokens_details\":{{\"reasoning_tokens\":{},\"audio_tokens\":0,\
         \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}}",
        prompt + reply,
        tokens.cache_read,
        tokens.reasoning,
    )
}

fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) => "stop",
        Finish::Length => "length",
    }
}

pub(crate) fn whole(reply: &Reply) -> String {
    format!(
        "{{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion\",\"created\":{},\"model\":{},\"choices\":[{{\"index\":0,\
         \"message\":{{\"role\":\"assistant\",\"content\":{},\"refusal\":null,\"annotations\":[]}},\"logprobs\":null,\
         \"finish_reason\":\"{}\"}}],\"usage\":{},\"service_tier\":\"default\",\"system_fingerprint\":\"{FINGERPRINT}\"}}",
        reply.id,
        reply.created,
        quoted(&reply.model),
        quoted(&reply.text),
        finish_reason(&reply.finish),
        usage(&reply.tokens),
    )
}

pub(crate) fn events(reply: &Reply, include_usage: bool) -> Vec<Event> {
    let before = format!(
        "data: {{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},\
         \"service_tier\":\"default\",\"system_fingerprint\":\"{FINGERPRINT}\",\"choices\":[",
        reply.id,
        reply.created,
        quoted(&reply.model)
    );
    let behind = if include_usage { "],\"usage\":null}\n\n" } else { "]}\n\n" };
    let chunk = |delta: &str, finish: &str, generated, whole| Event {
        text: format!(
            "{before}{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}{behind}"
        ),
        generated,
        whole,
    };
    let mut events =
        vec![chunk("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null", 0, false)];
    for (generated, piece) in reply.pieces(1) {
        events.push(chunk(&format!("{{\"content\":{}}}", quoted(piece)), "null", generated, false));
    }
    let generated = reply.tokens.output;
    let finish = format!("\"{}\"", finish_reason(&reply.finish));
    events.push(chunk("{}", &finish, generated, !include_usage));
    if include_usage {
        let text = format!("{before}],\"usage\":{}}}\n\n", usage(&reply.tokens));
        events.push(Event { text, generated, whole: true });
    }
    events.push(Event { text: "data: [DONE]\n\n".to_owned(), generated, whole: true });
    events
}

fn error(status: u16, kind: &str, message: &str, param: Option<&str>, code: Option<&str>) -> Page {
    let body = json!({ "error": { "message": message, "type": kind, "param": param, "code": code } });
    Page::json(status, body.to_string())
}

pub(crate) fn refuse(problem: &Problem) -> Page {
    let invalid = "invalid_request_error";
    match problem {
        Problem::UnknownPath { method, path } => {
            error(404, invalid, &format!("Invalid URL ({method} {path})"), None, None)
        }
        Problem::WrongMethod { method, path } => {
            let message = format!(
                "Not allowed to {method} on {path} (HINT: Perhaps you meant to use another HTTP method?)"
            );
            error(405, invalid, &message, None, Some("method_not_supported"))
        }
        Problem::MissingKey => {
            let message = "You didn't provide an API key. You need to provide your API key in an Authorization header \
                           using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
            error(401, invalid, message, None, None)
        }
        Problem::WrongKey => {
            error(401, invalid, "Incorrect API key provided.", None, Some("invalid_api_key"))
        }
        Problem::TooLarge { cap } => {
            error(413, invalid, &format!("Request body is larger than {cap} bytes."), None, None)
        }
        Problem::Unparseable => {
            let message = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using \
                           your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was \
                           not valid JSON.)";
            error(400, invalid, message, None, None)
        }
        Problem::Invalid(why) => error(400, invalid, &why.message, why.param, why.code),
        Problem::ContextTooLong { tokens, window } => {
            let message = format!(
                "This model's maximum context length is {window} tokens. However, your messages resulted in {tokens} \
                 tokens. Please reduce the length of the messages."
            );
            error(400, invalid, &message, Some("messages"), Some("context_length_exceeded"))
        }
        Problem::RateLimited { wait } => {
            let message = "Rate limit reached. Please try again later.";
            let page = error(429, "requests", message, None, Some("rate_limit_exceeded"));
            match wait {
                Some(wait) => page
                    .with_header("retry-after-ms", &wait.as_millis().to_string())
                    .with_header("retry-after", &seconds_up(*wait).to_string()),
                None => page,
            }
        }
        Problem::Quota => {
            let message = "You exceeded your current quota, please check your plan and billing details.";
            error(429, "insufficient_quota", message, None, Some("insufficient_quota"))
        }
        Problem::Server => error(500, "server_error", SERVER_ERROR, None, None),
        Problem::Unavailable | Problem::Overloaded => {
            let message = "The engine is currently overloaded, please try again later";
            error(503, "service_unavailable", message, None, None)
        }
    }
}

const SERVER_ERROR: &str = "The server had an error while processing your request. Sorry about that!";

/// An error inside a stream.
pub(crate) fn error_event() -> String {
    format!("data: {}\n\n", error(200, "server_error", SERVER_ERROR, None, None).text)
}

pub(crate) fn models(names: &[String]) -> String {
    let data: Vec<Value> = names
        .iter()
        .map(|name| json!({ "id": name, "object": "model", "created": 0, "owned_by": "loopback" }))
        .collect();
    json!({ "object": "list", "data": data }).to_string()
}

pub(crate) fn limit_headers(headers: &mut HeaderMap, stands: &Stands) {
    let mut window = |names: [&'static str; 3], stand: &Stand| {
        put(headers, names[0], &stand.limit.to_string());
        put(headers, names[1], &stand.remaining.to_string());
        put(headers, names[2], &duration(stand));
    };
    let requests =
        ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
    window(requests, &stands.requests);
    if let Some(tokens) = &stands.tokens {
        window(
            ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
            tokens,
        );
    }
}

/// A duration as OpenAI writes it: `120ms`, `8.64s`, `6m0s`.
fn duration(stand: &Stand) -> String {
    let ms = Vendor::OpenAi.tellable(stand.reset).as_millis();
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let thousandths = format!("{}.{:03}", rest / 1_000, rest % 1_000);
    let seconds = thousandths.trim_end_matches('0').trim_end_matches('.');
    match (minutes, rest) {
        (0, 0..1_000) => format!("{rest}ms"),
        (0, _) => format!("{seconds}s"),
        _ => format!("{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn durations_are_written_as_the_vendor_does() {
        for (ms, text) in
            [(0, "0ms"), (120, "120ms"), (8_640, "8.64s"), (360_000, "6m0s"), (61_500, "1m1.5s")]
        {
            let stand = Stand { limit: 1, remaining: 0, reset: Duration::from_millis(ms) };
            assert_eq!(duration(&stand), text);
        }
    }
}
