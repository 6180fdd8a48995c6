//! What is shown of a vendor's words: short, on one line, without keys.

use serde_json::Value;

/// So many characters of a vendor's words are shown.
const SHOWN: usize = 500;
/// So many bytes are looked at.
const LOOKED_AT: usize = 16 << 10;
/// What stands in a key's place.
const HIDDEN: &str = "[secret]";

/// How keys of vendors begin. Only a word of some length is one.
const KEYS: [&str; 9] = ["sk-", "sk_", "gsk_", "xai-", "aiza", "key-", "pplx-", "hf_", "bearer:"];
const SHORTEST_KEY: usize = 16;

/// The start of a text, in whole words: no key is cut, and thereby missed by who hides it.
pub(super) fn start(text: &str) -> &str {
    let start = &text[..text.floor_char_boundary(LOOKED_AT)];
    if start.len() == text.len() { text } else { without_last_word(start) }
}

fn without_last_word(text: &str) -> &str {
    let end = text.rfind(|c: char| c.is_whitespace() || c.is_control()).unwrap_or_default();
    &text[..end]
}

/// What is shown of a text: one line of at most [`SHOWN`] characters, cut between words, so that no key that stands in it
/// is cut and thereby missed by who hides it; words that look like keys, or like what a vendor left of one, are hidden.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in
        start(text).split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
    {
        let word = without_key(word);
        let gap = usize::from(!out.is_empty());
        length += gap + word.chars().count();
        if length > SHOWN {
            out.push_str(if out.is_empty() { "…" } else { " …" });
            break;
        }
        if gap == 1 {
            out.push(' ');
        }
        out.push_str(&word);
    }
    out
}

/// The word, with a key in it hidden.
fn without_key(word: &str) -> String {
    // Keys are written `key=…`, `"…"` or with a full stop behind them.
    let mut out = String::new();
    let is_part = |c: char| c.is_alphanumeric() || "-_*•".contains(c);
    // What a key of base64 may go on with.
    let goes_on = |c: char| is_part(c) || "+/=~.".contains(c);
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (part, mut after) = rest.split_at(end);
        if looks_like_key(part) {
            out.push_str(HIDDEN);
            let end = after.find(|c| !goes_on(c)).unwrap_or(after.len());
            after = &after[after[..end].trim_end_matches('.').len()..];
        } else {
            out.push_str(part);
        }
        let end = after.find(is_part).unwrap_or(after.len());
        out.push_str(&after[..end]);
        rest = &after[end..];
    }
    out
}

fn looks_like_key(part: &str) -> bool {
    // Masked by the vendor, who leaves some characters of it.
    if part.contains("***") || part.contains("•••") {
        return true;
    }
    let lower = part.to_ascii_lowercase();
    part.len() >= SHORTEST_KEY
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && KEYS.iter().any(|key| lower.starts_with(key))
}

/// What a body that is no JSON says: a page's title, or its text.
pub(super) fn page(body: &[u8]) -> String {
    let looked_at = &body[..body.len().min(LOOKED_AT)];
    let text = String::from_utf8_lossy(looked_at);
    let text = text.trim_start();
    if !text.starts_with('<') {
        let is_cut = looked_at.len() < body.len();
        return if is_cut { without_last_word(text) } else { text }.trim_end().to_owned();
    }
    // Lower case changes no byte's place in ASCII.
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|tag| {
        let begin = tag + lower[tag..].find('>')? + 1;
        let end = begin + lower[begin..].find("</title")?;
        Some(text[begin..end].trim()).filter(|title| !title.is_empty())
    });
    title.map_or_else(|| "a page without a title".to_owned(), |title| format!("a page titled “{title}”"))
}

/// JSON as it stands, where there is anything in it.
pub(super) fn compact(value: &Value) -> String {
    let is_empty = match value {
        Value::Null => true,
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if is_empty { String::new() } else { start(&value.to_string()).to_owned() }
}
