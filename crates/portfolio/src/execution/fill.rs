//! How much of an order is filled in a session.

use std::fmt;

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use crate::{Costs, ExecutionRules, Quote, Side};

/// What kept an order from being filled whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The session has no price of it.
    NoQuote,
    /// Nobody says how many shares were traded, so that no share of them is known to be small enough.
    VolumeUnknown,
    /// More would be too large a share of what was traded.
    Participation,
    /// Cash does not allow more.
    Cash,
    /// No more are held: a split that became known late has left fewer than were to be sold.
    NotHeld,
}

/// In words that follow "because".
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoQuote => "the session has no price",
            Self::VolumeUnknown => "the session's volume is not known",
            Self::Participation => "more would be too large a share of the session's volume",
            Self::Cash => "cash does not allow more",
            Self::NotHeld => "no more shares are held",
        })
    }
}

/// What came of trying to fill an order in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Some of it, or all, was filled.
    Filled {
        /// How many shares.
        shares: u64,
        /// At what cost.
        costs: Costs,
        /// Why not all of them; `None` if all were.
        limit: Option<Limit>,
    },
    /// Nothing was.
    Nothing(Limit),
}

/// Tries to fill `wanted` shares at the open of a session, with so much cash.
///
/// A purchase is cut to what cash pays for, costs included; so is a sale whose costs are more than what it brings, as far as
/// cash does not cover the difference.
///
/// ```
/// use assize_portfolio::{Attempt, ExecutionRules, Limit, Price, Quote, Side, fill};
///
/// let open = Price::from_dollars(50.0)?;
/// let quote = Quote { open, close: open, volume: Some(10_000) };
/// let rules = ExecutionRules::default();
/// let attempt = fill(&rules, Side::Buy, 1_000, Some(&quote), "100000".parse().expect("an amount"));
/// let Attempt::Filled { shares, limit, .. } = attempt else { panic!("nothing") };
/// assert_eq!((shares, limit), (250, Some(Limit::Participation)));
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
#[must_use]
pub fn fill(rules: &ExecutionRules, side: Side, wanted: u64, quote: Option<&Quote>, cash: Usd) -> Attempt {
    let Some(quote) = quote else { return Attempt::Nothing(Limit::NoQuote) };
    let Some(volume) = quote.volume else { return Attempt::Nothing(Limit::VolumeUnknown) };
    let fitting = wanted.min(rules.most_shares(volume));
    if fitting == 0 {
        return Attempt::Nothing(Limit::Participation);
    }
    let affordable = |shares: u64| {
        let Costs { value, slippage, commission } = rules.costs(shares, volume, quote.open);
        let costs = slippage.checked_add(commission)?;
        let after = match side {
            Side::Buy => cash.checked_sub(value)?.checked_sub(costs)?,
            Side::Sell => cash.checked_add(value)?.checked_sub(costs)?,
        };
        (!after.is_negative()).then_some(())
    };
    let shares = largest(fitting, |shares| affordable(shares).is_some());
    if shares == 0 {
        return Attempt::Nothing(Limit::Cash);
    }
    let limit = match shares {
        _ if shares < fitting => Some(Limit::Cash),
        _ if shares < wanted => Some(Limit::Participation),
        _ => None,
    };
    Attempt::Filled { shares, costs: rules.costs(shares, volume, quote.open), limit }
}

/// The largest number up to `most` for which `allowed` holds, found by halves; zero if it holds for none that was tried.
/// Numbers below an allowed one are taken to be allowed.
fn largest(most: u64, allowed: impl Fn(u64) -> bool) -> u64 {
    if allowed(most) {
        return most;
    }
    let (mut yes, mut no) = (0, most);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if allowed(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    yes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Price;

    fn quote(microdollars: u64, volume: Option<u64>) -> Quote {
        let open = Price::from_microdollars(microdollars).unwrap();
        Quote { open, close: open, volume }
    }

    #[test]
    fn limits() {
        let rules = ExecutionRules::default();
        let cash = |text: &str| text.parse::<Usd>().unwrap();
        let dollar = 1_000_000;
        for (side, wanted, quote, money, expected) in [
            (Side::Buy, 10, None, "1000", Err(Limit::NoQuote)),
            (Side::Buy, 10, Some(quote(dollar, None)), "1000", Err(Limit::VolumeUnknown)),
            (Side::Buy, 10, Some(quote(dollar, Some(39))), "1000", Err(Limit::Participation)),
            (Side::Buy, 10, Some(quote(dollar, Some(40))), "1000", Ok((1, Some(Limit::Participation)))),
            (Side::Buy, 10, Some(quote(dollar, Some(400))), "1000", Ok((10, None))),
            // Four shares cost $4, a commission of $1 and slippage of 0.0005 + 0.1 · 0.01² of $4.
            (Side::Buy, 10, Some(quote(dollar, Some(400))), "5.00204", Ok((4, Some(Limit::Cash)))),
            (Side::Buy, 10, Some(quote(dollar, Some(400))), "5.002039999999", Ok((3, Some(Limit::Cash)))),
            (Side::Buy, 10, Some(quote(dollar, Some(400))), "1", Err(Limit::Cash)),
            (Side::Sell, 10, Some(quote(dollar, Some(400))), "0", Ok((10, None))),
            // A share that is not worth its commission is sold only if cash covers the rest.
            (Side::Sell, 1, Some(quote(dollar / 2, Some(400))), "0.5", Err(Limit::Cash)),
            (Side::Sell, 1, Some(quote(dollar / 2, Some(400))), "0.51", Ok((1, None))),
        ] {
            let found = match fill(&rules, side, wanted, quote.as_ref(), cash(money)) {
                Attempt::Filled { shares, limit, .. } => Ok((shares, limit)),
                Attempt::Nothing(limit) => Err(limit),
            };
            assert_eq!(found, expected, "{side} {wanted} at {quote:?} with {money}");
        }
    }

    proptest! {
        /// What is filled can be paid for, and one share more could not be, where cash is said to be why.
        #[test]
        fn cash_is_used_and_never_overdrawn(
            wanted in 1_u64..=1_000_000, volume in 0_u64..=100_000_000,
            microdollars in 1_u64..=1_000_000_000, cents in 0_i128..=1_000_000_000,
        ) {
            let rules = ExecutionRules::default();
            let quote = quote(microdollars, Some(volume));
            let cash = Usd::from_picodollars(cents * 10_000_000_000);
            let total = |shares| {
                let costs = rules.costs(shares, volume, quote.open);
                Usd::checked_sum([costs.value, costs.slippage, costs.commission]).unwrap()
            };
            match fill(&rules, Side::Buy, wanted, Some(&quote), cash) {
                Attempt::Filled { shares, limit, .. } => {
                    prop_assert!((1..=wanted).contains(&shares) && shares * 40 <= volume && total(shares) <= cash);
                    match limit {
                        Some(Limit::Cash) => prop_assert!(total(shares + 1) > cash),
                        Some(_) => prop_assert!((shares + 1) * 40 > volume),
                        None => prop_assert_eq!(shares, wanted),
                    }
                }
                Attempt::Nothing(Limit::Cash) => prop_assert!(total(1) > cash),
                Attempt::Nothing(limit) => {
                    prop_assert_eq!(limit, Limit::Participation);
                    prop_assert!(volume < 40);
                }
            }
        }
    }
}
