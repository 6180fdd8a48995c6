//! Nothing is there before its time, and everything after it.

use std::collections::BTreeSet;

use assize_ambient::Timestamp;
use assize_loopback::{CompanyTruth, ItemKind};
use proptest::prelude::*;
use serde_json::Value;

use super::{at, json};

fn known(company: &CompanyTruth, kind: ItemKind, from: &str, now: Timestamp) -> BTreeSet<String> {
    let of_kind = company.items.iter().filter(|item| item.kind == kind && item.available <= now);
    let keys = of_kind.map(|item| item.key.clone());
    // Dates sort as texts do.
    keys.filter(|key| key.as_str() >= from).collect()
}

async fn check(seed: u64, now: Timestamp) {
    let exchange = at(seed, &now.to_string());
    let from = now.checked_sub(jiff::SignedDuration::from_hours(24 * 60)).expect("it is there");
    let day = |moment: Timestamp| moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    let company =
        exchange.company("KO", day(from), day(now).tomorrow().expect("it is there")).expect("it is there");
    let first = day(from).tomorrow().expect("it is there");

    let period = from.as_second();
    let url =
        format!("https://query2.finance.yahoo.com/v8/finance/chart/KO?period1={period}&period2=9999999999");
    let chart = json(&exchange, url).await;
    let zone = jiff::tz::TimeZone::get("America/New_York").expect("it is there");
    let days: BTreeSet<String> = chart["chart"]["result"][0]["timestamp"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|stamp| Timestamp::from_second(stamp.as_i64().expect("a number")).expect("it is there"))
        .map(|stamp| zone.to_datetime(stamp).date().to_string())
        .filter(|day| *day >= first.to_string())
        .collect();
    assert_eq!(days, known(&company, ItemKind::Bar, &first.to_string(), now));

    let url = format!("https://data.sec.gov/submissions/CIK{:010}.json", company.cik);
    let filings = json(&exchange, url).await;
    let recent = &filings["filings"]["recent"]["accessionNumber"];
    let told: BTreeSet<&str> =
        recent.as_array().expect("a list").iter().map(|one| one.as_str().expect("a text")).collect();
    for filing in &company.filings {
        assert_eq!(told.contains(filing.accession.as_str()), filing.available <= now, "{filing:?}");
    }

    let name = company.name.replace(' ', "_");
    let url = format!(
        "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user/{name}/daily/{}/2031010100",
        first.strftime("%Y%m%d00")
    );
    let views = json(&exchange, url).await;
    let told: BTreeSet<String> = views["items"].as_array().expect("a list").iter().map(date_of).collect();
    assert_eq!(told, known(&company, ItemKind::Views, &first.to_string(), now));
}

fn date_of(day: &Value) -> String {
    let stamp = day["timestamp"].as_str().expect("a text");
    format!("{}-{}-{}", &stamp[..4], &stamp[4..6], &stamp[6..8])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_clock_decides(seed: u64, second in 1_262_304_000_i64..1_893_456_000) {
        let now = Timestamp::from_second(second).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(check(seed, now));
    }
}
