//! `--json` prints one document and nothing else.

use serde_json::Value;

use crate::program::Place;

const BRIEF: [&str; 6] = ["brief", "RISE", "--prices", "prices", "--as-of", "2019-12-31"];

#[test]
fn one_document_on_standard_output() {
    let place = Place::new();
    for arguments in [
        &BRIEF[..],
        &["brief", "TEXT", "NONE", "--prices", "prices", "--as-of", "2019-12-31"],
        &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--evidence", "evidence/notes.jsonl"],
        &["debate", "Tea?", "--model", "scripted:panel/cem.txt", "--stream"],
        &["debate", "Up?", "--evidence", "prices/RISE.csv", "--as-of", "2019-12-31", "--journal", "logs"],
        &["cost", "claude-3-5-sonnet-20241022", "--input", "12000", "--output", "800"],
        &["fetch", "RISE", "--prices", "prices", "--as-of", "2019-12-31"],
        &["fetch", "--list"],
        &["score", "evidence/notes.jsonl"],
        &["models", "claude"],
        &["ask", "Tea?", "--model", "scripted:panel/ada.txt"],
        &["cache", "stats"],
        &["cache", "clear", "--prefix", "replies"],
        &["doctor"],
    ] {
        let told = place.told(&[arguments, &["--json"]].concat());
        let json: Value = serde_json::from_str(&told.out).expect("one JSON document");
        assert_eq!(json["format_version"], 1, "{arguments:?}");
        assert!(told.out.ends_with("}\n") && !told.err.contains("error:"), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn a_refusal_leaves_standard_output_empty() {
    let place = Place::new();
    for arguments in [
        &["brief", "RISE", "--prices", "nowhere", "--json"][..],
        &["debate", "Tea?", "--json"],
        &["cost", "gpt-99", "--input", "1", "--output", "1", "--json"],
        &["models", "no such model", "--json"],
    ] {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}");
        assert!(told.err.starts_with("error: failed to "), "{}", told.err);
    }
}

#[test]
fn what_is_printed_is_what_is_stored() {
    let place = Place::new();
    let told = place.told(&[&BRIEF[..], &["--json", "--out", "report"]].concat());
    assert_eq!(told.code, 0);
    assert_eq!(told.out, place.read("report/brief.json"));
    let json: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(json["as_of"], "2019-12-31");
    assert_eq!(json["cost"], "0.00");
    assert_eq!(json["tickers"][0]["decision"]["action"], "overweight");
}

#[test]
fn money_is_exact() {
    let place = Place::new();
    let cost = ["cost", "claude-3-5-sonnet-20241022", "--input", "12000", "--output", "800", "--json"];
    let json: Value = serde_json::from_str(&place.told(&cost).out).expect("JSON");
    // 12,000 · 3 USD + 800 · 15 USD a million.
    assert_eq!(json["usd"], "0.048");
}
