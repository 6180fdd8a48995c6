//! The form of a recorded call: one line of JSON.

use std::{
    fmt::Write as _,
    io::{self, BufRead, Read, Write},
    sync::Arc,
    time::Duration,
};

use assize_metering::Usage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ChatReply, ChatRequest, Error, ErrorKind, FinishReason, PartialReply, ResponseFormat, Role, Telemetry,
    ToolCall,
};

const FORMAT_VERSION: u32 = 1;
/// How deep a vendor's own usage object may be nested. JSON's readers have a limit.
const MOST_NESTED: usize = 64;
/// The longest line that is written or read.
const MOST_BYTES: u64 = 64 << 20;

/// A call: what was asked, and what came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    format_version: u32,
    /// The model that was asked.
    pub(crate) model: String,
    pub(crate) fingerprint: String,
    /// How many equal requests were begun before it.
    pub(crate) nth: u64,
    pub(crate) request: Request,
    /// The pieces of a stream; absent of a whole reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deltas: Option<Vec<Delta>>,
    pub(crate) end: End,
}

/// Read first, so that a line of another version is told apart from a broken one.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

impl Line {
    pub(crate) fn new(
        model: String,
        fingerprint: String,
        nth: u64,
        request: Request,
        deltas: Option<Vec<Delta>>,
    ) -> Self {
        Self { format_version: FORMAT_VERSION, model, fingerprint, nth, request, deltas, end: End::Dropped }
    }

    /// Writes it with its end of line, in one piece.
    pub(crate) fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        if line.len() as u64 >= MOST_BYTES {
            return Err(io::Error::other(format!(
                "record a call of {}: it is longer than 64 MiB",
                self.model
            )));
        }
        line.push(b'\n');
        writer.write_all(&line)?;
        writer.flush()
    }

    /// Reads the next line that is not empty, and counts those that it read; `None` at the end.
    pub(crate) fn read(reader: &mut impl BufRead, n_read: &mut u64) -> Result<Option<Self>, String> {
        let mut line = Vec::new();
        loop {
            line.clear();
            *n_read += 1;
            let n =
                reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line).map_err(|e| e.to_string())?;
            if n == 0 {
                return Ok(None);
            }
            if n as u64 == MOST_BYTES {
                return Err("it is longer than 64 MiB".to_owned());
            }
            if !line.trim_ascii().is_empty() {
                break;
            }
        }
        let Version { format_version } = serde_json::from_slice(&line).map_err(|e| e.to_string())?;
        if format_version != FORMAT_VERSION {
            return Err(format!(
                "its format_version is {format_version}; this program reads {FORMAT_VERSION}"
            ));
        }
        let line: Self = serde_json::from_slice(&line).map_err(|e| e.to_string())?;
        if line.fingerprint != line.request.fingerprint() {
            return Err("its request is not the one whose fingerprint it has; record it anew".to_owned());
        }
        Ok(Some(line))
    }
}

/// What was asked, apart from what only the ledger sees.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) system: Option<String>,
    pub(crate) messages: Vec<Said>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json_schema: Option<Value>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    role: Speaker,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Speaker {
    User,
    Assistant,
}

impl Request {
    pub(crate) fn of(request: &ChatRequest) -> Self {
        let said = request.messages.iter().map(|message| Said {
            role: match message.role {
                Role::User => Speaker::User,
                Role::Assistant => Speaker::Assistant,
            },
            text: message.text.to_string(),
        });
        Self {
            system: request.system.as_deref().map(str::to_owned),
            messages: said.collect(),
            max_tokens: request.max_tokens,
            // What is no number has no form in JSON, and no vendor takes it.
            temperature: request.temperature.filter(|temperature| temperature.is_finite()),
            stop: request.stop.clone(),
            seed: request.seed,
            json_schema: match &request.format {
                ResponseFormat::Text => None,
                ResponseFormat::JsonSchema(schema) => Some(Value::clone(schema)),
            },
        }
    }

    /// What tells requests apart: 32 hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        // What is made of texts and numbers can be written.
        let written = serde_json::to_vec(self).unwrap_or_default();
        let hash = blake3::hash(&written);
        hash.as_bytes()[..16].iter().fold(String::with_capacity(32), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// All its texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.system.as_deref().into_iter().chain(self.messages.iter().map(|said| &*said.text))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delta {
    Text(String),
    Reasoning(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Reply(Box<Reply>),
    Error(Box<Failure>),
    /// Its caller went away.
    Dropped,
}

impl End {
    pub(crate) fn of(end: Result<&ChatReply, &Error>) -> Self {
        match end {
            Ok(reply) => Self::Reply(Box::new(Reply::of(reply))),
            Err(error) => Self::Error(Box::new(Failure::of(error))),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reply {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Tool>,
    finish: Finish,
    usage: Usage,
    model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    served_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vendor_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Tool {
    id: String,
    name: String,
    arguments: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Finish {
    Stop,
    Length,
    ContentFilter,
    ToolCalls,
    Other,
}

impl Reply {
    pub(crate) fn of(reply: &ChatReply) -> Self {
        let tool = |call: &ToolCall| Tool {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        };
        Self {
            text: reply.text.clone(),
            reasoning: reply.reasoning.clone(),
            tool_calls: reply.tool_calls.iter().map(tool).collect(),
            finish: match reply.finish {
                FinishReason::Stop => Finish::Stop,
                FinishReason::Length => Finish::Length,
                FinishReason::ContentFilter => Finish::ContentFilter,
                FinishReason::ToolCalls => Finish::ToolCalls,
                FinishReason::Other => Finish::Other,
            },
            usage: readable(&reply.usage),
            model: reply.model.as_str().to_owned(),
            served_by: reply.served_by.as_ref().map(ToString::to_string),
            vendor_id: reply.vendor_id.clone(),
        }
    }

    /// The reply for which nobody was asked now.
    pub(crate) fn replayed(&self) -> ChatReply {
        let mut reply = ChatReply::new(self.model.as_str().into(), self.text.clone(), self.usage.clone());
        reply.reasoning.clone_from(&self.reasoning);
        let call = |tool: &Tool| ToolCall {
            id: tool.id.clone(),
            name: tool.name.clone(),
            arguments: tool.arguments.clone(),
        };
        reply.tool_calls = self.tool_calls.iter().map(call).collect();
        reply.finish = match self.finish {
            Finish::Stop => FinishReason::Stop,
            Finish::Length => FinishReason::Length,
            Finish::ContentFilter => FinishReason::ContentFilter,
            Finish::ToolCalls => FinishReason::ToolCalls,
            Finish::Other => FinishReason::Other,
        };
        reply.served_by = self.served_by.as_deref().map(Into::into);
        reply.vendor_id.clone_from(&self.vendor_id);
        reply.telemetry = Telemetry::default();
        reply
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The key of its kind.
    pub(crate) kind: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    should_retry: Option<bool>,
    possibly_billed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partial: Option<Partial>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Partial {
    text: String,
    usage: Usage,
}

impl Failure {
    fn of(error: &Error) -> Self {
        let partial = error.partial();
        Self {
            kind: error.kind().key().to_owned(),
            message: error.message().to_owned(),
            retry_after: error.retry_after(),
            should_retry: error.should_retry(),
            possibly_billed: error.possibly_billed(),
            status: error.status(),
            partial: partial
                .map(|partial| Partial { text: partial.text.clone(), usage: readable(&partial.usage) }),
        }
    }

    /// The kind of a failure; `None` where this program knows none of that name.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        ErrorKind::ALL.into_iter().find(|kind| kind.key() == self.kind)
    }

    /// The failure for which nobody was asked now.
    pub(crate) fn replayed(&self, kind: ErrorKind, as_replayed: impl Fn(Usage) -> Usage) -> Error {
        let mut error = Error::new(kind, self.message.clone());
        if let Some(wait) = self.retry_after {
            error = error.with_retry_after(wait);
        }
        if let Some(should_retry) = self.should_retry {
            error = error.with_should_retry(should_retry);
        }
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if let Some(Partial { text, usage }) = self.partial.clone() {
            error = error.with_partial(PartialReply { text, usage: as_replayed(usage) });
        }
        *error.telemetry_mut() = Telemetry::default();
        error.with_possibly_billed(self.possibly_billed)
    }
}

/// The usage, without a vendor's own object where that is nested so deeply that it might not be read back.
fn readable(usage: &Usage) -> Usage {
    let mut usage = usage.clone();
    if let Some(report) = &mut usage.report
        && !is_shallow(&report.raw, MOST_NESTED)
    {
        Arc::make_mut(report).raw = Value::Null;
    }
    usage
}

fn is_shallow(value: &Value, most: usize) -> bool {
    let Some(rest) = most.checked_sub(1) else { return false };
    match value {
        Value::Array(values) => values.iter().all(|value| is_shallow(value, rest)),
        Value::Object(fields) => fields.values().all(|value| is_shallow(value, rest)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
