//! A chain: the quotes of all options on one underlying, at one instant.

use std::fmt;

use jiff::civil::{Date, DateTime};

use super::occ_symbol::OccSymbol;

/// To buy, or to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// To buy the underlying at the strike.
    Call,
    /// To sell it there.
    Put,
}

/// A strike in thousandths of a dollar, as its symbol has it: exact, and in order.
///
/// ```
/// use assize_signals::options::Strike;
///
/// assert_eq!(Strike::from_thousandths(52_500).to_string(), "52.5");
/// assert_eq!(Strike::from_dollars(52.5), Some(Strike::from_thousandths(52_500)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strike(u32);

impl Strike {
    /// The strike of so many thousandths of a dollar.
    #[must_use]
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths)
    }

    /// The nearest strike to so many dollars; none below 0 and from 100,000 on, which no symbol can hold.
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let thousandths = libm::round(dollars * 1_000.0);
        if !(0.0..100_000_000.0).contains(&thousandths) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
        let thousandths = thousandths as u32;
        Some(Self(thousandths))
    }

    /// In dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }

    /// In thousandths of a dollar.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dollars().fmt(f)
    }
}

/// An option and its quote. What the source does not say is `None`; what it says and cannot be (a price below 0, not a
/// number) is taken for not said, and counted by [`quality`](super::quality()).
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// What it is.
    pub symbol: OccSymbol,
    /// What is bid for a share, in dollars. 0 is a bid of nothing.
    pub bid: Option<f64>,
    /// What is asked for a share, in dollars.
    pub ask: Option<f64>,
    /// The price of the last trade, in dollars a share.
    pub last: Option<f64>,
    /// When that was, in the exchange's local time.
    pub last_trade_at: Option<DateTime>,
    /// Contracts traded this session.
    pub volume: Option<u64>,
    /// Contracts open after the session before.
    pub open_interest: Option<u64>,
    /// Implied volatility a year: 0.3 is 30 %. Vendors write 0 where they found none; it is read as such.
    pub iv: Option<f64>,
    /// From 0 to 1 for calls, −1 to 0 for puts.
    pub delta: Option<f64>,
    /// Delta per dollar of the underlying.
    pub gamma: Option<f64>,
    /// Shares that a contract is about: 100 but for adjusted contracts.
    pub multiplier: u32,
}

impl Contract {
    /// One of which nothing is known but what it is.
    #[must_use]
    pub const fn new(symbol: OccSymbol) -> Self {
        Self {
            symbol,
            bid: None,
            ask: None,
            last: None,
            last_trade_at: None,
            volume: None,
            open_interest: None,
            iv: None,
            delta: None,
            gamma: None,
            multiplier: 100,
        }
    }

    /// The implied volatility if it is one: above 0 and at most 1000 %.
    #[must_use]
    pub fn usable_iv(&self) -> Option<f64> {
        self.iv.filter(|iv| *iv > 0.0 && *iv <= 10.0)
    }

    /// The delta if it fits the right: from 0 to 1, negative for puts.
    #[must_use]
    pub fn usable_delta(&self) -> Option<f64> {
        self.delta.filter(|delta| match self.symbol.right {
            Right::Call => (0.0..=1.0).contains(delta),
            Right::Put => (-1.0..=0.0).contains(delta),
        })
    }

    /// The gamma if it can be one.
    #[must_use]
    pub fn usable_gamma(&self) -> Option<f64> {
        self.gamma.filter(|gamma| gamma.is_finite() && *gamma >= 0.0)
    }

    /// More is bid than asked.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        matches!((price(self.bid), price(self.ask)), (Some(bid), Some(ask)) if bid > ask)
    }

    /// Days from `date` to the expiry; negative if it is over.
    #[must_use]
    pub fn days_from(&self, date: Date) -> i32 {
        (self.symbol.expiry - date).get_days()
    }
}

/// A price if it can be one.
pub(super) fn price(price: Option<f64>) -> Option<f64> {
    price.filter(|price| price.is_finite() && *price >= 0.0)
}

/// The quotes of one underlying at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Its symbol.
    pub underlying: String,
    /// Its price in dollars.
    pub spot: f64,
    /// When it was quoted, in the **exchange's local time**: days to expiry are counted from this date, whatever day it is
    /// where the program runs, and in UTC. (Cboe's delayed chains carry UTC outside and Eastern time inside.)
    pub quoted_at: DateTime,
    /// The contracts, in any order.
    pub contracts: Vec<Contract>,
}

impl Chain {
    /// The price of the underlying if it can be one.
    #[must_use]
    pub fn usable_spot(&self) -> Option<f64> {
        Some(self.spot).filter(|spot| spot.is_finite() && *spot > 0.0)
    }

    /// The contracts that have not expired. On the day of expiry they have not.
    pub fn live(&self) -> impl Iterator<Item = &Contract> + Clone {
        let date = self.quoted_at.date();
        self.contracts.iter().filter(move |contract| contract.symbol.expiry >= date)
    }

    /// The expiries of live contracts, in order.
    #[must_use]
    pub fn expiries(&self) -> Vec<Date> {
        let mut expiries: Vec<Date> = self.live().map(|contract| contract.symbol.expiry).collect();
        expiries.sort_unstable();
        expiries.dedup();
        expiries
    }
}

/// A count as a number to compute with: exact up to 2^53, which no exchange trades.
#[expect(
    clippy::cast_precision_loss,
    reason = "contracts and rows, far below 2^53; beyond, the last digits do not matter"
)]
pub(super) const fn as_f64(count: u64) -> f64 {
    count as f64
}
