//! Counting the prompt of a request to OpenAI's responses API.

use serde_json::Value;

use crate::chat::{count_calls, count_content, count_format, count_functions};
use crate::error::Error;
use crate::prompt_count::{CountingRule, PromptCount, Tally, UncountedKind};
use crate::tool_text::Declaration;

/// Counts the prompt of a request to OpenAI's responses API, given as its JSON body: `instructions`, `input`, functions in
/// `tools`, the schema in `text.format`.
///
/// Texts count as in chats, exactly. What the vendor holds (`previous_response_id`, encrypted reasoning) and its own tools are
/// listed as [uncounted](PromptCount::uncounted).
///
/// # Errors
///
/// [`Error::Field`] if `input` is there but neither a string nor an array.
pub fn count_responses(body: &Value, rule: &CountingRule<'_>) -> Result<PromptCount, Error> {
    let mut tally = Tally::new(rule);
    if let Some(instructions) = body.get("instructions").and_then(Value::as_str) {
        tally.envelope("system", None);
        tally.messages += tally.text(instructions);
    }
    for held in ["previous_response_id", "conversation", "prompt"] {
        if body.get(held).is_some_and(|value| !value.is_null()) {
            tally.leave(held.to_owned(), UncountedKind::Held);
        }
    }
    match body.get("input") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => {
            tally.envelope("user", None);
            tally.messages += tally.text(text);
        }
        Some(Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                count_item(&mut tally, item, format!("input[{at}]"));
            }
        }
        Some(_) => return Err(Error::Field { field: "input", expected: "a string or an array" }),
    }
    count_tools(&mut tally, body);
    if let Some(format) = body.get("text").and_then(|text| text.get("format")) {
        let shown = tally.rule.overhead.responses_schema;
        count_format(&mut tally, Some(format), format.get("type"), "text.format", shown);
    }
    Ok(tally.finish())
}

fn count_item(tally: &mut Tally<'_>, item: &Value, place: String) {
    let text = |field| item.get(field).and_then(Value::as_str);
    match (text("type").unwrap_or("message"), text("role")) {
        ("message", Some(role)) => {
            tally.envelope(role, None);
            count_content(tally, item.get("content"), &place);
        }
        ("function_call", _) => {
            tally.envelope("assistant", None);
            count_calls(tally, &[item]);
        }
        ("function_call_output", _) => {
            tally.envelope("tool", None);
            match item.get("output") {
                Some(Value::String(output)) => tally.messages += tally.text(output),
                _ => tally.leave(place, UncountedKind::Unknown),
            }
        }
        ("reasoning" | "compaction" | "item_reference", _) => tally.leave(place, UncountedKind::Held),
        _ => tally.leave(place, UncountedKind::Unknown),
    }
}

fn count_tools(tally: &mut Tally<'_>, body: &Value) {
    let mut functions: Vec<&Declaration> = Vec::new();
    for (at, tool) in body.get("tools").and_then(Value::as_array).into_iter().flatten().enumerate() {
        match tool.as_object() {
            Some(function) if function.get("type").is_some_and(|kind| kind == "function") => {
                functions.push(function);
            }
            _ => tally.leave(format!("tools[{at}]"), UncountedKind::Tool),
        }
    }
    let overhead = tally.rule.overhead;
    count_functions(tally, &functions, overhead.responses_tools);
    if functions.is_empty() {
        return;
    }
    let forced = match body.get("tool_choice") {
        Some(Value::String(choice)) => choice == "required",
        Some(Value::Object(choice)) => choice.get("type").is_some_and(|kind| kind == "function"),
        _ => false,
    };
    if forced {
        tally.tools += u64::from(overhead.responses_forced);
    }
}
