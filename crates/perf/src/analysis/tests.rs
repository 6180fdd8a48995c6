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
fn a_run_that_should_hold_every_floor_fails_without_one() {
    let mut run = Run::new("test");
    let figure =
        |id, value| Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value);
    run.measurements.extend([figure("m/1", 2e6), figure("m/2", f64::NAN), figure("n", 2e6)]);
    let whole = Thresholds { floors_must_be_measured: true, ..Thresholds::default() };
    let judged = |measurement: &str, keys: &str, thresholds: &Thresholds| {
        let text = format!(
            "[[target]]\nrequirement = 'X'\nmeasurement = '{measurement}'\n{keys}\n\
             [[target]]\nrequirement = 'Y'\nmeasurement = 'n'\nfloor = '1 s'"
        );
        let analysis = Analysis::of(run.clone(), &targets::parse(&text, "t").unwrap(), thresholds);
        (analysis.gaps(), analysis.verdict())
    };
    let (part, passed) = (Thresholds::default(), Verdict::PassedWithRecommendations);
    // Not there, not a number, not a number among others.
    for measurement in ["gone", "gone/*", "m/2", "m/*"] {
        assert_eq!(judged(measurement, "floor = '1 s'", &whole), (1, Verdict::Failed), "{measurement}");
        assert_eq!(judged(measurement, "floor = '1 s'", &part), (0, passed), "{measurement}");
        assert_eq!(judged(measurement, "goal = '1 s'", &whole), (0, passed), "{measurement}: no floor");
    }
    assert_eq!(judged("m/1", "floor = '1 s'", &whole), (0, Verdict::Passed));
    assert_eq!(judged("m/1", "floor = '1 MB'", &whole), (1, Verdict::Failed), "held in another unit");
}

#[test]
fn a_figure_without_a_number_is_missing_when_it_was_stored() {
    let stored = r#"{"assize": "run", "format_version": 1, "title": "t", "measurements": [
        {"id": "m", "metric": "time", "unit": "ns", "better": "lower", "kind": "timed", "value": null},
        {"id": "n", "metric": "time", "unit": "ns", "better": "lower", "kind": "timed", "value": 5}]}"#;
    let text = "[[target]]\nrequirement = 'X'\nmeasurement = 'm'\nfloor = '1 s'\n\
                [[target]]\nrequirement = 'Y'\nmeasurement = 'n'\nfloor = '1 s'";
    let run = Run::from_json(stored.as_bytes(), "run.json").unwrap();
    let whole = Thresholds { floors_must_be_measured: true, ..Thresholds::default() };
    let analysis = Analysis::of(run, &targets::parse(text, "t").unwrap(), &whole);
    assert_eq!((analysis.gaps(), analysis.verdict()), (1, Verdict::Failed));
    let text = analysis.document().to_markdown();
    assert!(text.contains("One floor was not measured, which fails a run that should hold everything."));
}

#[test]
fn simulated_minutes_and_nanoseconds_have_no_average_in_common() {
    let mut run = Run::new("test");
    let figure =
        |id, kind, value| Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, kind, value);
    run.measurements.extend([
        figure("a", Kind::Timed, 1e3),
        figure("b", Kind::Timed, 3e3),
        figure("c", Kind::Timed, f64::NAN),
        figure("d", Kind::Virtual, 60e9),
    ]);
    let text = Analysis::of(run, &[], &Thresholds::default()).document().to_markdown();
    let row = |what: &str| {
        let line = text.lines().find(|line| line.contains(what)).unwrap_or_default();
        line.split('|').nth(2).map(|cell| cell.trim().to_owned())
    };
    assert_eq!(row("average of the timed times (2)").as_deref(), Some("2.00 µs"));
    assert_eq!(row("longest timed time (b)").as_deref(), Some("3.00 µs"));
    assert_eq!(row("average of the virtual times (1)").as_deref(), Some("60.0 s"));
    assert!(!text.contains("average of all"));
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
