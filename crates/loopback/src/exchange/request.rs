//! What is asked of which site.

use std::collections::BTreeMap;

use http::Request;

use super::{Site, desk::Asked};

/// Parameters whose values are secrets, and belong to no content.
const KEYS: [&str; 5] = ["api_key", "apikey", "crumb", "key", "token"];

/// The host that is asked, and the path there.
pub(super) fn host<B>(request: &Request<B>) -> Option<(String, String)> {
    let path = request.uri().path();
    if let Some((host, rest)) = path.strip_prefix("/host/").and_then(|rest| rest.split_once('/')) {
        return Some((host.to_ascii_lowercase(), format!("/{rest}")));
    }
    let header = || request.headers().get("host")?.to_str().ok();
    let host = request.uri().host().or_else(header)?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    Some((host.to_ascii_lowercase(), path.to_owned()))
}

/// The request, taken apart; `None` if its host is not played.
pub(super) fn read<B>(request: &Request<B>) -> Option<Asked> {
    let (host, path) = host(request)?;
    let site = Site::of_host(&host)?;
    let path = path.split('/').skip(1).map(|part| decoded(part, false)).collect();
    let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let query: BTreeMap<String, String> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name, true), decoded(value, true)))
        .collect();
    Some(Asked { site, host, path, query })
}

/// The request for the books: without keys.
pub(super) fn shown(asked: &Asked) -> String {
    let mut shown = format!("{}/{}", asked.host, asked.path.join("/"));
    let parameters = asked.query.iter().filter(|(name, _)| !KEYS.contains(&name.as_str()));
    for (n, (name, value)) in parameters.enumerate() {
        shown.push(if n == 0 { '?' } else { '&' });
        shown.push_str(name);
        shown.push('=');
        shown.push_str(value);
    }
    shown
}

/// What a request's content comes to, whatever the order of its parameters.
pub(super) fn digest(asked: &Asked) -> [u8; 32] {
    *blake3::hash(shown(asked).as_bytes()).as_bytes()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Without percent signs; in parameters, a plus is a space.
fn decoded(text: &str, is_parameter: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |n: usize| after.get(n).and_then(|byte| char::from(*byte).to_digit(16));
        let pair = if *first == b'%' { digit(0).zip(digit(1)) } else { None };
        if let Some(byte) = pair.and_then(|(high, low)| u8::try_from(16 * high + low).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' && is_parameter { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_in_three_ways() {
        let asked = |request: http::request::Builder| read(&request.body(()).unwrap());
        let plain = asked(Request::get("https://cdn.cboe.com/a%2Fb/c?q=x+y%26&key=s")).unwrap();
        let prefixed = asked(Request::get("/host/cdn.cboe.com/a%2Fb/c?key=t&q=x%20y%26")).unwrap();
        let headed = asked(Request::get("/a%2Fb/c?q=x+y%26").header("host", "CDN.cboe.com:80")).unwrap();
        for other in [&prefixed, &headed] {
            assert_eq!(digest(&plain), digest(other));
        }
        assert_eq!((plain.path.join("|"), plain.parameter("q")), ("a/b|c".to_owned(), "x y&"));
        assert!(!shown(&plain).contains("key"));
        assert!(asked(Request::get("https://example.org/")).is_none());
        assert_eq!(decoded("%4%41%zz%", false), "%4A%zz%");
    }
}
