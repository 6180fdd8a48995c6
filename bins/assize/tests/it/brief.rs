//! `assize brief`: what it prints and writes.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::program::{Place, Told};

fn brief(place: &Place, more: &[&str]) -> Told {
    let asked = ["brief", "RISE", "WAVE", "DIRTY", "TEXT", "--prices", "prices", "--as-of", "2019-12-31"];
    place.told(&[&asked[..], more].concat())
}

#[test]
fn the_same_command_twice() {
    let place = Place::new();
    for more in [&[][..], &["--concurrency", "1"], &["--deadline", "1h"], &["--budget", "1", "--seed", "7"]] {
        let (first, second) = (
            brief(&place, &[more, &["--out", "first"]].concat()),
            brief(&place, &[more, &["--out", "second"]].concat()),
        );
        assert_eq!((first.code, second.code), (0, 0));
        assert_eq!(first.out, second.out, "{more:?}");
        for name in ["brief.md", "brief.html", "brief.json"] {
            assert_eq!(
                place.read(&format!("first/{name}")),
                place.read(&format!("second/{name}")),
                "{name} {more:?}"
            );
        }
    }
}

#[test]
fn times_are_told_beside_the_brief_not_in_it() {
    let place = Place::new();
    let told = brief(&place, &["--out", "report"]);
    for stage in ["prices", "evidence", "debate", "decision"] {
        assert!(told.err.contains(&format!("{stage} ")), "{}", told.err);
    }
    assert!(told.err.contains("time per stage, over 4 ticker(s): "), "{}", told.err);
    for name in ["brief.md", "brief.html", "brief.json"] {
        assert!(!place.read(&format!("report/{name}")).contains(" ms"), "{name}");
    }
    for name in ["run.md", "run.html", "run.json"] {
        assert!(place.read(&format!("report/{name}")).contains("decision"), "{name}");
    }
    let html = place.read("report/brief.html");
    assert!(html.starts_with("<!doctype html>") && html.contains("<svg"), "one page with its drawings");
    for outside in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!html.contains(outside), "nothing is fetched: {outside}");
    }
}

#[test]
fn the_reasons_cite_dated_bars_and_the_cost_is_nothing() {
    let told = brief(&Place::new(), &[]);
    for part in
        ["2019-12-31", "cost of model calls: 0.00 USD", "Dissent", "[ev-", "How to read this", "p(up)"]
    {
        assert!(told.out.contains(part), "{part} in\n{}", told.out);
    }
    let known = told.out.replace("the end of the horizon on 2020-01-30", "");
    assert!(!known.contains("2020-01"), "nothing of what lies ahead: {known}");
}

/// Real files, where they are at hand.
#[test]
fn ko_and_pep_in_march_1998() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata/prices");
    if !folder.is_dir() {
        return;
    }
    let folder = folder.display().to_string();
    let place = Place::new();
    let asked = ["brief", "KO", "PEP", "--prices", &folder, "--as-of", "1998-03-02", "--out", "report"];
    let told = place.told(&asked);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("1998-03-02") && !told.out.contains("1998-03-03"), "{}", told.out);
    assert!(place.read("report/run.json").contains("1998-06-01"), "the record says what was cut off");
    assert!(!place.read("report/brief.json").contains("1998-06-01"));
    // NVDA_daily_2014.csv is found by its ticker.
    let told = place.told(&["brief", "NVDA", "--prices", &folder, "--as-of", "2014-12-31"]);
    assert_eq!(told.code, 0, "{}", told.out);
}

/// A market that is played: each part is there, nobody is asked over the network, and what is left out is not asked for.
#[test]
fn a_world_of_a_seed() {
    let place = Place::new();
    let asked = ["brief", "KO", "--data", "world:42", "--as-of", "2026-03-06", "--out", "report", "--json"];
    let told = place.told(&asked);
    assert_eq!(told.code, 0, "{}", told.err);
    let brief: Value = serde_json::from_str(&told.out).expect("one JSON document");
    let ko = &brief["tickers"][0];
    assert_eq!((&ko["status"], &ko["shortfalls"]), (&json!("full"), &json!([])));
    let parts = ko["parts"].as_array().expect("parts");
    assert!(parts.len() == 5 && parts.iter().all(|part| part["status"] == "full"), "{parts:?}");
    let kinds: BTreeSet<&str> =
        ko["evidence"].as_array().expect("evidence").iter().filter_map(|one| one["kind"].as_str()).collect();
    for kind in ["daily-bar", "company-fact", "article", "option-chain", "macro"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
    let page = place.read("report/brief.md");
    assert!(
        page.contains("https://data.sec.gov/") && page.contains("known since, New York"),
        "links and times"
    );
    for stage in ["prices", "altdata", "options", "evidence", "debate", "decision"] {
        assert!(place.read("report/run.md").contains(&format!("| {stage} ")), "{stage}");
    }
    let less = || {
        let told =
            place.told(&[&asked[..4], &["--as-of", "2026-03-06", "--without", "altdata", "--json"]].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        told.out
    };
    let (first, second) = (less(), less());
    assert_eq!(first, second, "the same input, the same bytes");
    assert!(first.contains("altdata are left out on request") && !first.contains("data.sec.gov"));
}
