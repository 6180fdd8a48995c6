//! Figures, on a fixture.

use std::fmt::Write as _;
use std::sync::Arc;

use assize_altdata::{AsOf, GapReason, Identity, conformance};
use assize_transport::Headers;
use jiff::Timestamp;

use super::*;

const BODY: &str = include_str!("../../../../../fixtures/sources/edgar/companyfacts.json");

fn source() -> EdgarFacts {
    EdgarFacts::new(EdgarContact::new("Jane Doe", "jane@example.org"))
}

fn query(cik: u64, as_of: &str) -> Query {
    let ticker = "ACME".parse().expect("a ticker");
    let card = Identity::new(&ticker, "Acme Rockets").with_cik(cik);
    Query::new(&ticker, as_of.parse::<AsOf>().expect("a date")).with_identity(Arc::new(card))
}

fn answered(query: &Query, status: u16, body: &str) -> Outcome {
    let request = &source().plan(query).expect("a plan")[0];
    let response =
        RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
    source().decode(query, &response)
}

fn decode(body: &str) -> Outcome {
    answered(&query(1_999_001, "2024-06-30"), 200, body)
}

fn fact_of(item: &Item) -> &CompanyFact {
    match &item.kind {
        ItemKind::Fact(fact) => fact,
        other => panic!("a figure, not {other:?}"),
    }
}

fn facts(items: &[Item]) -> Vec<&CompanyFact> {
    items.iter().map(fact_of).collect()
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&source(), &query(1_999_001, "2024-06-30"), BODY.as_bytes());
}

#[test]
fn figures_stay_apart_by_their_filing() {
    let Outcome::Items { items, findings } = decode(BODY) else { panic!("items") };
    let revenues: Vec<(String, f64, &str)> = facts(&items)
        .into_iter()
        .filter(|fact| fact.concept == "us-gaap:Revenues")
        .map(|fact| (fact.filed_on.to_string(), fact.value, fact.form.as_str()))
        .collect();
    // The oldest ended more than ten years before; the same row twice is one figure.
    assert_eq!(
        revenues,
        [
            ("2023-02-20".to_owned(), 5e9, "10-K"),
            ("2023-04-03".to_owned(), 4.9e9, "10-K/A"),
            ("2024-02-21".to_owned(), 5e9, "10-K"),
            ("2024-05-09".to_owned(), 1_400_000_000.5, "10-Q"),
        ]
    );
    assert_eq!(items.len(), 7);
    let all = facts(&items);
    let shares = all.iter().find(|fact| fact.concept == "dei:EntityCommonStockSharesOutstanding").unwrap();
    assert_eq!((shares.unit.as_str(), shares.value, shares.start), ("shares", 3.1e8, None));
    let earned = all.iter().find(|fact| fact.unit == "USD/shares").unwrap();
    assert_eq!((earned.value, earned.fiscal_year, earned.fiscal_period.as_str()), (-0.12, None, ""));
    assert_eq!(earned.start.map(|day| day.to_string()), Some("2024-01-01".to_owned()));
    let known = &items[6].available_at;
    assert_eq!(known.earliest.to_string(), "2024-05-09T10:00:00Z");
    assert_eq!(known.latest.to_string(), "2024-05-10T03:59:59.999999999Z");
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(finding.text, "us-gaap:Assets: the figure is `null`");
    assert_eq!(finding.known_by().unwrap().to_string(), "2024-02-22T04:59:59.999999999Z");
}

#[test]
fn only_some_years_are_read() {
    let query = query(1_999_001, "2024-06-30");
    let request = &source().plan(&query).unwrap()[0];
    let response = RawResponse::new(request, 200, Headers::default(), BODY, Timestamp::UNIX_EPOCH);
    for (years, count) in [(0, 0), (1, 4), (2, 7), (50, 8)] {
        let outcome = source().looking_back(years).decode(&query, &response);
        let Outcome::Items { items, .. } = outcome else { panic!("items") };
        assert_eq!(items.len(), count, "{years}");
    }
}

#[test]
fn what_is_no_answer() {
    let Outcome::OtherCompany(which) = answered(&query(1_999_002, "2024-06-30"), 200, BODY) else {
        panic!("another")
    };
    assert_eq!(which, "Acme Rockets, Inc. (CIK 1999001), not CIK 1999002");
    let unknown = Query::new(&"ACME".parse().unwrap(), "2024-06-30".parse().unwrap());
    assert_eq!(source().plan(&unknown).unwrap_err().reason, GapReason::NoSuchTicker);
    let nothing = r#"{"cik":"0001999001","entityName":null,"facts":{"us-gaap":{"Odd":1},"new":[]}}"#;
    assert_eq!(decode(nothing), Outcome::Empty);
    for (from, to, path) in [
        ("\"facts\"", "\"figures\"", "at `.`: missing field `facts`"),
        (
            "\"val\": 310000000",
            "\"val\": \"310000000\"",
            "at `facts.dei.EntityCommonStockSharesOutstanding.units.shares[0].val`: invalid type",
        ),
        (
            "\"accn\"",
            "\"number\"",
            "at `facts.dei.EntityCommonStockSharesOutstanding.units.shares[0]`: missing field `accn`",
        ),
        (
            "\"units\": {\"shares\"",
            "\"unit\": {\"shares\"",
            "at `facts.dei.EntityCommonStockSharesOutstanding`: missing field `units`",
        ),
        (
            "\"units\": {\"USD\": [{\"start\"",
            "\"units\": {\"USD\": {\"x\": [{\"start\"",
            "at `facts.us-gaap.Revenues.units.USD`: invalid type: map",
        ),
    ] {
        assert!(BODY.contains(from), "{from}");
        let Outcome::Drift(found) = decode(&BODY.replace(from, to)) else { panic!("drift at {path}") };
        assert!(found.starts_with(path), "{found}");
    }
    let Outcome::Drift(found) = decode(&BODY[..BODY.len() / 2]) else { panic!("drift") };
    assert!(found.contains("EOF while parsing"), "{found}");
    for (from, to, text) in [
        ("\"filed\": \"2013-02-20\"", "\"filed\": \"soon\"", "us-gaap:Revenues: the day of filing is `soon`"),
        ("\"end\": \"2012-12-31\"", "\"end\": \"\"", "us-gaap:Revenues: the end of the period is ``"),
        ("\"start\": \"2012-01-01\"", "\"start\": \"x\"", "us-gaap:Revenues: the start of the period is `x`"),
        ("0001999001-13-000001", "1", "us-gaap:Revenues: the number of the filing is `1`"),
    ] {
        let Outcome::Items { findings, .. } = decode(&BODY.replace(from, to)) else { panic!("items") };
        assert_eq!(findings.iter().filter(|finding| finding.text == text).count(), 1, "{text}");
    }
}

/// More rows than anybody reports are not kept.
#[test]
fn rows_are_limited() {
    let mut body = String::from("{\"cik\":1999001,\"facts\":{\"us-gaap\":{\"Assets\":{\"units\":{\"USD\":[");
    for n in 0..=MOST_ROWS {
        let comma = if n > 0 { "," } else { "" };
        write!(
            body,
            "{comma}{{\"end\":\"2023-12-31\",\"val\":{n},\"accn\":\"0001999001-24-000003\",\"form\":\"10-K\",\"filed\":\"2024-02-21\"}}"
        )
        .unwrap();
    }
    body.push_str("]}}}}}");
    let Outcome::Items { items, findings } = decode(&body) else { panic!("items") };
    assert_eq!(items.len(), MOST_ROWS);
    assert_eq!(findings[0].kind, FindingKind::More);
}
