//! `cargo xtask bench`: builds the bench targets, runs them one by one, holds the figures to their targets and writes a
//! report.

mod build;
pub(crate) mod catalogue;
mod derived;
pub(crate) mod environment;
pub(crate) mod folder;
mod measure;
mod outcome;
mod plan;
pub(crate) mod progress;
pub(crate) mod run_target;
mod selection;
pub(crate) mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assize_ambient::{Clock as _, SystemClock, Timestamp};
use assize_perf::{Environment, Verdict};

pub use catalogue::{BenchTarget, Harness};
pub use folder::BaselineName;
pub use measure::{Executable, measure};
pub use outcome::{Outcome, assemble, completion};
pub use plan::{Plan, Profile};
pub use progress::Progress;
pub use selection::Selection;

use crate::{Error, ErrorKind, report, workspace};
use summary::duration;

/// The arguments of `cargo xtask bench`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How thoroughly to measure.
    #[arg(long, value_enum, default_value_t, value_name = "PROFILE")]
    pub profile: Profile,
    /// Measure only the benchmarks whose id fits; `*` stands for any text: `debate/turn/*`.
    #[arg(long, value_name = "GLOB")]
    pub only: Option<Selection>,
    /// Keep the run as a baseline of this name, below `target/assize/baselines`.
    #[arg(long, value_name = "NAME")]
    pub save: Option<BaselineName>,
    /// Write into this new or empty folder instead of `target/assize/bench/<UTC stamp>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the analysis as one JSON document instead of the summary.
    #[arg(long)]
    pub json: bool,
}

/// Measures, judges and reports; `Ok(true)` unless a target was missed or a bench target failed.
///
/// # Errors
///
/// [`ErrorKind::Request`] if the targets are not well formed, the folder cannot be used or nothing is selected,
/// [`ErrorKind::Metadata`] if cargo does not describe the bench targets, [`ErrorKind::Process`] if they cannot be built,
/// [`ErrorKind::Files`] if the results cannot be written, [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let start = Instant::now();
    // To the second, as the folder is named.
    let now = SystemClock.now();
    let moment = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let plan = Plan::new(options.profile, options.only.clone());
    // What would be refused at the end is refused before minutes are spent.
    let targets = report::load(&workspace::root().join(report::TARGETS))?;
    let metadata = catalogue::metadata()?;
    let home = catalogue::home(&metadata);
    let bench_targets = catalogue::bench_targets(&metadata)?;
    let folder = folder::make(&home, options.out.as_deref(), moment)?;

    let executables = build::build(&bench_targets, options.profile).inspect_err(|_| discard(&folder))?;
    let built = start.elapsed();
    let mut environment = environment::here(options.profile);
    note(&mut environment, "load average before", environment::load_average());
    let outcomes = measure(&executables, &plan, &folder, &mut Progress::shown())?;
    note(&mut environment, "load average after", environment::load_average());
    describe(&mut environment, &plan, &outcomes, built, start.elapsed());
    if let Some(only) = plan.only.as_ref().filter(|_| outcomes.iter().all(is_idle)) {
        discard(&folder);
        let text = format!("find a benchmark that fits {}", only.as_str());
        return Err(Error::new(ErrorKind::Request, text)
            .hinted("`*` stands for any text; the report of a whole run lists all ids"));
    }

    let failed = outcomes.iter().any(|outcome| outcome.failure.is_some());
    let mut run = assemble(title(&plan), moment, environment, outcomes, &folder);
    derived::add(&mut run);
    let stored = format!("{:#}\n", run.to_json());
    folder::write(&folder.join("run.json"), &stored)?;
    let analysis = report::judge(run, targets);
    let html = report::write(&folder, &analysis)?;
    folder::note_latest(&home, &folder)?;
    if let Some(name) = &options.save {
        save(&folder::baseline(&home, name), &stored, failed)?;
    }
    report::print(&analysis, &html, options.json)?;
    Ok(!failed && analysis.verdict() != Verdict::Failed)
}

fn title(plan: &Plan) -> String {
    let only = plan.only.as_ref().map(|only| format!(", only {}", only.as_str())).unwrap_or_default();
    format!("Assize benchmarks ({} profile{only})", plan.profile.name())
}

fn is_idle(outcome: &Outcome) -> bool {
    outcome.failure.is_none() && outcome.run.measurements.is_empty() && outcome.run.comparisons.is_empty()
}

/// How it was run, for the report and for whoever judges the run again.
fn describe(
    environment: &mut Environment,
    plan: &Plan,
    outcomes: &[Outcome],
    built: Duration,
    all: Duration,
) {
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .map(|outcome| outcome.target.as_str())
        .collect();
    let named = if failed.is_empty() { String::new() } else { format!("; failed: {}", failed.join(", ")) };
    let completed = format!("{} of {} completed{named}", outcomes.len() - failed.len(), outcomes.len());
    let parts = outcomes.iter().map(|outcome| format!("{} {}", outcome.target, duration(outcome.took)));
    let took = format!(
        "{} in all: build {}, then {} ({})",
        duration(all),
        duration(built),
        duration(all.saturating_sub(built)),
        parts.collect::<Vec<_>>().join(", ")
    );
    note(environment, report::PROFILE, Some(plan.profile.name().to_owned()));
    note(environment, report::ONLY, plan.only.as_ref().map(|only| only.as_str().to_owned()));
    note(environment, "bench targets", Some(completed));
    note(environment, "duration", Some(took));
}

fn note(environment: &mut Environment, name: &str, fact: Option<String>) {
    environment.extra.extend(fact.map(|fact| (name.to_owned(), fact)));
}

/// Keeps the run as a baseline, unless a part of it is not there to be compared with.
fn save(file: &Path, stored: &str, failed: bool) -> Result<(), Error> {
    if failed {
        progress::tell(&format!("not saved as {}: a bench target failed", file.display()));
        return Ok(());
    }
    folder::write(file, stored)?;
    progress::tell(&format!("saved as {}", file.display()));
    Ok(())
}

/// Takes back the folder of a run that came to nothing. That it stays is no harm: it is not the latest.
fn discard(folder: &Path) {
    let _ = fs::remove_dir_all(folder.join("raw"));
    let _ = fs::remove_dir(folder);
}
