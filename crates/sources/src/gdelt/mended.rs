//! JSON that is wrong within its texts.

/// The same without control characters and with backslashes that escape nothing taken out; `None` if there were none.
pub(super) fn mended(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' => match after {
                [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
                    out.push(b'\\');
                }
                [next @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), after @ ..] => {
                    out.extend([b'\\', *next]);
                    rest = after;
                }
                _ => {}
            },
            0..=0x1f => out.push(b' '),
            other => out.push(*other),
        }
    }
    (out != body).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_json() {
        for (body, expected) in [
            (r#"{"a":"b\'c"}"#, Some(r#"{"a":"b'c"}"#)),
            ("{\"a\":\"b\tc\"}", Some(r#"{"a":"b c"}"#)),
            (r#"{"a":"\\x \u00e9 \u00g \"q\""}"#, Some(r#"{"a":"\\x \u00e9 u00g \"q\""}"#)),
            (r#"{"a":1}"#, None),
            (r"\", Some("")),
        ] {
            assert_eq!(mended(body.as_bytes()).as_deref(), expected.map(str::as_bytes), "{body}");
        }
    }
}
