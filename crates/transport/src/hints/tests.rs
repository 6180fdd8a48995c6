//! Waits and wishes in headers, as vendors write them.

use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-11-21T08:49:30Z".parse().unwrap()
}

fn read(headers: &[(&str, &str)]) -> RetryHints {
    RetryHints::from_headers(&headers.iter().copied().collect(), now())
}

#[test]
fn waits_are_read_in_all_their_forms() {
    let year = 365 * 24 * 3600 * 1000;
    for (text, milliseconds) in [
        ("0", Some(0)),
        ("3", Some(3000)),
        (" 1.5 ", Some(1500)),
        (".5", Some(500)),
        ("120", Some(120_000)),
        ("99999999999999999999999", Some(year)),
        ("-3", None),
        ("+3", None),
        ("1e3", None),
        ("inf", None),
        ("NaN", None),
        ("", None),
        (".", None),
        ("soon", None),
        ("3 s", None),
        ("1.2.3", None),
        // IMF-fixdate.
        ("Sat, 21 Nov 2026 08:49:37 GMT", Some(7000)),
        ("Fri, 21 Nov 2026 08:49:37 GMT", Some(7000)),
        ("Sat, 21 Nov 2026 08:49:00 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
        ("Sat, 21 Nov 2076 08:49:37 GMT", Some(year)),
        // RFC 850: two digits of a year, which lie at most fifty years ahead.
        ("Saturday, 21-Nov-26 08:49:37 GMT", Some(7000)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(0)),
        ("Thursday, 21-Nov-68 08:49:37 GMT", Some(year)),
        // asctime.
        ("Sat Nov 21 08:49:37 2026", Some(7000)),
        ("Sun Nov  6 08:49:37 1994", Some(0)),
        ("Sat, 41 Nov 2026 08:49:37 GMT", None),
        ("Sat, 21 Nov 2026 28:49:37 GMT", None),
        ("Sat Nov 2026", None),
    ] {
        let after = read(&[("Retry-After", text)]).after;
        assert_eq!(after.map(|after| after.as_millis()), milliseconds, "{text}");
    }
}

#[test]
fn milliseconds_go_before_seconds_if_they_can_be_read() {
    let after = |ms| read(&[("retry-after", "7"), ("Retry-After-Ms", ms)]).after;
    assert_eq!(after("250"), Some(Duration::from_millis(250)));
    assert_eq!(after("0.5"), Some(Duration::from_micros(500)));
    assert_eq!(after("-1"), Some(Duration::from_secs(7)));
    assert_eq!(after("soon"), Some(Duration::from_secs(7)));
}

#[test]
fn advice_is_true_or_false_or_nothing() {
    for (text, advice) in
        [("true", Some(true)), (" false ", Some(false)), ("TRUE", None), ("1", None), ("", None)]
    {
        assert_eq!(read(&[("x-should-retry", text)]).should_retry, advice, "{text}");
    }
    assert_eq!(read(&[]), RetryHints::default());
}

proptest! {
    #[test]
    fn nothing_panics_and_no_wait_is_endless(text in any::<String>(), name in "retry-after(-ms)?") {
        let after = read(&[(&name, &text)]).after;
        prop_assert!(after.is_none_or(|after| after <= LONGEST));
    }

    #[test]
    fn a_date_is_as_far_as_it_is(ahead in 0_i64..30_000_000) {
        let date = now().checked_add(jiff::SignedDuration::from_secs(ahead)).unwrap().to_zoned(TimeZone::UTC);
        for format in ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
            let text = date.strftime(format).to_string();
            let after = read(&[("retry-after", &text)]).after;
            prop_assert_eq!(after, Some(Duration::from_secs(ahead.unsigned_abs())), "{}", text);
        }
    }
}
