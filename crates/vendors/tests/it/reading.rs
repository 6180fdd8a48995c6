//! Replies read whole, and streams read however they were cut.

use assize_llm::{ChatReply, ChatRequest, Error, FinishReason, ReplyDelta};
use assize_metering::{TokenUsage, UsageBasis};
use assize_vendors::{Endpoint, WireFormat};
use serde_json::Value;

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

/// A fixture of this crate, such as `anthropic/text.sse`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/vendors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What a case must come to: text, reasoning, calls (id, name, arguments), end.
pub(crate) type Expected<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str, &'a str)], FinishReason);

/// Checks the fixtures of a case: the whole reply, the stream, and the stream in every cut of a few sizes.
pub(crate) fn check(format: WireFormat, case: &str, expected: Expected<'_>, tokens: TokenUsage) {
    let (text, reasoning, calls, finish) = expected;
    let body = fixture(&format!("{case}.json"));
    let reply = whole(format, &body).unwrap_or_else(|e| panic!("{case}: {e}"));
    let stream = fixture(&format!("{case}.sse"));
    let mut replies = vec![reply];
    for size in [stream.len(), 1, 2, 3, 17, 100] {
        let streamed = streamed(format, stream.chunks(size));
        assert_eq!(
            (streamed.text.as_str(), streamed.reasoning.as_str()),
            (text, reasoning),
            "{case}, {size}"
        );
        replies.push(streamed.end.unwrap_or_else(|e| panic!("{case}, {size}: {e}")));
    }
    for reply in &replies {
        assert_eq!(
            (reply.text.as_str(), reply.reasoning.as_deref().unwrap_or_default()),
            (text, reasoning),
            "{case}"
        );
        assert_eq!((reply.finish, &reply.usage.tokens), (finish, &tokens), "{case}");
        assert_eq!(reply.usage.basis, UsageBasis::Reported, "{case}");
        let json = |text: &str| {
            serde_json::from_str::<Value>(text).unwrap_or_else(|e| panic!("{case}: {e}: {text}"))
        };
        let found: Vec<_> =
            reply.tool_calls.iter().map(|call| (&*call.id, &*call.name, json(&call.arguments))).collect();
        let calls: Vec<_> = calls.iter().map(|(id, name, arguments)| (*id, *name, json(arguments))).collect();
        assert_eq!(found, calls, "{case}");
        assert_eq!(
            (&reply.served_by, &reply.vendor_id),
            (&replies[0].served_by, &replies[0].vendor_id),
            "{case}"
        );
    }
}

/// The JSON that is sent, and where to.
pub(crate) fn sent(endpoint: &Endpoint, request: &ChatRequest, streamed: bool) -> (String, Value) {
    let sent = endpoint
        .format()
        .request(endpoint, &"some-model-1.5".into(), request, streamed)
        .expect("it is written");
    (sent.url().as_str().to_owned(), serde_json::from_slice(sent.body()).expect("it is JSON"))
}
