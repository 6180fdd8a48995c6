//! What every [`Source`] must do, whoever wrote it. Call [`check`] from a test of yours.

use std::collections::BTreeSet;

use assize_ambient::Timestamp;
use assize_transport::{Headers, RawResponse};

use crate::{AsOf, Item, Known, Outcome, Query, Source, SourceKind, Ticker};

/// Plans and decodes for a ticker that the source has (with a body that it can read) and for hostile bodies.
///
/// # Panics
/// If the source breaks a rule: the message says which.
pub fn check(source: &dyn Source, ticker: &Ticker, body: &[u8]) {
    check_query(source, &Query::new(ticker, AsOf::at(Timestamp::MAX)), body);
}

/// The same for a query that says more: which company is meant, or a moment.
///
/// # Panics
/// If the source breaks a rule: the message says which.
pub fn check_query(source: &dyn Source, query: &Query, body: &[u8]) {
    let ticker = query.ticker();
    let meta = source.meta();
    assert!(!meta.id.as_str().is_empty(), "a source has a name");
    assert!(meta.burst >= 1, "a source bears at least one request");
    assert!(meta.rate.is_none_or(|rate| rate.is_finite() && rate > 0.0), "a rate is positive");

    let plan = source.plan(query).expect("the source has this ticker");
    assert!(!plan.is_empty(), "a plan has a request or is a gap");
    assert_eq!(source.plan(query).as_ref(), Ok(&plan), "the same query, the same plan");
    let keys: BTreeSet<_> = plan.iter().map(assize_transport::Request::key).collect();
    assert_eq!(keys.len(), plan.len(), "nothing is asked twice");

    let answer = |status, body: &[u8]| {
        let body = body.to_vec();
        RawResponse::new(&plan[0], status, Headers::default(), body, Timestamp::UNIX_EPOCH)
    };
    let outcome = source.decode(query, &answer(200, body));
    assert_eq!(source.decode(query, &answer(200, body)), outcome, "the same bytes, the same outcome");
    let Outcome::Items { items, findings } = outcome else {
        panic!("a readable body has items: {outcome:?}")
    };
    assert!(!items.is_empty(), "a readable body has items");
    if meta.kind == SourceKind::Macro {
        let other: Ticker = if ticker.as_str() == "ACME" { "KO" } else { "ACME" }.parse().expect("a ticker");
        let query = Query::new(&other, query.as_of());
        let expected: Vec<Item> =
            items.iter().map(|item| Item { ticker: other.clone(), ..item.clone() }).collect();
        let said = Outcome::Items { items: expected, findings: findings.clone() };
        assert_eq!(
            source.decode(&query, &answer(200, body)),
            said,
            "the economy is the same for all tickers"
        );
    }
    let mut ids = BTreeSet::new();
    for item in &items {
        assert_eq!(&item.ticker, ticker, "items are about the ticker asked for");
        assert_eq!(item.source, meta.id, "items name their source");
        assert_eq!(&item.url, plan[0].url(), "items name their address");
        assert_eq!(item.fetched_at, Timestamp::UNIX_EPOCH, "items are dated by the response");
        assert!(item.available_at.earliest <= item.available_at.latest, "intervals run forwards");
        assert!(ids.insert(item.id), "no item comes twice: {}", item.id);
    }
    assert!(items.is_sorted_by_key(Known::known_by), "items are in the order of availability");
    for finding in &findings {
        assert_eq!(finding.url.as_ref(), Some(plan[0].url()), "findings name their address");
    }

    let readable = answer(200, body);
    assert_eq!(
        source.follow(query, &readable),
        source.follow(query, &readable),
        "the same bytes, the same follow"
    );

    if let Some(resume) = source.resumes(query) {
        let since = query.as_of().moment() - resume.overlap;
        assert!(
            resume.from < since,
            "what is gone on with reaches further back than what is asked for again"
        );
        let less = source.plan(&query.clone().since(since)).expect("what is new can be asked for");
        assert_eq!(less.len(), plan.len(), "for what is new, as many requests");
        assert_ne!(less, plan, "what is new is less");
        assert_eq!(source.follow(query, &readable), [], "nothing follows from what is gone on with");
    }

    for hostile in [&b""[..], b"{}", b"<html>", b"\0\0\0\0", b"\xff\xfe\xfd", b"\n\n\n", b"\"", b",,,\n,,,"] {
        let response = answer(200, hostile);
        let outcome = source.decode(query, &response);
        assert_eq!(source.follow(query, &response), [], "nothing follows from {hostile:?}");
        assert!(
            !matches!(&outcome, Outcome::Items { items, .. } if !items.is_empty()),
            "nothing is read from {hostile:?}"
        );
    }
    for status in [401, 403, 404, 429, 500, 503] {
        let outcome = source.decode(query, &answer(status, body));
        assert!(!matches!(outcome, Outcome::Items { .. }), "a status of {status} brings no items");
    }
}
