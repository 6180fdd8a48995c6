//! Streams folded into a usage: the fixtures, cut at every place, and recorded streams where they are at hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assize_metering::{FindingKind, Usage, UsageFormat, UsageStream, read_usage};
use serde_json::{Value, json};

use crate::normalise::{names, shown};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/metering/usage/streams");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/llm/cassettes");
/// How many of each the samples hold.
const STREAMS: usize = 37;
const BODIES: usize = 39;

#[test]
fn streams_are_folded_and_say_where_they_were_cut() {
    let mut lines = String::new();
    for name in names(Path::new(FIXTURES), "jsonl") {
        let text = std::fs::read_to_string(Path::new(FIXTURES).join(format!("{name}.jsonl"))).unwrap();
        let events = events(&text);
        let format = format_of(&events).unwrap();
        writeln!(lines, "{name} ({})", format.key()).unwrap();
        for cut in 1..=events.len() {
            let usage = fold(format, &events[..cut]);
            let said = usage.map_or_else(|| "nothing".to_owned(), |usage| shown(&usage));
            writeln!(lines, "  after {cut} of {}: {said}", events.len()).unwrap();
        }
    }
    insta::assert_snapshot!(lines);
}

/// What events state adds up, but not without end.
#[test]
fn a_stream_of_ever_new_fields_is_not_kept_whole() {
    let mut stream = UsageStream::new(UsageFormat::Anthropic);
    stream.observe(&json!({"type": "message_start", "message": {"usage": {"input_tokens": 12}}}));
    stream.observe(&json!({"type": "message_delta", "usage": {"output_tokens": 7}, "delta": {"stop_reason": "end_turn"}}));
    for n in 0..100 {
        let usage = json!({format!("field {n}"): vec![0; 50_000]});
        stream.observe(&json!({"type": "message_delta", "usage": usage}));
    }
    assert!(format!("{stream:?}").len() < 4 << 20, "not the 5 million values that came");
    let usage = stream.finish().expect("a usage");
    assert_eq!((usage.tokens.total_input(), usage.tokens.total_output()), (12, 7));
}

#[test]
fn recorded_streams_end_in_their_last_snapshot_without_a_finding() {
    let (mut streams, mut bodies) = (0, 0);
    for file in recordings(Path::new(SAMPLES)) {
        let recording = std::fs::read_to_string(&file).unwrap();
        for body in replies(&recording) {
            match serde_json::from_str::<Value>(&body) {
                Ok(body) => bodies += usize::from(is_read(&file, &body)),
                Err(_) => streams += usize::from(is_folded(&file, &events(&body))),
            }
        }
    }
    let counted = (streams, bodies);
    assert!(!Path::new(SAMPLES).exists() || counted == (STREAMS, BODIES), "{counted:?} streams and bodies");
}

/// Reads a recorded body, if it holds a usage.
fn is_read(file: &Path, body: &Value) -> bool {
    let Some(format) = UsageFormat::detect(body) else { return false };
    let usage = read_usage(format, body).expect("a body of a known format holds a usage");
    assert!(usage.findings().is_empty(), "{}: {:?}", file.display(), usage.findings());
    true
}

/// Folds a recorded stream, whole and cut at every place, if it holds a usage.
fn is_folded(file: &Path, events: &[Value]) -> bool {
    let file = file.display();
    let Some(format) = format_of(events) else { return false };
    let usage = fold(format, events).unwrap_or_else(|| panic!("{file} states a usage"));
    assert!(usage.findings().is_empty(), "{file}: {:?}", usage.findings());
    let read = |event| read_usage(format, event).ok().filter(|usage| !usage.tokens.is_absent());
    let stated: Vec<usize> = (0..events.len()).filter(|at| read(&events[*at]).is_some()).collect();
    let last =
        stated.last().and_then(|at| read(&events[*at])).expect("a stream of a known format states a usage");
    assert_eq!(usage.tokens.total_input(), last.tokens.total_input(), "{file}");
    assert_eq!(usage.tokens.total_output(), last.tokens.total_output(), "{file}");
    for cut in 0..stated[stated.len() - 1] {
        let Some(part) = fold(format, &events[..cut]) else { continue };
        let flagged = part.findings().iter().any(|finding| finding.kind == FindingKind::StreamCut);
        let as_full = part.tokens.total_output() == usage.tokens.total_output();
        assert!(flagged || as_full, "{file}, cut at {cut}: {}", shown(&part));
        assert!(part.tokens.total_output() <= usage.tokens.total_output(), "{file}, cut at {cut}");
    }
    true
}

fn fold(format: UsageFormat, events: &[Value]) -> Option<Usage> {
    let mut stream = UsageStream::new(format);
    events.iter().for_each(|event| stream.observe(event));
    stream.finish()
}

fn format_of(events: &[Value]) -> Option<UsageFormat> {
    events.iter().find_map(UsageFormat::detect)
}

/// The events of a stream: server-sent, or one a line.
fn events(text: &str) -> Vec<Value> {
    let data = text.lines().map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
    data.filter(|line| line.starts_with('{')).filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn recordings(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("the folder can be read").path()) {
        if path.is_dir() {
            found.extend(recordings(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The bodies of a recording's replies, in the three ways in which the recordings write them: a block of indented lines,
/// or one line in single or in double quotes.
fn replies(recording: &str) -> Vec<String> {
    let replies = recording.split("\nthen:\n").skip(1);
    replies.filter_map(|reply| unquoted(reply.split_once("\n  body: ")?.1)).collect()
}

fn unquoted(body: &str) -> Option<String> {
    let line = body.lines().next()?;
    if line.starts_with('"') {
        return serde_json::from_str(line).ok();
    }
    if let Some(quoted) = line.strip_prefix('\'') {
        return Some(quoted.strip_suffix('\'')?.replace("''", "'"));
    }
    let lines = body.lines().skip(1).take_while(|line| line.is_empty() || line.starts_with("    "));
    line.starts_with('|').then(|| lines.map(|line| line.trim_start().to_owned() + "\n").collect())
}
