//! Which vendor is asked for what, and with which key.

use http::{Method, header::AUTHORIZATION, request::Parts};

use crate::{Vendor, ask::Delivery, problem::Problem};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A reply. Gemini's says here how it is sent, and of which model.
    Reply { of: Option<(String, Delivery)> },
    /// Vectors of texts.
    Embeddings,
    /// The tokens of a prompt.
    CountTokens { of: Option<String> },
    /// The list of models.
    Models,
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
}

fn parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let query = parts.uri.query()?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Whose path it is. What belongs to nobody is refused as the caller seems to expect it.
pub(crate) fn vendor(parts: &Parts) -> Vendor {
    let path = parts.uri.path();
    let speaks_anthropic =
        || ["anthropic-version", "x-api-key"].into_iter().any(|name| parts.headers.contains_key(name));
    let is_message = path == "/v1/messages" || path.starts_with("/v1/messages/");
    if path.starts_with("/v1beta/") {
        Vendor::Gemini
    } else if is_message || (!path.starts_with("/v1/chat/") && speaks_anthropic()) {
        Vendor::Anthropic
    } else {
        Vendor::OpenAi
    }
}

pub(crate) fn endpoint(vendor: Vendor, parts: &Parts) -> Result<Endpoint, Problem> {
    let path = parts.uri.path();
    let (endpoint, method) = match (vendor, path) {
        (Vendor::OpenAi, "/v1/chat/completions") | (Vendor::Anthropic, "/v1/messages") => {
            (Endpoint::Reply { of: None }, Method::POST)
        }
        (Vendor::OpenAi, "/v1/embeddings") => (Endpoint::Embeddings, Method::POST),
        (Vendor::Anthropic, "/v1/messages/count_tokens") => {
            (Endpoint::CountTokens { of: None }, Method::POST)
        }
        (Vendor::OpenAi | Vendor::Anthropic, "/v1/models") | (Vendor::Gemini, "/v1beta/models") => {
            (Endpoint::Models, Method::GET)
        }
        (Vendor::Gemini, path) => {
            let called = path.strip_prefix("/v1beta/models/").and_then(|rest| rest.rsplit_once(':'));
            let (model, action) = called.ok_or_else(|| unknown(parts))?;
            let of = |delivery| Endpoint::Reply { of: Some((model.to_owned(), delivery)) };
            let endpoint = match action {
                "generateContent" => of(Delivery::Whole),
                "streamGenerateContent" if parameter(parts, "alt") == Some("sse") => {
                    of(Delivery::Events { include_usage: true })
                }
                "streamGenerateContent" => of(Delivery::Array),
                "countTokens" => Endpoint::CountTokens { of: Some(model.to_owned()) },
                _ => return Err(unknown(parts)),
            };
            (endpoint, Method::POST)
        }
        _ => return Err(unknown(parts)),
    };
    if parts.method == method {
        Ok(endpoint)
    } else {
        Err(Problem::WrongMethod { method: parts.method.to_string(), path: path.to_owned() })
    }
}

fn unknown(parts: &Parts) -> Problem {
    Problem::UnknownPath { method: parts.method.to_string(), path: parts.uri.path().to_owned() }
}

/// The key that comes with a request. It goes no further than into a digest.
pub(crate) fn key(vendor: Vendor, parts: &Parts) -> Option<&str> {
    let bearer = || header(parts, AUTHORIZATION.as_str())?.strip_prefix("Bearer ").map(str::trim);
    let key = match vendor {
        Vendor::OpenAi => bearer(),
        Vendor::Anthropic => header(parts, "x-api-key").or_else(bearer),
        Vendor::Gemini => header(parts, "x-goog-api-key").or_else(|| parameter(parts, "key")),
    };
    key.filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn paths_lead_to_vendors() {
        let anthropic = [("anthropic-version", "2023-06-01")];
        for (uri, headers, vendor) in [
            ("/v1/chat/completions", &[][..], Vendor::OpenAi),
            ("/v1/embeddings", &[], Vendor::OpenAi),
            ("/v1/models", &[], Vendor::OpenAi),
            ("/v1/models", &anthropic, Vendor::Anthropic),
            ("/v1/messages", &[], Vendor::Anthropic),
            ("/v1/messages/count_tokens", &[], Vendor::Anthropic),
            ("/v1beta/models/g:generateContent", &[], Vendor::Gemini),
            ("/nothing", &[], Vendor::OpenAi),
            ("/nothing", &anthropic, Vendor::Anthropic),
        ] {
            assert_eq!(super::vendor(&parts("POST", uri, headers)), vendor, "{uri}");
        }
    }

    #[test]
    fn gemini_names_its_model_in_the_path() {
        let of = |uri| endpoint(Vendor::Gemini, &parts("POST", uri, &[]));
        let reply = |delivery| Ok(Endpoint::Reply { of: Some(("g-2:b".to_owned(), delivery)) });
        assert_eq!(of("/v1beta/models/g-2:b:generateContent"), reply(Delivery::Whole));
        let events = Delivery::Events { include_usage: true };
        assert_eq!(of("/v1beta/models/g-2:b:streamGenerateContent?key=k&alt=sse"), reply(events));
        assert_eq!(of("/v1beta/models/g-2:b:streamGenerateContent"), reply(Delivery::Array));
        assert!(of("/v1beta/models/g-2:sing").is_err() && of("/v1beta/else").is_err());
    }

    #[test]
    fn keys_are_where_each_vendor_has_them() {
        for (vendor, uri, headers, found) in [
            (Vendor::OpenAi, "/", &[("authorization", "Bearer k")][..], Some("k")),
            (Vendor::OpenAi, "/", &[("x-api-key", "k")], None),
            (Vendor::OpenAi, "/", &[("authorization", "Bearer ")], None),
            (Vendor::Anthropic, "/", &[("x-api-key", "k")], Some("k")),
            (Vendor::Gemini, "/?alt=sse&key=k", &[], Some("k")),
            (Vendor::Gemini, "/", &[("x-goog-api-key", "k")], Some("k")),
            (Vendor::Gemini, "/?key=", &[], None),
        ] {
            assert_eq!(key(vendor, &parts("POST", uri, headers)), found, "{vendor:?} {uri}");
        }
    }
}
