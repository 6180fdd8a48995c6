//! Where the money of a session went.

use super::chain::{Chain, Contract, Right, as_f64, price};

/// A contract with more premium than this, in dollars, is flagged.
pub const LARGE_PREMIUM: f64 = 250_000.0;

/// The premium of one contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Premium<'a> {
    /// Which.
    pub contract: &'a Contract,
    /// Dollars.
    pub dollars: f64,
    /// As a share of all premium of the chain.
    pub share: f64,
}

/// Premium over a chain. What was bought and what was sold is not told apart: no tape, no sweep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PremiumFlow<'a> {
    /// Dollars over all contracts.
    pub total: f64,
    /// Dollars of calls.
    pub calls: f64,
    /// Dollars of puts.
    pub puts: f64,
    /// The contracts above [`LARGE_PREMIUM`], the largest first.
    pub large: Vec<Premium<'a>>,
    /// The share of the largest contract; none without premium.
    pub top_share: Option<f64>,
    /// The sum of the squares of all shares (Herfindahl): 1 if one contract has all, 1/n if n have the same.
    pub concentration: Option<f64>,
    /// Contracts that were traded, without a price to count them at.
    pub n_unpriced: usize,
}

/// volume × multiplier × mid, in dollars. If nothing is bid, or more than is asked, the mid is no price: then the lesser of
/// last and ask is taken, or the one that there is. None without volume or price.
#[must_use]
pub fn premium_of(contract: &Contract) -> Option<f64> {
    let (bid, ask) = (price(contract.bid), price(contract.ask));
    let last = price(contract.last).filter(|last| *last > 0.0);
    let each = match (bid, ask) {
        (Some(bid), Some(ask)) if bid > 0.0 && bid <= ask => f64::midpoint(bid, ask),
        (_, Some(ask)) if ask > 0.0 => last.map_or(ask, |last| last.min(ask)),
        _ => last?,
    };
    Some(as_f64(contract.volume?) * f64::from(contract.multiplier) * each)
}

/// Where the premium of a chain went.
#[must_use]
pub fn premium_flow(chain: &Chain) -> PremiumFlow<'_> {
    let traded = chain.live().filter(|contract| contract.volume.is_some_and(|volume| volume > 0));
    let mut flow = PremiumFlow::default();
    let mut priced = Vec::new();
    for contract in traded {
        let Some(dollars) = premium_of(contract) else {
            flow.n_unpriced += 1;
            continue;
        };
        flow.total += dollars;
        match contract.symbol.right {
            Right::Call => flow.calls += dollars,
            Right::Put => flow.puts += dollars,
        }
        priced.push(Premium { contract, dollars, share: 0.0 });
    }
    if flow.total <= 0.0 {
        return flow;
    }
    for premium in &mut priced {
        premium.share = premium.dollars / flow.total;
    }
    priced.sort_by(|a, b| {
        b.dollars.total_cmp(&a.dollars).then_with(|| a.contract.symbol.cmp(&b.contract.symbol))
    });
    flow.top_share = priced.first().map(|premium| premium.share);
    flow.concentration = Some(priced.iter().map(|premium| premium.share * premium.share).sum());
    priced.retain(|premium| premium.dollars > LARGE_PREMIUM);
    flow.large = priced;
    flow
}
