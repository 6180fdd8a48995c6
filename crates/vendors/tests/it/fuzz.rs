//! Bytes that no vendor sends: mutilated replies, streams and refusals. What comes of them is a reply or a typed error, the
//! same however the bytes were cut, and never larger than what came in. `cargo xtask fuzz` runs more of these than a test.

mod hostile;
mod seeds;

use assize_llm::{Error, ErrorKind, ReplyDelta};
use assize_vendors::{SseParser, WireFormat};
use proptest::prelude::*;

use crate::reading::{MODEL, request, streamed, whole};
use hostile::{Damage, cut, damaged, damages};

/// A seed, what is done to it, and where it is cut.
fn cases() -> impl Strategy<Value = (prop::sample::Index, Vec<Damage>, Vec<prop::sample::Index>)> {
    (any::<prop::sample::Index>(), damages(), prop::collection::vec(any::<prop::sample::Index>(), 0..6))
}

/// What can be said of a failed read whatever the bytes were.
fn check_error(error: &Error) -> Result<(), TestCaseError> {
    let can_be_read = !matches!(
        error.kind(),
        ErrorKind::Unreachable
            | ErrorKind::CircuitOpen
            | ErrorKind::OverBudget
            | ErrorKind::Unmetered
            | ErrorKind::ScriptEnded
    );
    prop_assert!(can_be_read, "{:?}", error.kind());
    let message = error.to_string();
    prop_assert!(message.chars().count() < 1_000 && !message.contains('\n'), "{message:?}");
    prop_assert!(message.contains(MODEL), "{message}");
    Ok(())
}

/// Whatever was written twice or escaped, so many bytes come of each byte at most.
fn most(bytes: &[u8]) -> usize {
    bytes.len() * 8 + 64
}

fn check_reply(format: WireFormat, bytes: &[u8]) -> Result<(), TestCaseError> {
    match whole(format, bytes) {
        Ok(reply) => {
            let calls =
                reply.tool_calls.iter().map(|call| call.id.len() + call.name.len() + call.arguments.len());
            let held = reply.text.len() + reply.reasoning.map_or(0, |text| text.len()) + calls.sum::<usize>();
            prop_assert!(held <= most(bytes), "{held} bytes out of {}", bytes.len());
        }
        Err(error) => check_error(&error)?,
    }
    Ok(())
}

fn check_stream(
    format: WireFormat,
    bytes: &[u8],
    places: &[prop::sample::Index],
) -> Result<(), TestCaseError> {
    let at_once = streamed(format, [bytes]);
    let in_pieces = streamed(format, cut(bytes, places));
    prop_assert_eq!((&at_once.text, &at_once.reasoning), (&in_pieces.text, &in_pieces.reasoning));
    match (&at_once.end, &in_pieces.end) {
        (Ok(one), Ok(other)) => {
            prop_assert_eq!(one, other);
            prop_assert_eq!(
                (&one.text, one.reasoning.as_deref().unwrap_or_default()),
                (&at_once.text, &*at_once.reasoning)
            );
            prop_assert!(one.text.len() + at_once.reasoning.len() <= most(bytes));
        }
        (Err(one), Err(other)) => {
            check_error(one)?;
            prop_assert_eq!(one.kind(), other.kind());
            prop_assert_eq!(one.to_string(), other.to_string());
            prop_assert_eq!(
                (one.partial(), one.possibly_billed()),
                (other.partial(), other.possibly_billed())
            );
            match one.partial() {
                Some(partial) => prop_assert_eq!(&partial.text, &at_once.text),
                None => prop_assert_eq!(&at_once.text, ""),
            }
        }
        (one, other) => prop_assert!(false, "at once {one:?}, in pieces {other:?}"),
    }
    Ok(())
}

fn check_failure(format: WireFormat, status: u16, bytes: &[u8]) -> Result<(), TestCaseError> {
    let error = format.read_failure(&MODEL.into(), status, bytes);
    check_error(&error)?;
    prop_assert_eq!(error.status(), Some(status));
    prop_assert!(error.partial().is_none());
    Ok(())
}

/// A reader that is used on after it failed, and pushed into after the end.
fn check_misuse(
    format: WireFormat,
    bytes: &[u8],
    places: &[prop::sample::Index],
) -> Result<(), TestCaseError> {
    let mut reader = format.reader(&MODEL.into(), request());
    let mut deltas: Vec<ReplyDelta> = Vec::new();
    for piece in cut(bytes, places) {
        if let Err(error) = reader.push(piece, &mut deltas) {
            check_error(&error)?;
        }
    }
    if let Err(error) = reader.finish(&mut deltas) {
        check_error(&error)?;
    }
    Ok(())
}

fn events(pieces: &[&[u8]], most_bytes: usize) -> (Vec<(String, String)>, bool) {
    let mut parser = SseParser::new(most_bytes);
    let mut events = Vec::new();
    for piece in pieces {
        parser.push(piece);
        loop {
            match parser.next_event() {
                Ok(Some(event)) => events.push((event.name.to_owned(), event.data.to_owned())),
                Ok(None) => break,
                Err(_) => return (events, true),
            }
        }
    }
    match parser.last_event() {
        Ok(last) => events.extend(last.map(|event| (event.name.to_owned(), event.data.to_owned()))),
        Err(_) => return (events, true),
    }
    (events, false)
}

proptest! {
    #[test]
    fn fuzz_sse_bytes(
        bytes in prop::collection::vec(prop_oneof![4 => prop::sample::select(&b"\r\n:da tevn\xef\xbb\xbf"[..]), 1 => any::<u8>()], 0..200),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        most_bytes in 0_usize..300,
    ) {
        let whole = events(&[&bytes], most_bytes);
        prop_assert_eq!(&events(&cut(&bytes, &places), most_bytes), &whole);
        let held: usize = whole.0.iter().map(|(name, data)| name.len() + data.len()).sum();
        prop_assert!(held <= most(&bytes));
    }

    #[test]
    fn fuzz_sse_streams((seed, damage, places) in cases(), most_bytes in prop_oneof![Just(1_usize << 20), 0_usize..2_000]) {
        let bytes = damaged(seeds::all_streams(), seed, &damage);
        prop_assert_eq!(events(&cut(&bytes, &places), most_bytes), events(&[&bytes], most_bytes));
    }

    #[test]
    fn fuzz_reply_anthropic((seed, damage, _) in cases()) {
        check_reply(WireFormat::Anthropic, &damaged(seeds::replies(WireFormat::Anthropic), seed, &damage))?;
    }

    #[test]
    fn fuzz_reply_gemini((seed, damage, _) in cases()) {
        check_reply(WireFormat::Gemini, &damaged(seeds::replies(WireFormat::Gemini), seed, &damage))?;
    }

    #[test]
    fn fuzz_reply_ollama((seed, damage, _) in cases()) {
        check_reply(WireFormat::Ollama, &damaged(seeds::replies(WireFormat::Ollama), seed, &damage))?;
    }

    #[test]
    fn fuzz_reply_openai_chat((seed, damage, _) in cases()) {
        check_reply(WireFormat::OpenAiChat, &damaged(seeds::replies(WireFormat::OpenAiChat), seed, &damage))?;
    }

    #[test]
    fn fuzz_reply_openai_responses((seed, damage, _) in cases()) {
        check_reply(WireFormat::OpenAiResponses, &damaged(seeds::replies(WireFormat::OpenAiResponses), seed, &damage))?;
    }

    #[test]
    fn fuzz_reply_of_any_other((seed, damage, _) in cases(), format in prop::sample::select(&WireFormat::ALL[..])) {
        check_reply(format, &damaged(seeds::all_replies(), seed, &damage))?;
    }

    #[test]
    fn fuzz_stream_anthropic((seed, damage, places) in cases()) {
        check_stream(WireFormat::Anthropic, &damaged(seeds::streams(WireFormat::Anthropic), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_stream_gemini((seed, damage, places) in cases()) {
        check_stream(WireFormat::Gemini, &damaged(seeds::streams(WireFormat::Gemini), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_stream_ollama((seed, damage, places) in cases()) {
        check_stream(WireFormat::Ollama, &damaged(seeds::streams(WireFormat::Ollama), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_stream_openai_chat((seed, damage, places) in cases()) {
        check_stream(WireFormat::OpenAiChat, &damaged(seeds::streams(WireFormat::OpenAiChat), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_stream_openai_responses((seed, damage, places) in cases()) {
        check_stream(WireFormat::OpenAiResponses, &damaged(seeds::streams(WireFormat::OpenAiResponses), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_stream_misused((seed, damage, places) in cases(), format in prop::sample::select(&WireFormat::ALL[..])) {
        check_misuse(format, &damaged(seeds::all_streams(), seed, &damage), &places)?;
    }

    #[test]
    fn fuzz_failure((seed, damage, _) in cases(), status in 300_u16..600, format in prop::sample::select(&WireFormat::ALL[..])) {
        check_failure(format, status, &damaged(seeds::failures(), seed, &damage))?;
    }
}
