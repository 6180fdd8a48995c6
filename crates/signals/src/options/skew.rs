//! How much dearer puts are than calls as far from the money.

use jiff::civil::Date;

use super::chain::{Chain, Contract, Right};

/// The skew's expiry is the nearest to so many days.
const AIM_DAYS: i32 = 30;
/// An expiry sooner than this is not looked at.
const MIN_DAYS: i32 = 7;
/// A skew beyond this is rather bad data than fear.
const SUSPECT: f64 = 0.30;

/// The skew at a delta of 25.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skew {
    /// The expiry that it was taken from.
    pub expiry: Date,
    /// Days to it from the quote's date.
    pub days: i32,
    /// The implied volatility of a put with delta −0.25.
    pub put_iv: f64,
    /// That of a call with delta 0.25.
    pub call_iv: f64,
    /// The first less the second: positive where falls are feared.
    pub skew: f64,
    /// Whether it is beyond 0.30, or one of the quotes that it rests on is crossed or without a bid.
    pub is_suspect: bool,
}

/// The skew at the expiry nearest to 30 days (the sooner of two) that is at least 7 days away. None if there is no such
/// expiry, or none whose deltas reach 0.25 from both sides: nothing is extrapolated. Contracts without a volatility (0 is
/// none) or a delta are dropped.
#[must_use]
pub fn skew(chain: &Chain) -> Option<Skew> {
    let date = chain.quoted_at.date();
    let days_to = |expiry: Date| (expiry - date).get_days();
    let expiries = chain.expiries().into_iter().filter(|expiry| days_to(*expiry) >= MIN_DAYS);
    let expiry = expiries.min_by_key(|expiry| (days_to(*expiry) - AIM_DAYS).abs())?;
    let (put_iv, of_puts) = at_quarter(chain, expiry, Right::Put)?;
    let (call_iv, of_calls) = at_quarter(chain, expiry, Right::Call)?;
    let skew = put_iv - call_iv;
    let is_suspect = skew.abs() > SUSPECT || of_puts || of_calls;
    Some(Skew { expiry, days: days_to(expiry), put_iv, call_iv, skew, is_suspect })
}

/// The volatility at a delta of a quarter, linear between the two nearest, and whether one of their quotes is doubtful.
fn at_quarter(chain: &Chain, expiry: Date, right: Right) -> Option<(f64, bool)> {
    let contracts = chain.live().filter(|c| c.symbol.expiry == expiry && c.symbol.right == right);
    let points = contracts.filter_map(|c| Some((c.usable_delta()?.abs(), c.usable_iv()?, is_doubtful(c))));
    let mut below: Option<(f64, f64, bool)> = None;
    let mut above: Option<(f64, f64, bool)> = None;
    for point in points {
        if point.0 <= 0.25 && below.is_none_or(|known| point.0 > known.0) {
            below = Some(point);
        }
        if point.0 >= 0.25 && above.is_none_or(|known| point.0 < known.0) {
            above = Some(point);
        }
    }
    let (below, above) = (below?, above?);
    let width = above.0 - below.0;
    let part = if width > 0.0 { (0.25 - below.0) / width } else { 0.0 };
    Some((below.1 + part * (above.1 - below.1), below.2 || above.2))
}

fn is_doubtful(contract: &Contract) -> bool {
    contract.is_crossed() || contract.bid.is_some_and(|bid| bid <= 0.0)
}
