//! What goes wrong, each as it looks.

use std::time::Duration;

use assize_loopback::{Came, ErrorKind, Exchange, SiteFault, SiteFaults};
use serde_json::Value;
use tokio::time::Instant;

use super::{Got, elements, evening, get};

const CHART: &str = "https://query2.finance.yahoo.com/v8/finance/chart/KO?interval=1d";
const OPTIONS: &str = "https://query2.finance.yahoo.com/v7/finance/options/KO";
const CHAIN: &str = "https://cdn.cboe.com/api/global/delayed_quotes/options/KO.json";
const SUBMISSIONS: &str = "https://data.sec.gov/submissions/CIK0000000433.json";
const GDELT: &str =
    "https://api.gdeltproject.org/api/v2/doc/doc?query=KO&mode=artlist&format=json&timespan=30d";

fn faulty(fault: SiteFault) -> Exchange {
    evening(1).with_faults(SiteFaults::none().with(fault, 1.0).expect("a share"))
}

async fn hit(fault: SiteFault, url: &str) -> Got {
    let exchange = faulty(fault);
    let got = get(&exchange, url).await;
    let books = exchange.books();
    let host = books.values().next().expect("a host");
    assert_eq!((host.faults.get(&fault), host.served), (Some(&1), 0), "{fault:?}");
    assert_eq!(host.log[0].came, Came::Faulty(fault));
    got
}

#[tokio::test]
async fn sites_refuse() {
    let told = hit(SiteFault::Throttled, CHART).await;
    let seconds: u64 = told.retry_after.expect("a wait").parse().unwrap();
    assert!(told.status == 429 && (1..=5).contains(&seconds));
    let silent = hit(SiteFault::ThrottledSilently, CHAIN).await;
    assert_eq!((silent.status, silent.retry_after), (429, None));
    assert_eq!(hit(SiteFault::Down, CHAIN).await.status, 503);
    let block = hit(SiteFault::SecBlock, SUBMISSIONS).await;
    assert!(block.status == 429 && block.text.contains("Request Rate Threshold Exceeded"));
    assert!(elements(block.text.split_once('\n').unwrap().1).len() > 4, "a page that can be read");
    let words = hit(SiteFault::GdeltText, GDELT).await;
    assert!(words.status == 200 && words.text.starts_with("Please limit requests to one every 5 seconds"));
    let empty = hit(SiteFault::GdeltEmpty, GDELT).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, "{}"));
}

#[tokio::test]
async fn parts_are_missing() {
    let chart = hit(SiteFault::MissingTimestamp, CHART).await.json();
    let result = &chart["chart"]["result"][0];
    assert!(result.get("timestamp").is_none() && result["meta"]["symbol"] == "KO");
    let chain = hit(SiteFault::NullIv, CHAIN).await.json();
    let options = chain["data"]["options"].as_array().unwrap();
    assert!(options.iter().all(|option| option["iv"].is_null() && option["bid"].is_number()));
    let chain = hit(SiteFault::NullIv, OPTIONS).await.json();
    assert!(chain["optionChain"]["result"][0]["options"][0]["calls"][0]["impliedVolatility"].is_null());
    let cut = hit(SiteFault::CutBody, CHART).await;
    assert_eq!(cut.failed, Some(ErrorKind::Cut));
    assert!(!cut.text.is_empty() && serde_json::from_str::<Value>(&cut.text).is_err());
}

/// The same without what was added.
fn without_news(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let old = members.iter().filter(|(name, _)| *name != "addedLately");
            Value::Object(old.map(|(name, value)| (name.clone(), without_news(value))).collect())
        }
        Value::Array(values) => values.iter().map(without_news).collect(),
        plain => plain.clone(),
    }
}

#[tokio::test]
async fn new_fields_change_nothing_else() {
    for url in [CHART, OPTIONS, CHAIN, SUBMISSIONS, "https://www.sec.gov/files/company_tickers.json"] {
        let with = hit(SiteFault::NewFields, url).await.json();
        let plain = get(&evening(1), url).await.json();
        assert_ne!(with, plain, "{url}");
        assert_eq!(without_news(&with), plain, "{url}");
    }
    let columns = hit(SiteFault::NewFields, SUBMISSIONS).await.json();
    let recent = columns["filings"]["recent"].as_object().unwrap();
    let lengths: std::collections::BTreeSet<usize> =
        recent.values().map(|column| column.as_array().unwrap().len()).collect();
    assert_eq!(lengths.len(), 1, "a new column has the length of the others");
}

#[tokio::test]
async fn another_company_answers() {
    for (url, pointer, own) in [
        (CHART, "/chart/result/0/meta/symbol", "KO"),
        (OPTIONS, "/optionChain/result/0/underlyingSymbol", "KO"),
        (CHAIN, "/symbol", "KO"),
        (SUBMISSIONS, "/tickers/0", "KO"),
        ("https://api.stocktwits.com/api/2/streams/symbol/KO.json", "/symbol/symbol", "KO"),
    ] {
        let wrong = hit(SiteFault::WrongCompany, url).await.json();
        let right = get(&evening(1), url).await.json();
        assert_eq!(right.pointer(pointer), Some(&own.into()), "{url}");
        assert_eq!(wrong.pointer(pointer), Some(&"NVDA".into()), "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_stalls_for_twenty_seconds() {
    let start = Instant::now();
    let late = hit(SiteFault::Stall, CHART).await;
    assert_eq!(start.elapsed(), Duration::from_secs(20));
    assert_eq!(late, get(&evening(1), CHART).await);
}

#[tokio::test]
async fn faults_come_at_their_rates() {
    let rate = SiteFaults::none().with(SiteFault::Down, 0.2).expect("a share");
    let exchange = evening(1).with_faults(rate);
    let mut failed = 0;
    for n in 0..400 {
        let fresh = exchange.anew(assize_ambient::Seed::new(n));
        failed += usize::from(get(&fresh, "https://api.alternative.me/fng/").await.status == 503);
    }
    assert!(failed.abs_diff(80) < 30, "{failed}");
}
