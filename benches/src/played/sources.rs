//! The sources whose sites are played, and which request is whose.

use std::{collections::BTreeMap, sync::Arc};

use assize_altdata::Source;
use assize_sources::{
    CboeChain, EdgarContact, EdgarFacts, EdgarFilings, EdgarTickers, FearGreed, FinraShortVolume, FredApi,
    FredCsv, Gdelt, HackerNews, NewsFeeds, RedditSearch, StockTwits, TreasuryYields, WikipediaPageviews,
    YahooChart, YahooOptions, YahooSession, YouTubeChannels,
};
use assize_transport::{Secret, Url};

use super::Host;

/// Whom is asked about.
pub const TICKERS: [&str; 20] = [
    "AAPL", "AMZN", "BA", "BRK-B", "CAT", "CVX", "DIS", "GOOGL", "IBM", "INTC", "JNJ", "JPM", "KO", "META",
    "MSFT", "NVDA", "PEP", "PFE", "TSLA", "XOM",
];

/// The papers of the exchange.
pub(super) const PAPERS: [&str; 7] = [
    "harbourtimes.example",
    "investorledger.example",
    "marketdaily.example",
    "morningbourse.example",
    "newswire.example",
    "streetnotes.example",
    "tradepost.example",
];

const CHANNEL: &str = "UCcompaniesexplained0001";

/// Which sources are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are asked unless the user chose others, the feeds of seven papers among them.
    Default,
    /// All whose sites are played.
    Every,
}

impl Which {
    /// The sources.
    pub(super) fn sources(self) -> Result<Vec<Arc<dyn Source>>, String> {
        let contact = EdgarContact::new("Jane Doe", "jane@example.org");
        let mut sources: Vec<Arc<dyn Source>> = vec![
            Arc::new(EdgarTickers::new(contact.clone())),
            Arc::new(EdgarFilings::new(contact.clone())),
            Arc::new(EdgarFacts::new(contact)),
            Arc::new(Gdelt::new()),
            Arc::new(HackerNews::new()),
            Arc::new(WikipediaPageviews::new()),
            Arc::new(FredCsv::new()),
            Arc::new(TreasuryYields::new()),
        ];
        sources.extend(papers()?.into_iter().map(|feeds| Arc::new(feeds) as Arc<dyn Source>));
        if self == Self::Every {
            let session = YahooSession { cookie: Secret::new("A1=played"), crumb: Secret::new("played") };
            sources.extend([
                Arc::new(YahooChart::new()) as Arc<dyn Source>,
                Arc::new(CboeChain::new()),
                Arc::new(YahooOptions::new(Some(session))),
                Arc::new(StockTwits::new()),
                Arc::new(RedditSearch::new()),
                Arc::new(YouTubeChannels::new([CHANNEL.to_owned()])),
                Arc::new(FredApi::new(Some(Secret::new("played")))),
                Arc::new(FearGreed::new()),
                Arc::new(FinraShortVolume::new()),
            ]);
        }
        Ok(sources)
    }
}

/// The feeds of the papers, a source each.
pub(super) fn papers() -> Result<Vec<NewsFeeds>, String> {
    let feed = |paper: &&str| format!("https://{paper}/rss").parse::<Url>().map_err(|e| e.to_string());
    Ok(NewsFeeds::by_host(PAPERS.iter().map(feed).collect::<Result<Vec<_>, _>>()?))
}

/// The hosts that sources share, each with what the strictest of them allows itself.
pub(super) fn hosts(sources: &[Arc<dyn Source>]) -> BTreeMap<String, Host> {
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    for meta in sources.iter().map(|source| source.meta()) {
        let own = Host { rate: meta.rate.unwrap_or(f64::INFINITY), burst: meta.burst };
        let host = hosts.entry(meta.host.clone().into_owned()).or_insert(own);
        *host = Host { rate: host.rate.min(own.rate), burst: host.burst.min(own.burst) };
    }
    hosts
}

/// Whose request it is, by its address without `https://`.
pub(super) fn source_of(what: &str) -> String {
    let (host, path) = what.split_once('/').unwrap_or((what, ""));
    let of_path = |parts: &[(&'static str, &'static str)]| {
        parts.iter().find(|(part, _)| path.starts_with(part)).map_or("", |(_, source)| *source)
    };
    match host {
        "www.sec.gov" | "data.sec.gov" => of_path(&[
            ("files/", "edgar-tickers"),
            ("submissions/", "edgar-filings"),
            ("Archives/", "edgar-filings"),
            ("api/", "edgar-facts"),
        ]),
        "query2.finance.yahoo.com" => of_path(&[("v8/", "yahoo-chart"), ("v7/", "yahoo-options")]),
        "api.gdeltproject.org" => "gdelt",
        "hn.algolia.com" => "hacker-news",
        "wikimedia.org" => "wikipedia-pageviews",
        "fred.stlouisfed.org" => "fred-csv",
        "home.treasury.gov" => "treasury-yields",
        "cdn.cboe.com" => "cboe-options",
        "api.stocktwits.com" => "stocktwits",
        "www.reddit.com" => "reddit",
        "www.youtube.com" => "youtube-channels",
        "api.stlouisfed.org" => "fred-api",
        "api.alternative.me" => "crypto-fear-greed",
        "cdn.finra.org" => "finra-short-volume",
        paper => return format!("news-feeds:{paper}"),
    }
    .to_owned()
}

/// Whose limit it counts against.
pub(super) fn host_of(what: &str) -> &str {
    let host = what.split_once('/').map_or(what, |(host, _)| host);
    if host.ends_with(".sec.gov") { "sec.gov" } else { host }
}

/// The request without whose answer nobody could have known of this one.
pub(super) fn follows(what: &str) -> Option<String> {
    const TABLE: &str = "www.sec.gov/files/company_tickers.json";
    if let Some(rest) = what.strip_prefix("www.sec.gov/Archives/edgar/data/") {
        let cik: u64 = rest.split('/').next()?.parse().ok()?;
        return Some(format!("data.sec.gov/submissions/CIK{cik:010}.json"));
    }
    if let Some((index, _)) = what.split_once("-submissions-") {
        return Some(format!("{index}.json"));
    }
    let source = source_of(what);
    if source == "yahoo-options" {
        return what.split_once('?').map(|(first, _)| first.to_owned());
    }
    let knows_tickers = [
        "edgar-tickers",
        "yahoo-chart",
        "cboe-options",
        "fred-csv",
        "fred-api",
        "treasury-yields",
        "crypto-fear-greed",
        "finra-short-volume",
    ];
    (!knows_tickers.contains(&&*source)).then(|| TABLE.to_owned())
}
