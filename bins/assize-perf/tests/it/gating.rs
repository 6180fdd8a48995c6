//! `compare` and `gate` as a user sees them.

use std::{fs, path::Path};

use assize_perf::{Better, Kind, Measurement, Run, Unit};
use serde_json::Value;

use crate::told;

/// Writes runs of two times and a count into a folder, a file for each.
fn write(folder: &Path, name: &str, n: u32, factor: f64) -> String {
    let to = folder.join(name);
    fs::create_dir_all(&to).expect("a folder");
    for i in 0..n {
        let noise = 1.0 + f64::from(i * 7 % 5) / 500.0;
        let mut run = Run::new(name);
        let time = |id: &str, value| {
            Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value)
        };
        run.measurements.push(time("scan", 2e6 * noise * factor));
        run.measurements.push(time("sort", 3e6 * noise));
        run.measurements.push(Measurement::new(
            "scan",
            "allocations",
            Unit::Count,
            Better::Lower,
            Kind::Counted,
            12.0,
        ));
        fs::write(to.join(format!("run-{i}.json")), run.to_json().to_string()).expect("a file");
    }
    to.display().to_string()
}

#[test]
fn a_comparison_tells_what_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after) = (write(folder.path(), "before", 8, 1.0), write(folder.path(), "after", 8, 1.3));
    let (code, out, err) = told(&["compare", &before, &after]);
    assert_eq!((code, err.as_str()), (0, ""), "a comparison only tells");
    for part in ["1 regressed, 2 unchanged", "scan time", "+30.0 %", "8 / 8"] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
    let (_, out, _) = told(&["compare", &before, &after, "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((&json["assize"], &json["counts"]["regressed"]), (&"comparison".into(), &1.into()));
    // The same, file by file.
    let one = |side: &str, i| format!("{side}/run-{i}.json");
    let (_, out, _) = told(&[
        "compare",
        &one(&before, 0),
        &one(&after, 0),
        "--base",
        &one(&before, 1),
        "--new",
        &one(&after, 1),
        "--json",
    ]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!(json["limits"]["runs_before"], 2);
}

#[test]
fn every_file_of_a_folder_keeps_the_machine_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after) = (write(folder.path(), "before", 6, 1.0), write(folder.path(), "after", 6, 1.0));
    let mut odd =
        Run::from_json(&fs::read(format!("{after}/run-5.json")).expect("a run"), "run").expect("a run");
    odd.environment.cpu_model = Some("another".to_owned());
    let mut known = odd.clone();
    known.environment.cpu_model = Some("one".to_owned());
    fs::write(format!("{after}/run-5.json"), odd.to_json().to_string()).expect("a file");
    fs::write(format!("{after}/run-4.json"), known.to_json().to_string()).expect("a file");
    let (_, out, _) = told(&["compare", &before, &after, "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    let mismatch = serde_json::json!([{"field": "processor", "before": [], "after": ["another", "one"]}]);
    assert_eq!((&json["mismatches"], &json["counts"]["refused"]), (&mismatch, &2.into()));
    let (code, out, _) = told(&["gate", &after, "--baseline", &before, "--inconclusive", "fail"]);
    assert!(code == 1 && out.contains("scan (time) was measured on another machine"), "{out}");
}

#[test]
fn a_gate_shuts_for_a_regression_and_says_how_far_to_trust_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = write(folder.path(), "before", 8, 1.0);
    let (same, slow) = (write(folder.path(), "same", 8, 1.001), write(folder.path(), "slow", 8, 1.3));
    let (code, out, err) = told(&["gate", &same, "--baseline", &before]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for part in ["The gate is open.", "by design", "Smallest change found", "1 exact figure:"] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
    let (code, out, _) = told(&["gate", &slow, "--baseline", &before]);
    assert_eq!(code, 1);
    assert!(out.contains("scan (time) went from"), "{out}");
    let (code, out, _) = told(&["gate", &slow, "--baseline", &before, "--confirm", &same]);
    assert_eq!(code, 0, "measuring again cleared it: {out}");
    assert!(out.contains("0 confirmed by measuring again, 1 cleared"), "{out}");
    assert_eq!(told(&["gate", &slow, "--baseline", &before, "--floor", "40%"]).0, 0, "below the floor");
    assert_eq!(told(&["gate", &slow, "--baseline", &before, "--fail-on", "critical"]).0, 0, "not so bad");
}

#[test]
fn what_is_inconclusive_is_loud_and_may_shut_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after) = (write(folder.path(), "before", 1, 1.0), write(folder.path(), "after", 1, 1.3));
    let (code, out, _) = told(&["gate", &after, "--baseline", &before]);
    assert_eq!(code, 0);
    assert!(out.contains("INCONCLUSIVE") && out.contains("one run a side shows nothing"), "{out}");
    let (code, out, _) = told(&["gate", &after, "--baseline", &before, "--inconclusive", "fail", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((code, &json["outcome"], &json["is_open"]), (1, &"inconclusive".into(), &false.into()));
}

#[test]
fn a_gate_that_holds_runs_to_nothing_is_a_wrong_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = write(folder.path(), "run", 1, 1.0);
    for (arguments, message) in [
        (vec!["gate", &run], "there is nothing to hold the runs to"),
        (vec!["gate", &run, "--fail-on", "regression"], "without a baseline"),
        (vec!["gate", &run, "--fail-on", "target"], "without targets"),
        (vec!["gate", &run, "--baseline", &run, "--floor", "5"], "write 5% for a share"),
        (vec!["gate", &run, "--baseline", &run, "--alpha", "0"], "between 0 and 1"),
        (vec!["gate", &run, "--confirm", &run], "--baseline"),
    ] {
        let (code, out, err) = told(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.starts_with("error: ") && err.contains(message), "{message} in {err}");
    }
}

#[test]
fn the_documentation_shows_what_the_commands_say() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let page = fs::read_to_string(format!("{root}docs/perf.md")).expect("the page");
    let mut shown = 0;
    for part in page.split("```sh\nassize-perf ").skip(1) {
        let (command, rest) = part.split_once("\n```").expect("the end of the command");
        if !command.starts_with("compare ") && !command.starts_with("gate ") {
            continue;
        }
        let Some(text) = rest.trim_start().strip_prefix("```text\n") else { continue };
        let text = text.split("\n```").next().expect("the end of the text");
        let arguments: Vec<String> =
            command.split(' ').map(|word| word.replace("fixtures/", &format!("{root}fixtures/"))).collect();
        let (_, out, err) = told(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(out.contains(text), "{command} says\n{out}{err}");
        shown += 1;
    }
    assert_eq!(shown, 2, "one of each");
}
