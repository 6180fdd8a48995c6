//! What was written and shown about a company, as the sites send it: made-up answers in the sites' own forms.

use std::fs;
use std::sync::Arc;

use assize_altdata::{
    Article, AsOf, Finding, Identity, Item, ItemKind, Known, Outcome, Post, Query, Source, Ticker, Video,
    conformance,
};
use assize_ambient::Timestamp;
use assize_sources::{Gdelt, HackerNews, NewsFeeds, RedditSearch, StockTwits, YouTubeChannels, YouTubeData};
use assize_transport::{Headers, RawResponse, Secret};

use crate::snapshots::fixtures;

pub(crate) const CHANNEL: &str = "UC0123456789abcdefghij-_";
/// When the answers are read: so soon after the moment that counts hold.
const NOW: &str = "2026-01-06T05:00:00Z";

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("a fixture")
}

pub(crate) fn ticker() -> Ticker {
    "ACME".parse().expect("a ticker")
}

pub(crate) fn query() -> Query {
    let card = Identity::new(&ticker(), "Acme Rockets, Inc.");
    Query::new(&ticker(), "2026-01-05".parse().expect("a date")).with_identity(Arc::new(card))
}

pub(crate) fn feeds() -> NewsFeeds {
    NewsFeeds::by_host(["https://news.example.org/markets.rss".parse().expect("an address")]).remove(0)
}

pub(crate) fn channels() -> YouTubeChannels {
    YouTubeChannels::new([CHANNEL.to_owned()])
}

pub(crate) fn youtube() -> YouTubeData {
    YouTubeData::new(Some(Secret::new("k123")))
}

pub(crate) fn decode_at(source: &dyn Source, query: &Query, body: Vec<u8>, at: Timestamp) -> Outcome {
    let request = &source.plan(query).expect("a plan")[0];
    source.decode(query, &RawResponse::new(request, 200, Headers::default(), body, at))
}

fn read(source: &dyn Source, name: &str) -> (Vec<Item>, Vec<Finding>) {
    match decode_at(source, &query(), fixture(name), NOW.parse().expect("a time")) {
        Outcome::Items { items, findings } => (items, findings),
        other => panic!("{name}: {other:?}"),
    }
}

pub(crate) fn known(item: &Item) -> (String, String) {
    let known = &item.available_at;
    (known.earliest.to_string(), known.latest.to_string())
}

fn articles(items: &[Item]) -> Vec<(&Article, String)> {
    let article = |item: &Item| item.known_by().expect("a time").to_string();
    let shown = items.iter().map(|item| match &item.kind {
        ItemKind::Article(read) => (read, article(item)),
        other => panic!("{other:?}"),
    });
    shown.collect()
}

fn posts(items: &[Item]) -> Vec<&Post> {
    let post = |item| match item {
        &Item { kind: ItemKind::Post(ref post), .. } => post,
        other => panic!("{other:?}"),
    };
    items.iter().map(post).collect()
}

fn videos(items: &[Item]) -> Vec<&Video> {
    let video = |item| match item {
        &Item { kind: ItemKind::Video(ref video), .. } => video,
        other => panic!("{other:?}"),
    };
    items.iter().map(video).collect()
}

#[test]
fn all_keep_the_contract() {
    let sources: [(&dyn Source, &str); 8] = [
        (&feeds(), "feeds/news.rss"),
        (&feeds(), "feeds/news.rdf"),
        (&RedditSearch::new(), "feeds/reddit.atom"),
        (&channels(), "feeds/youtube.atom"),
        (&Gdelt::new(), "gdelt/artlist.json"),
        (&StockTwits::new(), "stocktwits/symbol.json"),
        (&HackerNews::new(), "hacker-news/search.json"),
        (&youtube(), "youtube/videos.json"),
    ];
    for (source, name) in sources {
        conformance::check_query(source, &query(), &fixture(name));
    }
}

/// Whatever the moment, and from whenever on it is wanted.
#[test]
fn every_moment_can_be_asked_for() {
    let card = || Arc::new(Identity::new(&ticker(), "Acme Rockets, Inc."));
    let sources: [&dyn Source; 7] = [
        &feeds(),
        &RedditSearch::new(),
        &channels(),
        &Gdelt::new(),
        &StockTwits::new(),
        &HackerNews::new(),
        &youtube(),
    ];
    for source in sources {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let query = Query::new(&ticker(), AsOf::at(at)).with_identity(card());
            assert!(source.plan(&query).is_ok(), "{source:?}");
            for since in [Timestamp::MIN, Timestamp::MAX] {
                assert!(source.plan(&query.clone().since(since)).is_ok(), "{source:?}");
            }
        }
    }
}

#[test]
fn news_in_rss() {
    let (items, findings) = read(&feeds(), "feeds/news.rss");
    let shown: Vec<(&str, String)> =
        articles(&items).into_iter().map(|(article, known)| (article.title.as_str(), known)).collect();
    let expected = [
        ("What to know this week", "2026-01-04T18:00:00Z"),
        ("Acme Rockets raises guidance; shares up 4%", "2026-01-05T14:15:00Z"),
        // A zone of two meanings.
        ("Rivals of Acme Rockets fall", "2026-01-05T20:00:00Z"),
    ];
    assert_eq!(shown, expected.map(|(title, known)| (title, known.to_owned())));
    let first = articles(&items)[1].0;
    assert_eq!(first.summary, "The maker of rockets & ramps said Monday that it’s ahead of plan.");
    assert_eq!(first.link, "https://www.news.example.org/2026/acme-guidance?src=rss&n=1");
    assert_eq!((first.domain.as_str(), first.language.as_str()), ("news.example.org", "en-us"));
    let texts: Vec<&str> = findings.iter().map(|finding| finding.text.as_ref()).collect();
    assert_eq!(texts, ["an entry without a date"]);
    let (items, findings) = read(&feeds(), "feeds/news.rdf");
    assert!(findings.is_empty());
    let [first, second] = &articles(&items)[..] else { panic!("{items:?}") };
    assert_eq!(
        (first.0.title.as_str(), first.1.as_str()),
        ("Acme Rockets zahlt mehr", "2026-01-04T12:00:00Z")
    );
    assert_eq!((second.0.title.as_str(), second.1.as_str()), ("Acme Rockets wächst", "2026-01-05T07:30:00Z"));
    assert_eq!(
        (second.0.summary.as_str(), second.0.language.as_str()),
        ("Zahlen – besser als erhofft", "de")
    );
}

#[test]
fn news_of_gdelt() {
    let (items, findings) = read(&Gdelt::new(), "gdelt/artlist.json");
    assert!(findings.is_empty());
    let shown: Vec<(&str, &str, String)> = articles(&items)
        .into_iter()
        .map(|(article, known)| (article.title.as_str(), article.language.as_str(), known))
        .collect();
    let expected = [
        ("Acme Rockets wächst - Zeitung", "German", "2026-01-04T20:00:00Z"),
        ("Acme Rockets's \"second\" plant opens, says chief", "English", "2026-01-05T09:15:00Z"),
        ("Acme Rockets raises guidance; shares up 4.5% in U.S. trading", "English", "2026-01-05T14:30:00Z"),
    ];
    assert_eq!(shown, expected.map(|(title, language, known)| (title, language, known.to_owned())));
    let (items, _) = read(&Gdelt::new(), "gdelt/broken_texts.json");
    assert_eq!(articles(&items)[0].0.title, "Acme Rockets's newplan");
    let said = |name: &str| decode_at(&Gdelt::new(), &query(), fixture(name), Timestamp::UNIX_EPOCH);
    assert!(matches!(said("gdelt/throttle.txt"), Outcome::Throttled(Some(_))));
    assert!(matches!(said("gdelt/query_error.txt"), Outcome::Drift(_)));
}

#[test]
fn posts_of_three_sites() {
    let (items, findings) = read(&RedditSearch::new(), "feeds/reddit.atom");
    assert!(findings.is_empty());
    let found = posts(&items);
    let shown: Vec<(&str, &str, &str)> =
        found.iter().map(|post| (post.number.as_str(), post.title.as_str(), post.text.as_str())).collect();
    let expected = [
        ("t3_1aaaa9", "the coyote buys acme rockets", ""),
        ("t3_1aaaaa", "Chart of Acme Rockets", ""),
        ("t3_1aaaab", "$ACME & the rest", "Acme Rockets isn't dear. u/someone says so too."),
    ];
    assert_eq!(shown, expected);
    assert!(found.iter().all(|post| post.score.is_none() && post.comments.is_none()));
    assert_eq!(known(&items[1]).1, "2026-01-04T10:00:00Z");

    let (items, findings) = read(&StockTwits::new(), "stocktwits/symbol.json");
    let found = posts(&items);
    let shown: Vec<_> = found
        .iter()
        .map(|post| (post.number.as_str(), post.text.as_str(), post.is_bullish, post.score, post.comments))
        .collect();
    let expected = [
        ("9000", "waiting $ACME", None, None, None),
        ("9002", "$ACME $KO overbought?", Some(false), None, None),
        ("9003", "$ACME guidance > street, @someone was right 'again'", Some(true), Some(5), Some(2)),
    ];
    assert_eq!(shown, expected);
    assert_eq!(findings[0].text, "the message 9001 does not carry ACME");

    let (items, findings) = read(&HackerNews::new(), "hacker-news/search.json");
    assert!(findings.is_empty());
    let shown: Vec<_> = posts(&items)
        .into_iter()
        .map(|post| (post.number.as_str(), post.text.as_str(), post.score, post.comments))
        .collect();
    let expected = [
        ("90000001", "I work at Acme Rockets & wonder. Ask @someone.", Some(1), Some(0)),
        ("90000002", "", Some(128), Some(41)),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn films_of_two_interfaces() {
    let (items, _) = read(&channels(), "feeds/youtube.atom");
    let [film] = videos(&items)[..] else { panic!("{items:?}") };
    assert_eq!((film.views, film.likes, film.comments), (Some(20_410), Some(310), None));
    assert_eq!(film.description, "Rockets & ramps. Chapters: 00:00 hello");
    assert_eq!(known(&items[0]), ("2026-01-05T11:00:00Z".to_owned(), "2026-01-05T13:30:00Z".to_owned()));

    let (items, _) = read(&youtube(), "youtube/videos.json");
    let shown: Vec<_> = videos(&items)
        .into_iter()
        .map(|film| (film.number.as_str(), film.title.as_str(), film.views, film.likes, film.comments))
        .collect();
    let expected = [
        ("AAAAAAAAAA-", "Gold", Some(7), None, None),
        ("AAAAAAAAAA2", "Acme Rockets: a & b", Some(20_410), Some(310), Some(27)),
    ];
    assert_eq!(shown, expected);
    let (items, _) = read(&youtube(), "youtube/search.json");
    assert!(items.is_empty());
    for (name, ids) in [("search", "AAAAAAAAAA2%2CAAAAAAAAAA-"), ("playlist", "AAAAAAAAAA2")] {
        let request = &youtube().plan(&query()).unwrap()[0];
        let body = fixture(&format!("youtube/{name}.json"));
        let response = RawResponse::new(request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH);
        let follows = youtube().follow(&query(), &response);
        assert!(follows[0].url().as_str().ends_with(&format!("&id={ids}")), "{follows:?}");
    }
    let request = &youtube().plan(&query()).unwrap()[0];
    let quota = RawResponse::new(
        request,
        403,
        Headers::default(),
        fixture("youtube/quota.json"),
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(youtube().decode(&query(), &quota), Outcome::Blocked);
}

/// Nobody's name comes out of any of them.
#[test]
fn people_are_not_kept() {
    let sources: [(&dyn Source, &str); 7] = [
        (&feeds(), "feeds/news.rss"),
        (&RedditSearch::new(), "feeds/reddit.atom"),
        (&channels(), "feeds/youtube.atom"),
        (&Gdelt::new(), "gdelt/artlist.json"),
        (&StockTwits::new(), "stocktwits/symbol.json"),
        (&HackerNews::new(), "hacker-news/search.json"),
        (&youtube(), "youtube/videos.json"),
    ];
    for (source, name) in sources {
        let shown = format!("{:?}", read(source, name));
        for person in ["somebody", "Some Body", "Jane", "Market Hours"] {
            assert!(!shown.contains(person), "{name}: {person}");
        }
    }
}
