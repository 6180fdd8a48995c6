//! What is read of an expiry, and what is asked next.

use std::sync::Arc;

use assize_altdata::{AsOf, Identity, conformance};
use assize_transport::Headers;
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;

const FIRST: i64 = 1_767_916_800; // 2026-01-09
const WEEK: i64 = 7 * 86_400;

fn source() -> YahooOptions {
    YahooOptions::new(Some(YahooSession { cookie: Secret::new("A3=d9"), crumb: Secret::new("x/y.z") }))
}

fn query() -> Query {
    Query::new(&"ACME".parse().unwrap(), "2026-01-05".parse::<AsOf>().unwrap())
}

fn contract(symbol: &str, bid: f64, ask: f64) -> Value {
    json!({"contractSymbol": symbol, "contractSize": "REGULAR", "bid": bid, "ask": ask, "lastPrice": 1.05, "volume": 60,
        "openInterest": 120, "impliedVolatility": 0.31, "lastTradeDate": 1_767_387_540, "inTheMoney": true, "new": 1})
}

/// The session of 2 January 2026, read on the morning of the 5th.
fn chain(expiry: i64) -> Value {
    json!({"optionChain": {"error": null, "result": [{
        "underlyingSymbol": "ACME", "strikes": [50], "hasMiniOptions": false,
        "expirationDates": (0..9).map(|week| FIRST + week * WEEK).collect::<Vec<_>>(),
        "quote": {"quoteType": "EQUITY", "regularMarketPrice": 50.2, "regularMarketTime": 1_767_387_602,
            "preMarketTime": 1_767_604_043, "marketState": "PRE"},
        "options": [{"expirationDate": expiry, "hasMiniOptions": false,
            "calls": [contract("ACME260109C00050000", 1.0, 1.1), contract("ACME260109C00055000", 0.0, 0.0)],
            "puts": [contract("ACME260109P00050000", 0.0, 0.05)]}]}]}})
}

fn response(date: Option<i64>, status: u16, body: &str) -> RawResponse {
    let request = source().request(&query(), date).unwrap();
    RawResponse::new(&request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH)
}

fn decode(date: Option<i64>, status: u16, body: &str) -> Outcome {
    source().decode(&query(), &response(date, status, body))
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&source(), &query(), chain(FIRST).to_string().as_bytes());
}

#[test]
fn the_session_is_sent_and_never_shown() {
    let request = &source().plan(&query()).unwrap()[0];
    let expected = "https://query2.finance.yahoo.com/v7/finance/options/ACME";
    assert_eq!(request.url().as_str(), expected);
    assert_eq!(request.expose_url(), format!("{expected}?crumb=x%2Fy.z"));
    assert_eq!(request.secret_headers()[0].1.expose(), "A3=d9");
    let shown = format!("{request:?} {:?}", source());
    assert!(!shown.contains("A3=d9") && !shown.contains("y.z"), "{shown}");
    assert_eq!(YahooOptions::new(None).plan(&query()).unwrap_err().reason, GapReason::KeyMissing);
}

#[test]
fn quotes_are_of_the_session_and_wiped_ones_are_none() {
    let Outcome::Items { items, findings } = decode(None, 200, &chain(FIRST).to_string()) else {
        panic!("items")
    };
    assert!(findings.is_empty());
    let available = &items[0].available_at;
    assert_eq!(available.earliest.to_string(), "2026-01-02T21:00:02Z");
    assert_eq!(available.latest.to_string(), "2026-01-05T09:07:23Z");
    let ItemKind::Options(chain) = &items[0].kind else { panic!("a chain") };
    assert_eq!((chain.quoted_at, chain.spot), (available.earliest, Some(50.2)));
    let figures: Vec<_> = chain
        .contracts
        .iter()
        .map(|quote| (quote.strike, quote.bid, quote.ask, quote.implied_volatility))
        .collect();
    let expected = [
        (50.0, Some(1.0), Some(1.1), Some(0.31)),
        (50.0, Some(0.0), Some(0.05), Some(0.31)),
        (55.0, None, None, None),
    ];
    assert_eq!(figures, expected);
    let first = &chain.contracts[0];
    assert_eq!((first.expiry, first.delta), (date(2026, 1, 9), None));
    assert_eq!(first.last_at.unwrap().to_string(), "2026-01-02T15:59:00");
}

#[test]
fn further_expiries_follow_from_the_first_alone() {
    let urls = |source: &YahooOptions, response: &RawResponse| -> Vec<String> {
        let follow = source.follow(&query(), response);
        follow.iter().map(|request| request.url().as_str().rsplit_once('?').unwrap().1.to_owned()).collect()
    };
    let first = response(None, 200, &chain(FIRST).to_string());
    let expected: Vec<String> = (1..6).map(|week| format!("date={}", FIRST + week * WEEK)).collect();
    assert_eq!(urls(&source(), &first), expected);
    assert_eq!(urls(&source().with_expiries(100), &first).len(), 8);
    assert_eq!(urls(&source().with_expiries(1), &first), [""; 0]);
    let second = response(Some(FIRST + WEEK), 200, &chain(FIRST + WEEK).to_string());
    assert_eq!(urls(&source(), &second), [""; 0]);
    assert!(matches!(source().decode(&query(), &second), Outcome::Items { .. }));
    let other = response(Some(FIRST), 200, &chain(FIRST + WEEK).to_string());
    assert!(matches!(source().decode(&query(), &other), Outcome::Drift(_)));
}

#[test]
fn what_is_no_chain_of_it() {
    let changed = |path: &str, value: Value| {
        let mut chain = chain(FIRST);
        *chain.pointer_mut(path).unwrap() = value;
        decode(None, 200, &chain.to_string())
    };
    let result = "/optionChain/result";
    let part = |name: &str| format!("{result}/0/{name}");
    assert_eq!(changed(result, json!([])), Outcome::NotFound);
    assert!(matches!(changed(result, Value::Null), Outcome::DoubtfulEmpty(_)));
    assert_eq!(
        changed(&part("underlyingSymbol"), json!("ADH")),
        Outcome::OtherCompany("ADH, and ACME was asked for".to_owned())
    );
    assert_eq!(changed(&part("options"), json!([])), Outcome::Empty);
    let over = json!([{"expirationDate": FIRST, "hasMiniOptions": false, "calls": [], "puts": []}]);
    assert_eq!(changed(&part("options"), over), Outcome::Empty);
    assert!(matches!(changed(&part("quote/regularMarketTime"), json!(i64::MAX)), Outcome::Drift(_)));
    let Outcome::Drift(path) = decode(None, 200, &chain(FIRST).to_string().replace("contractSymbol", "name"))
    else {
        panic!("drift")
    };
    assert!(path.starts_with("at `optionChain.result[0].options[0].calls[0]`: missing field"), "{path}");
    let Outcome::Items { items, findings } = changed(&part("options/0/puts/0/contractSize"), json!("MINI"))
    else {
        panic!("items")
    };
    assert_eq!((items.len(), findings.len()), (1, 1));
    let unauthorised =
        r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;
    assert_eq!(decode(None, 401, unauthorised), Outcome::KeyMissing);
    assert_eq!(decode(None, 401, ""), Outcome::Blocked);
    assert_eq!(decode(None, 429, "Too Many Requests\r\n"), Outcome::Throttled(None));
    let card = Identity::new(query().ticker(), "Acme Inc.").with_cik(7);
    let fund = chain(FIRST).to_string().replace("EQUITY", "MUTUALFUND");
    let query = query().with_identity(Arc::new(card));
    assert!(matches!(source().decode(&query, &response(None, 200, &fund)), Outcome::OtherCompany(_)));
}
