//! The sources on sites that are played: what is read is what is true, and nothing is known before its time.

mod ahead;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetched, Fetcher, Identity, Item, ItemKind, Source, Ticker};
use assize_ambient::{FixedClock, Timestamp};
use assize_loopback::{CompanyTruth, Exchange, ItemKind as Known, ItemTruth};
use assize_sources::{
    CboeChain, EdgarContact, EdgarFacts, EdgarFilings, EdgarTickers, FearGreed, FinraShortVolume, FredApi,
    FredCsv, Gdelt, HackerNews, NewsFeeds, RedditSearch, StockTwits, TreasuryYields, WikipediaPageviews,
    YahooChart, YahooOptions, YahooSession, YouTubeChannels,
};
use assize_transport::{Secret, ServiceTransport};
use jiff::civil::Date;

const TICKERS: [&str; 3] = ["BRK-B", "KO", "NVDA"];
/// The papers of the exchange.
const PAPERS: [&str; 7] = [
    "harbourtimes.example",
    "investorledger.example",
    "marketdaily.example",
    "morningbourse.example",
    "newswire.example",
    "streetnotes.example",
    "tradepost.example",
];

/// All sources whose sites are played.
fn sources(companies: &[Identity]) -> Vec<Arc<dyn Source>> {
    let contact = EdgarContact::new("Jane Doe", "jane@example.org");
    let session = YahooSession { cookie: Secret::new("A1=played"), crumb: Secret::new("played") };
    let channel = "UCcompaniesexplained0001".to_owned();
    let mut sources: Vec<Arc<dyn Source>> = vec![
        Arc::new(EdgarTickers::new(contact.clone())),
        Arc::new(EdgarFilings::new(contact.clone())),
        Arc::new(EdgarFacts::new(contact)),
        Arc::new(YahooChart::new()),
        Arc::new(CboeChain::new()),
        Arc::new(YahooOptions::new(Some(session)).with_expiries(2)),
        Arc::new(Gdelt::new().with_companies(companies)),
        Arc::new(StockTwits::new()),
        Arc::new(RedditSearch::new()),
        Arc::new(HackerNews::new()),
        Arc::new(YouTubeChannels::new([channel])),
        Arc::new(WikipediaPageviews::new()),
        Arc::new(FinraShortVolume::new()),
        Arc::new(FredCsv::new()),
        Arc::new(FredApi::new(Some(Secret::new("played")))),
        Arc::new(TreasuryYields::new()),
        Arc::new(FearGreed::new()),
    ];
    let feeds = PAPERS.iter().map(|paper| format!("https://{paper}/rss").parse().expect("an address"));
    sources.extend(NewsFeeds::by_host(feeds).into_iter().map(|feeds| Arc::new(feeds) as Arc<dyn Source>));
    sources
}

/// What all sources say at `now` of what was known at a moment.
async fn fetch(exchange: &Exchange, companies: &[Identity], now: Timestamp, as_of: AsOf) -> Fetched {
    let clock = Arc::new(FixedClock::new(now));
    let transport = Arc::new(ServiceTransport::new(exchange.clone(), clock.clone()));
    let fetcher = Fetcher::new(transport, sources(companies), clock);
    let tickers: Vec<Ticker> = companies.iter().map(|card| card.ticker.clone()).collect();
    fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(300))).await
}

/// The cards of the companies that a market has under these symbols.
fn cards(companies: &BTreeMap<String, CompanyTruth>) -> Vec<Identity> {
    let card = |(symbol, company): (&String, &CompanyTruth)| {
        Identity::new(&symbol.parse().expect("a ticker"), company.name.as_str())
    };
    companies.iter().map(card).collect()
}

/// What can be read of a company, by what it is and which.
fn known(company: &CompanyTruth) -> BTreeMap<(Known, &str), &ItemTruth> {
    company.items.iter().map(|item| ((item.kind, item.key.as_str()), item)).collect()
}

/// What the exchange calls an item; `None` for what it has no list of, and for reports of before a day.
fn key(item: &Item, from: Date) -> Option<(Known, String)> {
    Some(match &item.kind {
        ItemKind::Bar(bar) => (Known::Bar, bar.date.to_string()),
        ItemKind::Filing(filing) if filing.filed_on < from => return None,
        ItemKind::Fact(fact) if fact.filed_on < from => return None,
        ItemKind::Filing(filing) => (Known::Filing, filing.accession.clone()),
        ItemKind::InsiderTrade(trade) => (Known::Filing, trade.accession.clone()),
        ItemKind::Fact(fact) => (Known::Filing, fact.accession.clone()),
        ItemKind::Attention(seen) => (Known::Views, seen.date.to_string()),
        ItemKind::ShortVolume(sold) => (Known::ShortVolume, sold.date.to_string()),
        ItemKind::Article(article) if item.source == Gdelt::ID => {
            (Known::IndexedArticle, article.link.clone())
        }
        ItemKind::Article(article) => (Known::Article, article.link.clone()),
        ItemKind::Post(post) => (Known::Post, number(&post.number)),
        _ => return None,
    })
}

/// The exchange's number of a post: one site writes it to the base of 16.
fn number(text: &str) -> String {
    let digits = text.strip_prefix("t3_").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    digits.map_or_else(|| text.to_owned(), |number| number.to_string())
}
