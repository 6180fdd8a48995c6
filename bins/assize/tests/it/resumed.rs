//! `assize debate --resume`: on the terms of the log, or not at all.

use std::fs;

use serde_json::Value;

use crate::program::{Place, Told};

const BEGUN: [&str; 14] = [
    "debate",
    "Ship on Friday?",
    "--model",
    "scripted:panel/ada.txt",
    "--model",
    "scripted:panel/ben.txt",
    "--rounds",
    "2",
    "--rule",
    "supermajority:2/3",
    "--budget",
    "0.50",
    "--deadline",
    "30s",
];

/// A debate that is over, in a place of its own, and its name.
fn begun() -> (Place, String, Told) {
    let place = Place::new();
    let told = place.told(
        &[
            &BEGUN[..],
            &["--evidence", "evidence/notes.jsonl", "--as-of", "2019-12-31", "--journal", "logs", "--json"],
        ]
        .concat(),
    );
    assert_eq!(told.code, 0, "{}", told.err);
    let verdict: Value = serde_json::from_str(&told.out).expect("JSON");
    let id = verdict["debate"].as_str().expect("an id").to_owned();
    (place, id, told)
}

#[test]
fn what_says_the_same_as_the_log_may_be_said_again() {
    let (place, id, whole) = begun();
    let resume = ["--resume", &id, "--journal", "logs", "--json"];
    for again in [
        &BEGUN[1..],
        &["--budget", "0.5", "--deadline", "0h 0m 30s"],
        &["--option", "yes", "--option", "no", "--seed", "0"],
        &["--horizon", "7"],
    ] {
        let told = place.told(&[&["debate"], &resume[..], again].concat());
        assert_eq!((told.code, &told.out), (0, &whole.out), "{again:?}: {}", told.err);
    }
}

#[test]
fn what_contradicts_the_log_is_refused_with_both_values() {
    let (place, id, _) = begun();
    let log = place.read(&format!("logs/{id}.jsonl"));
    for (again, why) in [
        (&["Ship on Monday?"][..], "question is Ship on Monday?, and Ship on Friday? in its log"),
        (&["--rounds", "3"], "--rounds is 3, and 2 in its log"),
        (&["--rule", "plurality"], "--rule is plurality, and supermajority:2/3 in its log"),
        (&["--budget", "1"], "--budget is 1.00 USD, and 0.50 USD in its log"),
        (&["--deadline", "5m"], "--deadline is 300s, and 30s in its log"),
        (&["--seed", "4"], "--seed is 4, and 0 in its log"),
        (&["--option", "yes", "--option", "maybe"], "--option is yes, maybe, and yes, no in its log"),
        (
            &["--model", "scripted:panel/cem.txt"],
            "--model is scripted:panel/cem.txt, and scripted:panel/ada.txt, scripted:panel/ben.txt in its log",
        ),
        (
            &["--evidence", "evidence/notes.jsonl"],
            "--evidence evidence/notes.jsonl is not read again: what holds stands in its log",
        ),
        (&["--rounds", "3", "--seed", "4"], "; --seed is 4, and 0 in its log"),
    ] {
        let told = place.told(&[&["debate", "--resume", &id, "--journal", "logs"], again].concat());
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{again:?}: {}", told.err);
        assert!(
            told.err.contains(why) && told.err.contains("on other terms it is another one"),
            "{}",
            told.err
        );
    }
    assert_eq!(place.read(&format!("logs/{id}.jsonl")), log, "nothing was written");
}

/// Whoever edits a log makes another debate of it; the command that began it says which line was changed.
#[test]
fn a_log_that_was_changed_is_refused() {
    for (from, to, changes) in [
        (r#""rounds":2"#, r#""rounds":3"#, "rounds is 3 there and 2 here"),
        (
            "panel/ben.txt",
            "panel/cem.txt",
            r#"seats[1].debater is "scripted:panel/cem.txt" there and "scripted:panel/ben.txt" here"#,
        ),
        (r#"["yes","no"]"#, r#"["no","yes"]"#, r#"options[0] is "no" there and "yes" here"#),
    ] {
        let (place, id, _) = begun();
        let name = format!("logs/{id}.jsonl");
        let log = place.read(&name);
        let changed = log.replacen(from, to, 1);
        assert_ne!(changed, log);
        fs::write(place.path(&name), &changed).expect("a file");
        let told = place.told(&["debate", "--resume", &id, "--journal", "logs"]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.err);
        assert!(
            told.err.contains("was changed: the opening that stands there is that of deb-"),
            "{}",
            told.err
        );

        let again = [
            &BEGUN[..],
            &["--evidence", "evidence/notes.jsonl", "--as-of", "2019-12-31", "--journal", "logs"],
        ]
        .concat();
        let told = place.told(&again);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.err);
        assert!(told.err.contains(changes), "{}", told.err);
        assert_eq!(place.read(&name), changed, "nothing was written");
    }
}
