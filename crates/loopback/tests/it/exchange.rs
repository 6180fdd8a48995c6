//! The market and its sites, as a reader meets them. The readers here are written for these tests alone.

mod availability;
mod faults;
mod figures;
mod filings;
mod limits;
mod prices;
mod repeatable;
mod talk;

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
};

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_loopback::{ErrorKind, Exchange, ExchangeTruth, Limit, Site};
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use jiff::civil::Date;
use quick_xml::{Reader, escape::resolve_xml_entity, events::Event};
use serde_json::Value;
use tower_service::Service;

/// An evening after trade: a Friday.
const EVENING: &str = "2026-03-07T02:30:00Z";
const TICKERS: [&str; 6] = ["ACME", "BRK-B", "F", "KO", "NVDA", "PEP"];

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
struct Got {
    status: u16,
    retry_after: Option<String>,
    text: String,
    failed: Option<ErrorKind>,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

/// Markets by their seeds: all tests that take the same one compute its companies once.
static MARKETS: Mutex<BTreeMap<u64, Exchange>> = Mutex::new(BTreeMap::new());

/// With the limits of the sites.
fn limited(seed: u64, now: &str) -> Exchange {
    let clock = Arc::new(FixedClock::new(now.parse::<Timestamp>().expect("a moment")));
    let fresh = || Exchange::new(Seed::new(seed), clock.clone()).with_tickers(&TICKERS);
    let mut markets = MARKETS.lock().unwrap_or_else(PoisonError::into_inner);
    markets.entry(seed).or_insert_with(fresh).anew(Seed::new(seed)).with_clock(clock)
}

/// Without limits that these tests could come to.
fn at(seed: u64, now: &str) -> Exchange {
    let limit = Limit::per_minute(600_000).with_burst(100_000);
    Site::ALL.into_iter().fold(limited(seed, now), |exchange, site| exchange.with_limit(site, limit))
}

fn evening(seed: u64) -> Exchange {
    at(seed, EVENING)
}

fn truth(exchange: &Exchange, from: &str, to: &str) -> ExchangeTruth {
    exchange.truth(from.parse().expect("a date"), to.parse().expect("a date"))
}

async fn get(exchange: &Exchange, url: impl Display) -> Got {
    let request = Request::get(url.to_string()).body(Bytes::new()).expect("a request");
    let (parts, mut body) = match exchange.clone().call(request).await {
        Ok(response) => response.into_parts(),
        Err(e) => return Got { status: 0, retry_after: None, text: String::new(), failed: Some(e.kind()) },
    };
    let (mut bytes, mut failed) = (Vec::new(), None);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().expect("data")),
            Err(e) => failed = Some(e.kind()),
        }
    }
    let retry_after = parts.headers.get("retry-after");
    Got {
        status: parts.status.as_u16(),
        retry_after: retry_after.map(|value| value.to_str().expect("plain text").to_owned()),
        text: String::from_utf8(bytes).expect("UTF-8"),
        failed,
    }
}

async fn json(exchange: &Exchange, url: impl Display) -> Value {
    let got = get(exchange, &url).await;
    assert_eq!((got.status, got.failed), (200, None), "{url}: {}", got.text);
    got.json()
}

async fn text(exchange: &Exchange, url: impl Display) -> String {
    let got = get(exchange, &url).await;
    assert_eq!((got.status, got.failed), (200, None), "{url}: {}", got.text);
    got.text
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// The elements of XML by their paths, and their attributes behind an `@`, in order of their ends.
fn elements(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut texts, mut out): (Vec<String>, Vec<String>, _) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        match reader.read_event().expect("sound XML") {
            Event::Eof => return out,
            Event::Start(element) => {
                path.push(element.name().as_ref().to_owned());
                texts.push(String::new());
                attributes(&element, &path, &mut out);
            }
            Event::Empty(element) => {
                path.push(element.name().as_ref().to_owned());
                attributes(&element, &path, &mut out);
                path.pop();
            }
            Event::End(_) => {
                let text = texts.pop().expect("an element is open").trim().to_owned();
                out.push((path.join("/"), text));
                path.pop();
            }
            Event::Text(text) => {
                if let Some(open) = texts.last_mut() {
                    open.push_str(&text);
                }
            }
            Event::GeneralRef(named) => {
                let open = texts.last_mut().expect("an element is open");
                match named.resolve_char_ref().expect("a character") {
                    Some(character) => open.push(character),
                    None => open.push_str(resolve_xml_entity(&named).expect("an entity of XML")),
                }
            }
            _ => {}
        }
    }
}

fn attributes(element: &quick_xml::events::BytesStart<'_>, path: &[String], out: &mut Vec<(String, String)>) {
    for attribute in element.attributes() {
        let attribute = attribute.expect("an attribute");
        let name: &str = attribute.key.as_ref();
        out.push((format!("{}@{name}", path.join("/")), attribute.value.into_owned()));
    }
}

/// All texts of the elements with this path.
fn texts<'a>(elements: &'a [(String, String)], path: &str) -> Vec<&'a str> {
    elements.iter().filter(|(of, _)| of == path).map(|(_, text)| text.as_str()).collect()
}
