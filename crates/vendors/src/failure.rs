//! What a vendor says when a call fails, as one taxonomy.

use assize_llm::{Error, ErrorKind, ModelId};
use serde_json::Value;

use crate::WireFormat;

/// Reads a refusal.
pub(crate) fn read(format: WireFormat, model: &ModelId, status: u16, body: &[u8]) -> Error {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = match status {
        401 | 403 => ErrorKind::Auth,
        402 => ErrorKind::Quota,
        408 | 504 => ErrorKind::TimedOut,
        429 => ErrorKind::RateLimited,
        503 | 529 => ErrorKind::Overloaded,
        500.. => ErrorKind::Server,
        _ => ErrorKind::BadRequest,
    };
    let said = inside(format, model, &value).map(|error| error.to_string()).unwrap_or_default();
    Error::new(kind, format!("ask {model}: status {status}: {said}")).with_status(status)
}

/// The failure that a body or an event of a stream holds although its status is that of a success.
pub(crate) fn inside(_format: WireFormat, model: &ModelId, value: &Value) -> Option<Error> {
    let error = value.get("error").filter(|error| !error.is_null())?;
    let message = error.get("message").and_then(Value::as_str).unwrap_or("no reason was given");
    Some(Error::new(ErrorKind::Server, format!("ask {model}: {message}")))
}
