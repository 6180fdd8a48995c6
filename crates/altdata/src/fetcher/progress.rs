//! What a fetch tells while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{SourceId, Ticker};

/// Something that happened in a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchEvent {
    /// It began: so many answers are wanted, one for each ticker at each source.
    Began {
        /// How many.
        wanted: usize,
    },
    /// A request was sent.
    Sent {
        /// To which source.
        source: SourceId,
        /// Which attempt at it, from 1.
        attempt: u32,
    },
    /// A request failed and will be tried again.
    Retrying {
        /// At which source.
        source: SourceId,
        /// After so long.
        after: Duration,
        /// Why.
        why: &'static str,
    },
    /// A host refused us, and is left alone.
    LeftAlone {
        /// Which.
        host: String,
        /// For so long.
        wait: Duration,
    },
    /// A source has answered for a ticker, or won't.
    Answered {
        /// For which ticker.
        ticker: Ticker,
        /// Which source.
        source: SourceId,
        /// Items that it brought, before the as-of cut.
        items: usize,
        /// Gaps that it left.
        gaps: usize,
    },
}

/// Who is told. Called on the way: it must not wait.
#[derive(Clone)]
pub(super) struct Watcher(pub(super) Arc<dyn Fn(&FetchEvent) + Send + Sync>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
