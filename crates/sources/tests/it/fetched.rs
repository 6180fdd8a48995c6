//! The whole way: a folder, the file transport, the fetcher, the folder's source.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetched, Fetcher, GapReason, PriceSeries, Ticker, conformance};
use assize_ambient::FixedClock;
use assize_sources::CsvFolder;
use assize_transport::{FileTransport, RecordingTransport, ReplayTransport, Transport};
use proptest::prelude::*;
use proptest::sample::select;
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
            "HEADER from csv-folder: no usable row was known by 2024-01-04 (nothing_yet)",
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

/// A file of the next year with nothing but a header makes old prices no younger, and tells a run of before nothing.
#[tokio::test]
async fn an_empty_year_hides_no_staleness() {
    let folder = TempDir::new().unwrap();
    let rows = fs::read(fixtures().join("prices/NVDA_daily_2014.csv")).unwrap();
    fs::write(folder.path().join("NVDA_2014.csv"), rows).unwrap();
    let see = async |as_of: &str| {
        let files = FileTransport::new(folder.path(), clock()).unwrap();
        let names = files.list().unwrap();
        let fetch = fetch(Arc::new(files), names, &["NVDA"], as_of).await.by_ticker.remove(0);
        (fetch.items, fetch.findings, fetch.gaps)
    };
    let (now, later) = (see("2014-12-31").await, see("2015-12-31").await);
    assert_eq!(later.2[0].reason, GapReason::Stale);
    fs::write(folder.path().join("NVDA_2015.csv"), "Date,Close\n").unwrap();
    assert_eq!((see("2014-12-31").await, see("2015-12-31").await), (now, later));
    fs::write(folder.path().join("NVDA_2016.csv"), "").unwrap();
    let reasons: Vec<GapReason> = see("2015-12-31").await.2.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Empty, GapReason::Stale]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Without a row that was known, whatever else stands in the table: the same gap in the same words.
    #[test]
    fn nothing_known_is_told_in_one_way(
        header in select(vec!["Date,Close", "Date,Close,Note", "Date,Open,High,Low,Close"]),
        rows in prop::collection::vec(
            select(vec![
                "2024-02-01,10,10,10,10", "2024-02-02,0,0,0,0", "2024-02-05", "2024-02-06,\"1", "garbage,10",
                "02/07/2024,10", ",,", "2024-02-01,11,1,1,1",
            ]),
            0..8,
        ),
    ) {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("KO.csv"), format!("{header}\n{}", rows.join("\n"))).unwrap();
        let files = FileTransport::new(folder.path(), clock()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fetched = runtime.block_on(fetch(Arc::new(files), vec!["KO.csv".to_owned()], &["KO"], "2024-01-31"));
        let fetch = &fetched.by_ticker[0];
        let gaps: Vec<String> = fetch.gaps.iter().map(ToString::to_string).collect();
        prop_assert_eq!(gaps, ["KO from csv-folder: no usable row was known by 2024-01-31 (nothing_yet)"]);
        prop_assert_eq!((fetch.items.len(), fetch.findings.len()), (0, 0));
        prop_assert!(fetch.undated.iter().all(|finding| finding.known_from.is_none()));
    }
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
