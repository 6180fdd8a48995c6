//! Which company a ticker means, from the regulator's list of all.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, Identity, Item, ItemKind, Outcome, Query, Source,
    SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::EdgarContact;
use super::site::{self, Cik, Text, same_ticker};
use crate::{address::Address, answer};

/// The regulator's number and name of the company behind a ticker.
///
/// Format: <https://www.sec.gov/file/company-tickers>, one file of about 10,000 companies, which is the same request for
/// every ticker. The classes of a company's shares each have their line; `BRK.B` is found as `BRK-B`.
///
/// Asked about [`BY_NAME`](Self::BY_NAME), it looks for the company that the query's card names, by its ticker or its name: the card
/// that it gives bears the ticker that the list has.
///
/// The list dates nothing and keeps no past editions: today's is taken as that of the moment asked for. A card out of it is a
/// key to other sources, whose answers are held against it; it is no evidence of what a company was called at that moment.
#[derive(Clone, Debug)]
pub struct EdgarTickers {
    meta: SourceMeta,
    contact: Option<EdgarContact>,
}

impl EdgarTickers {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("edgar-tickers");

    /// No symbol of anything: the company is told by the query's card.
    pub const BY_NAME: &'static str = "^NAME";

    /// The source, asked in the name of `contact`.
    #[must_use]
    pub fn new(contact: Option<EdgarContact>) -> Self {
        let mut meta = site::meta(Self::ID, SourceKind::Identity, contact.as_ref());
        meta.ttl = Duration::from_secs(24 * 3_600);
        Self { meta, contact }
    }
}

/// A line of the list.
#[derive(Deserialize)]
struct Line<'a> {
    cik_str: Cik,
    #[serde(borrow)]
    ticker: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
}

/// The list: read where it lies, nothing of it copied.
struct Lines<'a>(Vec<Line<'a>>);

impl<'de> Deserialize<'de> for Lines<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Lines<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("companies by their place in the list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lines<'de>, A::Error> {
                let mut lines = Vec::new();
                while map.next_key::<Text<'de>>()?.is_some() {
                    lines.push(map.next_value()?);
                }
                Ok(Lines(lines))
            }
        }
        deserializer.deserialize_map(All)
    }
}

impl Source for EdgarTickers {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let address = Address::new("https://www.sec.gov/files/company_tickers.json");
        Ok(vec![site::get(address, self.contact.as_ref(), query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let lines: Lines<'_> = match site::json(response) {
            Ok(lines) => lines,
            Err(outcome) => return outcome,
        };
        if lines.0.is_empty() {
            return Outcome::DoubtfulEmpty("a list of all companies without one".to_owned());
        }
        let ticker = query.ticker();
        if ticker.as_str() == Self::BY_NAME {
            return by_name(query, &lines.0, response);
        }
        let mut found = lines.0.iter().filter(|line| same_ticker(&line.ticker, ticker.as_str()));
        let Some(first) = found.next() else { return Outcome::Empty };
        let card = Identity::new(ticker, answer::plain(&first.title, 200)).with_cik(first.cik_str.0);
        let known = known(query, response);
        let mut findings = Vec::new();
        if let Some(other) = found.find(|line| line.cik_str != first.cik_str) {
            let text = format!("the list gives it to {} as well", answer::plain(&other.title, 80));
            let finding = Finding::undated(None, FindingKind::OtherTicker, Disposition::Dropped, text);
            findings.push(Finding { known_from: Some(known.clone()), ..finding.at_url(response.url()) });
        }
        let kind = ItemKind::Identity(card);
        let item = Item::new(ticker, kind, &Self::ID, response.url(), known, response.fetched_at());
        Outcome::Items { items: vec![item], findings }
    }
}

fn known(query: &Query, response: &RawResponse) -> Availability {
    let until = query.as_of().moment().min(response.fetched_at());
    Availability::between(Timestamp::UNIX_EPOCH, until, "today's list, which dates nothing")
}

/// The company that the query's card names: by its ticker, by its whole name, or by the only name that begins so. Of its classes of
/// shares the first in the list.
fn by_name(query: &Query, lines: &[Line<'_>], response: &RawResponse) -> Outcome {
    let Some(wanted) = query.identity() else { return Outcome::Empty };
    let beginning = wanted.short_name();
    let by_ticker = lines.iter().find(|line| same_ticker(&line.ticker, wanted.name.trim()));
    let by_whole_name = || first_of(lines.iter().filter(|line| wanted.is_named(&line.title)));
    let begins = |title: &str| {
        let name = Identity::new(query.ticker(), title).short_name();
        name.strip_prefix(&beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let by_beginning = || {
        let is_name = beginning.len() >= 3;
        first_of(lines.iter().filter(|line| is_name && begins(&line.title)))
    };
    let found = by_ticker.map(|line| (line, None)).or_else(by_whole_name).or_else(by_beginning);
    let Some((line, other)) = found else { return Outcome::Empty };
    let name = |line: &Line<'_>| answer::plain(&line.title, 80);
    if let Some(other) = other {
        let (one, other) = (name(line), name(other));
        return Outcome::DoubtfulEmpty(format!("several companies are called so: {one}, {other}"));
    }
    let Ok(ticker) = line.ticker.parse() else { return Outcome::Empty };
    let card = Identity::new(&ticker, answer::plain(&line.title, 200)).with_cik(line.cik_str.0);
    let kind = ItemKind::Identity(card);
    let known = known(query, response);
    let (id, url) = (&EdgarTickers::ID, response.url());
    let item = Item::new(query.ticker(), kind, id, url, known, response.fetched_at());
    Outcome::Items { items: vec![item], findings: Vec::new() }
}

/// The first of these lines, and the first behind it that is of another company.
fn first_of<'l, 'a>(
    mut lines: impl Iterator<Item = &'l Line<'a>>,
) -> Option<(&'l Line<'a>, Option<&'l Line<'a>>)>
where
    'a: 'l,
{
    let first = lines.next()?;
    Some((first, lines.find(|line| line.cik_str != first.cik_str)))
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, GapReason, conformance};
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"0":{"cik_str":320193,"ticker":"AAPL","title":"Apple Inc."},
        "1":{"cik_str":1067983,"ticker":"BRK-B","title":"BERKSHIRE HATHAWAY INC","new":[1]},
        "2":{"cik_str":1067983,"ticker":"BRK-A","title":"BERKSHIRE HATHAWAY INC"},
        "3":{"cik_str":7,"ticker":"AAPL","title":"An Apple & Another"}}"#;

    fn source() -> EdgarTickers {
        EdgarTickers::new(EdgarContact::new("Jane Doe", "jane@example.org"))
    }

    fn query(ticker: &str) -> Query {
        Query::new(&ticker.parse().unwrap(), AsOf::at(Timestamp::MAX))
    }

    fn decode(ticker: &str, body: &str) -> Outcome {
        let request = &source().plan(&query(ticker)).unwrap()[0];
        let response =
            RawResponse::new(request, 200, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source().decode(&query(ticker), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check(&source(), &"AAPL".parse().unwrap(), BODY.as_bytes());
    }

    #[test]
    fn one_request_serves_all_and_names_who_asks() {
        let one = source().plan(&query("AAPL")).unwrap().remove(0);
        assert_eq!(one.key(), source().plan(&query("KO")).unwrap()[0].key());
        assert_eq!(one.secret_headers()[0].1.expose(), "Jane Doe jane@example.org");
        assert!(!format!("{one:?} {:?}", source()).contains("example.org"));
        let unnamed = EdgarTickers::new(None);
        assert!(source().meta().default_on && !unnamed.meta().default_on);
        let gap = unnamed.plan(&query("KO")).unwrap_err();
        assert_eq!(gap.reason, GapReason::KeyMissing);
        assert!(gap.detail.contains("set a contact"), "{gap}");
    }

    #[test]
    fn companies_behind_tickers() {
        for (ticker, expected) in [
            ("AAPL", Some((320_193, "Apple Inc.", 1))),
            ("BRK.B", Some((1_067_983, "BERKSHIRE HATHAWAY INC", 0))),
            ("brk-a", Some((1_067_983, "BERKSHIRE HATHAWAY INC", 0))),
            ("BRK", None),
        ] {
            match (decode(ticker, BODY), expected) {
                (Outcome::Items { items, findings }, Some((cik, name, noticed))) => {
                    let ItemKind::Identity(card) = &items[0].kind else { panic!("a card") };
                    assert_eq!((card.cik, card.name.as_str(), findings.len()), (Some(cik), name, noticed));
                    assert_eq!(card.ticker, ticker.parse().unwrap());
                    assert!(AsOf::at(Timestamp::UNIX_EPOCH).knows(&items[0]), "a key to what was known then");
                }
                (outcome, None) => assert_eq!(outcome, Outcome::Empty, "{ticker}"),
                (outcome, _) => panic!("{ticker}: {outcome:?}"),
            }
        }
        assert!(matches!(decode("KO", "{}"), Outcome::DoubtfulEmpty(_)));
        let Outcome::Drift(path) = decode("KO", &BODY.replace("cik_str", "cik")) else { panic!("drift") };
        assert!(path.starts_with("at `0`: missing field `cik_str`"), "{path}");
    }

    #[test]
    fn companies_by_their_names() {
        const MORE: &str = r#"{"0":{"cik_str":21344,"ticker":"KO","title":"COCA COLA CO"},
            "1":{"cik_str":1652044,"ticker":"GOOGL","title":"Alphabet Inc."},"2":{"cik_str":1652044,"ticker":"GOOG","title":"Alphabet Inc."},
            "3":{"cik_str":320193,"ticker":"AAPL","title":"Apple Inc."},"4":{"cik_str":9,"ticker":"APLE","title":"Apple Hospitality REIT, Inc."},
            "5":{"cik_str":5,"ticker":"DLTA","title":"Delta Air Lines, Inc."},"6":{"cik_str":6,"ticker":"DLT","title":"Delta Apparel Inc"}}"#;
        let asked = |name: &str| {
            let ticker = EdgarTickers::BY_NAME.parse().unwrap();
            let card = std::sync::Arc::new(Identity::new(&ticker, name));
            let query = Query::new(&ticker, AsOf::at(Timestamp::MAX)).with_identity(card);
            let request = &source().plan(&query).unwrap()[0];
            let response =
                RawResponse::new(request, 200, Headers::default(), MORE.to_owned(), Timestamp::UNIX_EPOCH);
            source().decode(&query, &response)
        };
        for (name, expected) in [
            ("The Coca-Cola Company", Some(("KO", 21_344))),
            ("alphabet", Some(("GOOGL", 1_652_044))),
            ("goog", Some(("GOOG", 1_652_044))),
            ("Apple", Some(("AAPL", 320_193))),
            ("delta air", Some(("DLTA", 5))),
            ("Coca", Some(("KO", 21_344))),
            ("Coc", None),
            ("X", None),
        ] {
            match (asked(name), expected) {
                (Outcome::Items { items, .. }, Some((ticker, cik))) => {
                    let ItemKind::Identity(card) = &items[0].kind else { panic!("a card") };
                    assert_eq!((card.ticker.as_str(), card.cik), (ticker, Some(cik)), "{name}");
                }
                (outcome, None) => assert_eq!(outcome, Outcome::Empty, "{name}"),
                (outcome, _) => panic!("{name}: {outcome:?}"),
            }
        }
        let Outcome::DoubtfulEmpty(why) = asked("delta") else { panic!("two companies") };
        assert!(why.contains("Delta Air Lines") && why.contains("Delta Apparel"), "{why}");
    }
}
