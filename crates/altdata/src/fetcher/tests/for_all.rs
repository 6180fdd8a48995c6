//! What is the same for all tickers is asked for once, read once and there once, and yet is each one's own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::made::{Answering, Made, clock};
use super::world::{as_of, tickers};
use super::*;
use crate::{Availability, EvidenceId, ItemKind, MacroValue};

/// A table of the economy's figures, two of them known by the day and one not; and how often it was read.
fn table() -> (Made, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let mut source = Made::named("table", move |query, response| {
        counted.fetch_add(1, Ordering::Relaxed);
        let item = |days: i64| {
            let moment = as_of().moment() - jiff::SignedDuration::from_hours(24 * days);
            let date = crate::new_york::date(moment);
            let figure = MacroValue { series: "rate".to_owned(), date, value: 4.5, vintage: None };
            let (id, url) = (SourceId::new("table"), response.url());
            let known = Availability::at(moment, "said so");
            Item::new(query.ticker(), ItemKind::Macro(figure), &id, url, known, response.fetched_at())
        };
        Outcome::Items { items: [2, 1, -1].map(item).into(), findings: Vec::new() }
    });
    source.meta.kind = SourceKind::Macro;
    source.plan = Box::new(|_| vec![Request::get("x://table/all".parse().unwrap())]);
    (source, count)
}

fn fetcher(sources: Vec<Arc<dyn Source>>, bytes: usize) -> (Fetcher, Arc<Answering>) {
    let clock = clock("2024-03-01T00:00:00Z");
    let wire = Answering::new(&clock, move |url| {
        let body = if url.contains("table") { "rows".to_owned() } else { "x".repeat(bytes) };
        (Duration::from_millis(100), Ok(body))
    });
    (Fetcher::new(wire.clone(), sources, clock), wire)
}

fn ids(fetch: &TickerFetch) -> Vec<EvidenceId> {
    fetch.items.iter().map(|item| item.id).collect()
}

#[tokio::test(start_paused = true)]
async fn the_economy_is_read_once_and_is_each_tickers_own() {
    let (source, count) = table();
    let (fetcher, wire) = fetcher(vec![Arc::new(source)], 1);
    let tickers = tickers(20);
    let policy = FetchPolicy::within(Duration::from_secs(60));
    let fetched = fetcher.fetch(&tickers, as_of(), policy).await;
    assert_eq!((wire.take_asked().len(), count.load(Ordering::Relaxed), fetched.requests()), (1, 1, 1));
    for (ticker, fetch) in tickers.iter().zip(&fetched.by_ticker) {
        assert!(fetch.items.iter().all(|item| item.ticker == *ticker), "{ticker}");
        assert_eq!((fetch.items.len(), fetch.removed.count, fetch.removed_items.len()), (2, 1, 1));
        assert!(fetch.gaps.is_empty() && fetch.items.is_sorted_by_key(|item| item.available_at.latest));
        assert_eq!(ids(fetch), ids(&fetched.by_ticker[0]), "the same figures");
    }
    let past = fetcher.fetch_past(&tickers, as_of(), policy).await;
    for (ticker, fetch) in tickers.iter().zip(&fetched.by_ticker) {
        let then = past.as_of(ticker, as_of()).unwrap();
        assert_eq!((ids(&then), then.removed), (ids(fetch), fetch.removed), "{ticker}");
        assert!(then.items.iter().all(|item| item.ticker == *ticker), "{ticker}");
    }
}

/// Tickers come one after the other, each with eight megabytes of its own: there is no room to hold them all.
#[tokio::test(start_paused = true)]
async fn what_all_ask_for_is_held_when_there_is_no_room_for_the_rest() {
    let (economy, _) = table();
    let seen = Arc::new(Mutex::new(0));
    let read = Arc::clone(&seen);
    let own = Made::named("own", move |_, response| {
        *read.lock().unwrap() += response.body().len();
        Outcome::Empty
    });
    let (fetcher, wire) = fetcher(vec![Arc::new(own), Arc::new(economy)], 8 << 20);
    let policy = FetchPolicy::within(Duration::from_secs(60)).with_concurrency(1);
    let fetched = fetcher.fetch(&tickers(10), as_of(), policy.in_order(FetchOrder::ByTicker)).await;
    let asked = wire.take_asked();
    assert_eq!(asked.iter().filter(|url| url.contains("table")).count(), 1, "{asked:?}");
    assert_eq!((asked.len(), *seen.lock().unwrap()), (11, 10 * (8 << 20)));
    assert!(fetched.by_ticker.iter().all(|fetch| fetch.items.len() == 2));
}
