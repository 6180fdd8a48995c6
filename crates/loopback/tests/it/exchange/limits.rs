//! The limits of the sites, and the books.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Seed, VirtualClock};
use assize_loopback::{Came, Exchange, Limit, Site};
use tokio::time::{advance, sleep};

use super::{EVENING, get, limited};

const MOOD: &str = "https://api.alternative.me/fng/";
const TICKERS: &str = "https://www.sec.gov/files/company_tickers.json";
const FACTS: &str = "https://data.sec.gov/api/xbrl/companyfacts/CIK0000000433.json";

#[tokio::test(start_paused = true)]
async fn what_goes_over_a_limit_is_refused_and_counted() {
    let exchange = limited(1, EVENING).with_limit(Site::AlternativeMe, Limit::per_minute(60).with_burst(2));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&exchange, MOOD).await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    let refused = get(&exchange, MOOD).await;
    assert_eq!((refused.status, refused.retry_after.as_deref()), (429, Some("1")));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(get(&exchange, MOOD).await.status, 200);
    let books = exchange.books();
    let host = &books["api.alternative.me"];
    assert_eq!((host.requests, host.served, host.violations), (5, 3, 2));
    let came: Vec<_> = host.log.iter().map(|seen| (seen.after.as_secs(), seen.came)).collect();
    assert_eq!(came[..2], [(0, Came::Served), (0, Came::Served)]);
    assert_eq!(came[2..], [(0, Came::OverLimit), (0, Came::OverLimit), (1, Came::Served)]);
}

#[tokio::test(start_paused = true)]
async fn the_regulator_s_hosts_count_together_and_block() {
    let exchange = limited(1, EVENING);
    for n in 0..10 {
        assert_eq!(get(&exchange, if n % 2 == 0 { TICKERS } else { FACTS }).await.status, 200);
    }
    let blocked = get(&exchange, FACTS).await;
    assert!(blocked.status == 429 && blocked.text.contains("Traffic Limit"));
    advance(Duration::from_secs(599)).await;
    assert_eq!(get(&exchange, TICKERS).await.status, 429, "and asking makes it longer");
    advance(Duration::from_secs(599)).await;
    assert_eq!(get(&exchange, TICKERS).await.status, 429);
    advance(Duration::from_secs(600)).await;
    assert_eq!(get(&exchange, TICKERS).await.status, 200);
    let books = exchange.books();
    assert_eq!((books["sec.gov"].violations, books["sec.gov"].while_blocked), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn who_keeps_to_the_limits_is_never_refused() {
    let exchange = limited(1, EVENING);
    for (url, every) in [
        ("https://api.gdeltproject.org/api/v2/doc/doc?query=KO&timespan=1d", Duration::from_secs(5)),
        (TICKERS, Duration::from_millis(125)),
        (MOOD, Duration::from_secs(1)),
        ("https://cdn.cboe.com/api/global/delayed_quotes/options/KO.json", Duration::from_millis(500)),
    ] {
        for _ in 0..20 {
            assert_eq!(get(&exchange, url).await.status, 200);
            sleep(every).await;
        }
    }
    assert!(exchange.books().values().all(|host| host.violations == 0));
}

#[tokio::test(start_paused = true)]
async fn the_clock_moves_the_market() {
    let clock = VirtualClock::starting_at("2026-03-06T20:59:00Z".parse().unwrap());
    let exchange = Exchange::new(Seed::new(1), Arc::new(clock)).with_latency(Duration::from_millis(100));
    let url = "https://query2.finance.yahoo.com/v8/finance/chart/KO?period1=1772755200&period2=9999999999";
    let days = |got: super::Got| got.json()["chart"]["result"][0]["timestamp"].as_array().map_or(0, Vec::len);
    assert_eq!(days(get(&exchange, url).await), 0, "the session is not over");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(days(get(&exchange, url).await), 1);
    let log = &exchange.books()["finance.yahoo.com"].log;
    assert!(log.iter().all(|seen| (50..=150).contains(&seen.took.as_millis())), "{log:?}");
}

#[tokio::test]
async fn keys_do_not_stand_in_the_books() {
    let exchange = limited(1, EVENING);
    let url = "https://api.stlouisfed.org/fred/series/observations?series_id=DGS10&api_key=very-secret";
    assert_eq!(get(&exchange, url).await.status, 200);
    let truth = exchange.truth("2026-03-01".parse().unwrap(), "2026-03-06".parse().unwrap());
    let json = serde_json::to_string(&truth).unwrap();
    assert!(json.contains("series_id=DGS10") && !json.contains("very-secret"));
    assert!(json.contains(r#""format_version":1"#));
}
