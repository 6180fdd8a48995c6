//! What those who wait for a run are told.

use std::{fmt, sync::Arc, time::Duration};

use assize_altdata::{FetchEvent, Ticker};

/// What those who wait for a run are told.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress {
    /// Something happened in the fetch that all tickers share.
    Fetching(FetchEvent),
    /// A stage begins: it has its place among those that work.
    Began {
        /// The ticker.
        ticker: Ticker,
        /// The stage.
        stage: &'static str,
        /// How long it waited for its place.
        waited: Duration,
    },
    /// A stage ended, or never had its turn.
    Ended {
        /// The ticker.
        ticker: Ticker,
        /// The stage.
        stage: &'static str,
        /// How long it worked.
        took: Duration,
    },
}

type Tell = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Where progress is told.
#[derive(Clone, Default)]
pub(crate) struct Reporter(Option<Tell>);

impl Reporter {
    pub(crate) fn new(tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, progress: &Progress) {
        if let Some(tell) = &self.0 {
            tell(progress);
        }
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reporter").field(&self.0.is_some()).finish()
    }
}
