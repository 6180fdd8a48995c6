//! Recorded exchanges of HTTP: YAML documents of a request (`when`) and its response (`then`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use assize_vendors::WireFormat;
use serde::Deserialize;

/// Where recordings may lie that are no part of the project.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/llm/cassettes");

/// One request and its response.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The vendor's folder and the file in it, and which of the file's exchanges this is.
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) is_stream: bool,
}

#[derive(Debug, Deserialize)]
struct Exchange {
    when: When,
    then: Then,
}

#[derive(Debug, Deserialize)]
struct When {
    path: String,
    method: String,
}

#[derive(Debug, Deserialize)]
struct Then {
    status: u16,
    #[serde(default)]
    header: Vec<Header>,
    body: Option<String>,
    body_encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: String,
}

impl Recording {
    /// The format that the path speaks; none where it is no chat.
    pub(crate) fn format(&self) -> Option<WireFormat> {
        let path = self.path.as_str();
        if path.ends_with("/messages") {
            Some(WireFormat::Anthropic)
        } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
            Some(WireFormat::Gemini)
        } else if path.ends_with("/chat/completions") {
            Some(WireFormat::OpenAiChat)
        } else if path.ends_with("/responses") {
            Some(WireFormat::OpenAiResponses)
        } else if path.ends_with("/api/chat") {
            Some(WireFormat::Ollama)
        } else {
            None
        }
    }
}

/// All recordings of text, in the order of their names; none where there are no samples.
pub(crate) fn all() -> Vec<Recording> {
    let mut files = Vec::new();
    list(Path::new(SAMPLES), &mut files);
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a recording is text");
        let name = file.strip_prefix(SAMPLES).expect("it lies below").display().to_string();
        for (position, document) in serde_yaml_ng::Deserializer::from_str(&text).enumerate() {
            let name = format!("{name}#{position}");
            let exchange = Exchange::deserialize(document).unwrap_or_else(|e| panic!("{name}: {e}"));
            let Then { status, header, body, body_encoding } = exchange.then;
            if exchange.when.method != "POST" || body_encoding.is_some() {
                continue;
            }
            let streams = ["event-stream", "ndjson"];
            let is_stream = header.iter().any(|header| {
                header.name == "content-type" && streams.iter().any(|kind| header.value.contains(kind))
            });
            let body = body.unwrap_or_default();
            // Some were recorded without that header.
            let is_stream = is_stream || body.starts_with("event:") || body.starts_with("data:");
            all.push(Recording { name, path: exchange.when.path, status, body, is_stream });
        }
    }
    all
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}
