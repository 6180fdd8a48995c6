//! What a vendor's headers say about its limits.

use std::time::Duration;

use assize_ambient::Timestamp;

use crate::Headers;

/// One limit of a vendor, as far as it was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitWindow {
    /// What may be used in a window.
    pub limit: Option<u64>,
    /// What is left of it.
    pub remaining: Option<u64>,
    /// How long until it is full again.
    pub reset: Option<Duration>,
}

/// The limits that a vendor states with each reply: `OpenAI`'s `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`
/// (durations such as `6m0s`), Anthropic's `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{…}` (RFC 3339).
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_transport::{Headers, LimitReport};
/// use std::time::Duration;
///
/// let headers = Headers::from_iter([("x-ratelimit-remaining-requests", "59"), ("x-ratelimit-reset-requests", "1m2s")]);
/// let report = LimitReport::from_headers(&headers, Timestamp::UNIX_EPOCH).ok_or("nothing was said")?;
/// assert_eq!(report.requests.remaining, Some(59));
/// assert_eq!(report.requests.reset, Some(Duration::from_secs(62)));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitReport {
    /// Requests.
    pub requests: LimitWindow,
    /// Tokens of prompts and replies together.
    pub tokens: LimitWindow,
    /// Tokens of prompts, where they are counted apart.
    pub input_tokens: LimitWindow,
    /// Tokens of replies, where they are counted apart.
    pub output_tokens: LimitWindow,
}

impl LimitReport {
    /// Reads it; `now` is when the headers came. `None` where they say nothing of limits.
    #[must_use]
    pub fn from_headers(headers: &Headers, now: Timestamp) -> Option<Self> {
        let window = |what: &str| {
            let stated = |field: &str| {
                headers
                    .get(&format!("x-ratelimit-{field}-{what}"))
                    .or_else(|| headers.get(&format!("anthropic-ratelimit-{what}-{field}")))
                    .map(str::trim)
            };
            LimitWindow {
                limit: stated("limit").and_then(|text| text.parse().ok()),
                remaining: stated("remaining").and_then(|text| text.parse().ok()),
                reset: stated("reset").and_then(|text| duration(text, now)),
            }
        };
        let report = Self {
            requests: window("requests"),
            tokens: window("tokens"),
            input_tokens: window("input-tokens"),
            output_tokens: window("output-tokens"),
        };
        (report != Self::default()).then_some(report)
    }
}

/// `6m0s`, `1h2m3.5s`, `20ms`, a plain number of seconds, or the time until an RFC 3339 date.
fn duration(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(date) = text.parse::<Timestamp>() {
        return Some(Duration::try_from(date.duration_since(now)).unwrap_or_default());
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        let behind = &rest[end..];
        let (unit, length) = match behind.as_bytes() {
            [b'm', b's', ..] => (1e-3, 2),
            [b's', ..] => (1.0, 1),
            [b'm', ..] => (60.0, 1),
            [b'h', ..] => (3600.0, 1),
            [b'd', ..] => (86_400.0, 1),
            [] => (1.0, 0),
            _ => return None,
        };
        total += number * unit;
        rest = &behind[length..];
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(total).ok()).flatten()
}
