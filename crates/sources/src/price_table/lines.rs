//! Lines and their fields.
//!
//! Each line is read by itself: a row of prices never spans lines, and a quotation mark that does not end must not
//! swallow the rows behind it, as it would in a general CSV reader.

use std::borrow::Cow;

/// The lines that are not blank, with their numbers from 1. Lines end in LF, CR LF, or, where there is no LF at all, CR.
pub(super) fn lines(body: &[u8]) -> impl Iterator<Item = (u64, Cow<'_, str>)> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let end = if body.contains(&b'\n') { b'\n' } else { b'\r' };
    (1..)
        .zip(body.split(move |byte| *byte == end))
        .map(|(number, line)| (number, String::from_utf8_lossy(line.trim_ascii())))
        .filter(|(_, line)| !line.is_empty())
}

/// The trimmed fields of a line, the first `most` of them: a line may be as long as a file. `None` if a quotation mark
/// among them does not end or text follows one that does.
pub(super) fn fields(line: &str, delimiter: char, most: usize) -> Option<Vec<Cow<'_, str>>> {
    if !line.contains('"') {
        return Some(line.split(delimiter).take(most).map(|field| Cow::Borrowed(field.trim())).collect());
    }
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, behind) = match rest.trim_start_matches(' ').strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, delimiter)?,
            None => match rest.split_once(delimiter) {
                Some((field, behind)) => (Cow::Borrowed(field.trim()), Some(behind)),
                None => (Cow::Borrowed(rest.trim()), None),
            },
        };
        fields.push(field);
        match behind {
            Some(behind) if fields.len() < most => rest = behind,
            Some(_) => return Some(fields),
            None => return Some(fields),
        }
    }
}

/// A field behind its opening mark, and what follows its delimiter.
fn quoted_field(text: &str, delimiter: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('"')?;
        field.push_str(part);
        if let Some(more) = behind.strip_prefix('"') {
            field.push('"');
            rest = more;
            continue;
        }
        let behind = behind.trim_start_matches(' ');
        let field = Cow::Owned(field.trim().to_owned());
        if behind.is_empty() {
            return Some((field, None));
        }
        return Some((field, Some(behind.strip_prefix(delimiter)?)));
    }
}

/// A stranger's text as it may stand in a message: short, on one line, nothing that moves a terminal's cursor.
pub(super) fn quoted(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(longest) {
        if matches!(c, '"' | '\'' | '\\') { out.push(c) } else { out.extend(c.escape_debug()) }
    }
    if text.chars().nth(longest).is_some() {
        out.push('…');
    }
    format!("`{out}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_lines() {
        for (line, expected) in [
            ("a,b", Some(&["a", "b"][..])),
            (" a , b ,", Some(&["a", "b", ""])),
            (r#""a","b,c""#, Some(&["a", "b,c"])),
            (r#" "a" , b"#, Some(&["a", "b"])),
            (r#""a""b",c"#, Some(&[r#"a"b"#, "c"])),
            (r#"a"b,c"#, Some(&[r#"a"b"#, "c"])),
            (r#""""#, Some(&[""])),
            (r#""a","#, Some(&["a", ""])),
            (r#""a,b"#, None),
            (r#""a"b,c"#, None),
        ] {
            let found = fields(line, ',', 9);
            assert_eq!(
                found.as_deref().map(|found| found.join("|")),
                expected.map(|fields| fields.join("|")),
                "{line}"
            );
        }
    }

    #[test]
    fn no_more_fields_than_asked_for() {
        for line in [",".repeat(1000), "\"\",".repeat(1000), format!("\"{}", ",".repeat(1000))] {
            assert!(fields(&line, ',', 9).is_none_or(|fields| fields.len() == 9));
        }
        assert_eq!(fields("a,\"b\",c,\"", ',', 3).map(|fields| fields.len()), Some(3));
        assert_eq!(fields("a,b,c,", ',', 9).map(|fields| fields.len()), Some(4));
    }

    #[test]
    fn ends_of_lines() {
        for body in ["a\nb\n", "a\r\nb", "a\rb\r", "\u{feff}a\n \nb"] {
            let found: Vec<String> = lines(body.as_bytes()).map(|(_, line)| line.into_owned()).collect();
            assert_eq!(found, ["a", "b"], "{body:?}");
        }
        assert_eq!(lines(b"a\n\nb").map(|(number, _)| number).collect::<Vec<_>>(), [1, 3]);
    }
}
