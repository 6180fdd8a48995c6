//! JSON from a stranger, of which few bytes can become much memory.

use memchr::memchr2;
use serde_json::Value;

/// JSON with more values than this is refused: a value of a few bytes can take hundreds once it is read, as `{"":0}` does.
/// No reply of a vendor has so many.
const MOST_VALUES: usize = 1 << 18;

/// Why JSON was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("it has more than {MOST_VALUES} values")]
    TooMany,
}

/// Reads JSON that takes no more memory than a few times its bytes and a fixed amount.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Unreadable> {
    // A value has a byte at least.
    if bytes.len() > MOST_VALUES && has_too_many_values(bytes) {
        return Err(Unreadable::TooMany);
    }
    Ok(serde_json::from_slice(bytes)?)
}

/// Counts what begins or parts values. Up to where it is no JSON, the count is exact; behind that nothing is read.
fn has_too_many_values(bytes: &[u8]) -> bool {
    let mut n = 0;
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'"' => rest = behind_text(behind),
            b',' | b':' | b'[' | b'{' => n += 1,
            _ => {}
        }
        if n > MOST_VALUES {
            return true;
        }
    }
    false
}

/// What follows the end of a text.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        let is_end = rest[at] == b'"';
        rest = rest.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_in_many_bytes() {
        let text = format!("{}\\\"{}", ",".repeat(MOST_VALUES), "[{".repeat(MOST_VALUES));
        let body = format!(r#"{{"text":"{text}","more":["\\",1]}}"#);
        let value = read(body.as_bytes()).unwrap();
        assert_eq!(value["text"].as_str().map(str::len), Some(3 * MOST_VALUES + 1));
        assert_eq!(value["more"][1], 1);
    }

    #[test]
    fn many_values() {
        for unit in ["0,", "[],", "[0],", "{},", r#"{"":0},"#, r#""\\","#, "0 , "] {
            let body = |n: usize| format!("[{}0]", unit.repeat(n));
            assert!(matches!(read(body(MOST_VALUES).as_bytes()), Err(Unreadable::TooMany)), "{unit}");
            assert!(read(body(MOST_VALUES / 8).as_bytes()).is_ok(), "{unit}");
        }
    }

    #[test]
    fn what_is_no_json() {
        for text in ["", "{", "\"", "\"\\", "[1,]", "\u{1}"] {
            assert!(matches!(read(text.as_bytes()), Err(Unreadable::Json(_))), "{text:?}");
            let long = format!("{}{text}", " ".repeat(MOST_VALUES + 1));
            assert!(matches!(read(long.as_bytes()), Err(Unreadable::Json(_))), "{text:?}");
        }
    }
}
