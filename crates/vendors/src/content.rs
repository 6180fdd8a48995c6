//! What a server says that it sent, and what that looks like: not every server says it rightly.

use std::fmt;

use assize_transport::Headers;

use crate::WireFormat;

/// The type of a body as its head has it.
#[derive(Debug, Clone)]
pub(crate) struct Content(Option<String>);

impl Content {
    pub(crate) fn of(headers: &Headers) -> Self {
        let stated = headers.get("content-type").map(|own| own.split(';').next().unwrap_or(own).trim());
        let plain = |own: &str| {
            own.chars().filter(char::is_ascii_graphic).take(80).collect::<String>().to_ascii_lowercase()
        };
        Self(stated.map(plain).filter(|own| !own.is_empty()))
    }

    fn holds(&self, words: &[&str]) -> bool {
        self.0.as_ref().is_some_and(|own| words.iter().any(|word| own.contains(word)))
    }

    /// A page or a picture: nothing that a model's interface sends.
    pub(crate) fn is_foreign(&self) -> bool {
        self.holds(&["html", "xml", "image/", "audio/", "video/", "pdf"])
    }

    /// A stream of events or of lines.
    pub(crate) fn is_stream(&self) -> bool {
        self.holds(&["event-stream", "ndjson", "jsonl", "json-seq", "stream+json"])
    }

    pub(crate) fn is_json(&self) -> bool {
        self.holds(&["json"])
    }
}

/// Whether a body that begins so is no stream, but a whole reply, or none at all.
pub(crate) fn looks_whole(format: WireFormat, begun: &[u8]) -> bool {
    let begun = begun.trim_ascii_start();
    if format == WireFormat::Ollama {
        // A whole reply is a stream of one line.
        return !begun.is_empty() && !begun.starts_with(b"{");
    }
    !begun.is_empty() && !is_event(begun)
}

/// Whether a body that begins so is one JSON value and not a stream of them.
pub(crate) fn is_json(format: WireFormat, begun: &[u8]) -> bool {
    format != WireFormat::Ollama && matches!(begun.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether these bytes begin an event, or may once more of them have come.
fn is_event(begun: &[u8]) -> bool {
    let begun = begun.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begun);
    let fields: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    fields.iter().any(|field| begun.starts_with(field) || field.starts_with(begun))
}

/// Whether a whole body is one of events.
pub(crate) fn is_events(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    !body.is_empty() && is_event(body)
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(own) => write!(f, "`{own}`"),
            None => f.write_str("a body without a content type"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (stated, foreign, stream, json) in [
            (None, false, false, false),
            (Some(""), false, false, false),
            (Some("application/json"), false, false, true),
            (Some("Application/JSON; charset=utf-8"), false, false, true),
            (Some("application/problem+json"), false, false, true),
            (Some("text/event-stream;charset=utf-8"), false, true, false),
            (Some("application/x-ndjson"), false, true, true),
            (Some("text/html; charset=utf-8"), true, false, false),
            (Some("text/plain"), false, false, false),
        ] {
            let content = Content::of(&Headers::from_iter(stated.map(|own| ("content-type", own))));
            assert_eq!(
                (content.is_foreign(), content.is_stream(), content.is_json()),
                (foreign, stream, json),
                "{stated:?}"
            );
        }
    }

    #[test]
    fn beginnings() {
        for (begun, whole, lines_whole) in [
            ("", false, false),
            ("{", true, false),
            (" \n{\"a\"", true, false),
            ("[", true, true),
            ("<html>", true, true),
            ("upstream error", true, true),
            ("data: {", false, true),
            ("da", false, true),
            ("\u{feff}data:", false, true),
            (": ping", false, true),
        ] {
            let looks = |format| looks_whole(format, begun.as_bytes());
            assert_eq!(
                (looks(WireFormat::OpenAiChat), looks(WireFormat::Ollama)),
                (whole, lines_whole),
                "{begun:?}"
            );
        }
    }
}
