//! `assize debate`: a scripted panel, its evidence, its journal.

use std::fs;

use serde_json::Value;

use crate::program::{Place, Told};

const PANEL: [&str; 8] = [
    "debate",
    "Ship on Friday?",
    "--model",
    "scripted:panel/ada.txt",
    "--model",
    "scripted:panel/ben.txt",
    "--model",
    "scripted:panel/cem.txt",
];

fn debate(place: &Place, more: &[&str]) -> Told {
    place.told(&[&PANEL[..], more].concat())
}

/// The id in the note that the journal leaves on standard error.
fn id(told: &Told) -> String {
    let (_, id) = told.err.split_once("--resume ").expect("a note on how to go on");
    id.chars().take("deb-0123456789ab".len()).collect()
}

#[test]
fn a_scripted_panel_with_evidence() {
    let place = Place::new();
    let told = debate(&place, &["--evidence", "evidence/notes.jsonl", "--as-of", "2019-12-31"]);
    assert_eq!(told.code, 0, "{}", told.err);
    insta::assert_snapshot!("a-scripted-panel", told.out);
    assert!(
        told.err
            .contains("1 item(s) of evidence/notes.jsonl could not be known by 2019-12-31 and are left out"),
        "{}",
        told.err
    );
    assert!(!told.out.contains("ev-later"), "{}", told.out);
    assert_eq!(
        debate(&place, &["--evidence", "evidence/notes.jsonl", "--as-of", "2019-12-31"]).out,
        told.out
    );
}

/// An item that could be known only later cannot be cited: whoever names it cites what is not there.
#[test]
fn evidence_from_the_future_cannot_be_cited() {
    let place = Place::new().with_file(
        "panel/prophet.txt",
        r#"{"stance": "no", "reasons": [{"text": "it will be taken back", "cites": ["ev-later"]}]}"#,
    );
    let asked = [
        "debate",
        "Ship?",
        "--model",
        "scripted:panel/prophet.txt",
        "--evidence",
        "evidence/notes.jsonl",
        "--as-of",
    ];
    let before = place.told(&[&asked[..], &["2021-01-01"]].concat());
    assert!(before.out.contains("ev-later, which is not there"), "{}", before.out);
    assert!(!before.out.contains("the release was taken back"), "{}", before.out);
    let after = place.told(&[&asked[..], &["2021-01-02"]].concat());
    assert!(after.out.contains("ev-later: the release was taken back"), "{}", after.out);
    assert!(!after.err.contains("left out"), "{}", after.err);
}

#[test]
fn what_was_written_down_is_not_asked_again() {
    let place = Place::new();
    for (journal, power) in [("logs", false), ("safe", true), ("debates.db", false), ("safe.sqlite", true)] {
        let mut asked = vec![
            "--evidence",
            "evidence/notes.jsonl",
            "--as-of",
            "2019-12-31",
            "--journal",
            journal,
            "--json",
        ];
        asked.extend(power.then_some(["--durability", "power"]).into_iter().flatten());
        let first = debate(&place, &asked);
        assert_eq!(first.code, 0, "{}", first.err);
        let id = id(&first);
        let log = if journal.contains('.') { journal.to_owned() } else { format!("{journal}/{id}.jsonl") };
        assert!(first.err.contains(&format!("written down in {log}; if it breaks off")), "{}", first.err);
        let bytes = fs::read(place.path(&log)).expect("the log");
        let resumed = place.told(&["debate", "--resume", &id, "--journal", journal, "--json"]);
        assert_eq!((resumed.code, &resumed.out), (0, &first.out));
        assert!(resumed.err.contains(", 0 turn(s)"), "{}", resumed.err);
        // The same command over the same journal is the same debate.
        let again = debate(&place, &asked);
        assert_eq!(again.out, first.out);
        assert!(again.err.contains(", 0 turn(s)"), "{}", again.err);
        assert_eq!(fs::read(place.path(&log)).expect("the log"), bytes, "{journal}: nothing was added");
    }
    let mut names: Vec<_> = fs::read_dir(place.path("."))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| name.contains("debates") || name.contains("safe"))
        .collect();
    names.sort();
    assert_eq!(names, ["debates.db", "safe", "safe.sqlite"], "nothing is left beside them");
}

#[test]
fn a_debate_that_broke_off_goes_on_to_the_same_verdict() {
    let place = Place::new();
    // One answer each: a scripted voice that is asked again begins its script again.
    let panel = [
        "debate",
        "Ship on Friday?",
        "--model",
        "scripted:panel/ada.txt",
        "--model",
        "scripted:panel/cem.txt",
    ];
    let first = place.told(&[&panel[..], &["--journal", "logs", "--json"]].concat());
    let name = format!("logs/{}.jsonl", id(&first));
    let log = place.read(&name);
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    assert!(lines.len() > 5, "{log}");
    let verdict = |told: &Told| -> (Value, u64) {
        let mut json: Value = serde_json::from_str(&told.out).expect("JSON");
        let calls = json.as_object_mut().and_then(|fields| fields.remove("calls"));
        (json, calls.and_then(|calls| calls.as_u64()).expect("a number of calls"))
    };
    let (decided, calls) = verdict(&first);
    for kept in 1..lines.len() {
        let torn = lines[kept].len() / 2;
        fs::write(place.path(&name), format!("{}{}", lines[..kept].concat(), &lines[kept][..torn]))
            .expect("a file");
        let resumed = place.told(&["debate", "--resume", &id(&first), "--journal", "logs", "--json"]);
        assert_eq!(resumed.code, 0, "after {kept} lines: {}", resumed.err);
        // A call whose answer was lost was made all the same, and is made again.
        let kinds = |kind: &str| {
            lines[..kept].iter().filter(|line| line.contains(&format!(r#""type":"{kind}""#))).count()
        };
        let lost = kinds("asked") - kinds("spoke") - kinds("abstained");
        let lost = u64::try_from(lost).expect("a few");
        assert_eq!(verdict(&resumed), (decided.clone(), calls + lost), "after {kept} lines");
    }
}

/// Odds of analysts are numbers with all their digits: they must come back from the log as they were.
#[test]
fn a_debate_of_analysts_can_be_resumed() {
    let place = Place::new();
    for horizon in ["5", "60"] {
        let asked = [
            "debate",
            "Up?",
            "--evidence",
            "prices/ADJ_daily_2019.csv",
            "--as-of",
            "2019-12-31",
            "--horizon",
            horizon,
        ];
        let first = place.told(&[&asked[..], &["--journal", "logs", "--json"]].concat());
        assert!(first.out.contains(&format!("over {horizon} sessions")), "{}", first.out);
        let resumed = place.told(&["debate", "--resume", &id(&first), "--journal", "logs", "--json"]);
        assert_eq!((resumed.code, &resumed.out), (0, &first.out), "{}", resumed.err);
    }
    assert_eq!(
        fs::read_dir(place.path("logs")).expect("the logs").count(),
        2,
        "each horizon is a debate of its own"
    );
}

/// A log that broke off in the middle goes on with analysts that look as far ahead as those who began it.
#[test]
fn the_horizon_is_written_down() {
    let place = Place::new();
    let asked = ["debate", "Up?", "--evidence", "prices/WAVE.csv", "--as-of", "2019-12-31", "--horizon", "5"];
    let first = place.told(&[&asked[..], &["--journal", "logs", "--json"]].concat());
    let name = format!("logs/{}.jsonl", id(&first));
    let opening = place.read(&name).split_inclusive('\n').next().expect("a line").to_owned();
    fs::write(place.path(&name), opening).expect("a file");
    let resumed = place.told(&["debate", "--resume", &id(&first), "--journal", "logs", "--json"]);
    assert_eq!(resumed.out, first.out, "{}", resumed.err);
}

#[test]
fn one_model_alone_gets_three_seats_and_a_tie_is_a_result() {
    let place = Place::new();
    let told = place.told(&["debate", "Ship?", "--model", "scripted:panel/ada.txt", "--rule", "plurality"]);
    assert!(told.out.contains("(3 yes, 0 no)"), "{}", told.out);
    let pair = ["debate", "Ship?", "--model", "scripted:panel/ada.txt", "--model", "scripted:panel/ben.txt"];
    let told = place.told(&[&pair[..], &["--rounds", "1", "--rule", "plurality"]].concat());
    assert_eq!(told.code, 0);
    assert!(told.out.contains("a tie between yes and no"), "{}", told.out);
}
