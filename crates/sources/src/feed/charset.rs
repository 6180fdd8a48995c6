//! Bytes of an XML document as text.

use std::borrow::Cow;

/// What Windows-1252 has where ISO 8859-1 has control characters; sites that say the one send the other.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Reads UTF-8, UTF-16 with a byte-order mark, and what says that it is ISO 8859-1 or Windows-1252. Bytes that are wrong
/// become replacement characters; in another encoding, all beyond ASCII does.
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        Cow::Owned(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    };
    match body {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ if is_single_byte(body) => Cow::Owned(body.iter().map(|byte| single(*byte)).collect()),
        _ => String::from_utf8_lossy(body),
    }
}

fn single(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// Whether the first line of XML says so.
fn is_single_byte(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let Some(end) = start.iter().take(200).position(|byte| *byte == b'>') else { return false };
    let declared = String::from_utf8_lossy(&start[..end]).to_ascii_lowercase();
    let encoding = declared.split_once("encoding").map_or("", |(_, rest)| rest);
    declared.starts_with("<?xml")
        && ["iso-8859-1", "windows-1252", "latin1", "cp1252"].iter().any(|name| encoding.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}<a>é</a>".encode_utf16().flat_map(order).collect()
        };
        let declared = |name: &str| {
            [format!("<?xml version='1.0' encoding='{name}'?>").as_bytes(), b"\xe9\x80"].concat()
        };
        for (body, expected) in [
            ("\u{feff}é".as_bytes().to_vec(), "é"),
            ("é".as_bytes().to_vec(), "é"),
            (wide(u16::to_le_bytes), "<a>é</a>"),
            (wide(u16::to_be_bytes), "<a>é</a>"),
            (b"\xe9!".to_vec(), "\u{fffd}!"),
            (vec![0xff, 0xfe, 0x00], ""),
            (Vec::new(), ""),
        ] {
            assert_eq!(text(&body), expected, "{body:?}");
        }
        assert!(text(&declared("ISO-8859-1")).ends_with("?>é€"));
        assert!(text(&declared("utf-8")).ends_with("?>\u{fffd}"));
    }
}
