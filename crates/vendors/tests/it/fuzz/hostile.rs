//! What is done to bytes that a vendor could have sent.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One thing that is done to them.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    /// A byte becomes another.
    Byte(prop::sample::Index, u8),
    /// A stretch is lost.
    Loss(prop::sample::Index, prop::sample::Index),
    /// A stretch of the start comes once more, somewhere.
    Again(prop::sample::Index, prop::sample::Index),
    /// Something is put in.
    Word(prop::sample::Index, &'static str),
    /// A value of the JSON on some line, or of all the JSON, becomes another.
    Json(prop::sample::Index, prop::sample::Index, usize),
    /// It ends early.
    End(prop::sample::Index),
}

const WORDS: [&str; 34] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-1",
    "1e999",
    "18446744073709551616",
    "4294967296",
    "0.5",
    "\"\\u0000\"",
    "\\ud800",
    "\"",
    "\\",
    ",",
    ":",
    "}",
    "]",
    "\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "data: ",
    "data: {}\n\n",
    "data: [DONE]\n\n",
    "event: error\n",
    ": x\n\n",
    "id: 1\n",
    "\u{feff}",
    "\"error\": {\"message\": \"x\", \"code\": 429},",
    "\"error\":",
    "***",
    "sk-0123456789abcdef",
];

pub(crate) fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let index = any::<prop::sample::Index>;
    let one = prop_oneof![
        3 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (index(), index()).prop_map(|(at, length)| Damage::Loss(at, length)),
        1 => (index(), index()).prop_map(|(length, to)| Damage::Again(length, to)),
        3 => (index(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Damage::Word(at, word)),
        6 => (index(), index(), 0_usize..64).prop_map(|(line, node, with)| Damage::Json(line, node, with)),
        1 => index().prop_map(Damage::End),
    ];
    prop::collection::vec(one, 0..5)
}

/// One of the seeds, after all that.
pub(crate) fn damaged(seeds: &[Vec<u8>], seed: prop::sample::Index, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = seeds[seed.index(seeds.len())].clone();
    for damage in damages {
        let end = bytes.len();
        match damage {
            Damage::Byte(at, byte) if end > 0 => bytes[at.index(end)] = *byte,
            Damage::Byte(..) => bytes.clear(),
            Damage::Loss(at, length) => {
                let from = at.index(end + 1);
                let to = from + length.index(end - from + 1);
                bytes.drain(from..to);
            }
            Damage::Again(length, to) => {
                let again = bytes[..length.index(end + 1)].to_vec();
                let to = to.index(end + 1);
                bytes.splice(to..to, again);
            }
            Damage::Word(at, word) => {
                let at = at.index(end + 1);
                bytes.splice(at..at, word.bytes());
            }
            Damage::Json(line, node, with) => change_json(&mut bytes, *line, *node, *with),
            Damage::End(at) => bytes.truncate(at.index(end + 1)),
        }
    }
    bytes
}

/// Changes a value in the JSON of a line, or of the whole where that is JSON.
fn change_json(bytes: &mut Vec<u8>, line: prop::sample::Index, node: prop::sample::Index, with: usize) {
    let whole = serde_json::from_slice::<Value>(bytes).ok().map(|value| (0..bytes.len(), value));
    let Some((place, mut value)) = whole.or_else(|| line_with_json(bytes, line)) else { return };
    let mut left = node.index(count(&value));
    change(&mut value, &mut left, with);
    bytes.splice(place, value.to_string().into_bytes());
}

/// The JSON of a line, and where it stands.
fn line_with_json(bytes: &[u8], line: prop::sample::Index) -> Option<(std::ops::Range<usize>, Value)> {
    let n_lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let chosen = line.index(n_lines);
    let mut from = 0;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        // The first line with JSON from there on.
        if number >= chosen
            && let Some(at) = line.iter().position(|byte| *byte == b'{')
        {
            let value = serde_json::from_slice(&line[at..]).ok()?;
            return Some((from + at..from + line.len(), value));
        }
        from += line.len() + 1;
    }
    None
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

/// Another value in the place of this.
fn other(value: &Value, with: usize) -> Value {
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    match with {
        0 => json!(null),
        1 => json!(true),
        2 => json!({}),
        3 => json!([]),
        4 => json!(""),
        5 => json!(-1),
        6 => json!(u64::MAX),
        7 => json!(i64::MIN),
        8 => json!(1e300),
        9 => json!(0.5),
        10 => json!("\u{0}\r\n\u{7f}\u{1f30a}"),
        11 => json!([value]),
        12 => json!({"error": value}),
        13 => json!({"message": value, "code": 429}),
        14 => json!([value, value, value]),
        15 => nested(100),
        16 => nested(127),
        17 => json!({"type": "error", "message": "x"}),
        18 => json!({"text": value, "type": "text"}),
        19 => json!("error"),
        20 => json!("tool_use"),
        21 => json!("x".repeat(5000)),
        22 => json!(value.to_string()),
        23 => json!(1_000_000),
        24 => json!(u64::from(u32::MAX) + 1),
        _ => match value {
            // The type stays, the value does not.
            Value::Null => json!("null"),
            Value::Bool(value) => json!(!value),
            Value::Number(number) => json!(number.as_u64().unwrap_or(7).wrapping_add(1)),
            Value::String(text) => json!(text.chars().rev().collect::<String>()),
            Value::Array(entries) => entries.iter().rev().cloned().collect(),
            Value::Object(fields) => {
                fields.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        },
    }
}

/// A text cut at these places.
pub(crate) fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::with_capacity(places.len() + 1);
    let mut from = 0;
    for place in places {
        pieces.push(&bytes[from..place]);
        from = place;
    }
    pieces.push(&bytes[from..]);
    pieces
}
