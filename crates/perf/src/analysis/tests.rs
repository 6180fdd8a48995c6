//! Tests of verdicts and of the document.

use assize_report::TerminalStyle;

use super::*;
use crate::{
    Unit,
    run::{Better, Kind, Measurement},
    targets,
};

fn nightly() -> Analysis {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/perf");
    let run =
        Run::from_json(&std::fs::read(format!("{root}/runs/nightly.json")).unwrap(), "nightly.json").unwrap();
    let text = std::fs::read_to_string(format!("{root}/targets/nightly.toml")).unwrap();
    Analysis::of(run, &targets::parse(&text, "nightly.toml").unwrap(), &Thresholds::default())
}

#[test]
fn the_verdict_is_that_of_the_worst() {
    let mut run = Run::new("test");
    run.measurements.push(Measurement::new("m", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 2e6));
    let verdict = |keys: &str, run: &Run| {
        let text = format!("[[target]]\nrequirement = 'X'\nmeasurement = 'm'\n{keys}");
        Analysis::of(run.clone(), &targets::parse(&text, "t").unwrap(), &Thresholds::default()).verdict()
    };
    assert_eq!(verdict("goal = '3 ms'", &run), Verdict::Passed);
    assert_eq!(verdict("goal = '1 ms'", &run), Verdict::PassedWithRecommendations);
    assert_eq!(verdict("floor = '1 ms'", &run), Verdict::Failed);
    assert_eq!(verdict("floor = '1 ms'\nmetric = 'gone'", &run), Verdict::Failed, "nothing was measured");
    assert_eq!(Analysis::of(run.clone(), &[], &Thresholds::default()).verdict(), Verdict::Unjudged);
    run.findings.push(crate::run::Finding::new("f", None, "cut"));
    assert_eq!(verdict("goal = '3 ms'", &run), Verdict::PassedWithRecommendations);
}

#[test]
fn the_document_of_a_whole_run() {
    insta::assert_snapshot!("nightly", nightly().document().to_markdown());
}

#[test]
fn the_document_is_the_same_every_time_and_in_every_form() {
    let (a, b) = (nightly(), nightly());
    assert_eq!(a.document().to_html(), b.document().to_html());
    assert_eq!(a.to_json(), b.to_json());
    let terminal = a.document().to_terminal(&TerminalStyle { width: 100, colour: false });
    assert!(terminal.contains("Overall: failed.") && !terminal.contains('\u{1b}'));
}

#[test]
fn the_data_for_other_programs() {
    let json = nightly().to_json();
    assert_eq!((json["assize"].as_str(), json["format_version"].as_u64()), (Some("analysis"), Some(1)));
    assert_eq!(json["verdict"], "failed");
    assert_eq!(json["counts"], serde_json::json!({"passed": 2, "marginal": 2, "failed": 1, "missing": 1}));
    let statuses: Vec<&str> =
        json["rows"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["pass", "marginal", "marginal", "pass", "fail", "missing"]);
    assert_eq!(json["bottlenecks"][0]["severity"], "CRITICAL");
    assert_eq!(json["run"]["format_version"], 1);
    assert!(
        json["insights"].as_array().unwrap().iter().all(|i| !i["evidence"].as_array().unwrap().is_empty())
    );
}

#[test]
fn a_run_of_nothing_still_makes_a_report() {
    let text = Analysis::of(Run::default(), &[], &Thresholds::default()).document().to_markdown();
    for part in
        ["Performance report", "not judged", "Nothing was measured.", "Everything that was found was read."]
    {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn names_from_outside_cannot_break_the_report() {
    let mut run = Run::new("<script>alert(1)</script>");
    let id = "a|b\n# <img src=x onerror=alert(1)> `";
    run.measurements.push(Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 1.0));
    let html = Analysis::of(run, &[], &Thresholds::default()).document().to_html();
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"));
}
