//! Choices, the catalogue, recordings.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use assize_altdata::{AsOf, FetchPolicy, Fetched, SourceKind, Ticker};
use assize_ambient::{FixedClock, SystemClock, Timestamp};
use assize_transport::{
    ErrorKind as Transported, Headers, RawResponse, RecordingTransport, Request, Transport,
};
use async_trait::async_trait;

use super::*;
use crate::doctor::{
    known_answers::{AS_OF, KNOWN_ANSWERS},
    sources::{known_query, request},
};

fn keys(text: &str) -> Keys {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    std::fs::write(&path, text).unwrap();
    Keys::load(Some(&path)).unwrap()
}

/// The catalogue with no key but these. The environment of a test has none.
fn all(text: &str) -> Vec<Entry> {
    entries(&keys(text)).unwrap()
}

fn picked(choice: &str, text: &str) -> Result<Vec<String>, Error> {
    let choice: SourceChoice = choice.parse().unwrap();
    let picked = choice::pick(Some(&choice), &all(text), None, false)?;
    Ok(picked.sources.iter().map(|entry| entry.id().to_string()).collect())
}

const SEC: &str = "sec = \"Example Research data@example.org\"\n";

#[test]
fn names_kinds_and_what_differs_from_the_default() {
    let default = picked("default", "").unwrap();
    assert!(
        default.contains(&"wikipedia-pageviews".to_owned()) && !default.contains(&"yahoo-chart".to_owned())
    );
    assert!(!default.iter().any(|id| id.starts_with("edgar")), "nobody said who asks");
    assert!(picked("default", SEC).unwrap().contains(&"edgar-filings".to_owned()));
    assert_eq!(picked("yahoo-chart, cboe-options", "").unwrap(), ["yahoo-chart", "cboe-options"]);
    let more = picked("+yahoo-chart,-macro", "").unwrap();
    assert!(more.contains(&"yahoo-chart".to_owned()) && !more.iter().any(|id| id.starts_with("fred")));
    assert!(picked("all", "").unwrap().len() < picked("all", SEC).unwrap().len());
    assert!(picked("-wikipedia-pageviews", "").unwrap().len() == default.len() - 1);
    assert!(
        picked("all,-macro,-attention", "")
            .unwrap()
            .iter()
            .all(|id| !default.contains(id) || !id.starts_with("wiki"))
    );
}

#[test]
fn what_cannot_be_asked_says_why() {
    for (choice, said, hint) in [
        ("fred-api", "there is no key", "FRED_API_KEY"),
        ("edgar-filings", "there is no contact", "SEC_CONTACT"),
        ("yahoo", "there is none of that name", "yahoo-chart"),
        ("csv-folder", "there is no folder", "--prices"),
    ] {
        let error = picked(choice, "").unwrap_err();
        assert!(error.to_string().contains(said), "{choice}: {error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{choice}: {:?}", error.hint());
    }
    let picked = choice::pick(None, &all(""), None, false).unwrap();
    let why: BTreeMap<String, String> =
        picked.not_asked.into_iter().map(|one| (one.source.to_string(), one.why)).collect();
    assert!(
        why["fred-api"].contains("FRED_API_KEY") && why["edgar-facts"].contains("SEC_CONTACT"),
        "{why:?}"
    );
    assert!(why["cboe-options"].contains("--sources +cboe-options"), "{why:?}");
    for wrong in ["", ",", "+", "a b", "x;y", "../x"] {
        assert!(wrong.parse::<SourceChoice>().is_err(), "{wrong:?}");
    }
    for wrong in ["", "record:", "replay:", "disk:x", "replay"] {
        assert!(wrong.parse::<DataPlace>().is_err(), "{wrong:?}");
    }
}

#[test]
fn a_contact_must_be_one_and_is_never_shown() {
    let error = entries(&keys("sec = \"nobody at all\"")).unwrap_err();
    assert!(
        error.hint().unwrap_or_default().contains("SEC_CONTACT")
            && !format!("{error} {error:?}").contains("nobody")
    );
    let shown = format!("{:?} {:?}", keys(SEC), all(SEC));
    assert!(!shown.contains("data@example.org"), "{shown}");
}

#[test]
fn the_catalogue_is_sound() {
    let all = entries_with_stand_ins(&Keys::default()).unwrap();
    let mut ids: Vec<&str> = all.iter().map(|entry| entry.id().as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "each once");
    for entry in &all {
        let meta = entry.source.meta();
        assert!(!meta.terms.is_empty() && meta.rate.is_some() && !entry.hosts.is_empty(), "{meta:?}");
        assert!(!meta.needs_key || entry.needs.is_some(), "{meta:?}");
        assert!(
            KNOWN_ANSWERS.iter().any(|known| known.source == meta.id.as_str()),
            "{} has a known answer",
            meta.id
        );
    }
}

/// Answers with the known answers, and with 404 to all else.
#[derive(Debug)]
struct Known(BTreeMap<String, &'static str>);

impl Known {
    fn new() -> Self {
        let all = entries_with_stand_ins(&Keys::default()).unwrap();
        let query = known_query().unwrap();
        let answer = |entry: &Entry| {
            let known = KNOWN_ANSWERS.iter().find(|known| known.source == entry.id().as_str()).unwrap();
            (request(entry, &query, known).unwrap().url().as_str().to_owned(), known.body)
        };
        Self(all.iter().map(answer).collect())
    }
}

#[async_trait]
impl Transport for Known {
    async fn send(&self, request: Request) -> Result<RawResponse, assize_transport::Error> {
        let at = "2024-06-12T23:30:00Z".parse().map_err(|_| Transported::Io.error("date it"))?;
        let (status, body) = self.0.get(request.url().as_str()).map_or((404, ""), |body| (200, *body));
        Ok(RawResponse::new(&request, status, Headers::default(), body, at))
    }
}

const RECORDED: [&str; 7] = [
    "yahoo-chart",
    "edgar-tickers",
    "edgar-filings",
    "edgar-facts",
    "cboe-options",
    "wikipedia-pageviews",
    "treasury-yields",
];

async fn fetch(fetcher: &Fetcher) -> Fetched {
    let tickers: [Ticker; 2] = ["ACME".parse().unwrap(), "BOLT".parse().unwrap()];
    let as_of: AsOf = AS_OF.parse().unwrap();
    fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(60))).await
}

/// Records a fetch of the known answers.
async fn record(folder: &Path) -> Fetched {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new("2024-06-12T23:30:00Z".parse().unwrap()));
    let transport = RecordingTransport::create(Known::new(), folder, Arc::clone(&clock)).unwrap();
    let all = entries_with_stand_ins(&Keys::default()).unwrap();
    let sources = all.into_iter().filter(|entry| RECORDED.contains(&entry.id().as_str()));
    let fetcher = Fetcher::new(Arc::new(transport), sources.map(|entry| entry.source).collect(), clock);
    fetch(&fetcher).await
}

#[tokio::test]
async fn a_recording_is_played_back_without_keys_by_those_who_were_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("recording");
    let recorded = record(&folder).await;
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(Timestamp::MAX));
    let options = SourceOptions { data: Some(DataPlace::Replay(folder)), ..SourceOptions::default() };
    let desk = set_up_fetcher(&options, None, &clock).unwrap();
    assert!(!desk.is_live);
    let ids: Vec<&str> = desk.fetcher.sources().iter().map(|source| source.meta().id.as_str()).collect();
    assert_eq!(ids, RECORDED);
    let again = fetch(&desk.fetcher).await;
    for (one, other) in recorded.by_ticker.iter().zip(&again.by_ticker) {
        assert_eq!((&one.items, &one.gaps), (&other.items, &other.gaps), "{}", one.ticker);
    }
    assert!(
        recorded.by_ticker[0].items.len() > 10 && recorded.by_ticker[0].removed.count == 1,
        "{recorded:?}"
    );
    assert!(
        recorded.by_ticker[1].items.iter().all(|item| item.kind.as_str() == "macro"),
        "{:?}",
        recorded.by_ticker[1]
    );
}

#[test]
fn a_folder_of_prices_alone_asks_nobody_else() {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pipeline/prices");
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let options = SourceOptions { prices: Some(prices), ..SourceOptions::default() };
    let desk = set_up_fetcher(&options, None, &clock).unwrap();
    assert!(!desk.is_live && desk.fetcher.sources().len() == 1);
    let beside = SourceOptions { choice: Some("wikipedia-pageviews".parse().unwrap()), ..options.clone() };
    assert_eq!(set_up_fetcher(&beside, None, &clock).unwrap().fetcher.sources().len(), 2);
    let without =
        SourceOptions { choice: Some("-csv-folder,wikipedia-pageviews".parse().unwrap()), ..options };
    let desk = set_up_fetcher(&without, None, &clock).unwrap();
    assert!(desk.fetcher.sources().iter().all(|source| source.meta().id.as_str() != "csv-folder"));
}

/// Here it is a server of this machine, which is refused for that alone: nobody is asked.
#[tokio::test]
async fn a_feed_that_is_named_may_be_asked_as_it_is_named() {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new("2024-06-12T23:30:00Z".parse().unwrap()));
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pipeline/prices");
    for feed in ["http://127.0.0.1:9/news.xml", "https://127.0.0.1:9/news.xml"] {
        let options = SourceOptions {
            prices: Some(prices.clone()),
            feeds: vec![feed.parse().unwrap()],
            identities: vec![Identity::new(&"ACME".parse().unwrap(), "Acme Inc.")],
            ..SourceOptions::default()
        };
        let fetched = fetch(&set_up_fetcher(&options, None, &clock).unwrap().fetcher).await;
        let gaps = fetched.by_ticker[0].gaps.iter();
        let said: Vec<&str> =
            gaps.map(|gap| gap.detail.as_str()).filter(|said| said.contains("news.xml")).collect();
        assert!(
            !said.is_empty() && !said.iter().any(|said| said.contains("not configured")),
            "{feed}: {said:?}"
        );
    }
}

#[tokio::test]
#[ignore = "writes the recording that the program's tests and documentation play back"]
async fn rewrite_the_recording() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/assize/recording");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    record(&folder).await;
}

#[test]
fn in_a_world_there_is_enough_for_every_part_unless_the_user_chooses() {
    let world = SourceOptions { data: Some(DataPlace::World(42)), ..SourceOptions::default() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let kinds = |options: &SourceOptions| -> Vec<SourceKind> {
        let fetcher = set_up_fetcher(options, None, &clock).unwrap().fetcher;
        fetcher.sources().iter().map(|source| source.meta().kind).collect()
    };
    let wanted = [SourceKind::Prices, SourceKind::Options, SourceKind::ShortVolume, SourceKind::Social];
    assert!(!kinds(&world).contains(&SourceKind::Prices), "otherwise this proves nothing");
    let enough = kinds(&world.clone().enough_in_a_world());
    assert!(wanted.iter().all(|kind| enough.contains(kind)), "{enough:?}");
    let chosen = SourceOptions { choice: Some("fred-csv".parse().unwrap()), ..world };
    assert_eq!(kinds(&chosen.enough_in_a_world()), [SourceKind::Macro]);
    assert_eq!(SourceOptions::default().enough_in_a_world().choice, None);
}
