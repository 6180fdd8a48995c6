//! Option chains as their figures.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, OptionChain, OptionQuote, OptionRight, Ticker, new_york};
use assize_debate::Evidence;
use assize_signals::options::{
    Chain, Contract, OccSymbol, OptionsReport, Right, Strike, analyse, premium_of,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{OPTION_CHAIN, grand, line};

const MOST: usize = 25;

/// The data of a chain: its figures, of `assize_signals::options`. Premiums are dollars.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainData {
    pub(crate) quoted_on: Date,
    /// Contracts that have not expired.
    pub(crate) contracts: usize,
    pub(crate) call_volume: u64,
    pub(crate) put_volume: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) put_call_by_volume: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) put_call_by_open_interest: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skew: Option<f64>,
    #[serde(default)]
    pub(crate) is_skew_suspect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) iv_30_days: Option<f64>,
    /// Contracts that trade unusually much.
    pub(crate) unusual: usize,
    pub(crate) unusual_call_premium: f64,
    pub(crate) unusual_put_premium: f64,
    pub(crate) premium: f64,
    /// Of contracts above 250,000 dollars.
    pub(crate) large_call_premium: f64,
    pub(crate) large_put_premium: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) concentration: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gamma_exposure: Option<f64>,
    /// What is wrong with the quotes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) flags: Vec<String>,
}

pub(super) fn evidence(known: &[&Item], _: &AsOf) -> Vec<Evidence> {
    let mut days: BTreeMap<_, (&Item, &OptionChain)> = BTreeMap::new();
    for item in known {
        let ItemKind::Options(chain) = &item.kind else { continue };
        let key = (new_york::date(chain.quoted_at), item.ticker.as_str());
        let newer =
            days.get(&key).is_none_or(|(other, old)| (old.quoted_at, other.id) < (chain.quoted_at, item.id));
        if newer {
            days.insert(key, (item, chain));
        }
    }
    days.values().rev().take(MOST).map(|(item, chain)| of(item, chain)).collect()
}

/// A chain as it is quoted, in the form that its figures are computed from: times in New York's, and without contracts whose
/// strike no symbol can hold. An unknown spot is not a number.
#[must_use]
pub fn chain_of(ticker: &Ticker, chain: &OptionChain) -> Chain {
    Chain {
        underlying: ticker.as_str().to_owned(),
        spot: chain.spot.unwrap_or(f64::NAN),
        quoted_at: new_york::wall(chain.quoted_at),
        contracts: chain.contracts.iter().filter_map(contract).collect(),
    }
}

fn of(item: &Item, chain: &OptionChain) -> Evidence {
    let chain = chain_of(&item.ticker, chain);
    let report = analyse(&chain);
    let data = figures(&chain, &report);
    let known = |what: &str, value: Option<f64>| value.map(|value| format!("; {what} {value:.3}"));
    let said = [
        known("put-call ratio by volume", data.put_call_by_volume),
        known("by open interest", data.put_call_by_open_interest),
        known("skew at 25 delta", data.skew),
        known("volatility at the money, 30 days", data.iv_30_days),
        data.gamma_exposure.map(|gamma| format!("; gamma exposure {} USD a per cent", grand(gamma.round()))),
        (data.unusual > 0).then(|| {
            let names: Vec<String> =
                report.unusual.iter().take(3).map(|found| found.contract.symbol.to_string()).collect();
            format!("; {} contracts trade unusually much, most {}", data.unusual, names.join(", "))
        }),
        (!data.flags.is_empty()).then(|| format!("; doubtful: {}", data.flags.join(", "))),
    ];
    let text = format!(
        "{} options on {}: {} contracts, {} calls and {} puts traded, premium {} USD{}",
        item.ticker,
        data.quoted_on,
        data.contracts,
        data.call_volume,
        data.put_volume,
        grand(data.premium.round()),
        said.into_iter().flatten().collect::<String>()
    );
    line(item, OPTION_CHAIN, item.ticker.as_str(), &text, data)
}

fn figures(chain: &Chain, report: &OptionsReport<'_>) -> ChainData {
    let mut data = ChainData {
        quoted_on: chain.quoted_at.date(),
        contracts: report.quality.n_contracts,
        call_volume: report.put_call.call_volume,
        put_volume: report.put_call.put_volume,
        put_call_by_volume: report.put_call.by_volume,
        put_call_by_open_interest: report.put_call.by_open_interest,
        skew: report.skew.map(|skew| skew.skew),
        is_skew_suspect: report.skew.is_some_and(|skew| skew.is_suspect),
        iv_30_days: report.at_the_money.map(|money| money.iv),
        unusual: report.unusual.len(),
        premium: report.premium.total,
        concentration: report.premium.concentration,
        gamma_exposure: report.gamma.as_ref().map(|gamma| gamma.total),
        flags: report.quality.flags.iter().map(|flag| flag.name().to_owned()).collect(),
        ..ChainData::default()
    };
    for contract in report.unusual.iter().map(|found| found.contract) {
        let dollars = premium_of(contract).unwrap_or(0.0);
        match contract.symbol.right {
            Right::Call => data.unusual_call_premium += dollars,
            Right::Put => data.unusual_put_premium += dollars,
        }
    }
    for large in &report.premium.large {
        match large.contract.symbol.right {
            Right::Call => data.large_call_premium += large.dollars,
            Right::Put => data.large_put_premium += large.dollars,
        }
    }
    data
}

/// A quote as the metrics read it; one whose strike no symbol can hold is left out.
fn contract(quote: &OptionQuote) -> Option<Contract> {
    let symbol = quote.symbol.parse::<OccSymbol>().ok().or_else(|| {
        Some(OccSymbol {
            root: quote.symbol.chars().take_while(char::is_ascii_alphabetic).collect::<String>().into(),
            expiry: quote.expiry,
            right: match quote.right {
                OptionRight::Call => Right::Call,
                OptionRight::Put => Right::Put,
            },
            strike: Strike::from_dollars(quote.strike)?,
        })
    })?;
    Some(Contract {
        bid: quote.bid,
        ask: quote.ask,
        last: quote.last,
        last_trade_at: quote.last_at,
        volume: quote.volume.and_then(count),
        open_interest: quote.open_interest.and_then(count),
        iv: quote.implied_volatility,
        delta: quote.delta,
        gamma: quote.gamma,
        ..Contract::new(symbol)
    })
}

/// A count of contracts, if it can be one.
fn count(value: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..1e15).contains(&value).then_some(value.round() as u64)
}
