//! The share of votes that it takes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, ErrorKind};

/// Decimals are read and written to this many places.
const PLACES: usize = 6;
const MILLION: u32 = 1_000_000;

/// A share of the votes cast: more than a half, so that no two options can reach it, and at most all. It is kept as a
/// fraction, so that two votes of three are two thirds.
///
/// ```
/// use assize_debate::Threshold;
///
/// let two_thirds: Threshold = "2/3".parse()?;
/// assert_eq!(two_thirds.of(3), 2);
/// let a_little_more: Threshold = "0.667".parse()?;
/// assert_eq!(a_little_more.of(3), 3, "2 of 3 is 0.666…, which is less");
/// assert!("0.5".parse::<Threshold>().is_err());
/// # Ok::<(), assize_debate::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Threshold {
    numerator: u32,
    denominator: u32,
}

impl Threshold {
    /// Two thirds.
    pub const TWO_THIRDS: Self = Self { numerator: 2, denominator: 3 };
    /// Three quarters.
    pub const THREE_QUARTERS: Self = Self { numerator: 3, denominator: 4 };

    /// This fraction.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] unless it is more than a half and at most 1, with a denominator of at most a million.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, Error> {
        let more_than_half = u64::from(numerator) * 2 > u64::from(denominator);
        if !more_than_half || numerator > denominator || denominator > MILLION {
            return Err(bad(&format!("{numerator}/{denominator}")));
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Ok(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// The least number of votes that is this share of so many.
    #[must_use]
    pub fn of(self, votes: u32) -> u32 {
        let needed = (u64::from(votes) * u64::from(self.numerator)).div_ceil(u64::from(self.denominator));
        u32::try_from(needed).unwrap_or(votes)
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self::TWO_THIRDS
    }
}

/// As a decimal where six places are enough, else as a fraction.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { numerator, denominator } = *self;
        if numerator == denominator {
            return f.write_str("1");
        }
        if !MILLION.is_multiple_of(denominator) {
            return write!(f, "{numerator}/{denominator}");
        }
        let digits = format!("{:0PLACES$}", numerator * (MILLION / denominator));
        write!(f, "0.{}", digits.trim_end_matches('0'))
    }
}

impl FromStr for Threshold {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u32>().ok()).flatten().ok_or_else(|| bad(text))
        };
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::new(number(numerator)?, number(denominator)?).map_err(|_| bad(text));
        }
        let Some((whole, places)) = text.split_once('.') else {
            return Self::new(number(text)?, 1).map_err(|_| bad(text));
        };
        let places = places.trim_end_matches('0');
        if places.len() > PLACES {
            return Err(bad(text));
        }
        let millionths = number(&format!("{places:0<PLACES$}"))?;
        let whole = number(whole)?.checked_mul(MILLION).ok_or_else(|| bad(text))?;
        let sum = whole.checked_add(millionths).ok_or_else(|| bad(text))?;
        Self::new(sum, MILLION).map_err(|_| bad(text))
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// As text, or as a number.
impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share such as 0.75 or \"2/3\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Threshold, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_f64<E: de::Error>(self, share: f64) -> Result<Threshold, E> {
                self.visit_str(&share.to_string())
            }

            fn visit_u64<E: de::Error>(self, share: u64) -> Result<Threshold, E> {
                self.visit_str(&share.to_string())
            }

            fn visit_i64<E: de::Error>(self, share: i64) -> Result<Threshold, E> {
                self.visit_str(&share.to_string())
            }
        }

        from.deserialize_any(Visitor)
    }
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn bad(written: &str) -> Error {
    let message = format!(
        "take {written:?} as the share of votes that it takes: write more than a half and at most 1, as a fraction such \
         as 2/3 or with up to {PLACES} decimals"
    );
    Error::new(ErrorKind::BadSpec, message)
}
