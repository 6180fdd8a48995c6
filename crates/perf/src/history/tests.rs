//! What is added is read, whatever happened to the last line.

use std::fs;

use super::*;
use crate::{Better, Kind, Measurement, Unit};

/// A run of one figure on a day of November 2026.
fn run(day: u32, value: f64, revision: &str, machine: &str) -> Run {
    let mut run = Run::new(format!("day {day}"));
    run.created_at = Some(format!("2026-11-{day:02}T03:00:00Z").parse().unwrap());
    run.environment.revision = Some(revision.to_owned());
    run.environment.cpu_model = Some(machine.to_owned());
    let time =
        Measurement::new("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value);
    run.measurements.push(time.with_samples(vec![value; 5]).from_source("somewhere"));
    run
}

#[test]
fn a_run_is_kept_once_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("deep/history");
    assert_eq!(load(&history).unwrap_err().kind(), ErrorKind::UnknownFormat);
    let (one, two) = (run(2, 3_200.0, "abcdef1234", "big"), run(1, 3_100.0, "1234abcdef", "big"));
    assert!(append(&history, &one).unwrap());
    assert!(append(&history, &two).unwrap());
    assert!(!append(&history, &one).unwrap());
    let read = load(&history).unwrap();
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    let ids: Vec<&str> = read.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, [two.id(), one.id()], "in the order of time");
    let kept = &read.entries[1].run;
    assert_eq!((kept.created_at, &kept.environment), (one.created_at, &one.environment));
    assert!(kept.measurements[0].samples.is_empty() && kept.measurements[0].source.is_none());
    assert_eq!(fs::read_dir(&history).unwrap().count(), 1, "one file a month");
}

#[test]
fn a_baseline_goes_by_id_revision_or_title() {
    let folder = tempfile::tempdir().unwrap();
    for day in 1..=3 {
        append(folder.path(), &run(day, 3_000.0 + f64::from(day), &format!("{day}bcdef0123456"), "big"))
            .unwrap();
    }
    // The same revision again, later.
    append(folder.path(), &run(9, 9.0, "2bcdef0123456", "big")).unwrap();
    let history = load(folder.path()).unwrap();
    let value = |name: &str| history.baseline(name).map(|entry| entry.run.measurements[0].value);
    assert_eq!(value("1bcdef0"), Some(3_001.0));
    assert_eq!(value("2bcdef0123456"), Some(9.0), "the latest");
    assert_eq!(value("day 3"), Some(3_003.0));
    assert_eq!(value(&run(3, 3_003.0, "3bcdef0123456", "big").id()), Some(3_003.0));
    assert_eq!((value("1bcd"), value("day 4"), value("")), (None, None, None));
}

#[test]
fn a_line_that_was_cut_off_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (run(1, 1.0, "a", "big"), run(2, 2.0, "b", "big"));
    append(folder.path(), &one).unwrap();
    append(folder.path(), &two).unwrap();
    let file = folder.path().join("runs-2026-11.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let second = text.find('\n').unwrap() + 1;
    for end in [second + 1, second + 40, text.len() - 2] {
        fs::write(&file, &text[..end]).unwrap();
        let history = load(folder.path()).unwrap();
        assert_eq!((history.entries.len(), history.findings.len()), (1, 1), "{end}");
        assert!(history.findings[0].text.starts_with("it was cut off"), "{}", history.findings[0]);
        assert!(append(folder.path(), &two).unwrap(), "what was cut off can be added again");
        let history = load(folder.path()).unwrap();
        assert_eq!((history.entries.len(), history.findings.len()), (2, 1), "{end}");
    }
    // A line that is whole but for its end.
    fs::write(&file, text.trim_end()).unwrap();
    assert_eq!(load(folder.path()).unwrap().findings, []);
    assert!(!append(folder.path(), &two).unwrap());
}

#[test]
fn two_histories_become_one() {
    let (left, right) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for day in [1, 2, 3] {
        append(left.path(), &run(day, f64::from(day), "r", "big")).unwrap();
    }
    for day in [2, 3, 4, 5] {
        append(right.path(), &run(day, f64::from(day), "r", "big")).unwrap();
    }
    assert_eq!(merge(left.path(), right.path()).unwrap(), 2);
    assert_eq!(merge(left.path(), right.path()).unwrap(), 0);
    assert_eq!(merge(right.path(), left.path()).unwrap(), 1);
    let (left, right) = (load(left.path()).unwrap(), load(right.path()).unwrap());
    assert_eq!(left.entries, right.entries);
    assert_eq!(left.entries.len(), 5);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(merge(empty.path(), empty.path()).unwrap_err().kind(), ErrorKind::UnknownFormat);
    assert!(merge(empty.path(), &empty.path().join("none")).is_err());
}

#[test]
fn lines_joined_by_a_version_control_system_are_read() {
    // What a union merge leaves: both sides' lines, in any order, some twice.
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), &run(1, 1.0, "r", "big")).unwrap();
    append(folder.path(), &run(2, 2.0, "r", "big")).unwrap();
    let file = folder.path().join("runs-2026-11.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&file, format!("{}\n\n{}\n<<<<<<< ours\n{}\n", lines[1], lines[0], lines[1])).unwrap();
    let history = load(folder.path()).unwrap();
    assert_eq!((history.entries.len(), history.findings.len()), (2, 1));
    assert_eq!(history.findings[0].position.as_deref(), Some("line 4"));
}

#[test]
fn other_versions_are_named() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), &run(1, 1.0, "r", "big")).unwrap();
    let file = folder.path().join("runs-2026-11.jsonl");
    let text = fs::read_to_string(&file).unwrap().replacen("\"format_version\":1", "\"format_version\":7", 1);
    fs::write(&file, text).unwrap();
    let history = load(folder.path()).unwrap();
    assert!(history.entries.is_empty());
    assert!(history.findings[0].text.contains("format_version is 7"), "{}", history.findings[0]);
}

#[test]
fn machines_never_share_a_series() {
    let folder = tempfile::tempdir().unwrap();
    for (day, machine) in [(1, "big"), (2, "small"), (3, "big"), (4, "small")] {
        append(folder.path(), &run(day, f64::from(day), "r", machine)).unwrap();
    }
    let history = load(folder.path()).unwrap();
    assert_eq!(history.machines().len(), 2);
    let values: Vec<Vec<f64>> = history.series().iter().map(Series::values).collect();
    assert!(values.contains(&vec![1.0, 3.0]) && values.contains(&vec![2.0, 4.0]), "{values:?}");
    let mut other = run(1, 1.0, "r", "big").environment;
    let known = fingerprint(&other);
    other.toolchain = Some("rustc 1.95.0".to_owned());
    other.kernel = Some("6.1".to_owned());
    assert_eq!(fingerprint(&other), known, "an update is a change worth finding");
    other.profile = Some("release".to_owned());
    assert_ne!(fingerprint(&other), known);
    assert_eq!(fingerprint(&Environment::default()), "machine-unknown");
}

#[test]
fn repetitions_in_a_run_are_one_point() {
    let mut repeated = run(1, 5.0, "r", "big");
    for value in [9.0, 6.0] {
        let m =
            Measurement::new("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value);
        repeated.measurements.push(m);
    }
    let all = series([("run-1", &repeated)]);
    assert_eq!((all.len(), all[0].values()), (1, vec![6.0]));
    assert_eq!(all[0].points[0].label, "r");
}

use crate::run::Environment;

#[test]
fn a_stored_history_of_an_earlier_version_is_read() {
    let folder = format!("{}/../../fixtures/perf/history/two-machines", env!("CARGO_MANIFEST_DIR"));
    let history = load(folder.as_ref()).unwrap();
    assert_eq!(history.entries.len(), 44);
    assert_eq!(history.machines().len(), 2);
    assert_eq!(history.findings.len(), 1, "its last line was cut off: {:?}", history.findings);
    let steps: Vec<usize> = history
        .series()
        .iter()
        .map(|series| crate::change_points::Detector::default().changes(&series.values()).len())
        .collect();
    assert_eq!(steps, [1, 0]);
}
