//! What a response's headers say about when to come back.

use std::time::Duration;

use assize_ambient::Timestamp;
use jiff::{ToSpan, tz::TimeZone};

use crate::{Headers, RawResponse};

/// A longer wait is not waited for by anybody; what is stated above it counts as this: a year.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What a refusal says about trying again: `x-should-retry`, `retry-after-ms`, `retry-after` (seconds or an HTTP date).
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_transport::{Headers, RetryHints};
/// use std::time::Duration;
///
/// let headers = Headers::from_iter([("retry-after", "1.5"), ("x-should-retry", "true")]);
/// let hints = RetryHints::from_headers(&headers, Timestamp::UNIX_EPOCH);
/// assert_eq!((hints.after, hints.should_retry), (Some(Duration::from_millis(1500)), Some(true)));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetryHints {
    /// Whether the other side says that trying again makes sense.
    pub should_retry: Option<bool>,
    /// How long it asks to be left alone.
    pub after: Option<Duration>,
}

impl RetryHints {
    /// Reads them; `now` is when the headers came, for waits that are given as a date. What cannot be read says nothing.
    #[must_use]
    pub fn from_headers(headers: &Headers, now: Timestamp) -> Self {
        let milliseconds = headers.get("retry-after-ms").and_then(|text| seconds(text, 1e-3));
        let after = milliseconds.or_else(|| {
            headers.get("retry-after").and_then(|text| seconds(text, 1.0).or_else(|| until(text, now)))
        });
        let should_retry = match headers.get("x-should-retry").map(str::trim) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        Self { should_retry, after }
    }

    /// Reads those of a response.
    #[must_use]
    pub fn of(response: &RawResponse) -> Self {
        Self::from_headers(response.headers(), response.fetched_at())
    }
}

/// A number of units of so many seconds: digits and a point, as vendors write them.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(number * unit).unwrap_or(LONGEST).min(LONGEST))
}

/// The time until an HTTP date (RFC 9110, section 5.6.7); none for one that has passed.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let date = http_date(text.trim(), now)?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default().min(LONGEST))
}

/// An HTTP date in each of its three forms, two of them obsolete: `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. The name of the day is not checked.
fn http_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let civil = |format: &str, text: &str| {
        let broken_down = jiff::fmt::strtime::parse(format, text).ok()?;
        broken_down.to_datetime().ok()?.to_zoned(TimeZone::UTC).ok()
    };
    let Some((_, date)) = text.split_once(", ") else {
        let (_, date) = text.split_once(' ')?;
        return civil("%b %e %H:%M:%S %Y", date).map(|date| date.timestamp());
    };
    let date = date.strip_suffix(" GMT").unwrap_or(date);
    if let Some(date) = civil("%d %b %Y %H:%M:%S", date) {
        return Some(date.timestamp());
    }
    // Of two digits of a year that seem to lie more than fifty years ahead the past is meant.
    let date = civil("%d-%b-%y %H:%M:%S", date)?;
    let latest = now.to_zoned(TimeZone::UTC).saturating_add(50.years());
    let date = if date > latest { date.checked_sub(100.years()).ok()? } else { date };
    Some(date.timestamp())
}

#[cfg(test)]
mod tests;
