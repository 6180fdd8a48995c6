//! What is read of answers, and what their notices mean.

use assize_altdata::{AsOf, conformance};
use assize_ambient::Timestamp;
use assize_transport::Headers;

use super::*;

const DAILY: &str = r#"{"Meta Data": {"1. Information": "Daily Prices", "2. Symbol": "ACME",
    "3. Last Refreshed": "2024-11-01", "4. Output Size": "Compact", "5. Time Zone": "US/Eastern"},
    "Time Series (Daily)": {
    "2024-11-01": {"1. open": "141.5000", "2. high": "142.4900", "3. low": "139.8100", "4. close": "140.3700", "5. volume": "1263668"},
    "2024-10-31": {"1. open": "141.4800", "2. high": "142.3450", "3. low": "139.6700", "4. close": "141.1200", "5. volume": "1087398",
        "6. new": "x"}}}"#;

const QUOTE: &str = r#"{"Global Quote": {"01. symbol": "ACME", "02. open": "112.6300", "03. high": "113.1700",
    "04. low": "110.6400", "05. price": "112.1300", "06. volume": "29062853", "07. latest trading day": "2024-11-01",
    "08. previous close": "112.7900", "10. change percent": "-0.5852%"}}"#;

fn key() -> Option<Secret> {
    Some(Secret::new("K/123"))
}

fn query() -> Query {
    Query::new(&"ACME".parse().unwrap(), "2024-11-05".parse::<AsOf>().unwrap())
}

fn decode_for(source: &AlphaVantage, query: &Query, status: u16, body: &str) -> Outcome {
    let request = &source.plan(query).unwrap()[0];
    let response =
        RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
    source.decode(query, &response)
}

fn daily(body: &str) -> Outcome {
    decode_for(&AlphaVantage::daily(key()), &query(), 200, body)
}

fn quote(body: &str) -> Outcome {
    decode_for(&AlphaVantage::quote(key()), &query(), 200, body)
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&AlphaVantage::daily(key()), &query(), DAILY.as_bytes());
    conformance::check_query(&AlphaVantage::quote(key()), &query(), QUOTE.as_bytes());
}

#[test]
fn the_key_is_sent_and_never_shown() {
    let source = AlphaVantage::daily(key());
    let request = &source.plan(&query()).unwrap()[0];
    let expected =
        "https://www.alphavantage.co/query?function=TIME_SERIES_DAILY&symbol=ACME&outputsize=compact";
    assert_eq!(request.url().as_str(), expected);
    assert!(request.expose_url().ends_with("&apikey=K%2F123"));
    let shown = format!("{request:?} {source:?}");
    assert!(!shown.contains("123"), "{shown}");
    assert_eq!(AlphaVantage::quote(None).plan(&query()).unwrap_err().reason, GapReason::KeyMissing);
}

#[test]
fn days_and_quotes_are_bars() {
    let Outcome::Items { items, findings } = daily(DAILY) else { panic!("items") };
    assert!(findings.is_empty());
    let bars: Vec<&DailyBar> = items.iter().filter_map(Item::as_bar).collect();
    assert_eq!(
        (bars[0].date.to_string().as_str(), bars[0].close, bars[1].open),
        ("2024-10-31", 141.12, 141.5)
    );
    assert_eq!(bars[0].volume, Some(1_087_398.0));
    assert_eq!(items[0].available_at.earliest.to_string(), "2024-10-31T20:00:00Z");
    let Outcome::Items { items, .. } = quote(QUOTE) else { panic!("items") };
    let bar = items[0].as_bar().unwrap();
    assert_eq!(
        (bar.date.to_string().as_str(), bar.close, bar.volume),
        ("2024-11-01", 112.13, Some(29_062_853.0))
    );
    let london = Query::new(&"ACME.LON".parse().unwrap(), query().as_of());
    let source = AlphaVantage::daily(key());
    let body = DAILY.replace("\"ACME\"", "\"ACME.LON\"");
    let Outcome::Items { items, .. } = decode_for(&source, &london, 200, &body) else { panic!("items") };
    assert_eq!(items[0].available_at.earliest.to_string(), "2024-10-31T00:00:00Z");
}

#[test]
fn a_day_that_runs_is_left_out() {
    for (clock, n) in [("2024-11-01 15:35:00", 1), ("2024-11-01 16:00:01", 2), ("2024-11-02 10:00:00", 2)] {
        let body = DAILY.replace("\"2024-11-01\",", &format!("\"{clock}\","));
        let Outcome::Items { items, findings } = daily(&body) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (n, 2 - n), "{clock}");
        assert!(findings.iter().all(|finding| finding.kind == FindingKind::Unfinished));
    }
}

#[test]
fn notices_are_told_apart() {
    let minute = Outcome::Throttled(Some(MINUTE));
    for (field, text, expected) in [
        (
            "Note",
            "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 500 calls per \
             day. Please visit https://www.alphavantage.co/premium/",
            minute.clone(),
        ),
        (
            "Information",
            "We have detected your API key as K/123 and our standard API rate limit is 25 requests per day. Please \
             subscribe to any of the premium plans",
            Outcome::Blocked,
        ),
        (
            "Information",
            "Please consider spreading out your free API requests (1 request per second).",
            minute,
        ),
        (
            "Information",
            "Thank you for using Alpha Vantage! This is a premium endpoint.",
            Outcome::KeyMissing,
        ),
        ("Information", "The **demo** API key is for demo purposes only.", Outcome::KeyMissing),
        ("Error Message", "Invalid API call. Please retry or visit the documentation.", Outcome::NotFound),
        ("Error Message", "the parameter apikey is invalid or missing.", Outcome::KeyMissing),
        (
            "Information",
            "K/123 is a fine key",
            Outcome::Unavailable("a notice of an unknown kind instead of prices".to_owned()),
        ),
    ] {
        let body = serde_json::json!({ field: text }).to_string();
        assert_eq!(daily(&body), expected, "{text}");
        assert_eq!(quote(&body), expected, "{text}");
    }
}

#[test]
fn what_is_no_price() {
    assert!(matches!(daily("{}"), Outcome::DoubtfulEmpty(_)));
    assert_eq!(quote(r#"{"Global Quote": {}}"#), Outcome::NotFound);
    let other = Outcome::OtherCompany("XYZ, and ACME was asked for".to_owned());
    assert_eq!(daily(&DAILY.replace("ACME", "XYZ")), other);
    assert_eq!(quote(&QUOTE.replace("ACME", "XYZ")), other);
    let Outcome::Drift(path) = daily(&DAILY.replacen("4. close", "4. end", 1)) else { panic!("drift") };
    assert!(path.starts_with("at `Time Series (Daily).2024-11-01`: missing field `4. close`"), "{path}");
    for (from, to) in
        [("05. price", "at `Global Quote.05. price`"), ("07. latest trading day", "at `Global Quote.07.")]
    {
        let Outcome::Drift(path) = quote(&QUOTE.replace(from, "x")) else { panic!("drift") };
        assert!(path.starts_with(to), "{path}");
    }
    assert!(matches!(quote(&QUOTE.replace("2024-11-01", "Friday")), Outcome::Drift(_)));
    for (from, to) in
        [("141.1200", "n/a"), ("141.1200", "-1"), ("141.1200", "inf"), ("2024-10-31", "Thursday")]
    {
        let Outcome::Items { items, findings } = daily(&DAILY.replace(from, to)) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (1, 1), "{to}");
    }
    let Outcome::Items { items, findings } = quote(&QUOTE.replace("112.1300", "0")) else { panic!("items") };
    assert_eq!((items.len(), findings[0].kind), (0, FindingKind::BadPrice));
    let source = AlphaVantage::daily(key());
    assert!(matches!(decode_for(&source, &query(), 502, ""), Outcome::Unavailable(_)));
}

/// A price of the day while it is under way is no close, however long the answer is kept.
#[test]
fn a_day_under_way_is_no_bar() {
    let source = AlphaVantage::quote(Some(Secret::new("K")));
    let query = Query::new(&"ACME".parse().unwrap(), "2024-06-12".parse::<assize_altdata::AsOf>().unwrap());
    let body = r#"{"Global Quote":{"01. symbol":"ACME","02. open":"41.2","03. high":"42.4","04. low":"41.1","05. price":"42.25",
        "06. volume":"131000","07. latest trading day":"2024-06-12"}}"#;
    let read_at = |moment: &str| {
        let request = &source.plan(&query).unwrap()[0];
        let headers = assize_transport::Headers::default();
        let response =
            RawResponse::new(request, 200, headers, body, moment.parse::<jiff::Timestamp>().unwrap());
        match source.decode(&query, &response) {
            Outcome::Items { items, findings } => (items.len(), findings.len()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read_at("2024-06-12T15:00:00Z"), (0, 1), "11:00 in New York");
    assert_eq!(read_at("2024-06-12T20:30:00Z"), (1, 0));
    assert_eq!(read_at("2024-06-13T12:00:00Z"), (1, 0));
}
