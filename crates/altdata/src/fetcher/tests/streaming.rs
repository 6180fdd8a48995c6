//! What came for a ticker is there when it is complete, not when all are.

use super::world::{SITES, World, as_of, brief, fetcher, tickers};
use super::*;

/// A ticker as it was handed over: when, its place and what came.
type Came = (Duration, usize, TickerFetch);

async fn each(
    world: &Arc<World>,
    sources: Vec<Arc<dyn Source>>,
    tickers: &[Ticker],
    policy: FetchPolicy,
) -> (Vec<Came>, FetchRecord) {
    let (mut came, start) = (Vec::new(), Instant::now());
    let keep = |place, fetch| came.push((start.elapsed(), place, fetch));
    let record = fetcher(world, sources).fetch_each(tickers, as_of(), policy, keep).await;
    (came, record)
}

/// Prices come two a second, and so do the tickers; with them and one after the other, though the news make all wait for
/// fifteen seconds where they are asked for.
#[tokio::test(start_paused = true)]
async fn the_first_ticker_is_there_long_before_the_last() {
    let (world, policy) = (World::new(&SITES, 1, 0.0), FetchPolicy::within(Duration::from_secs(60)));
    let mut without_news = brief();
    without_news.remove(3);
    let (came, record) = each(&world, without_news, &tickers(20), policy).await;
    let places: Vec<usize> = came.iter().map(|(_, place, _)| *place).collect();
    assert_eq!(places, (0..20).collect::<Vec<_>>(), "in the order in which they were named");
    let (first, last) = (came[0].0, came[19].0);
    assert!(first < Duration::from_secs(6) && last > Duration::from_secs(9), "{first:?} and {last:?}");
    assert_eq!((last, record.elapsed), (record.elapsed, came[19].2.elapsed));
    assert_eq!(came[0].0, came[0].2.elapsed, "at once");
    assert_eq!(record.health.len(), 4);
    let (late, _) = each(&World::new(&SITES, 1, 0.0), brief(), &tickers(20), policy).await;
    assert!(late.iter().all(|(at, ..)| *at > Duration::from_secs(15)));
}

/// With faults, with a deadline that cuts, and with tickers named twice: the same as all together.
#[tokio::test(start_paused = true)]
async fn it_is_what_a_whole_fetch_has() {
    for (seed, faults, seconds) in [(1, 0.0, 60), (2, 0.1, 60), (3, 0.3, 20), (4, 0.0, 5), (5, 0.1, 0)] {
        let policy = FetchPolicy::within(Duration::from_secs(seconds));
        let mut named = tickers(12);
        named.splice(3..3, tickers(2));
        let whole = fetcher(&World::new(&SITES, seed, faults), brief()).fetch(&named, as_of(), policy).await;
        let (mut came, record) = each(&World::new(&SITES, seed, faults), brief(), &named, policy).await;
        came.sort_by_key(|(_, place, _)| *place);
        let places: Vec<usize> = came.iter().map(|(_, place, _)| *place).collect();
        assert_eq!(places, [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13], "each once, where it was named first");
        assert!(came.iter().all(|(_, place, fetch)| named[*place] == fetch.ticker));
        assert_eq!(record.with(came.into_iter().map(|(.., fetch)| fetch).collect()), whole);
    }
}
