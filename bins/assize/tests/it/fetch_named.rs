//! Feeds and channels that the user names.

use serde_json::Value;

use crate::program::Place;

const FEED: &str = "https://newswire.example/rss";
const CHANNEL: &str = "UCabcdefghijklmnopqrstuv";

fn fetched(place: &Place, more: &[&str]) -> Value {
    let common = ["fetch", "KO", "NVDA", "--data", "world:42", "--as-of", "2026-03-06", "--json"];
    let told = place.told(&[&common, more].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    serde_json::from_str(&told.out).expect("one JSON document")
}

fn asked(fetched: &Value) -> Vec<&str> {
    fetched["health"].as_array().expect("health").iter().filter_map(|one| one["source"].as_str()).collect()
}

/// Items of a source, over all tickers.
fn items(fetched: &Value, source: &str) -> usize {
    let tickers = fetched["tickers"].as_array().expect("tickers").iter();
    let items = tickers.flat_map(|ticker| ticker["items"].as_array().expect("items"));
    items.filter(|item| item["source"] == source).count()
}

#[test]
fn they_are_asked_beside_those_that_are_chosen() {
    let place = Place::new();
    let own = format!("KO={CHANNEL}");
    let named = ["--feed", FEED, "--feed", "https://news.tradepost.example/rss", "--channel", &own];
    let only = fetched(&place, &[&["--sources", "edgar-tickers"][..], &named].concat());
    let all = [
        "edgar-tickers",
        "news-feeds:news.tradepost.example",
        "news-feeds:newswire.example",
        "youtube-channels",
    ];
    assert_eq!(asked(&only), all);
    let articles =
        items(&only, "news-feeds:newswire.example") + items(&only, "news-feeds:news.tradepost.example");
    assert!(articles > 0, "{only:#}");
    assert!(items(&only, "youtube-channels") > 0, "all films of its own channel");
    let gaps = only["tickers"][1]["gaps"].as_array().expect("gaps");
    assert!(gaps.iter().any(|gap| gap["source"] == "youtube-channels"), "no channel of NVDA's: {gaps:?}");
    let without = fetched(&place, &[&["--sources", "edgar-tickers,-video"][..], &named].concat());
    assert_eq!(asked(&without), all[..3]);
}

#[test]
fn beside_a_folder_of_prices_they_alone_are_asked() {
    let place = Place::new();
    let told = place.told(&[
        "fetch",
        "RISE",
        "--prices",
        "prices",
        "--as-of",
        "2019-06-28",
        "--deadline",
        "1ms",
        "--no-cache",
        "--feed",
        "https://assize.invalid/rss",
        "--json",
    ]);
    let json: Value = serde_json::from_str(&told.out).expect("one JSON document");
    assert_eq!(asked(&json), ["csv-folder", "news-feeds:assize.invalid"]);
}

#[test]
fn what_is_no_address_or_channel_is_refused() {
    let place = Place::new();
    for (arguments, said) in [
        (["--feed", "markets.xml"], "it has no scheme"),
        (["--feed", "file:///etc/passwd"], "https://example.org/markets.xml"),
        (["--channel", "@cocacola"], "UC and 22 characters"),
        (["--channel", "K O=UCabcdefghijklmnopqrstuv"], "read the ticker"),
    ] {
        let told = place.told(&[&["fetch", "KO", "--data", "world:42"], &arguments[..]].concat());
        assert_eq!(told.code, 2, "{arguments:?}");
        assert!(told.err.contains(said), "{arguments:?}: {}", told.err);
    }
}
