//! Tests of readers on folders and files.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;

use super::*;
use crate::run::Measurement;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/perf")).join(name)
}

/// What a run holds, line by line, with paths from the folder that was read.
fn told(run: &Run, root: &Path) -> String {
    let mut lines = String::new();
    for m in &run.measurements {
        let interval =
            m.interval.as_ref().map_or_else(String::new, |i| m.unit.show_interval(m.value, i.low, i.high));
        let (figures, samples) = (m.figures.len(), m.samples.len());
        let shown = m.unit.show(m.value);
        writeln!(lines, "{} {}: {shown} [{interval}] {samples} samples, {figures} figures", m.id, m.metric)
            .unwrap();
        for note in &m.notes {
            writeln!(lines, "    {note}").unwrap();
        }
    }
    for finding in &run.findings {
        writeln!(lines, "! {finding}").unwrap();
    }
    lines.replace(&format!("{}/", root.display()), "")
}

fn read_and_tell(name: &str) -> String {
    let root = fixture(name);
    told(&read_path(&root).unwrap(), &root)
}

#[test]
fn criterion_as_it_writes_today() {
    insta::assert_snapshot!(read_and_tell("criterion/current"), @r#"
    alone time: 12.5 ns [12.38 – 12.62 ns] 20 samples, 5 figures
        the figure is criterion's slope
    debate/turn/instant-debater/16 time: 12.9 µs [12.79 – 13.05 µs] 20 samples, 4 figures
        the figure is criterion's mean
    debate/turn/instant-debater/4 time: 3.20 µs [3.168 – 3.232 µs] 20 samples, 5 figures
        the figure is criterion's slope
        criterion saw the mean change by -5.0 % (-6.0 to -4.0 %) against the run before
    json/decode byte-throughput: 772 MiB/s [764 – 779 MiB/s] 0 samples, 0 figures
        65536 a time, from the time of an iteration
    json/decode time: 81.0 µs [80.2 – 81.8 µs] 20 samples, 5 figures
        the figure is criterion's slope
    rows/scan byte-throughput: 916 MiB/s [906 – 925 MiB/s] 0 samples, 0 figures
        48000 a time, from the time of an iteration
    rows/scan throughput: 20.0 million/s [19.80 – 20.20 million/s] 0 samples, 0 figures
        1000 a time, from the time of an iteration
    rows/scan time: 50.0 µs [49.5 – 50.5 µs] 20 samples, 5 figures
        the figure is criterion's slope
    ! alone/new/benchmark.json: the throughput {"Quanta":3} is of an unknown kind and was left out
    "#);
}

#[test]
fn criterion_before_0_3_3() {
    insta::assert_snapshot!(read_and_tell("criterion/before-0.3.3"), @"
    Fibonacci/Recursive time: 38.0 µs [37.62 – 38.38 µs] 20 samples, 5 figures
        the figure is criterion's slope
    ");
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_read() {
    insta::assert_snapshot!(read_and_tell("criterion/broken"), @"
    cut-sample time: 500 ns [495 – 505 ns] 0 samples, 5 figures
        the figure is criterion's slope
    good time: 500 ns [495 – 505 ns] 20 samples, 5 figures
        the figure is criterion's slope
    good time: 510 ns [505 – 515 ns] 20 samples, 5 figures
        the figure is criterion's slope
    uneven time: 500 ns [495 – 505 ns] 0 samples, 5 figures
        the figure is criterion's slope
    zero-iterations time: 500 ns [495 – 505 ns] 2 samples, 5 figures
        the figure is criterion's slope
    ! cut-estimates/new/estimates.json, line 1, column 100: EOF while parsing a string; the benchmark was left out
    ! cut-sample/new/sample.json, line 1, column 179: EOF while parsing a value; it was read without its samples
    ! negative/new/sample.json, sample 0: 20 of 20 were left out, this one with -5007.5 ns in 10 iterations
    ! negative/new/estimates.json: an estimate is negative or not finite: the benchmark was left out
    ! no-estimates/new/estimates.json: No such file or directory (os error 2); the benchmark was left out
    ! uneven/new/sample.json: 2 counts of iterations, 1 times: it was read without its samples
    ! wrong-type/new/benchmark.json, line 1, column 14: invalid type: integer `7`, expected a string; the benchmark was left out
    ! zero-iterations/new/sample.json, sample 0: 1 of 3 were left out, this one with 5000 ns in 0 iterations
    ! twice/new/estimates.json: good stands in good/new/estimates.json too: both are kept
    ");
}

#[test]
fn one_benchmark_can_be_given_by_itself() {
    let root = fixture("criterion/current/json/decode/new");
    assert_eq!(read_path(&root).unwrap().measurements.len(), 2);
    let file = fixture("criterion/current/alone/new/benchmark.json");
    assert_eq!(read_path(&file).unwrap().measurements.len(), 1);
}

#[test]
fn our_own_runs_are_known_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let run = read_path(&fixture("runs/nightly.json")).unwrap();
    let copy = folder.path().join("whatever.txt");
    fs::copy(fixture("runs/nightly.json"), &copy).unwrap();
    assert_eq!(read_path(&copy).unwrap().id(), run.id(), "an id does not depend on the place");
    fs::write(folder.path().join("compact"), run.to_json().to_string()).unwrap();
    fs::write(folder.path().join("newer.json"), r#"{"assize":"run","format_version":9}"#).unwrap();
    fs::write(folder.path().join("other.json"), r#"{"results": []}"#).unwrap();
    // A report that was written beside its results is not read as one of them.
    let analysis = crate::Analysis::of(run.clone(), &[], &crate::Thresholds::default());
    fs::write(folder.path().join("report.json"), analysis.to_json().to_string()).unwrap();
    let read = read_path(folder.path()).unwrap();
    assert_eq!(read.measurements.len(), 2 * run.measurements.len());
    assert!(read.findings.iter().any(|f| f.text.contains("its format_version is 9, this version reads 1")));
    // Alone, the version is the error.
    let error = read_path(&folder.path().join("newer.json")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownVersion);
}

#[test]
fn a_folder_may_hold_several_formats() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("runs/nightly.json"), folder.path().join("nightly.json")).unwrap();
    let new = folder.path().join("criterion/alone/new");
    fs::create_dir_all(&new).unwrap();
    for file in ["benchmark.json", "estimates.json", "sample.json"] {
        fs::copy(fixture("criterion/current/alone/new").join(file), new.join(file)).unwrap();
    }
    let read = read_path(folder.path()).unwrap();
    assert_eq!(read.measurements.len(), 9);
    assert_eq!(read.title.split(" + ").count(), 2);
}

#[test]
fn of_a_folder_with_a_run_at_its_top_nothing_else_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    let new = raw.join("alone/new");
    fs::create_dir_all(&new).unwrap();
    fs::copy(fixture("runs/nightly.json"), raw.join("heap.json")).unwrap();
    for file in ["benchmark.json", "estimates.json", "sample.json"] {
        fs::copy(fixture("criterion/current/alone/new").join(file), new.join(file)).unwrap();
    }
    let top = folder.path().join("run.json");
    // A file of that name that is no run of ours changes nothing.
    fs::write(&top, "{}").unwrap();
    assert_eq!(read_path(folder.path()).unwrap().measurements.len(), 9);
    fs::copy(fixture("runs/nightly.json"), &top).unwrap();
    let read = read_path(folder.path()).unwrap();
    assert_eq!(read, read_path(&top).unwrap());
    assert_eq!(read.measurements.len(), 8);
    // One that is cut is told, and not replaced by what lies below it.
    let whole = fs::read(&top).unwrap();
    fs::write(&top, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(read_path(folder.path()).unwrap_err().kind(), ErrorKind::Malformed);
}

#[test]
fn what_nobody_knows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = read_path(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("no file is in it"), "{error}");
    let file = folder.path().join("notes.json");
    fs::write(&file, "{\"a\": 1}").unwrap();
    let error = read_path(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownFormat);
    let all: Vec<&str> = all().iter().map(|reader| reader.name()).collect();
    assert!(all.len() >= 12, "{all:?}");
    assert_eq!(error.hint(), Some(format!("formats that are read: {}", all.join(", ")).as_str()));
    assert_eq!(read_path(&folder.path().join("gone")).unwrap_err().kind(), ErrorKind::Unreadable);
}

#[test]
fn what_is_known_and_not_read_says_why() {
    let error = read_bytes(b"# callgrind format\nversion: 1\n".to_vec(), "callgrind.out").unwrap_err();
    let text = "read callgrind.out: it is a profile of callgrind, not a summary of benchmarks";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::UnknownFormat, text));
    assert!(error.hint().is_some_and(|hint| hint.contains("--save-summary=json")));
}

#[test]
fn each_file_goes_to_the_first_reader_that_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| fs::copy(fixture(from), folder.path().join(to)).unwrap();
    copy("hyperfine/scan.json", "a");
    copy("hyperfine/cut.json", "b");
    copy("jmh/modes.json", "c.txt");
    copy("dhat/version-3.json", "d");
    fs::write(folder.path().join("e"), "notes of a person").unwrap();
    let run = read_path(folder.path()).unwrap();
    assert_eq!(run.title, "hyperfine + jmh");
    assert_eq!(run.measured("one", "time").count(), 1);
    assert_eq!(run.measured("org.example.Parse.start", "single-shot").count(), 1);
    let told = told(&run, folder.path());
    assert!(told.contains("! b, line 39, column 15: EOF"), "{told}");
    assert!(told.contains("! d: could not read d: it is version 3 of DHAT's form"), "{told}");
    assert!(!told.contains("! e"), "{told}");
    // Several that cannot be read are all named.
    copy("dhat/version-3.json", "f");
    let run = read_path(folder.path()).unwrap();
    assert!(run.findings.iter().any(|f| f.file.ends_with("/f") && f.text == "could not be read either"));
}

#[test]
fn packed_files_are_unpacked_within_the_limits() {
    let plain = fs::read(fixture("pyperf/two.json")).unwrap();
    let packed = fixture("pyperf/two.json.gz");
    let run = read_path(&packed).unwrap();
    assert_eq!(run.id(), read_path(&fixture("pyperf/two.json")).unwrap().id());
    // A byte order mark is no part of the content.
    let marked = [b"\xef\xbb\xbf", &plain[..]].concat();
    assert_eq!(read_bytes(marked, "marked").unwrap().id(), run.id());
    // What counts is the size after unpacking.
    let limit = u64::try_from(plain.len()).unwrap() - 1;
    assert!(fs::metadata(&packed).unwrap().len() < limit);
    let error = read_within(&packed, Limits { file_bytes: limit, ..Limits::default() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(read_within(&packed, Limits { file_bytes: limit + 1, ..Limits::default() }).is_ok());
    // So for one that is streamed.
    let timings = fixture("pytest-benchmark/every-timing.json");
    let error = read_within(&timings, Limits { stream_bytes: 1_000, ..Limits::default() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().ends_with("it holds more than 1000 bytes"), "{error}");
}

#[test]
fn limits_hold() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    fs::copy(fixture("runs/nightly.json"), folder.path().join("nightly.json")).unwrap();
    fs::copy(fixture("runs/nightly.json"), deep.join("run.json")).unwrap();
    let shallow = read_within(folder.path(), Limits { depth: 2, ..Limits::default() }).unwrap();
    assert_eq!(shallow.measurements.len(), 8);
    assert!(shallow.findings.iter().any(|f| f.text == "lies more than 2 folders deep and was left out"));
    let few = read_within(folder.path(), Limits { files: 1, ..Limits::default() }).unwrap_err();
    assert_eq!(few.kind(), ErrorKind::TooLarge);
    let small = read_within(folder.path(), Limits { file_bytes: 100, ..Limits::default() }).unwrap_err();
    assert_eq!(small.kind(), ErrorKind::TooLarge);
}

#[cfg(unix)]
#[test]
fn loops_of_links_end() {
    let folder = tempfile::tempdir().unwrap();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link(".", "loop");
    link("nowhere", "nothing");
    link(fixture("runs/nightly.json").to_str().unwrap(), "run");
    let run = read_path(folder.path()).unwrap();
    assert_eq!(run.measurements.len(), 8);
    let told = told(&run, folder.path());
    assert!(told.contains("! loop: is a link to a folder and was not followed"), "{told}");
    assert!(told.contains("! nothing: is a link to nothing and was left out"), "{told}");
}

/// Results of other projects, where this checkout has them beside it.
#[test]
fn results_of_others_are_read_without_a_loss() {
    let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/perf"));
    for (name, times) in [("criterion", 2), ("criterion-0.3-1.x-layout", 3)] {
        let root = samples.join(name);
        if !root.exists() {
            continue;
        }
        let run = read_path(&root).unwrap();
        assert_eq!(run.findings, []);
        assert_eq!(run.measurements.len(), times, "{name}");
        for m in &run.measurements {
            assert_eq!(m.samples.len(), 100, "{}", m.id);
            assert!(m.interval.as_ref().is_some_and(|i| i.contains(m.value)), "{}", m.id);
            // The mean of the samples is the mean that criterion stored.
            let mean = crate::statistics::mean(&m.samples).unwrap();
            assert!((mean - m.figures["mean"]).abs() < 1e-9 * mean, "{}", m.id);
            let median = crate::statistics::Sorted::new(&m.samples).unwrap().median();
            assert!((median - m.figures["median"]).abs() < 1e-9 * median, "{}", m.id);
            let scaled = crate::statistics::Summary::of(&m.samples).unwrap().mad_scaled;
            assert!((scaled - m.figures["mad-scaled"]).abs() < 1e-3 * scaled, "{}", m.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_file_changed_anywhere_never_panics(
        which in 0_usize..3,
        at in 0_usize..1_500,
        with in prop::collection::vec(any::<u8>(), 0..4),
        cut: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let names = ["benchmark.json", "estimates.json", "sample.json"];
        for name in names {
            fs::copy(fixture("criterion/current/json/decode/new").join(name), folder.path().join(name)).unwrap();
        }
        let file = folder.path().join(names[which]);
        let mut bytes = fs::read(&file).unwrap();
        let at = at.min(bytes.len());
        bytes.splice(at..(at + with.len()).min(bytes.len()), with);
        if cut {
            bytes.truncate(at);
        }
        fs::write(&file, bytes).unwrap();
        if let Ok(run) = read_path(folder.path()) {
            prop_assert!(run.measurements.iter().all(Measurement::is_finite));
            prop_assert!(!run.measurements.is_empty() || !run.findings.is_empty());
        }
    }
}
