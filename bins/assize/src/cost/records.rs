//! Recorded replies in a text: JSON, JSON lines, or the events of a stream.

use serde_json::{Deserializer, Value};

/// A document of JSON and the line at which it begins, or what was wrong there.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) value: Result<Value, String>,
}

/// What a text holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Records {
    /// Documents, each a record by itself; an array is taken apart.
    Documents(Vec<Found>),
    /// The data of server-sent events: the pieces of one reply after another.
    Events(Vec<Found>),
}

/// Takes a text apart. What is no JSON is skipped to the end of its line and said, the rest is still read.
pub(crate) fn read(text: &str) -> Records {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.trim_start();
    if ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| first.starts_with(field)) {
        Records::Events(events(text))
    } else {
        Records::Documents(documents(text))
    }
}

fn events(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let Some(data) = content.strip_prefix("data:").map(str::trim) else { continue };
        if !data.is_empty() && data != "[DONE]" {
            let value = serde_json::from_str(data).map_err(|e| format!("it is no JSON: {e}"));
            found.push(Found { line, value });
        }
    }
    found
}

fn documents(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut line, mut counted) = (1, 0);
    let mut at = 0;
    while at < text.len() {
        let blank = text[at..].len() - text[at..].trim_start().len();
        at += blank;
        if at >= text.len() {
            break;
        }
        line += text[counted..at].matches('\n').count();
        counted = at;
        let mut documents = Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match documents.next() {
            Some(Ok(Value::Array(items))) => {
                found.extend(items.into_iter().map(|value| Found { line, value: Ok(value) }));
                at += documents.byte_offset();
            }
            Some(Ok(value)) => {
                found.push(Found { line, value: Ok(value) });
                at += documents.byte_offset();
            }
            Some(Err(e)) => {
                // Its own line is within this text, which begins at ours.
                let value = Err(format!("it is no JSON: {e}"));
                found.push(Found { line, value });
                at = text[at..].find('\n').map_or(text.len(), |end| at + end);
            }
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(text: &str) -> Vec<(usize, Option<Value>)> {
        let (Records::Documents(found) | Records::Events(found)) = read(text);
        found.into_iter().map(|found| (found.line, found.value.ok())).collect()
    }

    #[test]
    fn documents_of_every_shape() {
        for (text, expected) in [
            ("", vec![]),
            (" \n\n", vec![]),
            ("{\"a\":1}", vec![(1, Some(json!({"a": 1})))]),
            (
                "\u{feff}{\"a\":1}\n\n{\"a\":2}\n",
                vec![(1, Some(json!({"a": 1}))), (3, Some(json!({"a": 2})))],
            ),
            ("{\n \"a\": 1\n}\n{}", vec![(1, Some(json!({"a": 1}))), (4, Some(json!({})))]),
            ("[{\"a\":1},\n{\"a\":2}]", vec![(1, Some(json!({"a": 1}))), (1, Some(json!({"a": 2})))]),
            (
                "{\"a\":1}\n{\"b\":\n{\"c\":3}",
                vec![(1, Some(json!({"a": 1}))), (2, None), (3, Some(json!({"c": 3})))],
            ),
            ("nonsense\n{}", vec![(1, None), (2, Some(json!({})))]),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn events_of_a_stream() {
        let text = ": hello\n\nevent: message\ndata: {\"a\":1}\n\ndata:{\"a\":2}\r\ndata: [DONE]\ndata: {\n";
        assert!(matches!(read(text), Records::Events(_)));
        assert_eq!(shown(text), vec![(4, Some(json!({"a": 1}))), (6, Some(json!({"a": 2}))), (8, None)]);
    }

    #[test]
    fn a_deep_document_is_said_not_followed() {
        let text = "[".repeat(100_000);
        assert_eq!(shown(&text), vec![(1, None)]);
    }
}
