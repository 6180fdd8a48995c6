//! Requests and responses in the words of the `http` crate, for the transports that speak HTTP.

use std::error::Error as StdError;

use bytes::Bytes;

use crate::withhold::withhold_in_text;
use crate::{Error, ErrorKind, Headers, Request};

/// Headers that belong to the connection and not to a request: who sets them could make it mean something else.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The most causes of an error that its text names.
const MOST_CAUSES: usize = 8;

/// What goes over the wire, its secrets marked as sensitive.
pub(crate) fn request(asked: &Request) -> Result<http::Request<Bytes>, Error> {
    let url = asked.url();
    let wrong = |why: &str| ErrorKind::BadRequest.error(format!("ask {url}: {why}"));
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only `http:` and `https:` addresses can be asked"));
    }
    let mut wire = http::Request::builder()
        .method(asked.method().as_str())
        .uri(asked.expose_url())
        .body(asked.body().clone())
        // The cause is left out: it could name what is in the address.
        .map_err(|_| wrong("it is not an address that can be asked"))?;
    let open = asked.headers().iter().map(|(name, value)| (name, value.as_str(), false));
    let secret = asked.secret_headers().iter().map(|(name, value)| (name, value.expose(), true));
    for (name, value, is_secret) in open.chain(secret) {
        if OF_THE_CONNECTION.contains(&name.as_str()) {
            return Err(wrong(&format!("the header `{name}` is set by the connection; leave it out")));
        }
        let unfit = |_| wrong(&format!("the header `{name}` cannot be sent"));
        let key = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit(()))?;
        let mut value = http::HeaderValue::from_str(value).map_err(|_| unfit(()))?;
        value.set_sensitive(is_secret);
        wire.headers_mut().append(key, value);
    }
    Ok(wire)
}

/// The headers of a response; what is not UTF-8 in them is replaced.
pub(crate) fn headers(wire: &http::HeaderMap) -> Headers {
    wire.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect()
}

/// What the causes of an error say, where the error itself says nothing but that it is one; without the request's secrets.
#[cfg(feature = "http")]
pub(crate) fn said_by_causes(asked: &Request, error: &(dyn StdError + 'static)) -> String {
    error.source().map_or_else(|| "the client failed".to_owned(), |cause| said(asked, cause))
}

/// What an error and its causes say, without the request's secrets. The error itself goes no further: what its `Debug`
/// form shows is not ours to decide.
pub(crate) fn said(asked: &Request, error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..MOST_CAUSES {
        let Some(next) = cause else { break };
        let next_text = next.to_string();
        if !text.ends_with(&next_text) {
            text.push_str(": ");
            text.push_str(&next_text);
        }
        cause = next.source();
    }
    withhold_in_text(asked, &text)
}
