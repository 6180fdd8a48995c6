//! Reads a streamed reply out of bytes, however they were cut.

use assize_llm::{ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta};

use crate::{WireFormat, draft::Draft, lines::Framing};

/// An event of a stream with more bytes than this is refused.
const MOST_EVENT_BYTES: usize = 16 << 20;

/// Reads a streamed reply: bytes in, [`ReplyDelta`]s out.
///
/// ```
/// use assize_llm::{ChatRequest, ReplyDelta};
/// use assize_vendors::WireFormat;
///
/// let mut reader = WireFormat::OpenAiChat.reader(&"gpt-4o".into(), ChatRequest::new("Is it raining?"));
/// let mut deltas = Vec::new();
/// reader.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"Yes\"}}]}\n\n", &mut deltas)?;
/// assert_eq!(deltas, [ReplyDelta::Text("Yes".to_owned())]);
/// // The stream ends before the reply does: what came of it is not lost.
/// let error = reader.finish(&mut deltas).unwrap_err();
/// assert_eq!(error.partial().map(|partial| partial.text.as_str()), Some("Yes"));
/// # Ok::<(), assize_llm::Error>(())
/// ```
#[derive(Debug)]
pub struct ReplyReader {
    format: WireFormat,
    model: ModelId,
    request: ChatRequest,
    parser: Framing,
    draft: Draft,
    /// Whether an event of the reply was read.
    is_begun: bool,
}

impl ReplyReader {
    pub(crate) fn new(format: WireFormat, model: ModelId, request: ChatRequest) -> Self {
        let draft = Draft::new(format.usage_format());
        Self { format, model, request, parser: Framing::of(format, MOST_EVENT_BYTES), draft, is_begun: false }
    }

    /// Takes in the next bytes, and adds to `deltas` what they complete: also what they complete before an error.
    ///
    /// # Errors
    /// When the stream cannot be read, or the vendor says in it that the call failed. Pass it through
    /// [`failed`](Self::failed), so that it carries what came before.
    pub fn push(&mut self, bytes: &[u8], deltas: &mut Vec<ReplyDelta>) -> Result<(), Error> {
        // What comes after the end is nobody's.
        if self.is_ended() {
            return Ok(());
        }
        self.parser.push(bytes);
        let read = self.read_events();
        deltas.extend(self.draft.take_news());
        read
    }

    fn read_events(&mut self) -> Result<(), Error> {
        while !self.is_ended() {
            let next = self.parser.next_event().map_err(|e| malformed(&self.model, &e))?;
            let Some(event) = next else { break };
            self.format.read_event(&self.model, event, &mut self.draft)?;
            self.is_begun = true;
        }
        Ok(())
    }

    /// Whether the vendor said that nothing follows.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.draft.is_ended
    }

    /// The whole reply, once the stream has ended; adds to `deltas` what its end completes.
    ///
    /// # Errors
    /// [`ErrorKind::CutStream`] when the stream ended before the reply did, with what came of it.
    pub fn finish(mut self, deltas: &mut Vec<ReplyDelta>) -> Result<ChatReply, Error> {
        let read = self.read_last_event();
        deltas.extend(self.draft.take_news());
        if let Err(error) = read {
            return Err(self.failed(error));
        }
        // A reply that said why it finished is whole, whatever the server left out after that.
        if self.draft.is_ended || self.draft.finish.is_some() {
            return Ok(self.draft.into_reply(&self.model, &self.request));
        }
        let message = format!("read the reply of {}: the stream ended before the reply did", self.model);
        Err(self.failed(Error::new(ErrorKind::CutStream, message)))
    }

    /// The same error, with what came of the reply before it. Where the reply had begun it may be billed.
    #[must_use]
    pub fn failed(self, error: Error) -> Error {
        let error = if self.is_begun { error.with_possibly_billed(true) } else { error };
        match self.draft.into_partial(&self.request) {
            Some(partial) => error.with_partial(partial),
            None => error,
        }
    }

    fn read_last_event(&mut self) -> Result<(), Error> {
        if self.is_ended() {
            return Ok(());
        }
        if let Some(event) = self.parser.last_event().map_err(|e| malformed(&self.model, &e))? {
            // An event that was cut in the middle is no event.
            if serde_json::from_str::<serde::de::IgnoredAny>(event.data).is_ok() || event.data == "[DONE]" {
                self.format.read_event(&self.model, event, &mut self.draft)?;
            }
        }
        Ok(())
    }
}

pub(crate) fn malformed(model: &ModelId, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Malformed, format!("read the reply of {model}: {why}"))
}
