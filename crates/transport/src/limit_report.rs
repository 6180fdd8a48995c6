//! What a vendor's headers say about its limits.

use std::time::Duration;

use assize_ambient::Timestamp;

use crate::{Headers, hints::LONGEST};

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
/// (durations such as `6m0s`; Groq, Mistral and xAI write alike), Anthropic's
/// `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{…}` (RFC 3339), and `OpenRouter`'s
/// `x-ratelimit-{limit,remaining,reset}` for requests (milliseconds since 1970).
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
                    .or_else(|| headers.get(&format!("x-ratelimit-{field}")).filter(|_| what == "requests"))
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

/// A plain number from here on is no number of seconds but a moment since 1970, in seconds; from a thousand times as much on
/// in milliseconds.
const SECONDS_SINCE_1970: f64 = 1e9;

/// `6m0s`, `1h2m3.5s`, `20ms`, a plain number of seconds, or the time until a date: RFC 3339, or a number since 1970.
fn duration(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(date) = text.parse::<Timestamp>() {
        return Some(Duration::try_from(date.duration_since(now)).unwrap_or_default().min(LONGEST));
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let (unit, behind) = unit(rest)?;
        if behind.is_empty() && unit.is_none() && total > 0.0 {
            return None;
        }
        total += number * unit.unwrap_or(1.0);
        if unit.is_none() && number >= SECONDS_SINCE_1970 {
            total = seconds_until(number, now);
        }
        rest = behind;
    }
    let known = Duration::try_from_secs_f64(total).unwrap_or(LONGEST).min(LONGEST);
    (!text.is_empty()).then_some(known)
}

/// The unit that a text begins with, in seconds, and what follows; `None` for the unit at the end of the text.
fn unit(text: &str) -> Option<(Option<f64>, &str)> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("\u{b5}s", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("d", 86_400.0),
    ];
    if text.is_empty() {
        return Some((None, text));
    }
    UNITS.iter().find_map(|(name, length)| Some((Some(*length), text.strip_prefix(name)?)))
}

/// The seconds until a moment that is given in seconds, or milliseconds, since 1970.
fn seconds_until(number: f64, now: Timestamp) -> f64 {
    let moment = if number >= SECONDS_SINCE_1970 * 1e3 { number / 1e3 } else { number };
    let now = now.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64();
    (moment - now).max(0.0)
}

#[cfg(test)]
mod tests;
