//! The sources on sites that are played: what is read is what is true, and nothing is known before its time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Fetcher, ItemKind, Source, Ticker};
use assize_ambient::{Seed, Timestamp, VirtualClock};
use assize_loopback::{Exchange, ItemKind as Known};
use assize_sources::{
    CboeChain, EdgarContact, EdgarFacts, EdgarFilings, EdgarTickers, FinraShortVolume, FredCsv,
    TreasuryYields, WikipediaPageviews, YahooChart,
};
use assize_transport::ServiceTransport;
use jiff::civil::date;

const TICKERS: [&str; 3] = ["BRK-B", "KO", "NVDA"];

fn sources() -> Vec<Arc<dyn Source>> {
    let contact = EdgarContact::new("Jane Doe", "jane@example.org");
    vec![
        Arc::new(EdgarTickers::new(contact.clone())),
        Arc::new(EdgarFilings::new(contact.clone())),
        Arc::new(EdgarFacts::new(contact)),
        Arc::new(YahooChart::new()),
        Arc::new(CboeChain::new()),
        Arc::new(WikipediaPageviews::new()),
        Arc::new(FinraShortVolume::new()),
        Arc::new(FredCsv::new()),
        Arc::new(TreasuryYields::new()),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_is_played_is_read() {
    for seed in [1, 2] {
        let clock = Arc::new(VirtualClock::starting_at("2026-03-07T02:30:00Z".parse().unwrap()));
        let exchange = Exchange::new(Seed::new(seed), clock.clone()).with_tickers(&TICKERS);
        let transport = Arc::new(ServiceTransport::new(exchange.clone(), clock.clone()));
        let fetcher = Fetcher::new(transport, sources(), clock);
        let tickers: Vec<Ticker> = TICKERS.map(|ticker| ticker.parse().unwrap()).into();
        let as_of: AsOf = "2026-03-06".parse().unwrap();
        let fetched = fetcher.fetch(&tickers, as_of, FetchPolicy::within(Duration::from_secs(120))).await;
        let truth = exchange.truth(date(2023, 1, 1), date(2026, 3, 6));
        for (ticker, fetch) in TICKERS.iter().zip(&fetched.by_ticker) {
            let company = &truth.companies[*ticker];
            assert!(fetch.gaps.is_empty(), "{ticker}: {:?}", fetch.gaps);
            let known: BTreeMap<(Known, &str), Timestamp> =
                company.items.iter().map(|item| ((item.kind, item.key.as_str()), item.available)).collect();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for item in &fetch.items {
                let day = |date: jiff::civil::Date| date.to_string();
                let key = match &item.kind {
                    ItemKind::Bar(bar) => Some((Known::Bar, day(bar.date))),
                    ItemKind::Filing(filing) => Some((Known::Filing, filing.accession.clone())),
                    ItemKind::InsiderTrade(trade) => Some((Known::Filing, trade.accession.clone())),
                    ItemKind::Attention(seen) => Some((Known::Views, day(seen.date))),
                    ItemKind::ShortVolume(sold) => Some((Known::ShortVolume, day(sold.date))),
                    _ => None,
                };
                *counts.entry(item.kind.as_str()).or_default() += 1;
                let Some((kind, key)) = key else { continue };
                let available = known
                    .get(&(kind, key.as_str()))
                    .unwrap_or_else(|| panic!("{ticker} has no {kind:?} {key}"));
                assert!(
                    item.available_at.latest >= *available,
                    "{ticker}: {kind:?} {key} is known too early"
                );
            }
            let due = [
                "attention",
                "bar",
                "fact",
                "filing",
                "identity",
                "insider_trade",
                "macro",
                "options",
                "short_volume",
            ];
            assert_eq!(counts.keys().copied().collect::<Vec<_>>(), due, "{ticker}");
            let bars = company.bars.iter().map(|bar| (bar.date, bar.close)).collect::<BTreeMap<_, _>>();
            for item in &fetch.items {
                let ItemKind::Bar(bar) = &item.kind else { continue };
                let close = bars[&bar.date];
                assert!(
                    (bar.close - close).abs() <= close * 2e-6,
                    "{ticker} on {}: {} is not {close}",
                    bar.date,
                    bar.close
                );
            }
            assert!(counts["bar"] > 700 && counts["fact"] > 100, "{ticker}: {counts:?}");
        }
        for (host, known) in exchange.books() {
            assert_eq!((known.violations, known.missing), (0, 0), "{host}");
        }
    }
}
