//! The analysis of a company, in a market that is played.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::program::{Place, Told};

const WORLD: [&str; 5] = ["--data", "world:42", "--as-of", "2026-03-06", "--json"];

/// Answers for a SWOT and for the synthesis behind it.
const SCRIPT: &str = r#"{"summary": "It turns profit into cash.", "cells": {"strengths": [{"text": "it turns profit into cash", "cites": ["fin.cash-conversion"]}], "weaknesses": [{"text": "everybody knows it", "cites": []}], "opportunities": [], "threats": []}}
{"summary": "Sound enough.", "cells": {"supports": [{"text": "cash", "cites": ["fin.cash-conversion", "ev-nobody"]}], "risks": [], "watch": []}}
"#;

fn analysed(place: &Place, more: &[&str]) -> Told {
    place.told(&[&["analyze", "KO"], &WORLD[..], more].concat())
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).expect("one JSON document")
}

fn framework<'a>(analysis: &'a Value, name: &str) -> &'a Value {
    let all = analysis["frameworks"].as_array().expect("frameworks");
    all.iter().find(|framework| framework["name"] == name).expect("it was asked for")
}

#[test]
fn rules_say_what_they_can_and_the_same_each_time() {
    let place = Place::new();
    let told = analysed(&place, &["--out", "out"]);
    assert_eq!(told.code, 0, "{}", told.err);
    let analysis = json(&told);
    assert_eq!((analysis["format_version"].as_u64(), &analysis["ticker"]), (Some(1), &Value::from("KO")));
    assert!(analysis["known"]["financial"]["found"]["health"]["grade"].is_string());
    assert_eq!(framework(&analysis, "swot")["writer"], "rules");
    assert_eq!(framework(&analysis, "porter")["shortfalls"][0]["kind"], "needs-model");
    for name in ["analysis", "run"] {
        for ending in ["md", "html", "json"] {
            assert!(!place.read(&format!("out/{name}.{ending}")).is_empty(), "{name}.{ending}");
        }
    }
    assert!(place.read("out/run.md").contains("financial"));
    assert_eq!(analysed(&place, &[]).out, told.out, "the same input, the same document");
    let few = json(&analysed(&place, &["--frameworks", "pestel"]));
    assert_eq!(few["frameworks"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_model_writes_once_and_is_not_asked_again() {
    let place = Place::new().with_file("answers.txt", SCRIPT);
    let with_model = ["--model", "scripted:answers.txt", "--frameworks", "swot", "--cache", "kept"];
    let told = analysed(&place, &with_model);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(
        told.err.contains("2 calls of scripted:answers.txt") && told.err.contains(", 0 of them from"),
        "{}",
        told.err
    );
    let analysis = json(&told);
    let swot = framework(&analysis, "swot");
    let point = |cell: usize| &swot["cells"][cell]["points"][0];
    assert_eq!((&swot["writer"], &point(0)["is_supported"]), (&Value::from("model"), &Value::from(true)));
    assert_eq!(point(1)["is_supported"], false, "a point without evidence is a claim");
    assert_eq!(analysis["synthesis"]["cells"][0]["points"][0]["unknown_cites"][0], "ev-nobody");
    assert!(swot["call"]["prompt_hash"].is_string());
    let again = analysed(&place, &with_model);
    assert!(
        again.err.contains("2 calls") && again.err.contains(", 2 of them from the cache"),
        "{}",
        again.err
    );
    assert_eq!(again.out, told.out);
}

/// What was answered before a kill is not asked again after it.
#[test]
fn a_killed_run_goes_on_where_it_was() {
    let place = Place::new();
    let arguments =
        [&["analyze", "KO"], &WORLD[..], &["--model", "simulated:gpt-4o-mini", "--cache", "kept"]].concat();
    let mut child = place.command(&arguments).spawn().expect("the program runs");
    // The replies come one after another; as soon as one is on disk, it is killed.
    let until = Instant::now() + Duration::from_secs(60);
    let is_kept = || {
        let told = place.told(&["cache", "stats", "--cache", "kept", "--json"]);
        let stats: Option<Value> = serde_json::from_str(&told.out).ok();
        stats.is_some_and(|stats| stats.to_string().contains("\"replies"))
    };
    while Instant::now() < until && child.try_wait().expect("a status").is_none() && !is_kept() {
        thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    child.wait().expect("it ended");
    let told = place.told(&arguments);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains("7 calls") && !told.err.contains(", 0 of them from the cache"), "{}", told.err);
}

#[test]
fn companies_by_name_and_what_is_wrong() {
    let place = Place::new();
    let told = place.told(&[&["analyze", "ko"], &WORLD[..]].concat());
    assert_eq!((told.code, &json(&told)["ticker"]), (0, &Value::from("KO")), "{}", told.err);
    let name = json(&told)["known"]["research"]["found"]["name"].as_str().expect("a name").to_owned();
    let by_name = place.told(&[&["analyze", &name], &WORLD[..]].concat());
    assert_eq!((by_name.code, &json(&by_name)["ticker"]), (0, &Value::from("KO")), "{}", by_name.err);
    for (arguments, said) in [
        (&["analyze", "no such company", "--data", "world:42"][..], "find the company"),
        (&["analyze", "KO", "--frameworks", "runes"], "porter, swot"),
        (&["analyze", "KO", "--data", "world:42", "--frameworks", "swot,swot"], "once"),
        (&["analyze", "KO", "--data", "world:42", "--benchmark", "KO"], "benchmark"),
        (&["analyze", "KO", "--as-of", "2999-01-01"], "future"),
        (&["analyze", "KO", "--budget", "1"], "--model"),
        (&["analyze", "KO", "--data", "world:42", "--model", "simulated:gpt-nine"], "gpt-nine"),
    ] {
        let told = place.told(arguments);
        assert_eq!(told.code, 2, "{arguments:?}: {}", told.err);
        assert!(told.err.contains(said), "{arguments:?}: {}", told.err);
    }
}

/// With prices alone there is a market and nothing else, and that is said.
#[test]
fn prices_alone() {
    let place = Place::new();
    let arguments = ["analyze", "RISE", "--prices", "prices", "--as-of", "2019-06-28", "--json"];
    let told = place.told(&arguments);
    assert_eq!(told.code, 0, "{}", told.err);
    let analysis = json(&told);
    assert_eq!(analysis["known"]["financial"]["status"], "missing");
    let measures = analysis["known"]["market"]["found"]["measures"].as_array().expect("figures");
    assert!(measures.iter().any(|measure| measure["id"] == "mkt.volatility"), "{measures:?}");
    let unknown = place.told(&["analyze", "NONE", "--prices", "prices", "--as-of", "2019-06-28"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}
