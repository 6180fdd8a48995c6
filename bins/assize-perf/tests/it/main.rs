//! The command as a user sees it: output, exit codes, files.

mod gating;
mod load;
mod trend;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use assize_perf_cli::{Surroundings, run};
use serde_json::Value;

fn fixture(name: &str) -> String {
    let path: PathBuf = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/perf")).join(name);
    path.display().to_string()
}

/// Exit code, standard output, standard error.
pub(crate) fn told(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = [&["assize-perf"], arguments].concat();
    let code = run(arguments, Surroundings { colour: false, width: 100 }, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (code, text(out), text(err))
}

#[test]
fn a_report_without_targets_is_done() {
    let (code, out, err) = told(&["report", &fixture("criterion/current")]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in ["debate/turn/instant-debater/4", "3.20 µs", "not judged"] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "no colour was asked for");
}

#[test]
fn a_target_that_fails_is_exit_code_1() {
    let (run, targets) = (fixture("runs/nightly.json"), fixture("targets/nightly.toml"));
    let (code, out, err) = told(&["report", &run, "--targets", &targets]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("Overall: failed."), "{out}");
    // The same run, held only to what it meets.
    let folder = tempfile::tempdir().expect("a folder");
    let met = folder.path().join("met.toml");
    fs::write(&met, "[[target]]\nrequirement = 'P1'\nmeasurement = 'pipeline/brief/15'\nfloor = '5 min'\n")
        .expect("a file");
    let (code, out, _) = told(&["report", &run, "--targets", &met.display().to_string()]);
    assert_eq!(code, 0);
    assert!(out.contains("passed with recommendations"), "{out}");
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("report");
    let to = to.display().to_string();
    let (targets, run) = (fixture("targets/nightly.toml"), fixture("runs/nightly.json"));
    let (code, out, _) = told(&["report", &run, "--json", "--targets", &targets, "--out", &to]);
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((&json["verdict"], &json["format_version"]), (&Value::from("failed"), &Value::from(1)));
    let stored = fs::read_to_string(folder.path().join("report/report.json")).expect("a stored report");
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("JSON"), json);
}

#[test]
fn several_results_make_one_report_of_three_forms() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().display().to_string();
    let (code, out, _) =
        told(&["report", &fixture("runs/nightly.json"), &fixture("criterion/current"), "--out", &to]);
    assert_eq!(code, 0);
    assert!(out.contains("report.html"));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a written file");
    assert!(read("report.html").starts_with("<!doctype html>"));
    for name in ["report.md", "report.html", "report.json"] {
        let text = read(name);
        assert!(text.contains("rows/scan") && text.contains("pipeline/brief/15"), "{name}");
    }
}

#[test]
fn a_wrong_request_is_exit_code_2_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.toml");
    fs::write(&wrong, "[[target]]\nrequirement = 'P1'\nmeasurement = 'm'\nfloor = '5 parsecs'\n")
        .expect("a file");
    let (run, wrong) = (fixture("runs/nightly.json"), wrong.display().to_string());
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let empty = empty.display().to_string();
    let cases: [(&[&str], &str, &str); 6] = [
        (&["report", "no/such/folder"], "error: failed to read no/such/folder: ", "hint: check the path"),
        (&["report", &empty], "no file is in it", "hint: formats that are read: assize-run, criterion"),
        (
            &["report", &run, "--targets", &wrong],
            "wrong.toml, line 4: could not understand",
            "hint: write a number",
        ),
        (
            &["report", &run, "--targets", "gone.toml"],
            "error: failed to read gone.toml",
            "hint: check the path",
        ),
        (&["report"], "error: the following required arguments", "Usage:"),
        (&["reprot", &run], "error: unrecognized subcommand", "report"),
    ];
    for (arguments, message, hint) in cases {
        let (code, out, err) = told(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(message) && err.contains(hint), "{arguments:?}: {err}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_exit_code_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let (code, out, err) =
        told(&["report", &fixture("runs/nightly.json"), "--out", &file.join("report").display().to_string()]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.starts_with("error: failed to write "), "{err}");
}

#[test]
fn formats_and_help_are_told() {
    let (code, out, _) = told(&["formats"]);
    assert_eq!(code, 0);
    assert!(out.contains("criterion") && out.contains("assize-run"), "{out}");
    let (_, out, _) = told(&["formats", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    let named: Vec<_> = json["formats"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    let all: Vec<_> = assize_perf::readers::all().iter().map(|reader| reader.name()).collect();
    assert!(named == all && all.len() >= 12, "{named:?}");
    for arguments in [&["--help"][..], &["report", "--help"]] {
        let (code, out, err) = told(arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(out.contains("Examples:"), "{out}");
    }
    assert_eq!(told(&[]).0, 2);
}

/// A pipe whose reader has gone.
struct Gone;

impl io::Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that is full.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_nobody_reads_is_no_error() {
    let surroundings = Surroundings { colour: true, width: 80 };
    for arguments in [["assize-perf", "formats"], ["assize-perf", "--help"]] {
        let mut err = Vec::new();
        assert_eq!(run(arguments, surroundings, &mut Gone, &mut err), 0);
        assert!(err.is_empty());
        assert_eq!(run(arguments, surroundings, &mut Full, &mut err), 3);
        assert!(String::from_utf8_lossy(&err).starts_with("error: failed to write to standard output"));
    }
}

#[test]
fn a_failed_target_has_failed_though_nobody_reads_it() {
    let (results, targets) = (fixture("runs/nightly.json"), fixture("targets/nightly.toml"));
    let arguments = ["assize-perf", "report", &results, "--targets", &targets];
    let mut err = Vec::new();
    assert_eq!(run(arguments, Surroundings { colour: false, width: 80 }, &mut Gone, &mut err), 1);
    assert!(err.is_empty());
}

#[test]
fn the_program_itself_writes_no_colour_into_a_pipe() {
    let done = Command::new(env!("CARGO_BIN_EXE_assize-perf"))
        .args(["report", &fixture("runs/nightly.json"), "--targets", &fixture("targets/nightly.toml")])
        .stdout(Stdio::piped())
        .output()
        .expect("the program runs");
    assert_eq!(done.status.code(), Some(1));
    assert!(done.stderr.is_empty());
    assert!(!String::from_utf8_lossy(&done.stdout).contains('\u{1b}'));
}

#[test]
fn the_short_report_says_what_got_slower_and_what_it_comes_from() {
    let fixture =
        |name: &str| format!("{}/../../fixtures/perf/explain/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after, out) = (fixture("before"), fixture("after"), folder.path().display().to_string());
    let arguments =
        ["report", &after, "--baseline", &before, "--each-sample-a-run", "--short", "--out", &out];
    let (code, text, err) = told(&arguments);
    assert_eq!(code, 0, "nothing was asked of it: {err}");
    assert!(text.lines().count() <= 60, "{text}");
    for origin in ["waiting", "growth with size", "allocation", "more work", "leak"] {
        assert!(text.contains(&format!("| {origin}")), "{origin}: {text}");
    }
    let written = std::fs::read_to_string(folder.path().join("summary.md")).expect("the short form");
    assert_eq!(written, text);
    assert_eq!(told(&["report", &after, "--short", "--json"]).0, 2);
}
