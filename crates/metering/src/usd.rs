//! Money as a whole number of picodollars.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

const PICODOLLARS_PER_DOLLAR: u128 = 1_000_000_000_000;
const MAX_DECIMALS: usize = 12;
const MAX_LENGTH: usize = 64;

/// An amount of US dollars, exact: a whole number of picodollars (1e-12 USD) in an `i128`.
///
/// The range is about ±1.7e26 USD. A rate of up to six decimals a million tokens is a whole number of picodollars a
/// token, so that every published price and every cost is exact. Arithmetic is checked: there is no `+` that could
/// wrap or panic.
///
/// It reads and prints as a plain decimal, and serialises as that string, never as a float:
///
/// ```
/// use assize_metering::Usd;
///
/// let reply: Usd = "0.0165".parse()?;
/// assert_eq!(reply.picodollars(), 16_500_000_000);
/// assert_eq!(reply.checked_mul(200).map(|cost| cost.to_string()).as_deref(), Some("3.30"));
/// assert_eq!(Usd::checked_sum([reply, reply]), "0.033".parse().ok());
/// assert!("1e-6".parse::<Usd>().is_err());
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i128);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i128::MAX);
    /// The most negative amount.
    pub const MIN: Self = Self(i128::MIN);

    /// The amount of so many picodollars (1e-12 USD).
    #[must_use]
    pub const fn from_picodollars(picodollars: i128) -> Self {
        Self(picodollars)
    }

    /// The amount in picodollars (1e-12 USD).
    #[must_use]
    pub const fn picodollars(self) -> i128 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is less than nothing, as a refund is.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, or `None` where it leaves the range.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` where it leaves the range.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The amount so many times, or `None` where it leaves the range.
    #[must_use]
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.0.checked_mul(i128::from(times)).map(Self)
    }

    /// The sum of all amounts, or `None` where it leaves the range on the way. The sum of none is zero.
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

/// All decimals that matter, at least two: `3.00`, `0.0165`, `-0.000001`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let whole = magnitude / PICODOLLARS_PER_DOLLAR;
        let decimals = format!("{:012}", magnitude % PICODOLLARS_PER_DOLLAR);
        let shown = decimals.trim_end_matches('0').len().max(2);
        f.pad_integral(self.0 >= 0, "", &format!("{whole}.{}", &decimals[..shown]))
    }
}

impl FromStr for Usd {
    type Err = Error;

    /// Reads a plain decimal: an optional `-`, digits, and optionally a point with digits after it.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) for anything else: exponents, separators, signs of `+`,
    /// currency signs, blanks, more than 64 characters, an amount outside the range, or a digit other than zero after
    /// the twelfth decimal.
    fn from_str(text: &str) -> Result<Self> {
        read(text).map_err(|problem| Error::invalid_amount(text, problem))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct DecimalString;

        impl de::Visitor<'_> for DecimalString {
            type Value = Usd;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount of US dollars as a decimal string, such as \"0.0165\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Usd, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(DecimalString)
    }
}

fn read(text: &str) -> std::result::Result<Usd, &'static str> {
    if text.len() > MAX_LENGTH {
        return Err("it is longer than 64 characters");
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((_, "")) => return Err("a digit is missing after the point"),
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() {
        return Err("a digit is missing; write a plain decimal such as 0.0165");
    }
    if digits.contains(['e', 'E']) {
        return Err("exponents are not accepted; write the decimals out, such as 0.000001");
    }
    if !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err("only digits, one point and a leading minus are accepted");
    }
    let (kept, beyond) = decimals.split_at(decimals.len().min(MAX_DECIMALS));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err("it has more than 12 decimals, so that it is not a whole number of picodollars");
    }
    let padding = std::iter::repeat_n(b'0', MAX_DECIMALS - kept.len());
    whole
        .bytes()
        .chain(kept.bytes())
        .chain(padding)
        .try_fold(0_i128, |amount, byte| {
            // Built up below zero, because the range reaches one further there.
            amount.checked_mul(10)?.checked_sub(i128::from(byte - b'0'))
        })
        .and_then(|amount| if negative { Some(amount) } else { amount.checked_neg() })
        .map(Usd)
        .ok_or("it is too large")
}

#[cfg(test)]
mod tests;
