//! Factors on a price, as exact fractions.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::usd::Usd;

/// A factor with so many decimals is a fraction of this denominator.
const PARTS: u32 = 1_000_000;
const MAX_FACTOR: i128 = 100;
const PICODOLLARS_PER_DOLLAR: i128 = 1_000_000_000_000;

/// A factor on a price: a fraction in lowest terms, above 0 and at most 100.
///
/// It reads from a decimal with at most six decimals, as vendors state an uplift, and is applied to a whole sum, rounded
/// once to the picodollar, ties to the even one:
///
/// ```
/// use assize_metering::{Multiplier, Usd};
///
/// let uplift: Multiplier = "1.1".parse()?;
/// assert_eq!((uplift.numerator(), uplift.denominator()), (11, 10));
/// assert_eq!(uplift.of("0.048".parse()?), "0.0528".parse().ok());
/// // Ties: 5 × 1.1 = 5.5 rounds to 6, 15 × 1.1 = 16.5 to 16.
/// assert_eq!(uplift.of(Usd::from_picodollars(5)), Some(Usd::from_picodollars(6)));
/// assert_eq!(uplift.of(Usd::from_picodollars(15)), Some(Usd::from_picodollars(16)));
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Multiplier {
    numerator: u32,
    denominator: u32,
}

impl Multiplier {
    /// The factor that changes nothing.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The numerator, in lowest terms.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// The denominator, in lowest terms; never zero.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// Whether the factor changes nothing.
    #[must_use]
    pub const fn is_one(self) -> bool {
        self.numerator == self.denominator
    }

    /// The amount times this, rounded to the picodollar, ties to the even one; `None` where it leaves the range of
    /// [`Usd`].
    #[must_use]
    pub fn of(self, amount: Usd) -> Option<Usd> {
        if self.is_one() {
            return Some(amount);
        }
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        let magnitude = amount.picodollars().unsigned_abs();
        // Divided first, so that no step is larger than the result.
        let (whole, rest) = (magnitude / denominator, (magnitude % denominator) * numerator);
        let floor = whole.checked_mul(numerator)?.checked_add(rest / denominator)?;
        let beyond = (rest % denominator) * 2;
        let up = beyond > denominator || (beyond == denominator && !floor.is_multiple_of(2));
        let rounded = i128::try_from(floor.checked_add(u128::from(up))?).ok()?;
        Some(Usd::from_picodollars(if amount.is_negative() { -rounded } else { rounded }))
    }

    /// The whole number times this, where that is a whole number.
    pub(crate) fn of_whole(self, number: u64) -> Option<u64> {
        let product = u128::from(number) * u128::from(self.numerator);
        let denominator = u128::from(self.denominator);
        if !product.is_multiple_of(denominator) {
            return None;
        }
        u64::try_from(product / denominator).ok()
    }
}

impl Default for Multiplier {
    fn default() -> Self {
        Self::ONE
    }
}

/// As a plain decimal: `1.1`, `2`.
impl fmt::Display for Multiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every denominator divides `PARTS`.
        let parts = u64::from(self.numerator) * u64::from(PARTS / self.denominator);
        let (whole, rest) = (parts / u64::from(PARTS), parts % u64::from(PARTS));
        let decimals = format!("{rest:06}");
        match decimals.trim_end_matches('0') {
            "" => f.pad_integral(true, "", &whole.to_string()),
            decimals => f.pad_integral(true, "", &format!("{whole}.{decimals}")),
        }
    }
}

impl FromStr for Multiplier {
    type Err = Error;

    /// Reads a plain decimal.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) for what [`Usd`] refuses, and for what is not above 0, is above
    /// 100 (a percentage gives itself away so), or has more than six decimals.
    fn from_str(text: &str) -> Result<Self> {
        let scaled = text.parse::<Usd>()?.picodollars();
        if scaled <= 0 || scaled > MAX_FACTOR * PICODOLLARS_PER_DOLLAR {
            return Err(Error::invalid_amount(text, "a multiplier is above 0 and at most 100"));
        }
        let unit = PICODOLLARS_PER_DOLLAR / i128::from(PARTS);
        let parts = u32::try_from(scaled / unit).ok().filter(|_| scaled % unit == 0);
        let Some(parts) = parts else {
            return Err(Error::invalid_amount(text, "a multiplier has at most 6 decimals"));
        };
        let divisor = greatest_common_divisor(parts, PARTS);
        Ok(Self { numerator: parts / divisor, denominator: PARTS / divisor })
    }
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn it_reads_and_prints_decimals_in_lowest_terms() {
        for (text, numerator, denominator, printed) in [
            ("1", 1, 1, "1"),
            ("1.0", 1, 1, "1"),
            ("1.1", 11, 10, "1.1"),
            ("0.5", 1, 2, "0.5"),
            ("2", 2, 1, "2"),
            ("1.25", 5, 4, "1.25"),
            ("0.000001", 1, 1_000_000, "0.000001"),
            ("99.999999", 99_999_999, 1_000_000, "99.999999"),
            ("100", 100, 1, "100"),
        ] {
            let multiplier: Multiplier = text.parse().unwrap();
            assert_eq!(
                (multiplier.numerator(), multiplier.denominator()),
                (numerator, denominator),
                "{text}"
            );
            assert_eq!(multiplier.to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_factor_is_refused() {
        for (text, reason) in [
            ("0", "above 0"),
            ("-1.1", "above 0"),
            ("100.000001", "at most 100"),
            ("110", "at most 100"),
            ("1.0000001", "at most 6 decimals"),
            ("1,1", ""),
            ("110%", ""),
            ("NaN", ""),
            ("", ""),
        ] {
            let error = text.parse::<Multiplier>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidAmount);
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn ties_go_to_the_even_picodollar() {
        for (text, amount, expected) in [
            ("1.5", 1, 2),
            ("1.5", 3, 4),
            ("1.5", 5, 8),
            ("0.5", 1, 0),
            ("0.5", 3, 2),
            ("0.5", 5, 2),
            ("0.5", 7, 4),
            ("0.5", -1, 0),
            ("0.5", -3, -2),
            ("0.5", -5, -2),
            ("1.1", 4, 4),
            ("1.1", 6, 7),
            ("1.1", 5, 6),
            ("1.1", 15, 16),
            ("1.1", 25, 28),
            ("1.25", 2, 2),
            ("1.25", 6, 8),
            ("1.25", 3, 4),
            ("0.000001", 500_000, 0),
            ("0.000001", 500_001, 1),
            ("0.000001", 1_500_000, 2),
        ] {
            let multiplier: Multiplier = text.parse().unwrap();
            let product = multiplier.of(Usd::from_picodollars(amount));
            assert_eq!(product, Some(Usd::from_picodollars(expected)), "{amount} × {text}");
        }
    }

    #[test]
    fn the_range_is_checked() {
        let [double, half, most] = ["2", "0.5", "100"].map(|text| text.parse::<Multiplier>().unwrap());
        assert_eq!(Multiplier::ONE.of(Usd::MIN), Some(Usd::MIN));
        assert_eq!(double.of(Usd::MAX), None);
        assert_eq!(most.of(Usd::MIN), None);
        assert!(half.of(Usd::MIN).is_some());
    }
}
