//! The beginning of a file, by which its format is known.

/// The first 4 KiB of a file, unpacked, with the names of the fields that stand in it if it is JSON.
#[derive(Debug, Clone, Default)]
pub struct Head {
    text: String,
    first: Option<char>,
    fields: Vec<(usize, String)>,
}

impl Head {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let first = text.trim_start().chars().next();
        let fields = if matches!(first, Some('{' | '[')) { fields(text.as_bytes()) } else { Vec::new() };
        Self { text, first, fields }
    }

    /// The text; bytes that are no UTF-8 are replaced, among them those of a character that the end cuts.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it begins as a JSON object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.first == Some('{')
    }

    /// Whether it begins as a JSON array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.first == Some('[')
    }

    /// Whether the outermost object has this field, so far as the head shows it.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.has_at(1, field)
    }

    /// Whether an object so many brackets deep has this field: 1 is the outermost object, 2 an object in it or in an
    /// outermost array, 3 one of `{"benchmarks": [{…`.
    #[must_use]
    pub fn has_at(&self, depth: usize, field: &str) -> bool {
        self.fields.iter().any(|(deep, name)| *deep == depth && name == field)
    }

    /// Whether every field so many brackets deep is one of these.
    #[must_use]
    pub fn all_at(&self, depth: usize, fields: &[&str]) -> bool {
        let mut there = self.fields.iter().filter(|(deep, _)| *deep == depth);
        there.all(|(_, name)| fields.contains(&name.as_str()))
    }

    /// How deep the deepest field lies.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.fields.iter().map(|(depth, _)| *depth).max().unwrap_or(0)
    }
}

/// The names of fields with how many brackets are open around them, as far as the text goes.
fn fields(text: &[u8]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let from = at;
                while let Some(&byte) = text.get(at).filter(|byte| **byte != b'"') {
                    at += if byte == b'\\' { 2 } else { 1 };
                }
                let name = text.get(from..at);
                at += 1;
                let after =
                    text.get(at..).and_then(|rest| rest.iter().find(|byte| !byte.is_ascii_whitespace()));
                if let (Some(name), Some(b':')) = (name, after) {
                    found.push((depth, String::from_utf8_lossy(name).into_owned()));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_with_their_depth() {
        let head = Head::new(br#" {"a": [{"b\"c": "x:y", "d" : {"e": 1}}], "f": "g"#.to_vec());
        let shown: Vec<_> = head.fields.iter().map(|(depth, name)| (*depth, name.as_str())).collect();
        assert_eq!(shown, [(1, "a"), (3, "b\\\"c"), (3, "d"), (4, "e"), (1, "f")]);
        assert!(head.is_object() && head.has("a") && head.has_at(3, "d") && !head.has("d"));
    }

    #[test]
    fn what_is_no_json_has_none() {
        for text in [&b"name,\"a\": 1"[..], b"", b"\xff\xfe{", b"]]]]", b"[\"\\"] {
            assert!(Head::new(text.to_vec()).fields.is_empty());
        }
    }
}
