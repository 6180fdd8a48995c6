//! The texts of a request, in whichever vendor's form.

use std::borrow::Cow;

use serde_json::Value;

use crate::error::Error;
use crate::prompt_count::{Uncounted, UncountedKind};

/// A request as far as its tokens can be estimated.
#[derive(Debug, Default)]
pub(super) struct Request<'b> {
    /// The texts of all messages, names and arguments of calls among them.
    pub(super) texts: Vec<Cow<'b, str>>,
    /// How many messages there are, that of the system among them.
    pub(super) messages: usize,
    pub(super) has_system: bool,
    /// How many calls of tools the conversation holds.
    pub(super) calls: usize,
    /// The declarations of tools, as JSON.
    pub(super) tools: Vec<String>,
    pub(super) uncounted: Vec<Uncounted>,
}

/// Settings that add to a prompt what no text of the request shows.
const HIDDEN: [(&str, UncountedKind); 10] = [
    ("response_format", UncountedKind::Tool),
    ("format", UncountedKind::Tool),
    ("output_format", UncountedKind::Tool),
    ("output_config", UncountedKind::Tool),
    ("documents", UncountedKind::File),
    ("plugins", UncountedKind::Tool),
    ("mcp_servers", UncountedKind::Tool),
    ("container", UncountedKind::Held),
    ("cachedContent", UncountedKind::Held),
    ("previous_response_id", UncountedKind::Held),
];

impl<'b> Request<'b> {
    pub(super) fn read(body: &'b Value) -> Result<Self, Error> {
        let mut request = Self::default();
        for field in ["system", "instructions", "systemInstruction", "system_instruction"] {
            match body.get(field) {
                None | Some(Value::Null) => {}
                Some(text) => request.system(text, field),
            }
        }
        let mut found = false;
        for field in ["messages", "contents", "input"] {
            match body.get(field) {
                Some(Value::Array(messages)) => {
                    found = true;
                    for (at, message) in messages.iter().enumerate() {
                        request.message(message, &format!("{field}[{at}]"));
                    }
                }
                Some(Value::String(text)) => {
                    found = true;
                    request.messages += 1;
                    request.texts.push(text.as_str().into());
                }
                _ => {}
            }
        }
        if !found {
            return Err(Error::Field {
                field: "messages",
                expected: "an array, or else `contents` or `input`",
            });
        }
        request.declarations(body);
        let set = |field: &str| body.get(field).map(|value| value.get("type").unwrap_or(value));
        if set("thinking").is_some_and(|mode| is_set(mode) && mode != "disabled") {
            request.leave("thinking", UncountedKind::Held);
        }
        if set("tool_choice").is_some_and(|choice| is_set(choice) && choice != "auto" && choice != "none") {
            request.leave("tool_choice", UncountedKind::Tool);
        }
        for (field, kind) in HIDDEN {
            if body.get(field).is_some_and(is_set) {
                request.leave(field, kind);
            }
        }
        Ok(request)
    }

    fn system(&mut self, text: &'b Value, place: &str) {
        self.messages += 1;
        self.has_system = true;
        self.content(text.get("parts").unwrap_or(text), place);
    }

    fn message(&mut self, message: &'b Value, place: &str) {
        match message.get("type").and_then(Value::as_str) {
            Some("function_call") => return self.call(message, "arguments"),
            Some("function_call_output") => {
                self.messages += 1;
                return self.content(message.get("output").unwrap_or(&Value::Null), place);
            }
            None | Some("message") => {}
            Some(_) => return self.leave(place, UncountedKind::Held),
        }
        if let Value::String(text) = message {
            self.messages += 1;
            self.texts.push(text.as_str().into());
            return;
        }
        if !message.is_object() {
            return self.leave(place, UncountedKind::Unknown);
        }
        self.messages += 1;
        self.has_system |=
            matches!(message.get("role").and_then(Value::as_str), Some("system" | "developer"));
        let content = message.get("content").or_else(|| message.get("parts")).unwrap_or(&Value::Null);
        self.content(content, place);
        for call in array(message.get("tool_calls")) {
            self.call(call.get("function").unwrap_or(call), "arguments");
        }
        for (field, kind) in [
            ("images", UncountedKind::Image),
            ("audio", UncountedKind::Audio),
            ("reasoning_content", UncountedKind::Held),
            ("reasoning", UncountedKind::Held),
            ("reasoning_details", UncountedKind::Held),
        ] {
            if message.get(field).is_some_and(is_set) {
                self.leave(&format!("{place}.{field}"), kind);
            }
        }
    }

    fn content(&mut self, content: &'b Value, place: &str) {
        match content {
            Value::Null => {}
            Value::String(text) => self.texts.push(text.as_str().into()),
            Value::Array(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.part(part, &format!("{place}.content[{at}]"));
                }
            }
            other => self.part(other, place),
        }
    }

    fn part(&mut self, part: &'b Value, place: &str) {
        let kind = part.get("type").and_then(Value::as_str);
        if part.get("thought").and_then(Value::as_bool) == Some(true) || is_set_in(part, "thoughtSignature") {
            self.leave(place, UncountedKind::Held);
        }
        if let Some(text) = part.as_str().or_else(|| part.get("text").and_then(Value::as_str))
            && matches!(kind, None | Some("text" | "input_text" | "output_text"))
        {
            return self.texts.push(text.into());
        }
        if let Some(call) = part.get("functionCall") {
            return self.call(call, "args");
        }
        if let Some(call) = part.get("toolUse").or_else(|| (kind == Some("tool_use")).then_some(part)) {
            return self.call(call, "input");
        }
        if let Some(result) = part.get("functionResponse") {
            return self.texts.push(result.to_string().into());
        }
        if let Some(result) = part.get("toolResult").or_else(|| (kind == Some("tool_result")).then_some(part))
        {
            // One level alone: a result holds no results.
            return match result.get("content") {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => self.texts.push(text.as_str().into()),
                Some(Value::Array(parts)) => {
                    for part in parts {
                        match part.get("text").and_then(Value::as_str) {
                            Some(text) => self.texts.push(text.into()),
                            None => self.leave(place, kind_of(part)),
                        }
                    }
                }
                Some(other) => self.texts.push(other.to_string().into()),
            };
        }
        self.leave(place, kind_of(part));
    }

    /// A call of a tool: its name and arguments are text.
    fn call(&mut self, call: &'b Value, arguments: &str) {
        self.calls += 1;
        if let Some(name) = call.get("name").and_then(Value::as_str) {
            self.texts.push(name.into());
        }
        match call.get(arguments) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => self.texts.push(text.as_str().into()),
            Some(arguments) => self.texts.push(arguments.to_string().into()),
        }
    }

    fn declarations(&mut self, body: &'b Value) {
        let bedrock = body.get("toolConfig").and_then(|config| config.get("tools"));
        let tools = array(body.get("tools")).iter().chain(array(body.get("functions"))).chain(array(bedrock));
        for (at, tool) in tools.enumerate() {
            let declared = tool.get("functionDeclarations").or_else(|| tool.get("function_declarations"));
            let own = ["function", "input_schema", "parameters", "toolSpec"]
                .iter()
                .any(|field| tool.get(field).is_some());
            match declared {
                Some(Value::Array(declared)) => self.tools.extend(declared.iter().map(Value::to_string)),
                _ if own => self.tools.push(tool.to_string()),
                // A tool of the vendor's own, whose declaration is not in the request.
                _ => self.leave(&format!("tools[{at}]"), UncountedKind::Tool),
            }
        }
    }

    fn leave(&mut self, place: &str, kind: UncountedKind) {
        self.uncounted.push(Uncounted { place: place.to_owned(), kind });
    }
}

fn array(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Does a field hold anything?
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn is_set_in(value: &Value, field: &str) -> bool {
    value.get(field).is_some_and(is_set)
}

fn kind_of(part: &Value) -> UncountedKind {
    let media =
        ["inlineData", "inline_data", "fileData", "file_data"].iter().find_map(|field| part.get(field));
    let media = media.and_then(|data| data.get("mimeType").or_else(|| data.get("mime_type")));
    let kind = media.or_else(|| part.get("type")).and_then(Value::as_str).unwrap_or_default();
    match kind {
        kind if kind.starts_with("image") || kind == "input_image" => UncountedKind::Image,
        kind if kind.contains("audio") => UncountedKind::Audio,
        kind if kind.contains("file") || kind == "document" || media.is_some() => UncountedKind::File,
        kind if kind.contains("thinking") => UncountedKind::Held,
        _ => UncountedKind::Unknown,
    }
}
