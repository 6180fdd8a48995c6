//! Amounts of money from the text of a JSON number, exact.

/// Longer texts than this are no price.
const MAX_LENGTH: usize = 64;
/// No price needs more digits before the point of its picodollars; a `u64` holds 19.
const MAX_DIGITS: usize = 19;
const PICODOLLAR_DECIMALS: i64 = 12;

/// A price in USD as a whole number of picodollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) picodollars: u64,
    /// Whether the text says exactly this, or something finer that was rounded half to even.
    pub(super) is_exact: bool,
}

/// Why a text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAmount {
    NotANumber,
    Negative,
    TooLarge,
}

impl NoAmount {
    pub(super) const fn problem(self) -> &'static str {
        match self {
            Self::NotANumber => "it must be a number, or a number in a string",
            Self::Negative => "it is negative",
            Self::TooLarge => "it is absurdly large",
        }
    }
}

/// Reads a JSON number, or one in a string as `LiteLLM` accepts it. No float is made of it: `3e-07` is 300,000
/// picodollars, and what lies between two picodollars is rounded half to even.
pub(super) fn read(json: &str) -> Result<Amount, NoAmount> {
    let text = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json).trim();
    if text.len() > MAX_LENGTH {
        return Err(NoAmount::NotANumber);
    }
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        // At most 63 characters: it cannot leave the range by much, and what does is no number of ours.
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NoAmount::NotANumber)?),
        None => (text, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number =
        !whole.is_empty() && whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(NoAmount::NotANumber);
    }
    let digits: Vec<u8> = whole
        .bytes()
        .chain(decimals.bytes())
        .map(|byte| byte - b'0')
        .skip_while(|digit| *digit == 0)
        .collect();
    if digits.is_empty() {
        return Ok(Amount { picodollars: 0, is_exact: true });
    }
    if negative {
        return Err(NoAmount::Negative);
    }
    // How many of the digits stand before the point of the picodollars; more than there are means zeros after them.
    let decimals = i64::try_from(decimals.len()).unwrap_or(i64::MAX);
    let n_digits = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let point = n_digits - decimals + i64::from(exponent) + PICODOLLAR_DECIMALS;
    let Ok(point) = usize::try_from(point) else {
        return Ok(Amount { picodollars: 0, is_exact: false });
    };
    if point > MAX_DIGITS {
        return Err(NoAmount::TooLarge);
    }
    let (kept, beyond) = digits.split_at(point.min(digits.len()));
    let zeros = std::iter::repeat_n(&0, point - kept.len());
    let floor = kept
        .iter()
        .chain(zeros)
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(*digit)))
        .ok_or(NoAmount::TooLarge)?;
    let is_exact = beyond.iter().all(|digit| *digit == 0);
    let up = match beyond {
        [5, rest @ ..] if rest.iter().all(|digit| *digit == 0) => floor % 2 == 1,
        [first, ..] => *first >= 5,
        [] => false,
    };
    let picodollars = floor.checked_add(u64::from(up)).ok_or(NoAmount::TooLarge)?;
    Ok(Amount { picodollars, is_exact })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_the_last_digit() {
        for (json, picodollars, is_exact) in [
            ("0", 0, true),
            ("-0.0", 0, true),
            ("3e-07", 300_000, true),
            ("3E-7", 300_000, true),
            ("\"3e-07\"", 300_000, true),
            ("1.5e-06", 1_500_000, true),
            ("0.0000015", 1_500_000, true),
            ("1.0000000000000001e-07", 100_000, false),
            ("2.9999999999999997e-07", 300_000, false),
            ("5e-13", 0, false),
            ("1.5e-12", 2, false),
            ("2.5e-12", 2, false),
            ("2.5000000000000001e-12", 3, false),
            ("4e-13", 0, false),
            ("9e-13", 1, false),
            ("1e-300", 0, false),
            ("0.01", 10_000_000_000, true),
            ("1", 1_000_000_000_000, true),
            ("1e3", 1_000_000_000_000_000, true),
            ("0000000000000000000000000000000000000000.3e-06", 300_000, true),
        ] {
            assert_eq!(read(json), Ok(Amount { picodollars, is_exact }), "{json}");
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for (json, why) in [
            ("-1e-06", NoAmount::Negative),
            ("1e30", NoAmount::TooLarge),
            ("99999999999999999999", NoAmount::TooLarge),
            ("1e999999999", NoAmount::TooLarge),
            ("1e99999999999", NoAmount::NotANumber),
            ("null", NoAmount::NotANumber),
            ("true", NoAmount::NotANumber),
            ("\"\"", NoAmount::NotANumber),
            ("\"NaN\"", NoAmount::NotANumber),
            ("\"inf\"", NoAmount::NotANumber),
            ("\"1,5\"", NoAmount::NotANumber),
            ("\"+1\"", NoAmount::NotANumber),
            ("[1]", NoAmount::NotANumber),
            ("0.00000000000000000000000000000000000000000000000000000000000000001", NoAmount::NotANumber),
        ] {
            assert_eq!(read(json), Err(why), "{json}");
        }
    }
}
