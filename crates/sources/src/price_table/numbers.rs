//! Numbers, and the many ways to write that there is none.

/// What a field turned out to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A finite number.
    Value(f64),
    /// Nothing, or a word for nothing.
    Missing,
    /// Something else.
    Unreadable,
}

const NOTHING: [&str; 11] = ["", "null", "nan", "none", "na", "n/a", "#n/a", "nil", "-", "--", "."];
const LONGEST: usize = 40;

/// Reads a number with a decimal point; thousands may be set apart by commas where a comma does not separate columns or
/// the field was quoted.
pub(super) fn read(text: &str) -> Number {
    if NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing)) {
        return Number::Missing;
    }
    let plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE,".contains(&byte);
    if text.len() > LONGEST || !text.bytes().all(plain) {
        return Number::Unreadable;
    }
    let value = if text.contains(',') {
        without_thousands(text).and_then(|text| text.parse().ok())
    } else {
        text.parse().ok()
    };
    match value {
        Some(value) if f64::is_finite(value) => Number::Value(value),
        _ => Number::Unreadable,
    }
}

/// The middle one; of an even number, the mean of the two in the middle. `None` of nothing.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(lower + (upper - lower) / 2.0)
}

/// `None` unless the commas stand where thousands are set apart: before groups of three digits. A lone comma with three
/// digits behind and nothing else (`1,234`) can be a decimal comma as well, so it is not read.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let mut groups = unsigned.split(',');
    let head = groups.next()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed =
        (1..=3).contains(&head.len()) && digits(head) && groups.clone().all(|g| g.len() == 3 && digits(g));
    let certain = fraction.is_some() || groups.count() >= 2;
    (well_formed && certain && !fraction.is_some_and(|fraction| fraction.contains(',')))
        .then(|| text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        use Number::{Missing, Unreadable, Value};
        for (text, expected) in [
            ("1.5", Value(1.5)),
            ("-0.25", Value(-0.25)),
            ("1e3", Value(1000.0)),
            ("7161800", Value(7_161_800.0)),
            ("7,161,800", Value(7_161_800.0)),
            ("1,234.5", Value(1234.5)),
            ("1,234", Unreadable),
            ("12,5", Unreadable),
            ("1.234,5", Unreadable),
            ("1,23,456.0", Unreadable),
            ("", Missing),
            ("null", Missing),
            ("NaN", Missing),
            ("N/A", Missing),
            ("inf", Unreadable),
            ("1e999", Unreadable),
            ("0x10", Unreadable),
            ("$5", Unreadable),
            ("1 000", Unreadable),
            ("e", Unreadable),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read(&"1".repeat(41)), Unreadable);
    }
}
