//! `cargo xtask bench`: builds the bench targets, runs them one by one, holds the figures to their targets and writes a
//! report.

mod against;
mod baseline;
mod build;
pub(crate) mod catalogue;
pub(crate) mod control;
mod derived;
mod durations;
pub(crate) mod environment;
pub(crate) mod folder;
mod interrupt;
mod measure;
mod moved;
mod outcome;
mod plan;
mod process;
pub(crate) mod progress;
pub(crate) mod run_target;
mod selection;
pub(crate) mod summary;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assize_ambient::{Clock as _, SystemClock, Timestamp};
use assize_perf::{Environment, Run, Target, Verdict};

pub use catalogue::{BenchTarget, Harness, Part};
pub use folder::BaselineName;
pub use interrupt::Interrupt;
pub use measure::{Executable, measure};
pub use outcome::{Outcome, assemble, completion};
pub use plan::{Plan, Plant, Profile};
pub use progress::Progress;
pub use selection::Selection;

use crate::{Error, ErrorKind, report, workspace};
use measure::{Measured, Work};
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
    /// Measure against this baseline or git revision: both by turns, run by run. The exit code is that of the gate.
    #[arg(long, value_name = "NAME|REV", conflicts_with = "save")]
    pub against: Option<String>,
    /// Spoil the work of `planted/*` on purpose.
    #[arg(long, value_enum, hide = true, value_name = "KIND")]
    pub plant: Option<Plant>,
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
    let plan = Plan { plant: options.plant, ..Plan::new(options.profile, options.only.clone()) };
    // What would be refused at the end is refused before minutes are spent.
    let targets = report::load(&workspace::root().join(report::TARGETS))?;
    let metadata = catalogue::metadata()?;
    let home = catalogue::home(&metadata);
    let catalogue = catalogue::catalogue(&metadata, plan.only.as_ref().map(Selection::as_str))?;
    let baseline = options.against.as_deref().map(|name| baseline::find(&home, name, &plan)).transpose()?;
    let folder = folder::make(&home, options.out.as_deref(), moment)?;

    let all: Vec<BenchTarget> = catalogue.targets.iter().chain(&catalogue.control).cloned().collect();
    let mut executables = build::build(&all, options.profile).inspect_err(|_| discard(&folder))?;
    let control = catalogue.control.and_then(|_| executables.pop());
    let built = start.elapsed();
    let interrupt = Interrupt::heard();
    let environment = environment::here(options.profile);
    let bench = Bench {
        plan,
        moment,
        home,
        folder,
        executables,
        control,
        interrupt,
        environment,
        targets,
        start,
        built,
    };
    match baseline {
        Some(baseline) => against::run(&bench, baseline, options.json),
        None => bench.run(options),
    }
}

/// All that is known once everything is built.
struct Bench {
    plan: Plan,
    moment: Timestamp,
    home: PathBuf,
    folder: PathBuf,
    executables: Vec<Executable>,
    control: Option<Executable>,
    interrupt: Interrupt,
    environment: Environment,
    targets: Vec<Target>,
    start: Instant,
    built: Duration,
}

impl Bench {
    /// Measures once and reports.
    fn run(&self, options: &Options) -> Result<bool, Error> {
        let Self { plan, home, folder, .. } = self;
        let before = environment::load_average();
        let mut progress = Progress::shown();
        progress.expect(self.expected(), self.lanes());
        let mut keep = |measured: &Measured| {
            durations::save(home, plan.profile, &measured.outcomes)?;
            folder::write(&folder.join("run.json"), &stored(&self.assembled(measured, before.clone())))
        };
        let measured = self.work(folder).measure(&mut progress, &mut keep)?;
        if let Some(only) = plan.only.as_ref().filter(|_| measured.came_to_nothing()) {
            discard(folder);
            let text = format!("find a benchmark that fits {}", only.as_str());
            return Err(Error::new(ErrorKind::Request, text)
                .hinted("`*` stands for any text; the report of a whole run lists all ids"));
        }
        let whole = measured.is_whole();
        let run = self.assembled(&measured, before);
        let kept = stored(&run);
        folder::write(&folder.join("run.json"), &kept)?;
        let moved = self.remember(&run, whole)?;
        let analysis = report::judge(run, self.targets.clone());
        let html = report::write(folder, &analysis)?;
        folder::note_latest(home, folder)?;
        if let Some(name) = &options.save {
            save(&folder::baseline(home, name), &kept, !whole)?;
            if whole {
                baseline::keep(
                    home,
                    name,
                    plan.profile,
                    &self.executables,
                    self.environment.revision.clone(),
                )?;
            }
        }
        moved.iter().for_each(|line| progress::tell(line));
        report::print(&analysis, &html, options.json)?;
        Ok(whole && analysis.verdict() != Verdict::Failed)
    }

    fn work<'a>(&'a self, folder: &'a Path) -> Work<'a> {
        let (control, interrupt) = (self.control.as_ref(), &self.interrupt);
        Work { executables: &self.executables, control, plan: &self.plan, folder, interrupt }
    }

    /// What the targets took the last time.
    fn expected(&self) -> BTreeMap<String, Duration> {
        let mut known = durations::load(&self.home, self.plan.profile);
        known.retain(|target, _| self.executables.iter().any(|one| one.target.label() == *target));
        if self.plan.only.is_some() { BTreeMap::new() } else { known }
    }

    /// How many targets run beside each other, all in all.
    fn lanes(&self) -> u32 {
        if self.plan.profile == Profile::Smoke { u32::try_from(measure::lanes()).unwrap_or(1) } else { 1 }
    }

    fn assembled(&self, measured: &Measured, load_before: Option<String>) -> Run {
        let mut environment = self.environment.clone();
        note(&mut environment, "load average before", load_before);
        note(&mut environment, "load average after", environment::load_average());
        describe(&mut environment, &self.plan, measured, self.built, self.start.elapsed());
        let outcomes = measured.outcomes.clone();
        let never = measured.waiting.iter().map(|target| outcome::never_run(target));
        let outcomes = outcomes.into_iter().chain(never).collect();
        let mut run = assemble(title(&self.plan), self.moment, environment, outcomes, &self.folder);
        run.measurements.extend(control::figures(&measured.looks));
        run.measurements.sort_by(|a, b| (&a.id, &a.metric).cmp(&(&b.id, &b.metric)));
        run.findings.extend(control::finding(&run));
        derived::add(&mut run);
        run
    }

    /// Adds the run to the history; the lines that say which figures moved.
    fn remember(&self, run: &Run, whole: bool) -> Result<Vec<String>, Error> {
        // What was spoilt on purpose or broke off is no part of how things went.
        if self.plan.plant.is_some() || !whole {
            return Ok(Vec::new());
        }
        moved::remember(&self.home, run)
    }
}

fn stored(run: &Run) -> String {
    format!("{:#}\n", run.to_json())
}

fn title(plan: &Plan) -> String {
    let only = plan.only.as_ref().map(|only| format!(", only {}", only.as_str())).unwrap_or_default();
    let plant = plan.plant.map(|plant| format!(", spoilt by {}", plant.name())).unwrap_or_default();
    format!("Assize benchmarks ({} profile{only}{plant})", plan.profile.name())
}

impl Measured {
    /// Whether nothing was selected.
    fn came_to_nothing(&self) -> bool {
        self.waiting.is_empty() && self.outcomes.iter().all(is_idle)
    }

    /// Whether all ran to its end.
    fn is_whole(&self) -> bool {
        self.waiting.is_empty() && self.outcomes.iter().all(|outcome| outcome.failure.is_none())
    }
}

fn is_idle(outcome: &Outcome) -> bool {
    outcome.failure.is_none() && outcome.run.measurements.is_empty() && outcome.run.comparisons.is_empty()
}

/// How it was run, for the report and for whoever judges the run again.
fn describe(environment: &mut Environment, plan: &Plan, measured: &Measured, built: Duration, all: Duration) {
    let outcomes = &measured.outcomes;
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .map(|outcome| outcome.target.as_str())
        .collect();
    let named = if failed.is_empty() { String::new() } else { format!("; failed: {}", failed.join(", ")) };
    let whole = outcomes.len() + measured.waiting.len();
    let completed = format!("{} of {whole} completed{named}", outcomes.len() - failed.len());
    if !measured.waiting.is_empty() {
        let never = measured.waiting.join(", ");
        note(environment, report::INCOMPLETE, Some(format!("not everything was measured; missing: {never}")));
    }
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
