//! What Rust's own benchmarks (`#[bench]`) print, as text or with `--format json`.
//!
//! The figure is the median; `+/-` is the largest less the smallest of the samples (`library/test/src/bench.rs`), and no
//! interval.

use std::path::Path;

use serde::Deserialize;

use super::{
    FileReader, Head, Input,
    lines::{Lines, at_line},
    load::number,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads the output of `cargo bench` with libtest.
#[derive(Debug, Clone, Copy, Default)]
pub struct Libtest;

impl FileReader for Libtest {
    fn name(&self) -> &'static str {
        "libtest"
    }

    fn reads(&self) -> &'static str {
        "Rust's #[bench]: cargo bench, as text or with --format json"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.text().lines().any(|line| Bench::of(line).is_some())
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("libtest");
        let mut lines = Lines::open(input, file)?;
        let source = lines.name().to_owned();
        let mut program: Option<String> = None;
        while let Some((number, line)) = lines.next() {
            let line = line.trim();
            if let Some(rest) = line.strip_prefix("Running ") {
                // `Running benches/tokens.rs (target/release/deps/tokens-0123)`
                let path = rest.strip_prefix("unittests ").unwrap_or(rest).split(" (").next();
                program = path.filter(|path| path.ends_with(".rs")).map(str::to_owned);
            } else if let Some(bench) = Bench::of(line) {
                run.measurements.extend(bench.measurements().into_iter().map(|mut measured| {
                    measured.location.clone_from(&program);
                    measured.from_source(&source)
                }));
            } else if let Some(name) =
                line.strip_prefix("test ").and_then(|line| line.split(" ... ").next()).map(str::trim)
            {
                let problem = if line.ends_with("... FAILED") {
                    format!("{name} failed")
                } else if line.contains(" ... bench:") {
                    format!("the time of {name} could not be read and was left out")
                } else {
                    continue;
                };
                run.findings.push(at_line(&source, number, problem));
            }
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

#[derive(Debug)]
struct Bench {
    name: String,
    ns: f64,
    spread: Option<f64>,
    bytes_per_second: Option<f64>,
}

/// A line of `--format json`.
#[derive(Debug, Deserialize)]
struct Event {
    r#type: String,
    name: String,
    median: f64,
    deviation: Option<f64>,
    mib_per_second: Option<f64>,
}

impl Bench {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.starts_with('{') {
            let event: Event =
                serde_json::from_str(line).ok().filter(|event: &Event| event.r#type == "bench")?;
            return Some(Self {
                name: event.name,
                ns: event.median,
                spread: event.deviation,
                // Whatever the field is called, libtest fills it with millions of bytes.
                bytes_per_second: event.mib_per_second.map(|million| million * 1e6),
            });
        }
        let (name, rest) = line.strip_prefix("test ")?.split_once(" ... bench:")?;
        let (ns, rest) = rest.split_once(" ns/iter")?;
        let spread = rest.split_once("(+/- ").and_then(|(_, rest)| rest.split(')').next()).and_then(grouped);
        let rate = rest.split_once(" = ").and_then(|(_, rate)| rate.trim().strip_suffix(" MB/s"));
        let bytes_per_second = rate.and_then(grouped).map(|million| million * 1e6);
        Some(Self { name: name.trim().to_owned(), ns: grouped(ns)?, spread, bytes_per_second })
    }

    fn measurements(self) -> Vec<Measurement> {
        let mut time =
            Measurement::new(&self.name, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, self.ns)
                .with_note("the median of libtest's samples");
        time.figures.extend(self.spread.map(|spread| ("spread".to_owned(), spread)));
        let rate = self.bytes_per_second.map(|rate| {
            Measurement::new(
                &self.name,
                "byte-throughput",
                Unit::BytesPerSecond,
                Better::Higher,
                Kind::Timed,
                rate,
            )
        });
        std::iter::once(time).chain(rate).collect()
    }
}

/// `1,234.5`
fn grouped(text: &str) -> Option<f64> {
    number(&text.replace(',', ""))
}
