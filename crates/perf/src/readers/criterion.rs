//! What criterion (the Rust crate) leaves in `target/criterion`.
//!
//! For each benchmark criterion keeps a folder `new` with `benchmark.json` (the ids, which the names of folders
//! only approximate), `estimates.json` and `sample.json`. The shapes are those of criterion 0.8.2's sources
//! (`src/report.rs`, `src/estimate.rs`, `src/connection.rs`); those before 0.3.3 wrote the keys of the estimates with
//! capitals and the sample as a pair of lists, and are read too.
//!
//! The value of a measurement is the **slope** where there is one (linear sampling), else the **mean**, as criterion
//! prints it; a note says which. The other estimates are kept as figures. The samples are the times per iteration,
//! `times[i] / iters[i]`. They come from one process, so they say nothing about how runs differ from each other. A
//! custom measurement's unit is stored nowhere: the figures are taken for nanoseconds, which is right for the
//! default.

mod form;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use self::form::{BenchmarkForm, ChangeForm, EstimateForm, EstimatesForm, SampleForm, Throughput};
use super::{Head, Input, Reader};
use crate::{
    Error, ErrorKind, Unit,
    run::{Better, Finding, Interval, Kind, Measurement, Run},
};

/// Reads `target/criterion`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Criterion;

impl Reader for Criterion {
    fn name(&self) -> &'static str {
        "criterion"
    }

    fn reads(&self) -> &'static str {
        "criterion's folder target/criterion (versions 0.3 to 0.8)"
    }

    fn sniff(&self, input: &Input, file: &Path, head: &Head) -> bool {
        is_benchmark(input, file) && head.is_object() && head.has("group_id")
    }

    fn read(&self, input: &Input, files: &[PathBuf]) -> Result<Run, Error> {
        let mut run = Run::new("criterion");
        for file in files {
            let folder = file.parent().unwrap_or_else(|| Path::new(""));
            let mut benchmark = Benchmark { input, folder, findings: Vec::new() };
            if let Some(measurements) = benchmark.read(file) {
                run.measurements.extend(measurements);
            }
            run.findings.append(&mut benchmark.findings);
        }
        if run.measurements.is_empty() && run.findings.is_empty() {
            return Err(Error::new(
                ErrorKind::Malformed,
                format!("read {}: it holds no benchmark", input.name()),
            )
            .hinted("run the benchmarks first"));
        }
        run.measurements.sort_by(|a, b| (&a.id, &a.metric).cmp(&(&b.id, &b.metric)));
        for pair in run.measurements.windows(2) {
            if let [a, b] = pair
                && a.id == b.id
                && a.metric == b.metric
            {
                let other = a.source.clone().unwrap_or_default();
                let text = format!("{} stands in {other} too: both are kept", b.id);
                run.findings.push(Finding::new(b.source.clone().unwrap_or_default(), None, text));
            }
        }
        Ok(run)
    }
}

/// Whether it describes the newest results: `…/new/benchmark.json`, or one that lies directly in the folder given.
fn is_benchmark(input: &Input, file: &Path) -> bool {
    let folder = file.parent();
    file.file_name().is_some_and(|name| name == "benchmark.json")
        && (folder.and_then(Path::file_name).is_some_and(|name| name == "new")
            || folder == Some(input.path())
            || file == input.path())
}

/// One benchmark while it is read.
struct Benchmark<'a> {
    input: &'a Input,
    folder: &'a Path,
    findings: Vec<Finding>,
}

impl Benchmark<'_> {
    fn read(&mut self, file: &Path) -> Option<Vec<Measurement>> {
        let benchmark: BenchmarkForm = self.file(file, "the benchmark was left out")?;
        let estimates_file = self.folder.join("estimates.json");
        let estimates: EstimatesForm = self.file(&estimates_file, "the benchmark was left out")?;
        let sample = self.file(&self.folder.join("sample.json"), "it was read without its samples");
        let samples = sample.map_or_else(Vec::new, |sample: SampleForm| self.per_iteration(&sample));

        let (taken, estimate) =
            estimates.slope.as_ref().map_or(("mean", &estimates.mean), |slope| ("slope", slope));
        let source = estimates_file.display().to_string();
        let mut time = Measurement::new(
            benchmark.id(),
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Timed,
            estimate.point_estimate,
        )
        .with_interval(interval(estimate))
        .with_samples(samples)
        .with_note(format!("the figure is criterion's {taken}"))
        .from_source(source);
        for (name, estimate) in estimates.named() {
            time.figures.insert(name.to_owned(), estimate.point_estimate);
        }
        if !time.is_finite() || time.value < 0.0 {
            self.find(
                &estimates_file,
                None,
                "an estimate is negative or not finite: the benchmark was left out",
            );
            return None;
        }
        if let Some(change) = self.change() {
            time.notes.push(change);
        }
        let throughput = self.throughput(&benchmark, file, &time);
        Some(std::iter::once(time).chain(throughput).collect())
    }

    /// Times per iteration; samples without iterations are named and left out.
    fn per_iteration(&mut self, sample: &SampleForm) -> Vec<f64> {
        let (iters, times) = (&sample.iters, &sample.times);
        let file = self.folder.join("sample.json");
        if iters.len() != times.len() {
            let text = format!(
                "{} counts of iterations, {} times: it was read without its samples",
                iters.len(),
                times.len()
            );
            self.find(&file, None, text);
            return Vec::new();
        }
        let usable = |iters: f64, sample: f64| iters > 0.0 && sample.is_finite() && sample >= 0.0;
        let all = iters.iter().zip(times).map(|(&iters, &time)| (iters, time, time / iters));
        let lost: Vec<_> =
            all.clone().enumerate().filter(|(_, (iters, _, sample))| !usable(*iters, *sample)).collect();
        if let Some((place, (iters, time, _))) = lost.first() {
            let n = lost.len();
            let text = format!(
                "{n} of {} were left out, this one with {time} ns in {iters} iterations",
                times.len()
            );
            self.find(&file, Some(format!("sample {place}")), text);
        }
        all.filter(|(iters, _, sample)| usable(*iters, *sample)).map(|(_, _, sample)| sample).collect()
    }

    /// What criterion found against the run before, in words.
    fn change(&mut self) -> Option<String> {
        let file = self.folder.parent()?.join("change").join("estimates.json");
        // The folder given may be `new` itself: what lies beside it was not listed and is not read.
        self.input.files().binary_search(&file).ok()?;
        let change: ChangeForm = self.file(&file, "it was read without the change")?;
        let percent = |share: f64| 100.0 * share;
        let (mean, ends) = (&change.mean, &change.mean.confidence_interval);
        let (low, high) = (percent(ends.lower_bound), percent(ends.upper_bound));
        let mean = percent(mean.point_estimate);
        Some(format!(
            "criterion saw the mean change by {mean:+.1} % ({low:+.1} to {high:+.1} %) against the run before"
        ))
    }

    /// Things or bytes per second, where criterion was told how many one iteration handles.
    fn throughput(&mut self, benchmark: &BenchmarkForm, file: &Path, time: &Measurement) -> Vec<Measurement> {
        let Some(value) = benchmark.throughput.as_ref().filter(|value| !value.is_null()) else {
            return Vec::new();
        };
        let Some(amounts) = Throughput::read(value) else {
            self.find(file, None, format!("the throughput {value} is of an unknown kind and was left out"));
            return Vec::new();
        };
        let rates = amounts.into_iter().filter(|(_, _, amount)| *amount > 0.0 && time.value > 0.0);
        let rates = rates.map(|(metric, unit, amount)| {
            let rate = |ns: f64| amount / ns * 1e9;
            let mut measured =
                Measurement::new(&time.id, metric, unit, Better::Higher, Kind::Timed, rate(time.value))
                    .with_note(format!("{amount} a time, from the time of an iteration"));
            measured.interval = time.interval.as_ref().filter(|i| i.low > 0.0).map(|i| Interval {
                low: rate(i.high),
                high: rate(i.low),
                ..i.clone()
            });
            measured.source.clone_from(&time.source);
            measured
        });
        rates.filter(Measurement::is_finite).collect()
    }

    fn file<T: DeserializeOwned>(&mut self, file: &Path, consequence: &str) -> Option<T> {
        let bytes = match self.input.bytes(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                let why =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                self.find(file, None, format!("{why}; {consequence}"));
                return None;
            }
        };
        match serde_json::from_slice(&bytes) {
            Ok(form) => Some(form),
            Err(error) => {
                let position = format!("line {}, column {}", error.line(), error.column());
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or_default();
                self.find(file, Some(position), format!("{what}; {consequence}"));
                None
            }
        }
    }

    fn find(&mut self, file: &Path, position: Option<String>, text: impl Into<String>) {
        self.findings.push(Finding::new(file.display().to_string(), position, text));
    }
}

fn interval(estimate: &EstimateForm) -> Interval {
    let ends = &estimate.confidence_interval;
    Interval {
        low: ends.lower_bound,
        high: ends.upper_bound,
        level: ends.confidence_level,
        method: "criterion's bootstrap over the samples of one process".to_owned(),
    }
}
