//! The wire formats, and what each can do.

use assize_llm::{ChatReply, ChatRequest, Error, ModelId};
use assize_metering::UsageFormat;
use assize_transport::Request;
use serde_json::Value;

use crate::{Endpoint, ReplyReader, SseEvent, draft::Draft, failure, openai_chat, reader::malformed};

/// The form in which a vendor takes requests and gives replies. Each is read and written by pure functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WireFormat {
    /// `OpenAI`'s chat completions, which most servers speak as well, each with quirks of its own.
    OpenAiChat,
}

impl WireFormat {
    /// The form of its usage.
    #[must_use]
    pub const fn usage_format(self) -> UsageFormat {
        match self {
            Self::OpenAiChat => UsageFormat::OpenAiChat,
        }
    }

    /// The request that asks this model, with the endpoint's key in it as a secret.
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
        match self {
            Self::OpenAiChat => openai_chat::request(endpoint, model, request, streamed),
        }
    }

    /// Reads the body of a whole reply, one with the status of a success.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](assize_llm::ErrorKind::Malformed) when it cannot be read; the vendor's own failure where the body holds one.
    pub fn read_reply(self, model: &ModelId, request: &ChatRequest, body: &[u8]) -> Result<ChatReply, Error> {
        let value: Value = serde_json::from_slice(body).map_err(|e| malformed(model, &e))?;
        if let Some(error) = failure::inside(self, model, &value) {
            return Err(error);
        }
        let mut draft = Draft::new(self.usage_format());
        draft.observe(&value);
        match self {
            Self::OpenAiChat => openai_chat::read_reply(model, &value, &mut draft)?,
        }
        Ok(draft.into_reply(model, request))
    }

    /// What reads a streamed reply.
    #[must_use]
    pub fn reader(self, model: &ModelId, request: ChatRequest) -> ReplyReader {
        ReplyReader::new(self, model.clone(), request)
    }

    /// Reads a refusal: a reply with another status than that of a success.
    #[must_use]
    pub fn read_failure(self, model: &ModelId, status: u16, body: &[u8]) -> Error {
        failure::read(self, model, status, body)
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
        let value: Value = serde_json::from_str(event.data).map_err(|e| malformed(model, &e))?;
        if let Some(error) = failure::inside(self, model, &value) {
            return Err(error);
        }
        draft.observe(&value);
        match self {
            Self::OpenAiChat => openai_chat::read_event(model, &value, draft),
        }
    }
}
