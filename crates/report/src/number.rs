//! Numbers in words: the few a chart needs that its caller did not write.

use crate::calendar::{DAYS, Date};

/// Four significant digits, whole numbers in full, thousands apart; `n/a` where not finite.
pub(crate) fn short(value: f64) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let size = value.abs();
    if size < f64::MIN_POSITIVE {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&size) {
        return scientific(value, 3);
    }
    let whole = value.fract().abs() < f64::MIN_POSITIVE;
    let decimals = if whole { 0 } else { places(3 - magnitude(size)) };
    grouped(&trimmed(format!("{value:.decimals$}")))
}

/// The date, with the time of day where there is one; days out of range as a number.
pub(crate) fn date(days: f64) -> String {
    if !DAYS.contains(&days) {
        return short(days);
    }
    let minutes = whole(libm::round((days - libm::floor(days)) * 1440.0));
    let day = Date::from_days(whole(libm::floor(days)) + minutes / 1440);
    match minutes % 1440 {
        0 => day.to_string(),
        minute => format!("{day} {:02}:{:02}", minute / 60, minute % 60),
    }
}

/// `m × 10^e` as `mEe` is read by everyone: `1.5e9`.
pub(crate) fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa.to_owned())),
        None => text,
    }
}

/// The exponent of the first digit: 2 for 250, −3 for 0.004.
pub(crate) fn magnitude(size: f64) -> i64 {
    let guess = whole(libm::floor(libm::log10(size)));
    // The logarithm may be a hair off at a power of ten.
    if size >= power_of_ten(guess + 1) { guess + 1 } else { guess }
}

/// 10 to the `exponent`, which may be anything: out of range it is 0 or infinite.
pub(crate) fn power_of_ten(exponent: i64) -> f64 {
    let exponent = i32::try_from(exponent.clamp(-400, 400)).unwrap_or(0);
    libm::pow(10.0, f64::from(exponent))
}

/// A count as a coordinate. Counts here are rows of a drawing: beyond 2³² the drawing is cut anyway.
pub(crate) fn coordinate(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A finite number without its fraction; one out of the range of `i64`, at its end.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is wanted")]
pub(crate) fn whole(value: f64) -> i64 {
    value as i64
}

/// `of` cut into `parts`, of which as many are full as the fraction says (0 to 1).
pub(crate) fn share(fraction: f64, parts: usize) -> usize {
    let full = whole(libm::round(fraction.clamp(0.0, 1.0) * coordinate(parts)));
    usize::try_from(full).unwrap_or(0).min(parts)
}

/// Decimal places: never negative, and no more than can mean something.
pub(crate) fn places(wanted: i64) -> usize {
    usize::try_from(wanted.clamp(0, 12)).unwrap_or(0)
}

/// Thousands set apart by commas.
pub(crate) fn grouped(number: &str) -> String {
    let digits_from = number.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let digits_to = number.find('.').unwrap_or(number.len());
    let digits = digits_to.saturating_sub(digits_from);
    if digits < 4 {
        return number.to_owned();
    }
    let mut spaced = String::with_capacity(number.len() + digits / 3);
    for (at, c) in number.char_indices() {
        if at > digits_from && at < digits_to && (digits_to - at).is_multiple_of(3) {
            spaced.push(',');
        }
        spaced.push(c);
    }
    spaced
}

/// Without zeros after the last decimal, and without the sign of a zero.
fn trimmed(number: String) -> String {
    let mut number = number;
    if number.contains('.') {
        let kept = number.trim_end_matches('0').trim_end_matches('.').len();
        number.truncate(kept);
    }
    if number == "-0" { "0".to_owned() } else { number }
}

#[cfg(test)]
mod tests {
    use super::{date, short};

    #[test]
    fn numbers_are_short_and_whole_ones_complete() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (999.0, "999"),
            (1_000.0, "1,000"),
            (1_234_567.0, "1,234,567"),
            (-1_234.5, "-1,234"),
            (12.345_6, "12.35"),
            (0.012_345, "0.01235"),
            (0.000_001, "0.000001"),
            (9.999_99, "10"),
            (1e-9, "1e-9"),
            (-2.5e18, "-2.5e18"),
            (f64::MAX, "1.798e308"),
            (5e-324, "0"),
            (f64::NAN, "n/a"),
            (f64::NEG_INFINITY, "n/a"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected, "{value:?}");
        }
    }

    #[test]
    fn dates_show_the_time_of_day_where_there_is_one() {
        let cases = [
            (20_514.0, "2026-03-02"),
            (20_514.25, "2026-03-02 06:00"),
            (20_514.999_99, "2026-03-03"),
            (1e9, "1,000,000,000"),
            (f64::NAN, "n/a"),
        ];
        for (days, expected) in cases {
            assert_eq!(date(days), expected, "{days:?}");
        }
    }
}
