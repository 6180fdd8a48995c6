//! What fills cost and how large they may be.

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, MAX_SHARES, Price};

const BILLION: u128 = 1_000_000_000;
/// Picodollars in a microdollar, divided by a billion parts: microdollars times parts per billion are this many times too
/// many picodollars.
const PARTS_A_PICODOLLAR: u128 = 1_000;

/// The rules by which orders are filled. An account is opened with them and keeps them.
///
/// The defaults: five basis points and a tenth of the square of the share of the session's volume as slippage, at most 2.5 %
/// of the volume, the larger of one dollar and half a cent a share as commission, and five sessions before an order expires.
///
/// ```
/// use assize_portfolio::{ExecutionRules, Price};
///
/// let rules = ExecutionRules::default();
/// let open = Price::from_dollars(100.0)?;
/// // 1 % of the volume: 5 bp + 0.1 · 0.01² = 0.00051 of $100,000.
/// assert_eq!(rules.slippage(1_000, 100_000, open).to_string(), "51.00");
/// assert_eq!(rules.commission(1_000).to_string(), "5.00");
/// assert_eq!(rules.most_shares(100_000), 2_500);
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ExecutionRules {
    /// Slippage however small the order is, in parts per billion of its value.
    pub spread_ppb: u32,
    /// Slippage of an order as large as the session's volume, beyond the spread, in parts per billion; it goes with the square
    /// of the share.
    pub impact_ppb: u32,
    /// The largest share of the session's volume, in parts per million.
    pub participation_ppm: u32,
    /// Commission for a share.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub commission_per_share: Usd,
    /// The least commission for a fill.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub least_commission: Usd,
    /// In how many sessions an order is tried before it expires.
    pub patience: u32,
}

impl Default for ExecutionRules {
    fn default() -> Self {
        Self {
            spread_ppb: 500_000,
            impact_ppb: 100_000_000,
            participation_ppm: 25_000,
            commission_per_share: Usd::from_picodollars(5_000_000_000),
            least_commission: Usd::from_picodollars(1_000_000_000_000),
            patience: 5,
        }
    }
}

/// What a fill moves: the shares at the price of the open, and what it costs beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Costs {
    /// The shares at the price of the open.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub value: Usd,
    /// What the price was worse than that.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub slippage: Usd,
    /// The broker's.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub commission: Usd,
}

impl ExecutionRules {
    /// Refuses rules that make no sense.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for shares and rates of more than the whole, a commission of less than nothing or more than a
    /// million dollars, or no patience at all.
    pub fn check(&self) -> Result<(), Error> {
        let commission = Usd::ZERO..=Usd::from_picodollars(1_000_000_000_000_000_000);
        let sound = [
            ("spread_ppb", self.spread_ppb <= 1_000_000_000),
            ("impact_ppb", self.impact_ppb <= 1_000_000_000),
            ("participation_ppm", (1..=1_000_000).contains(&self.participation_ppm)),
            ("commission_per_share", commission.contains(&self.commission_per_share)),
            ("least_commission", commission.contains(&self.least_commission)),
            ("patience", self.patience > 0),
        ];
        match sound.into_iter().find(|(_, sound)| !sound) {
            Some((field, _)) => Err(ErrorKind::BadInput
                .error(format!("take over the rules of execution: `{field}` is out of range"))),
            None => Ok(()),
        }
    }

    /// The most shares of a session's volume, rounded down.
    #[must_use]
    pub fn most_shares(&self, volume: u64) -> u64 {
        let most = u128::from(volume) * u128::from(self.participation_ppm) / 1_000_000;
        u64::try_from(most).unwrap_or(u64::MAX)
    }

    /// Slippage in parts per billion of the value, rounded up, for at most the volume and [`MAX_SHARES`].
    fn slippage_ppb(&self, shares: u64, volume: u64) -> u128 {
        let (shares, volume) = (u128::from(shares.min(volume).min(MAX_SHARES)), u128::from(volume.max(1)));
        let impact = (u128::from(self.impact_ppb) * shares * shares).div_ceil(volume * volume);
        u128::from(self.spread_ppb) + impact.min(BILLION)
    }

    /// How much worse than the open so many shares of a session's volume are filled, in all, rounded up to a picodollar.
    #[must_use]
    pub fn slippage(&self, shares: u64, volume: u64, open: Price) -> Usd {
        let microdollars = u128::from(open.microdollars()) * u128::from(shares);
        let picodollars =
            microdollars.saturating_mul(self.slippage_ppb(shares, volume)).div_ceil(PARTS_A_PICODOLLAR);
        Usd::from_picodollars(i128::try_from(picodollars).unwrap_or(i128::MAX))
    }

    /// The commission for a fill of so many shares.
    #[must_use]
    pub fn commission(&self, shares: u64) -> Usd {
        self.commission_per_share.checked_mul(shares).unwrap_or(Usd::MAX).max(self.least_commission)
    }

    /// What a fill of so many shares of a session's volume moves.
    #[must_use]
    pub fn costs(&self, shares: u64, volume: u64, open: Price) -> Costs {
        Costs {
            value: open.times(shares),
            slippage: self.slippage(shares, volume, open),
            commission: self.commission(shares),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slippage() {
        let rules = ExecutionRules::default();
        for (shares, volume, open, slippage) in [
            // 5 bp of $10.
            (1, 1_000_000_000, 10_000_000, "0.00500001"),
            // At the limit: 5 bp + 0.1 · 0.025² = 0.0005625.
            (25_000, 1_000_000, 10_000_000, "140.625"),
            // A share of one in three: 0.1 / 9, rounded up to a billionth.
            (1, 3, 1_000_000, "0.011611112"),
            // The least price: a picodollar is the least that it can cost.
            (1, u64::MAX, 1, "0.000000000501"),
        ] {
            let open = Price::from_microdollars(open).unwrap();
            assert_eq!(
                rules.slippage(shares, volume, open),
                slippage.parse().unwrap(),
                "{shares} of {volume}"
            );
        }
    }

    #[test]
    fn commission() {
        let rules = ExecutionRules::default();
        for (shares, commission) in [(1, "1"), (200, "1"), (201, "1.005"), (10_000, "50")] {
            assert_eq!(rules.commission(shares), commission.parse().unwrap(), "{shares}");
        }
    }

    #[test]
    fn rules_that_make_no_sense() {
        let rules = ExecutionRules::default();
        rules.check().unwrap();
        for wrong in [
            ExecutionRules { spread_ppb: 1_000_000_001, ..rules.clone() },
            ExecutionRules { impact_ppb: u32::MAX, ..rules.clone() },
            ExecutionRules { participation_ppm: 0, ..rules.clone() },
            ExecutionRules { participation_ppm: 1_000_001, ..rules.clone() },
            ExecutionRules { commission_per_share: Usd::MIN, ..rules.clone() },
            ExecutionRules { least_commission: Usd::MAX, ..rules.clone() },
            ExecutionRules { patience: 0, ..rules.clone() },
        ] {
            assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::BadInput, "{wrong:?}");
        }
    }

    proptest! {
        /// Whatever is traded, the next share never makes it cheaper, so that what cash allows can be searched by halves.
        #[test]
        fn costs_never_fall(
            volume in 1_u64..=MAX_SHARES, shares in 1_u64..MAX_SHARES,
            microdollars in 1_u64..=100_000_000_000_000,
        ) {
            let (rules, open) = (ExecutionRules::default(), Price::from_microdollars(microdollars).unwrap());
            let (fewer, more) = (rules.costs(shares, volume, open), rules.costs(shares + 1, volume, open));
            prop_assert!(more.value > fewer.value);
            prop_assert!(more.slippage >= fewer.slippage && more.commission >= fewer.commission);
        }
    }
}
