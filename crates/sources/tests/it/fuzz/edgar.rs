//! The SEC's answers, mutilated.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, LazyLock};

use assize_altdata::{AsOf, Identity, ItemKind, Known, Outcome, Query, Source, Ticker};
use assize_ambient::Timestamp;
use assize_sources::{EdgarContact, EdgarCurrent, EdgarFacts, EdgarFilings, EdgarTickers};
use assize_transport::{Headers, RawResponse, Request};
use proptest::prelude::*;
use proptest::sample::select;

use super::damage::{damaged, damages};
use crate::snapshots::fixtures;

const FORM_URL: &str =
    "https://www.sec.gov/Archives/edgar/data/1999001/000199907724000003/0001999077-24-000003.txt";
const INDEX_URL: &str = "https://data.sec.gov/submissions/CIK0001999001.json";
const PAGE_URL: &str = "https://data.sec.gov/submissions/CIK0001999001-submissions-001.json";

static SEEDS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let read = |name: &'static str| (name, fs::read(fixtures().join("edgar").join(name)).expect("a fixture"));
    [
        "0001999077-24-000003.txt",
        "0001999077-24-000004.txt",
        "company_tickers.json",
        "companyfacts.json",
        "denied.xml",
        "getcurrent.atom",
        "limit.html",
        "submissions-001.json",
        "submissions.json",
    ]
    .map(read)
    .into()
});

const WORDS: &[&[u8]] = &[
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
    b"0",
    b"-1",
    b"1e999",
    b"1e308",
    b"18446744073709551616",
    b"\"\\u0000\"",
    b"\\ud800",
    b"\"",
    b"\\",
    b",",
    b"}",
    b"]",
    b"<",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"&amp;",
    b"&#0;",
    b"&#x110000;",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"9999-12-31T23:59:59.000Z",
    b"-009999-01-01",
    b"99991231235959",
    b"<XML>",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
];

/// One of these seeds, or now and then another, damaged; and a status.
fn answers(own: &'static [&'static str]) -> impl Strategy<Value = (Vec<u8>, u16)> {
    let seed =
        prop_oneof![9 => select(own), 1 => select(&["denied.xml", "limit.html", "getcurrent.atom"][..])];
    let status = prop_oneof![9 => Just(200_u16), 1 => 100_u16..600];
    (seed, damages(WORDS), status).prop_map(|(name, damages, status)| {
        let seed = SEEDS.iter().find(|(own, _)| *own == name).map_or(&[][..], |(_, bytes)| bytes);
        (damaged(seed, &damages, b"-.:"), status)
    })
}

fn query() -> Query {
    let ticker: Ticker = "ACME".parse().expect("a ticker");
    let card = Identity::new(&ticker, "Acme Rockets").with_cik(1_999_001);
    let as_of: AsOf = "2024-06-30".parse().expect("a date");
    Query::new(&ticker, as_of).with_identity(Arc::new(card))
}

fn contact() -> Option<EdgarContact> {
    EdgarContact::new("Jane Doe", "jane@example.org")
}

/// What can be said of an outcome whatever the bytes were.
fn check(source: &dyn Source, url: &str, (body, status): (Vec<u8>, u16)) -> Result<(), TestCaseError> {
    let (query, size) = (query(), body.len());
    let request = Request::get(url.parse().expect("an address"));
    let response = RawResponse::new(&request, status, Headers::default(), body, Timestamp::UNIX_EPOCH);
    let outcome = source.decode(&query, &response);
    prop_assert_eq!(&source.decode(&query, &response), &outcome);
    let short = |text: &str, most: usize| text.chars().count() <= most && !text.contains(char::is_control);
    match &outcome {
        Outcome::Items { items, findings } => {
            prop_assert!((200..300).contains(&status));
            prop_assert!(items.is_sorted_by_key(Known::known_by));
            let mut ids = BTreeSet::new();
            for item in items {
                prop_assert!(ids.insert(item.id), "twice: {item:?}");
                prop_assert_eq!(&item.ticker, query.ticker());
                prop_assert!(item.available_at.earliest <= item.available_at.latest);
                let (texts, figures) = match &item.kind {
                    ItemKind::Identity(card) => (vec![&card.name], vec![]),
                    ItemKind::Filing(one) => {
                        prop_assert!(one.items.len() <= 20);
                        (vec![&one.form, &one.accession, &one.description, &one.document], vec![])
                    }
                    ItemKind::InsiderTrade(one) => {
                        let figures = [Some(one.shares), one.price, one.held_after];
                        (
                            vec![&one.accession, &one.owner, &one.title],
                            figures.into_iter().flatten().collect(),
                        )
                    }
                    ItemKind::Fact(one) => {
                        (vec![&one.concept, &one.unit, &one.form, &one.accession], vec![one.value])
                    }
                    other => return Err(TestCaseError::fail(format!("{other:?}"))),
                };
                prop_assert!(texts.into_iter().all(|text| short(text, 201)), "{item:?}");
                prop_assert!(figures.into_iter().all(f64::is_finite), "{item:?}");
            }
            prop_assert!(items.len() + findings.len() <= size, "more comes out than went in");
            prop_assert!(
                findings.iter().all(|one| short(&one.text, 300) && one.url.is_some()),
                "{findings:?}"
            );
        }
        Outcome::Drift(text)
        | Outcome::OtherCompany(text)
        | Outcome::DoubtfulEmpty(text)
        | Outcome::Unavailable(text) => {
            prop_assert!(short(text, 400), "{text:?}");
        }
        _ => {}
    }
    let next = source.follow(&query, &response);
    prop_assert_eq!(&source.follow(&query, &response), &next);
    prop_assert!(next.len() <= 9);
    for request in next {
        let url = request.url().as_str();
        let is_own = url.starts_with("https://www.sec.gov/Archives/edgar/data/1999001/")
            || url.starts_with("https://data.sec.gov/submissions/CIK0001999001-submissions-");
        prop_assert!(is_own && !url.contains(".."), "{url}");
    }
    Ok(())
}

fn planned(source: &dyn Source) -> String {
    source.plan(&query()).expect("a plan")[0].url().as_str().to_owned()
}

proptest! {
    #[test]
    fn fuzz_edgar_tickers(answer in answers(&["company_tickers.json"])) {
        let source = EdgarTickers::new(contact());
        check(&source, &planned(&source), answer)?;
    }

    #[test]
    fn fuzz_edgar_index(answer in answers(&["submissions.json"])) {
        check(&EdgarFilings::new(contact()), INDEX_URL, answer)?;
    }

    #[test]
    fn fuzz_edgar_page(answer in answers(&["submissions-001.json"])) {
        check(&EdgarFilings::new(contact()), PAGE_URL, answer)?;
    }

    #[test]
    fn fuzz_edgar_form4(answer in answers(&["0001999077-24-000003.txt", "0001999077-24-000004.txt"])) {
        check(&EdgarFilings::new(contact()), FORM_URL, answer)?;
    }

    #[test]
    fn fuzz_edgar_facts(answer in answers(&["companyfacts.json"])) {
        let source = EdgarFacts::new(contact());
        check(&source, &planned(&source), answer)?;
    }

    #[test]
    fn fuzz_edgar_current(answer in answers(&["getcurrent.atom"])) {
        let source = EdgarCurrent::new(contact());
        check(&source, &planned(&source), answer)?;
    }
}
