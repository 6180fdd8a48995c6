//! The same brief on one day after the other of the past, and what became of the money.

mod report;
mod schedule;

use std::sync::Arc;

use assize_altdata::{AsOf, FetchPolicy, Fetcher, Past, Ticker};
use assize_ambient::Clock;
use assize_journal::MemoryJournal;
use assize_metering::Usd;
use jiff::civil::Date;

pub use self::{
    report::{BACKTEST_FORMAT_VERSION, BacktestDay, BacktestReport, BacktestTicker, DrawdownPoint},
    schedule::Every,
};
use crate::{
    Blindfold, BriefRequest, DeskSettings, Error, MorningBrief, PaperDesk, Seating, TickerBrief,
    desk::{Observed, Outcome, Quotes},
};

/// More briefs than this in one test are refused.
const MOST_BRIEFS: usize = 10_000;

/// A test over the past.
///
/// On each day the brief is the one that would have been made then, by the same code: it sees what was known at the end of
/// that day in New York, its orders are filled at the next open at the earliest, and its desk remembers what it knew then.
///
/// ```
/// use assize_pipeline::{Backtest, BriefRequest, DeskSettings, Every};
/// use jiff::civil::date;
///
/// let to = "2019-12-31".parse()?;
/// let request = BriefRequest::new(["KO".parse()?, "PEP".parse()?], to);
/// let settings = DeskSettings::with_capital("100000".parse()?);
/// let backtest = Backtest::new(request, date(2019, 1, 2), "2w".parse()?, settings);
/// assert_eq!(backtest.every, Every::weeks(2)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Backtest {
    /// The brief: its as-of date is the end of the test.
    pub brief: BriefRequest,
    /// The first day.
    pub from: Date,
    /// How often a brief is made.
    pub every: Every,
    /// How its desk works; its benchmark is shown beside the account.
    pub desk: DeskSettings,
    /// What keeps from debaters which company it is, and when.
    pub blindfold: Option<Arc<Blindfold>>,
}

impl Backtest {
    /// A test of this brief, from a day until the brief's as-of date.
    #[must_use]
    pub const fn new(brief: BriefRequest, from: Date, every: Every, desk: DeskSettings) -> Self {
        Self { brief, from, every, desk, blindfold: None }
    }

    /// The same, with debaters who are not told which company it is, and when. Models are to be
    /// [blinded](crate::BlindModel) with the same.
    #[must_use]
    pub fn blindfolded(mut self, blindfold: Arc<Blindfold>) -> Self {
        self.blindfold = Some(blindfold);
        self
    }

    /// The tickers whose past it needs: those of the brief, and that of the benchmark.
    #[must_use]
    pub fn tickers(&self) -> Vec<Ticker> {
        let mut tickers = self.brief.tickers.clone();
        for ticker in [self.desk.benchmark.ticker(), self.brief.benchmark.as_ref()].into_iter().flatten() {
            if !tickers.contains(ticker) {
                tickers.push(ticker.clone());
            }
        }
        tickers
    }

    /// Fetches the past, once for all days.
    pub async fn fetch(&self, fetcher: &Fetcher, policy: FetchPolicy) -> Past {
        fetcher.fetch_past(&self.tickers(), self.brief.as_of, policy).await
    }

    /// Makes the briefs, one after the other, and tells of each.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for a request that makes no sense, and where there is no day to
    /// make a brief on.
    pub async fn run(
        &self,
        past: Arc<Past>,
        seating: impl Seating + 'static,
        clock: Arc<dyn Clock>,
        mut tell: impl FnMut(&BacktestDay),
    ) -> Result<BacktestReport, Error> {
        let to = self.brief.as_of.not_after(clock.now());
        let quotes = self.quotes(&past, to);
        let days = self.every.days(self.from, to.date(), &quotes);
        if days.is_empty() || days.len() > MOST_BRIEFS {
            let message = format!(
                "test from {} to {}, every {}: that is {} briefs, and it takes 1 to {MOST_BRIEFS}",
                self.from,
                self.brief.as_of,
                self.every,
                days.len()
            );
            return Err(Error::bad_request(message));
        }
        let mut maker = MorningBrief::of_past(past, seating, clock);
        if let Some(blindfold) = &self.blindfold {
            maker = maker.blindfolded(Arc::clone(blindfold));
        }
        let name = "backtest".parse().map_err(|cause| Error::of_journal("name the account", cause))?;
        let mut desk = PaperDesk::open(&MemoryJournal::default(), &name, self.desk.clone()).await?;
        let (mut told, mut cost) = (Vec::with_capacity(days.len()), Usd::ZERO);
        for day in days {
            let as_of = AsOf::end_of_new_york_day(day);
            let request = BriefRequest { as_of, ..self.brief.clone() };
            let (brief, _) = maker.run_at(&mut desk, &request).await?;
            cost = cost.checked_add(brief.cost).unwrap_or(Usd::MAX);
            let day = BacktestDay::of(brief);
            tell(&day);
            told.push(day);
        }
        let tickers: Vec<TickerBrief> = self.brief.tickers.iter().map(TickerBrief::blank).collect();
        let horizon = self.brief.horizon_sessions;
        let rival = self.brief.benchmark.clone().or_else(|| self.desk.benchmark.ticker().cloned());
        let benchmark = rival.as_ref();
        let end =
            desk.close(Outcome { tickers: &tickers, quotes: &quotes, as_of: to, horizon, benchmark }).await?;
        Ok(BacktestReport::of(self, told, end, cost))
    }

    fn quotes(&self, past: &Past, to: AsOf) -> Quotes {
        let mut quotes = Quotes::default();
        for ticker in self.tickers() {
            if let Some(fetch) = past.as_of(&ticker, to) {
                quotes.insert(ticker, Observed::of(&fetch, &to));
            }
        }
        quotes
    }
}
