//! A fetch that is killed is gone on with: what was answered is not asked for again.

use std::{
    os::unix::process::ExitStatusExt,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::program::Place;

/// Two a second are asked for: the whole takes five seconds.
const FETCH: [&str; 21] = [
    "fetch",
    "AAPL",
    "AMZN",
    "BA",
    "CVX",
    "DIS",
    "IBM",
    "JPM",
    "KO",
    "MSFT",
    "NVDA",
    "PEP",
    "XOM",
    "--data",
    "world:42",
    "--as-of",
    "2026-03-06",
    "--sources",
    "yahoo-chart",
    "--json",
    "--cache",
];
const TICKERS: u64 = 12;
const LONGEST: Duration = Duration::from_secs(60);

fn fetched(place: &Place, cache: &str) -> Value {
    let told = place.told(&[&FETCH[..], &[cache]].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    serde_json::from_str(&told.out).expect("one JSON document")
}

/// Requests that a fetch sent, by its own books; they agree with each other.
fn requests(fetched: &Value) -> u64 {
    let attempts = fetched["health"].as_array().expect("health").iter();
    let attempts: u64 = attempts.map(|health| health["attempts"].as_u64().expect("a number")).sum();
    assert_eq!(fetched["requests"], attempts);
    attempts
}

/// What is kept by now.
fn kept(place: &Place, cache: &str) -> u64 {
    if !place.path(cache).exists() {
        return 0;
    }
    let told = place.told(&["cache", "stats", "--cache", cache, "--json"]);
    let stats: Value = serde_json::from_str(&told.out).unwrap_or_default();
    let spaces = stats["namespaces_on_disk"].as_array().cloned().unwrap_or_default();
    spaces
        .iter()
        .filter(|space| space["namespace"] == "source-answers")
        .filter_map(|s| s["entries"].as_u64())
        .sum()
}

/// Waits until so many answers are kept, and kills it.
fn kill_at(mut child: Child, place: &Place, cache: &str, answers: u64) {
    let began = Instant::now();
    while kept(place, cache) < answers {
        assert!(began.elapsed() < LONGEST, "it keeps nothing");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    let status = child.wait().expect("it ends");
    assert_eq!(status.signal(), Some(9), "it was under way: {status}");
}

#[test]
fn what_was_answered_is_not_asked_for_again() {
    let place = Place::new();
    let whole = fetched(&place, "whole");
    assert_eq!(requests(&whole), TICKERS);
    let child = place.command(&[&FETCH[..], &["killed"]].concat()).spawn().expect("it starts");
    kill_at(child, &place, "killed", 3);
    let there = kept(&place, "killed");
    assert!((3..TICKERS).contains(&there), "{there} answers are kept");
    let rest = fetched(&place, "killed");
    assert_eq!(requests(&rest), TICKERS - there, "only what is missing is asked for");
    let again = fetched(&place, "killed");
    assert_eq!(requests(&again), 0, "nothing is");
    for other in [&rest, &again] {
        for (one, other) in whole["tickers"]
            .as_array()
            .expect("tickers")
            .iter()
            .zip(other["tickers"].as_array().expect("tickers"))
        {
            let ids = |ticker: &Value| -> Vec<String> {
                let items = ticker["items"].as_array().expect("items");
                items.iter().map(|item| item["id"].to_string()).collect()
            };
            assert!(!ids(one).is_empty());
            assert_eq!((ids(one), &one["gaps"]), (ids(other), &other["gaps"]));
        }
    }
}

/// A world's answers are of its seed and its day, and none of them without `--cache`.
#[test]
fn worlds_are_kept_apart() {
    let place = Place::new();
    let fetch = |data: &str, as_of: &str, more: &[&str]| {
        let common = ["fetch", "KO", "--sources", "yahoo-chart", "--json", "--data", data, "--as-of", as_of];
        let told = place.told(&[&common, more].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        requests(&serde_json::from_str(&told.out).expect("one JSON document"))
    };
    let kept = ["--cache", "kept"];
    assert_eq!(fetch("world:1", "2026-03-06", &kept), 1);
    assert_eq!(fetch("world:1", "2026-03-06", &kept), 0);
    assert_eq!(fetch("world:2", "2026-03-06", &kept), 1, "another market");
    assert_eq!(fetch("world:1", "2026-03-05", &kept), 1, "the day before");
    for _ in 0..2 {
        assert_eq!(fetch("world:1", "2026-03-06", &[]), 1, "not kept unless asked for");
    }
}
