//! Answers as they are kept from one fetch to the next.

use assize_ambient::Timestamp;
use assize_cache::{Failure, Namespace};
use assize_transport::{Headers, RawResponse, Request};
use serde::{Deserialize, Serialize};

use crate::GapReason;

/// Its version is raised whenever the stored form changes.
pub(super) const SPACE: Namespace = Namespace::known("source-answers", 1);

/// An answer to be kept: all of it but what its request says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    fetched_at: Timestamp,
    #[serde(flatten)]
    body: Body,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

impl KeptAnswer {
    pub(super) fn of(response: &RawResponse) -> Self {
        let body = match std::str::from_utf8(response.body()) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Bytes(response.body().to_vec()),
        };
        // A cookie is a secret, and nothing that a source reads.
        let plain = response.headers().iter().filter(|(name, _)| !name.contains("cookie"));
        let headers = plain.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { status: response.status(), headers, fetched_at: response.fetched_at(), body }
    }

    /// Whether there is a secret of the request in what would be kept.
    pub(super) fn reveals(request: &Request, response: &RawResponse) -> bool {
        request.is_revealed_in(response.body())
            || response.headers().iter().any(|(_, value)| request.is_revealed_in(value.as_bytes()))
    }

    pub(super) fn response(self, request: &Request) -> RawResponse {
        let headers =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Headers>();
        match self.body {
            Body::Text(text) => RawResponse::new(request, self.status, headers, text, self.fetched_at),
            Body::Bytes(bytes) => RawResponse::new(request, self.status, headers, bytes, self.fetched_at),
        }
    }
}

/// Why there is no answer to keep.
#[derive(Clone, Debug)]
pub(super) enum Miss {
    /// The deadline came first.
    Late,
    /// There is an answer, and it is not to be kept: it may be another one soon.
    NotKept(RawResponse),
    /// There is none.
    Failed(GapReason, String),
}

impl Failure for Miss {}
