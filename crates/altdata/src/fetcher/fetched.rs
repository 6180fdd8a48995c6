//! What a fetch brought, and how it went.

use std::time::Duration;

use assize_ambient::Timestamp;

use super::health::SourceHealth;
use crate::{EvidenceId, Finding, Gap, Item, Removed, SourceId, Ticker};

/// How many of the items that the as-of cut took away are listed for one ticker; [`TickerFetch::removed`] counts all.
pub const REMOVED_LISTED: usize = 50;

/// What a fetch brought: for each ticker what was found, and how the fetch went.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// One for each ticker asked for, in that order, each once.
    pub by_ticker: Vec<TickerFetch>,
    /// Sources that there are and that were not asked, and why.
    pub not_asked: Vec<NotAsked>,
    /// How each source has fared by now, in the order of sources. For the record of the run.
    pub health: Vec<SourceHealth>,
    /// When it began. For the record of the run, not for its decision.
    pub started_at: Timestamp,
    /// How long it took. For the record of the run.
    pub elapsed: Duration,
}

/// How a fetch went, beside what it brought.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRecord {
    /// Sources that there are and that were not asked, and why.
    pub not_asked: Vec<NotAsked>,
    /// How each source has fared by now, in the order of sources. For the record of the run.
    pub health: Vec<SourceHealth>,
    /// When it began. For the record of the run, not for its decision.
    pub started_at: Timestamp,
    /// How long it took. For the record of the run.
    pub elapsed: Duration,
}

impl FetchRecord {
    /// The record with what the fetch brought.
    #[must_use]
    pub fn with(self, by_ticker: Vec<TickerFetch>) -> Fetched {
        let Self { not_asked, health, started_at, elapsed } = self;
        Fetched { by_ticker, not_asked, health, started_at, elapsed }
    }
}

/// What a fetch brought for one ticker.
#[derive(Clone, Debug, PartialEq)]
pub struct TickerFetch {
    /// The ticker.
    pub ticker: Ticker,
    /// What was known as of the moment, in the order in which it became known, each once.
    pub items: Vec<Item>,
    /// What was wrong in what was read, as far as it could be noticed then.
    pub findings: Vec<Finding>,
    /// What is missing, in the order of sources.
    pub gaps: Vec<Gap>,
    /// Which items the as-of cut took away. For the record of the run.
    pub removed: Removed,
    /// The first [`REMOVED_LISTED`] of them, in the order in which they became known. For the record of the run.
    pub removed_items: Vec<RemovedItem>,
    /// Which findings the as-of cut took away. For the record of the run.
    pub removed_findings: Removed,
    /// Those of them that have no date at all, such as rows whose date can't be read with no later row behind them: when
    /// they were known can't be said. For the record of the run, not for its decision.
    pub undated: Vec<Finding>,
    /// Requests sent for it: one that several tickers share counts for the first of them. For the record of the run.
    pub requests: u64,
    /// From the start of the fetch to this ticker's last answer. For the record of the run.
    pub elapsed: Duration,
}

/// An item that was there and was not known yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovedItem {
    /// When it was known at the latest.
    pub known_by: Timestamp,
    /// Who said so.
    pub source: SourceId,
    /// What it was: see [`ItemKind::as_str`](crate::ItemKind::as_str).
    pub kind: &'static str,
    /// Its name.
    pub id: EvidenceId,
}

impl RemovedItem {
    pub(super) fn of(item: &Item) -> Self {
        let known_by = item.available_at.latest;
        Self { known_by, source: item.source.clone(), kind: item.kind.as_str(), id: item.id }
    }
}

/// A source that was not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked {
    /// Which.
    pub source: SourceId,
    /// Why, and what to do: a lower-case fragment.
    pub why: String,
}

impl Fetched {
    /// What was brought for `ticker`.
    #[must_use]
    pub fn get(&self, ticker: &Ticker) -> Option<&TickerFetch> {
        self.by_ticker.iter().find(|fetch| &fetch.ticker == ticker)
    }

    /// All requests sent.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.by_ticker.iter().map(|fetch| fetch.requests).sum()
    }

    /// All items that the as-of cut took away.
    #[must_use]
    pub fn removed(&self) -> Removed {
        let mut all = Removed::default();
        self.by_ticker.iter().for_each(|fetch| all.add(&fetch.removed));
        all
    }
}
