//! Contracts that trade more than they should.

use super::chain::{Chain, Contract, as_f64, price};

/// A contract that trades unusually much.
#[derive(Debug, Clone, PartialEq)]
pub struct Unusual<'a> {
    /// Which.
    pub contract: &'a Contract,
    /// Contracts traded this session by those open after the session before.
    pub ratio: f64,
}

/// The contracts with volume > 500, open interest > 100, last price > 0.10 and a ratio of at least 1.25: Barchart's rule for
/// US stocks. The highest ratio first, then by symbol.
#[must_use]
pub fn unusual(chain: &Chain) -> Vec<Unusual<'_>> {
    let mut found: Vec<Unusual<'_>> = chain.live().filter_map(judged).collect();
    found.sort_by(|a, b| b.ratio.total_cmp(&a.ratio).then_with(|| a.contract.symbol.cmp(&b.contract.symbol)));
    found
}

fn judged(contract: &Contract) -> Option<Unusual<'_>> {
    let (volume, open, last) = (contract.volume?, contract.open_interest?, price(contract.last)?);
    let ratio = as_f64(volume) / as_f64(open);
    (volume > 500 && open > 100 && last > 0.10 && ratio >= 1.25).then_some(Unusual { contract, ratio })
}
