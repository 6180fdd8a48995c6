//! How far a chain can be trusted.

use std::collections::BTreeSet;

use super::chain::{Chain, Contract, as_f64, price};

/// Fewer contracts are too few for a distribution.
const FEW: usize = 20;
/// The largest share of contracts without a volatility, without a bid, crossed.
const MOST_WITHOUT_IV: f64 = 0.20;
const MOST_WITHOUT_BID: f64 = 0.50;
const MOST_CROSSED: f64 = 0.02;
/// The newest trade may be so many hours older than the quotes: a weekend with a holiday.
const STALE_HOURS: f64 = 96.0;
/// A chain read in the evening is so many hours older than its newest trade at most.
const LAGGING_HOURS: f64 = 8.0;

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum QualityFlag {
    /// The underlying has no price that can be one: no gamma exposure.
    NoSpot,
    /// Fewer than 20 live contracts: ratios rest on little.
    FewContracts,
    /// More than a fifth have no volatility: skew and rank are doubtful.
    MissingIv,
    /// More than 2 % have more bid than asked: the snapshot is torn, or stale.
    CrossedMarkets,
    /// For more than half nothing is bid: mids and premiums are doubtful.
    ZeroBids,
    /// No contract traded within 96 hours before the quotes, or no time of a trade is known.
    StaleTrades,
    /// The newest trade is more than 8 hours before the quotes: a chain of another session, or one read at night.
    OldQuotes,
    /// No open interest at all: it is published once a day, and not yet, or not here.
    NoOpenInterest,
    /// No volume at all: before the opening, or a holiday.
    NoVolume,
    /// Contracts that have expired were in the chain; they were passed over.
    Expired,
    /// Contracts were there twice; both were counted.
    Duplicates,
    /// Prices, volatilities or greeks that cannot be were there; they were taken for missing.
    ImpossibleValues,
    /// A trade lies after the quotes: one of the clocks is in another time zone.
    TradesInTheFuture,
    /// Adjusted contracts, whose deliverable is not 100 shares, were counted like the others.
    AdjustedContracts,
}

impl QualityFlag {
    /// Its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSpot => "no_spot",
            Self::FewContracts => "few_contracts",
            Self::MissingIv => "missing_iv",
            Self::CrossedMarkets => "crossed_markets",
            Self::ZeroBids => "zero_bids",
            Self::StaleTrades => "stale_trades",
            Self::OldQuotes => "old_quotes",
            Self::NoOpenInterest => "no_open_interest",
            Self::NoVolume => "no_volume",
            Self::Expired => "expired",
            Self::Duplicates => "duplicates",
            Self::ImpossibleValues => "impossible_values",
            Self::TradesInTheFuture => "trades_in_the_future",
            Self::AdjustedContracts => "adjusted_contracts",
        }
    }
}

/// The counts behind the flags.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quality {
    /// Contracts that have not expired.
    pub n_contracts: usize,
    /// Contracts that have, and were passed over.
    pub n_expired: usize,
    /// Contracts with the symbol of another.
    pub n_duplicates: usize,
    /// The share of live contracts without a volatility, 0 among them.
    pub missing_iv: f64,
    /// The share for which nothing is bid, though something is asked.
    pub zero_bids: f64,
    /// The share with neither bid nor ask.
    pub unquoted: f64,
    /// Contracts with more bid than asked.
    pub n_crossed: usize,
    /// Values that cannot be.
    pub n_impossible: usize,
    /// Hours from the newest trade to the quotes; negative if it is later than they are.
    pub newest_trade_hours: Option<f64>,
    /// What is wrong, in order.
    pub flags: BTreeSet<QualityFlag>,
}

impl Quality {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.flags.is_empty()
    }
}

/// Judges a chain.
#[must_use]
pub fn quality(chain: &Chain) -> Quality {
    let live: Vec<&Contract> = chain.live().collect();
    let count = |wrong: fn(&Contract) -> bool| live.iter().filter(|contract| wrong(contract)).count();
    let share = |n: usize| if live.is_empty() { 0.0 } else { as_f64(n as u64) / as_f64(live.len() as u64) };
    let symbols: BTreeSet<_> = live.iter().map(|contract| &contract.symbol).collect();
    let newest = live.iter().filter_map(|contract| contract.last_trade_at).max();
    let age = newest.map(|newest| {
        let seconds = chain.quoted_at.duration_since(newest).as_secs();
        f64::from(i32::try_from(seconds / 36).unwrap_or(i32::MAX)) / 100.0
    });
    let mut quality = Quality {
        n_contracts: live.len(),
        n_expired: chain.contracts.len() - live.len(),
        n_duplicates: live.len() - symbols.len(),
        missing_iv: share(count(|contract| contract.usable_iv().is_none())),
        zero_bids: share(count(|c| c.bid.is_some_and(|bid| bid.abs() < 1e-9) && price(c.ask).is_some())),
        unquoted: share(count(|c| price(c.bid).is_none() && price(c.ask).is_none())),
        n_crossed: count(Contract::is_crossed),
        n_impossible: live.iter().map(|contract| impossible(contract)).sum(),
        newest_trade_hours: age,
        flags: BTreeSet::new(),
    };
    let some =
        |of: fn(&Contract) -> Option<u64>| live.iter().any(|contract| of(contract).is_some_and(|n| n > 0));
    quality.flags = [
        (QualityFlag::NoSpot, chain.usable_spot().is_none()),
        (QualityFlag::FewContracts, live.len() < FEW),
        (QualityFlag::MissingIv, quality.missing_iv > MOST_WITHOUT_IV),
        (QualityFlag::CrossedMarkets, share(quality.n_crossed) > MOST_CROSSED),
        (QualityFlag::ZeroBids, quality.zero_bids > MOST_WITHOUT_BID),
        (QualityFlag::StaleTrades, age.is_none_or(|age| age > STALE_HOURS)),
        (QualityFlag::OldQuotes, age.is_some_and(|age| age > LAGGING_HOURS && age <= STALE_HOURS)),
        (QualityFlag::NoOpenInterest, !some(|contract| contract.open_interest)),
        (QualityFlag::NoVolume, !some(|contract| contract.volume)),
        (QualityFlag::Expired, quality.n_expired > 0),
        (QualityFlag::Duplicates, quality.n_duplicates > 0),
        (QualityFlag::ImpossibleValues, quality.n_impossible > 0),
        (QualityFlag::TradesInTheFuture, age.is_some_and(|age| age < 0.0)),
        (QualityFlag::AdjustedContracts, live.iter().any(|contract| contract.symbol.is_adjusted())),
    ]
    .into_iter()
    .filter_map(|(flag, applies)| applies.then_some(flag))
    .collect();
    quality
}

/// How many of a contract's values cannot be. A volatility of 0 is one that is missing.
fn impossible(contract: &Contract) -> usize {
    let prices = [contract.bid, contract.ask, contract.last];
    let bad_prices = prices.iter().filter(|value| value.is_some() && price(**value).is_none()).count();
    let bad_iv = contract.iv.is_some_and(|iv| !(0.0..=10.0).contains(&iv));
    let bad_delta = contract.delta.is_some() && contract.usable_delta().is_none();
    let bad_gamma = contract.gamma.is_some() && contract.usable_gamma().is_none();
    bad_prices + usize::from(bad_iv) + usize::from(bad_delta) + usize::from(bad_gamma)
}
