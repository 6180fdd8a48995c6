//! The whole way: a folder, the file transport, the fetcher, the folder's source.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetched, Fetcher, GapReason, PriceSeries, Ticker, conformance};
use assize_ambient::FixedClock;
use assize_sources::CsvFolder;
use assize_transport::{FileTransport, RecordingTransport, ReplayTransport, Transport};
use tempfile::TempDir;

use crate::snapshots::fixtures;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-11-20T12:00:00Z".parse().expect("a time")))
}

async fn fetch(transport: Arc<dyn Transport>, names: Vec<String>, tickers: &[&str], as_of: &str) -> Fetched {
    let tickers: Vec<Ticker> = tickers.iter().map(|ticker| ticker.parse().expect("a ticker")).collect();
    let as_of: AsOf = as_of.parse().expect("a date");
    let fetcher = Fetcher::new(transport, vec![Arc::new(CsvFolder::new(names))], clock());
    fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(60))).await
}

async fn fetch_fixtures(tickers: &[&str], as_of: &str) -> Fetched {
    let files = FileTransport::new(fixtures().join("prices"), clock()).expect("the fixtures");
    let names = files.list().expect("a listing");
    fetch(Arc::new(files), names, tickers, as_of).await
}

#[test]
fn the_folder_conforms() {
    let body = fs::read(fixtures().join("prices/KO_daily.csv")).unwrap();
    conformance::check(&CsvFolder::new(vec!["KO_daily.csv".to_owned()]), &"KO".parse().unwrap(), &body);
}

#[tokio::test]
async fn years_are_merged_and_their_overlap_is_named() {
    let fetched = fetch_fixtures(&["NVDA"], "2015-01-05").await;
    let nvda = &fetched.by_ticker[0];
    let days: Vec<String> = nvda.items.iter().map(|item| item.as_bar().unwrap().date.to_string()).collect();
    assert_eq!(days, ["2014-12-30", "2014-12-31", "2015-01-02", "2015-01-05"]);
    let findings: Vec<String> = nvda.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        ["NVDA_daily_2015.csv, 2014-12-31: the same again in another answer of this source; dropped"]
    );
    assert_eq!(nvda.gaps, []);
    assert_eq!(fetched.requests(), 2);
}

#[tokio::test]
async fn what_is_wrong_degrades_its_ticker_alone() {
    let tickers = ["KO", "EMPTY", "HEADER", "NOTES", "XYZ", "AAPL"];
    let fetched = fetch_fixtures(&tickers, "2024-01-04").await;
    let gaps: Vec<String> =
        fetched.by_ticker.iter().flat_map(|fetch| &fetch.gaps).map(ToString::to_string).collect();
    assert_eq!(
        gaps,
        [
            "EMPTY from csv-folder: `empty.csv` holds nothing (empty)",
            "HEADER from csv-folder: `header_only.csv` holds nothing (empty)",
            "NOTES from csv-folder: `notes.csv` is not of the expected form: its header is `These are my notes, not prices.`; \
         a price table needs at least Date and Close (drift)",
            "XYZ from csv-folder: the folder has no file for XYZ; it has AAPL, AET-L, CLOSES, EMPTY, HEADER, INDEX, KO, \
         NOTES, NVDA, PEP, SAP.DE (no_such_ticker)",
            "AAPL from csv-folder: the newest is of 2014-06-10, 3495 days before 2024-01-04 (stale)",
        ]
    );
    let ko = fetched.get(&"KO".parse().unwrap()).unwrap();
    assert_eq!((ko.items.len(), ko.removed.count), (3, 1));
    assert_eq!(fetched.get(&"AAPL".parse().unwrap()).unwrap().gaps[0].reason, GapReason::Stale);
}

#[tokio::test]
async fn a_recorded_fetch_is_replayed_equal() {
    let target = TempDir::new().unwrap();
    let files = FileTransport::new(fixtures().join("prices"), clock()).unwrap();
    let names = files.list().unwrap();
    let tickers = ["KO", "NVDA", "XYZ"];
    let recorder = RecordingTransport::create(files, target.path(), clock()).unwrap();
    let live = fetch(Arc::new(recorder), names.clone(), &tickers, "2024-01-05").await;
    let replay = Arc::new(ReplayTransport::open(target.path()).unwrap());
    let replayed = fetch(replay.clone(), names.clone(), &tickers, "2024-01-05").await;
    for (live, replayed) in live.by_ticker.iter().zip(&replayed.by_ticker) {
        assert_eq!(
            (&live.items, &live.findings, &live.gaps),
            (&replayed.items, &replayed.findings, &replayed.gaps)
        );
    }
    let other = fetch(replay, names, &["PEP"], "2024-01-05").await;
    assert_eq!(other.by_ticker[0].gaps[0].reason, GapReason::Unrecorded);
}

#[tokio::test]
async fn an_earlier_as_of_sees_the_older_adjustment() {
    let closes = |fetched: &Fetched, as_of: &str| -> Vec<f64> {
        let series = PriceSeries::build(&fetched.by_ticker[0].items, &as_of.parse().unwrap());
        series.adjusted_closes().collect()
    };
    let before = fetch_fixtures(&["AAPL"], "2014-06-06").await;
    assert_eq!(closes(&before, "2014-06-06"), [700.0, 707.0]);
    let after = fetch_fixtures(&["AAPL"], "2014-06-09").await;
    let split: Vec<f64> = closes(&after, "2014-06-09");
    assert!((split[0] - 100.0).abs() < 1e-9 && (split[2] - 102.0).abs() < 1e-12, "{split:?}");
    assert_eq!(before.by_ticker[0].items[0].id, after.by_ticker[0].items[0].id);
}
