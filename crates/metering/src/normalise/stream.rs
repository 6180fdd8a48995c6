//! The usage of a stream, from its events.

use serde_json::{Map, Value};

use super::envelope::{self, Found};
use super::finding::FindingKind;
use super::format::{self, UsageFormat};
use super::read;
use super::reading::{RAW_DEPTH, fits};
use crate::usage::Usage;

/// How much is kept of the fields of Anthropic's usages, which add up event by event: values and bytes of text together.
/// What goes beyond is hostile.
const MOST_KEPT: usize = 1 << 20;

/// Folds the events of a stream into its usage.
///
/// Every vendor states cumulative snapshots, so that a later one replaces an earlier one and nothing is ever added up.
/// Anthropic states some counts at the start and others at the end: there each field is replaced by itself, and a null
/// keeps what was stated before.
///
/// A stream that breaks off leaves what is known: its report holds a [`FindingKind::StreamCut`], its counts are lower
/// bounds, and an output that was not stated yet is absent, never zero. The count of a stream that never stated any is
/// for the caller to estimate.
///
/// ```
/// use assize_metering::{TokenUsage, UsageFormat, UsageStream};
/// use serde_json::json;
///
/// let mut stream = UsageStream::new(UsageFormat::Anthropic);
/// stream.observe(&json!({"type": "message_start", "message": {"usage": {"input_tokens": 12, "output_tokens": 1}}}));
/// assert!(!stream.is_complete());
/// stream.observe(&json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
///                        "usage": {"output_tokens": 40}}));
/// assert!(stream.is_complete());
/// assert_eq!(stream.finish().map(|usage| usage.tokens), Some(TokenUsage::of(12, 40)));
/// ```
#[derive(Debug, Clone)]
pub struct UsageStream {
    format: UsageFormat,
    usage: Option<Map<String, Value>>,
    /// Gemini's snapshot of the largest total, for a stream that breaks off after a smaller one.
    largest: Option<(u64, Map<String, Value>)>,
    around: Map<String, Value>,
    /// Anthropic: whether more than the start has spoken.
    output_stated: bool,
    complete: bool,
    /// Anthropic: how much more may be kept of what events state.
    room: usize,
}

impl UsageStream {
    /// A stream of which no event has been seen.
    #[must_use]
    pub fn new(format: UsageFormat) -> Self {
        Self {
            format,
            usage: None,
            largest: None,
            around: Map::new(),
            output_stated: false,
            complete: false,
            room: MOST_KEPT,
        }
    }

    /// Takes note of an event: the JSON of its data, or its usage object alone.
    ///
    /// The whole event is better. Of a usage object alone nothing says where in the stream it stood, so that it is
    /// taken for final until another comes; Anthropic's `message_start` must be given whole.
    pub fn observe(&mut self, event: &Value) {
        let Value::Object(event) = event else { return };
        for (name, value) in envelope::around(event) {
            self.around.insert(name, value);
        }
        // An event that is neither a body nor a usage object, such as a ping, says nothing.
        let found = envelope::find(self.format, event)
            .filter(|found| !found.bare || format::by_fields(&found.usage).is_some());
        let bare = found.as_ref().is_some_and(|found| found.bare);
        self.complete |= bare || ends(self.format, event, found.is_some());
        if let Some(Found { usage, .. }) = found {
            self.output_stated |= event.get("type").and_then(Value::as_str) != Some("message_start");
            self.keep(usage);
        }
    }

    /// Whether the usage is final, as far as the events say.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete && self.usage.is_some()
    }

    /// The usage; `None` where no event stated any.
    #[must_use]
    pub fn finish(self) -> Option<Usage> {
        let complete = self.is_complete();
        let mut usage = self.usage?;
        if let (false, Some((_, largest))) = (complete, self.largest) {
            usage = largest;
        }
        let raw = usage.clone();
        if self.format == UsageFormat::Anthropic && !self.output_stated {
            // What the start says of the output is a placeholder.
            usage.remove("output_tokens");
            usage.remove("output_tokens_details");
        }
        let mut reading = read(self.format, &usage, &self.around);
        if !complete {
            reading.findings.plain(FindingKind::StreamCut, "");
        }
        Some(reading.finish(&raw))
    }

    fn keep(&mut self, usage: Map<String, Value>) {
        match (&mut self.usage, self.format) {
            (Some(held), UsageFormat::Anthropic) => {
                let room = &mut self.room;
                let stated = usage.into_iter().filter(|(_, value)| !value.is_null());
                held.extend(stated.filter(|(name, value)| fits(name.len(), value, RAW_DEPTH, room)));
            }
            (held, UsageFormat::Gemini) => {
                let total = usage.get("totalTokenCount").and_then(Value::as_u64).unwrap_or(0);
                if self.largest.as_ref().is_none_or(|(largest, _)| *largest <= total) {
                    self.largest = Some((total, usage.clone()));
                }
                *held = Some(usage);
            }
            (held, _) => *held = Some(usage),
        }
    }
}

/// Whether an event says that the usage is final, or that what it states from now on is.
fn ends(format: UsageFormat, event: &Map<String, Value>, has_usage: bool) -> bool {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let any = |list: &str, field: &str| {
        let entries = event.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        entries.iter().any(|entry| entry.get(field).is_some_and(|reason| !reason.is_null()))
    };
    let within = |outer: &str, inner: &str| event.get(outer).and_then(|value| value.get(inner));
    match format {
        UsageFormat::OpenAiChat => {
            let empty = match event.get("choices") {
                None | Some(Value::Null) => true,
                Some(choices) => choices.as_array().is_some_and(Vec::is_empty),
            };
            any("choices", "finish_reason") || (has_usage && empty)
        }
        UsageFormat::OpenAiResponses => {
            // Earlier events repeat the response with a null usage.
            let begins = ["response.created", "response.queued", "response.in_progress"];
            has_usage && text("type").is_none_or(|kind| !begins.contains(&kind))
        }
        UsageFormat::Anthropic => {
            text("type") == Some("message_stop")
                || text("type") == Some("message")
                || within("delta", "stop_reason").is_some_and(Value::is_string)
        }
        UsageFormat::Gemini => {
            any("candidates", "finishReason") || within("promptFeedback", "blockReason").is_some()
        }
        UsageFormat::GeminiInteractions => {
            let status = within("interaction", "status").or(event.get("status")).and_then(Value::as_str);
            has_usage && status != Some("in_progress")
        }
        UsageFormat::BedrockConverse | UsageFormat::Cohere => has_usage,
        UsageFormat::Ollama => event.get("done") == Some(&Value::Bool(true)),
        UsageFormat::LlamaCpp => {
            event.get("stop") == Some(&Value::Bool(true)) || any("choices", "finish_reason")
        }
    }
}
