//! Readers: one for each format that results come in.
//!
//! A reader knows its format by the content, never by the name of a file. What a file breaks is named in
//! [`Run::findings`] with its position, and the rest is still read. Sizes that a stranger controls are limited (see
//! [`Limits`]).

mod action_benchmark;
mod asv;
mod bencher;
mod benchmark_dotnet;
mod cargo_criterion;
mod catch2;
mod conbench;
mod criterion;
mod csv;
mod dhat;
mod divan;
mod file_reader;
mod folded;
mod go_bench;
mod google_benchmark;
mod goose;
mod gungraun;
mod hdr_log;
mod head;
mod hyperfine;
mod iai;
mod input;
mod jmh;
mod json;
mod k6;
mod libtest;
mod lines;
mod load;
mod locust;
mod memory_profiler;
mod oha;
mod opened;
mod own;
mod pstats;
mod pyperf;
mod pytest_benchmark;
mod refused;
mod scale;
mod speedscope;
mod stacks;
mod timed;
mod vitest;
mod whole_json;
mod wrk;

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
};

pub use action_benchmark::ActionBenchmark;
pub use asv::Asv;
pub use bencher::BencherMetrics;
pub use benchmark_dotnet::BenchmarkDotNet;
pub use cargo_criterion::CargoCriterion;
pub use catch2::Catch2;
pub use conbench::Conbench;
pub use criterion::Criterion;
pub use dhat::Dhat;
pub use divan::Divan;
pub use file_reader::FileReader;
pub use folded::Folded;
pub use go_bench::GoBench;
pub use google_benchmark::GoogleBenchmark;
pub use goose::Goose;
pub use gungraun::Gungraun;
pub use hdr_log::HdrLog;
pub use head::Head;
pub use hyperfine::Hyperfine;
pub use iai::Iai;
pub use input::{Input, Limits};
pub use jmh::Jmh;
pub use k6::K6;
pub use libtest::Libtest;
pub use locust::Locust;
pub use memory_profiler::MemoryProfiler;
pub use oha::Oha;
pub use opened::Opened;
pub use own::Own;
pub use pstats::Pstats;
pub use pyperf::Pyperf;
pub use pytest_benchmark::PytestBenchmark;
pub use speedscope::Speedscope;
pub use vitest::Vitest;
pub use wrk::Wrk;

use crate::{
    Error, ErrorKind,
    run::{Finding, Run},
};

/// Reads one format into a [`Run`]. A format of single files is easier done as a [`FileReader`].
pub trait Reader: Debug + Send + Sync {
    /// A short name: `criterion`.
    fn name(&self) -> &'static str;

    /// What it reads, in one line.
    fn reads(&self) -> &'static str;

    /// Whether this file of the input looks like this format; `head` is how it begins.
    fn sniff(&self, input: &Input, file: &Path, head: &Head) -> bool;

    /// Reads the files that it claimed, in the order of their names.
    ///
    /// # Errors
    /// Only if nothing can be read at all; anything less is a finding of the run.
    fn read(&self, input: &Input, files: &[PathBuf]) -> Result<Run, Error>;
}

/// Every reader, the more particular first: a file goes to the first that claims it.
#[must_use]
pub fn all() -> Vec<Box<dyn Reader>> {
    vec![
        Box::new(Own),
        Box::new(Criterion),
        // Single files: JSON, then text.
        Box::new(K6),
        Box::new(Oha),
        Box::new(Goose),
        Box::new(Locust),
        Box::new(HdrLog),
        Box::new(Wrk),
        Box::new(Divan),
        Box::new(Libtest),
        Box::new(GoBench),
        Box::new(Speedscope),
        Box::new(Pstats),
        Box::new(MemoryProfiler),
        // Single files; the less particular last.
        Box::new(CargoCriterion),
        Box::new(Hyperfine),
        Box::new(PytestBenchmark),
        Box::new(Pyperf),
        Box::new(Asv),
        Box::new(GoogleBenchmark),
        Box::new(Jmh),
        Box::new(BenchmarkDotNet),
        Box::new(Vitest),
        Box::new(Gungraun),
        Box::new(Iai),
        Box::new(Dhat),
        Box::new(Conbench),
        Box::new(ActionBenchmark),
        Box::new(Catch2),
        Box::new(BencherMetrics),
        Box::new(Folded),
    ]
}

/// Reads a file, or each file of a folder, with the reader that knows it, within the default [`Limits`].
///
/// A file in a folder that no reader knows is left. Of a folder with a run of our own in a `run.json` at its top nothing
/// else is read: what lies beside it is what the run was made from, or of it.
///
/// # Errors
/// [`ErrorKind::Unreadable`] if the path cannot be read, [`ErrorKind::UnknownFormat`] if no reader knows anything in
/// it, [`ErrorKind::TooLarge`] beyond the limits, and what a reader answers if no other could read anything.
///
/// ```no_run
/// let run = assize_perf::read_path("target/criterion".as_ref())?;
/// for measurement in &run.measurements {
///     println!("{} {}", measurement.id, measurement.unit.show(measurement.value));
/// }
/// # Ok::<(), assize_perf::Error>(())
/// ```
pub fn read_path(path: &Path) -> Result<Run, Error> {
    read_within(path, Limits::default())
}

/// As [`read_path`], within other limits.
///
/// # Errors
/// As [`read_path`].
pub fn read_within(path: &Path, limits: Limits) -> Result<Run, Error> {
    read_input(&own::stored_in(path, limits).map_or_else(|| Input::open(path, limits), Ok)?)
}

/// Reads one file whose bytes are already here, such as what came from a pipe, within the default [`Limits`]; `name`
/// is what it is called in errors and findings.
///
/// # Errors
/// As [`read_path`].
///
/// ```
/// let error = assize_perf::readers::read_bytes(b"{}".to_vec(), "standard input").unwrap_err();
/// assert_eq!(error.kind(), assize_perf::ErrorKind::UnknownFormat);
/// ```
pub fn read_bytes(bytes: Vec<u8>, name: &str) -> Result<Run, Error> {
    read_input(&Input::of_bytes(bytes, name, Limits::default()))
}

fn read_input(input: &Input) -> Result<Run, Error> {
    let readers = all();
    let mut claims = vec![Vec::new(); readers.len()];
    for file in input.files() {
        let head = input.head(file);
        if let Some(first) = readers.iter().position(|reader| reader.sniff(input, file, &head)) {
            claims[first].push(file.clone());
        }
    }
    let mut runs = Vec::new();
    let mut failed = Vec::new();
    for (reader, files) in readers.iter().zip(claims).filter(|(_, files)| !files.is_empty()) {
        match reader.read(input, &files) {
            Ok(run) => runs.push(run),
            Err(error) => failed.push((files, error)),
        }
    }
    if runs.is_empty() {
        return Err(failed.into_iter().next().map_or_else(|| unknown(input), |(_, error)| error));
    }
    let mut run = if runs.len() == 1 { runs.remove(0) } else { Run::merged(runs) };
    for (files, error) in failed {
        let names = files.iter().map(|file| file.display().to_string());
        let texts = std::iter::once(format!("could not {error}"))
            .chain(std::iter::repeat("could not be read either".to_owned()));
        run.findings.extend(names.zip(texts).map(|(name, text)| Finding::new(name, None, text)));
    }
    run.findings.extend(input.findings().iter().cloned());
    Ok(run)
}

fn unknown(input: &Input) -> Error {
    if let [file] = input.files()
        && let Some((why, instead)) = refused::refusal(&input.head(file))
    {
        let text = format!("read {}: {why}", file.display());
        return Error::new(ErrorKind::UnknownFormat, text).hinted(instead);
    }
    let what = match input.files().len() {
        0 => "no file is in it".to_owned(),
        1 => "its content is not a format that is known".to_owned(),
        n => format!("none of the {n} files in it is of a format that is known"),
    };
    let names: Vec<&str> = all().iter().map(|reader| reader.name()).collect();
    Error::new(ErrorKind::UnknownFormat, format!("read {}: {what}", input.name()))
        .hinted(format!("formats that are read: {}", names.join(", ")))
}

#[cfg(test)]
mod tests;
