//! The market's half of the world: whoever publishes something about companies, as one service.

mod attention;
mod calendar;
mod chain;
mod company;
mod desk;
mod economy;
mod filing;
mod insider;
mod json;
mod market;
mod market_truth;
mod number;
mod path;
mod post;
mod request;
mod short_sale;
mod site;
mod site_books;
mod site_fault;
mod site_page;
mod statement;
mod story;
mod wire;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use assize_ambient::{Clock, Seed, Timestamp};
use bytes::Bytes;
use http::{Request, Response};
use jiff::civil::Date;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use self::{
    desk::{Answer, Asked, Content, Desk},
    market::Market,
    site_books::{Admission, Shared},
    site_page::Page,
};
pub use self::{
    market_truth::{
        BarTruth, CompanyTruth, ExchangeTruth, FilingTruth, ItemKind, ItemTruth, JumpTruth, QuarterTruth,
        TradeTruth, ValueTruth,
    },
    site::Site,
    site_books::{Came, HostTruth, Seen},
    site_fault::{SiteFault, SiteFaults},
};
use crate::{Body, Error, Limit};

/// Who is listed unless told otherwise.
const USUAL: [&str; 24] = [
    "AAPL", "AMZN", "BA", "BRK-B", "CAT", "CVX", "DIS", "GOOGL", "IBM", "INTC", "JNJ", "JPM", "KO", "META",
    "MSFT", "NVDA", "ORCL", "PEP", "PFE", "PG", "T", "TSLA", "WMT", "XOM",
];
/// How late an answer comes that stalls.
const STALL: Duration = Duration::from_secs(20);

/// A market, and the sites that tell of it: a [`Service`] that takes the requests that a reader of those sites would send,
/// and answers in their formats.
///
/// Any symbol has a company with a name, a number at the SEC, prices from 1998 to 2030, reports, insiders, options, and
/// people who read and write about it; those that are listed are in the SEC's list, and found by their names. What is
/// answered depends on the seed, the request and the clock alone: only what is public at the clock's moment is there. Some
/// prices jump. Before they do, a story breaks in several papers; and at times insiders bought, or somebody dealt in
/// options. The [`ExchangeTruth`] tells which.
///
/// Which site is asked says the host of the request's address (in process), its `host` header, or a path that begins with
/// `/host/` and the host's name (over TCP). Newspapers have names that end in `.example`.
///
/// The limits of the sites are enforced: what goes over them gets a 429 and is counted. What goes wrong otherwise depends
/// on how often the same request passed before. Clones share their books.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::{FixedClock, Seed};
/// use assize_loopback::Exchange;
/// use bytes::Bytes;
/// use tower_service::Service;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let clock = Arc::new(FixedClock::new("2026-03-02T21:30:00Z".parse()?));
/// let mut exchange = Exchange::new(Seed::new(7), clock).with_tickers(&["KO", "PEP"]);
/// let url = "https://query2.finance.yahoo.com/v8/finance/chart/KO?interval=1d";
/// let response = exchange.call(http::Request::get(url).body(Bytes::new())?).await?;
/// assert_eq!(response.status(), 200);
///
/// let truth = exchange.truth("2026-01-01".parse()?, "2026-03-02".parse()?);
/// assert_eq!(truth.companies["KO"].bars.last().map(|bar| bar.date.to_string()), Some("2026-03-02".to_owned()));
/// assert_eq!(truth.hosts["finance.yahoo.com"].violations, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Exchange {
    market: Arc<Market>,
    clock: Arc<dyn Clock>,
    /// Where the chance of faults and of latency starts.
    chance: Seed,
    latency: Duration,
    books: Shared,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("seed", &self.market.seed).finish_non_exhaustive()
    }
}

impl Exchange {
    /// A market of some two dozen well-known symbols, whose sites answer at once and without faults, each within its own
    /// [limit](Site::limit). Its companies are invented, whatever their symbols.
    #[must_use]
    pub fn new(seed: Seed, clock: Arc<dyn Clock>) -> Self {
        Self {
            market: Arc::new(Market::new(seed, &USUAL)),
            clock,
            chance: seed.child("exchange"),
            latency: Duration::ZERO,
            books: Shared::new(),
        }
    }

    /// The same with these symbols listed, and no others. What is no symbol is left out.
    #[must_use]
    pub fn with_tickers(self, symbols: &[&str]) -> Self {
        Self { market: Arc::new(Market::new(self.market.seed, symbols)), ..self }
    }

    /// The same market, limits and rates of faults with fresh books, and other chances of faults and of latency. What was
    /// computed of the companies is shared, so that many runs cost little more than one.
    #[must_use]
    pub fn anew(&self, chance: Seed) -> Self {
        Self { chance, books: self.books.fresh(), ..self.clone() }
    }

    /// The same market at another clock: another day, or the virtual time of another runtime.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The same, where each answer takes about this time: half as much to half as much again.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// The same with these faults.
    #[must_use]
    pub fn with_faults(self, faults: SiteFaults) -> Self {
        self.books.lock().faults = faults;
        self
    }

    /// The same with another limit for each host of a site.
    #[must_use]
    pub fn with_limit(self, site: Site, limit: Limit) -> Self {
        self.books.lock().set_limit(site, limit, Instant::now());
        self
    }

    /// The books, and the truth about the listed companies within these days, both included. It tells the future as well.
    #[must_use]
    pub fn truth(&self, from: Date, to: Date) -> ExchangeTruth {
        market_truth::truth(&self.market, self.books.lock().truth(), from, to)
    }

    /// The truth about the company of a symbol, listed or not; `None` for what is no symbol.
    #[must_use]
    pub fn company(&self, symbol: &str, from: Date, to: Date) -> Option<CompanyTruth> {
        Some(market_truth::company(&*self.market.data(symbol)?, from, to))
    }

    /// The books alone, by host.
    #[must_use]
    pub fn books(&self) -> std::collections::BTreeMap<String, HostTruth> {
        self.books.lock().truth()
    }

    /// Whether a request is one for the exchange: whether it names a host that is played.
    #[must_use]
    pub fn plays<B>(request: &Request<B>) -> bool {
        request::host(request).is_some_and(|(host, _)| Site::of_host(&host).is_some())
    }

    async fn respond(self, request: Request<Bytes>) -> Result<Response<Body>, Error> {
        let Some(asked) = request::read(&request) else { return Ok(Page::unknown_host().response()) };
        let (budget, digest) = (asked.site.budget(&asked.host), request::digest(&asked));
        let what = request::shown(&asked);
        let now = Instant::now();
        let admission = self.books.lock().admit(asked.site, &budget, digest, now);
        let times = match admission {
            Admission::Passed { times } => times,
            Admission::OverLimit { wait } => {
                let page = Page::over_limit(asked.site, wait);
                let seen = Seen::new(what, Duration::ZERO, Came::OverLimit, page.wait());
                self.books.lock().note(&budget, now, seen);
                return Ok(page.response());
            }
        };
        let seed = self.chance.child(&request::hex(&digest)).child(&format!("call {times}"));
        let faults = self.books.lock().faults.clone();
        let fault = faults.draw(asked.site, &mut seed.child("fault").rng());
        let (page, cut) = self.page(&asked, fault, seed);
        let mut took = self.latency.mul_f64(0.5 + seed.child("latency").rng().unit());
        if fault == Some(SiteFault::Stall) {
            took += STALL;
        }
        let came = match fault {
            Some(fault) => Came::Faulty(fault),
            None if page.is_missing() => Came::Missing,
            None => Came::Served,
        };
        self.books.lock().note(&budget, now, Seen::new(what, took, came, page.wait()));
        if took > Duration::ZERO {
            sleep(took).await;
        }
        Ok(if cut { page.cut() } else { page.response() })
    }

    /// What is answered, and whether it breaks off.
    fn page(&self, asked: &Asked, fault: Option<SiteFault>, seed: Seed) -> (Page, bool) {
        match fault {
            Some(SiteFault::Throttled) => {
                let wait = Duration::from_secs(1 + seed.child("wait").rng().below(5) as u64);
                return (Page::throttled(asked.site, Some(wait)), false);
            }
            Some(SiteFault::ThrottledSilently) => return (Page::throttled(asked.site, None), false),
            Some(SiteFault::Down) => return (Page::down(), false),
            Some(SiteFault::SecBlock) => return (Page::sec_block(), false),
            Some(SiteFault::GdeltText) => return (Page::gdelt_text(), false),
            Some(SiteFault::GdeltEmpty) => return (Page::gdelt_empty(), false),
            _ => {}
        }
        let desk = Desk { market: &self.market, now: self.now(), fault };
        let Some(answer) = desk.answer(asked) else { return (Page::missing(asked), false) };
        let Answer { status, content_type, content } = answer;
        let text = match content {
            Content::Json(json) if fault == Some(SiteFault::NewFields) => json.with_news().to_string(),
            Content::Json(json) => json.to_string(),
            Content::Text(text) => text,
        };
        (Page::new(status, content_type, text), fault == Some(SiteFault::CutBody))
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Service<Request<Bytes>> for Exchange {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().respond(request))
    }
}
