//! Tables and laws of the parser.

use proptest::prelude::*;

use super::*;

type Events = Vec<(String, String)>;

/// The events of these pieces, and whether one was too long.
fn parse(pieces: &[&[u8]], most_bytes: usize) -> (Events, bool) {
    let mut parser = SseParser::new(most_bytes);
    let mut events = Vec::new();
    let owned = |event: SseEvent<'_>| (event.name.to_owned(), event.data.to_owned());
    for piece in pieces {
        parser.push(piece);
        loop {
            match parser.next_event() {
                Ok(Some(event)) => events.push(owned(event)),
                Ok(None) => break,
                Err(_) => return (events, true),
            }
        }
    }
    loop {
        match parser.last_event() {
            Ok(Some(event)) => events.push(owned(event)),
            Ok(None) => return (events, false),
            Err(_) => return (events, true),
        }
    }
}

/// What the standard says, written down as plainly as can be: all lines first, then the events. A last event that lacks its
/// empty line counts here too.
fn plain(text: &str) -> Events {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let (mut name, mut data) = (String::new(), Vec::new());
    for line in unix.split('\n').chain([""]) {
        if line.is_empty() {
            let lines = std::mem::take(&mut data);
            let name = std::mem::take(&mut name);
            if !lines.is_empty() {
                events.push((name, lines.join("\n")));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut name),
            "data" => data.push(value),
            _ => {}
        }
    }
    events
}

/// What it shows, the bytes, and their events.
type Case<'a> = (&'a str, &'a [u8], &'a [(&'a str, &'a str)]);

#[test]
fn streams_and_their_events() {
    let cases: [Case<'_>; 22] = [
        ("nothing", b"", &[]),
        ("one", b"data: a\n\n", &[("", "a")]),
        ("no blank before the value", b"data:a\n\n", &[("", "a")]),
        ("only one blank is taken off", b"data:  a \n\n", &[("", " a ")]),
        ("a name", b"event: x\ndata: a\n\n", &[("x", "a")]),
        ("a name after the data", b"data: a\nevent: x\n\n", &[("x", "a")]),
        ("the last name counts", b"event: x\nevent: y\ndata: a\n\n", &[("y", "a")]),
        ("a name does not outlive its event", b"event: x\n\ndata: a\n\n", &[("", "a")]),
        ("lines are joined", b"data: a\ndata: b\n\n", &[("", "a\nb")]),
        ("an empty line of data", b"data\n\ndata:\ndata:\n\n", &[("", ""), ("", "\n")]),
        ("carriage returns", b"data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]),
        ("both", b"data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]),
        ("mixed", b"data: a\r\n\ndata: b\n\r", &[("", "a"), ("", "b")]),
        ("a mark at the start", b"\xef\xbb\xbfdata: a\n\n", &[("", "a")]),
        ("half a mark is a field", b"\xef\xbbdata: a\n\n", &[]),
        ("a mark later on is a field", b"data: a\n\n\xef\xbb\xbfdata: b\n\n", &[("", "a")]),
        ("comments", b": hello\n\n:\ndata: a\n: x\n\n", &[("", "a")]),
        ("other fields", b"id: 7\nretry: 10\ndatas: x\nDATA: y\ndata: a\n\n", &[("", "a")]),
        ("colons in the value", b"data: {\"a\": \"b:c\"}\n\n", &[("", "{\"a\": \"b:c\"}")]),
        ("without its empty line", b"data: a\n\ndata: b", &[("", "a"), ("", "b")]),
        ("zero bytes", b"data: a\0b\n\n", &[("", "a\0b")]),
        ("no text", b"data: a\xffb\n\n", &[("", "a\u{fffd}b")]),
    ];
    for (what, bytes, expected) in cases {
        let expected: Events = expected.iter().map(|(n, d)| ((*n).to_owned(), (*d).to_owned())).collect();
        assert_eq!(parse(&[bytes], 1024), (expected.clone(), false), "{what}");
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(parse(&single, 1024), (expected, false), "{what}, byte by byte");
    }
}

#[test]
fn what_is_too_long() {
    // "data: abc\n" and its empty line have eleven bytes.
    for (most_bytes, n_events, is_too_long) in [(11, 2, false), (10, 0, true), (0, 0, true)] {
        let bytes = b"data: abc\n\n: a comm\ndata: abc\n\n";
        let found = parse(&[bytes], most_bytes);
        assert_eq!((found.0.len(), found.1), (n_events, is_too_long), "{most_bytes}");
    }
    // What says nothing may go on for ever, but not without a line's end.
    assert_eq!(parse(&[&b": x\n".repeat(1000)], 8), (Vec::new(), false));
    assert!(parse(&[b": xxxxxxxxxxxxxxxxxx"], 8).1);
    let mut parser = SseParser::new(4);
    parser.push(b"data: long\n\n");
    assert_eq!(parser.next_event().unwrap_err().to_string(), "an event of the stream has more than 4 bytes");
    parser.push(b"\n\nx\n");
    assert!(parser.next_event().is_err() && parser.last_event().is_err());
}

#[test]
fn what_was_taken_is_let_go() {
    let mut parser = SseParser::new(64);
    for _ in 0..100 {
        parser.push(b"data: a\n\n");
    }
    // One comes for each that is taken: always a hundred are waiting.
    for _ in 0..5000 {
        assert_eq!(parser.next_event().unwrap().unwrap().data, "a");
        parser.push(b"data: a\n\n");
    }
    let waiting = 100 * b"data: a\n\n".len();
    assert!(parser.buffer.len() <= 3 * waiting, "{} bytes", parser.buffer.len());
}

/// Streams of which most lines mean something, with all kinds of ends.
fn streams() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        6 => "data: ?[a-z\\{\\}:\u{e9}\u{1f30a} ]{0,12}",
        2 => "event: ?[a-z ]{0,6}",
        1 => "(id|retry|data|event|:|datas)[: a-z]{0,6}",
        4 => Just(String::new()),
        1 => "\\PC{0,10}",
        1 => Just("\u{feff}".to_owned()),
    ];
    let end =
        prop_oneof![3 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("")];
    prop::collection::vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().fold(String::new(), |all, (line, end)| all + &line + end))
}

/// A text cut at these places.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places {
        pieces.push(&bytes[from..place]);
        from = place;
    }
    pieces.push(&bytes[from..]);
    pieces
}

proptest! {
    #[test]
    fn it_reads_what_the_standard_says(text in streams()) {
        prop_assert_eq!(parse(&[text.as_bytes()], 1 << 20), (plain(&text), false));
    }

    #[test]
    fn cuts_change_nothing(
        text in streams(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        most_bytes in 0_usize..40,
    ) {
        let whole = parse(&[text.as_bytes()], most_bytes);
        prop_assert_eq!(&parse(&cut(text.as_bytes(), &places), most_bytes), &whole);
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        prop_assert_eq!(parse(&single, most_bytes), whole);
    }
}
