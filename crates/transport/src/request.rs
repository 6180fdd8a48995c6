//! What is asked for, with its secrets kept apart from everything that is shown, hashed or stored.

use std::fmt;

use bytes::Bytes;

use crate::{Error, ErrorKind, Url, hex};

/// How a request acts on what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Hands something in.
    Post,
}

impl Method {
    /// The name on the wire, such as `GET`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A value that must never be shown: its `Debug` form is `[secret]`, and it has no `Display`.
///
/// ```
/// let secret = assize_transport::Secret::new("hunter2");
/// assert_eq!(format!("{secret:?}"), "[secret]");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `value`.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the wire and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A request: method, address, headers, body, and secrets.
///
/// Its `Debug` form, its [key](Request::key), errors about it and recordings of it show no secret.
///
/// ```
/// use assize_transport::Request;
///
/// let request = Request::get("https://example.org/quote?symbol=KO".parse()?)
///     .with_header("accept", "application/json")?
///     .with_secret_query("apikey", "hunter2")?;
/// assert_eq!(request.expose_url(), "https://example.org/quote?symbol=KO&apikey=hunter2");
/// assert!(!format!("{request:?}").contains("hunter2"));
/// # Ok::<(), assize_transport::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    secret_headers: Vec<(String, Secret)>,
    secret_query: Vec<(String, Secret)>,
    body: Bytes,
}

impl Request {
    /// A request that reads `url`.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url, Bytes::new())
    }

    /// A request that hands `body` to `url`.
    #[must_use]
    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Self::new(Method::Post, url, body.into())
    }

    fn new(method: Method, url: Url, body: Bytes) -> Self {
        Self { method, url, headers: Vec::new(), secret_headers: Vec::new(), secret_query: Vec::new(), body }
    }

    /// Adds a header that anybody may see.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if name or value hold what could end the header (a line break, a colon in the name).
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.headers.push((header_name(name, value)?, value.to_owned()));
        Ok(self)
    }

    /// Adds a header whose value is a secret.
    ///
    /// # Errors
    /// As [`with_header`](Request::with_header); the message names the header, never the value.
    pub fn with_secret_header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.secret_headers.push((header_name(name, value)?, Secret::new(value)));
        Ok(self)
    }

    /// Adds a query parameter whose value is a secret. It is no part of [`url`](Request::url).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if name or value would have to be percent-encoded.
    pub fn with_secret_query(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
        };
        if !plain(name) || !plain(value) {
            return Err(ErrorKind::BadRequest.error("add a secret query parameter: percent-encode it first"));
        }
        self.secret_query.push((name.to_owned(), Secret::new(value)));
        Ok(self)
    }

    /// How the request acts.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The address without secrets.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers that anybody may see, names in lower case, in the order of adding.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The headers whose values are secrets.
    #[must_use]
    pub fn secret_headers(&self) -> &[(String, Secret)] {
        &self.secret_headers
    }

    /// The body; empty where there is none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The address with the secret query parameters, for the wire and for nothing else.
    #[must_use]
    pub fn expose_url(&self) -> String {
        let (address, fragment) = match self.url.as_str().split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (self.url.as_str(), None),
        };
        let mut out = address.to_owned();
        for (name, value) in &self.secret_query {
            out.push(if out.contains('?') { '&' } else { '?' });
            out.push_str(name);
            out.push('=');
            out.push_str(value.expose());
        }
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(fragment);
        }
        out
    }

    /// What this request is known by: a hash of method, address and body, without headers and secrets.
    #[must_use]
    pub fn key(&self) -> RequestKey {
        RequestKey::of(self.method, &self.url, &self.body)
    }

    /// Whether `bytes` of the other side's repeat a secret of this request: such bytes must not be stored.
    #[must_use]
    pub fn is_revealed_in(&self, bytes: &[u8]) -> bool {
        self.secret_forms()
            .iter()
            .any(|secret| bytes.windows(secret.len()).any(|part| part == secret.as_slice()))
    }

    /// Every form in which the other side could repeat a secret of this request, the longest first: each value as it is
    /// sent, a header's without its scheme (`Bearer`), a parameter's percent-decoded. None is empty.
    pub(crate) fn secret_forms(&self) -> Vec<Vec<u8>> {
        let whole = self.secret_headers.iter().chain(&self.secret_query);
        let mut forms: Vec<Vec<u8>> = whole.map(|(_, secret)| secret.expose().trim().into()).collect();
        for (_, secret) in &self.secret_headers {
            if let Some((_, credentials)) = secret.expose().trim().split_once([' ', '\t']) {
                forms.push(credentials.trim().into());
            }
        }
        forms.extend(self.secret_query.iter().map(|(_, secret)| hex::percent_decoded(secret.expose())));
        forms.retain(|form| !form.is_empty());
        forms.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        forms
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("secret_headers", &self.secret_headers)
            .field("secret_query", &self.secret_query)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What a request is known by in caches and recordings: 64 hexadecimal digits of BLAKE3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(String);

impl RequestKey {
    pub(crate) fn of(method: Method, url: &Url, body: &[u8]) -> Self {
        let mut hash = blake3::Hasher::new();
        // Each part is preceded by its length, so that no two requests run together to the same bytes.
        for part in [method.as_str().as_bytes(), url.as_str().as_bytes(), body] {
            hash.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        Self(hex::encode(hash.finalize().as_bytes()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn header_name(name: &str, value: &str) -> Result<String, Error> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(ErrorKind::BadRequest.error("add a header: its name may hold letters, digits and dashes"));
    }
    if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return Err(ErrorKind::BadRequest
            .error(format!("add the header `{name}`: its value holds a line break or is not plain ASCII")));
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-do-not-show";

    fn request() -> Request {
        Request::post("https://example.org/x?a=1#part".parse().unwrap(), "{}")
    }

    #[test]
    fn secrets_are_neither_shown_nor_part_of_the_key() {
        let secret = request()
            .with_secret_header("Authorization", KEY)
            .and_then(|request| request.with_secret_query("key", KEY))
            .unwrap();
        assert!(!format!("{secret:?} {secret:#?}").contains(KEY));
        assert_eq!(secret.key(), request().key());
        assert_eq!(secret.expose_url(), format!("https://example.org/x?a=1&key={KEY}#part"));
        assert_eq!(secret.secret_headers()[0].0, "authorization");
        assert_eq!(secret.secret_forms(), [KEY.as_bytes()]);
        let said = format!("we have detected your key as {KEY}: slow down");
        assert!(secret.is_revealed_in(said.as_bytes()) && !request().is_revealed_in(said.as_bytes()));
        assert!(!secret.is_revealed_in(b"slow down") && !secret.is_revealed_in(b""));
        for error in [
            request().with_secret_header("a\nb", KEY).unwrap_err(),
            request().with_secret_header("ok", &format!("{KEY}\r\nx: y")).unwrap_err(),
            request().with_secret_query("key", &format!("{KEY}&x")).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert!(!format!("{error} {error:?}").contains(KEY));
        }
    }

    #[test]
    fn secrets_in_every_form() {
        let request = request()
            .with_secret_header("authorization", "Bearer sk-123")
            .and_then(|request| request.with_secret_header("x-none", " "))
            .and_then(|request| request.with_secret_query("key", "a%2Fb%zz%4"))
            .unwrap();
        let forms: Vec<String> =
            request.secret_forms().into_iter().map(|form| String::from_utf8(form).unwrap()).collect();
        assert_eq!(forms, ["Bearer sk-123", "a%2Fb%zz%4", "a/b%zz%4", "sk-123"]);
    }

    #[test]
    fn every_part_changes_the_key() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let requests = [
            Request::get(url("x://a")),
            Request::get(url("x://b")),
            Request::post(url("x://a"), ""),
            Request::post(url("x://a"), "b"),
            Request::post(url("x://ab"), ""),
        ];
        for (i, one) in requests.iter().enumerate() {
            assert_eq!(one.key().as_str().len(), 64);
            for other in &requests[i + 1..] {
                assert_ne!(one.key(), other.key());
            }
        }
    }
}
