//! How a fetch is bounded.

use std::time::Duration;

/// How a fetch is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// For how long the whole fetch may run. What is not there then is a gap.
    pub deadline: Duration,
    /// For how long one attempt at one request may run before it is tried again, or given up.
    pub attempt: Duration,
    /// How many tickers' sources are asked at once, at least 1. Hosts have limits of their own beside it.
    pub concurrency: usize,
}

impl FetchPolicy {
    /// A deadline for the whole fetch, 15 seconds for an attempt, and as many at once as there are.
    #[must_use]
    pub fn within(deadline: Duration) -> Self {
        Self { deadline, attempt: Duration::from_secs(15), concurrency: usize::MAX }
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
}
