//! How a fetch is bounded.

use std::time::Duration;

/// In which order one host is asked for what several jobs want of it. What failed and is tried again goes first in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchOrder {
    /// Kind after kind, each for all tickers, and then what follows from the answers: a deadline cuts evenly.
    #[default]
    Evenly,
    /// Ticker after ticker, each with all that it needs: the first is complete long before the last, and a deadline leaves the
    /// last ones with less.
    ByTicker,
}

/// How a fetch is bounded, and in which order it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// For how long the whole fetch may run. What is not there then is a gap.
    pub deadline: Duration,
    /// For how long one attempt at one request may run before it is tried again, or given up.
    pub attempt: Duration,
    /// How many tickers' sources are asked at once, at least 1. Hosts have limits of their own beside it.
    pub concurrency: usize,
    /// In which order a host is asked.
    pub order: FetchOrder,
}

impl FetchPolicy {
    /// A deadline for the whole fetch, 15 seconds for an attempt, as many at once as there are, and evenly.
    #[must_use]
    pub fn within(deadline: Duration) -> Self {
        Self {
            deadline,
            attempt: Duration::from_secs(15),
            concurrency: usize::MAX,
            order: FetchOrder::default(),
        }
    }

    /// So long for an attempt.
    #[must_use]
    pub fn with_attempt(mut self, attempt: Duration) -> Self {
        self.attempt = attempt;
        self
    }

    /// So many at once; 0 counts as 1.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// In this order.
    #[must_use]
    pub fn in_order(mut self, order: FetchOrder) -> Self {
        self.order = order;
        self
    }
}
