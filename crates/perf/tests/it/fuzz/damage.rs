//! What may happen to an answer on its way.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(super) enum Damage {
    Byte(Index, u8),
    Loss(Index, Index),
    Again(Index, Index, Index),
    Word(Index, &'static [u8]),
    /// A value becomes a word.
    Value(Index, &'static [u8]),
    /// A value of the JSON becomes another, as far as it is JSON still.
    Json(Index, usize),
    End(Index),
}

/// Some damages, with these words where a word comes in.
pub(super) fn damages(words: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<Damage>> {
    let index = any::<Index>;
    let one = prop_oneof![
        3 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (index(), index()).prop_map(|(at, length)| Damage::Loss(at, length)),
        2 => (index(), index(), index()).prop_map(|(at, length, to)| Damage::Again(at, length, to)),
        3 => (index(), select(words)).prop_map(|(at, word)| Damage::Word(at, word)),
        6 => (index(), select(words)).prop_map(|(at, word)| Damage::Value(at, word)),
        6 => (index(), 0_usize..20).prop_map(|(node, with)| Damage::Json(node, with)),
        1 => index().prop_map(Damage::End),
    ];
    prop::collection::vec(one, 0..6)
}

/// What becomes of a seed. A value is a run of letters, digits and what may stand `within` one.
pub(super) fn damaged(seed: &[u8], damages: &[Damage], within: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for damage in damages {
        let end = bytes.len();
        match damage {
            Damage::Byte(at, byte) if end > 0 => bytes[at.index(end)] = *byte,
            Damage::Byte(..) => {}
            Damage::Loss(at, length) => {
                let from = at.index(end + 1);
                // Short losses leave more of the form.
                let to = from + length.index(end - from + 1).min(1 + length.index(40));
                bytes.drain(from..to.min(end));
            }
            Damage::Again(at, length, to) => {
                let from = at.index(end + 1);
                let again = bytes[from..from + length.index(end - from + 1)].to_vec();
                let to = to.index(end + 1);
                bytes.splice(to..to, again);
            }
            Damage::Word(at, word) => {
                let at = at.index(end + 1);
                bytes.splice(at..at, word.iter().copied());
            }
            Damage::Value(at, word) => {
                let from = at.index(end + 1);
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || within.contains(byte);
                let from = from + bytes[from..].iter().position(is_part).unwrap_or(0);
                let length = bytes[from..].iter().take_while(|byte| is_part(byte)).count();
                bytes.splice(from..from + length, word.iter().copied());
            }
            Damage::Json(node, with) => {
                if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
                    let mut left = node.index(count(&value));
                    change(&mut value, &mut left, *with);
                    bytes = value.to_string().into_bytes();
                }
            }
            Damage::End(at) => bytes.truncate(at.index(end + 1)),
        }
    }
    bytes
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(entries) => entries.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the node that comes after so many others.
fn change(value: &mut Value, left: &mut usize, with: usize) -> bool {
    if *left == 0 {
        *value = other(value, with);
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(entries) => entries.iter_mut().any(|entry| change(entry, left, with)),
        Value::Object(fields) => fields.values_mut().any(|field| change(field, left, with)),
        _ => false,
    }
}

fn other(value: &Value, with: usize) -> Value {
    match with {
        0 => Value::Null,
        1 => json!(true),
        2 => json!({}),
        3 => json!([]),
        4 => json!(""),
        5 => json!(-1),
        6 => json!(i64::MAX),
        7 => json!(i64::MIN),
        8 => json!(1e308),
        9 => json!(5e-324),
        10 => json!("\u{0}\r\n\u{7f}\u{202e}\u{1f30a}"),
        11 => json!([value, value, value]),
        12 => json!({ "error": value }),
        13 => json!("x".repeat(5_000)),
        14 => json!(value.to_string()),
        15 => json!(253_402_207_200_i64),
        16 => (0..100).fold(json!(1), |inner, _| json!([inner])),
        _ => match value {
            // The type stays, the value does not.
            Value::Null => json!("null"),
            Value::Bool(value) => json!(!value),
            Value::Number(number) => json!(number.as_f64().unwrap_or(7.0) * 1.5),
            Value::String(text) => json!(text.chars().rev().collect::<String>()),
            Value::Array(entries) => entries.iter().rev().cloned().collect(),
            Value::Object(fields) => {
                fields.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        },
    }
}
