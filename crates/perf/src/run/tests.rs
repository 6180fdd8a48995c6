//! Tests of the stored form, ids and merging.

use proptest::prelude::*;

use super::*;
use crate::{ErrorKind, Unit};

fn nightly() -> Run {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/perf/runs/nightly.json");
    Run::from_json(&std::fs::read(path).unwrap(), "nightly.json").unwrap()
}

#[test]
fn the_stored_form_comes_back_whole() {
    let run = nightly();
    assert_eq!((run.measurements.len(), run.comparisons.len(), run.findings.len()), (8, 1, 1));
    assert_eq!(run.environment.memory_bytes, Some(8_589_934_592));
    let text = run.to_json().to_string();
    assert_eq!(Run::from_json(text.as_bytes(), "again").unwrap(), run);
}

#[test]
fn an_id_is_made_of_the_content_and_holds_for_ever() {
    let mut run = nightly();
    // Recorded runs are named by it: a change here is a change of the format.
    assert_eq!(run.id(), "run-516b1ec3541d");
    run.findings.clear();
    assert_eq!(run.id(), nightly().id(), "what a reader noticed is not content");
    run.measurements[0].value += 1.0;
    assert_ne!(run.id(), nightly().id());
}

#[test]
fn a_run_that_was_edited_says_so() {
    let text = nightly().to_json().to_string().replace("3200.0", "2200.0");
    let run = Run::from_json(text.as_bytes(), "edited.json").unwrap();
    let finding = run.findings.last().unwrap().to_string();
    assert!(
        finding.starts_with("edited.json: its id is run-")
            && finding.ends_with("changed after it was written")
    );
}

#[test]
fn what_is_not_a_run_is_named_with_its_place() {
    let cases = [
        (
            "{\"format_version\": 2, \"measurements\": 7}",
            ErrorKind::UnknownVersion,
            "its format_version is 2, this version reads 1",
        ),
        ("{\"format_version\": 1, \"title\": \"x\"}", ErrorKind::Malformed, "missing field `measurements`"),
        ("{\"format_version\": 1,\n \"title\": 7", ErrorKind::Malformed, "at line 2 column"),
        ("[]", ErrorKind::Malformed, "read r.json: "),
        ("", ErrorKind::Malformed, "EOF"),
    ];
    for (text, kind, message) in cases {
        let error = Run::from_json(text.as_bytes(), "r.json").unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn what_is_not_finite_is_left_out_and_named() {
    let mut run = nightly();
    run.measurements[1].value = f64::NAN;
    run.measurements[2].interval =
        Some(Interval { low: f64::NEG_INFINITY, high: 1.0, level: 0.95, method: "test".to_owned() });
    run.comparisons[0].contrasts[0].estimate.value = f64::INFINITY;
    let read = Run::from_json(run.to_json().to_string().as_bytes(), "r.json").unwrap();
    assert_eq!(read.measurements.len(), 7);
    assert_eq!(read.measurements[1].interval, None);
    assert!(read.comparisons[0].contrasts.is_empty());
    let named: Vec<String> = read.findings.iter().map(ToString::to_string).collect();
    assert!(named.contains(
        &"r.json, measurement 1: debate/turn/instant-debater/16 (time) has no finite value and was left out".to_owned()
    ));
    assert!(named.contains(
        &"r.json, comparison voting-against-debate: quality of debate against voting has no finite value and was left \
          out"
            .to_owned()
    ));
}

#[test]
fn merging_keeps_everything_and_names_contradictions() {
    let mut other = nightly();
    other.environment =
        Environment { cpu_model: Some("Another".to_owned()), cpu_count: Some(64), ..Environment::default() };
    other.environment.extra.insert("load average".to_owned(), "9".to_owned());
    let merged = Run::merged(vec![nightly(), other, Run::new("empty")]);
    assert_eq!(merged.title, "nightly + empty");
    assert_eq!((merged.measurements.len(), merged.comparisons.len()), (16, 2));
    assert_eq!(merged.environment, nightly().environment);
    let contradictions: Vec<&str> =
        merged.findings.iter().filter(|f| f.text.contains("elsewhere")).map(|f| &f.text[..14]).collect();
    assert_eq!(contradictions, ["processor is \"", "load average i", "processors is "]);
    assert!(merged.measurements.is_sorted_by(|a, b| (&a.id, &a.metric) <= (&b.id, &b.metric)));
}

proptest! {
    #[test]
    fn any_finite_figure_comes_back_to_the_last_bit(
        value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        samples in prop::collection::vec(-1e300_f64..1e300, 0..20),
        name in "\\PC{0,12}",
    ) {
        let mut run = Run::new(name.as_str());
        let m = Measurement::new(name.as_str(), "m", Unit::named(&name), Better::Higher, Kind::Loaded, value);
        run.measurements.push(m.with_samples(samples).with_figure(name.as_str(), value));
        let read = Run::from_json(run.to_json().to_string().as_bytes(), "r").unwrap();
        prop_assert_eq!(read, run);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Run::from_json(&bytes, "r");
    }

    #[test]
    fn a_run_cut_anywhere_is_an_error_or_a_run(cut in 0_usize..6_000) {
        let text = nightly().to_json().to_string();
        let _ = Run::from_json(&text.as_bytes()[..cut.min(text.len())], "r");
    }
}
