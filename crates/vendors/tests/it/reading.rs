//! Replies read whole, and streams read however they were cut.

use assize_llm::{ChatReply, ChatRequest, Error, ReplyDelta};
use assize_vendors::WireFormat;

/// The model that is asked everywhere here.
pub(crate) const MODEL: &str = "asked";

/// The request that is asked everywhere here.
pub(crate) fn request() -> ChatRequest {
    ChatRequest::new("Is it high water?")
}

/// A whole reply.
pub(crate) fn whole(format: WireFormat, body: &[u8]) -> Result<ChatReply, Error> {
    format.read_reply(&MODEL.into(), &request(), body)
}

/// What came of a stream.
#[derive(Debug)]
pub(crate) struct Streamed {
    /// The texts of the deltas, joined.
    pub(crate) text: String,
    /// What was thought in the deltas, joined.
    pub(crate) reasoning: String,
    pub(crate) end: Result<ChatReply, Error>,
}

/// A stream that comes in these pieces.
pub(crate) fn streamed<'a>(format: WireFormat, pieces: impl IntoIterator<Item = &'a [u8]>) -> Streamed {
    let mut deltas = Vec::new();
    let end = read(format, pieces, &mut deltas);
    let (mut text, mut reasoning) = (String::new(), String::new());
    for delta in &deltas {
        match delta {
            ReplyDelta::Text(piece) => text.push_str(piece),
            ReplyDelta::Reasoning(piece) => reasoning.push_str(piece),
            other => panic!("a reader gives no end of its own: {other:?}"),
        }
    }
    Streamed { text, reasoning, end }
}

fn read<'a>(
    format: WireFormat,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    deltas: &mut Vec<ReplyDelta>,
) -> Result<ChatReply, Error> {
    let mut reader = format.reader(&MODEL.into(), request());
    for piece in pieces {
        if let Err(error) = reader.push(piece, deltas) {
            return Err(reader.failed(error));
        }
    }
    reader.finish(deltas)
}
