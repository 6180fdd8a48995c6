//! What is read of each file of the fixtures, format by format.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use assize_perf::{Better, read_path, readers};

/// What a file gives, line by line.
fn told(file: &Path, name: &str) -> String {
    let mut lines = format!("== {name}\n");
    let line = &mut lines;
    match read_path(file) {
        Err(error) => writeln!(line, "refused, {:?}: {error}", error.kind()).expect("text"),
        Ok(run) => {
            let known: Vec<String> =
                run.environment.known().into_iter().map(|(label, text)| format!("{label} {text}")).collect();
            if !known.is_empty() {
                writeln!(line, "on: {}", known.join("; ")).expect("text");
            }
            if let Some(at) = run.created_at {
                writeln!(line, "at: {at}").expect("text");
            }
            for m in &run.measurements {
                let better = if m.better == Better::Lower { "↓" } else { "↑" };
                let shown = m.unit.show(m.value);
                write!(line, "{} | {} {better} {shown} {}", m.id, m.metric, m.kind.name()).expect("text");
                if let Some(i) = &m.interval {
                    let ends = m.unit.show_interval(m.value, i.low, i.high);
                    write!(line, " [{ends}, {:.1} %, {}]", 100.0 * i.level, i.method).expect("text");
                }
                if !m.samples.is_empty() {
                    write!(line, ", {} samples", m.samples.len()).expect("text");
                }
                if let Some(location) = &m.location {
                    write!(line, ", at {location}").expect("text");
                }
                line.push('\n');
                let figures: Vec<String> =
                    m.figures.iter().map(|(name, value)| format!("{name} {}", m.unit.show(*value))).collect();
                if !figures.is_empty() {
                    writeln!(line, "    {}", figures.join(", ")).expect("text");
                }
                for note in &m.notes {
                    writeln!(line, "    “{note}”").expect("text");
                }
            }
            for finding in &run.findings {
                writeln!(line, "! {finding}").expect("text");
            }
        }
    }
    lines.replace(&file.display().to_string(), name)
}

/// What all files of a format's folder give.
fn format(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/perf").join(name);
    let entries = fs::read_dir(&folder).expect("fixtures of that format");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let name = |file: &Path| file.file_name().expect("a name").to_string_lossy().into_owned();
    files.iter().map(|file| told(file, &name(file))).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_format_is_read_as_it_stands() {
    for name in [
        "asv",
        "bencher",
        "benchmark-dotnet",
        "cargo-criterion",
        "catch2",
        "conbench",
        "dhat",
        "github-action-benchmark",
        "google-benchmark",
        "gungraun",
        "hyperfine",
        "iai",
        "jmh",
        "pyperf",
        "pytest-benchmark",
        "vitest",
    ] {
        insta::assert_snapshot!(name, format(name));
    }
}

/// Of many timings some are kept, the same each time, from all over the file.
#[test]
fn of_many_timings_an_even_draw_is_kept() {
    let timings: Vec<String> = (0..40_000).map(|at| format!("{at}e-9")).collect();
    let stats = format!(r#"{{"median": 2e-5, "rounds": 40000, "data": [{}]}}"#, timings.join(","));
    let text = format!(r#"{{"machine_info": {{}}, "benchmarks": [{{"fullname": "a", "stats": {stats}}}]}}"#);
    let read = || readers::read_bytes(text.clone().into_bytes(), "a.json").expect("it is read");
    let run = read();
    assert_eq!(run, read());
    let [found] = &run.measurements[..] else { panic!("{run:?}") };
    assert_eq!((found.value, found.samples.len()), (20_000.0, 10_000));
    assert!(found.notes.iter().any(|note| note == "10000 of 40000 timings are kept, drawn evenly"));
    // A quarter of each quarter: 2,500 with a standard deviation of 38.
    for quarter in 0..4 {
        let (low, high) = (f64::from(quarter) * 10_000.0, f64::from(quarter + 1) * 10_000.0);
        let within = found.samples.iter().filter(|sample| (low..high).contains(*sample)).count();
        assert!((2_350..2_650).contains(&within), "{quarter}: {within}");
    }
}

/// Writes a file of one gigabyte as `pytest --benchmark-json` does, of eight benchmarks with every timing, and reads it.
/// Run it by itself under `/usr/bin/time -v`, optimised: `cargo test --profile smoke --test it gigabyte -- --ignored`.
#[test]
#[ignore = "it writes a gigabyte"]
fn a_gigabyte_of_timings_is_streamed() {
    use std::io::Write as _;

    const BENCHMARKS: usize = 8;
    const TIMINGS: usize = 5_600_000;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("every-timing.json");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("a file"));
    let begun = r#"{"machine_info": {"node": "host"}, "commit_info": {}, "benchmarks": ["#;
    file.write_all(begun.as_bytes()).expect("written");
    for bench in 0..BENCHMARKS {
        let comma = if bench > 0 { "," } else { "" };
        let stats = format!(r#""rounds": {TIMINGS}, "iterations": 1, "median": 2.5e-5, "mean": 2.6e-5"#);
        write!(file, r#"{comma}{{"fullname": "b.py::test_{bench}", "stats": {{{stats}, "data": ["#)
            .expect("written");
        let mut state = 7_u32;
        for timing in 0..TIMINGS {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let comma = if timing > 0 { ", " } else { "" };
            write!(file, "{comma}2.{:010}{:05}e-05", state, timing % 100_000).expect("written");
        }
        file.write_all(b"]}}").expect("written");
    }
    file.write_all(b"]}").expect("written");
    file.into_inner().expect("flushed");
    assert!(fs::metadata(&path).expect("the file").len() > 1_000_000_000);
    let run = read_path(&path).expect("it is read");
    assert_eq!((run.measurements.len(), run.findings.len()), (BENCHMARKS, 0));
    for measurement in &run.measurements {
        assert_eq!(measurement.samples.len(), 10_000);
        assert!(measurement.notes.contains(&format!("10000 of {TIMINGS} timings are kept, drawn evenly")));
        // An even draw of an even spread from 20 to 24.3 µs.
        let mean = measurement.samples.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 22_150.0).abs() < 50.0, "{mean}");
    }
}
