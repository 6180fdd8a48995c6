//! The answers of sites on markets, mutilated.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use assize_altdata::{Finding, Item, ItemKind, Known, Outcome};
use assize_ambient::Timestamp;
use assize_transport::{Headers, RawResponse, Request};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::market_fixtures::{KEY, Site, body, query, sites};

use super::damage::{damaged, damages};

static SITES: LazyLock<Vec<Site>> = LazyLock::new(sites);

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let names: BTreeSet<&str> =
        SITES.iter().flat_map(|site| site.answers).map(|(name, _, _)| *name).collect();
    names.into_iter().map(body).collect()
});

const WORDS: &[&[u8]] = &[
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

/// A source's own answers mostly, now and then another's; and a status.
fn answers(id: &'static str) -> impl Strategy<Value = (Vec<u8>, u16)> {
    let status = prop_oneof![9 => Just(200_u16), 1 => 100_u16..600];
    (any::<Index>(), 0_u8..10, damages(WORDS), status).prop_map(move |(seed, own, damages, status)| {
        let site = site(id);
        let seed = match own {
            0 => SEEDS[seed.index(SEEDS.len())].clone(),
            // The whole answer comes first of each, and is the most worth damaging.
            1..=6 => body(site.answers[0].0),
            _ => body(site.answers[seed.index(site.answers.len())].0),
        };
        (damaged(&seed, &damages, b"-.:/"), status)
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
