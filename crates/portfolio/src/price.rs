//! Prices of one share, as whole numbers of microdollars.

use std::fmt;

use assize_metering::Usd;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, ErrorKind};

/// Picodollars in a microdollar.
const PICODOLLARS: u128 = 1_000_000;

/// What one share costs, or pays: a whole number of microdollars (1e-6 USD), more than nothing and at most 100 million
/// dollars.
///
/// It reads and prints as a plain decimal, as [`Usd`] does.
///
/// ```
/// use assize_portfolio::Price;
///
/// let price = Price::from_dollars(68.53)?;
/// assert_eq!(price.microdollars(), 68_530_000);
/// assert_eq!(price.times(3).to_string(), "205.59");
/// assert!(Price::from_dollars(f64::NAN).is_err());
/// assert!(Price::from_dollars(0.0000004).is_err(), "it would be a price of nothing");
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(u64);

impl Price {
    /// The highest price: 100 million dollars. The dearest share that was ever listed has cost less than a hundredth.
    pub const MAX: Self = Self(100_000_000_000_000);

    /// The price of so many microdollars (1e-6 USD).
    ///
    /// # Errors
    /// [`ErrorKind::BadFigure`] for none, and for more than [`Price::MAX`].
    pub fn from_microdollars(microdollars: u64) -> Result<Self, Error> {
        if (1..=Self::MAX.0).contains(&microdollars) {
            Ok(Self(microdollars))
        } else {
            let message = format!(
                "take {microdollars} microdollars for a share's price: it must be between 0.000001 and 100000000 dollars"
            );
            Err(ErrorKind::BadFigure.error(message))
        }
    }

    /// The price that a source gives in dollars, rounded to the nearest microdollar: so that it is the decimal that the source
    /// wrote, if that has at most six places.
    ///
    /// # Errors
    /// [`ErrorKind::BadFigure`] if it is not finite, not at least a microdollar, or more than [`Price::MAX`].
    pub fn from_dollars(dollars: f64) -> Result<Self, Error> {
        let microdollars = (dollars * 1e6).round();
        // What is not finite fails both comparisons.
        if (1.0..=1e14).contains(&microdollars) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 1 and 1e14, and whole"
            )]
            return Ok(Self(microdollars as u64));
        }
        let message = format!(
            "take {dollars} dollars for a share's price: it must be between 0.000001 and 100000000 dollars"
        );
        Err(ErrorKind::BadFigure.error(message))
    }

    /// The price in microdollars (1e-6 USD).
    #[must_use]
    pub const fn microdollars(self) -> u64 {
        self.0
    }

    /// What so many shares cost, exactly.
    #[must_use]
    pub fn times(self, shares: u64) -> Usd {
        // At most 1e14 · 1e6 · 1.8e19, of which what is beyond the largest amount is cut off: no account could pay it. The
        // shares that a book holds are limited so that it is never reached.
        let picodollars = (u128::from(self.0) * PICODOLLARS).saturating_mul(u128::from(shares));
        Usd::from_picodollars(i128::try_from(picodollars).unwrap_or(i128::MAX))
    }

    /// The price of a share after each `old` of them became `new`, rounded down, but never nothing.
    pub(crate) fn split(self, new: u32, old: u32) -> Self {
        let price = u128::from(self.0) * u128::from(old) / u128::from(new.max(1));
        Self(u64::try_from(price).unwrap_or(u64::MAX).clamp(1, Self::MAX.0))
    }
}

/// The decimal of its [`Usd`].
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.times(1).fmt(f)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.times(1).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = Usd::deserialize(deserializer)?;
        let picodollars = u128::try_from(amount.picodollars()).unwrap_or(0);
        if !picodollars.is_multiple_of(PICODOLLARS) {
            return Err(de::Error::custom(format_args!("the price {amount} has more than six decimals")));
        }
        u64::try_from(picodollars / PICODOLLARS)
            .map_err(de::Error::custom)
            .and_then(|microdollars| Self::from_microdollars(microdollars).map_err(de::Error::custom))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures() {
        for (dollars, microdollars) in [
            (0.1, Some(100_000)),
            (68.5, Some(68_500_000)),
            (1.005, Some(1_005_000)),
            (812_345.678_901, Some(812_345_678_901)),
            (0.000_001, Some(1)),
            (0.000_000_5, Some(1)),
            (0.000_000_49, None),
            (1e8, Some(100_000_000_000_000)),
            (1.000_000_1e8, None),
            (0.0, None),
            (-0.0, None),
            (-1.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
            (f64::MIN_POSITIVE, None),
            (f64::MAX, None),
        ] {
            match Price::from_dollars(dollars) {
                Ok(price) => assert_eq!(Some(price.microdollars()), microdollars, "{dollars}"),
                Err(error) => {
                    assert_eq!((error.kind(), microdollars), (ErrorKind::BadFigure, None), "{dollars}");
                }
            }
        }
    }

    #[test]
    fn texts_that_are_no_price() {
        for text in ["\"0\"", "\"-1\"", "\"0.0000001\"", "\"100000000.000001\"", "1.5", "\"1e3\""] {
            assert!(serde_json::from_str::<Price>(text).is_err(), "{text}");
        }
    }

    proptest! {
        /// A decimal of up to six places is taken as it was written, and reads back as it is written.
        #[test]
        fn decimals_are_exact(microdollars in 1_u64..=1_000_000_000_000) {
            let text = format!("{}.{:06}", microdollars / 1_000_000, microdollars % 1_000_000);
            let price = Price::from_dollars(text.parse().unwrap()).unwrap();
            prop_assert_eq!(price.microdollars(), microdollars);
            prop_assert_eq!(price.times(1), text.parse().unwrap());
            let json = serde_json::to_string(&price).unwrap();
            prop_assert_eq!(serde_json::from_str::<Price>(&json).unwrap(), price);
        }
    }
}
