//! Running the built targets and reading what they leave. A target that fails, crashes or does not
//! end loses none of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use assize_perf::{ErrorKind as PerfKind, Run, read_path};

use super::catalogue::{BenchTarget, Harness};
use super::interrupt::Interrupt;
use super::outcome::Outcome;
use super::plan::{Plan, Profile};
use super::process;
use super::progress::{Progress, heard};
use super::run_target::{Ended, Finished, Order, Stream, run};
use super::summary::duration;
use crate::{Error, ErrorKind};

/// Why a target failed that was not given its time.
pub(super) const INTERRUPTED: &str = "it was interrupted";
/// More targets than this are not run beside each other: they share memory and its channels.
const MOST_LANES: usize = 4;
/// Listing benchmarks takes no time; a target that needs more than this hangs.
const LIST_LIMIT: Duration = Duration::from_mins(1);

/// A built bench target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// What it is.
    pub target: BenchTarget,
    /// Where it lies.
    pub program: PathBuf,
    /// The checkout that it was built from, in which it runs.
    pub folder: PathBuf,
}

/// Runs the executables and reads what each measured. Below `folder` (an absolute path) they leave `raw/NAME` or
/// `raw/NAME.json`, and `raw/NAME.log`. Criterion targets in which nothing is selected are not run.
///
/// # Errors
/// [`ErrorKind::Files`] if the folder for the raw data cannot be made. What goes wrong with a target is its
/// [`Outcome::failure`].
pub fn measure(
    executables: &[Executable],
    plan: &Plan,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Vec<Outcome>, Error> {
    let work = Work { executables, control: None, plan, folder, interrupt: &Interrupt::default() };
    work.measure(progress, &mut |_| Ok(())).map(|measured| measured.outcomes)
}

/// What is measured, and where it is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) executables: &'a [Executable],
    /// What is run before, between and after what is timed.
    pub(super) control: Option<&'a Executable>,
    pub(super) plan: &'a Plan,
    /// An absolute path.
    pub(super) folder: &'a Path,
    /// What ends it before its time.
    pub(super) interrupt: &'a Interrupt,
}

/// What came of it, as far as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// What came of the targets, in their order.
    pub(super) outcomes: Vec<Outcome>,
    /// What the control showed, in the order of time.
    pub(super) looks: Vec<Run>,
    /// The targets that have not ended, or never will.
    pub(super) waiting: Vec<String>,
}

/// What several threads work on.
struct Shared<'a> {
    progress: &'a mut Progress,
    /// Places of targets that nobody has begun.
    left: BTreeSet<usize>,
    outcomes: BTreeMap<usize, Outcome>,
    looks: Vec<Run>,
    keep: &'a mut (dyn FnMut(&Measured) -> Result<(), Error> + Send),
    kept: Result<(), Error>,
}

impl Work<'_> {
    /// Runs them all. What is timed is run alone, or in a smoke run beside at most one other that is not; the others run
    /// beside each other. `keep` is told what there is after each.
    pub(super) fn measure(
        &self,
        progress: &mut Progress,
        keep: &mut (dyn FnMut(&Measured) -> Result<(), Error> + Send),
    ) -> Result<Measured, Error> {
        let raw = self.folder.join("raw");
        fs::create_dir_all(&raw).map_err(|error| {
            Error::because(ErrorKind::Files, format!("make the folder {}", raw.display()), error)
        })?;
        // What there is to do is asked of all before the first measures: the bar knows its length from the start.
        let listed = self.executables.iter().map(|one| Listed::of(one, self.plan, &raw, self.interrupt));
        let listed: Vec<Listed<'_>> = listed.filter(Listed::is_needed).collect();
        progress.plan(listed.iter().map(Listed::steps).sum());
        let shared = Mutex::new(Shared {
            progress,
            left: (0..listed.len()).collect(),
            outcomes: BTreeMap::new(),
            looks: Vec::new(),
            keep,
            kept: Ok(()),
        });
        let timed = |place: &usize| listed[*place].executable.target.part.is_timed();
        let (alone, beside): (Vec<usize>, Vec<usize>) = (0..listed.len()).partition(timed);
        let first: Vec<usize> = alone.iter().chain(&beside).copied().collect();
        let lane = |places: &[usize], control| self.lane(&listed, places, control, &raw, &shared);
        let control = self.control.filter(|_| !alone.is_empty());
        thread::scope(|scope| {
            let lanes = lanes();
            if self.plan.profile != Profile::Smoke {
                lane(&alone, control);
            }
            for _ in 1..lanes {
                scope.spawn(|| lane(&beside, None));
            }
            lane(&first, control.filter(|_| self.plan.profile == Profile::Smoke));
        });
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        shared.progress.clear();
        let measured = shared.measured(&listed);
        shared.kept.map(|()| measured)
    }

    /// Takes one of the places after the other that nobody has taken yet.
    fn lane(
        &self,
        listed: &[Listed<'_>],
        places: &[usize],
        control: Option<&Executable>,
        raw: &Path,
        shared: &Mutex<Shared<'_>>,
    ) {
        let mut look = control;
        for place in places {
            if self.interrupt.is_set() || !lock(shared).left.remove(place) {
                continue;
            }
            let one = &listed[*place];
            let timed = one.executable.target.part.is_timed();
            if timed && let Some(control) = look {
                self.look(control, raw, shared);
            }
            look = control.filter(|_| timed);
            let outcome = one.measure(self.plan, raw, self.interrupt, shared);
            let mut shared = lock(shared);
            shared.progress.end(&outcome.target, &outcome.said(), outcome.took);
            if let Some(why) = &outcome.failure {
                let log = self.folder.join(&outcome.log);
                shared.progress.say(&format!("  {why}; all that it said is in {}", log.display()));
            }
            shared.outcomes.insert(*place, outcome);
            let measured = shared.measured(listed);
            let kept = (shared.keep)(&measured);
            shared.kept = std::mem::replace(&mut shared.kept, Ok(())).and(kept);
        }
        if let Some(control) = control.filter(|_| !self.interrupt.is_set()) {
            self.look(control, raw, shared);
        }
    }

    /// Looks at the machine. What goes wrong with that is no fault of what is measured: there is one look less.
    fn look(&self, control: &Executable, raw: &Path, shared: &Mutex<Shared<'_>>) {
        let left = raw.join(format!("{}.json", control.target.label()));
        // The control is the same, whatever was selected.
        let plan = Plan { only: None, ..self.plan.clone() };
        let order = Order {
            program: &control.program,
            arguments: plan.own_arguments(&control.target, &left),
            environment: Vec::new(),
            folder: &control.folder,
            limit: LIST_LIMIT.min(self.plan.limit),
            log: None,
            interrupt: Some(self.interrupt),
            shown: None,
        };
        let ended = run(&order, &mut |_, _| {});
        if ended.is_ok_and(|finished| failure_of(&finished, order.limit).is_none())
            && let Ok(look) = read(&left, &control.target)
        {
            lock(shared).looks.push(look);
        }
    }
}

impl Shared<'_> {
    fn measured(&self, listed: &[Listed<'_>]) -> Measured {
        let ended = |place: &usize| self.outcomes.contains_key(place);
        let waiting = (0..listed.len()).filter(|place| !ended(place));
        Measured {
            outcomes: self.outcomes.values().cloned().collect(),
            looks: self.looks.clone(),
            waiting: waiting.map(|place| listed[place].executable.target.label()).collect(),
        }
    }
}

/// A thread that panicked has left nothing half done: what it holds is a list to which it adds.
fn lock<'a, 'b>(shared: &'a Mutex<Shared<'b>>) -> MutexGuard<'a, Shared<'b>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many targets in which nothing is timed run beside each other.
pub(super) fn lanes() -> usize {
    thread::available_parallelism().map_or(1, usize::from).clamp(1, MOST_LANES)
}

/// An executable with what it says it will do.
struct Listed<'a> {
    executable: &'a Executable,
    /// The ids of a criterion target's benchmarks; the project's own say how many there are when they run.
    benchmarks: Result<BTreeSet<String>, String>,
}

impl<'a> Listed<'a> {
    fn of(executable: &'a Executable, plan: &Plan, raw: &Path, interrupt: &Interrupt) -> Self {
        let mut benchmarks = BTreeSet::new();
        if executable.target.harness == Harness::Own {
            return Self { executable, benchmarks: Ok(benchmarks) };
        }
        let order = Order {
            program: &executable.program,
            arguments: plan.list_arguments(),
            environment: vec![("CRITERION_HOME", raw.join(&executable.target.name).into())],
            folder: &executable.folder,
            limit: LIST_LIMIT.min(plan.limit),
            log: None,
            interrupt: Some(interrupt),
            shown: None,
        };
        let finished = run(&order, &mut |stream, line| {
            if stream == Stream::Out
                && let Some(id) = line.strip_suffix(": benchmark")
            {
                benchmarks.insert(id.to_owned());
            }
        });
        let failure = match &finished {
            Ok(finished) => failure_of(finished, order.limit),
            Err(error) => Some(format!("it could not be started: {error}")),
        };
        let benchmarks =
            failure.map_or(Ok(benchmarks), |why| Err(format!("it cannot list its benchmarks: {why}")));
        Self { executable, benchmarks }
    }

    fn steps(&self) -> u64 {
        let own = self.executable.target.harness == Harness::Own;
        self.benchmarks.as_ref().map_or(1, |ids| if own { 1 } else { u64::try_from(ids.len()).unwrap_or(1) })
    }

    /// Whether there is anything to run, or a failure to tell.
    fn is_needed(&self) -> bool {
        self.steps() > 0
    }

    fn measure(&self, plan: &Plan, raw: &Path, interrupt: &Interrupt, shared: &Mutex<Shared<'_>>) -> Outcome {
        let target = &self.executable.target;
        let label = target.label();
        lock(shared).progress.begin(&label, self.steps());
        let log = format!("raw/{label}.log");
        let empty = Run::new(target.name.as_str());
        let outcome =
            |took, run, failure| Outcome { target: label.clone(), took, run, log: log.clone(), failure };
        let benchmarks = match &self.benchmarks {
            Ok(benchmarks) => benchmarks,
            Err(why) => return outcome(Duration::ZERO, empty, Some(why.clone())),
        };
        let left = match target.harness {
            Harness::Criterion => raw.join(&label),
            Harness::Own => raw.join(format!("{label}.json")),
        };
        let (arguments, environment) = match target.harness {
            Harness::Criterion => (plan.criterion_arguments(), vec![("CRITERION_HOME", left.clone().into())]),
            Harness::Own => (plan.own_arguments(target, &left), Vec::new()),
        };
        let order = Order {
            program: &self.executable.program,
            arguments,
            environment,
            folder: &self.executable.folder,
            limit: plan.limit,
            log: Some(&raw.join(format!("{label}.log"))),
            interrupt: Some(interrupt),
            shown: Some(&|look| lock(shared).progress.watch(&label, look)),
        };
        let mut begun = 0;
        let finished = run(&order, &mut |stream, line| match target.harness {
            Harness::Criterion => {
                if let Some(id) = begins(line, benchmarks) {
                    lock(shared).progress.reach(&label, begun, self.steps(), id.to_owned());
                    begun += 1;
                }
            }
            Harness::Own => {
                if let Some((done, steps, text)) = heard(line)
                    && stream == Stream::Err
                {
                    lock(shared).progress.reach(&label, done, steps, format!("{label}: {text}"));
                }
            }
        });
        let (took, failure) = match &finished {
            Ok(finished) => (finished.took, failure_of(finished, plan.limit)),
            Err(error) => (Duration::ZERO, Some(format!("it could not be run: {error}"))),
        };
        let seen = finished.map(|finished| process::figures(target, &finished, raw)).unwrap_or_default();
        match read(&left, target) {
            Ok(mut run) => {
                let idle = run.measurements.is_empty() && run.comparisons.is_empty() && plan.only.is_none();
                let failure = failure
                    .or_else(|| idle.then(|| "it measured nothing".to_owned()))
                    .or_else(|| missing(&run, benchmarks))
                    .or_else(|| spoilt(&run, &left));
                if !run.measurements.is_empty() && plan.watched {
                    run.measurements.extend(seen);
                }
                outcome(took, run, failure)
            }
            Err(why) => outcome(took, empty, failure.or(Some(why))),
        }
    }
}

/// The benchmark that begins with this line of criterion: `Benchmarking ID`, later followed by what it is at.
fn begins<'a>(line: &'a str, benchmarks: &BTreeSet<String>) -> Option<&'a str> {
    line.strip_prefix("Benchmarking ").filter(|id| benchmarks.contains(*id))
}

/// What a target left, with the place in the code where it is measured.
fn read(left: &Path, target: &BenchTarget) -> Result<Run, String> {
    let mut run = read_path(left).map_err(|error| match error.kind() {
        PerfKind::Unreadable | PerfKind::UnknownFormat => "it left no results".to_owned(),
        _ => format!("what it left could not be used: failed to {error}"),
    })?;
    for measurement in &mut run.measurements {
        measurement.location.get_or_insert_with(|| target.source.clone());
    }
    Ok(run)
}

/// The benchmarks that a criterion target listed and left no figure of: a pattern of a target that fits others would
/// not miss them.
fn missing(run: &Run, benchmarks: &BTreeSet<String>) -> Option<String> {
    let measured = |id: &String| run.measurements.iter().any(|m| m.id == *id && m.value.is_finite());
    let missing: Vec<&str> = benchmarks.iter().filter(|id| !measured(id)).map(String::as_str).collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(format!("it left no figure of {one}")),
        [first, rest @ ..] => Some(format!("it left no figure of {first} and {} more", rest.len())),
    }
}

/// What is wrong with the run that one of the project's own targets wrote: a figure that is no number was left out when
/// it was read. What the target itself found odd is in the run too, but not said of its file.
fn spoilt(run: &Run, left: &Path) -> Option<String> {
    let file = left.display().to_string();
    let said = run.findings.iter().find(|finding| finding.file == file && left.is_file())?;
    Some(format!("what it left is not whole: {}", said.text))
}

fn failure_of(finished: &Finished, limit: Duration) -> Option<String> {
    let how = match finished.ended {
        Ended::Itself(status) if status.success() => return None,
        Ended::Itself(status) => format!("it ended with {status}"),
        Ended::Interrupted => return Some(INTERRUPTED.to_owned()),
        Ended::Killed => format!("it was killed after {}, the most it may take", duration(limit)),
    };
    let said: Vec<&str> =
        finished.last_said.iter().map(|line| line.trim()).filter(|line| says(line)).collect();
    match said[said.len().saturating_sub(3)..].join(" ") {
        said if said.is_empty() => Some(how),
        said => Some(format!("{how}; the last it said: {said}")),
    }
}

/// Whether a line says something about a failure.
fn says(line: &str) -> bool {
    !line.is_empty()
        && heard(line).is_none()
        && !line.starts_with("Benchmarking ")
        && !line.starts_with("note: run with `RUST_BACKTRACE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_begins_with_its_bare_name() {
        let known: BTreeSet<String> =
            ["debate/turn/4", "debate/turn/4: warm"].into_iter().map(str::to_owned).collect();
        let table = [
            ("Benchmarking debate/turn/4", Some("debate/turn/4")),
            ("Benchmarking debate/turn/4: Warming up for 200.00 ms", None),
            ("Benchmarking debate/turn/4: warm", Some("debate/turn/4: warm")),
            ("debate/turn/4           time:   [1 ns 2 ns 3 ns]", None),
        ];
        for (line, expected) in table {
            assert_eq!(begins(line, &known), expected, "{line}");
        }
    }

    #[test]
    fn of_what_was_said_last_the_telling_part_is_cited() {
        let lines = [
            "Benchmarking a: Warming up for 1 s",
            "thread 'main' panicked at benches/heap.rs:7:5:",
            "the peak is not exact",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ];
        let told: Vec<&str> = lines.into_iter().filter(|line| says(line)).collect();
        assert_eq!(told, &lines[1..3]);
    }
}
