//! What came for a ticker is there when it is complete, not when all are.

use std::sync::Mutex;

use super::made::{Answering, Made, clock};
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

/// Half of the tickers are complete in half of the time where each is fetched with all that it needs, and the last no later.
#[tokio::test(start_paused = true)]
async fn ticker_by_ticker_the_first_is_complete_at_once() {
    let mut filings = Made::named("filings", |query, response| answered("filings", query, response));
    (filings.meta.rate, filings.meta.burst) = (Some(8.0), 8);
    filings.plan = Box::new(|query| (0..4).map(|n| request("filings", query, n)).collect());
    let mut facts = Made::named("facts", |query, response| answered("facts", query, response));
    (facts.meta.host, facts.meta.kind) = ("filings".into(), SourceKind::Macro);
    (facts.meta.rate, facts.meta.burst) = (Some(8.0), 8);
    facts.plan = Box::new(|query| vec![request("facts", query, 0)]);
    let sources: Vec<Arc<dyn Source>> = vec![Arc::new(facts), Arc::new(filings)];
    let clock = clock("2024-03-01T00:00:00Z");
    let wire = Answering::new(&clock, |_| (Duration::from_millis(100), Ok(String::new())));
    let fetcher = Fetcher::new(wire.clone(), sources, clock);
    let mut times = Vec::new();
    for order in [FetchOrder::Evenly, FetchOrder::ByTicker] {
        let (start, mut came) = (Instant::now(), Vec::new());
        let policy = FetchPolicy::within(Duration::from_secs(60)).in_order(order);
        fetcher
            .fetch_each(&tickers(10), as_of(), policy, |_, _| came.push(start.elapsed().as_secs_f64()))
            .await;
        times.push(came);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    let [evenly, by_ticker] = &times[..] else { panic!("two orders") };
    // 50 requests, 8 at once and then 8 a second.
    let last = f64::from(50 - 8) / 8.0 + 0.1;
    assert!(times.iter().all(|came| (last..last + 0.02).contains(&came[9])), "{times:?}");
    assert!(evenly[0] > 4.0 && by_ticker[0] < 0.2 && by_ticker[4] < last / 2.0, "{times:?}");
    let asked = wire.asked.lock().unwrap();
    assert!(asked[..50].iter().rev().take(10).all(|url| url.contains("facts")), "kind after kind");
    assert!(asked[50..55].iter().all(|url| url.contains("/T0/")), "{:?}", &asked[50..60]);
}

/// "Too often" without a time: two requests' time, doubled as long as it is said again, and no more after an answer. All who
/// were under way together count once.
#[tokio::test(start_paused = true)]
async fn the_wait_that_is_not_stated_grows_and_is_forgotten() {
    let mut source = Made::named("posts", |query, response| match response.body().as_ref() {
        b"busy" => Outcome::Throttled(None),
        _ => answered("posts", query, response),
    });
    (source.meta.rate, source.meta.burst) = (Some(1.0), 3);
    let (clock, start) = (clock("2024-03-01T00:00:00Z"), Instant::now());
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let wire = Answering::new(&clock, move |_| {
        let mut seen = seen.lock().unwrap();
        seen.push(start.elapsed().as_millis());
        // The first three are refused together, then two more on end, and one later on.
        let says = if matches!(seen.len(), 1..=5 | 8) { "busy" } else { "so" };
        (Duration::from_millis(100), Ok(says.to_owned()))
    });
    let fetched = Fetcher::new(wire, vec![Arc::new(source)], clock)
        .fetch(&tickers(5), as_of(), FetchPolicy::within(Duration::from_secs(60)))
        .await;
    assert!(fetched.by_ticker.iter().all(|fetch| fetch.gaps.is_empty()));
    let times = times.lock().unwrap();
    let waits: Vec<u128> = times.windows(2).map(|pair| (pair[1] - pair[0]) / 100).collect();
    assert_eq!(waits[..2], [0, 0], "at once");
    assert_eq!(waits[2..5], [21, 41, 81], "twice as long each time: {times:?}");
    assert_eq!(waits[5..8], [10, 10, 21], "as ever, and two seconds again: {times:?}");
}

/// A time that is stated is kept to by all, and after it the host bears at once what it ever bears; after one that is not, one
/// is asked for first.
#[tokio::test(start_paused = true)]
async fn after_a_stated_wait_a_host_is_asked_as_ever() {
    for (stated, due) in [(Some(Duration::from_secs(7)), [7, 7, 7, 7]), (None, [2, 3, 4, 5])] {
        let mut source = Made::named("posts", move |query, response| match response.body().as_ref() {
            b"busy" => Outcome::Throttled(stated),
            _ => answered("posts", query, response),
        });
        (source.meta.rate, source.meta.burst) = (Some(1.0), 4);
        let (clock, start) = (clock("2024-03-01T00:00:00Z"), Instant::now());
        let times = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&times);
        let wire = Answering::new(&clock, move |_| {
            let mut seen = seen.lock().unwrap();
            seen.push(start.elapsed().as_secs());
            (Duration::from_millis(10), Ok(if seen.len() == 1 { "busy" } else { "so" }.to_owned()))
        });
        let fetcher = Fetcher::new(wire, vec![Arc::new(source)], clock);
        let policy = FetchPolicy::within(Duration::from_secs(60));
        let fetched = fetcher.fetch(&tickers(7), as_of(), policy).await;
        assert!(fetched.by_ticker.iter().all(|fetch| fetch.gaps.is_empty()));
        let times = times.lock().unwrap();
        assert_eq!((&times[..4], &times[4..]), (&[0; 4][..], &due[..]), "{stated:?}");
    }
}

fn request(name: &str, query: &Query, n: usize) -> Request {
    Request::get(format!("x://{name}/{}/{n}", query.ticker()).parse().unwrap())
}

fn answered(name: &'static str, query: &Query, response: &RawResponse) -> Outcome {
    let bar = DailyBar::new(date(2024, 1, 9), 1.0, 1.0, 1.0, 1.0);
    let item = Item::bar(query.ticker(), bar, &SourceId::new(name), response.url(), response.fetched_at());
    Outcome::Items { items: vec![item], findings: Vec::new() }
}
