//! What is read of charts, and what is not.

use std::sync::Arc;

use assize_altdata::{AsOf, GapReason, Identity, PriceSeries, conformance};
use assize_transport::Headers;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Three days over a four-for-one split on 31 August 2020, as Yahoo shows them afterwards.
fn chart() -> Value {
    json!({"chart": {"result": [{
        "meta": {"currency": "USD", "symbol": "ACME", "instrumentType": "EQUITY", "exchangeTimezoneName": NEW_YORK,
            "gmtoffset": -14400, "dataGranularity": "1d", "new": 1},
        "timestamp": [1_598_621_400_i64, 1_598_880_600_i64, 1_598_967_000_i64],
        "events": {
            "splits": {"1598880600": {"date": 1_598_880_600_i64, "numerator": 4.0, "denominator": 1.0, "splitRatio": "4:1"}},
            "dividends": {"1598621400": {"amount": 0.205, "date": 1_598_621_400_i64}}},
        "indicators": {
            "quote": [{"open": [126.0, 127.5, null], "high": [127.0, 131.0, 134.0], "low": [125.0, 126.0, 130.0],
                "close": [124.807_502_746_582_03, 129.0, 134.0], "volume": [400, 200, 100]}],
            "adjclose": [{"adjclose": [122.0, 126.5, 131.0]}]}}],
        "error": null}})
}

fn query() -> Query {
    Query::new(&"ACME".parse().unwrap(), "2020-09-02".parse::<AsOf>().unwrap())
}

fn decode_for(query: &Query, status: u16, body: &Value) -> Outcome {
    let source = YahooChart::new();
    let request = &source.plan(query).unwrap()[0];
    let response =
        RawResponse::new(request, status, Headers::default(), body.to_string(), Timestamp::UNIX_EPOCH);
    source.decode(query, &response)
}

fn decode(body: &Value) -> Outcome {
    decode_for(&query(), 200, body)
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&YahooChart::new(), &query(), chart().to_string().as_bytes());
}

#[test]
fn the_period_ends_beyond_today() {
    let source = YahooChart::new();
    let url = |query: &Query| source.plan(query).unwrap()[0].url().as_str().to_owned();
    let expected = "https://query2.finance.yahoo.com/v8/finance/chart/ACME?period1=1504396800&period2=9999999999\
                    &interval=1d&events=div%2Csplits";
    assert_eq!(url(&query()), expected);
    let since = query().since("2020-08-31T00:00:00Z".parse().unwrap());
    assert!(url(&since).contains("period1=1598832000&"));
}

#[test]
fn bars_are_as_they_were_traded() {
    let Outcome::Items { items, findings } = decode(&chart()) else { panic!("items") };
    let bars: Vec<&DailyBar> = items.iter().filter_map(Item::as_bar).collect();
    assert_eq!(bars.len(), 2, "the day without an opening price is left out");
    assert_eq!(
        findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::UnreadableNumber]
    );
    let first = bars[0];
    assert_eq!((first.close, first.volume, first.split), (499.23, Some(100.0), None));
    assert_eq!((first.dividend, bars[1].split), (Some(0.82), Some(4.0)));
    assert_eq!(first.date.to_string(), "2020-08-28");
    let series = PriceSeries::build(&items, &query().as_of());
    let returned = series.adjusted_closes().next_back().unwrap() / series.adjusted_closes().next().unwrap();
    assert!((returned - 126.5 / 122.0).abs() < 1e-9, "{returned}");
}

#[test]
fn what_is_no_chart_of_it() {
    let changed = |path: &str, value: Value| {
        let mut chart = chart();
        *chart.pointer_mut(path).unwrap() = value;
        decode(&chart)
    };
    let meta = |field: &str| format!("/chart/result/0/meta/{field}");
    let other = "ADH, and ACME was asked for".to_owned();
    assert_eq!(changed(&meta("symbol"), json!("ADH")), Outcome::OtherCompany(other));
    assert!(matches!(changed(&meta("dataGranularity"), json!("1m")), Outcome::Drift(_)));
    assert_eq!(changed("/chart/result/0/timestamp", Value::Null), Outcome::Empty);
    assert!(matches!(changed("/chart/result", json!([])), Outcome::DoubtfulEmpty(_)));
    let short = changed("/chart/result/0/indicators/quote/0/low", json!([1.0]));
    let expected = "at `chart.result[0].indicators.quote[0].low`: 1 values for 3 days";
    assert_eq!(short, Outcome::Drift(expected.to_owned()));
    let refusal =
        |code: &str| json!({"chart": {"result": null, "error": {"code": code, "description": "no"}}});
    assert_eq!(decode(&refusal("Not Found")), Outcome::NotFound);
    assert_eq!(decode(&refusal("Unauthorized")), Outcome::Blocked);
    assert_eq!(decode(&refusal("Busy")), Outcome::Unavailable("Busy: no".to_owned()));
    assert_eq!(decode_for(&query(), 429, &json!("Too Many Requests")), Outcome::Throttled(None));
    assert_eq!(decode_for(&query(), 404, &refusal("Not Found")), Outcome::NotFound);
}

#[test]
fn a_fund_is_not_taken_for_the_company() {
    let card = Identity::new(query().ticker(), "Acme Inc.").with_cik(7);
    let query = query().with_identity(Arc::new(card));
    let mut fund = chart();
    *fund.pointer_mut("/chart/result/0/meta/instrumentType").unwrap() = json!("MUTUALFUND");
    assert!(matches!(decode_for(&query, 200, &fund), Outcome::OtherCompany(_)));
    assert!(matches!(decode_for(&query, 200, &chart()), Outcome::Items { .. }));
    let reason = GapReason::OtherCompany;
    assert_eq!(reason.to_string(), "other_company");
}

#[test]
fn pence_and_foreign_days_are_told() {
    let mut chart = chart();
    *chart.pointer_mut("/chart/result/0/meta/currency").unwrap() = json!("GBp");
    *chart.pointer_mut("/chart/result/0/meta/exchangeTimezoneName").unwrap() = json!("Europe/London");
    let Outcome::Items { items, findings } = decode(&chart) else { panic!("items") };
    assert!(findings.iter().any(|finding| finding.text == "prices are in pence (GBp)"));
    assert_eq!(items[0].available_at.earliest.to_string(), "2020-08-28T00:00:00Z");
    assert_eq!(items[0].available_at.latest.to_string(), "2020-08-29T00:00:00Z");
}

#[test]
fn a_split_that_is_none_is_told() {
    for numerator in [0.0, 5e-324, -4.0, 1e9] {
        let mut chart = chart();
        *chart.pointer_mut("/chart/result/0/events/splits/1598880600/numerator").unwrap() = json!(numerator);
        let Outcome::Items { items, findings } = decode(&chart) else { panic!("items") };
        let bar = items[0].as_bar().unwrap();
        assert_eq!((items.len(), bar.volume, findings[0].kind), (2, Some(400.0), FindingKind::BadEvent));
    }
}

#[test]
fn a_day_that_runs_is_left_out() {
    let end = 1_598_904_000_i64; // 31 August 2020, 16:00 in New York
    let read = |traded: i64, fetched: i64| {
        let mut chart = chart();
        let meta = chart.pointer_mut("/chart/result/0/meta").unwrap();
        meta["regularMarketTime"] = json!(traded);
        meta["currentTradingPeriod"] = json!({"regular": {"start": end - 23_400, "end": end}});
        let source = YahooChart::new();
        let request = &source.plan(&query()).unwrap()[0];
        let fetched = Timestamp::from_second(fetched).unwrap();
        let response = RawResponse::new(request, 200, Headers::default(), chart.to_string(), fetched);
        let Outcome::Items { items, findings } = source.decode(&query(), &response) else { panic!("items") };
        let running = findings.iter().filter(|finding| finding.kind == FindingKind::Unfinished).count();
        (items.len(), running)
    };
    assert_eq!(read(end - 60, end - 30), (1, 1));
    assert_eq!(read(end + 1, end - 30), (2, 0), "it says that the session ended");
    assert_eq!(read(end - 60, end + 30), (2, 0), "seldom traded, and the session is over");
}

proptest! {
    /// What is read of a day does not depend on splits after it.
    #[test]
    fn later_splits_change_nothing(closes in prop::collection::vec(100_u32..100_000, 6), ratio in 2_u32..10, at in 1_usize..6) {
        const DAY: i64 = 86_400;
        let first = 1_598_880_600_i64; // a Monday
        let raw: Vec<f64> = closes.iter().map(|cents| f64::from(*cents) / 100.0).collect();
        let shown = |splits: bool| -> Vec<DailyBar> {
            let divisor = |day: usize| if splits && day < at { f64::from(ratio) } else { 1.0 };
            let close: Vec<f64> = raw.iter().enumerate().map(|(day, close)| close / divisor(day)).collect();
            let stamps: Vec<i64> = (0..6).map(|day| first + day * DAY).collect();
            let mut body = chart();
            let series = body.pointer_mut("/chart/result/0").unwrap();
            series["timestamp"] = json!(stamps);
            series["indicators"] = json!({"quote": [{"open": close, "high": close, "low": close, "close": close,
                "volume": [1, 1, 1, 1, 1, 1]}]});
            series["events"] = if splits {
                let date = stamps[at];
                json!({"splits": {date.to_string(): {"date": date, "numerator": ratio, "denominator": 1}}})
            } else {
                json!({})
            };
            let Outcome::Items { items, .. } = decode(&body) else { panic!("items") };
            items.iter().filter_map(|item| item.as_bar().copied()).collect()
        };
        for (plain, split) in shown(false).iter().zip(shown(true)) {
            prop_assert!((plain.close - split.close).abs() < plain.close * 1e-6, "{} {}", plain.close, split.close);
        }
    }
}
