//! What the tickers of a brief are held against, where the question is whether they return more.

use std::{fmt, sync::Arc};

use assize_altdata::{PriceSeries, Ticker};
use futures_util::future::{FutureExt, Shared};
use tokio::sync::oneshot;

use crate::{Part, Shortfall, ShortfallKind, desk::Observed};

/// A benchmark and its prices as of the moment of the brief.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rival {
    pub(crate) ticker: Ticker,
    pub(crate) series: Arc<PriceSeries>,
}

/// The prices of a benchmark, or why there are none.
type Told = Result<Arc<PriceSeries>, (ShortfallKind, String)>;

/// A benchmark that is being fetched: all tickers wait for it.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    ticker: Ticker,
    series: Shared<oneshot::Receiver<Told>>,
}

/// Tells all who wait what is known of it.
#[derive(Debug)]
pub(crate) struct Herald(oneshot::Sender<Told>);

impl Herald {
    /// Tells what was seen of it; `why` says why nothing was.
    pub(crate) fn tell(self, observed: Option<&Observed>, why: Option<(ShortfallKind, String)>) {
        let seen = observed.filter(|observed| observed.newest().is_some());
        let seen = seen.map(|observed| Arc::new(observed.series.clone()));
        let none = || why.unwrap_or_else(|| (ShortfallKind::TooLittle, "none were known".to_owned()));
        // Who does not wait any more has been cancelled.
        let _ = self.0.send(seen.ok_or_else(none));
    }
}

impl Awaited {
    /// A benchmark, and who is to tell of it.
    pub(crate) fn new(ticker: Ticker) -> (Self, Herald) {
        let (tell, told) = oneshot::channel();
        (Self { ticker, series: told.shared() }, Herald(tell))
    }

    /// Waits for its prices, for a question about this ticker: none where that is the benchmark itself.
    ///
    /// # Errors
    /// What is missing where nothing is known of it.
    pub(crate) async fn of(&self, ticker: &Ticker) -> Result<Option<Rival>, Shortfall> {
        if self.ticker == *ticker {
            return Ok(None);
        }
        let told = self.series.clone().await;
        let told = told.unwrap_or_else(|_| Err((ShortfallKind::Failed, "nobody looked for them".to_owned())));
        match told {
            Ok(series) => Ok(Some(Rival { ticker: self.ticker.clone(), series })),
            Err((kind, why)) => {
                let detail =
                    format!("without prices of {} the question is whether it rises: {why}", self.ticker);
                Err(Shortfall::new(Part::Benchmark, kind, detail))
            }
        }
    }
}

impl Rival {
    /// Whether its newest close is older than that of the share, in words.
    pub(crate) fn is_behind(&self, share: &PriceSeries) -> Option<Shortfall> {
        let (own, other) = (self.series.last()?.bar.date, share.last()?.bar.date);
        (own < other).then(|| {
            let detail =
                format!("the newest close of {} is of {own}, that of the share of {other}", self.ticker);
            Shortfall::new(Part::Benchmark, ShortfallKind::Stale, detail)
        })
    }
}

/// What is asked of each ticker, in words.
pub(crate) struct Asked<'a>(pub(crate) Option<&'a Ticker>);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("whether it is worth more, dividends included"),
            Some(benchmark) => write!(f, "whether it returns more than {benchmark}, dividends included"),
        }
    }
}
