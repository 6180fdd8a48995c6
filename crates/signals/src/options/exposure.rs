//! Gamma exposure: how many dollars of the underlying dealers would have to trade when it moves by 1 %.

use jiff::civil::Date;

use super::chain::{Chain, Contract, Right, as_f64};

/// The flip is looked for between these shares of the spot, in so many steps.
const RANGE: (f64, f64) = (0.7, 1.3);
const STEPS: u32 = 60;

/// Gamma exposure of a chain.
///
/// **It assumes** that dealers hold every open call and are short every open put: calls count positive, puts negative. With a
/// positive sum they would buy falls and sell rises, with a negative one the reverse. Nobody publishes who holds what.
#[derive(Debug, Clone, PartialEq)]
pub struct GammaExposure {
    /// Dollars of delta per move of the underlying by 1 %, over all contracts.
    pub total: f64,
    /// That of calls, 0 or more.
    pub calls: f64,
    /// That of puts, 0 or less.
    pub puts: f64,
    /// The sum per expiry, in order.
    pub by_expiry: Vec<(Date, f64)>,
    /// The price of the underlying nearest to the spot, from 70 % to 130 % of it, at which the sum changes its sign, with
    /// gammas by Black-Scholes from the quoted volatilities, without rate and yield. None if it does not, or none are quoted.
    pub flip: Option<f64>,
    /// Contracts with open interest, but no gamma: what is missing from the sum.
    pub n_missing: usize,
}

/// Σ ± gamma · OI · multiplier · S² · 0.01 over the contracts that have not expired. None without a spot, or without any
/// contract that has gamma and open interest.
#[must_use]
pub fn gamma_exposure(chain: &Chain) -> Option<GammaExposure> {
    let spot = chain.usable_spot()?;
    let (mut calls, mut puts, mut n_missing, mut n) = (0.0, 0.0, 0, 0_u32);
    let mut by_expiry: Vec<(Date, f64)> = chain.expiries().into_iter().map(|expiry| (expiry, 0.0)).collect();
    for contract in chain.live() {
        let Some(shares) = open_shares(contract) else { continue };
        let Some(gamma) = contract.usable_gamma() else {
            n_missing += 1;
            continue;
        };
        n += 1;
        let dollars = signed(contract, gamma * shares * spot * spot * 0.01);
        match contract.symbol.right {
            Right::Call => calls += dollars,
            Right::Put => puts += dollars,
        }
        if let Ok(at) = by_expiry.binary_search_by_key(&contract.symbol.expiry, |(expiry, _)| *expiry) {
            by_expiry[at].1 += dollars;
        }
    }
    (n > 0).then(|| GammaExposure {
        total: calls + puts,
        calls,
        puts,
        by_expiry,
        flip: flip(chain, spot),
        n_missing,
    })
}

/// The shares that a contract's open interest is about, if there is any.
fn open_shares(contract: &Contract) -> Option<f64> {
    let open = contract.open_interest.filter(|open| *open > 0)?;
    Some(as_f64(open) * f64::from(contract.multiplier))
}

fn signed(contract: &Contract, dollars: f64) -> f64 {
    match contract.symbol.right {
        Right::Call => dollars,
        Right::Put => -dollars,
    }
}

/// What of a contract does not change with the spot: its signed shares, the logarithm of its strike, σ√T.
struct Position {
    shares: f64,
    log_strike: f64,
    spread: f64,
}

fn flip(chain: &Chain, spot: f64) -> Option<f64> {
    let date = chain.quoted_at.date();
    let position = |contract: &Contract| {
        // On its last day an option has half a day left.
        let years = f64::from(contract.days_from(date)).max(0.5) / 365.0;
        Some(Position {
            shares: signed(contract, open_shares(contract)?),
            log_strike: libm::log(contract.symbol.strike.dollars().max(1e-3)),
            spread: contract.usable_iv()? * years.sqrt(),
        })
    };
    let positions: Vec<Position> = chain.live().filter_map(position).collect();
    // Gamma is density(d1) / (S·σ√T); what all have in common does not move the flip.
    let at = |spot: f64| -> f64 {
        let log_spot = libm::log(spot);
        let of = |Position { shares, log_strike, spread }: &Position| {
            let d1 = (log_spot - log_strike) / spread + spread / 2.0;
            shares * libm::exp(-d1 * d1 / 2.0) / spread
        };
        positions.iter().map(of).sum()
    };
    let step = |n: u32| spot * (RANGE.0 + (RANGE.1 - RANGE.0) * f64::from(n) / f64::from(STEPS));
    let values: Vec<(f64, f64)> = (0..=STEPS).map(|n| (step(n), at(step(n)))).collect();
    let crossings = values.windows(2).filter(|pair| pair[0].1 * pair[1].1 < 0.0);
    let found = crossings.map(|pair| bisect(&at, pair[0], pair[1].0));
    found.min_by(|a, b| (a - spot).abs().total_cmp(&(b - spot).abs()))
}

fn bisect(at: &dyn Fn(f64) -> f64, (mut low, sign): (f64, f64), mut high: f64) -> f64 {
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if at(middle) * sign > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
