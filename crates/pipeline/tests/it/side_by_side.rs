//! The same input gives the same decisions, alone and beside others. All waiting is virtual.

use std::{collections::BTreeMap, time::Duration};

use assize_pipeline::Analysts;

use crate::{
    desk::{request, words},
    market::{AS_OF, Market},
};

const BRIEFS: usize = 20;
/// Five tickers each; briefs take turns with them.
pub(crate) const TICKERS: [[&str; 5]; 4] = [
    ["KO", "PEP", "AAPL", "MSFT", "JPM"],
    ["NVDA", "KO", "XOM", "CVX", "DIS"],
    ["TSLA", "META", "PG", "WMT", "T"],
    ["PFE", "JNJ", "IBM", "ORCL", "PEP"],
];

type Documents = (String, String, String);

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

#[test]
fn twenty_briefs_at_once_say_what_each_says_alone() {
    let alone: Vec<Documents> = TICKERS
        .iter()
        .map(|tickers| {
            let maker = Market::open().maker(Analysts::default());
            let brief = paused().block_on(maker.run(&request(tickers, AS_OF))).expect("a brief").0;
            assert!(brief.tickers.iter().all(|ticker| ticker.shortfalls.is_empty()), "nothing is missing");
            words(&brief)
        })
        .collect();
    // Slow answers, and hosts that are shared with nineteen others: another order of everything.
    let market = Market::open().latent(Duration::from_millis(700));
    let maker = market.maker(Analysts::default());
    let together = paused().block_on(async {
        let briefs: Vec<_> = (0..BRIEFS)
            .map(|n| {
                let (maker, request) = (maker.clone(), request(&TICKERS[n % TICKERS.len()], AS_OF));
                tokio::spawn(async move { maker.run(&request).await.expect("a brief").0 })
            })
            .collect();
        let mut documents = Vec::new();
        for brief in briefs {
            documents.push(words(&brief.await.expect("no panic")));
        }
        documents
    });
    for (n, documents) in together.iter().enumerate() {
        assert!(*documents == alone[n % TICKERS.len()], "brief {n} says something else");
    }
    let over: BTreeMap<String, u64> =
        market.books().into_iter().map(|(host, book)| (host, book.violations)).collect();
    assert!(over.values().all(|violations| *violations == 0), "{over:?}");
}

/// A brief that is dropped on the way leaves nothing behind that keeps the next from being made.
#[test]
fn a_brief_that_is_dropped_leaves_nothing_behind() {
    let market = Market::open().latent(Duration::from_secs(1));
    let maker = market.maker(Analysts::default());
    let request = request(&TICKERS[0], AS_OF);
    let brief = paused().block_on(async {
        for millis in [0, 1, 300, 900, 2_000] {
            let dropped = tokio::time::timeout(Duration::from_millis(millis), maker.run(&request)).await;
            assert!(dropped.is_err(), "{millis} ms are too short");
        }
        let metrics = tokio::runtime::Handle::current().metrics();
        assert_eq!(metrics.num_alive_tasks(), 0, "nothing runs on");
        maker.run(&request).await.expect("a brief").0
    });
    let alone =
        paused().block_on(Market::open().maker(Analysts::default()).run(&request)).expect("a brief").0;
    assert!(words(&brief) == words(&alone), "it says something else");
}
