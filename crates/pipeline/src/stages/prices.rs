//! Fetching the prices of a ticker.

use std::sync::Arc;

use assize_altdata::{AsOf, FetchPolicy, Fetched, Fetcher, Gap, GapReason, Ticker, TickerFetch};
use async_trait::async_trait;
use tokio::time::Instant;

use crate::{Availability, Part, Shortfall, ShortfallKind, Stage};

/// Asks the sources for what was known of a ticker.
#[derive(Debug)]
pub(crate) struct PriceStage {
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) as_of: AsOf,
    pub(crate) deadline: Instant,
}

#[async_trait]
impl Stage for PriceStage {
    type Input = ();
    type Output = TickerFetch;

    fn name(&self) -> &'static str {
        "prices"
    }

    async fn run(&self, ticker: &Ticker, (): ()) -> Availability<TickerFetch> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let fetched: Fetched =
            self.fetcher.fetch(std::slice::from_ref(ticker), self.as_of, FetchPolicy::within(left)).await;
        let Some(fetch) = fetched.by_ticker.into_iter().next() else {
            let shortfall = Shortfall::new(
                Part::Prices,
                ShortfallKind::Failed,
                "the fetch says nothing about this ticker",
            );
            return Availability::missing(shortfall);
        };
        // A fetch without items goes on all the same: its findings say what was wrong with the file.
        let shortfalls = fetch.gaps.iter().map(shortfall).collect();
        Availability::of(fetch, shortfalls)
    }
}

fn shortfall(gap: &Gap) -> Shortfall {
    let kind = match gap.reason {
        GapReason::NoSuchTicker | GapReason::NotFound | GapReason::NoSource | GapReason::Ambiguous => {
            ShortfallKind::Unknown
        }
        GapReason::Empty | GapReason::DoubtfulEmpty | GapReason::NothingYet => ShortfallKind::TooLittle,
        GapReason::Stale => ShortfallKind::Stale,
        GapReason::TimedOut => ShortfallKind::Deadline,
        GapReason::Failed | GapReason::Throttled(_) | GapReason::Blocked => ShortfallKind::Outside,
        _ => ShortfallKind::Unreadable,
    };
    Shortfall::new(Part::Prices, kind, gap.detail.clone())
}
