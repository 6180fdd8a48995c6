//! `cargo xtask report`: writes the report of a measured run again, with the targets as they are now.

use std::fs;
use std::path::{Path, PathBuf};

use assize_perf::{Analysis, Run, Target, Thresholds, Verdict, targets};
use assize_report::Document;

use crate::bench::{Selection, catalogue, completion, control, folder, summary};
use crate::{Error, ErrorKind, stdout, workspace};

/// Facts of [`assize_perf::Environment::extra`] that a reader of a report looks for first.
pub(crate) const FACTS: [&str; 5] = [PROFILE, ONLY, INCOMPLETE, "bench targets", "duration"];
/// How thoroughly was measured; every run of `bench` says so.
pub(crate) const PROFILE: &str = "bench profile";
/// Which benchmarks were selected.
pub(crate) const ONLY: &str = "only";
/// That a run broke off, and what is missing of it.
pub(crate) const INCOMPLETE: &str = "incomplete";
/// What the figures have to reach, relative to the workspace.
pub(crate) const TARGETS: &str = "benches/targets.toml";

/// The arguments of `cargo xtask report`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The folder of a run, or a stored run (`run.json`, a baseline); the latest run if left out.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// What the figures have to reach; `benches/targets.toml` if left out.
    #[arg(long, value_name = "FILE")]
    pub targets: Option<PathBuf>,
    /// Where report.md, summary.md, report.html and report.json are written; beside the run if left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the analysis as one JSON document instead of the summary.
    #[arg(long)]
    pub json: bool,
}

/// Writes the report again; `Ok(true)` unless a target failed.
///
/// # Errors
///
/// [`ErrorKind::Request`] if there is no such run or the targets are not well formed, [`ErrorKind::Files`] if the
/// report cannot be written, [`ErrorKind::Metadata`] if cargo cannot say where the latest run is,
/// [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let path = match &options.path {
        Some(path) => path.clone(),
        None => folder::latest(&catalogue::home(&catalogue::metadata()?))?,
    };
    let (file, beside) = located(&path);
    let targets = load(&options.targets.clone().unwrap_or_else(|| workspace::root().join(TARGETS)))?;
    let analysis = judge(stored(&file)?, targets);
    let out = options.out.clone().unwrap_or(beside);
    let html = write(&out, &analysis)?;
    print(&analysis, &html, options.json)?;
    Ok(analysis.verdict() != Verdict::Failed)
}

/// The stored run of a path, and the folder that its report belongs into.
fn located(path: &Path) -> (PathBuf, PathBuf) {
    if path.is_dir() {
        return (path.join("run.json"), path.to_path_buf());
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let beside = match (path.file_name(), path.file_stem()) {
        // Several baselines lie in one folder: each has its report in one of its own.
        (Some(name), Some(stem)) if name != "run.json" && name != stem => folder.join(stem),
        (Some(name), _) if name != "run.json" => folder.join(format!("{}-report", name.display())),
        _ => folder.to_path_buf(),
    };
    (path.to_path_buf(), beside)
}

/// Reads a stored run.
pub(crate) fn stored(file: &Path) -> Result<Run, Error> {
    let bytes = fs::read(file).map_err(|error| {
        Error::because(ErrorKind::Request, format!("read {}", file.display()), error)
            .hinted("give the folder of a run of `cargo xtask bench`, or a run.json")
    })?;
    Run::from_json(&bytes, &file.display().to_string())
        .map_err(|error| Error::of_perf(ErrorKind::Request, &error))
}

/// Reads what the figures have to reach.
pub(crate) fn load(file: &Path) -> Result<Vec<Target>, Error> {
    targets::load(file).map_err(|error| Error::of_perf(ErrorKind::Request, &error))
}

/// Holds a run to the targets that it can be held to: not to those that were left out on purpose, and always to having
/// completed. A run of all benchmarks has to hold every target that has a floor.
pub(crate) fn judge(run: Run, targets: Vec<Target>) -> Analysis {
    let only = run.environment.extra.get(ONLY).and_then(|only| only.parse::<Selection>().ok());
    let targets = match only {
        Some(only) => only.targets(targets, &run),
        None => targets,
    };
    let all: Vec<Target> = completion(&run).into_iter().chain(targets).collect();
    let thresholds = Thresholds { floors_must_be_measured: is_whole(&run), ..Thresholds::default() };
    let mut analysis = Analysis::of(run, &all, &thresholds);
    control::qualify(&mut analysis);
    analysis
}

/// Whether it is a run of `bench` in which nothing was left out: only that should hold everything. What was measured in
/// another way may be a part.
fn is_whole(run: &Run) -> bool {
    run.environment.extra.contains_key(PROFILE) && !run.environment.extra.contains_key(ONLY)
}

/// Writes the forms of the report, and answers with the path of the one for people.
pub(crate) fn write(folder: &Path, analysis: &Analysis) -> Result<PathBuf, Error> {
    let mut document = analysis.document();
    facts(&mut document, &analysis.run);
    folder::write(&folder.join("report.md"), &document.to_markdown())?;
    folder::write(&folder.join("summary.md"), &analysis.short_document().to_markdown())?;
    folder::write(&folder.join("report.json"), &format!("{:#}\n", analysis.to_json()))?;
    let html = folder.join("report.html");
    folder::write(&html, &document.to_html())?;
    Ok(std::path::absolute(&html).unwrap_or(html))
}

/// What a reader looks for first, under the title.
pub(crate) fn facts(document: &mut Document, run: &Run) {
    for name in FACTS {
        if let Some(fact) = run.environment.extra.get(name) {
            document.meta(name, fact);
        }
    }
    if let Some(moved) = control::moved(run) {
        document.meta("machine", control::said(moved));
    }
}

/// Prints the summary and the path of the report, or the analysis as JSON.
pub(crate) fn print(analysis: &Analysis, html: &Path, json: bool) -> Result<(), Error> {
    let text = if json {
        format!("{:#}\n", analysis.to_json())
    } else {
        let shown = summary::summary(analysis).to_terminal(&summary::style());
        format!("{}\n\nreport: {}\n", shown.trim_end(), html.display())
    };
    stdout::print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_run_of_bench_must_hold_every_floor() {
        let all = || {
            let text = "[[target]]\nrequirement = 'D1'\nmeasurement = 'debate/turn/4'\nfloor = '1 ms'\n\
                        [[target]]\nrequirement = 'C4'\nmeasurement = 'metering/cost'\nfloor = '1 ms'\n\
                        [[target]]\nrequirement = 'X'\nmeasurement = 'wish'\ngoal = '1 ms'";
            targets::parse(text, "targets.toml").expect("targets")
        };
        let time = |id, ns| {
            assize_perf::Measurement::new(
                id,
                "time",
                assize_perf::Unit::Nanoseconds,
                assize_perf::Better::Lower,
                assize_perf::Kind::Timed,
                ns,
            )
        };
        let judged = |facts: &[(&str, &str)], cost: Option<f64>| {
            let mut run = Run::new("run");
            run.measurements.push(time("debate/turn/4", 5.0));
            run.measurements.extend(cost.map(|ns| time("metering/cost", ns)));
            let facts = facts.iter().map(|(name, fact)| ((*name).to_owned(), (*fact).to_owned()));
            run.environment.extra.extend(facts);
            let analysis = judge(run, all());
            (analysis.verdict(), analysis.gaps())
        };
        let passed = (Verdict::PassedWithRecommendations, 0);
        let profile = (PROFILE, "default");
        assert_eq!(judged(&[profile], Some(5.0)), passed, "a goal alone may wait for its figure");
        assert_eq!(judged(&[profile], None), (Verdict::Failed, 1));
        assert_eq!(judged(&[profile], Some(f64::NAN)), (Verdict::Failed, 1));
        assert_eq!(judged(&[profile, (ONLY, "*")], Some(f64::NAN)), passed);
        assert_eq!(judged(&[profile, (ONLY, "debate/*")], None), (Verdict::Passed, 0));
        assert_eq!(judged(&[], None), passed, "a run of others may be a part");
    }

    #[test]
    fn a_report_lies_beside_its_run() {
        let table = [
            ("runs/a/run.json", "runs/a"),
            ("run.json", ""),
            ("baselines/main.json", "baselines/main"),
            ("baselines/v1.2.json", "baselines/v1.2"),
            ("baselines/main", "baselines/main-report"),
        ];
        for (path, beside) in table {
            assert_eq!(located(Path::new(path)), (PathBuf::from(path), PathBuf::from(beside)), "{path}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(located(folder.path()), (folder.path().join("run.json"), folder.path().to_path_buf()));
    }
}
