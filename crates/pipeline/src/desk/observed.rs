//! What a brief has seen of prices, and which source said what.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Item, PriceSeries, SourceId, Ticker, TickerFetch};
use assize_portfolio::{Price, PriceHistory, Prices};
use jiff::civil::Date;

/// What was seen of one ticker.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observed {
    pub(crate) series: PriceSeries,
    bars: Vec<Item>,
    /// Who said each thing, by its id.
    sources: BTreeMap<String, SourceId>,
}

impl Observed {
    pub(crate) fn of(fetch: &TickerFetch, as_of: &AsOf) -> Self {
        let (bars, others): (Vec<&Item>, Vec<&Item>) =
            fetch.items.iter().filter(|item| as_of.knows(*item)).partition(|item| item.as_bar().is_some());
        let bars: Vec<Item> = bars.into_iter().cloned().collect();
        let series = PriceSeries::build(&bars, as_of);
        // Of two copies the one that was known first stands, as in the evidence.
        let mut sources = BTreeMap::new();
        for item in bars.iter().chain(others) {
            sources.entry(item.id.to_string()).or_insert_with(|| item.source.clone());
        }
        Self { series, bars, sources }
    }

    /// The close of the newest session.
    pub(crate) fn newest_close(&self) -> Option<Price> {
        self.series.last().and_then(|bar| Price::from_dollars(bar.bar.close).ok())
    }

    pub(crate) fn history(&self, ticker: &Ticker) -> PriceHistory {
        PriceHistory::of(ticker, &self.bars)
    }

    /// Who said a piece of evidence.
    pub(crate) fn source_of(&self, id: &str) -> Option<&SourceId> {
        self.sources.get(id)
    }

    /// The newest session.
    pub(crate) fn newest(&self) -> Option<Date> {
        self.series.last().map(|bar| bar.bar.date)
    }
}

/// What was seen of all tickers, those that nobody asked about included.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Quotes(BTreeMap<Ticker, Observed>);

impl Quotes {
    pub(crate) fn insert(&mut self, ticker: Ticker, observed: Observed) {
        self.0.insert(ticker, observed);
    }

    pub(crate) fn get(&self, ticker: &Ticker) -> Option<&Observed> {
        self.0.get(ticker)
    }

    pub(crate) fn series(&self) -> impl Iterator<Item = &PriceSeries> {
        self.0.values().map(|observed| &observed.series)
    }

    /// The newest session of any of them.
    pub(crate) fn newest_session(&self) -> Option<Date> {
        self.0.values().filter_map(Observed::newest).max()
    }

    /// The newest sessions of these tickers, where they are older than this one.
    pub(crate) fn older_than(&self, session: Date, tickers: &BTreeSet<Ticker>) -> BTreeMap<Ticker, Date> {
        let newest = tickers.iter().filter_map(|ticker| Some((ticker.clone(), self.get(ticker)?.newest()?)));
        newest.filter(|(_, newest)| *newest < session).collect()
    }

    /// The prices that forecasts are held against.
    pub(crate) fn histories(&self) -> Prices {
        let histories = self.0.iter().map(|(ticker, observed)| observed.history(ticker));
        histories.fold(Prices::new(), Prices::with)
    }
}
