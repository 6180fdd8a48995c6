//! An account with a history of its own, and what is told of it.

use assize_journal::MemoryJournal;
use assize_portfolio::{
    Absence, Account, Decision, ExecutionRules, Order, Price, Quote, Session, Side, Split,
};
use jiff::ToSpan;

use super::*;

fn price(dollars: f64) -> Price {
    Price::from_dollars(dollars).expect("a price")
}

fn session(day: &str, open: f64, close: f64, volume: u64) -> Session {
    let mut session = Session::new(day.parse().expect("a date"));
    let quote = Quote { open: price(open), close: price(close), volume: Some(volume) };
    session.quotes.insert("KO".parse().expect("a ticker"), quote);
    session
}

fn decision(run: &str, day: &str, side: Side, shares: u64) -> Decision {
    let as_of: AsOf = day.parse().expect("a date");
    Decision {
        run: run.parse().expect("a name"),
        as_of: as_of.moment(),
        informed_by: as_of.date(),
        seen_until: std::collections::BTreeMap::new(),
        covers: ["KO".parse().expect("a ticker")].into(),
        orders: vec![Order { ticker: "KO".parse().expect("a ticker"), side, shares }],
    }
}

/// Two deposits, a purchase that takes two sessions, a split, a dividend, a sale that waits.
async fn history() -> History {
    let (journal, key) = (MemoryJournal::default(), "account".parse().expect("a key"));
    let mut account = Account::open(&journal, &key, ExecutionRules::default()).await.expect("an account");
    let noon = "2024-03-01T17:00:00Z".parse().expect("a moment");
    account
        .deposit(&"start".parse().expect("a name"), "10000".parse().expect("money"), noon)
        .await
        .expect("paid");
    account.decide(&decision("one", "2024-03-05", Side::Buy, 100)).await.expect("decided");
    account.trade(&session("2024-03-06", 60.0, 60.0, 3_000)).await.expect("booked");
    account.trade(&session("2024-03-07", 60.0, 66.0, 2_000_000)).await.expect("booked");
    let more = "2024-03-08T03:00:00Z".parse().expect("a moment");
    account
        .deposit(&"more".parse().expect("a name"), "5000".parse().expect("money"), more)
        .await
        .expect("paid");
    let mut split = session("2024-03-08", 33.0, 33.0, 4_000_000);
    split.splits.insert("KO".parse().expect("a ticker"), Split::new(2, 1).expect("a split"));
    split.dividends.insert("KO".parse().expect("a ticker"), price(0.25));
    account.trade(&split).await.expect("booked");
    account.decide(&decision("two", "2024-03-08", Side::Sell, 150)).await.expect("decided");
    account.history().clone()
}

fn as_of(day: &str) -> AsOf {
    day.parse().expect("a date")
}

#[tokio::test]
async fn what_is_paid_in_is_no_gain() {
    let history = history().await;
    let returns = account_returns(&history, &as_of("2024-03-08")).unwrap();
    assert_eq!(returns.start().to_string(), "2024-03-01");
    let gains: Vec<String> =
        returns.days().iter().map(|(date, gain)| format!("{date} {:+.4} %", gain * 100.0)).collect();
    // Costs; 6 dollars on each of 100 shares, less costs; 25 cents on each of 200 shares, on 5,000 more.
    insta::assert_debug_snapshot!(gains, @r#"
    [
        "2024-03-06 -0.0353 %",
        "2024-03-07 +5.9846 %",
        "2024-03-08 +0.3206 %",
    ]
    "#);
    let curve = account_curve("account", &returns);
    assert_eq!(curve.values.len(), returns.days().len() + 1);
    assert!((curve.values[0].1 - 100.0).abs() < 1e-12);
    assert_eq!(
        account_returns(&history, &as_of("2024-03-04")),
        Err(Absence::TooFew { have: 0, need: 1 }),
        "nothing was traded by then"
    );
}

#[tokio::test]
async fn the_account_as_a_document() {
    let history = history().await;
    let report = PortfolioReport::of(&history, &as_of("2024-03-08")).unwrap();
    insta::assert_snapshot!("portfolio.md", report.to_document().to_markdown());
    let records = history.as_of(&as_of("2024-03-08"));
    insta::assert_snapshot!("events.md", events_document(records, &as_of("2024-03-08"), None).to_markdown());
    assert!(
        report.to_document().to_html().contains("<svg")
            && !report.to_short_document().to_html().contains("<svg")
    );
}

#[tokio::test]
async fn nothing_from_after_the_as_of_moment_is_told() {
    let history = history().await;
    let before = PortfolioReport::of(&history, &as_of("2024-03-07")).unwrap().to_json();
    assert_eq!(before["account"]["totals"]["deposits"], "15000.00", "it was paid in at ten in the evening");
    assert_eq!(before["account"]["session"], "2024-03-07");
    assert_eq!(before["equity"].as_array().map(Vec::len), Some(2));
    assert_eq!(before["account"]["orders"].as_array().map(Vec::len), Some(0));
    let after = PortfolioReport::of(&history, &as_of("2024-03-08")).unwrap().to_json();
    assert_eq!(after["account"]["orders"][0]["left"], 150);
}

#[tokio::test]
async fn beside_a_benchmark() {
    let history = history().await;
    let days = (0..9).map(|day| as_of("2024-02-29").date().saturating_add(day.days()));
    let closes: Vec<(Date, f64)> = days.zip(0_u8..).map(|(date, n)| (date, 50.0 + f64::from(n))).collect();
    let when = as_of("2024-03-08");
    let report = PortfolioReport::of(&history, &when).unwrap().beside(&history, &when, "SPY", &closes);
    let markdown = report.to_document().to_markdown();
    assert!(
        markdown.contains("beyond that of SPY") && markdown.contains("on the 3 days that both have"),
        "{markdown}"
    );
    assert_eq!(report.to_json()["benchmark"], "SPY");
}
