//! Addresses put together from parts that a stranger may have written.

use std::fmt::Write as _;

use assize_altdata::{Gap, GapReason, Query, SourceId};
use assize_transport::{Request, Url};

/// An address on the way: a fixed start, then parts and parameters, each percent-encoded.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    text: String,
    has_query: bool,
}

impl Address {
    /// Starts with what is fixed, such as `https://data.sec.gov/submissions`.
    pub(crate) fn new(start: impl Into<String>) -> Self {
        let text = start.into();
        Self { has_query: text.contains('?'), text }
    }

    /// Adds a slash and one part of the path; a slash within it is encoded.
    pub(crate) fn part(mut self, part: &str) -> Self {
        self.text.push('/');
        encode(&mut self.text, part);
        self
    }

    /// Adds a parameter.
    pub(crate) fn parameter(mut self, name: &str, value: &str) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        encode(&mut self.text, name);
        self.text.push('=');
        encode(&mut self.text, value);
        self
    }

    /// The request that reads it.
    ///
    /// # Errors
    /// A gap, if it is too long or no address.
    pub(crate) fn get(self, query: &Query, source: &SourceId) -> Result<Request, Gap> {
        self.text.parse::<Url>().map(Request::get).map_err(|error| {
            Gap::new(query.ticker(), source, GapReason::Failed, format!("failed to {error}"))
        })
    }
}

/// A text as a part or parameter of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    encode(&mut out, text);
    out
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_parts() {
        let query = Query::new(&"KO".parse().unwrap(), "2024-01-02".parse().unwrap());
        let source = SourceId::new("x");
        let request = Address::new("https://example.org/v1")
            .part("a/../b c")
            .parameter("q", "\"Coca-Cola\" & Co")
            .parameter("n", "5")
            .get(&query, &source)
            .unwrap();
        let expected = "https://example.org/v1/a%2F..%2Fb%20c?q=%22Coca-Cola%22%20%26%20Co&n=5";
        assert_eq!(request.url().as_str(), expected);
        let long = Address::new("https://example.org").part(&"x".repeat(9_000)).get(&query, &source);
        assert_eq!(long.unwrap_err().reason, GapReason::Failed);
    }
}
