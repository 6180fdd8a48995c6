//! What a piece costs: an image, a search, a page.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::billing::Mode;
use crate::error::{Error, Result};
use crate::unit::Unit;
use crate::usd::Usd;

const MAX_PICODOLLARS_PER_PIECE: u64 = 1_000_000_000_000_000;

/// The price of a piece, a whole number of picodollars in the range of nothing to 1,000 USD.
///
/// ```
/// use assize_metering::UnitRate;
///
/// let search: UnitRate = "0.01".parse()?; // USD a search
/// assert_eq!(search.of(3).to_string(), "0.03");
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitRate(u64);

impl UnitRate {
    /// The price of so many picodollars a piece; `None` above 1,000 USD.
    #[must_use]
    pub fn from_picodollars(picodollars: u64) -> Option<Self> {
        (picodollars <= MAX_PICODOLLARS_PER_PIECE).then_some(Self(picodollars))
    }

    /// The price of so many pieces. It cannot leave the range of [`Usd`]: a rate is at most 1e15 picodollars.
    #[must_use]
    pub fn of(self, pieces: u64) -> Usd {
        Usd::from_picodollars(i128::from(self.0) * i128::from(pieces))
    }
}

/// Dollars per piece.
impl fmt::Display for UnitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of(1).fmt(f)
    }
}

impl FromStr for UnitRate {
    type Err = Error;

    /// Reads dollars per piece, as a plain decimal with at most twelve decimals.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) for what [`Usd`] refuses, and for what is negative or more than
    /// 1,000 USD a piece.
    fn from_str(text: &str) -> Result<Self> {
        let picodollars = text.parse::<Usd>()?.picodollars();
        if picodollars < 0 {
            return Err(Error::invalid_amount(text, "a price is not negative"));
        }
        u64::try_from(picodollars).ok().and_then(Self::from_picodollars).ok_or_else(|| {
            Error::invalid_amount(text, "more than 1000 USD a piece; state prices in USD per piece")
        })
    }
}

/// The prices of pieces that a price list states, by unit and mode. Absent is not zero: zero is a price.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitRates(BTreeMap<(Unit, Mode), UnitRate>);

impl UnitRates {
    /// The price that the list states; `None` where it is silent.
    #[must_use]
    pub fn get(&self, unit: Unit, mode: Mode) -> Option<UnitRate> {
        self.0.get(&(unit, mode)).copied()
    }

    /// The price that a piece takes: the stated one; that of the standard mode; that of a web search whatever its size.
    #[must_use]
    pub fn resolved(&self, unit: Unit, mode: Mode) -> Option<UnitRate> {
        let own = self.get(unit, mode).or_else(|| self.get(unit, Mode::Standard));
        own.or_else(|| self.resolved(stand_in(unit)?, mode))
    }

    /// Every stated price, in the order of [`Unit::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Unit, Mode, UnitRate)> + '_ {
        self.0.iter().map(|((unit, mode), rate)| (*unit, *mode, *rate))
    }

    /// Whether the list states no price of a piece.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn set(&mut self, unit: Unit, mode: Mode, rate: UnitRate) {
        self.0.insert((unit, mode), rate);
    }
}

/// The unit whose price stands in where a list states none.
const fn stand_in(unit: Unit) -> Option<Unit> {
    match unit {
        Unit::WebSearchLow | Unit::WebSearchHigh => Some(Unit::WebSearch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn prices_of_pieces_are_dollars() {
        for (text, printed) in
            [("0", "0.00"), ("0.01", "0.01"), ("0.000000000001", "0.000000000001"), ("1000", "1000.00")]
        {
            assert_eq!(text.parse::<UnitRate>().unwrap().to_string(), printed);
        }
        for (text, reason) in [
            ("-0.01", "not negative"),
            ("1000.000000000001", "more than 1000 USD a piece"),
            ("0.0000000000001", ""),
            ("1e-3", "exponents are not accepted"),
        ] {
            let error = text.parse::<UnitRate>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidAmount);
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_search_of_any_size_has_the_price_of_a_search_and_a_mode_that_of_the_standard() {
        let rate = |text: &str| text.parse::<UnitRate>().unwrap();
        let mut rates = UnitRates::default();
        rates.set(Unit::WebSearch, Mode::Standard, rate("0.01"));
        rates.set(Unit::WebSearchHigh, Mode::Standard, rate("0.014"));
        rates.set(Unit::Page, Mode::Standard, rate("0.002"));
        rates.set(Unit::Page, Mode::Batch, rate("0.001"));
        for (unit, mode, price) in [
            (Unit::WebSearchLow, Mode::Standard, Some("0.01")),
            (Unit::WebSearch, Mode::Fast, Some("0.01")),
            (Unit::WebSearchHigh, Mode::Batch, Some("0.014")),
            (Unit::Page, Mode::Batch, Some("0.001")),
            (Unit::Page, Mode::Flex, Some("0.002")),
            (Unit::Query, Mode::Standard, None),
        ] {
            assert_eq!(rates.resolved(unit, mode), price.map(rate), "{unit:?} {mode:?}");
        }
    }

    #[test]
    fn no_pieces_of_any_number_overflow() {
        let dearest: UnitRate = "1000".parse().unwrap();
        let n_units = i128::try_from(Unit::ALL.len()).unwrap();
        assert!(dearest.of(u64::MAX).picodollars().checked_mul(n_units).is_some());
    }
}
