//! Numbers of a vendor's JSON, read as text so that no float takes part.

use serde_json::{Number, Value};

use super::finding::FindingKind;
use crate::usd::Usd;

/// More tokens than any call can consume.
const MAX_COUNT: u64 = 1_000_000_000_000;
const MAX_LENGTH: usize = 64;
const MAX_EXPONENT: i32 = 400;
const USD_DECIMALS: usize = 12;

/// A count: what can be counted, and what is wrong with it.
pub(super) fn count(value: &Value) -> (Option<u64>, Option<FindingKind>) {
    match value {
        Value::Null => (None, None),
        Value::Number(number) => count_of(number),
        Value::String(text) => match digits(text).and_then(|whole| within(&whole)) {
            Some(count) => (Some(count), Some(FindingKind::WrongType)),
            None => (None, Some(FindingKind::WrongType)),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => (None, Some(FindingKind::WrongType)),
    }
}

/// An amount of dollars, rounded to the picodollar, and whether it was exact. `None` for what is no amount.
pub(super) fn dollars(value: &Value) -> Option<(Usd, bool)> {
    let decimal = match value {
        Value::Number(number) => Decimal::read(&number.to_string())?,
        Value::String(text) => Decimal::read(text)?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (kept, beyond) = decimal.fraction.split_at(decimal.fraction.len().min(USD_DECIMALS));
    let digits = format!("{}{kept:0<USD_DECIMALS$}", decimal.whole);
    let mut amount: i128 = digits.parse().ok()?;
    let odd = amount % 2 == 1;
    let up = match beyond.as_bytes() {
        [] => false,
        [b'5', rest @ ..] => odd || rest.iter().any(|digit| *digit != b'0'),
        [first, ..] => *first > b'5',
    };
    amount = amount.checked_add(i128::from(up))?;
    let exact = beyond.bytes().all(|digit| digit == b'0');
    Some((Usd::from_picodollars(if decimal.negative { -amount } else { amount }), exact))
}

fn count_of(number: &Number) -> (Option<u64>, Option<FindingKind>) {
    if let Some(count) = number.as_u64() {
        return if count > MAX_COUNT { (None, Some(FindingKind::TooLarge)) } else { (Some(count), None) };
    }
    let Some(decimal) = Decimal::read(&number.to_string()) else {
        return (None, Some(FindingKind::TooLarge));
    };
    let fractional = decimal.fraction.bytes().any(|digit| digit != b'0');
    if decimal.negative && (fractional || decimal.whole.bytes().any(|digit| digit != b'0')) {
        return (None, Some(FindingKind::Negative));
    }
    match within(&decimal.whole) {
        None => (None, Some(FindingKind::TooLarge)),
        Some(whole) if fractional => (Some(whole + 1), Some(FindingKind::Fractional)),
        Some(whole) => (Some(whole), None),
    }
}

fn within(whole: &str) -> Option<u64> {
    whole.parse().ok().filter(|count| *count <= MAX_COUNT)
}

fn digits(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= MAX_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.to_owned())
}

/// A decimal number in plain digits.
struct Decimal {
    negative: bool,
    /// At least one digit.
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads a JSON number, exponent and all.
    fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let point = i32::try_from(whole.len()).ok()? + exponent;
        Some(match usize::try_from(point) {
            Ok(point) if point >= digits.len() => {
                Self { negative, whole: format!("{digits:0<point$}"), fraction: String::new() }
            }
            Ok(point) if point > 0 => {
                let (whole, fraction) = digits.split_at(point);
                Self { negative, whole: whole.to_owned(), fraction: fraction.to_owned() }
            }
            _ => {
                let zeros = usize::try_from(-point).ok()?;
                Self { negative, whole: "0".to_owned(), fraction: format!("{}{digits}", "0".repeat(zeros)) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A value as it stands in a vendor's JSON.
    fn read(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn counts_are_whole_and_believable() {
        for (value, expected) in [
            (json!(0), (Some(0), None)),
            (read("12.0"), (Some(12), None)),
            (read("1e3"), (Some(1_000), None)),
            (read("-0.0"), (Some(0), None)),
            (read("12.25"), (Some(13), Some(FindingKind::Fractional))),
            (read("0.0001"), (Some(1), Some(FindingKind::Fractional))),
            (json!(-1), (None, Some(FindingKind::Negative))),
            (read("-1e-9"), (None, Some(FindingKind::Negative))),
            (json!(u64::MAX), (None, Some(FindingKind::TooLarge))),
            (read("1e300"), (None, Some(FindingKind::TooLarge))),
            (json!("17"), (Some(17), Some(FindingKind::WrongType))),
            (json!("9".repeat(10_000)), (None, Some(FindingKind::WrongType))),
            (json!("-3"), (None, Some(FindingKind::WrongType))),
            (json!(true), (None, Some(FindingKind::WrongType))),
            (json!(null), (None, None)),
        ] {
            assert_eq!(count(&value), expected, "{value}");
        }
    }

    #[test]
    fn dollars_keep_every_digit_down_to_the_picodollar() {
        for (value, expected, exact) in [
            (read("0.0160614"), "0.0160614", true),
            (read("6.2e-7"), "0.00000062", true),
            (json!(0), "0.00", true),
            (json!(3), "3.00", true),
            (read("1.5e3"), "1500.00", true),
            (json!("0.000125"), "0.000125", true),
            (read("-0.5"), "-0.50", true),
            (read("4.1400000000000003e-5"), "0.0000414", false),
            (json!("0.0000000000005"), "0.00", false),
            (json!("0.0000000000015"), "0.000000000002", false),
            (json!("0.00000000000051"), "0.000000000001", false),
        ] {
            let (amount, was_exact) = dollars(&value).unwrap();
            assert_eq!((amount.to_string().as_str(), was_exact), (expected, exact), "{value}");
        }
        for value in [read("1e300"), json!("1/2"), json!(""), json!("1".repeat(65)), json!(null), json!([1])]
        {
            assert_eq!(dollars(&value), None, "{value}");
        }
    }
}
