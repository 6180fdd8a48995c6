//! The feed, on a fixture.

use std::sync::Arc;

use assize_altdata::{AsOf, Identity, conformance};
use assize_transport::Headers;

use super::*;

const BODY: &[u8] = include_bytes!("../../../../../fixtures/sources/edgar/getcurrent.atom");

fn source() -> EdgarCurrent {
    EdgarCurrent::new(EdgarContact::new("Jane Doe", "jane@example.org"))
}

fn query(cik: u64) -> Query {
    let ticker = "ACME".parse().expect("a ticker");
    let card = Identity::new(&ticker, "Acme Rockets").with_cik(cik);
    Query::new(&ticker, AsOf::at(Timestamp::MAX)).with_identity(Arc::new(card))
}

fn decode(cik: u64, body: &[u8]) -> Outcome {
    let query = query(cik);
    let request = &source().plan(&query).expect("a plan")[0];
    let response = RawResponse::new(request, 200, Headers::default(), body.to_vec(), Timestamp::UNIX_EPOCH);
    source().decode(&query, &response)
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&source(), &query(1_999_001), BODY);
    assert!(!source().meta().default_on);
    assert_eq!(source().plan(&query(1)).unwrap()[0].key(), source().plan(&query(2)).unwrap()[0].key());
}

#[test]
fn each_filing_once_and_the_issuers_alone() {
    let Outcome::Items { items, findings } = decode(1_999_001, BODY) else { panic!("items") };
    assert!(findings.is_empty(), "{findings:?}");
    let seen: Vec<(String, String, String)> = items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Filing(filing) => {
                assert_eq!(filing.form, "4");
                assert_eq!(filing.description, "4 - ACME ROCKETS, INC. (A&R) (0001999001) (Issuer)");
                (filing.accession.clone(), filing.filed_on.to_string(), item.available_at.latest.to_string())
            }
            other => panic!("a filing, not {other:?}"),
        })
        .collect();
    let row = |accession: &str, day: &str, at: &str| (accession.to_owned(), day.to_owned(), at.to_owned());
    assert_eq!(
        seen,
        [
            row("0001999078-24-000002", "2024-05-20", "2024-05-21T01:02:03Z"),
            row("0001999077-24-000003", "2024-06-05", "2024-06-05T22:31:12Z"),
        ]
    );
    assert_eq!(decode(1_999_003, BODY), Outcome::Empty);
    let Outcome::Items { items, .. } = decode(1_999_002, BODY) else { panic!("items") };
    assert_eq!(items.len(), 1);
}

#[test]
fn the_feed_is_latin() {
    let entries = feed::read(BODY).unwrap();
    assert_eq!(entries[0].title, "4 - Frühling Ada (0001999077) (Reporting)");
    assert_eq!(entries.len(), 5);
}

#[test]
fn titles() {
    for (title, expected) in [
        ("4 - Hinge Health, Inc. (0001673743) (Issuer)", Some(1_673_743)),
        ("4 - A (B) (0001673743) (Issuer)", Some(1_673_743)),
        ("4 - Somebody (0001673743) (Reporting)", None),
        ("4 - Somebody", None),
        ("(Issuer)", None),
        ("", None),
    ] {
        assert_eq!(issuer(title), expected, "{title}");
    }
}

#[test]
fn what_is_no_feed() {
    let text = String::from_utf8_lossy(BODY).into_owned();
    assert!(matches!(decode(1, b"<feed></feed>"), Outcome::DoubtfulEmpty(_)));
    assert!(matches!(decode(1, b"<rss></rss>"), Outcome::Drift(_)));
    assert!(matches!(decode(1, &BODY[..900]), Outcome::Drift(_)));
    let later = text.replace("2024-06-05T18:31:12-04:00", "soon");
    let Outcome::Items { items, findings } = decode(1_999_001, later.as_bytes()) else { panic!("items") };
    assert_eq!((items.len(), findings.len()), (1, 1));
}
