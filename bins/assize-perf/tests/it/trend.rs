//! `trend` and `history` as a user sees them.

use std::fs;

use serde_json::Value;

use super::{fixture, told};

#[test]
fn a_history_is_made_and_its_trend_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = folder.path().join("history").display().to_string();
    let run = fixture("runs/nightly.json");
    let (code, out, err) = told(&["history", "add", &history, &run, &run]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("added 1 run to ") && out.trim_end().ends_with("1 run there already"), "{out}");
    let (code, out, _) = told(&["history", "merge", &history, &fixture("history/two-machines")]);
    assert!(code == 0 && out.starts_with("added 44 runs"), "{out}");

    let to = folder.path().join("trend").display().to_string();
    let (code, out, err) = told(&["trend", "--history", &history, "--out", &to]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in ["changed once for the worse", "debate/turn/4", "confirmed", "machines"] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
    for file in ["trend.md", "trend.html", "trend.json"] {
        assert!(fs::metadata(format!("{to}/{file}")).expect(file).len() > 500, "{file}");
    }
}

#[test]
fn a_table_has_a_trend() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("p99.csv");
    let rows = (0..40).map(|at| format!("c{at},{}\n", if at < 30 { 100 } else { 130 } + at * 3 % 4));
    fs::write(&file, format!("commit,p99\n{}", rows.collect::<String>())).expect("a file");
    let file = file.display().to_string();
    let (code, out, _) = told(&["trend", &file, "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((code, &json["series"][0]["changes"][0]["at"]), (0, &"c30".into()), "{out}");
    let (code, out, _) = told(&["trend", &file, "--json", "--floor", "50%"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((code, json["series"][0]["changes"].as_array().map(Vec::len)), (0, Some(0)));
}

#[test]
fn a_wrong_request_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = folder.path().display().to_string();
    for (arguments, part) in [
        (&["trend"][..], "required"),
        (&["trend", "--history", &nothing][..], "history add"),
        (&["trend", "x.csv", "--history", &nothing][..], "cannot be used with"),
        (&["trend", "nowhere.csv"][..], "nowhere.csv"),
        (&["trend", "x.csv", "--floor", "much"][..], "invalid"),
        (&["history", "merge", &nothing, &nothing][..], "no history is in it"),
    ] {
        let (code, out, err) = told(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.starts_with("error: ") && err.contains(part), "{arguments:?}: {err}");
    }
}
