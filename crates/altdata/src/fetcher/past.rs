//! What the sources have of the past: asked for once, and looked back upon from one moment after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::Answers;
use super::gather::gather;
use super::{FetchPolicy, FetchRecord, Fetcher, REMOVED_LISTED, RemovedItem, TickerFetch};
use crate::{AsOf, Item, Known as _, Removed, Source, Ticker};

/// What all sources answered about some tickers at one moment, before any cut. As of an earlier moment it is what was known
/// then, as if it had been fetched with that cut.
///
/// What a source answers only for the days before it is asked, such as the newest posts, is not there of earlier days: then
/// it is missing, as of then, and the gap says so.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_altdata::{FetchPolicy, Fetcher};
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::FileTransport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
/// let transport = FileTransport::new(std::env::temp_dir(), clock.clone())?;
/// let (ko, to) = ("KO".parse()?, "1998-03-02".parse()?);
/// let fetcher = Fetcher::new(Arc::new(transport), Vec::new(), clock);
/// let past = runtime.block_on(fetcher.fetch_past(&[ko], to, FetchPolicy::within(Duration::from_secs(5))));
/// assert!(past.as_of(&"KO".parse()?, "1998-02-27".parse()?).is_some_and(|fetch| fetch.items.is_empty()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Past {
    by_ticker: BTreeMap<Ticker, Vec<Answers>>,
    sources: Vec<Arc<dyn Source>>,
    record: FetchRecord,
    to: AsOf,
}

impl Fetcher {
    /// Fetches all `tickers` as [`fetch`](Self::fetch) does as of `to`, to be cut at earlier moments.
    pub async fn fetch_past(&self, tickers: &[Ticker], to: AsOf, policy: FetchPolicy) -> Past {
        let mut by_ticker = BTreeMap::new();
        let record = self
            .ask_all(tickers, to, policy, |_, ticker, answers| {
                by_ticker.insert(ticker.clone(), answers.into_values().collect());
            })
            .await;
        Past { by_ticker, sources: self.sources.clone(), record, to }
    }
}

impl Past {
    /// What was known about a ticker as of a moment, or as of [`to`](Self::to), if that is earlier; `None` if it was not
    /// asked for.
    #[must_use]
    pub fn as_of(&self, ticker: &Ticker, as_of: AsOf) -> Option<TickerFetch> {
        let as_of = as_of.not_after(self.to.moment());
        let answers = self.by_ticker.get(ticker)?;
        let known = answers.iter().map(|answers| Answers {
            items: answers.items.known(&as_of).into(),
            findings: answers.findings.clone(),
            gaps: answers.gaps.clone(),
            requests: answers.requests,
            elapsed: answers.elapsed,
        });
        let mut fetch = gather(ticker, known, &self.sources, as_of);
        let mut removed = Removed::default();
        let items = answers.iter().flat_map(|answers| answers.items.iter());
        for item in items.filter(|item| !as_of.knows(*item)) {
            removed.count(item.known_by());
            fetch.removed_items.push(RemovedItem::of(item));
        }
        fetch.removed = removed;
        fetch.removed_items.sort();
        fetch.removed_items.dedup();
        fetch.removed_items.truncate(REMOVED_LISTED);
        Some(fetch)
    }

    /// The tickers that were asked for.
    pub fn tickers(&self) -> impl ExactSizeIterator<Item = &Ticker> {
        self.by_ticker.keys()
    }

    /// All items, before any cut: what they say may be of the future. The economy's figures, which are there once for all
    /// tickers, name any one of them.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.by_ticker.values().flatten().flat_map(|answers| answers.items.iter())
    }

    /// The sources that were asked.
    #[must_use]
    pub fn sources(&self) -> &[Arc<dyn Source>] {
        &self.sources
    }

    /// The moment beyond which nothing is known.
    #[must_use]
    pub const fn to(&self) -> AsOf {
        self.to
    }

    /// How the fetch went.
    #[must_use]
    pub const fn record(&self) -> &FetchRecord {
        &self.record
    }
}
