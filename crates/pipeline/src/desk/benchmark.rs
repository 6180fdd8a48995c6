//! What an account is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use assize_altdata::Ticker;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::Quotes;

/// What an account is held against. Both are bought when the account begins, and held, dividends reinvested and without costs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Benchmark {
    /// All tickers of the brief that had a price then, as much of each.
    #[default]
    EqualWeight,
    /// One ticker, such as that of a fund which follows an index. A brief then asks of each ticker whether it returns more.
    Ticker(Ticker),
}

impl Benchmark {
    /// The ticker, if it is one.
    #[must_use]
    pub const fn ticker(&self) -> Option<&Ticker> {
        match self {
            Self::Ticker(ticker) => Some(ticker),
            Self::EqualWeight => None,
        }
    }
}

impl fmt::Display for Benchmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EqualWeight => f.write_str("all tickers, as much of each"),
            Self::Ticker(ticker) => ticker.fmt(f),
        }
    }
}

impl Serialize for Benchmark {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// What became of 1.0 that was put into a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Levels(BTreeMap<Date, f64>);

impl Levels {
    /// From the close of `start` on; `None` if nothing of it had a price then.
    pub(super) fn of(benchmark: &Benchmark, asked: &[&Ticker], quotes: &Quotes, start: Date) -> Option<Self> {
        let tickers = match benchmark {
            Benchmark::EqualWeight => asked.to_vec(),
            Benchmark::Ticker(ticker) => vec![ticker],
        };
        let gains: Vec<BTreeMap<Date, f64>> =
            tickers.into_iter().filter_map(|ticker| gains(ticker, quotes, start)).collect();
        let dates: BTreeSet<Date> = gains.iter().flat_map(|gains| gains.keys().copied()).collect();
        let level = |date: Date| {
            let newest = gains.iter().filter_map(|gains| gains.range(..=date).next_back());
            newest.fold(0.0, |sum, (_, gain)| sum + gain) / count(gains.len())
        };
        (!gains.is_empty()).then(|| Self(dates.into_iter().map(|date| (date, level(date))).collect()))
    }

    pub(super) fn on(&self, date: Date) -> Option<f64> {
        self.0.get(&date).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Date, f64)> {
        self.0.iter().map(|(date, level)| (*date, *level))
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are far fewer tickers")]
fn count(n: usize) -> f64 {
    n as f64
}

/// What became of 1.0 of a ticker from the close of `start` on, or from the newest one before it.
fn gains(ticker: &Ticker, quotes: &Quotes, start: Date) -> Option<BTreeMap<Date, f64>> {
    let bars = quotes.get(ticker)?.series.bars();
    let base = bars.iter().rev().find(|bar| bar.bar.date <= start)?.adjusted_close;
    let since = bars.iter().filter(|bar| bar.bar.date > start);
    let since = since.map(|bar| (bar.bar.date, bar.adjusted_close / base));
    Some(std::iter::once((start, 1.0)).chain(since).collect())
}
