//! Tests over the past: what is not known yet changes nothing.

use std::{sync::Arc, time::Duration};

use assize_altdata::FetchPolicy;
use assize_ambient::Seed;
use assize_analysts::offline_panel;
use assize_pipeline::{Backtest, BacktestReport, Benchmark, ErrorKind};
use assize_portfolio::Event;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::{
    desk::{Desk, clock, request},
    paper::settings,
};

pub(crate) const TICKERS: [&str; 5] = ["RISE", "FALL", "SPLIT", "WAVE", "ADJ"];

pub(crate) fn backtest(tickers: &[&str], from: Date, to: &str, every: &str) -> Backtest {
    Backtest::new(request(tickers, to), from, every.parse().expect("an interval"), settings())
}

pub(crate) fn ran(backtest: &Backtest, files: Desk) -> BacktestReport {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let fetcher = files.fetcher();
        let past = backtest.fetch(&fetcher, FetchPolicy::within(Duration::from_secs(60))).await;
        backtest.run(Arc::new(past), offline_panel(20), clock(), |_| ()).await.expect("a report")
    })
}

#[test]
fn a_year_by_weeks() {
    let test = backtest(&TICKERS, date(2019, 6, 3), "2020-01-31", "1w");
    let report = ran(&test, Desk::with_fixtures());
    assert_eq!(report.days.len(), 35);
    assert_eq!(report.to_json(), ran(&test, Desk::with_fixtures()).to_json(), "the same input");
    assert!(report.shortfalls.is_empty() && report.account.imbalance.is_zero());
    let fills = |event: &&Event| matches!(event, Event::Filled { .. });
    let filled = report.days.iter().flat_map(|day| &day.events).filter(fills).count();
    assert!(filled > 10, "{filled} fills");
    assert_eq!(report.curve[0].equity, report.capital);
    assert_eq!(report.curve.last().expect("a curve").session, date(2020, 1, 31));
    assert_eq!(report.curve.len(), report.drawdown.len());
    let deepest = report.drawdown.iter().map(|point| point.account).fold(0.0, f64::min);
    let performance = report.performance.known().expect("returns");
    let stated = performance.max_drawdown.value().expect("a curve").depth;
    assert!((deepest - stated).abs() < 1e-9, "{deepest} and {stated}");
    assert!(performance.against.known().is_some() && report.benchmark_performance.known().is_some());
    assert!(report.calibration.known().expect("more than 30 outcomes").outcomes > 100);
    let costs = report.account.totals;
    assert!(!costs.commission.is_zero() && !costs.slippage.is_zero());
}

#[test]
fn one_ticker_as_the_benchmark() {
    let mut test = backtest(&TICKERS[..2], date(2019, 9, 2), "2019-12-31", "10s");
    test.desk.benchmark = Benchmark::Ticker("WAVE".parse().expect("a ticker"));
    let report = ran(&test, Desk::with_fixtures());
    assert!(report.days.iter().all(|day| day.tickers.len() == 2));
    // The first session is that of 3 September; WAVE has no dividends.
    let close = |day: &str| {
        let file = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/pipeline/prices/WAVE.csv"
        ));
        let file = file.expect("the fixture");
        let line = file.lines().find(|line| line.starts_with(day)).expect("a session").to_owned();
        line.split(',').nth(4).expect("a close").parse::<f64>().expect("a number")
    };
    let last = report.curve.last().expect("a curve").benchmark.expect("a level");
    let first = report.curve[0].session.to_string();
    assert!((last - close("2019-12-31") / close(&first)).abs() < 1e-9);
}

#[test]
fn tests_that_cannot_be_made() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    for (from, to, every) in [
        (date(2020, 1, 1), "2019-12-31", "1w"),
        (date(1900, 1, 1), "1900-02-01", "1s"),
        (date(1500, 1, 1), "2019-12-31", "1w"),
    ] {
        let test = backtest(&TICKERS[..1], from, to, every);
        let error = runtime.block_on(async {
            let past = test
                .fetch(&Desk::with_fixtures().fetcher(), FetchPolicy::within(Duration::from_secs(60)))
                .await;
            test.run(Arc::new(past), offline_panel(20), clock(), |_| ()).await.expect_err("no such test")
        });
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
    }
}

/// A table with the rows up to a day alone, or with what stands in the others replaced.
fn after(day: Date, text: &str, change: impl Fn(usize, &str) -> Option<String>) -> String {
    let row = |(place, line): (usize, &str)| {
        let dated = line.get(..10).and_then(|text| text.parse::<Date>().ok());
        match dated {
            Some(dated) if dated > day => change(place, line),
            _ => Some(line.to_owned()),
        }
    };
    let rows: Vec<String> = text.lines().enumerate().filter_map(row).collect();
    rows.join("\n") + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rows after a day, whether they are there, are missing or are garbage, change nothing of what was decided, filled and
    /// scored by then.
    #[test]
    fn what_comes_later_changes_nothing(weeks in 6_i64..30, seed in any::<u64>()) {
        let from = date(2019, 6, 3);
        let day = from.checked_add(jiff::Span::new().weeks(weeks)).expect("a day");
        let until = backtest(&TICKERS, from, &day.to_string(), "2w");
        let known = ran(&until, Desk::with_fixtures().changing_all(|text| after(day, text, |_, _| None)));
        let whole = ran(&until, Desk::with_fixtures());
        prop_assert_eq!(known.to_json(), whole.to_json());
        let garbage = |place: usize, line: &str| {
            let mut chance = Seed::new(seed).child(&place.to_string()).rng();
            let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            for field in fields.iter_mut().skip(1) {
                *field = match chance.below(4) {
                    0 => "n/a".to_owned(),
                    1 => format!("-{field}"),
                    _ => format!("{:.2}", 1.0 + 500.0 * chance.unit()),
                };
            }
            Some(fields.join(","))
        };
        let garbled = Desk::with_fixtures().changing_all(|text| after(day, text, garbage));
        prop_assert_eq!(known.to_json(), ran(&until, garbled).to_json());
        // A test that goes on has the same days.
        let longer = ran(&backtest(&TICKERS, from, "2020-01-31", "2w"), Desk::with_fixtures());
        let days = |report: &BacktestReport| report.to_json()["days"].as_array().cloned().unwrap_or_default();
        prop_assert_eq!(&days(&longer)[..known.days.len()], &days(&known)[..]);
    }
}
