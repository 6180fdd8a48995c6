//! The wire formats, and what each can do.

use assize_llm::{ChatReply, ChatRequest, Error, ModelId};
use assize_metering::UsageFormat;
use assize_transport::Request;
use serde_json::Value;

use crate::{
    Endpoint, ReplyReader, SseEvent, anthropic, draft::Draft, failure, gemini, json, ollama, openai_chat,
    openai_responses, reader::malformed,
};

/// The form in which a vendor takes requests and gives replies. Each is read and written by pure functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WireFormat {
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's `generateContent`.
    Gemini,
    /// Ollama's own interface.
    Ollama,
    /// `OpenAI`'s chat completions, which most servers speak as well, each with quirks of its own.
    OpenAiChat,
    /// `OpenAI`'s responses.
    OpenAiResponses,
}

impl WireFormat {
    /// Every format.
    pub const ALL: [Self; 5] =
        [Self::Anthropic, Self::Gemini, Self::Ollama, Self::OpenAiChat, Self::OpenAiResponses];

    /// The name in lists of endpoints and on a command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::OpenAiChat => "openai_chat",
            Self::OpenAiResponses => "openai_responses",
        }
    }

    /// The format with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    /// The form of its usage.
    #[must_use]
    pub const fn usage_format(self) -> UsageFormat {
        match self {
            Self::Anthropic => UsageFormat::Anthropic,
            Self::Gemini => UsageFormat::Gemini,
            Self::Ollama => UsageFormat::Ollama,
            Self::OpenAiChat => UsageFormat::OpenAiChat,
            Self::OpenAiResponses => UsageFormat::OpenAiResponses,
        }
    }

    /// The request that asks this model, with the endpoint's key in it as a secret. What the endpoint
    /// [does not take](Endpoint::unsupported) for this model is left out.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](assize_llm::ErrorKind::BadRequest) for what the endpoint cannot be asked.
    pub fn request(
        self,
        endpoint: &Endpoint,
        model: &ModelId,
        request: &ChatRequest,
        streamed: bool,
    ) -> Result<Request, Error> {
        let request = &*endpoint.taken(model, request)?;
        let written = match self {
            Self::Anthropic => anthropic::request(endpoint, model, request, streamed),
            Self::Gemini => gemini::request(endpoint, model, request, streamed),
            Self::Ollama => ollama::request(endpoint, model, request, streamed),
            Self::OpenAiChat => openai_chat::request(endpoint, model, request, streamed),
            Self::OpenAiResponses => openai_responses::request(endpoint, model, request, streamed),
        }?;
        endpoint.with_headers_on(model, written)
    }

    /// Reads the body of a whole reply, one with the status of a success.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](assize_llm::ErrorKind::Malformed) when it cannot be read; the vendor's own failure where the body holds one.
    pub fn read_reply(self, model: &ModelId, request: &ChatRequest, body: &[u8]) -> Result<ChatReply, Error> {
        let value = json::read(body).map_err(|e| malformed(model, &e))?;
        let mut draft = Draft::new(self.usage_format());
        match self.fill(model, &value, &mut draft) {
            Ok(()) => Ok(draft.into_reply(model, request)),
            // What a failed reply took may be billed.
            Err(error) => Err(match draft.into_partial(request) {
                Some(partial) => error.with_partial(partial),
                None => error,
            }),
        }
    }

    fn fill(self, model: &ModelId, body: &Value, draft: &mut Draft) -> Result<(), Error> {
        draft.observe(body);
        if let Some(error) = failure::inside(model, body) {
            return Err(error);
        }
        match self {
            Self::Anthropic => anthropic::read_reply(model, body, draft),
            Self::Gemini => gemini::read_reply(model, body, draft),
            Self::Ollama => ollama::read_reply(model, body, draft),
            Self::OpenAiChat => openai_chat::read_reply(model, body, draft),
            Self::OpenAiResponses => openai_responses::read_reply(model, body, draft),
        }
    }

    /// What reads a streamed reply.
    #[must_use]
    pub fn reader(self, model: &ModelId, request: ChatRequest) -> ReplyReader {
        ReplyReader::new(self, model.clone(), request)
    }

    /// Reads a refusal: a reply with another status than that of a success.
    #[must_use]
    pub fn read_failure(self, model: &ModelId, status: u16, body: &[u8]) -> Error {
        failure::read(model, status, body)
    }

    pub(crate) fn read_event(
        self,
        model: &ModelId,
        event: SseEvent<'_>,
        draft: &mut Draft,
    ) -> Result<(), Error> {
        if event.data == "[DONE]" {
            draft.is_ended = true;
            return Ok(());
        }
        // An event with nothing in it keeps a connection awake.
        if event.data.trim().is_empty() {
            return Ok(());
        }
        let value = json::read(event.data.as_bytes()).map_err(|e| malformed(model, &e))?;
        draft.observe(&value);
        if let Some(error) = failure::inside(model, &value) {
            return Err(error);
        }
        match self {
            Self::Anthropic => anthropic::read_event(&value, draft),
            Self::Gemini => gemini::read_event(model, &value, draft),
            Self::Ollama => ollama::read_event(model, &value, draft),
            Self::OpenAiChat => openai_chat::read_event(model, &value, draft),
            Self::OpenAiResponses => openai_responses::read_event(model, &value, draft),
        }
    }
}
