//! What is asked, whoever's format it came in.

use serde_json::Value;

use crate::Vendor;

/// A valid request for a reply, as a [`Responder`](crate::Responder) sees it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// In whose format it came.
    pub vendor: Vendor,
    /// The model that is asked.
    pub model: String,
    /// The system prompt; empty when there is none.
    pub system: String,
    /// The conversation, oldest first.
    pub messages: Vec<Said>,
    /// The most tokens that the reply may have.
    pub max_tokens: Option<u64>,
    /// Sequences that end the reply.
    pub stop: Vec<String>,
    /// The form of the reply.
    pub form: Form,
    /// How it is sent.
    pub(crate) delivery: Delivery,
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// Whether the model said it, and not its user.
    pub by_model: bool,
    /// What was said.
    pub text: String,
}

impl Said {
    pub(crate) const fn new(by_model: bool, text: String) -> Self {
        Self { by_model, text }
    }
}

/// The form that a reply must have.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// Any text.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that this schema describes.
    JsonSchema(Value),
}

/// How a reply is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// At once, when all is there.
    Whole,
    /// As server-sent events.
    Events {
        /// Whether OpenAI's chunk with the usage is asked for.
        include_usage: bool,
    },
    /// As the elements of one JSON array: Gemini without `alt=sse`.
    Array,
}

impl Ask {
    /// The tokens of the prompt: a quarter of its characters, rounded up.
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        let texts = self.messages.iter().map(|said| &said.text).chain([&self.system]);
        tokens_of(texts.map(|text| characters(text)).sum())
    }

    /// What the user said last; empty when nothing was said.
    #[must_use]
    pub fn last_text(&self) -> &str {
        self.messages.iter().rev().find(|said| !said.by_model).map_or("", |said| &said.text)
    }

    pub(crate) fn is_streamed(&self) -> bool {
        self.delivery != Delivery::Whole
    }
}

/// How many characters make a token here.
pub(crate) const CHARACTERS_PER_TOKEN: usize = 4;

/// A quarter of so many characters, rounded up.
pub(crate) fn tokens_of(characters: u64) -> u64 {
    characters.div_ceil(CHARACTERS_PER_TOKEN as u64)
}

pub(crate) fn characters(text: &str) -> u64 {
    if text.is_ascii() { text.len() as u64 } else { text.chars().count() as u64 }
}

/// Why a request is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    pub(crate) message: String,
    /// The field at fault, where the vendor names it.
    pub(crate) param: Option<&'static str>,
    /// OpenAI's code of the error.
    pub(crate) code: Option<&'static str>,
}

impl Invalid {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), param: None, code: None }
    }
}

/// The text of a message's content: a string, or a list of parts of which those with a `text` count.
pub(crate) fn content_text(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            Some(parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"))
        }
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// The texts of a list; a single text is a list of one.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}
