//! The whole way: a ticker, its company, the index, its older page and the forms in it, the figures.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetcher, GapReason, Item, ItemKind, Source, Ticker};
use assize_ambient::{Clock as _, VirtualClock};
use assize_sources::{EdgarContact, EdgarCurrent, EdgarFacts, EdgarFilings, EdgarTickers};
use assize_transport::{self as transport, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;

use crate::snapshots::fixtures;

/// The site: files by their name, and who asked for what.
#[derive(Debug)]
struct Site {
    clock: Arc<VirtualClock>,
    asked: Mutex<BTreeMap<String, usize>>,
}

#[async_trait]
impl Transport for Site {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let agent = request.secret_headers().iter().find(|(name, _)| name == "user-agent");
        assert_eq!(agent.expect("a contact").1.expose(), "Jane Doe jane@example.org");
        let url = request.url().as_str().to_owned();
        *self.asked.lock().expect("a list").entry(url.clone()).or_default() += 1;
        let file = match url.rsplit('/').next().unwrap_or_default() {
            "CIK0001999001.json" if url.contains("companyfacts") => "companyfacts.json",
            "CIK0001999001.json" => "submissions.json",
            "CIK0001999001-submissions-001.json" => "submissions-001.json",
            feed if feed.starts_with("browse-edgar") => "getcurrent.atom",
            own => own,
        };
        let (status, body) = match fs::read(fixtures().join("edgar").join(file)) {
            Ok(body) => (200, body),
            Err(_) => (404, Vec::new()),
        };
        Ok(RawResponse::new(&request, status, Headers::default(), body, self.clock.now()))
    }
}

fn shown(items: &[Item]) -> Vec<&'static str> {
    items.iter().map(|item| item.kind.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_company_is_found_and_read() {
    let clock = Arc::new(VirtualClock::starting_at("2024-06-30T12:00:00Z".parse().unwrap()));
    let site = Arc::new(Site { clock: clock.clone(), asked: Mutex::default() });
    let contact = EdgarContact::new("Jane Doe", "jane@example.org");
    let sources: Vec<Arc<dyn Source>> = vec![
        Arc::new(EdgarTickers::new(contact.clone())),
        Arc::new(EdgarFilings::new(contact.clone())),
        Arc::new(EdgarFacts::new(contact.clone())),
        Arc::new(EdgarCurrent::new(contact)),
    ];
    let fetcher = Fetcher::new(site.clone(), sources, clock);
    let tickers: Vec<Ticker> = ["ACME", "NOSUCH"].map(|ticker| ticker.parse().unwrap()).into();
    let as_of: AsOf = "2024-06-06".parse().unwrap();
    let fetched = fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(60))).await;

    let acme = &fetched.by_ticker[0];
    assert!(acme.items.iter().all(|item| as_of.knows(item)));
    let of = |kind: &str| shown(&acme.items).iter().filter(|own| **own == kind).count();
    // Six rows and three of the older page, two entries of the feed; the 8-K of the next day is cut.
    assert_eq!((of("identity"), of("filing"), of("insider_trade"), of("fact")), (1, 11, 4, 7));
    assert_eq!(acme.removed.count, 1);
    let sold: Vec<f64> = acme
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::InsiderTrade(trade) if trade.code == 'S' => Some(trade.shares),
            _ => None,
        })
        .collect();
    assert_eq!(sold, [1_500.0, 1_600.0]);
    // Forms that the index lists and the site lacks, of the newest five and of the page's one.
    let gaps: Vec<(GapReason, &str)> =
        acme.gaps.iter().map(|gap| (gap.reason, gap.detail.rsplit('/').next().unwrap_or_default())).collect();
    assert_eq!(
        gaps,
        [
            (GapReason::NotFound, "0001999078-24-000002.txt`"),
            (GapReason::NotFound, "0001999077-23-000009.txt`"),
        ]
    );

    let unknown: Vec<(String, GapReason)> = fetched.by_ticker[1]
        .gaps
        .iter()
        .map(|gap| (gap.source.as_ref().map_or_else(String::new, ToString::to_string), gap.reason))
        .collect();
    assert_eq!(unknown[0], ("edgar-tickers".to_owned(), GapReason::Empty));
    assert!(unknown[1..].iter().all(|(_, reason)| *reason == GapReason::NoSuchTicker), "{unknown:?}");
    assert_eq!(unknown.len(), 4);

    let asked = site.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 9, "{asked:?}");
    assert!(asked.values().all(|times| *times == 1), "the list serves both tickers: {asked:?}");
}
