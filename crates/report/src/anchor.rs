//! Stable names for headings, to link to.

use std::collections::BTreeMap;

/// Gives every heading of a document a name of its own, by the rule GitHub uses for Markdown, so that a `#fragment`
/// works in both forms: letters and digits in lower case, `-` and `_` kept, spaces as `-`, anything else dropped, and
/// `-1`, `-2`, … after a name that is taken.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    taken: BTreeMap<String, usize>,
}

impl Anchors {
    pub(crate) fn name(&mut self, heading: &str) -> String {
        let mut base = String::with_capacity(heading.len());
        for c in heading.trim().chars() {
            match c {
                c if c.is_alphanumeric() => base.extend(c.to_lowercase()),
                '-' | '_' => base.push(c),
                c if c.is_whitespace() => base.push('-'),
                _ => {}
            }
        }
        if base.is_empty() {
            base.push_str("section");
        }
        let mut number = self.taken.get(&base).copied();
        let mut name = base.clone();
        while let Some(next) = number.map(|n| n + 1) {
            name = format!("{base}-{next}");
            number = self.taken.contains_key(&name).then_some(next);
            self.taken.insert(base.clone(), next);
        }
        self.taken.entry(name.clone()).or_insert(0);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::Anchors;

    #[test]
    fn names_follow_githubs_rule_and_never_repeat() {
        let mut anchors = Anchors::default();
        let cases = [
            ("Targets", "targets"),
            ("Targets", "targets-1"),
            ("Targets 1", "targets-1-1"),
            ("Targets", "targets-2"),
            ("  What is p99? (ms) ", "what-is-p99-ms"),
            ("Größe_a-b", "größe_a-b"),
            ("<script>\"'&", "script"),
            ("***", "section"),
            ("", "section-1"),
        ];
        for (heading, expected) in cases {
            assert_eq!(anchors.name(heading), expected, "{heading:?}");
        }
    }
}
