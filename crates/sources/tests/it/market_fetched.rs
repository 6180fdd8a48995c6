//! The whole way: all sources on markets for one ticker, over a transport that serves the fixtures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assize_altdata::{
    AsOf, Availability, FetchPolicy, Fetcher, Gap, GapReason, Identity, Item, ItemKind, Outcome, Query,
    Source, SourceId, SourceKind, SourceMeta, Ticker,
};
use assize_ambient::{Clock as _, VirtualClock};
use assize_sources::YahooOptions;
use assize_transport::{self as transport, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use jiff::tz::TimeZone;

use crate::market_fixtures::{KEY, body, sites};

/// All sites: files by a part of the address.
const FILES: [(&str, &str); 12] = [
    ("finance/chart/ACME", "yahoo-chart/chart.json"),
    ("finance/options/ACME", "yahoo-options/first.json"),
    ("delayed_quotes/options/ACME.json", "cboe-options/chain.json"),
    ("TIME_SERIES_DAILY", "alpha-vantage/daily.json"),
    ("GLOBAL_QUOTE", "alpha-vantage/quote.json"),
    ("fredgraph.csv", "fred/graph.csv"),
    ("api.stlouisfed.org", "fred/observations.json"),
    ("daily-treasury-rates.csv/2026", "treasury/yields.csv"),
    ("CNMSshvol20260102.txt", "finra/CNMSshvol20260102.txt"),
    ("pageviews/per-article/en.wikipedia/all-access/user/Acme_Rockets", "wikipedia/pageviews.json"),
    ("alternative.me/fng", "fear-greed/index.json"),
    ("company-news", "finnhub/company_news.json"),
];

#[derive(Debug)]
struct Sites {
    clock: Arc<VirtualClock>,
    asked: Mutex<BTreeMap<String, usize>>,
}

#[async_trait]
impl Transport for Sites {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let url = request.url().as_str().to_owned();
        assert!(!url.contains(KEY), "{url}");
        *self.asked.lock().expect("a list").entry(url.clone()).or_default() += 1;
        let file = FILES.iter().find(|(part, _)| url.contains(part));
        let (status, mut body) = file.map_or((404, Vec::new()), |(_, name)| (200, body(name)));
        if let Some((_, second)) = url.split_once("?date=") {
            // The same expiry, some weeks later.
            let moment = jiff::Timestamp::from_second(second.parse().expect("seconds")).expect("a time");
            let day = moment.to_zoned(TimeZone::UTC).strftime("ACME%y%m%d").to_string();
            let text = String::from_utf8(body).expect("a text").replace("ACME260109", &day);
            let dated = format!("\"expirationDate\": {second}");
            body = text.replace("\"expirationDate\": 1767916800", &dated).into_bytes();
        }
        Ok(RawResponse::new(&request, status, Headers::default(), body, self.clock.now()))
    }
}

/// Who says which company it is, as a source of identities does.
#[derive(Debug)]
struct Cards(SourceMeta);

impl Source for Cards {
    fn meta(&self) -> &SourceMeta {
        &self.0
    }

    fn plan(&self, _: &Query) -> Result<Vec<Request>, Gap> {
        Ok(vec![Request::get("https://cards.example.org/company-news".parse().expect("an address"))])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let card = Identity::new(query.ticker(), "Acme Rockets").with_cik(7);
        let available_at = Availability::at(jiff::Timestamp::UNIX_EPOCH, "a test");
        let (url, fetched_at) = (response.url(), response.fetched_at());
        let kind = ItemKind::Identity(card);
        let item = Item::new(query.ticker(), kind, &self.0.id, url, available_at, fetched_at);
        Outcome::Items { items: vec![item], findings: Vec::new() }
    }
}

#[tokio::test(start_paused = true)]
async fn everything_of_a_market_is_fetched() {
    // Soon after the moment that is looked back from: what stands in quotes now is not known of a longer past.
    let clock = Arc::new(VirtualClock::starting_at("2026-01-10T05:10:00Z".parse().unwrap()));
    let transport = Arc::new(Sites { clock: clock.clone(), asked: Mutex::default() });
    let id = SourceId::new("cards");
    let cards = SourceMeta::new(id, SourceKind::Identity, "cards.example.org");
    let mut sources: Vec<Arc<dyn Source>> = vec![Arc::new(Cards(cards))];
    sources.extend(sites().into_iter().map(|site| site.source));
    let fetcher = Fetcher::new(transport.clone(), sources, clock);
    let ticker: Ticker = "ACME".parse().unwrap();
    let as_of: AsOf = "2026-01-09".parse().unwrap();
    let fetched = fetcher.fetch(&[ticker], as_of, FetchPolicy::within(Duration::from_secs(600))).await;

    let acme = &fetched.by_ticker[0];
    assert!(acme.items.iter().all(|item| as_of.knows(item)));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &acme.items {
        *counts.entry(item.source.as_str()).or_default() += 1;
    }
    let expected = [
        ("alpha-vantage-daily", 2),
        ("alpha-vantage-quote", 1),
        ("cards", 1),
        ("cboe-options", 2),
        ("crypto-fear-greed", 3),
        ("finnhub-news", 2),
        ("finra-short-volume", 1),
        ("fred-api", 3),
        ("fred-csv", 3),
        ("treasury-yields", 8),
        ("wikipedia-pageviews", 3),
        ("yahoo-chart", 4),
        ("yahoo-options", 4),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
    // An observation for each expiry: the first answer's, and the three that it lists beside.
    let expiries: Vec<String> = acme
        .items
        .iter()
        .filter(|item| item.source == YahooOptions::ID)
        .map(|item| match &item.kind {
            ItemKind::Options(chain) => chain.contracts[0].expiry.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(expiries, ["2026-01-09", "2026-01-16", "2026-01-23", "2026-01-30"]);
    // Last year's yields and nine days' short volume are not served here.
    let missing: Vec<&str> = acme
        .gaps
        .iter()
        .filter(|gap| gap.reason != GapReason::Stale)
        .map(|gap| {
            assert_eq!(gap.reason, GapReason::NotFound, "{gap}");
            gap.source.as_ref().map_or("", |source| source.as_str())
        })
        .collect();
    let finra = missing.iter().filter(|source| **source == "finra-short-volume").count();
    assert_eq!((missing.len(), finra), (10, 9));
    let asked = transport.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 26, "{asked:?}");
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
}
