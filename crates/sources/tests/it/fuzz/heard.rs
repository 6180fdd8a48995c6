//! Answers of news and social sites, mutilated.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use assize_altdata::{ItemKind, Known, Outcome, Source};
use assize_ambient::Timestamp;
use assize_sources::{Gdelt, HackerNews, RedditSearch, StockTwits};
use assize_transport::{Headers, RawResponse};
use proptest::prelude::*;
use proptest::sample::select;

use crate::heard_fixtures::{channels, feeds, fixture, query, youtube};

use super::damage::{damaged, damages};

/// The seeds, by their names.
static SEEDS: LazyLock<Vec<(&str, Vec<u8>)>> =
    LazyLock::new(|| FEEDS.iter().chain(&GDELT).chain(&OTHERS).map(|name| (*name, fixture(name))).collect());
const FEEDS: [&str; 4] = ["feeds/news.rss", "feeds/news.rdf", "feeds/reddit.atom", "feeds/youtube.atom"];
const GDELT: [&str; 4] =
    ["gdelt/artlist.json", "gdelt/broken_texts.json", "gdelt/query_error.txt", "gdelt/throttle.txt"];
const YOUTUBE: [&str; 4] =
    ["youtube/videos.json", "youtube/search.json", "youtube/playlist.json", "youtube/quota.json"];
const OTHERS: [&str; 6] =
    ["stocktwits/symbol.json", "hacker-news/search.json", YOUTUBE[0], YOUTUBE[1], YOUTUBE[2], YOUTUBE[3]];

const WORDS: &[&[u8]] = &[
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
    b"0",
    b"-1",
    b"1e999",
    b"9223372036854775807",
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
    b"<item>",
    b"<entry>",
    b"</item>",
    b"<link rel='alternate' href='https://x.example/\x1b'/>",
    b"<![CDATA[",
    b"]]>",
    b"&amp;",
    b"&#0;",
    b"&#x202e;",
    b"&nosuch;",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b" encoding='ISO-8859-1'",
    b"Fri, 31 Dec 9999 23:59:59 +2359",
    b"Sat, 01 Jan 0000 00:00 A",
    b"-009999-01-01T00:00:00-25:00",
    b"9999-12-31T23:59:59Z",
    b"Acme Rockets",
    b"$ACME",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
];

/// One of these seeds, damaged; with a status, and read before or long after the moment looked back from.
fn answers(own: &'static [&'static str]) -> impl Strategy<Value = (Vec<u8>, u16, Timestamp)> {
    let status = prop_oneof![9 => Just(200_u16), 1 => 100_u16..600];
    let at = select(&[0, 1_767_675_600, 1_900_000_000][..]);
    (select(own), damages(WORDS), status, at).prop_map(|(name, damages, status, at)| {
        let seed = SEEDS.iter().find(|(own, _)| *own == name).map_or(&[][..], |(_, bytes)| bytes);
        (damaged(seed, &damages, b"-.:+, "), status, Timestamp::from_second(at).expect("a time"))
    })
}

fn short(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.contains(char::is_control)
}

/// What can be said of an item whatever the bytes were.
fn check_kind(kind: &ItemKind, counts_hold: bool) -> Result<(), TestCaseError> {
    let (texts, link, counts) = match kind {
        ItemKind::Article(one) => (
            vec![(&one.title, 301), (&one.summary, 2_001), (&one.domain, 2_000), (&one.language, 41)],
            &one.link,
            vec![],
        ),
        ItemKind::Post(one) => (
            // Whoever is spoken to becomes `someone`, which may be longer than the name.
            vec![(&one.site, 20), (&one.number, 41), (&one.title, 5 * 301), (&one.text, 5 * 4_001)],
            &one.link,
            vec![one.score.map(i64::unsigned_abs), one.comments],
        ),
        ItemKind::Video(one) => (
            vec![(&one.number, 41), (&one.channel, 41), (&one.title, 301), (&one.description, 2_001)],
            &one.link,
            vec![one.views, one.likes, one.comments],
        ),
        other => return Err(TestCaseError::fail(format!("{other:?}"))),
    };
    for (text, most) in texts {
        prop_assert!(short(text, most), "{text:?}");
    }
    prop_assert!(short(link, 2_000), "{link:?}");
    prop_assert!(link.is_empty() || link.starts_with("https://") || link.starts_with("http://"), "{link}");
    prop_assert!(counts_hold || counts.iter().all(Option::is_none), "{kind:?}");
    Ok(())
}

/// What can be said of an outcome whatever the bytes were.
fn check(source: &dyn Source, (body, status, at): (Vec<u8>, u16, Timestamp)) -> Result<(), TestCaseError> {
    let (query, size) = (query(), body.len());
    let request = &source.plan(&query).expect("a plan")[0];
    let response = RawResponse::new(request, status, Headers::default(), body, at);
    let outcome = source.decode(&query, &response);
    prop_assert_eq!(&source.decode(&query, &response), &outcome);
    match &outcome {
        Outcome::Items { items, findings } => {
            prop_assert!((200..300).contains(&status));
            prop_assert!(items.is_sorted_by_key(Known::known_by));
            let mut ids = BTreeSet::new();
            for item in items {
                prop_assert!(ids.insert(item.id), "twice: {item:?}");
                prop_assert_eq!(&item.ticker, query.ticker());
                prop_assert!(item.available_at.earliest <= item.available_at.latest);
                check_kind(&item.kind, at <= query.as_of().moment() + jiff::SignedDuration::from_hours(1))?;
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
    prop_assert!(next.len() <= 1);
    for request in next {
        let url = request.url().as_str();
        prop_assert!(
            url.starts_with("https://www.googleapis.com/youtube/v3/videos?part=snippet,statistics&"),
            "{url}"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn fuzz_news_feeds(answer in answers(&FEEDS)) {
        check(&feeds(), answer)?;
    }

    #[test]
    fn fuzz_reddit(answer in answers(&FEEDS)) {
        check(&RedditSearch::new(), answer)?;
    }

    #[test]
    fn fuzz_youtube_channels(answer in answers(&FEEDS[3..])) {
        check(&channels(), answer)?;
    }

    #[test]
    fn fuzz_gdelt(answer in answers(&GDELT)) {
        check(&Gdelt::new(), answer)?;
    }

    #[test]
    fn fuzz_stocktwits(answer in answers(&OTHERS[..1])) {
        check(&StockTwits::new(), answer)?;
    }

    #[test]
    fn fuzz_hacker_news(answer in answers(&OTHERS[1..2])) {
        check(&HackerNews::new(), answer)?;
    }

    #[test]
    fn fuzz_youtube_data(answer in answers(&YOUTUBE)) {
        check(&youtube(), answer)?;
    }
}
