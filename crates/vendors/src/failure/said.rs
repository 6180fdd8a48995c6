//! What a vendor says of a failure, in whatever shape.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{wait, wording};
use crate::json;

/// Errors lie in errors: a router's holds the vendor's, some as text. So deep is read.
const DEEPEST: u8 = 12;
/// So many codes, and so many messages, are kept.
const MOST: usize = 16;
/// A longer word is no code.
const LONGEST_CODE: usize = 96;
/// A list is read so far.
const MOST_ENTRIES: usize = 8;

/// What was said: codes as they are written, messages, and what else has a meaning of its own.
#[derive(Debug, Default)]
pub(super) struct Said {
    codes: Vec<String>,
    messages: Vec<String>,
    /// A status in the body, such as a router's word for what the vendor behind it answered.
    pub(super) status: Option<u16>,
    /// A quota for longer than minutes is used up, or one of nothing.
    pub(super) is_spent: bool,
    wait: Option<Duration>,
    /// The start of a body that is no JSON.
    page: Option<String>,
}

impl Said {
    pub(super) fn in_body(body: &[u8]) -> Self {
        match json::read(body) {
            Ok(value) => Self::in_value(&value),
            Err(_) => Self { page: Some(wording::page(body)), ..Self::default() },
        }
    }

    pub(super) fn in_value(value: &Value) -> Self {
        let mut said = Self::default();
        said.read(value, DEEPEST);
        if said.messages.is_empty() && said.codes.is_empty() {
            // Whatever it is, the reader is to see it.
            said.page = Some(wording::compact(value));
        }
        said
    }

    /// The vendor's own word for the failure.
    pub(super) fn code(&self) -> Option<&str> {
        self.codes.first().map(String::as_str)
    }

    /// Whether one of the codes is one of these, in whatever case.
    pub(super) fn has_code(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|own| codes.iter().any(|code| own.eq_ignore_ascii_case(code)))
    }

    /// Whether a message holds one of these phrases, which are in lower case.
    pub(super) fn has_phrase(&self, phrases: &[&str]) -> bool {
        let texts = self.messages.iter().chain(&self.page);
        texts
            .map(|text| text.to_ascii_lowercase())
            .any(|text| phrases.iter().any(|phrase| text.contains(phrase)))
    }

    /// How long it asks to be left alone.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.wait.or_else(|| self.messages.iter().find_map(|message| wait::in_message(message)))
    }

    /// What is shown of it.
    pub(super) fn shown(&self) -> String {
        let mut shown: Vec<&str> = Vec::new();
        for message in self.messages.iter().chain(&self.page) {
            let message = message.trim();
            // A router repeats what it holds.
            if !message.is_empty() && !shown.iter().any(|other| other.contains(message)) {
                shown.push(message);
            }
        }
        let shown = wording::shown(&shown.join(": "));
        if shown.is_empty() { "no reason was given".to_owned() } else { shown }
    }

    fn read(&mut self, value: &Value, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Object(fields) => self.read_object(fields, depth),
            Value::Array(entries) => {
                entries.iter().take(MOST_ENTRIES).for_each(|entry| self.read(entry, depth))
            }
            Value::String(text) => self.read_text(text, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A message, which may be the JSON of another error.
    fn read_text(&mut self, text: &str, depth: u8) {
        let text = text.trim();
        if text.starts_with(['{', '[']) {
            let inner = json::read(text.as_bytes()).ok().filter(|value| !value.is_null());
            let before = self.messages.len();
            if let Some(value) = inner {
                self.read(&value, depth);
            }
            if self.messages.len() > before {
                return;
            }
        }
        if !text.is_empty() && self.messages.len() < MOST {
            self.messages.push(wording::start(text).to_owned());
        }
    }

    fn read_object(&mut self, fields: &Map<String, Value>, depth: u8) {
        let get = |name: &str| fields.get(name);
        // The error proper first, so that its words come before those around it.
        if let Some(error) = get("error") {
            self.read(error, depth);
        }
        for name in ["code", "type", "status", "reason", "error_type"] {
            if let Some(value) = get(name) {
                self.read_code(value);
            }
        }
        for name in ["message", "msg", "detail", "error_description", "error_message", "errors"] {
            if let Some(value) = get(name) {
                self.read(value, depth);
            }
        }
        if let Some(details) = get("details").and_then(Value::as_array) {
            details.iter().take(MOST_ENTRIES).for_each(|detail| self.read_detail(detail));
        }
        for name in ["metadata", "innererror", "response"] {
            if let Some(Value::Object(inner)) = get(name) {
                self.read_object(inner, depth.saturating_sub(1));
            }
        }
        if let Some(raw) = get("raw") {
            self.read(raw, depth);
        }
        if get("flagged_input").is_some() {
            self.codes.push("flagged_input".to_owned());
        }
    }

    fn read_code(&mut self, code: &Value) {
        match code {
            Value::String(word) => {
                // What only says that this is an error says nothing.
                let is_code = !["", "error"].contains(&word.as_str()) && word.len() <= LONGEST_CODE;
                if is_code && self.codes.len() < MOST && !self.codes.contains(word) {
                    self.codes.push(word.clone());
                }
            }
            Value::Number(number) => {
                let status = number.as_u64().and_then(|number| u16::try_from(number).ok());
                self.status = self.status.or(status.filter(|status| (400..600).contains(status)));
            }
            _ => {}
        }
    }

    /// A detail as Google's interfaces give them (<https://cloud.google.com/apis/design/errors>).
    fn read_detail(&mut self, detail: &Value) {
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(reason) = text(detail, "reason") {
            self.read_code(&Value::String(reason));
        }
        if let Some(delay) = text(detail, "retryDelay") {
            self.wait = wait::duration(&delay).or(self.wait);
        }
        for violation in detail.get("violations").and_then(Value::as_array).into_iter().flatten() {
            let of_a_day = text(violation, "quotaId").is_some_and(|id| id.contains("PerDay"));
            let of_nothing = text(violation, "quotaValue").is_some_and(|value| value == "0");
            self.is_spent |= of_a_day || of_nothing;
        }
    }
}
