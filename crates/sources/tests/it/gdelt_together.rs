//! News about many companies in few requests: the fetcher tells the source of all of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{AsOf, EvidenceId, FetchPolicy, Fetcher, Source, Ticker, TickerFetch};
use assize_ambient::{Seed, VirtualClock};
use assize_loopback::Exchange;
use assize_sources::{EdgarContact, EdgarTickers, Gdelt};
use assize_transport::ServiceTransport;

const TICKERS: [&str; 20] = [
    "AAPL", "ABT", "AMZN", "BA", "BRK-B", "CLX", "CVX", "DIS", "GE", "IBM", "JNJ", "JPM", "KO", "MSFT",
    "NVDA", "PEP", "PG", "TSLA", "WMT", "XOM",
];

async fn fetched(tickers: &[&str]) -> (Vec<TickerFetch>, u64) {
    let clock = Arc::new(VirtualClock::starting_at("2026-03-07T02:30:00Z".parse().expect("a moment")));
    let exchange = Exchange::new(Seed::new(1), clock.clone()).with_tickers(&TICKERS);
    let transport = Arc::new(ServiceTransport::new(exchange.clone(), clock.clone()));
    let contact = EdgarContact::new("Jane Doe", "jane@example.org");
    let sources: Vec<Arc<dyn Source>> = vec![Arc::new(Gdelt::new()), Arc::new(EdgarTickers::new(contact))];
    let tickers: Vec<Ticker> = tickers.iter().map(|ticker| ticker.parse().expect("a ticker")).collect();
    let as_of: AsOf = "2026-03-06".parse().expect("a day");
    let policy = FetchPolicy::within(Duration::from_secs(600));
    let fetched = Fetcher::new(transport, sources, clock).fetch(&tickers, as_of, policy).await;
    let books = exchange.books();
    let host = books.get("api.gdeltproject.org").expect("it was asked");
    assert_eq!((host.violations, host.missing), (0, 0));
    (fetched.by_ticker, host.requests)
}

fn articles(fetch: &TickerFetch) -> BTreeSet<EvidenceId> {
    let articles = fetch.items.iter().filter(|item| item.kind.as_str() == "article");
    articles.inspect(|item| assert_eq!(item.ticker, fetch.ticker)).map(|item| item.id).collect()
}

/// By the names that the list of the SEC has, and the same about each company as if it were asked about alone.
#[tokio::test(start_paused = true)]
async fn twenty_companies_take_a_handful_of_requests() {
    let (together, requests) = fetched(&TICKERS).await;
    assert!((4..=7).contains(&requests), "{requests} requests");
    let mut all = 0;
    for (ticker, fetch) in TICKERS.iter().zip(&together) {
        let (alone, _) = fetched(&[ticker]).await;
        assert_eq!(articles(fetch), articles(&alone[0]), "{ticker}");
        all += articles(fetch).len();
    }
    assert!(all > 20, "{all} articles");
    let (again, _) = fetched(&TICKERS).await;
    assert_eq!(
        again.iter().map(articles).collect::<Vec<_>>(),
        together.iter().map(articles).collect::<Vec<_>>()
    );
}
