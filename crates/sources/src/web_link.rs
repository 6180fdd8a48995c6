//! Links that a stranger wrote.

/// The longest link that is kept.
const LONGEST: usize = 2_000;

/// A link that can be shown and followed: `http:` or `https:`, a host, printable ASCII or letters beyond, no white space
/// and no user name before the host.
pub(crate) fn checked(link: &str) -> Option<&str> {
    let link = link.trim();
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let shown = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"\\".contains(c);
    (link.len() <= LONGEST && !host.is_empty() && !host.contains('@') && link.chars().all(shown))
        .then_some(link)
}

/// The host of a link, in lower case, without port and `www.`; empty where there is none.
pub(crate) fn domain(link: &str) -> String {
    let rest = link.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        for (link, expected) in [
            (" https://www.Example.org:8443/a?b#c ", Some("example.org")),
            ("http://example.org", Some("example.org")),
            ("https://", None),
            ("javascript:alert(1)", None),
            ("https://user@example.org/", None),
            ("https://example.org/a b", None),
            ("https://example.org/\u{1b}[2J", None),
            ("/relative", None),
        ] {
            assert_eq!(checked(link).map(domain).as_deref(), expected, "{link}");
        }
        let long = format!("https://example.org/{}", "x".repeat(LONGEST));
        assert_eq!(checked(&long), None);
        assert_eq!(domain("no link"), "");
    }
}
