//! The answers of sites on markets, mutilated.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use assize_altdata::{Finding, Item, ItemKind, Known, Outcome};
use assize_ambient::Timestamp;
use assize_transport::{Headers, RawResponse, Request};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::market_fixtures::{KEY, Site, body, query, sites};

static SITES: LazyLock<Vec<Site>> = LazyLock::new(sites);

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let names: BTreeSet<&str> =
        SITES.iter().flat_map(|site| site.answers).map(|(name, _, _)| *name).collect();
    names.into_iter().map(body).collect()
});

const WORDS: [&[u8]; 34] = [
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
    b"0",
    b"-1",
    b"0.00001",
    b"1e308",
    b"1e999",
    b"NaN",
    b"-inf",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"253402207200",
    b"18446744073709551616",
    b"9999-12-31",
    b"-009999-01-01",
    b"99991231",
    b"12/31/9999",
    b"9999-12-31 23:59:59",
    b"ACME991231C99999999",
    b"ACME000101P00000001",
    b"\"\\u0000\"",
    b"\\ud800",
    b"\"",
    b"\\",
    b",",
    b"|",
    b"}",
    b"]",
    b"\n",
    b"\r\n\r\n",
    b"\xff\xfe",
];

#[derive(Debug, Clone)]
enum Damage {
    Byte(Index, u8),
    Loss(Index, Index),
    Again(Index, Index, Index),
    Word(Index, &'static [u8]),
    /// A run of digits or letters becomes a word.
    Value(Index, &'static [u8]),
    /// A value of the JSON becomes another, as far as it is JSON still.
    Json(Index, usize),
    End(Index),
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let index = any::<Index>;
    let one = prop_oneof![
        3 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (index(), index()).prop_map(|(at, length)| Damage::Loss(at, length)),
        2 => (index(), index(), index()).prop_map(|(at, length, to)| Damage::Again(at, length, to)),
        3 => (index(), select(&WORDS[..])).prop_map(|(at, word)| Damage::Word(at, word)),
        6 => (index(), select(&WORDS[..])).prop_map(|(at, word)| Damage::Value(at, word)),
        6 => (index(), 0_usize..20).prop_map(|(node, with)| Damage::Json(node, with)),
        1 => index().prop_map(Damage::End),
    ];
    prop::collection::vec(one, 0..6)
}

fn damaged(seed: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for damage in damages {
        let end = bytes.len();
        match damage {
            Damage::Byte(at, byte) if end > 0 => bytes[at.index(end)] = *byte,
            Damage::Byte(..) => {}
            Damage::Loss(at, length) => {
                let from = at.index(end + 1);
                // Short losses leave more of the form.
                let to = from + length.index(end - from + 1).min(1 + length.index(40));
                bytes.drain(from..to.min(end));
            }
            Damage::Again(at, length, to) => {
                let from = at.index(end + 1);
                let again = bytes[from..from + length.index(end - from + 1)].to_vec();
                let to = to.index(end + 1);
                bytes.splice(to..to, again);
            }
            Damage::Word(at, word) => {
                let at = at.index(end + 1);
                bytes.splice(at..at, word.iter().copied());
            }
            Damage::Value(at, word) => {
                let from = at.index(end + 1);
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.:/".contains(byte);
                let from = from + bytes[from..].iter().position(is_part).unwrap_or(0);
                let length = bytes[from..].iter().take_while(|byte| is_part(byte)).count();
                bytes.splice(from..from + length, word.iter().copied());
            }
            Damage::Json(node, with) => {
                if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
                    let mut left = node.index(count(&value));
                    change(&mut value, &mut left, *with);
                    bytes = value.to_string().into_bytes();
                }
            }
            Damage::End(at) => bytes.truncate(at.index(end + 1)),
        }
    }
    bytes
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(entries) => entries.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the node that comes after so many others.
fn change(value: &mut Value, left: &mut usize, with: usize) -> bool {
    if *left == 0 {
        *value = other(value, with);
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(entries) => entries.iter_mut().any(|entry| change(entry, left, with)),
        Value::Object(fields) => fields.values_mut().any(|field| change(field, left, with)),
        _ => false,
    }
}

fn other(value: &Value, with: usize) -> Value {
    match with {
        0 => Value::Null,
        1 => json!(true),
        2 => json!({}),
        3 => json!([]),
        4 => json!(""),
        5 => json!(-1),
        6 => json!(i64::MAX),
        7 => json!(i64::MIN),
        8 => json!(1e308),
        9 => json!(5e-324),
        10 => json!("\u{0}\r\n\u{7f}\u{202e}\u{1f30a}"),
        11 => json!([value, value, value]),
        12 => json!({ "error": value }),
        13 => json!("x".repeat(5_000)),
        14 => json!(value.to_string()),
        15 => json!(253_402_207_200_i64),
        16 => (0..100).fold(json!(1), |inner, _| json!([inner])),
        _ => match value {
            // The type stays, the value does not.
            Value::Null => json!("null"),
            Value::Bool(value) => json!(!value),
            Value::Number(number) => json!(number.as_f64().unwrap_or(7.0) * 1.5),
            Value::String(text) => json!(text.chars().rev().collect::<String>()),
            Value::Array(entries) => entries.iter().rev().cloned().collect(),
            Value::Object(fields) => {
                fields.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        },
    }
}

/// A source's own answers mostly, now and then another's; and a status.
fn answers(id: &'static str) -> impl Strategy<Value = (Vec<u8>, u16)> {
    let status = prop_oneof![9 => Just(200_u16), 1 => 100_u16..600];
    (any::<Index>(), 0_u8..10, damages(), status).prop_map(move |(seed, own, damages, status)| {
        let site = site(id);
        let seed = match own {
            0 => SEEDS[seed.index(SEEDS.len())].clone(),
            // The whole answer comes first of each, and is the most worth damaging.
            1..=6 => body(site.answers[0].0),
            _ => body(site.answers[seed.index(site.answers.len())].0),
        };
        (damaged(&seed, &damages), status)
    })
}

fn site(id: &str) -> &'static Site {
    SITES.iter().find(|site| site.source.meta().id.as_str() == id).expect("one of the sites")
}

fn check(id: &str, body: &[u8], status: u16) -> Result<(), TestCaseError> {
    let site = site(id);
    let request = site.request();
    check_response(site, &request, body, status)?;
    let response = response(&request, body, status);
    let follow = site.source.follow(&query(), &response);
    prop_assert_eq!(&follow, &site.source.follow(&query(), &response));
    prop_assert!(follow.len() <= 64, "{} requests", follow.len());
    for next in follow {
        prop_assert_eq!(next.url().host(), request.url().host());
        let shown = format!("{next:?}");
        prop_assert!(!shown.contains(KEY), "{}", shown);
        check_response(site, &next, body, status)?;
    }
    Ok(())
}

fn response(request: &Request, body: &[u8], status: u16) -> RawResponse {
    RawResponse::new(request, status, Headers::default(), body.to_vec(), Timestamp::UNIX_EPOCH)
}

fn check_response(site: &Site, request: &Request, body: &[u8], status: u16) -> Result<(), TestCaseError> {
    let response = response(request, body, status);
    let outcome = site.source.decode(&query(), &response);
    prop_assert_eq!(&outcome, &site.source.decode(&query(), &response), "the same bytes, the same outcome");
    let Outcome::Items { items, findings } = outcome else {
        let shown = format!("{outcome:?}");
        prop_assert!(shown.len() < 2_000 && !shown.contains('\n') && !shown.contains(KEY), "{}", shown);
        return Ok(());
    };
    prop_assert!((200..300).contains(&status), "a status of {} brings no items", status);
    prop_assert!(items.is_sorted_by_key(Known::known_by), "in the order of availability");
    let ids: BTreeSet<_> = items.iter().map(|item| item.id).collect();
    prop_assert_eq!(ids.len(), items.len(), "no item comes twice");
    for item in &items {
        prop_assert_eq!(&item.source, &site.source.meta().id);
        prop_assert_eq!(&item.url, request.url());
        prop_assert_eq!(item.ticker.as_str(), "ACME");
        prop_assert!(item.available_at.earliest <= item.available_at.latest);
        check_content(item)?;
    }
    for Finding { url, text, .. } in &findings {
        prop_assert_eq!(url.as_ref(), Some(request.url()));
        prop_assert!(text.len() < 2_000 && !text.chars().any(char::is_control), "{}", text);
    }
    Ok(())
}

/// What can be said of an observation whatever the bytes were.
fn check_content(item: &Item) -> Result<(), TestCaseError> {
    let is_amount = |value: f64| value.is_finite() && value >= 0.0;
    match &item.kind {
        ItemKind::Bar(bar) => {
            prop_assert!(bar.has_sound_prices(), "{:?}", bar);
            prop_assert!(bar.volume.is_none_or(is_amount), "{:?}", bar);
            prop_assert!(bar.dividend.is_none_or(is_amount), "{:?}", bar);
        }
        ItemKind::Options(chain) => {
            prop_assert!(!chain.contracts.is_empty() && chain.quoted_at <= item.available_at.latest);
            prop_assert!(chain.contracts.is_sorted_by_key(|quote| quote.expiry));
            for quote in &*chain.contracts {
                let figures =
                    [quote.bid, quote.ask, quote.last, quote.volume, quote.open_interest, quote.gamma];
                prop_assert!(figures.into_iter().flatten().all(is_amount), "{:?}", quote);
                prop_assert!(quote.strike > 0.0 && quote.symbol.len() <= 24, "{:?}", quote);
                prop_assert!(
                    quote.implied_volatility.is_none_or(|volatility| volatility > 0.0),
                    "{:?}",
                    quote
                );
            }
        }
        ItemKind::Macro(value) => {
            prop_assert!(value.value.is_finite() && value.series.len() < 200, "{:?}", value);
        }
        ItemKind::ShortVolume(sold) => {
            prop_assert!([sold.short, sold.exempt, sold.total].into_iter().all(is_amount), "{:?}", sold);
        }
        ItemKind::Attention(seen) => prop_assert!(seen.subject.len() < 2_000, "{:?}", seen),
        ItemKind::Article(article) => {
            prop_assert!(!article.title.is_empty() && article.link.starts_with("http"), "{:?}", article);
            prop_assert!(article.title.chars().count() <= 401 && article.summary.chars().count() <= 4_001);
            prop_assert!(!article.title.chars().chain(article.summary.chars()).any(char::is_control));
        }
        other => prop_assert!(false, "a {} of a site on markets", other.as_str()),
    }
    Ok(())
}

proptest! {
    #[test]
    fn fuzz_yahoo_chart((body, status) in answers("yahoo-chart")) {
        check("yahoo-chart", &body, status)?;
    }

    #[test]
    fn fuzz_yahoo_options((body, status) in answers("yahoo-options")) {
        check("yahoo-options", &body, status)?;
    }

    #[test]
    fn fuzz_cboe_options((body, status) in answers("cboe-options")) {
        check("cboe-options", &body, status)?;
    }

    #[test]
    fn fuzz_fred_csv((body, status) in answers("fred-csv")) {
        check("fred-csv", &body, status)?;
    }

    #[test]
    fn fuzz_fred_api((body, status) in answers("fred-api")) {
        check("fred-api", &body, status)?;
    }

    #[test]
    fn fuzz_treasury_yields((body, status) in answers("treasury-yields")) {
        check("treasury-yields", &body, status)?;
    }

    #[test]
    fn fuzz_finra_short_volume((body, status) in answers("finra-short-volume")) {
        check("finra-short-volume", &body, status)?;
    }

    #[test]
    fn fuzz_wikipedia_pageviews((body, status) in answers("wikipedia-pageviews")) {
        check("wikipedia-pageviews", &body, status)?;
    }

    #[test]
    fn fuzz_fear_greed((body, status) in answers("crypto-fear-greed")) {
        check("crypto-fear-greed", &body, status)?;
    }

    #[test]
    fn fuzz_alpha_vantage_daily((body, status) in answers("alpha-vantage-daily")) {
        check("alpha-vantage-daily", &body, status)?;
    }

    #[test]
    fn fuzz_alpha_vantage_quote((body, status) in answers("alpha-vantage-quote")) {
        check("alpha-vantage-quote", &body, status)?;
    }

    #[test]
    fn fuzz_finnhub_news((body, status) in answers("finnhub-news")) {
        check("finnhub-news", &body, status)?;
    }
}
