//! Running the built targets one after the other and reading what they leave. A target that fails, crashes or does not
//! end loses none of the others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assize_perf::{ErrorKind as PerfKind, Run, read_path};

use super::catalogue::{BenchTarget, Harness};
use super::outcome::Outcome;
use super::plan::Plan;
use super::progress::{Progress, heard};
use super::run_target::{Ended, Finished, Order, Stream, run};
use super::summary::duration;
use crate::{Error, ErrorKind, workspace};

/// Listing benchmarks takes no time; a target that needs more than this hangs.
const LIST_LIMIT: Duration = Duration::from_mins(1);

/// A built bench target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// What it is.
    pub target: BenchTarget,
    /// Where it lies.
    pub program: PathBuf,
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
    let raw = folder.join("raw");
    fs::create_dir_all(&raw).map_err(|error| {
        Error::because(ErrorKind::Files, format!("make the folder {}", raw.display()), error)
    })?;
    // What there is to do is asked of all before the first measures: the bar knows its length from the start.
    let listed: Vec<Listed<'_>> = executables.iter().map(|one| Listed::of(one, plan, &raw)).collect();
    progress.plan(listed.iter().map(Listed::steps).sum());
    let mut outcomes = Vec::new();
    for one in listed.into_iter().filter(Listed::is_needed) {
        progress.begin(&one.executable.target.name, one.steps());
        let outcome = one.measure(plan, &raw, progress);
        progress.end(&outcome.target, &outcome.said(), outcome.took);
        if let Some(why) = &outcome.failure {
            progress.say(&format!("  {why}; all that it said is in {}", folder.join(&outcome.log).display()));
        }
        outcomes.push(outcome);
    }
    progress.clear();
    Ok(outcomes)
}

/// An executable with what it says it will do.
struct Listed<'a> {
    executable: &'a Executable,
    /// The ids of a criterion target's benchmarks; the project's own say how many there are when they run.
    benchmarks: Result<BTreeSet<String>, String>,
}

impl<'a> Listed<'a> {
    fn of(executable: &'a Executable, plan: &Plan, raw: &Path) -> Self {
        let mut benchmarks = BTreeSet::new();
        if executable.target.harness == Harness::Own {
            return Self { executable, benchmarks: Ok(benchmarks) };
        }
        let order = Order {
            program: &executable.program,
            arguments: plan.list_arguments(),
            environment: vec![("CRITERION_HOME", raw.join(&executable.target.name).into())],
            folder: &workspace::root(),
            limit: LIST_LIMIT.min(plan.limit),
            log: None,
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

    fn measure(self, plan: &Plan, raw: &Path, progress: &mut Progress) -> Outcome {
        let target = &self.executable.target;
        let log = format!("raw/{}.log", target.name);
        let empty = Run::new(target.name.as_str());
        let outcome = |took, run, failure| Outcome {
            target: target.name.clone(),
            took,
            run,
            log: log.clone(),
            failure,
        };
        let benchmarks = match &self.benchmarks {
            Ok(benchmarks) => benchmarks,
            Err(why) => return outcome(Duration::ZERO, empty, Some(why.clone())),
        };
        let left = match target.harness {
            Harness::Criterion => raw.join(&target.name),
            Harness::Own => raw.join(format!("{}.json", target.name)),
        };
        let (arguments, environment) = match target.harness {
            Harness::Criterion => (plan.criterion_arguments(), vec![("CRITERION_HOME", left.clone().into())]),
            Harness::Own => (plan.own_arguments(&left), Vec::new()),
        };
        let order = Order {
            program: &self.executable.program,
            arguments,
            environment,
            folder: &workspace::root(),
            limit: plan.limit,
            log: Some(&raw.join(format!("{}.log", target.name))),
        };
        let mut begun = 0;
        let finished = run(&order, &mut |stream, line| match target.harness {
            Harness::Criterion => {
                if let Some(id) = begins(line, benchmarks) {
                    progress.reach(begun, self.steps(), id.to_owned());
                    begun += 1;
                }
            }
            Harness::Own => {
                if let Some((done, steps, text)) = heard(line)
                    && stream == Stream::Err
                {
                    progress.reach(done, steps, format!("{}: {text}", target.name));
                }
            }
        });
        let (took, failure) = match &finished {
            Ok(finished) => (finished.took, failure_of(finished, plan.limit)),
            Err(error) => (Duration::ZERO, Some(format!("it could not be run: {error}"))),
        };
        match read(&left, target) {
            Ok(run) => {
                let idle = run.measurements.is_empty() && run.comparisons.is_empty() && plan.only.is_none();
                let failure = failure
                    .or_else(|| idle.then(|| "it measured nothing".to_owned()))
                    .or_else(|| missing(&run, benchmarks))
                    .or_else(|| spoilt(&run, &left));
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
