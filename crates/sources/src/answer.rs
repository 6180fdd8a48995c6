//! What all sites' answers have in common: refusals, bodies that are no answer, JSON and where it strays.

use std::collections::BTreeSet;

use assize_altdata::{Disposition, Finding, FindingKind, Item, Outcome, Query};
use assize_transport::{RawResponse, RetryHints};
use jiff::SignedDuration;
use serde::Deserialize;

/// What a status other than success says; `None` for a success. A site whose statuses mean something else reads them
/// before.
pub(crate) fn refusal(response: &RawResponse) -> Option<Outcome> {
    Some(match response.status() {
        200..=299 => return None,
        404 | 410 => Outcome::NotFound,
        401 | 403 => Outcome::Blocked,
        429 => Outcome::Throttled(RetryHints::of(response).after),
        other => Outcome::Unavailable(format!("a status of {other}")),
    })
}

/// Reads a JSON body into a form that names what it needs and ignores the rest.
///
/// # Errors
/// What the answer turned out to be instead: a refusal, a page for people, or a [drift](Outcome::Drift) with the path at
/// which it strays.
pub(crate) fn json<'a, T: Deserialize<'a>>(response: &'a RawResponse) -> Result<T, Outcome> {
    if let Some(refusal) = refusal(response) {
        return Err(refusal);
    }
    let body = response.body();
    if body.trim_ascii().is_empty() {
        return Err(Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned()));
    }
    if is_page(body) {
        return Err(Outcome::DoubtfulEmpty("a page for people where data was due".to_owned()));
    }
    from_json(body)
}

/// Reads JSON, telling where it strays. The way is looked for only when it is lost: following it costs more than reading.
///
/// # Errors
/// [`Outcome::Drift`] with the path.
pub(crate) fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Outcome> {
    if let Ok(read) = serde_json::from_slice(body) {
        return Ok(read);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let drift = |path: &str, error: &serde_json::Error| {
        Outcome::Drift(format!("at `{}`: {}", plain(path, 120), plain(&error.to_string(), 200)))
    };
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| drift(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| drift(".", &error))?;
    Ok(read)
}

/// Whether it is a page for people.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = start.get(..start.len().min(15)).unwrap_or_default().to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// A stranger's text as plain text of at most so many characters: tags and what moves a terminal's cursor taken out,
/// references such as `&amp;` read once, white space joined.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let without_tags = without_tags(text);
    let read = references_read(&without_tags);
    let mut out = String::new();
    let mut left = most;
    for word in read.split(|c: char| c.is_whitespace() || c.is_control()) {
        let gap = if out.is_empty() { "" } else { " " };
        let shown = word.chars().filter(|c| !is_invisible(*c));
        for c in gap.chars().filter(|_| !word.is_empty()).chain(shown) {
            if left == 0 {
                out.truncate(out.trim_end().len());
                out.push('…');
                return out;
            }
            out.push(c);
            left -= 1;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Marks that change the direction of writing or can't be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// References such as `&amp;` and `&#39;` as what they stand for, once; what is none stays as it is.
fn references_read(text: &str) -> String {
    /// The longest name of one in HTML has 31 letters.
    const LONGEST: usize = 32;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.bytes().take(LONGEST + 2).position(|byte| byte == b';');
        let reference = end.map(|end| &from[..=end]);
        match reference.and_then(|reference| quick_xml::escape::unescape(reference).ok()) {
            Some(read) => {
                out.push_str(&read);
                rest = &from[reference.map_or(1, str::len)..];
            }
            None => {
                out.push('&');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A `<` opens a tag only where a letter, `/`, `!` or `?` follows: `a < b` stays as it is.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Once no tag ends any more, none need be looked for.
    let mut ends = true;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let opens = ends && from[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let end = if opens { from.find('>') } else { None };
        ends &= !opens || end.is_some();
        match end {
            Some(end) => {
                out.push(' ');
                rest = &from[end + 1..];
            }
            None => {
                out.push('<');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// What was read, in the order of availability and each once: what was known first stays.
pub(crate) fn listed(mut items: Vec<Item>, findings: Vec<Finding>) -> Outcome {
    if items.is_empty() && findings.is_empty() {
        return Outcome::Empty;
    }
    items.sort_by_key(|item| item.available_at.latest);
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.id));
    Outcome::Items { items, findings: Finding::list(findings) }
}

/// The finding about an entry that nobody can say of when it was known, and that is dropped for it.
pub(crate) fn undated(response: &RawResponse, said: &str) -> Finding {
    let text = match said.trim() {
        "" => "an entry without a date".to_owned(),
        said => format!("the date `{}` of an entry can't be read", plain(said, 40)),
    };
    Finding::undated(None, FindingKind::UnreadableDate, Disposition::Dropped, text).at_url(response.url())
}

/// Whether counts that grow (views, votes, answers) are those of the moment that is looked back from. An answer shows what
/// they are when it is read; a run that looks further back than an hour would see the future in them.
pub(crate) fn counts_hold(query: &Query, response: &RawResponse) -> bool {
    response.fetched_at().duration_since(query.as_of().moment()) <= SignedDuration::from_hours(1)
}

#[cfg(test)]
mod tests {
    use assize_ambient::Timestamp;
    use assize_transport::{Headers, Request};
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    fn response(status: u16, body: &str) -> RawResponse {
        let request = Request::get("https://example.org/x".parse().unwrap());
        let headers = Headers::from_iter([("retry-after", "7")]);
        RawResponse::new(&request, status, headers, body.to_owned(), Timestamp::UNIX_EPOCH)
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Form {
        rows: Vec<Row>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        value: f64,
    }

    #[test]
    fn bodies_that_are_no_answer() {
        let shown = |status, body| match json::<Form>(&response(status, body)) {
            Ok(form) => format!("{form:?}"),
            Err(outcome) => format!("{outcome:?}"),
        };
        for (status, body, expected) in [
            (200, r#"{"rows":[{"value":1,"new":2}],"more":0}"#, "Form { rows: [Row { value: 1.0 }] }"),
            (
                200,
                r#"{"rows":[{"value":1},{}]}"#,
                "Drift(\"at `rows[1]`: missing field `value` at line 1 column 23\")",
            ),
            (
                200,
                r#"{"rows":null}"#,
                "Drift(\"at `rows`: invalid type: null, expected a sequence at line 1 column 12\")",
            ),
            (200, r#"{"rows":[]} {}"#, "Drift(\"at `.`: trailing characters at line 1 column 13\")"),
            (200, "{\"rows\":[", "Drift(\"at `rows`: EOF while parsing a list at line 1 column 9\")"),
            (200, " \n", "DoubtfulEmpty(\"an empty body with a status of success\")"),
            (200, "\n<!DOCTYPE html><p>", "DoubtfulEmpty(\"a page for people where data was due\")"),
            (429, "", "Throttled(Some(7s))"),
            (403, "", "Blocked"),
            (404, "", "NotFound"),
            (503, "", "Unavailable(\"a status of 503\")"),
        ] {
            assert_eq!(shown(status, body), expected, "{body}");
        }
    }

    #[test]
    fn texts_become_plain() {
        for (text, expected) in [
            ("momentum &amp; FOMO", "momentum & FOMO"),
            ("a &lt;b&gt; c", "a <b> c"),
            ("<p>One</p>\n<p>two &#39;x&#39;</p>", "One two 'x'"),
            ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
            ("bare & and &unknown;", "bare & and &unknown;"),
            ("AT&T &#8211; &ldquo;up&rdquo; &amp;amp; &#xD800; &é;", "AT&T – “up” &amp; &#xD800; &é;"),
            ("\u{1b}[31mred\u{202e}", "[31mred"),
            ("<script", "<script"),
            ("0123456789abc", "0123456789…"),
        ] {
            assert_eq!(
                plain(text, 10.max(expected.chars().filter(|c| *c != '…').count())),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_short_and_moves_nothing(text: String, most in 0_usize..50) {
            let plain = plain(&text, most);
            prop_assert!(plain.chars().count() <= most + 1);
            prop_assert!(!plain.contains(char::is_control));
        }
    }
}
