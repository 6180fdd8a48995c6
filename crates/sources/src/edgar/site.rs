//! What all of the regulator's answers have in common: the budget, the contact, refusals, numbers of companies.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use assize_altdata::{Gap, GapReason, Outcome, Query, SourceId, SourceKind, SourceMeta};
use assize_transport::{RawResponse, Request, RetryHints, Url};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::EdgarContact;
use crate::{address::Address, answer};

/// The name of the budget: `www.sec.gov` and `data.sec.gov` count together.
const HOST: &str = "sec.gov";
/// For how long the site blocks who asked too often, by its own words.
const BLOCK: Duration = Duration::from_secs(600);
/// How much of a page is looked at to see what it is.
const LOOKED_AT: usize = 20_000;

/// A source on the site: 10 requests a second are allowed, and 8 with 2 at once never come to more.
pub(super) fn meta(id: SourceId, kind: SourceKind, contact: Option<&EdgarContact>) -> SourceMeta {
    let mut meta = SourceMeta::new(id, kind, HOST);
    meta.rate = Some(8.0);
    meta.burst = 2;
    meta.terms = "public; at most 10 requests a second; a User-Agent that names who asks".into();
    meta.default_on = contact.is_some();
    meta
}

/// The request for an address in the name of the contact.
///
/// # Errors
/// The gap to report without one.
pub(super) fn get(
    address: Address,
    contact: Option<&EdgarContact>,
    query: &Query,
    id: &SourceId,
) -> Result<Request, Gap> {
    let gap = |reason, detail: String| Gap::new(query.ticker(), id, reason, detail);
    let Some(contact) = contact else {
        let detail =
            "the SEC wants to know who asks: set a contact, a name and an e-mail address, for its site";
        return Err(gap(GapReason::KeyMissing, detail.to_owned()));
    };
    let request = address.get(query, id)?;
    request
        .with_secret_header("user-agent", contact.user_agent())
        .map_err(|error| gap(GapReason::Failed, format!("failed to {error}")))
}

/// The number of the company that the query means.
///
/// # Errors
/// The gap to report if it isn't known.
pub(super) fn cik(query: &Query, id: &SourceId) -> Result<u64, Gap> {
    let cik = query.identity().and_then(|identity| identity.cik);
    cik.filter(|cik| Cik::is_possible(*cik)).ok_or_else(|| {
        let detail =
            "the SEC's number (CIK) of the company is not known, and so not which filings are its own";
        Gap::new(query.ticker(), id, GapReason::NoSuchTicker, detail)
    })
}

/// What an answer is instead of data; `None` if it may be data.
///
/// The archive is a store that answers 403 for what does not exist in a folder that may not be listed: that is no ban. A
/// page that speaks of the traffic limit is one, whatever its status.
pub(super) fn refusal(response: &RawResponse) -> Option<Outcome> {
    let body = response.body();
    let start = String::from_utf8_lossy(body.get(..LOOKED_AT).unwrap_or(body));
    let is_page = answer::is_page(body);
    if is_page && (start.contains("Request Rate Threshold Exceeded") || start.contains("Traffic Limit")) {
        return Some(Outcome::Throttled(Some(wait(response))));
    }
    let code = start.split_once("<Error><Code>").and_then(|(before, rest)| {
        let is_first = before.trim().is_empty() || before.trim_start().starts_with("<?xml");
        rest.split_once("</Code>").filter(|_| is_first).map(|(code, _)| code)
    });
    Some(match (response.status(), code) {
        (200..=299 | 403 | 404, Some("AccessDenied" | "NoSuchKey")) => Outcome::NotFound,
        (429, _) => Outcome::Throttled(Some(wait(response))),
        (200..=299, Some(code)) => {
            Outcome::Unavailable(format!("the archive says {}", answer::plain(code, 40)))
        }
        (200..=299, None) if is_page && start.contains("Undeclared Automated Tool") => Outcome::Blocked,
        (200..=299, None) if is_page => {
            Outcome::DoubtfulEmpty("a page for people where data was due".to_owned())
        }
        (200..=299, None) if body.trim_ascii().is_empty() => {
            Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned())
        }
        (200..=299, None) => return None,
        _ => return answer::refusal(response),
    })
}

/// For how long to leave the site alone: as long as it says, and never less than the block that it names.
fn wait(response: &RawResponse) -> Duration {
    RetryHints::of(response).after.map_or(BLOCK, |after| after.max(BLOCK))
}

/// Reads JSON, or says what it is instead.
///
/// # Errors
/// The outcome.
pub(super) fn json<'a, T: Deserialize<'a>>(response: &'a RawResponse) -> Result<T, Outcome> {
    match refusal(response) {
        Some(outcome) => Err(outcome),
        None => answer::from_json(response.body()),
    }
}

/// The last part of an address's path.
pub(super) fn file_name(url: &Url) -> &str {
    let path = url.as_str().split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Ten digits, two, six: a filing's number. They stand in addresses.
pub(super) fn is_accession(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut digits = |n| {
        parts.next().is_some_and(|part| part.len() == n && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    digits(10) && digits(2) && digits(6) && parts.next().is_none()
}

/// The tickers of the site's files have a dash where others have a dot: `BRK-B`.
pub(super) fn same_ticker(one: &str, other: &str) -> bool {
    let folded = |text: &str| {
        text.bytes()
            .map(|byte| if byte == b'.' || byte == b'/' { b'-' } else { byte.to_ascii_uppercase() })
            .collect::<Vec<u8>>()
    };
    one.len() == other.len() && folded(one) == folded(other)
}

/// A company's number; written as a number or as digits, with or without zeros in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cik(pub(super) u64);

impl Cik {
    /// Ten digits at most.
    pub(super) fn is_possible(cik: u64) -> bool {
        (1..10_000_000_000).contains(&cik)
    }

    /// Reads digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.trim();
        let fits = (1..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|cik| fits && Self::is_possible(*cik)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Cik {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Cik;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a company's number of at most ten digits")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Cik, E> {
                if Cik::is_possible(number) {
                    Ok(Cik(number))
                } else {
                    Err(E::invalid_value(de::Unexpected::Unsigned(number), &self))
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Cik, E> {
                Cik::read(text).ok_or_else(|| E::invalid_value(de::Unexpected::Other("another text"), &self))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// A text that is borrowed where it stands as it is written.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[cfg(test)]
mod tests {
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    fn answered(status: u16, body: &str, retry_after: &str) -> Option<Outcome> {
        let request = Request::get("https://data.sec.gov/x".parse().unwrap());
        let headers = Headers::from_iter([("retry-after", retry_after)]);
        refusal(&RawResponse::new(&request, status, headers, body.to_owned(), Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn answers_that_are_no_data() {
        let limit = "<!DOCTYPE html>\n<title>SEC.gov | Request Rate Threshold Exceeded</title>";
        let ten_minutes = || Some(Outcome::Throttled(Some(BLOCK)));
        let denied = "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>";
        let missing = "<Error><Code>NoSuchKey</Code></Error>";
        let busy = "<Error><Code>SlowDown</Code></Error>";
        let unnamed = "<html><title>Your Request Originates from an Undeclared Automated Tool</title>";
        let quoted = "{\"text\":\"<Error><Code>NoSuchKey</Code>\"}";
        for (status, body, expected) in [
            (429, limit, ten_minutes()),
            (403, limit, ten_minutes()),
            (200, limit, ten_minutes()),
            (429, "", ten_minutes()),
            (403, denied, Some(Outcome::NotFound)),
            (404, missing, Some(Outcome::NotFound)),
            (404, "", Some(Outcome::NotFound)),
            (200, missing, Some(Outcome::NotFound)),
            (200, busy, Some(Outcome::Unavailable("the archive says SlowDown".to_owned()))),
            (403, unnamed, Some(Outcome::Blocked)),
            (200, unnamed, Some(Outcome::Blocked)),
            (403, "{}", Some(Outcome::Blocked)),
            (503, "<html>", Some(Outcome::Unavailable("a status of 503".to_owned()))),
            (503, busy, Some(Outcome::Unavailable("a status of 503".to_owned()))),
            (200, quoted, None),
            (200, "{}", None),
        ] {
            assert_eq!(answered(status, body, ""), expected, "{status} {body}");
        }
        assert!(matches!(answered(200, " ", ""), Some(Outcome::DoubtfulEmpty(_))));
        assert!(matches!(answered(200, "<html>", ""), Some(Outcome::DoubtfulEmpty(_))));
        assert_eq!(answered(429, "", "7"), ten_minutes(), "the block is longer than it says");
        assert_eq!(answered(429, "", "1200"), Some(Outcome::Throttled(Some(2 * BLOCK))));
    }

    #[test]
    fn numbers_and_names() {
        for (text, number) in [
            ("0001318605", Some(1_318_605)),
            ("1318605", Some(1_318_605)),
            ("0000000000", None),
            ("00013186050", None),
            ("13x", None),
            ("", None),
        ] {
            assert_eq!(Cik::read(text).map(|cik| cik.0), number, "{text}");
        }
        for (json, good) in [
            ("1318605", true),
            ("\"0001318605\"", true),
            ("0", false),
            ("-1", false),
            ("1.5", false),
            ("[]", false),
        ] {
            assert_eq!(serde_json::from_str::<Cik>(json).is_ok(), good, "{json}");
        }
        assert!(is_accession("0001318605-24-000029"));
        for text in ["0001318605-24-00002", "0001318605-24-000029-1", "../0001318605-24-000029", "", "--"] {
            assert!(!is_accession(text), "{text}");
        }
        assert!(same_ticker("BRK-B", "BRK.B") && same_ticker("brk/b", "BRK-B"));
        assert!(!same_ticker("BRK-B", "BRK-A") && !same_ticker("BRK", "BRK-B"));
        let url: Url = "https://www.sec.gov/a/b.txt?x=/1#/2".parse().unwrap();
        assert_eq!(file_name(&url), "b.txt");
    }
}
