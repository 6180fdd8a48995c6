//! Google's Gemini.

use serde_json::{Value, json};

use crate::{
    Ask, Form, Vendor,
    ask::{Delivery, Invalid, Said, content_text, texts},
    problem::{Event, Page, Problem, quoted},
    reply::{Finish, Reply, Tokens},
};

/// Gemini's streams come in larger pieces than those of others.
const TOKENS_A_PIECE: usize = 8;

/// A member under either of its names: the interface takes camel case and snake case.
fn either<'a>(value: &'a Value, camel: &str, snake: &str) -> &'a Value {
    value.get(camel).unwrap_or(&value[snake])
}

pub(crate) fn read(body: &Value, model: &str, delivery: Delivery) -> Result<Ask, Invalid> {
    let contents = body["contents"].as_array().filter(|contents| !contents.is_empty());
    let contents = contents
        .ok_or_else(|| Invalid::new("* GenerateContentRequest.contents: contents is not specified\n"))?;
    let mut messages = Vec::with_capacity(contents.len());
    for content in contents {
        let by_model = match content["role"].as_str() {
            None | Some("user" | "function") => false,
            Some("model") => true,
            Some(_) => return Err(Invalid::new("Please use a valid role: user, model.")),
        };
        let text = content_text(&content["parts"]).ok_or_else(|| {
            Invalid::new("Invalid JSON payload received. Unknown value at 'contents[].parts'")
        })?;
        messages.push(Said::new(by_model, text));
    }
    let system = either(body, "systemInstruction", "system_instruction");
    let system = content_text(&system["parts"]).unwrap_or_default();
    let config = either(body, "generationConfig", "generation_config");
    let max_tokens = match either(config, "maxOutputTokens", "max_output_tokens") {
        Value::Null => None,
        tokens => match tokens.as_u64().filter(|tokens| *tokens > 0) {
            Some(tokens) => Some(tokens),
            None => return Err(Invalid::new("max_output_tokens must be positive.")),
        },
    };
    let schemas = [
        either(config, "responseSchema", "response_schema"),
        either(config, "responseJsonSchema", "response_json_schema"),
    ];
    let wants_json = either(config, "responseMimeType", "response_mime_type") == "application/json";
    let form = match schemas.into_iter().find(|schema| schema.is_object()) {
        Some(schema) => Form::JsonSchema(schema.clone()),
        None if wants_json => Form::JsonObject,
        None => Form::Text,
    };
    Ok(Ask {
        vendor: Vendor::Gemini,
        model: model.to_owned(),
        system,
        messages,
        max_tokens,
        stop: texts(either(config, "stopSequences", "stop_sequences")),
        form,
        delivery,
    })
}

fn usage(tokens: &Tokens) -> String {
    let prompt = tokens.prompt();
    let optional = |name: &str, count: u64| match count {
        0 => String::new(),
        count => format!(",\"{name}\":{count}"),
    };
    format!(
        "{{\"promptTokenCount\":{prompt},\"candidatesTokenCount\":{},\"totalTokenCount\":{}{}{},\
         \"promptTokensDetails\":[{{\"modality\":\"TEXT\",\"tokenCount\":{prompt}}}]}}",
        tokens.output,
        prompt + tokens.reply(),
        optional("cachedContentTokenCount", tokens.cache_read),
        optional("thoughtsTokenCount", tokens.reasoning),
    )
}

fn answer(reply: &Reply, text: &str, generated: u64, is_last: bool) -> String {
    let finish = match reply.finish {
        _ if !is_last => "",
        Finish::Stop | Finish::StopSequence(_) => ",\"finishReason\":\"STOP\"",
        Finish::Length => ",\"finishReason\":\"MAX_TOKENS\"",
    };
    format!(
        "{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":{}}}],\"role\":\"model\"}}{finish},\"index\":0}}],\
         \"usageMetadata\":{},\"modelVersion\":{},\"responseId\":\"{}\"}}",
        quoted(text),
        usage(&reply.tokens.up_to(generated)),
        quoted(&reply.model),
        &reply.id[..22],
    )
}

pub(crate) fn whole(reply: &Reply) -> String {
    answer(reply, &reply.text, reply.tokens.output, true)
}

pub(crate) fn events(reply: &Reply, delivery: Delivery) -> Vec<Event> {
    let mut pieces = reply.pieces(TOKENS_A_PIECE);
    if pieces.is_empty() {
        pieces.push((0, ""));
    }
    let last = pieces.len() - 1;
    let event = |(n, (generated, piece)): (usize, (u64, &str))| {
        let json = answer(reply, piece, generated, n == last);
        let text = match delivery {
            Delivery::Array if n == last => format!("{}{json}\n]", if n == 0 { "[" } else { ",\r\n" }),
            Delivery::Array => format!("{}{json}\n", if n == 0 { "[" } else { ",\r\n" }),
            Delivery::Events { .. } | Delivery::Whole => framed(&json),
        };
        Event { text, generated, whole: n == last }
    };
    pieces.into_iter().enumerate().map(event).collect()
}

fn framed(json: &str) -> String {
    format!("data: {json}\r\n\r\n")
}

fn error(code: u16, status: &str, message: &str, details: &Value) -> Page {
    let mut error = json!({ "code": code, "message": message, "status": status });
    if !details.is_null() {
        error["details"] = json!([details]);
    }
    Page::json(code, json!({ "error": error }).to_string())
}

pub(crate) fn refuse(problem: &Problem) -> Page {
    let plain = |code, status, message: &str| error(code, status, message, &Value::Null);
    match problem {
        Problem::UnknownPath { method, path } => {
            plain(404, "NOT_FOUND", &format!("Requested entity was not found: {method} {path}"))
        }
        Problem::WrongMethod { method, path } => {
            plain(405, "INVALID_ARGUMENT", &format!("Method {method} is not allowed on {path}"))
        }
        Problem::MissingKey => {
            let message = "Method doesn't allow unregistered callers (callers without established identity). Please use \
                           API Key or other form of API consumer identity to call this API.";
            plain(403, "PERMISSION_DENIED", message)
        }
        Problem::WrongKey => {
            let details = json!({
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": { "service": "generativelanguage.googleapis.com" },
            });
            let message = "API key not valid. Please pass a valid API key.";
            error(400, "INVALID_ARGUMENT", message, &details)
        }
        Problem::TooLarge { cap } => {
            plain(413, "INVALID_ARGUMENT", &format!("Request payload size exceeds the limit: {cap} bytes."))
        }
        Problem::Unparseable => plain(400, "INVALID_ARGUMENT", "Invalid JSON payload received."),
        Problem::Invalid(why) => plain(400, "INVALID_ARGUMENT", &why.message),
        Problem::ContextTooLong { tokens, window } => {
            let message = format!(
                "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({window})."
            );
            plain(400, "INVALID_ARGUMENT", &message)
        }
        Problem::RateLimited { wait } => {
            let details = wait.map_or(Value::Null, |wait| {
                let delay = format!("{}.{:03}s", wait.as_secs(), wait.subsec_millis());
                json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay })
            });
            error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).", &details)
        }
        Problem::Quota => {
            let details = json!({
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{ "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
            });
            let message = "You exceeded your current quota, please check your plan and billing details.";
            error(429, "RESOURCE_EXHAUSTED", message, &details)
        }
        Problem::Server => {
            let message = "An internal error has occurred. Please retry.";
            plain(500, "INTERNAL", message)
        }
        Problem::Unavailable | Problem::Overloaded => {
            plain(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        }
    }
}

/// An error inside a stream that has begun.
pub(crate) fn error_event(delivery: Delivery) -> String {
    let json = refuse(&Problem::Overloaded).text;
    if delivery == Delivery::Array { format!(",\r\n{json}\n]") } else { framed(&json) }
}

pub(crate) fn models(names: &[String]) -> String {
    let model = |name: &String| {
        json!({
            "name": format!("models/{name}"),
            "version": "001",
            "displayName": name,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        })
    };
    json!({ "models": names.iter().map(model).collect::<Vec<_>>() }).to_string()
}
