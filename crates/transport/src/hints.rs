//! What a response's headers say about when to come back.

use std::time::Duration;

use assize_ambient::Timestamp;

use crate::{Headers, RawResponse};

/// A longer wait is not waited for by anybody; what is stated above it counts as this: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

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

/// A number of units of so many seconds.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.trim().parse().ok()?;
    if number.is_nan() || number < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(number * unit).unwrap_or(LONGEST).min(LONGEST))
}

/// The time until an HTTP date (RFC 9110, section 5.6.7); none for one that has passed.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default().min(LONGEST))
}
