//! The strike at which the holders of open options would get least.

use jiff::civil::Date;

use super::chain::{Chain, Right, Strike, as_f64};

/// The max pain of an expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaxPain {
    /// The expiry.
    pub expiry: Date,
    /// The strike with the least payout; of several the lowest.
    pub strike: Strike,
    /// What the holders would get if the underlying ended there, in dollars.
    pub payout: f64,
    /// Whether another strike has the same payout, to within a millionth.
    pub is_tied: bool,
}

/// The max pain of the contracts that expire on `expiry`, over the strikes that are listed; none without open interest.
#[must_use]
pub fn max_pain(chain: &Chain, expiry: Date) -> Option<MaxPain> {
    let contracts: Vec<_> = chain.live().filter(|contract| contract.symbol.expiry == expiry).collect();
    let open: Vec<(Right, f64, f64)> = contracts
        .iter()
        .filter_map(|contract| {
            let shares =
                as_f64(contract.open_interest.filter(|open| *open > 0)?) * f64::from(contract.multiplier);
            Some((contract.symbol.right, contract.symbol.strike.dollars(), shares))
        })
        .collect();
    if open.is_empty() {
        return None;
    }
    let mut strikes: Vec<Strike> = contracts.iter().map(|contract| contract.symbol.strike).collect();
    strikes.sort_unstable();
    strikes.dedup();
    let payouts: Vec<(Strike, f64)> =
        strikes.into_iter().map(|strike| (strike, payout(&open, strike.dollars()))).collect();
    let (strike, payout) = payouts.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let close = |other: &&(Strike, f64)| (other.1 - payout).abs() <= payout.abs() * 1e-6;
    Some(MaxPain { expiry, strike, payout, is_tied: payouts.iter().filter(close).count() > 1 })
}

fn payout(open: &[(Right, f64, f64)], settled: f64) -> f64 {
    let each = |&(right, strike, shares): &(Right, f64, f64)| match right {
        Right::Call => shares * (settled - strike).max(0.0),
        Right::Put => shares * (strike - settled).max(0.0),
    };
    open.iter().map(each).sum()
}
