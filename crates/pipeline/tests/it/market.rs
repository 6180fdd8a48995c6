//! A desk in a market that is played: sites for all parts of a brief, each of which can be down.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use assize_altdata::{Fetcher, Source};
use assize_ambient::{Clock, FixedClock, Seed, Timestamp};
use assize_loopback::{Exchange, HostTruth};
use assize_pipeline::{MorningBrief, Seating};
use assize_sources::{
    CboeChain, EdgarContact, EdgarFilings, EdgarTickers, HackerNews, WikipediaPageviews, YahooChart,
};
use assize_transport::{Error, Headers, RawResponse, Request, ServiceTransport, Transport};
use async_trait::async_trait;

/// The day that briefs in this market look back from.
pub(crate) const AS_OF: &str = "2026-03-06";
pub(crate) const PRICES: &str = "query2.finance.yahoo.com";
pub(crate) const OPTIONS: &str = "cdn.cboe.com";
pub(crate) const ATTENTION: &str = "wikimedia.org";

fn now() -> Timestamp {
    "2026-03-07T12:00:00Z".parse().expect("a moment")
}

/// What goes wrong with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Down,
    /// It never answers.
    Silent,
    /// What it says of KO is what it should say of PEP.
    Mistaken,
}

/// Sites, some of which are in trouble.
#[derive(Debug)]
struct Sites {
    inner: ServiceTransport<Exchange>,
    troubled: Vec<(&'static str, Trouble)>,
}

#[async_trait]
impl Transport for Sites {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        let host = request.url().host().unwrap_or_default();
        match self.troubled.iter().find(|(name, _)| *name == host) {
            Some((_, Trouble::Down)) => {
                Ok(RawResponse::new(&request, 503, Headers::default(), Vec::new(), now()))
            }
            Some((_, Trouble::Silent)) => std::future::pending().await,
            Some((_, Trouble::Mistaken)) => {
                let url = request.url().as_str().replace("/KO.json", "/PEP.json");
                self.inner.send(Request::get(url.parse().expect("an address"))).await
            }
            None => self.inner.send(request).await,
        }
    }
}

/// A market of its own books; what was computed of its companies is shared by all.
pub(crate) struct Market {
    exchange: Exchange,
    troubled: Vec<(&'static str, Trouble)>,
}

impl Market {
    pub(crate) fn open() -> Self {
        static MARKET: OnceLock<Exchange> = OnceLock::new();
        let clock = || Arc::new(FixedClock::new(now()));
        let market = MARKET.get_or_init(|| Exchange::new(Seed::new(42), clock()));
        Self { exchange: market.anew(Seed::new(1)), troubled: Vec::new() }
    }

    pub(crate) fn troubled(mut self, host: &'static str, trouble: Trouble) -> Self {
        self.troubled.push((host, trouble));
        self
    }

    pub(crate) fn latent(mut self, latency: Duration) -> Self {
        self.exchange = self.exchange.with_latency(latency);
        self
    }

    /// What fetches prices and filings.
    pub(crate) fn filings(&self) -> Fetcher {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
        let contact = || EdgarContact::new("Jane Doe", "jane@example.org");
        let sources: Vec<Arc<dyn Source>> = vec![
            Arc::new(YahooChart::new()),
            Arc::new(EdgarTickers::new(contact())),
            Arc::new(EdgarFilings::new(contact()).with_insider_filings(0)),
        ];
        let inner = ServiceTransport::new(self.exchange.clone(), Arc::clone(&clock));
        Fetcher::new(Arc::new(Sites { inner, troubled: self.troubled.clone() }), sources, clock)
    }

    pub(crate) fn fetcher(&self) -> Fetcher {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
        let contact = EdgarContact::new("Jane Doe", "jane@example.org");
        let sources: Vec<Arc<dyn Source>> = vec![
            Arc::new(YahooChart::new()),
            Arc::new(EdgarTickers::new(contact)),
            Arc::new(CboeChain::new()),
            Arc::new(HackerNews::new()),
            Arc::new(WikipediaPageviews::new()),
        ];
        let inner = ServiceTransport::new(self.exchange.clone(), Arc::clone(&clock));
        let sites = Sites { inner, troubled: self.troubled.clone() };
        Fetcher::new(Arc::new(sites), sources, clock)
    }

    pub(crate) fn maker(&self, seating: impl Seating + 'static) -> MorningBrief {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
        let contact = EdgarContact::new("Jane Doe", "jane@example.org");
        let sources: Vec<Arc<dyn Source>> = vec![
            Arc::new(YahooChart::new()),
            Arc::new(EdgarTickers::new(contact)),
            Arc::new(CboeChain::new()),
            Arc::new(HackerNews::new()),
            Arc::new(WikipediaPageviews::new()),
        ];
        let inner = ServiceTransport::new(self.exchange.clone(), Arc::clone(&clock));
        let sites = Sites { inner, troubled: self.troubled.clone() };
        MorningBrief::new(Fetcher::new(Arc::new(sites), sources, Arc::clone(&clock)), seating, clock)
    }

    pub(crate) fn books(&self) -> BTreeMap<String, HostTruth> {
        self.exchange.books()
    }
}
