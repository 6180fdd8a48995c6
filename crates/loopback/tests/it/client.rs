//! A client that takes what comes, and says what came.

use std::sync::Arc;

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_loopback::{ErrorKind, Vendor, World};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower_service::Service;

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// How the connection failed, before or inside the body.
    pub(crate) failed: Option<ErrorKind>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("plain text"))
    }
}

pub(crate) fn world(seed: u64) -> World {
    let noon = Timestamp::from_second(1_767_268_800).expect("a time");
    World::new(Seed::new(seed), Arc::new(FixedClock::new(noon)))
}

/// A request for a reply to this text.
pub(crate) fn ask(vendor: Vendor, text: &str, stream: bool) -> Request<Bytes> {
    let messages = json!([{ "role": "user", "content": text }]);
    let body = match vendor {
        Vendor::OpenAi if stream => {
            json!({ "model": "m-1", "messages": messages, "stream": true, "stream_options": { "include_usage": true } })
        }
        Vendor::OpenAi => json!({ "model": "m-1", "messages": messages }),
        Vendor::Anthropic => {
            json!({ "model": "m-1", "messages": messages, "max_tokens": 500, "stream": stream })
        }
        _ => json!({ "contents": [{ "role": "user", "parts": [{ "text": text }] }] }),
    };
    post(vendor, stream, &body)
}

/// A request for a reply, with this body.
pub(crate) fn post(vendor: Vendor, stream: bool, body: &Value) -> Request<Bytes> {
    let (path, name, key) = match vendor {
        Vendor::OpenAi => ("/v1/chat/completions", "authorization", "Bearer k-1"),
        Vendor::Anthropic => ("/v1/messages", "x-api-key", "k-1"),
        _ if stream => ("/v1beta/models/m-1:streamGenerateContent?alt=sse", "x-goog-api-key", "k-1"),
        _ => ("/v1beta/models/m-1:generateContent", "x-goog-api-key", "k-1"),
    };
    Request::post(path)
        .header(name, key)
        .header("anthropic-version", "2023-06-01")
        .body(Bytes::from(body.to_string()))
        .expect("a request")
}

/// Sends a request, and takes the answer to its end.
pub(crate) async fn exchange(world: &World, request: Request<Bytes>) -> Answer {
    let answer = match world.clone().call(request).await {
        Ok(response) => response,
        Err(e) => {
            let (text, failed) = (String::new(), Some(e.kind()));
            return Answer { status: 0, headers: HeaderMap::new(), text, failed };
        }
    };
    let (parts, mut body) = answer.into_parts();
    let (mut bytes, mut failed) = (Vec::new(), None);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().expect("data")),
            Err(e) => failed = Some(e.kind()),
        }
    }
    let text = String::from_utf8(bytes).expect("UTF-8");
    Answer { status: parts.status.as_u16(), headers: parts.headers, text, failed }
}

/// The text of the reply, as the vendor's own clients put it together.
pub(crate) fn said(vendor: Vendor, stream: bool, text: &str) -> String {
    let of = |json: &Value| -> String {
        let part = match vendor {
            Vendor::OpenAi if stream => &json["choices"][0]["delta"]["content"],
            Vendor::OpenAi => &json["choices"][0]["message"]["content"],
            Vendor::Anthropic if stream => &json["delta"]["text"],
            Vendor::Anthropic => &json["content"][0]["text"],
            _ => &json["candidates"][0]["content"]["parts"][0]["text"],
        };
        part.as_str().unwrap_or_default().to_owned()
    };
    if !stream {
        return of(&serde_json::from_str(text).expect("JSON"));
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| of(&serde_json::from_str(data).expect("JSON"))).collect()
}
