//! What came back, unread.

use std::fmt;
use std::sync::OnceLock;

use assize_ambient::Timestamp;
use bytes::Bytes;

use crate::{Method, Request, RequestKey, Url};

/// Headers of a response that let somebody in: never stored, never shown.
pub(crate) const WITHHELD: [&str; 6] =
    ["set-cookie", "set-cookie2", "authorization", "proxy-authorization", "www-authenticate", "cookie"];

/// Headers of a response: names in lower case, in the order of arrival.
///
/// Their `Debug` form shows `[secret]` for those that let somebody in (`set-cookie` …).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value under `name` (any case).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All headers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs.into_iter().map(|(name, value)| (name.into().to_ascii_lowercase(), value.into())).collect(),
        )
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value)| (name, if WITHHELD.contains(&name) { "[secret]" } else { value });
        f.debug_list().entries(self.iter().map(shown)).finish()
    }
}

/// A response before anybody read it: status, headers, bytes, and when it was had.
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_transport::{Headers, RawResponse, Request};
///
/// let request = Request::get("https://example.org/x".parse()?);
/// let headers = Headers::from_iter([("Retry-After", "3")]);
/// let response = RawResponse::new(&request, 429, headers, "slow down", Timestamp::UNIX_EPOCH);
/// assert_eq!(response.headers().get("retry-after"), Some("3"));
/// assert_eq!(response.url(), request.url());
/// # Ok::<(), assize_transport::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawResponse {
    asked: Asked,
    status: u16,
    headers: Headers,
    body: Bytes,
    fetched_at: Timestamp,
}

/// What was asked, as far as its key is made of it. Most responses are never asked for their key: it is made when one is.
#[derive(Clone)]
struct Asked {
    method: Method,
    url: Url,
    body: Bytes,
    key: OnceLock<RequestKey>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        (self.method, &self.url, &self.body) == (other.method, &other.url, &other.body)
    }
}

impl Eq for Asked {}

impl RawResponse {
    /// The response to `request`.
    #[must_use]
    pub fn new(
        request: &Request,
        status: u16,
        headers: Headers,
        body: impl Into<Bytes>,
        fetched_at: Timestamp,
    ) -> Self {
        Self {
            asked: Asked {
                method: request.method(),
                url: request.url().clone(),
                body: request.body().clone(),
                key: OnceLock::new(),
            },
            status,
            headers,
            body: body.into(),
            fetched_at,
        }
    }

    pub(crate) fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    /// What the request is known by.
    #[must_use]
    pub fn key(&self) -> &RequestKey {
        let Asked { method, url, body, key } = &self.asked;
        key.get_or_init(|| RequestKey::of(*method, url, body))
    }

    /// The address that was asked, without secrets.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.asked.url
    }

    /// The HTTP status; 200 for a file.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// When the response was had; in a replay, when it was had then.
    #[must_use]
    pub fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("url", &self.asked.url)
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .field("fetched_at", &self.fetched_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_not_shown() {
        let request = Request::get("https://example.org/x".parse().unwrap());
        let headers = Headers::from_iter([("Set-Cookie", "session=1"), ("Retry-After", "3")]);
        let response = RawResponse::new(&request, 200, headers, "", Timestamp::UNIX_EPOCH);
        let shown = format!("{response:?}");
        assert!(!shown.contains("session=1"), "{shown}");
        assert!(shown.contains(r#"[("set-cookie", "[secret]"), ("retry-after", "3")]"#), "{shown}");
        assert_eq!(response.headers().get("set-cookie"), Some("session=1"));
    }
}
