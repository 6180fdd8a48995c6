//! The whole way of news, posts and films: shared requests, what follows from a search, and the cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetcher, GapReason, Identity, ItemKind, Source, Ticker};
use assize_ambient::{Clock as _, VirtualClock};
use assize_sources::{Gdelt, HackerNews};
use assize_transport::{self as transport, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;

use crate::heard_fixtures::{feeds, fixture, youtube};

/// The sites: a fixture for each address, and how often each was asked for.
#[derive(Debug)]
struct Sites {
    clock: Arc<VirtualClock>,
    asked: Mutex<BTreeMap<&'static str, usize>>,
}

#[async_trait]
impl Transport for Sites {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let names = [
            ("https://news.example.org/", "feeds/news.rss"),
            ("https://api.gdeltproject.org/", "gdelt/artlist.json"),
            ("https://hn.algolia.com/", "hacker-news/search.json"),
            ("https://www.googleapis.com/youtube/v3/search", "youtube/search.json"),
            ("https://www.googleapis.com/youtube/v3/videos", "youtube/videos.json"),
        ];
        let (_, name) = names
            .into_iter()
            .find(|(start, _)| request.url().as_str().starts_with(start))
            .expect("an address that is known");
        *self.asked.lock().expect("a list").entry(name).or_default() += 1;
        Ok(RawResponse::new(&request, 200, Headers::default(), fixture(name), self.clock.now()))
    }
}

#[tokio::test(start_paused = true)]
async fn two_companies_share_what_they_can() {
    let clock = Arc::new(VirtualClock::starting_at("2026-01-05T15:00:00Z".parse().unwrap()));
    let sites = Arc::new(Sites { clock: clock.clone(), asked: Mutex::default() });
    let tickers: Vec<Ticker> = ["ACME", "KO"].map(|ticker| ticker.parse().unwrap()).into();
    let cards = [
        Identity::new(&tickers[0], "Acme Rockets, Inc."),
        Identity::new(&tickers[1], "The Coca-Cola Company"),
    ];
    let sources: Vec<Arc<dyn Source>> = vec![
        Arc::new(feeds()),
        Arc::new(Gdelt::new().with_companies(&cards)),
        Arc::new(HackerNews::new()),
        Arc::new(youtube()),
    ];
    let fetcher = Fetcher::new(sites.clone(), sources, clock).with_identities(cards);
    let as_of: AsOf = "2026-01-04".parse().unwrap();
    let fetched = fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(60))).await;

    let asked = sites.asked.lock().unwrap().clone();
    let expected = [
        ("feeds/news.rss", 1),
        ("gdelt/artlist.json", 1),
        ("hacker-news/search.json", 2),
        ("youtube/search.json", 2),
        ("youtube/videos.json", 1),
    ];
    assert_eq!(asked, BTreeMap::from(expected));

    let acme = &fetched.by_ticker[0];
    assert_eq!(acme.gaps, []);
    assert!(acme.items.iter().all(|item| as_of.knows(item)));
    let kinds: Vec<&str> = acme.items.iter().map(|item| item.kind.as_str()).collect();
    assert_eq!(kinds, ["post", "video", "article", "article"]);
    // Two of the feed, two of GDELT, a story and a film came on the next day; one entry has no date.
    assert_eq!((acme.removed.count, acme.undated.len()), (6, 1));
    for item in &acme.items {
        match &item.kind {
            // What was counted ten hours later is not known yet.
            ItemKind::Post(post) => assert_eq!((post.score, post.comments), (None, None)),
            ItemKind::Video(video) => assert_eq!((video.views, video.likes), (None, None)),
            _ => {}
        }
    }
    let reasons: Vec<GapReason> = fetched.by_ticker[1].gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Empty; 4]);
    assert!(fetched.by_ticker[1].items.is_empty());
}
