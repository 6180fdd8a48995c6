//! How OpenAI shows a model its tools and the schema of its answer.
//!
//! No vendor's page says it. The form of the functions, a TypeScript namespace, is known from
//! <https://github.com/hmarr/openai-chat-tokens>; that of schemas, and what is left out of them, was found by comparing the
//! usages of recorded exchanges.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// How deep schemas are followed; what lies deeper is shown as `any`.
const MAX_DEPTH: usize = 64;

/// What a schema's text leaves out.
const LEFT_OUT: [&str; 6] = ["$schema", "additionalProperties", "required", "format", "minimum", "maximum"];

/// A function's declaration: `name`, `description`, `parameters`.
pub(crate) type Declaration = Map<String, Value>;

/// The functions as a TypeScript namespace.
pub(crate) fn namespace(functions: &[&Declaration]) -> String {
    let mut text = "namespace functions {\n\n".to_owned();
    for function in functions {
        if let Some(description) = filled(function.get("description")) {
            let _ = writeln!(text, "// {description}");
        }
        let name = filled(function.get("name")).unwrap_or_default();
        match properties(function.get("parameters")) {
            Some(_) => {
                let _ = writeln!(text, "type {name} = (_: {{");
                fields(&mut text, function.get("parameters"), 0);
                text.push_str("}) => any;\n\n");
            }
            None => {
                let _ = write!(text, "type {name} = () => any;\n\n");
            }
        }
    }
    text + "} // namespace functions"
}

/// How many functions have parameters of which the first is not described: each counts one token less than its text.
pub(crate) fn undescribed(functions: &[&Declaration]) -> u64 {
    let bare = |function: &&&Declaration| {
        properties(function.get("parameters"))
            .and_then(|properties| properties.values().next())
            .is_some_and(|first| filled(first.get("description")).is_none())
    };
    functions.iter().filter(bare).count() as u64
}

/// The text of a schema: JSON in ASCII without blanks, the type first.
pub(crate) fn schema(schema: &Value) -> String {
    let mut text = String::new();
    write_json(&mut text, schema, false, 0);
    text
}

fn filled(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn properties(schema: Option<&Value>) -> Option<&Map<String, Value>> {
    schema?.get("properties")?.as_object().filter(|properties| !properties.is_empty())
}

fn fields(text: &mut String, schema: Option<&Value>, depth: usize) {
    let required = schema.and_then(|schema| schema.get("required")).and_then(Value::as_array);
    for (name, field) in properties(schema).into_iter().flatten() {
        if let Some(description) = filled(field.get("description")) {
            let _ = writeln!(text, "// {description}");
        }
        let needed = required.is_some_and(|required| required.iter().any(|other| other == name.as_str()));
        let _ = write!(text, "{name}{}: ", if needed { "" } else { "?" });
        type_of(text, field, depth + 1);
        text.push_str(",\n");
    }
}

fn type_of(text: &mut String, schema: &Value, depth: usize) {
    if depth > MAX_DEPTH {
        return text.push_str("any");
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array).filter(|some| !some.is_empty()) {
        for (at, choice) in choices.iter().enumerate() {
            let _ = write!(text, "{}{choice}", if at == 0 { "" } else { " | " });
        }
        return;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => text.push_str("string"),
        Some("integer" | "number") => text.push_str("number"),
        Some("boolean") => text.push_str("boolean"),
        Some("null") => text.push_str("null"),
        Some("array") => {
            type_of(text, schema.get("items").unwrap_or(&Value::Null), depth + 1);
            text.push_str("[]");
        }
        Some("object") => {
            text.push_str("{\n");
            fields(text, Some(schema), depth);
            text.push('}');
        }
        _ => text.push_str("any"),
    }
}

/// `of_names`: the keys of this object are names that the schema's author chose.
fn write_json(text: &mut String, value: &Value, of_names: bool, depth: usize) {
    if depth > MAX_DEPTH {
        return text.push_str("{}");
    }
    match value {
        Value::Object(object) => {
            text.push('{');
            let kept = |key: &str| of_names || !LEFT_OUT.contains(&key);
            let (first, others): (Vec<_>, Vec<_>) = object
                .iter()
                .filter(|(key, _)| kept(key))
                .partition(|(key, _)| !of_names && key.as_str() == "type");
            for (at, (key, item)) in first.into_iter().chain(others).enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_string(text, key);
                text.push(':');
                let names = !of_names && matches!(key.as_str(), "properties" | "$defs" | "definitions");
                write_json(text, item, names, depth + 1);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_json(text, item, false, depth + 1);
            }
            text.push(']');
        }
        Value::String(string) => write_string(text, string),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

/// A JSON string in ASCII.
fn write_string(text: &mut String, string: &str) {
    for character in Value::from(string).to_string().chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
}
