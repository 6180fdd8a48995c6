//! What a vendor says when a call fails, as one taxonomy.

mod kind;
mod said;
mod wait;
mod wording;

use assize_llm::{Error, ErrorKind, ModelId};
use serde_json::Value;

use said::Said;

/// Reads a refusal: a response with another status than that of a success.
pub(crate) fn read(model: &ModelId, status: u16, body: &[u8]) -> Error {
    error(model, Some(status), &Said::in_body(body)).with_status(status)
}

/// The failure that a body or an event of a stream holds although its status is that of a success.
pub(crate) fn inside(model: &ModelId, value: &Value) -> Option<Error> {
    let holder = match value {
        Value::Array(pieces) => pieces.first()?,
        value => value,
    };
    let is_error = |value: &&Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    let holds_error = |value: &Value| value.get("error").as_ref().is_some_and(is_error);
    let calls_itself = |name: &str| holder.get(name).and_then(Value::as_str) == Some("error");
    let is_itself = (calls_itself("type") || calls_itself("object"))
        && holder.get("message").is_some_and(Value::is_string);
    let holder = if holds_error(holder) || is_itself {
        holder
    } else {
        holder.get("response").filter(|response| holds_error(response))?
    };
    let said = Said::in_value(holder);
    Some(error(model, None, &said))
}

/// The failure of a prompt that the vendor's filter did not let through.
pub(crate) fn blocked(model: &ModelId, reason: &str) -> Error {
    let reason = wording::shown(reason);
    Error::new(ErrorKind::ContentFilter, format!("ask {model}: its filter blocked the prompt: {reason}"))
}

fn error(model: &ModelId, status: Option<u16>, said: &Said) -> Error {
    let kind = kind::of(status, said);
    let what =
        status.map_or_else(|| "the reply holds an error".to_owned(), |status| format!("status {status}"));
    let code = said.code().map(|code| format!(" {}", wording::shown(code))).unwrap_or_default();
    let hint = hint(kind, status).map(|hint| format!(" ({hint})")).unwrap_or_default();
    let message = format!("ask {model}: {what}{code}: {}{hint}", said.shown());
    let error = Error::new(kind, message);
    match said.wait() {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// What to do about it, where the vendor's own words do not always say so.
fn hint(kind: ErrorKind, status: Option<u16>) -> Option<&'static str> {
    match (kind, status) {
        (ErrorKind::Auth, Some(403)) => Some("check the endpoint's key, and whether it may use this model"),
        (ErrorKind::Auth, _) => Some("check the endpoint's key"),
        (ErrorKind::Quota, _) => Some("check the account's credit and limits; waiting does not help"),
        (_, Some(300..400)) => Some("the server is elsewhere: check the endpoint's address"),
        (ErrorKind::BadRequest, Some(404)) => Some("check the model's name and the endpoint's address"),
        _ => None,
    }
}
