//! Characters that mean something in HTML, written as references.

/// For text between tags.
pub(crate) fn body(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

/// For the value of an attribute in double quotes.
pub(crate) fn attribute(text: &str) -> String {
    body(text).replace('"', "&quot;").replace('\'', "&#39;")
}
