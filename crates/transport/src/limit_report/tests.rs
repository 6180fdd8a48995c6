//! Limits in headers, as vendors write them.

use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-11-21T08:49:30Z".parse().unwrap()
}

fn read(headers: &[(&str, &str)]) -> Option<LimitReport> {
    LimitReport::from_headers(&headers.iter().copied().collect(), now())
}

fn window(limit: u64, remaining: u64, reset_ms: u64) -> LimitWindow {
    LimitWindow {
        limit: Some(limit),
        remaining: Some(remaining),
        reset: Some(Duration::from_millis(reset_ms)),
    }
}

#[test]
fn resets_are_read_in_all_their_forms() {
    let year = 365 * 24 * 3600 * 1_000_000;
    for (text, microseconds) in [
        ("6m0s", Some(360_000_000)),
        ("1h2m3.5s", Some(3_723_500_000)),
        ("2m59.56s", Some(179_560_000)),
        ("20ms", Some(20_000)),
        ("120\u{b5}s", Some(120)),
        ("1d", Some(86_400_000_000)),
        ("7.66s", Some(7_660_000)),
        ("0", Some(0)),
        ("1.5", Some(1_500_000)),
        ("2026-11-21T08:50:30Z", Some(60_000_000)),
        ("2026-11-21T09:50:30.5+01:00", Some(60_500_000)),
        ("2020-11-21T08:50:30Z", Some(0)),
        ("1795250980", Some(10_000_000)),
        ("1795250980500", Some(10_500_000)),
        ("1295250980500", Some(0)),
        ("99999999999999999999999h", Some(year)),
        ("9990-12-31T00:00:00Z", Some(year)),
        ("-3s", None),
        ("3 s", None),
        ("s", None),
        ("3s4", None),
        ("3x", None),
        ("1.2.3s", None),
        ("soon", None),
        ("\u{b5}", None),
    ] {
        let report = read(&[("x-ratelimit-reset-requests", text)]);
        let reset = report.and_then(|report| report.requests.reset);
        assert_eq!(reset.map(|reset| reset.as_micros()), microseconds, "{text}");
    }
}

#[test]
fn each_vendor_is_understood() {
    let openai = read(&[
        ("x-ratelimit-limit-requests", "5000"),
        ("x-ratelimit-limit-tokens", "160000"),
        ("x-ratelimit-remaining-requests", "4999"),
        ("x-ratelimit-remaining-tokens", "159976"),
        ("x-ratelimit-reset-requests", "12ms"),
        ("x-ratelimit-reset-tokens", "9ms"),
    ]);
    let expected = LimitReport {
        requests: window(5000, 4999, 12),
        tokens: window(160_000, 159_976, 9),
        ..LimitReport::default()
    };
    assert_eq!(openai, Some(expected));

    let anthropic = read(&[
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-requests-remaining", "49"),
        ("anthropic-ratelimit-requests-reset", "2026-11-21T08:49:32Z"),
        ("anthropic-ratelimit-input-tokens-limit", "40000"),
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        ("anthropic-ratelimit-input-tokens-reset", "2026-11-21T08:50:30Z"),
        ("anthropic-ratelimit-output-tokens-limit", "8000"),
        ("anthropic-ratelimit-output-tokens-remaining", "8000"),
        ("anthropic-ratelimit-output-tokens-reset", "2026-11-21T08:49:30Z"),
    ]);
    let expected = LimitReport {
        requests: window(50, 49, 2000),
        input_tokens: window(40_000, 0, 60_000),
        output_tokens: window(8000, 8000, 0),
        ..LimitReport::default()
    };
    assert_eq!(anthropic, Some(expected));

    let openrouter = read(&[
        ("X-RateLimit-Limit", "50"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "1795250980000"),
    ]);
    assert_eq!(openrouter, Some(LimitReport { requests: window(50, 0, 10_000), ..LimitReport::default() }));
}

#[test]
fn what_cannot_be_read_says_nothing() {
    assert_eq!(read(&[]), None);
    assert_eq!(read(&[("x-ratelimit-limit-requests", "many"), ("x-ratelimit-remaining-tokens", "-1")]), None);
    assert_eq!(read(&[("retry-after", "3")]), None);
}

proptest! {
    #[test]
    fn nothing_panics_and_no_reset_is_endless(text in any::<String>()) {
        let reset = read(&[("x-ratelimit-reset-tokens", &text)]).and_then(|report| report.tokens.reset);
        prop_assert!(reset.is_none_or(|reset| reset <= LONGEST));
    }

    #[test]
    fn a_written_duration_is_read_back(ms in 0_u64..100_000_000) {
        let (minutes, rest) = (ms / 60_000, ms % 60_000);
        let text = format!("{minutes}m{}.{:03}s", rest / 1000, rest % 1000);
        let reset = read(&[("x-ratelimit-reset-tokens", &text)]).and_then(|report| report.tokens.reset);
        let off = reset.unwrap().abs_diff(Duration::from_millis(ms));
        prop_assert!(off < Duration::from_micros(1), "{text}: off by {off:?}");
    }
}
