//! Which addresses may become links, and how they are written.

use crate::put::put;

/// Characters of an address that stand as they are in Markdown, in HTML once `&` and `'` are escaped, and in a URL.
const SAFE: &str = "-._~:/?#@!&'*+,;=%[]";

/// The address, percent-encoded where a character could end it early, or `None` where its scheme is not permitted.
///
/// Permitted are `http://…`, `https://…`, `mailto:…` and `#fragment`. A relative address is not: a report is one file
/// that is passed on, so it would point nowhere.
pub(crate) fn permitted(address: &str) -> Option<String> {
    let address = address.trim();
    let scheme_of = |prefix: &str| {
        address.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            && address.len() > prefix.len()
    };
    if !["http://", "https://", "mailto:", "#"].iter().any(|prefix| scheme_of(prefix)) {
        return None;
    }
    let mut written = String::with_capacity(address.len());
    for c in address.chars() {
        if c.is_ascii_alphanumeric() || SAFE.contains(c) {
            written.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                put!(&mut written, "%{byte:02X}");
            }
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::permitted;

    #[test]
    fn only_harmless_schemes_become_links() {
        let cases = [
            ("https://example.org/a?b=c&d=e#f", Some("https://example.org/a?b=c&d=e#f")),
            ("HTTP://example.org", Some("HTTP://example.org")),
            ("mailto:a@example.org", Some("mailto:a@example.org")),
            ("#targets", Some("#targets")),
            ("#tést", Some("#t%C3%A9st")),
            (
                " https://example.org/x y) \"<>`|$\\",
                Some("https://example.org/x%20y%29%20%22%3C%3E%60%7C%24%5C"),
            ),
            ("http://[::1]:80/", Some("http://[::1]:80/")),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("data:text/html,x", None),
            ("//example.org", None),
            ("run.json", None),
            ("https://", None),
            ("#", None),
            ("", None),
        ];
        for (address, expected) in cases {
            assert_eq!(permitted(address).as_deref(), expected, "{address:?}");
        }
    }
}
