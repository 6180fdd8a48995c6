//! The readers of load tests, benchmarks in text and profiles, on fixtures: everything that they tell.

use std::{fmt::Write as _, fs, path::Path};

use assize_perf::{Run, read_path, readers};

/// What a run holds, line by line.
fn told(run: &Run, root: &Path) -> String {
    let mut lines = String::new();
    let environment: Vec<String> =
        run.environment.known().iter().map(|(label, text)| format!("{label} {text}")).collect();
    if run.created_at.is_some() || !environment.is_empty() {
        let at = run.created_at.map_or_else(String::new, |at| at.to_string());
        writeln!(lines, "at {at}; {}", environment.join(", ")).expect("a string");
    }
    for m in &run.measurements {
        let interval = m.interval.as_ref().map_or_else(String::new, |i| {
            format!(" [{}] at {:.3}", m.unit.show_interval(m.value, i.low, i.high), i.level)
        });
        let better = if m.better == assize_perf::Better::Lower { "less" } else { "more" };
        write!(lines, "{} {}: {}{interval} {} {better}", m.id, m.metric, m.unit.show(m.value), m.kind.name())
            .expect("a string");
        if !m.samples.is_empty() {
            write!(lines, ", {} samples", m.samples.len()).expect("a string");
        }
        for (name, value) in &m.figures {
            let shown = if name.ends_with("_fraction") { format!("{value:.3}") } else { m.unit.show(*value) };
            write!(lines, ", {name} {shown}").expect("a string");
        }
        lines.push_str(&m.location.as_ref().map_or_else(String::new, |place| format!(" at {place}")));
        lines.push('\n');
        // What is said of every latency is told once a format.
        for note in m.notes.iter().filter(|note| !note.contains("coordinated omission")) {
            writeln!(lines, "    {note}").expect("a string");
        }
    }
    for profile in &run.profiles {
        writeln!(
            lines,
            "profile {} in {}, {} frames:",
            profile.name,
            profile.unit.name(),
            profile.frames.len()
        )
        .expect("a string");
        lines.push_str(&profile.folded());
    }
    for finding in &run.findings {
        writeln!(lines, "! {finding}").expect("a string");
    }
    lines.replace(&format!("{}/", root.display()), "")
}

fn format(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/perf").join(name);
    let mut files: Vec<_> =
        fs::read_dir(&root).expect("fixtures").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(&root).expect("in it").display().to_string();
        match read_path(&file) {
            Ok(run) => {
                writeln!(text, "== {name}, by {}\n{}", run.title, told(&run, &root)).expect("a string")
            }
            Err(error) => writeln!(
                text,
                "== {name}\n{}\n",
                error.to_string().replace(&format!("{}/", root.display()), "")
            )
            .expect("a string"),
        }
    }
    text
}

macro_rules! formats {
    ($($test:ident $name:literal,)*) => {
        $(#[test]
        fn $test() {
            insta::assert_snapshot!(format($name));
        })*
    };
}

formats! {
    divan "divan",
    folded "folded",
    go_bench "go-bench",
    goose "goose",
    hdr_log "hdr-log",
    k6 "k6",
    libtest "libtest",
    locust "locust",
    memory_profiler "memory-profiler",
    oha "oha",
    pstats "pstats",
    speedscope "speedscope",
    wrk "wrk",
}

#[test]
fn a_folder_of_many_formats_is_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/perf");
    for (folder, files) in [("wrk", 2), ("oha", 2), ("locust", 8)] {
        let whole = read_path(&root.join(folder)).expect("a folder");
        let each: usize = fs::read_dir(root.join(folder))
            .expect("fixtures")
            .map(|file| read_path(&file.expect("a file").path()).map_or(0, |run| run.measurements.len()))
            .sum();
        assert!(each >= files && whole.measurements.len() == each, "{folder}");
    }
}

#[test]
fn stacks_come_back_from_the_stored_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/perf");
    for file in ["speedscope/threads.json", "pstats/shop.pstats", "folded/shop.txt"] {
        let run = read_path(&root.join(file)).expect("a profile");
        assert!(run.profiles.iter().any(|profile| profile.stacks.len() > 1), "{file}");
        let stored = run.to_json().to_string();
        let again = Run::from_json(stored.as_bytes(), "stored").expect("what was written");
        assert_eq!(again, run, "{file}");
    }
}

#[test]
fn every_reader_has_a_name_of_its_own() {
    let mut names: Vec<&str> = readers::all().iter().map(|reader| reader.name()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
