//! A slow-down that is planted on purpose is found, placed and explained, and none is found where there is none.
//!
//! It builds and runs benches, which takes minutes: run by a step of `cargo xtask ci`.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const BASELINE: &str = "planted-by-a-test";

fn bench(out: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["bench", "--profile", "smoke", "--only", "planted/*", "--out"])
        .arg(out)
        .args(arguments)
        .current_dir(xtask::root())
        .output()
        .expect("xtask runs")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

fn document(folder: &Path) -> Value {
    let bytes = std::fs::read(folder.join("against.json")).expect("the comparison was written");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

#[test]
#[ignore = "builds and runs benches for some minutes; `cargo xtask ci` does"]
fn a_planted_slow_down_is_found_placed_and_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let saved = bench(&at("saved"), &["--save", BASELINE]);
    assert_eq!(saved.status.code(), Some(0), "{}", said(&saved));

    let even = bench(&at("even"), &["--against", BASELINE]);
    assert_eq!(even.status.code(), Some(0), "{}", said(&even));
    assert_eq!(document(&at("even"))["causes"].as_array().map(Vec::len), Some(0));

    for (plant, origin, word) in [
        ("sleep", "waiting", "waiting"),
        ("allocation", "allocation", "allocations"),
        ("quadratic", "growth with size", "quadratic"),
    ] {
        let out = at(plant);
        let found = bench(&out, &["--against", BASELINE, "--plant", plant]);
        assert_eq!(found.status.code(), Some(1), "{plant}: {}", said(&found));
        let document = document(&out);
        let cause = &document["causes"][0];
        assert_eq!(cause["origin"], origin, "{plant}: {document:#}");
        assert!(
            cause["places"][0].as_str().is_some_and(|place| place.starts_with("benches/planted.rs:")),
            "{cause}"
        );
        let ids = cause["ids"].as_array().expect("ids");
        assert!(ids.iter().any(|id| id == "planted/work/4000"), "{cause}");
        let report = std::fs::read_to_string(out.join("against.md")).expect("the report was written");
        assert!(report.contains(word) && report.contains("benches/planted.rs:"), "{plant}: {report}");
    }
}
