//! The same seed, the same bytes, in whatever order they are asked for.

use std::collections::BTreeSet;

use assize_ambient::Seed;
use assize_loopback::{SiteFault, SiteFaults};
use proptest::prelude::*;

use super::{Got, evening, get};

const URLS: [&str; 18] = [
    "https://www.sec.gov/files/company_tickers.json",
    "https://data.sec.gov/submissions/CIK0000000433.json",
    "https://data.sec.gov/api/xbrl/companyfacts/CIK0000000433.json",
    "https://query2.finance.yahoo.com/v8/finance/chart/KO?interval=1d&period1=1700000000&period2=9999999999",
    "https://query2.finance.yahoo.com/v7/finance/options/KO",
    "https://cdn.cboe.com/api/global/delayed_quotes/options/PEP.json",
    "https://newswire.example/rss",
    "https://tradepost.example/rss",
    "https://api.gdeltproject.org/api/v2/doc/doc?query=ACME&mode=artlist&format=json&timespan=7d",
    "https://api.stocktwits.com/api/2/streams/symbol/KO.json",
    "https://www.reddit.com/r/stocks/search.rss?q=KO&t=month",
    "https://hn.algolia.com/api/v1/search_by_date?query=KO&tags=story",
    "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10&cosd=2025-01-01",
    "https://api.stlouisfed.org/fred/series/observations?series_id=UNRATE&api_key=k&file_type=json",
    "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/2025/all",
    "https://cdn.finra.org/equity/regsho/daily/CNMSshvol20260305.txt",
    "https://www.youtube.com/feeds/videos.xml?channel_id=x",
    "https://api.alternative.me/fng/?limit=2",
];

/// Asks for each address three times, in this order; gives what came by address.
async fn answers(seed: u64, order: &[usize]) -> Vec<(usize, Vec<Got>)> {
    let faults =
        SiteFaults::evenly(1.0).and_then(|faults| faults.with(SiteFault::Stall, 0.0)).expect("shares");
    let exchange = evening(seed).with_faults(faults);
    let mut answers = Vec::new();
    for n in order {
        let mut of_it = Vec::new();
        for _ in 0..3 {
            of_it.push(get(&exchange, URLS[*n]).await);
        }
        answers.push((*n, of_it));
    }
    answers.sort_by_key(|(n, _)| *n);
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn order_does_not_matter(seed: u64, shuffle: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut order: Vec<usize> = (0..URLS.len()).collect();
            let once = answers(seed, &order).await;
            Seed::new(shuffle).rng().shuffle(&mut order);
            let again = answers(seed, &order).await;
            assert!(once == again, "seed {seed}, order {shuffle}");
        });
    }
}

#[tokio::test]
async fn the_seed_matters_and_so_does_the_attempt() {
    let order: Vec<usize> = (0..URLS.len()).collect();
    let (one, other) = (answers(1, &order).await, answers(2, &order).await);
    assert_ne!(one, other);
    assert!(one.iter().any(|(_, of_it)| of_it[0] != of_it[1]), "faults are drawn for each attempt");
    let statuses: BTreeSet<u16> =
        one.iter().flat_map(|(_, of_it)| of_it.iter().map(|got| got.status)).collect();
    assert!(statuses.contains(&429) && statuses.contains(&200), "{statuses:?}");
}
