//! Sources as a brief asks them: their hosts, limits and number of requests are those of the sources that there are; what
//! they say is made up.

use std::{sync::Arc, time::Duration};

use assize_altdata::{
    Attention, Availability, Gap, GapReason, Identity, Item, ItemKind, Outcome, Query, Source, SourceId,
    SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::{Timestamp, civil::Date};

/// What each source of [`Site`] is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// So many pages about each ticker.
    Each(usize),
    /// So many pages that all tickers share.
    All(usize),
    /// A page about each ticker, which needs the company's name, and so many documents that it lists.
    Index(usize),
}

/// A source and its host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) host: &'static str,
    pub(crate) kind: SourceKind,
    pub(crate) rate: f64,
    pub(crate) burst: u32,
    pub(crate) asks: Asks,
}

const fn site(
    name: &'static str,
    host: &'static str,
    kind: SourceKind,
    rate: f64,
    burst: u32,
    asks: Asks,
) -> Site {
    Site { name, host, kind, rate, burst, asks }
}

/// The sources of a brief: 234 requests for 20 tickers, at ten hosts.
pub(crate) const SITES: [Site; 12] = [
    site("names", "sec", SourceKind::Identity, 8.0, 8, Asks::All(1)),
    site("prices", "prices", SourceKind::Prices, 2.0, 2, Asks::Each(1)),
    site("insiders", "sec", SourceKind::Insiders, 8.0, 8, Asks::Index(3)),
    site("facts", "sec", SourceKind::Facts, 8.0, 8, Asks::Each(1)),
    site("options", "options", SourceKind::Options, 2.0, 2, Asks::Each(1)),
    site("views", "views", SourceKind::Attention, 5.0, 5, Asks::Each(1)),
    site("feeds", "feeds", SourceKind::News, 2.0, 2, Asks::Each(1)),
    site("index", "index", SourceKind::News, 0.2, 1, Asks::All(4)),
    site("posts", "posts", SourceKind::Social, 1.0, 1, Asks::Each(1)),
    site("stories", "stories", SourceKind::Social, 2.0, 2, Asks::Each(1)),
    site("economy", "economy", SourceKind::Macro, 1.0, 2, Asks::All(4)),
    site("sold-short", "sold-short", SourceKind::ShortVolume, 2.0, 2, Asks::All(5)),
];

/// All of them.
pub(crate) fn sources() -> Vec<Arc<dyn Source>> {
    SITES.into_iter().map(|site| Arc::new(OfSite::new(site)) as Arc<dyn Source>).collect()
}

/// How many items a ticker has of a source if nothing is missing.
pub(crate) const fn due(asks: Asks) -> usize {
    match asks {
        Asks::Each(pages) | Asks::All(pages) => pages,
        Asks::Index(documents) => 1 + documents,
    }
}

/// A source that says one thing on each page.
#[derive(Debug)]
pub(crate) struct OfSite {
    site: Site,
    pub(crate) meta: SourceMeta,
}

impl OfSite {
    pub(crate) fn new(site: Site) -> Self {
        let mut meta = SourceMeta::new(SourceId::new(site.name), site.kind, site.host);
        (meta.rate, meta.burst, meta.ttl) = (Some(site.rate), site.burst, Duration::from_secs(3_600));
        Self { site, meta }
    }
}

impl Source for OfSite {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        matches!(self.site.asks, Asks::Index(_))
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let missing = |why: &str| Gap::new(query.ticker(), &self.meta.id, GapReason::NoSuchTicker, why);
        let (pages, about) = match self.site.asks {
            Asks::Each(pages) => (pages, query.ticker().as_str()),
            Asks::All(pages) => (pages, "all"),
            Asks::Index(_) => match query.identity() {
                Some(card) => (1, card.name.as_str()),
                None => return Err(missing("nobody says which company is meant")),
            },
        };
        let page = |n: usize| format!("x://{}/{}/{about}/{n}", self.site.host, self.site.name).parse();
        (0..pages).map(|n| page(n).map(Request::get).map_err(|_| missing("it has no address"))).collect()
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let after =
            response.headers().get("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        match (response.status(), response.body().as_ref()) {
            (200, b"please limit requests to one every 5 seconds") => {
                return Outcome::Throttled(Some(Duration::from_secs(5)));
            }
            (200, _) => {}
            (429, _) => return Outcome::Throttled(after),
            (status, _) => return Outcome::Unavailable(format!("a status of {status}")),
        }
        let kind = match self.site.kind {
            SourceKind::Identity => {
                ItemKind::Identity(Identity::new(query.ticker(), query.ticker().as_str()))
            }
            _ => ItemKind::Attention(Attention {
                subject: response.url().as_str().to_owned(),
                date: Date::constant(2024, 1, 10),
                views: 1,
            }),
        };
        let known = Availability::at(Timestamp::UNIX_EPOCH, "made up");
        let item =
            Item::new(query.ticker(), kind, &self.meta.id, response.url(), known, response.fetched_at());
        Outcome::Items { items: vec![item], findings: Vec::new() }
    }

    fn follow(&self, _query: &Query, response: &RawResponse) -> Vec<Request> {
        let Asks::Index(documents) = self.site.asks else { return Vec::new() };
        let url = response.url().as_str();
        if response.status() != 200 || url.contains("/doc-") {
            return Vec::new();
        }
        let document = |n: usize| format!("{url}/doc-{n}").parse().map(Request::get).ok();
        (0..documents).filter_map(document).collect()
    }
}
