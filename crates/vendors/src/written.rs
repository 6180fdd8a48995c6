//! A request as it goes out.

use assize_llm::{Error, ErrorKind, ModelId};
use assize_transport::{Request, Url};
use serde_json::{Map, Value};

/// The request that hands this JSON to this address, with these headers and, where there is one, the header with the key.
pub(crate) fn written(
    model: &ModelId,
    address: Url,
    body: Map<String, Value>,
    headers: &[(&str, &str)],
    key: Option<(&str, &str)>,
) -> Result<Request, Error> {
    let wrong = |e: assize_transport::Error| {
        Error::new(ErrorKind::BadRequest, format!("ask {model}: failed to {e}")).with_source(e)
    };
    let body = serde_json::to_vec(&Value::Object(body)).map_err(|e| {
        Error::new(ErrorKind::BadRequest, format!("ask {model}: failed to write its request: {e}"))
            .with_source(e)
    })?;
    let mut out = Request::post(address, body);
    for (name, value) in [("content-type", "application/json")].iter().chain(headers) {
        out = out.with_header(name, value).map_err(wrong)?;
    }
    match key {
        Some((name, value)) => out.with_secret_header(name, value).map_err(wrong),
        None => Ok(out),
    }
}
