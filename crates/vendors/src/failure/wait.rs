//! Waits that stand in a body instead of a header.

use std::time::Duration;

/// A longer wait is not waited for by anybody; what is stated above it counts as this: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What stands before a wait in a message: "Please try again in 1m3.5s."
const BEFORE: [&str; 3] = ["try again in ", "retry in ", "retry after "];

/// The wait that a message asks for.
pub(super) fn in_message(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    BEFORE.iter().find_map(|before| {
        let (_, after) = message.split_once(before)?;
        let mut words = after.split_ascii_whitespace();
        let first = words.next()?.trim_end_matches(['.', ',', ';', ')']);
        // "20 seconds" as well as "20s".
        let unit = words.next().map(|unit| unit.trim_end_matches(['.', ',', ';', ')']));
        duration(first).or_else(|| {
            let unit = match unit? {
                "ms" | "millisecond" | "milliseconds" => "ms",
                "s" | "second" | "seconds" => "s",
                "m" | "minute" | "minutes" => "m",
                "h" | "hour" | "hours" => "h",
                _ => return None,
            };
            duration(&format!("{first}{unit}"))
        })
    })
}

/// A duration such as `37s`, `1.5s`, `250ms`, `6m0s`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        rest = &rest[end..];
        total = total.saturating_add(Duration::try_from_secs_f64(number * unit).unwrap_or(LONGEST));
    }
    Some(total.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, milliseconds) in [
            ("37s", Some(37_000)),
            ("1.5s", Some(1_500)),
            ("250ms", Some(250)),
            ("6m0s", Some(360_000)),
            ("1h2m3.5s", Some(3_723_500)),
            ("0s", Some(0)),
            ("", None),
            ("s", None),
            ("12", None),
            ("-3s", None),
            ("1..2s", None),
            ("3 s", None),
            ("3parsecs", None),
        ] {
            assert_eq!(duration(text), milliseconds.map(Duration::from_millis), "{text}");
        }
        assert_eq!(duration(&format!("{}s", "9".repeat(400))), Some(LONGEST));
    }

    #[test]
    fn messages() {
        for (message, milliseconds) in [
            ("Rate limit reached for gpt-4o. Please try again in 1.2s. Visit …", Some(1_200)),
            ("Limit 6000, Used 5900. Please try again in 7m12.48s.", Some(432_480)),
            ("Please try again in 20ms", Some(20)),
            ("Please retry in 34.074824224s.", Some(34_074)),
            ("Please retry after 20 seconds.", Some(20_000)),
            ("Please try again in a moment.", None),
            ("Please try again in", None),
            ("Rate limit reached", None),
        ] {
            let found = in_message(message).map(|wait| wait.as_millis());
            assert_eq!(found, milliseconds, "{message}");
        }
    }
}
