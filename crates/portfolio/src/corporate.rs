//! What a company does to its shares: splits, and what comes of them for a holder and for an order that waits.

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use crate::book::{Position, part_of};
use crate::{Error, ErrorKind, MAX_SHARES, Price};

/// How many new shares there are for how many old ones: 2 for 1, 3 for 2, 1 for 8.
///
/// ```
/// use assize_portfolio::Split;
///
/// let split = Split::new(3, 2)?;
/// assert_eq!(split.whole(5), 7);
/// assert_eq!(split.to_string(), "3:2");
/// assert!(Split::new(1, 0).is_err());
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Terms")]
pub struct Split {
    /// New shares.
    new: u32,
    /// For so many old ones.
    old: u32,
}

/// A split as it is written.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Terms {
    new: u32,
    old: u32,
}

impl TryFrom<Terms> for Split {
    type Error = Error;

    fn try_from(terms: Terms) -> Result<Self, Error> {
        Self::new(terms.new, terms.old)
    }
}

impl Split {
    /// The largest number on either side.
    pub const MOST: u32 = 10_000_000;

    /// `new` shares for each `old` ones.
    ///
    /// # Errors
    /// [`ErrorKind::BadFigure`] if one of them is zero or more than [`Split::MOST`].
    pub fn new(new: u32, old: u32) -> Result<Self, Error> {
        let allowed = 1..=Self::MOST;
        if allowed.contains(&new) && allowed.contains(&old) {
            Ok(Self { new, old })
        } else {
            let message =
                format!("split shares {new}:{old}: both sides must be between 1 and {}", Self::MOST);
            Err(ErrorKind::BadFigure.error(message))
        }
    }

    /// New shares for each [`old`](Self::old) ones.
    #[must_use]
    pub const fn new_shares(self) -> u32 {
        self.new
    }

    /// Old shares that the new ones are for.
    #[must_use]
    pub const fn old(self) -> u32 {
        self.old
    }

    /// The whole shares that so many become; the largest number there is where they do not fit.
    #[must_use]
    pub fn whole(self, shares: u64) -> u64 {
        u64::try_from(u128::from(shares) * u128::from(self.new) / u128::from(self.old)).unwrap_or(u64::MAX)
    }

    /// Whether a fraction is left over beside the whole shares that so many become.
    pub(crate) fn has_rest(self, shares: u64) -> bool {
        self.rest(shares) > 0
    }

    /// What is left over beside the whole shares, in parts of `1 / old` of a new share.
    fn rest(self, shares: u64) -> u64 {
        let rest = u128::from(shares) * u128::from(self.new) % u128::from(self.old);
        u64::try_from(rest).unwrap_or_default()
    }

    /// What becomes of a position: whole shares, and cash for the fraction at `price` (of a new share), rounded down.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if there would be more than [`MAX_SHARES`].
    pub fn of_position(self, position: Position, price: Price) -> Result<Exchanged, Error> {
        let shares = self.whole(position.shares);
        if shares > MAX_SHARES {
            let message =
                format!("split {} shares {self}: a position has at most {MAX_SHARES}", position.shares);
            return Err(ErrorKind::TooLarge.error(message));
        }
        let rest = self.rest(position.shares);
        let parts = u128::from(position.shares) * u128::from(self.new);
        Ok(Exchanged {
            shares,
            in_lieu: part_of(price.times(1), u128::from(rest), u128::from(self.old)),
            basis: if shares == 0 {
                position.basis
            } else {
                part_of(position.basis, u128::from(rest), parts)
            },
        })
    }
}

impl std::fmt::Display for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.new, self.old)
    }
}

/// What a position became by a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchanged {
    /// The whole shares that are held now.
    pub shares: u64,
    /// Cash for the fraction of a share that was left over.
    pub in_lieu: Usd,
    /// What that fraction had cost: it leaves the position's basis. All of it, where no share is left.
    pub basis: Usd,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn positions() {
        for (new, old, shares, basis, after, in_lieu, out) in [
            (2, 1, 10, "100", 20, "0", "0"),
            // Half a share at $30; it is one of fifteen halves.
            (3, 2, 5, "150", 7, "15", "10"),
            // A reverse split that leaves a whole share and three eighths.
            (1, 8, 11, "110", 1, "11.25", "30"),
            // Nothing whole is left: everything is paid out.
            (1, 8, 5, "50.01", 0, "18.75", "50.01"),
            (1, 3, 4, "100", 1, "10", "25"),
        ] {
            let split = Split::new(new, old).unwrap();
            let position = Position { shares, basis: usd(basis) };
            let exchanged =
                split.of_position(position, Price::from_microdollars(30_000_000).unwrap()).unwrap();
            let expected = Exchanged { shares: after, in_lieu: usd(in_lieu), basis: usd(out) };
            assert_eq!(exchanged, expected, "{split} of {shares}");
        }
    }

    #[test]
    fn terms_that_are_none() {
        for (new, old) in [(0, 1), (1, 0), (Split::MOST + 1, 1), (1, u32::MAX)] {
            assert_eq!(Split::new(new, old).unwrap_err().kind(), ErrorKind::BadFigure);
        }
        assert!(serde_json::from_str::<Split>(r#"{"new":0,"old":1}"#).is_err());
        let position = Position { shares: MAX_SHARES, basis: Usd::ZERO };
        let error = Split::new(2, 1).unwrap().of_position(position, Price::MAX).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }

    proptest! {
        /// Whole shares and fraction together are what was there, and no more is paid for the fraction than it is worth.
        #[test]
        fn nothing_is_lost_in_a_split(
            new in 1_u32..=10_000, old in 1_u32..=10_000, shares in 1_u64..=100_000_000,
            basis in 0_i128..=1_000_000_000_000_000_000_000, microdollars in 1_u64..=1_000_000_000_000,
        ) {
            let split = Split::new(new, old).unwrap();
            let (whole, rest) = (split.whole(shares), split.rest(shares));
            let parts = |shares: u64, per: u32| u128::from(shares) * u128::from(per);
            prop_assert_eq!(parts(whole, old) + u128::from(rest), parts(shares, new));
            prop_assert!(rest < u64::from(old));
            let basis = Usd::from_picodollars(basis);
            let price = Price::from_microdollars(microdollars).unwrap();
            let exchanged = split.of_position(Position { shares, basis }, price).unwrap();
            prop_assert!(exchanged.basis <= basis && !exchanged.basis.is_negative());
            prop_assert!(exchanged.in_lieu <= price.times(1));
            let exact = price.times(1).picodollars() * i128::from(rest);
            let paid = exchanged.in_lieu.picodollars() * i128::from(old);
            prop_assert!(paid <= exact && exact - paid < i128::from(old));
        }
    }
}
