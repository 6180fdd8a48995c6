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
        let mut found = lines.0.iter().filter(|line| same_ticker(&line.ticker, ticker.as_str()));
        let Some(first) = found.next() else { return Outcome::Empty };
        let card = Identity::new(ticker, answer::plain(&first.title, 200)).with_cik(first.cik_str.0);
        let until = query.as_of().moment().min(response.fetched_at());
        let known = Availability::between(Timestamp::UNIX_EPOCH, until, "today's list, which dates nothing");
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
}
