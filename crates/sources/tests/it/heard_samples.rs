//! Real answers of news and social sites, where they are at hand: they are no part of the project.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use assize_altdata::{Identity, Item, ItemKind, Outcome, Post, Query, Source};
use assize_sources::{Gdelt, HackerNews, NewsFeeds, RedditSearch, StockTwits, YouTubeChannels, YouTubeData};
use assize_transport::Secret;

use crate::heard_fixtures::{decode_at, known};

fn sample(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata");
    folder.is_dir().then(|| fs::read(folder.join(name)).expect("a sample"))
}

fn query(ticker: &str, name: &str, aliases: &[&str], as_of: &str) -> Query {
    let ticker = ticker.parse().expect("a ticker");
    let mut card = Identity::new(&ticker, name);
    card.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
    Query::new(&ticker, as_of.parse().expect("a date")).with_identity(Arc::new(card))
}

/// Read at the as-of moment.
fn read(source: &dyn Source, query: &Query, body: Vec<u8>) -> Vec<Item> {
    match decode_at(source, query, body, query.as_of().moment()) {
        Outcome::Items { items, findings } if findings.is_empty() => items,
        other => panic!("clean items: {other:?}"),
    }
}

fn post(item: &Item) -> &Post {
    match &item.kind {
        ItemKind::Post(post) => post,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_feed_of_the_bbc() {
    let Some(body) = sample("rss-news/bbc_rss2.xml") else { return };
    let query = query("MA", "Marcus Aurelius", &[], "2021-02-26");
    let feeds = NewsFeeds::by_host(["https://podcasts.files.bbci.co.uk/b006qykl.rss".parse().unwrap()]);
    let items = read(&feeds[0], &query, body);
    let [item] = &items[..] else { panic!("{items:?}") };
    let ItemKind::Article(article) = &item.kind else { panic!("{item:?}") };
    assert_eq!((article.title.as_str(), article.language.as_str()), ("Marcus Aurelius", "en"));
    assert_eq!(article.summary, "Melvyn Bragg and guests discuss...");
    assert_eq!(
        (article.link.as_str(), article.domain.as_str()),
        ("http://www.bbc.co.uk/programmes/m000sjxt", "bbc.co.uk")
    );
    assert_eq!(item.published.map(|at| at.to_string()).as_deref(), Some("2021-02-25T10:15:00Z"));
    assert_eq!(known(item).1, "2021-02-25T10:15:00Z");
}

#[test]
fn a_feed_of_reddit() {
    let Some(body) = sample("reddit-atom/reddit_subreddit.atom") else { return };
    let items = read(&RedditSearch::new(), &query("RS", "Rust", &["Rustaceans"], "2020-05-24"), body);
    let [item] = &items[..] else { panic!("{items:?}") };
    let post = post(item);
    assert_eq!(post.number, "t3_glvkc5");
    assert_eq!(post.title, "Hey Rustaceans! Got an easy question? Ask here (21/2020)!");
    assert!(
        post.text.starts_with("Mystified about strings? Borrow checker have you in a headlock?"),
        "{}",
        post.text
    );
    assert!(
        post.text.contains("haven't been written yet") && post.text.contains("\"Rust\" tag"),
        "{}",
        post.text
    );
    assert!(post.text.ends_with("tell us the area of expertise that you seek."), "{}", post.text);
    assert!(!format!("{item:?}").contains("user1"));
    assert_eq!((post.score, post.comments), (None, None));
    assert_eq!(known(item), ("2020-05-18T05:44:47Z".to_owned(), "2020-05-18T05:44:47Z".to_owned()));
}

#[test]
fn a_feed_of_youtube() {
    let Some(body) = sample("youtube-channel-atom/youtube_channel_feed.atom") else { return };
    let query = query("QE", "Quantum Entanglement", &[], "2020-12-31");
    let source = YouTubeChannels::new(["UC7_gcs09iThXybpVgjHZ_7g".to_owned()]);
    let items = read(&source, &query, body.clone());
    let [item] = &items[..] else { panic!("{items:?}") };
    let ItemKind::Video(video) = &item.kind else { panic!("{item:?}") };
    assert_eq!((video.number.as_str(), video.channel.as_str()), ("0A1ouV7iD8o", "UC7_gcs09iThXybpVgjHZ_7g"));
    assert_eq!(video.title, "Navigating with Quantum Entanglement");
    assert!(
        video
            .description
            .starts_with("Check Out Weathered on PBS Terra https://www.youtube.com/watch?v=znSN7ZFIaOg&ab")
    );
    // Of 15,020 ratings some were dislikes.
    assert_eq!((video.views, video.likes, video.comments), (Some(304_321), None, None));
    assert_eq!(known(item), ("2020-12-22T19:15:01Z".to_owned(), "2020-12-25T23:12:12Z".to_owned()));
    let other = YouTubeChannels::new(["UC0000000000000000000000".to_owned()]);
    let outcome = decode_at(&other, &query, body, query.as_of().moment());
    assert!(matches!(outcome, Outcome::OtherCompany(_)), "{outcome:?}");
}

#[test]
fn a_list_of_gdelt() {
    let Some(body) = sample("gdelt/artlist_NVDA_2026-05-15.json") else { return };
    let titles = |query: &Query| -> Vec<(String, String)> {
        let items = read(&Gdelt::new(), query, body.clone());
        let shown = items.iter().map(|item| match &item.kind {
            ItemKind::Article(article) => {
                assert_eq!(known(item).1, "2026-05-15T01:15:00Z");
                assert_eq!(article.language, "English");
                (article.title.clone(), article.domain.clone())
            }
            other => panic!("{other:?}"),
        });
        shown.collect()
    };
    let owned = |title: &str, domain: &str| (title.to_owned(), domain.to_owned());
    let nvidia = "Nvidia Will Soon Make More than Apple and Microsoft Combined";
    // Of five that the site found by their texts, one says it in its title.
    assert_eq!(
        titles(&query("NVDA", "NVIDIA Corp", &[], "2026-05-15")),
        [owned(nvidia, "finance.yahoo.com")]
    );
    let all = query(
        "X",
        "NVIDIA Corp",
        &["US-China", "Wall Street", "New African Magazine", "Cerebras Systems", "Cerebras"],
        "2026-05-15",
    );
    assert_eq!(
        titles(&all),
        [
            owned(
                "Trump insists US - China relations are in a good place despite differences as he wraps up Beijing trip",
                "news-gazette.com"
            ),
            owned("Wall Street ends higher on tech rally; investors eye Beijing talks", "straitstimes.com"),
            owned(nvidia, "finance.yahoo.com"),
            owned(
                "The future is now, says Africa AI pioneer - New African Magazine",
                "newafricanmagazine.com"
            ),
            owned(
                "Stock Market Today, May 14: U.S. Indexes Move Higher as Cisco Pops and AI - Chipmaker Cerebras Debuts",
                "fool.com"
            ),
        ]
    );
    let said = |name: &str| {
        let body = sample(name).expect("a sample");
        decode_at(&Gdelt::new(), &all, body, all.as_of().moment())
    };
    assert!(
        matches!(said("gdelt/http200_throttle.txt"), Outcome::Throttled(Some(wait)) if wait.as_secs() == 5)
    );
    assert!(matches!(said("gdelt/http200_silent_empty.json"), Outcome::DoubtfulEmpty(_)));
}

#[test]
fn a_stream_of_stocktwits() {
    let Some(body) = sample("stocktwits/symbol_stream_AAPL_2019-03-03_10msgs.json") else { return };
    let apple = query("AAPL", "Apple Inc.", &[], "2019-03-03");
    let items = read(&StockTwits::new(), &apple, body.clone());
    assert_eq!(items.len(), 10);
    let bullish = items.iter().filter(|item| post(item).is_bullish == Some(true)).count();
    let unsaid = items.iter().filter(|item| post(item).is_bullish.is_none()).count();
    assert_eq!((bullish, unsaid), (5, 5));
    let newest = post(&items[9]);
    assert_eq!(newest.number, "155614013");
    assert!(
        newest
            .text
            .starts_with("@someone short term $SPY will oscillate around her NAV from momentum & FOMO. But")
    );
    assert_eq!((newest.score, newest.comments), (None, None));
    assert_eq!(known(&items[9]).1, "2019-03-03T05:38:09Z");
    let zuck = post(&items[6]);
    assert_eq!((zuck.number.as_str(), zuck.score), ("155613270", Some(2)));
    assert!(zuck.text.contains("ZuckBucks. ZuckBucks > Gold $AAPL"), "{}", zuck.text);
    assert_eq!(known(&items[0]).1, "2019-03-03T03:12:13Z");
    let other = query("KO", "Coca-Cola Co", &[], "2019-03-03");
    let outcome = decode_at(&StockTwits::new(), &other, body, other.as_of().moment());
    assert_eq!(outcome, Outcome::OtherCompany("AAPL (Apple Inc.), where Coca-Cola Co was meant".to_owned()));
}

#[test]
fn a_search_of_hacker_news() {
    let Some(body) = sample("hn-algolia/search_by_date_apple_story.json") else { return };
    let items = read(&HackerNews::new(), &query("AAPL", "Apple Inc.", &[], "2014-06-20"), body);
    let [item] = &items[..] else { panic!("{items:?}") };
    let post = post(item);
    assert_eq!((post.number.as_str(), post.score, post.comments), ("7919424", Some(1), Some(0)));
    assert_eq!(post.title, "Judge says concerned about Apple, Google hiring settlement");
    assert_eq!(known(item).1, "2014-06-20T03:35:46Z");
    assert!(!format!("{item:?}").contains("bradleyjg"));
}

#[test]
fn films_without_statistics() {
    let Some(body) = sample("youtube-data-v3/videos_info_multi.json") else { return };
    let source = YouTubeData::new(Some(Secret::new("k")));
    let items =
        read(&source, &query("GOOG", "Alphabet Inc.", &["Google", "NFL Network"], "2019-09-12"), body);
    let shown: Vec<_> = items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Video(video) => {
                assert_eq!((video.views, video.likes, video.comments), (None, None, None));
                (video.number.as_str(), video.title.as_str(), known(item).1)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                "D-lhorsDlUQ",
                "What are Actions on Google (Assistant on Air)",
                "2019-03-21T20:37:49Z".to_owned()
            ),
            ("ovdbrdCIP7U", "How EVERY Team Got Its Name & Identity!", "2019-09-11T23:00:05Z".to_owned()),
        ]
    );
}
