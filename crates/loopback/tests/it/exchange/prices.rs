//! Prices and options, in each format that has them.

use std::collections::BTreeMap;

use assize_loopback::BarTruth;
use serde_json::Value;

use super::{TICKERS, at, date, evening, get, json, truth};

const CHART: &str = "https://query2.finance.yahoo.com/v8/finance/chart";

fn numbers(column: &Value) -> Vec<f64> {
    column.as_array().expect("a column").iter().map(|value| value.as_f64().expect("a number")).collect()
}

/// The ratio of all splits after a day.
fn later(result: &Value, after: i64) -> f64 {
    let splits = result["events"]["splits"].as_object();
    let splits = splits.into_iter().flatten().map(|(_, split)| split);
    let ratio = |split: &Value| {
        split["numerator"].as_f64().expect("a number") / split["denominator"].as_f64().expect("a number")
    };
    splits.filter(|split| split["date"].as_i64().expect("a number") > after).map(ratio).product()
}

#[tokio::test]
#[expect(clippy::cast_precision_loss, reason = "volumes are far below 2^53")]
async fn a_chart_is_the_truth_divided_by_its_splits() {
    let mut splits = 0;
    for seed in 1..4 {
        let exchange = evening(seed);
        let truth = truth(&exchange, "2023-03-07", "2026-03-06");
        for ticker in TICKERS {
            let url = format!(
                "{CHART}/{ticker}?period1=1678147200&period2=9999999999&interval=1d&events=div,splits"
            );
            let body = json(&exchange, url).await;
            let result = &body["chart"]["result"][0];
            assert_eq!(result["meta"]["symbol"], ticker);
            assert_eq!(result["meta"]["dataGranularity"], "1d");
            let stamps = result["timestamp"].as_array().expect("days");
            let quote = &result["indicators"]["quote"][0];
            let columns = ["open", "high", "low", "close", "volume"].map(|name| numbers(&quote[name]));
            let bars = &truth.companies[ticker].bars;
            assert_eq!(stamps.len(), bars.len(), "{ticker}");
            for (n, bar) in bars.iter().enumerate() {
                let stamp = stamps[n].as_i64().unwrap();
                let ratio = later(result, stamp);
                let raw = |column: usize| columns[column][n] * ratio;
                let near = |one: f64, other: f64| (one - other).abs() <= other * 2e-6;
                let BarTruth { open, high, low, close, .. } = *bar;
                for (n, price) in [open, high, low, close].into_iter().enumerate() {
                    assert!(near(raw(n), price), "{ticker} on {}: {} is not {price}", bar.date, raw(n));
                }
                let volume = columns[4][n] / ratio;
                assert!((volume - bar.volume as f64).abs() <= 1.0, "{ticker} on {}", bar.date);
            }
            let told = result["events"]["splits"].as_object().map_or(0, serde_json::Map::len);
            assert_eq!(told, truth.companies[ticker].splits.len());
            splits += told;
            let told = result["events"]["dividends"].as_object().map_or(0, serde_json::Map::len);
            assert_eq!(told, truth.companies[ticker].dividends.len());
        }
    }
    assert!(splits > 0, "something was divided: {splits}");
}

#[tokio::test]
async fn adjusted_closes_leave_out_what_was_paid() {
    let exchange = evening(3);
    for ticker in TICKERS {
        let body = json(&exchange, format!("{CHART}/{ticker}?period1=1609459200&period2=9999999999")).await;
        let result = &body["chart"]["result"][0];
        let closes = numbers(&result["indicators"]["quote"][0]["close"]);
        let adjusted = numbers(&result["indicators"]["adjclose"][0]["adjclose"]);
        assert!((closes.last().unwrap() - adjusted.last().unwrap()).abs() < 1e-9);
        let left = adjusted[0] / closes[0];
        let paid = result["events"]["dividends"].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(left < 0.999, paid > 0, "{ticker}: {left} after {paid} dividends");
        assert!(left <= 1.0 + 1e-6);
    }
}

#[tokio::test]
async fn days_without_trade_have_no_timestamps() {
    let exchange = evening(2);
    let weekend = format!("{CHART}/KO?period1=1772323200&period2=1772409600&interval=1d");
    let body = json(&exchange, weekend).await;
    let result = &body["chart"]["result"][0];
    assert!(result.get("timestamp").is_none());
    assert_eq!(result["indicators"]["quote"][0], serde_json::json!({}));
    let unknown = get(&exchange, format!("{CHART}/NOSUCHSYMBOL")).await;
    assert_eq!((unknown.status, unknown.json()["chart"]["error"]["code"].clone()), (404, "Not Found".into()));
}

#[tokio::test]
async fn both_chains_say_the_same() {
    let exchange = evening(1);
    for (ticker, plain) in [("KO", "KO"), ("BRK-B", "BRKB")] {
        let url = format!("https://cdn.cboe.com/api/global/delayed_quotes/options/{plain}.json");
        let cboe = json(&exchange, url).await;
        assert_eq!(
            (cboe["symbol"].as_str(), cboe["timestamp"].as_str()),
            (Some(plain), Some("2026-03-06 21:15:00"))
        );
        let by_symbol: BTreeMap<&str, &Value> = cboe["data"]["options"]
            .as_array()
            .unwrap()
            .iter()
            .map(|option| (option["option"].as_str().unwrap(), option))
            .collect();
        let bars = truth(&exchange, "2026-03-06", "2026-03-06");
        assert_eq!(cboe["data"]["current_price"], bars.companies[ticker].bars[0].close);
        let options = format!("https://query2.finance.yahoo.com/v7/finance/options/{ticker}");
        let first = json(&exchange, &options).await;
        let expiries = first["optionChain"]["result"][0]["expirationDates"].as_array().unwrap().clone();
        assert!(expiries.len() >= 6);
        let mut seen = 0;
        for expiry in expiries {
            let body = json(&exchange, format!("{options}?date={expiry}")).await;
            let chain = &body["optionChain"]["result"][0]["options"][0];
            for contract in ["calls", "puts"].iter().flat_map(|side| chain[side].as_array().unwrap()) {
                let other = by_symbol[contract["contractSymbol"].as_str().unwrap()];
                let same = [
                    ("bid", "bid"),
                    ("ask", "ask"),
                    ("openInterest", "open_interest"),
                    ("lastPrice", "last_trade_price"),
                ];
                for (one, two) in same {
                    assert_eq!(contract[one].as_f64(), other[two].as_f64(), "{contract} {other}");
                }
                let volume = contract.get("volume").map_or(0.0, |volume| volume.as_f64().unwrap());
                assert_eq!(Some(volume), other["volume"].as_f64());
                seen += 1;
            }
        }
        assert_eq!(seen, by_symbol.len());
        let over = json(&exchange, format!("{options}?date=1000000000")).await;
        assert_eq!(over["optionChain"]["result"][0]["options"][0]["calls"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn planted_contracts_are_the_unusual_ones() {
    let whole = truth(&evening(2), "2025-01-01", "2026-03-06");
    let mut found = 0;
    for (ticker, company) in &whole.companies {
        for (day, symbol) in company.jumps.iter().filter_map(|jump| jump.unusual.as_ref()) {
            let exchange = at(2, &format!("{}T02:00:00Z", day.tomorrow().unwrap()));
            let file = ticker.replace('-', "");
            let url = format!("https://cdn.cboe.com/api/global/delayed_quotes/options/{file}.json");
            let body = json(&exchange, url).await;
            let unusual = |option: &&Value| {
                let number = |name: &str| option[name].as_f64().unwrap();
                number("volume") > 500.0
                    && number("open_interest") > 100.0
                    && number("volume") >= 1.25 * number("open_interest")
            };
            let options = body["data"]["options"].as_array().unwrap();
            let unusual: Vec<_> = options.iter().filter(unusual).map(|option| &option["option"]).collect();
            assert_eq!(unusual, [symbol.as_str()], "{ticker} on {day}");
            found += 1;
        }
    }
    assert!(found > 5, "{found}");
    assert!(whole.companies["KO"].jumps.iter().all(|jump| jump.date > date("2025-01-01")));
}
