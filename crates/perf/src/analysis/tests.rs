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

fn planted() -> Analysis {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/perf/explain");
    let read =
        |name: &str| Run::from_json(&std::fs::read(format!("{root}/{name}.json")).unwrap(), name).unwrap();
    let rules = Rules { samples_are_runs: true, ..Rules::default() };
    let text = "[[target]]\nrequirement = 'X'\nmeasurement = 'planted/ask'\nfloor = '1 ms'";
    let targets = targets::parse(text, "t").unwrap();
    Analysis::of(read("after"), &targets, &Thresholds::default()).against(&[read("before")], &rules)
}

#[test]
fn a_planted_slow_down_is_found_placed_and_explained_on_top() {
    let analysis = planted();
    let text = analysis.document().to_markdown();
    let summary = text.split("## Requirements").next().unwrap();
    assert!(summary.contains("Overall: failed."), "{summary}");
    for part in ["planted/ask", "planted/write", "planted/twice/2048", "planted/compute", "planted/serve"] {
        let told = summary
            .lines()
            .filter(|line| line.starts_with("- ") && line.contains(&format!("`{part}`")))
            .count();
        assert!(told >= 1, "{part}: {summary}");
    }
    for origin in ["**waiting**", "**growth with size**", "**allocation**", "**more work**", "**leak**"] {
        assert!(summary.contains(origin), "{origin}: {summary}");
    }
    // The floor that is missed and the change that did it are one bottleneck and one insight.
    let bottleneck = &analysis.bottlenecks[0];
    assert!(bottleneck.origins[0].contains("of what came on is waiting"), "{bottleneck:?}");
    assert!(bottleneck.places[0].contains("examples/planted.rs:"));
    let of_ask = analysis.insights.iter().filter(|insight| insight.text.contains("planted/ask"));
    assert_eq!(of_ask.count(), 1);
}

#[test]
fn the_short_form_fits_into_a_pull_request() {
    let mut run = Run::new("many");
    let mut before = Run::new("many, before");
    for n in 0..200 {
        let figure = |value| {
            let samples = (0..8).map(|k| value * (1.0 + 0.001 * f64::from(k))).collect();
            Measurement::new(
                format!("c{}/f{n}", n % 9),
                "time",
                Unit::Nanoseconds,
                Better::Lower,
                Kind::Timed,
                value,
            )
            .with_samples(samples)
        };
        run.measurements.push(figure(9e6));
        before.measurements.push(figure(1e6));
    }
    let targets: String = (0..200)
        .map(|n| format!("[[target]]\nrequirement = 'X{n}'\nmeasurement = '*/f{n}'\nfloor = '1 ms'\n"))
        .collect();
    let rules = Rules { samples_are_runs: true, ..Rules::default() };
    let analysis = Analysis::of(run, &targets::parse(&targets, "t").unwrap(), &Thresholds::default());
    let text = analysis.against(&[before], &rules).short_document().to_markdown();
    assert!(text.lines().count() <= SHORT_LINES, "{} lines:\n{text}", text.lines().count());
    assert!(text.contains("192 more targets are missed") && text.contains("192 more got slower"), "{text}");
    insta::assert_snapshot!("short", planted().short_document().to_markdown());
}

#[test]
fn a_large_run_stays_small_and_folded() {
    let mut run = Run::new("large");
    for n in 0..2_700 {
        let samples = (0..100).map(|k| 1e6 + f64::from((k * 37 + n) % 101)).collect();
        let m = Measurement::new(
            format!("crate-{}/module_{}/function/{n}", n % 27, n % 300),
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Timed,
            1e6 + f64::from(n),
        );
        run.measurements.push(m.with_samples(samples).from_source("target/criterion/x/new/sample.json"));
    }
    let html = Analysis::of(run, &[], &Thresholds::default()).document().to_html();
    assert!(html.len() < 5_000_000, "{} bytes", html.len());
    assert!(html.contains("crate-26: 100 figures"));
    // Every figure is in the page, and each links to a heading that is there.
    assert!(html.contains("function/<wbr>2699"));
    let mut links: Vec<&str> =
        html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    links.sort_unstable();
    links.dedup();
    assert!(links.len() > 27);
    for link in links {
        assert!(html.contains(&format!("id=\"{link}\"")), "{link}");
    }
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
