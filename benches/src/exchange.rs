//! A desk in a market that is played: the sources that the program asks in a world, and what is made of their answers.

use std::{sync::Arc, time::Duration};

use assize_altdata::{AsOf, Fetcher, Source, Ticker};
use assize_ambient::{Clock, FixedClock, Seed};
use assize_loopback::{CompanyTruth, Exchange, SiteFaults};
use assize_pipeline::{BriefRequest, MorningBrief, Seating};
use assize_sources::{
    CboeChain, EdgarContact, EdgarFacts, EdgarFilings, EdgarTickers, FinraShortVolume, FredCsv, Gdelt,
    HackerNews, StockTwits, TreasuryYields, WikipediaPageviews, YahooChart,
};
use assize_transport::{RetryPolicy, ServiceTransport, Transport};
use jiff::civil::Date;

/// Who is listed, in the order in which they are asked for. Beyond them come symbols that nobody knows.
const LISTED: [&str; 24] = [
    "AAPL", "MSFT", "NVDA", "KO", "PEP", "JPM", "XOM", "JNJ", "PG", "WMT", "DIS", "IBM", "T", "PFE", "CVX",
    "META", "TSLA", "AMZN", "BA", "CAT", "GOOGL", "INTC", "ORCL", "BRK-B",
];

/// So many tickers, each once.
///
/// # Errors
/// A symbol that is none: then the bench is wrong.
pub fn tickers(n: usize) -> Result<Vec<Ticker>, String> {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or_default());
    let more = (0..n).map(|n| format!("Q{}{}{}", letter(n / 676), letter(n / 26), letter(n)));
    let all = LISTED.iter().map(|symbol| (*symbol).to_owned()).chain(more);
    all.take(n).map(|symbol| symbol.parse().map_err(|e| format!("name a ticker: {e}"))).collect()
}

/// A market, looked at in the evening of a day.
#[derive(Debug, Clone)]
pub struct ExchangeDesk {
    exchange: Exchange,
    clock: Arc<dyn Clock>,
    /// The day.
    pub as_of: AsOf,
}

impl ExchangeDesk {
    /// The market of a seed.
    #[must_use]
    pub fn open(seed: Seed, day: Date) -> Self {
        let as_of = AsOf::end_of_new_york_day(day);
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(as_of.moment()));
        Self { exchange: Exchange::new(seed, Arc::clone(&clock)), clock, as_of }
    }

    /// The same market on another day, with fresh books.
    #[must_use]
    pub fn on(&self, day: Date) -> Self {
        let as_of = AsOf::end_of_new_york_day(day);
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(as_of.moment()));
        let exchange = self.exchange.anew(Seed::new(0)).with_clock(Arc::clone(&clock));
        Self { exchange, clock, as_of }
    }

    /// The same with fresh books, and other chances of faults and of latency.
    #[must_use]
    pub fn anew(&self, chance: Seed) -> Self {
        Self { exchange: self.exchange.anew(chance), ..self.clone() }
    }

    /// The same, where each answer takes about this time.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { exchange: self.exchange.with_latency(latency), ..self }
    }

    /// The same, where this share of answers is faulty.
    ///
    /// # Errors
    /// Where it is no share.
    pub fn with_faults(self, share: f64) -> Result<Self, String> {
        let faults = SiteFaults::evenly(share).map_err(|e| e.to_string())?;
        Ok(Self { exchange: self.exchange.with_faults(faults), ..self })
    }

    /// What is true of a company within these days.
    #[must_use]
    pub fn company(&self, ticker: &Ticker, from: Date, to: Date) -> Option<CompanyTruth> {
        self.exchange.company(ticker.as_str(), from, to)
    }

    /// How many requests went over a limit, by the sites' own count.
    #[must_use]
    pub fn over_limit(&self) -> u64 {
        self.exchange.books().values().map(|host| host.violations).sum()
    }

    /// What carries requests to its sites.
    #[must_use]
    pub fn transport(&self) -> ServiceTransport<Exchange> {
        ServiceTransport::new(self.exchange.clone(), Arc::clone(&self.clock))
    }

    /// The clock of the day.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// A fetcher of all sources.
    #[must_use]
    pub fn fetcher(&self) -> Fetcher {
        self.fetcher_over(Arc::new(self.transport()))
    }

    /// A fetcher of all sources over another transport.
    #[must_use]
    pub fn fetcher_over(&self, transport: Arc<dyn Transport>) -> Fetcher {
        Fetcher::new(transport, sources(), self.clock())
            .with_retries(RetryPolicy::default(), Seed::new(0).child("sources"))
    }

    /// Briefs of this market.
    #[must_use]
    pub fn maker(&self, seating: impl Seating + 'static) -> MorningBrief {
        MorningBrief::new(self.fetcher(), seating, self.clock())
    }

    /// A brief of these tickers on this day.
    #[must_use]
    pub fn request(&self, tickers: &[Ticker]) -> BriefRequest {
        BriefRequest::new(tickers.iter().cloned(), self.as_of)
    }
}

/// Those that a brief asks in a world.
fn sources() -> Vec<Arc<dyn Source>> {
    let contact = || EdgarContact::new("Jane Doe", "jane@example.org");
    vec![
        Arc::new(YahooChart::new()),
        Arc::new(EdgarTickers::new(contact())),
        Arc::new(EdgarFilings::new(contact())),
        Arc::new(EdgarFacts::new(contact())),
        Arc::new(CboeChain::new()),
        Arc::new(Gdelt::new()),
        Arc::new(StockTwits::new()),
        Arc::new(HackerNews::new()),
        Arc::new(WikipediaPageviews::new()),
        Arc::new(FredCsv::new()),
        Arc::new(TreasuryYields::new()),
        Arc::new(FinraShortVolume::new()),
    ]
}
