//! What comes back from a model.

use assize_metering::Usage;
use futures_util::{StreamExt, stream};

use crate::{ModelId, ReplyStream, Telemetry};

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The limit on tokens was reached: the text is cut.
    Length,
    /// The vendor's filter cut it, or the model refused.
    ContentFilter,
    /// The model waits for the results of the tools that it called.
    ToolCalls,
    /// Something else, or the vendor did not say.
    Other,
}

/// A tool that a model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ToolCall {
    /// The vendor's id of this call; empty where it gives none.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them: meant to be JSON, and not checked.
    pub arguments: String,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChatReply {
    /// What the model said.
    pub text: String,
    /// What it thought before, where the vendor shows it.
    pub reasoning: Option<String>,
    /// The tools that it asks for, in its order.
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended.
    pub finish: FinishReason,
    /// The tokens that it took, and who says so.
    pub usage: Usage,
    /// The model that was asked.
    pub model: ModelId,
    /// The model that the vendor says answered, such as a dated version of the one that was asked.
    pub served_by: Option<ModelId>,
    /// The vendor's id of the reply, for questions to its support.
    pub vendor_id: Option<String>,
    /// How the call went.
    pub telemetry: Telemetry,
}

impl ChatReply {
    /// A reply that ended by itself.
    pub fn new(model: ModelId, text: impl Into<String>, usage: Usage) -> Self {
        Self {
            text: text.into(),
            reasoning: None,
            tool_calls: Vec::new(),
            finish: FinishReason::Stop,
            usage,
            model,
            served_by: None,
            vendor_id: None,
            telemetry: Telemetry::of_one_attempt(),
        }
    }

    /// The reply as a stream of one piece: what a model that has it whole already gives to whoever wants it streamed.
    #[must_use]
    pub fn into_stream(self) -> ReplyStream {
        let reasoning = self.reasoning.clone().map(ReplyDelta::Reasoning);
        let text = (!self.text.is_empty()).then(|| ReplyDelta::Text(self.text.clone()));
        let deltas = [reasoning, text, Some(ReplyDelta::Done(Box::new(self)))];
        stream::iter(deltas.into_iter().flatten().map(Ok)).boxed()
    }
}

/// What came of a reply before it broke off.
#[derive(Debug, Clone, PartialEq)]
pub struct PartialReply {
    /// The text so far.
    pub text: String,
    /// The tokens so far: the vendor's own count where it gave one, otherwise an estimate that is marked as such.
    pub usage: Usage,
}

/// A piece of a streamed reply.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReplyDelta {
    /// More text.
    Text(String),
    /// More of what the model thinks before it speaks.
    Reasoning(String),
    /// The end: the whole reply, its text included.
    Done(Box<ChatReply>),
}
