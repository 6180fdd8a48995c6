//! Counting the prompt of a chat.

use serde_json::Value;

use crate::error::Error;
use crate::overhead::Section;
use crate::prompt_count::{CountingRule, PromptCount, Tally, UncountedKind};
use crate::tool_text::{Declaration, namespace, schema, undescribed};

/// A text message of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatText<'t> {
    /// Who speaks: `system`, `user`, `assistant` …
    pub role: &'t str,
    /// The speaker's name, if the message carries one.
    pub name: Option<&'t str>,
    /// What is said.
    pub content: &'t str,
}

/// Counts the prompt of a chat of texts.
///
/// ```
/// use assize_tokens::{ChatText, count_texts, model_tokens};
///
/// let rule = model_tokens("gpt-4.1-mini").and_then(|model| model.rule()).expect("a known model");
/// let chat = [ChatText { role: "user", name: None, content: "Reply with exactly: cobalt" }];
/// assert_eq!(count_texts(&chat, &rule).tokens, 12);
/// ```
#[must_use]
pub fn count_texts(messages: &[ChatText<'_>], rule: &CountingRule<'_>) -> PromptCount {
    let mut tally = Tally::new(rule);
    for message in messages {
        tally.envelope(message.role, message.name);
        tally.messages += tally.text(message.content);
    }
    tally.finish()
}

/// Counts the prompt of a request to OpenAI's chat completions, given as its JSON body: messages, calls of tools and their
/// results, `tools` or `functions`, and the schema in `response_format`.
///
/// Fields of an object are counted in the order in which `serde_json` keeps them, which is alphabetic; the order moves a count
/// by a token at most, and only where the fields of a tool are described in part.
///
/// # Errors
///
/// [`Error::Field`] if the body has no array `messages`. All else that is not understood is listed as
/// [uncounted](PromptCount::uncounted).
pub fn count_chat(body: &Value, rule: &CountingRule<'_>) -> Result<PromptCount, Error> {
    let messages = body
        .get("messages")
        .and_then(Value::as_array)
        .ok_or(Error::Field { field: "messages", expected: "an array" })?;
    let mut tally = Tally::new(rule);
    for (at, message) in messages.iter().enumerate() {
        count_message(&mut tally, message, &format!("messages[{at}]"));
    }
    count_tools(&mut tally, body);
    if let Some(format) = body.get("response_format") {
        let shown = tally.rule.overhead.schema;
        count_format(&mut tally, format.get("json_schema"), format.get("type"), "response_format", shown);
    }
    Ok(tally.finish())
}

fn count_message(tally: &mut Tally<'_>, message: &Value, place: &str) {
    let Some(role) = message.get("role").and_then(Value::as_str) else {
        return tally.leave(place.to_owned(), UncountedKind::Unknown);
    };
    tally.envelope(role, message.get("name").and_then(Value::as_str));
    count_content(tally, message.get("content"), place);
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        count_refusal(tally, refusal);
    }
    if message.get("audio").is_some_and(Value::is_object) {
        tally.leave(format!("{place}.audio"), UncountedKind::Audio);
    }
    let calls = message.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let functions = calls
        .iter()
        .filter_map(|call| call.get("function"))
        .chain(message.get("function_call"))
        .collect::<Vec<_>>();
    for (at, call) in calls.iter().enumerate() {
        if call.get("function").is_none() {
            tally.leave(format!("{place}.tool_calls[{at}]"), UncountedKind::Tool);
        }
    }
    count_calls(tally, &functions);
}

/// A content: a string, or parts.
pub(crate) fn count_content(tally: &mut Tally<'_>, content: Option<&Value>, place: &str) {
    match content {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => tally.messages += tally.text(text),
        Some(Value::Array(parts)) => {
            for (at, part) in parts.iter().enumerate() {
                count_part(tally, part, format!("{place}.content[{at}]"));
            }
        }
        Some(_) => tally.leave(format!("{place}.content"), UncountedKind::Unknown),
    }
}

fn count_part(tally: &mut Tally<'_>, part: &Value, place: String) {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    let text = |field| part.get(field).and_then(Value::as_str);
    match (kind, text("text"), text("refusal")) {
        ("text" | "input_text" | "output_text", Some(text), _) => tally.messages += tally.text(text),
        ("refusal", _, Some(refusal)) => count_refusal(tally, refusal),
        _ => tally.leave(place, kind_of(kind)),
    }
}

fn kind_of(part: &str) -> UncountedKind {
    match part {
        "image_url" | "input_image" | "computer_screenshot" => UncountedKind::Image,
        "input_audio" => UncountedKind::Audio,
        "file" | "input_file" => UncountedKind::File,
        _ => UncountedKind::Unknown,
    }
}

/// A refusal in the history takes three tokens more than its text (seen in one recording).
fn count_refusal(tally: &mut Tally<'_>, refusal: &str) {
    tally.fitted = true;
    tally.messages += tally.text(refusal) + 3;
}

/// The calls of one message, with what their results carry besides their contents.
pub(crate) fn count_calls(tally: &mut Tally<'_>, functions: &[&Value]) {
    let named =
        |function: &Value, field| function.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let calls = functions
        .iter()
        .map(|function| (named(function, "name"), named(function, "arguments")))
        .collect::<Vec<_>>();
    let overhead = u64::from(tally.rule.overhead.call);
    match calls.as_slice() {
        [] => return,
        [(name, arguments)] => tally.messages += overhead + 2 * tally.text(name) + tally.text(arguments),
        several => {
            // Calls made at once are one call of a tool that makes them.
            let uses = several
                .iter()
                .map(|(name, arguments)| {
                    format!(r#"{{"recipient_name":"functions.{name}","parameters":{arguments}}}"#)
                })
                .collect::<Vec<_>>()
                .join(",");
            tally.messages += overhead + 7 + tally.text(&format!(r#"{{"tool_uses":[{uses}]}}"#));
        }
    }
    tally.fitted = true;
}

fn count_tools(tally: &mut Tally<'_>, body: &Value) {
    let mut functions: Vec<&Declaration> = Vec::new();
    for (at, tool) in body.get("tools").and_then(Value::as_array).into_iter().flatten().enumerate() {
        match tool.get("function").and_then(Value::as_object) {
            Some(function) => functions.push(function),
            None => tally.leave(format!("tools[{at}]"), UncountedKind::Tool),
        }
    }
    let old = body.get("functions").and_then(Value::as_array).into_iter().flatten();
    functions.extend(old.filter_map(Value::as_object));
    let shown = tally.rule.overhead.tools;
    count_functions(tally, &functions, shown);
    if functions.is_empty() {
        return;
    }
    // By openai-chat-tokens; no recording has either.
    match body.get("tool_choice").or(body.get("function_call")) {
        Some(Value::String(choice)) if choice == "none" => tally.tools += 1,
        Some(Value::Object(choice)) => {
            let function = choice.get("function").and_then(Value::as_object).unwrap_or(choice);
            if let Some(name) = function.get("name").and_then(Value::as_str) {
                tally.tools += tally.text(name) + 4;
            }
        }
        _ => {}
    }
}

/// The declared functions.
pub(crate) fn count_functions(tally: &mut Tally<'_>, functions: &[&Declaration], shown: Option<Section>) {
    if functions.is_empty() {
        return;
    }
    tally.fitted = true;
    match shown {
        Some(section) => {
            let text = tally.text(&namespace(functions)) + section.tokens(tally.has_system);
            tally.tools += text.saturating_sub(undescribed(functions));
        }
        None => tally.leave("tools".to_owned(), UncountedKind::Tool),
    }
}

/// The format of the answer; `format` holds a schema and its name.
pub(crate) fn count_format(
    tally: &mut Tally<'_>,
    format: Option<&Value>,
    kind: Option<&Value>,
    place: &str,
    shown: Option<Section>,
) {
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    let json = format.and_then(|format| format.get("schema"));
    match (kind, json, shown) {
        ("text" | "json_object", _, _) => {}
        ("json_schema", Some(json), Some(section)) => {
            let name = format.and_then(|format| format.get("name")).and_then(Value::as_str);
            tally.fitted = true;
            tally.response_format += section.tokens(tally.has_system)
                + tally.text(name.unwrap_or_default())
                + tally.text(&schema(json));
        }
        ("json_schema", Some(_), None) => tally.leave(place.to_owned(), UncountedKind::Tool),
        _ => tally.leave(place.to_owned(), UncountedKind::Unknown),
    }
}
