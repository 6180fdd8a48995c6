//! Running the programs, block by block.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::environment::Ready;
use super::figures::{Samples, names};
use super::samples::{self, Sample};
use super::side::{Contest, MadeAs, Side};
use crate::bench::Progress;
use crate::bench::run_target::{Ended, Order, Stream, run};
use crate::{Error, ErrorKind, workspace};

/// In each process, of each task.
const REPETITIONS: u32 = 5;
/// How long a repetition takes the processor, at least: far longer than what its clock can tell apart.
const MILLISECONDS: u32 = 30;
/// A process that needs more than this hangs.
const LIMIT: Duration = Duration::from_mins(15);

/// What all sides of a contest are given by name.
const INPUTS: &str = "PEER_INPUTS";
/// Our program, by name, for sides that need it beside them.
const OURS: &str = "PEER_ASSIZE";

/// A contest with all that its sides are given.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) contest: &'a Contest,
    /// The file of the inputs that all sides read.
    pub(super) inputs: Option<PathBuf>,
    /// Our program.
    pub(super) ours: Option<PathBuf>,
    /// The folder of all environments of the contest.
    pub(super) environments: PathBuf,
}

/// A side with its program.
#[derive(Debug)]
pub(super) struct Entrant {
    pub(super) side: &'static Side,
    pub(super) ready: Ready,
}

/// What was measured, and who could not be.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) samples: Samples,
    /// A side's name and what went wrong: nothing that it showed before is kept.
    pub(super) failures: Vec<(&'static str, String)>,
}

/// Runs one process of each side in each block; a side that fails is out. What they say is kept in `raw`.
pub(super) fn measure(
    setting: &Setting<'_>,
    mut entrants: Vec<Entrant>,
    blocks: u32,
    raw: &Path,
    progress: &mut Progress,
) -> Result<Measured, Error> {
    fs::create_dir_all(raw)
        .map_err(|error| Error::because(ErrorKind::Files, format!("make {}", raw.display()), error))?;
    let mut measured = Measured { samples: Samples::new(), failures: Vec::new() };
    let steps = u64::from(blocks) * entrants.len().try_into().unwrap_or(u64::MAX);
    progress.plan(steps);
    for block in 0..blocks {
        let (start, sides) = (Instant::now(), u64::try_from(entrants.len()).unwrap_or(u64::MAX));
        let name = format!("block {} of {blocks}", block + 1);
        progress.begin(&name, sides);
        for (done, at) in (0..).zip(order(entrants.len(), block)) {
            let Entrant { side, ready } = &entrants[at];
            progress.reach(&name, done, sides, format!("{name}: {}", side.name));
            match once(setting, side, ready, &raw.join(format!("{}-{block}.log", side.name))) {
                Ok(sample) => measured.samples.entry(side.name).or_default().push(sample),
                Err(why) => {
                    measured.samples.remove(side.name);
                    measured.failures.push((side.name, why));
                }
            }
        }
        entrants.retain(|entrant| measured.samples.contains_key(entrant.side.name));
        progress.end(&name, &format!("{} of {sides} sides", entrants.len()), start.elapsed());
    }
    progress.clear();
    Ok(measured)
}

/// Every entrant once, each block beginning with another.
fn order(entrants: usize, block: u32) -> impl Iterator<Item = usize> {
    let first = usize::try_from(block).unwrap_or_default() % entrants.max(1);
    (0..entrants).map(move |at| (first + at) % entrants)
}

/// One process of a side's program: what it showed of each task.
fn once(
    setting: &Setting<'_>,
    side: &Side,
    ready: &Ready,
    log: &Path,
) -> Result<BTreeMap<&'static str, Sample>, String> {
    let tasks = setting.contest.tasks;
    let asked = names(tasks).replace(' ', "");
    let given = [asked, REPETITIONS.to_string(), MILLISECONDS.to_string()];
    let forms = side.form.iter().map(|form| OsString::from(*form));
    let arguments = ready.arguments.iter().cloned().chain(given.map(OsString::from)).chain(forms).collect();
    let root = workspace::root();
    let order = Order {
        program: &ready.program,
        arguments,
        environment: surroundings(setting, side, &root),
        folder: &root,
        limit: LIMIT,
        log: Some(log),
        interrupt: None,
        shown: None,
    };
    let (mut read, mut wrong) = (Vec::new(), None);
    let finished = run(&order, &mut |stream, line| {
        if stream == Stream::Out {
            match samples::read(line, tasks) {
                Ok(repetition) => read.push(repetition),
                Err(why) => wrong = wrong.take().or(Some(format!("it said {line:?}: {why}"))),
            }
        }
    })
    .map_err(|error| format!("it could not be run: {error}"))?;
    let last = || finished.last_said.iter().rev().find(|line| !line.trim().is_empty());
    match finished.ended {
        Ended::Itself(status) if status.success() => {}
        Ended::Itself(status) => {
            return Err(last().map_or_else(
                || format!("it ended with {status}"),
                |last| format!("it ended with {status}; the last it said: {}", last.trim()),
            ));
        }
        Ended::Killed | Ended::Interrupted => {
            return Err(format!("it was killed after {} s", LIMIT.as_secs()));
        }
    }
    match wrong {
        Some(why) => Err(why),
        None => samples::samples(&read, tasks, REPETITIONS),
    }
}

/// What a side's program finds around it: the inputs, our program, the modules that Python's share, no bytecode among our
/// sources, nobody who is sent a trace or asked for newer prices.
fn surroundings(setting: &Setting<'_>, side: &Side, root: &Path) -> Vec<(&'static str, OsString)> {
    let path = |name, path: &Option<PathBuf>| path.as_ref().map(|path| (name, path.clone().into_os_string()));
    let mut around: Vec<(&'static str, OsString)> =
        path(INPUTS, &setting.inputs).into_iter().chain(path(OURS, &setting.ours)).collect();
    around.push(("PEER_ENVIRONMENTS", setting.environments.clone().into()));
    if let MadeAs::Python(_) = side.made_as {
        around.extend([
            ("PYTHONPATH", root.join("benches/peers").into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("LANGSMITH_TRACING", "false".into()),
            ("LANGCHAIN_TRACING_V2", "false".into()),
            ("LITELLM_LOCAL_MODEL_COST_MAP", "True".into()),
        ]);
    }
    around
}

/// How it was measured, for the report.
pub(super) fn method(contest: &Contest, blocks: u32) -> String {
    format!(
        "{blocks} blocks; in each, one process of each side, in an order that changes from block to block. A process warms \
         up, then measures {REPETITIONS} repetitions of at least {MILLISECONDS} ms of the processor for each task ({}). A \
         sample is the median of a process; a ratio is taken within a block.",
        names(contest.tasks)
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::contests::CONTESTS;
    use super::*;

    const SIDE: Side = Side {
        name: "made up",
        made_as: MadeAs::Ours,
        form: &[],
        turn: "none",
        opponent: None,
        bare: None,
        is_rival: false,
    };

    #[test]
    fn every_block_holds_all_and_begins_with_another() {
        let orders: Vec<Vec<usize>> = (0..4).map(|block| order(3, block).collect()).collect();
        assert_eq!(orders, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
        assert_eq!(order(0, 5).count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_side_that_fails_is_out_and_loses_none_of_the_others() {
        let setting =
            Setting { contest: &CONTESTS[2], inputs: None, ours: None, environments: PathBuf::new() };
        let tasks = setting.contest.tasks;
        let line = |task: &str| format!(r#"{{"task":"{task}","operations":10,"cpu_ns":500,"wall_ns":700}}"#);
        let lines: Vec<String> =
            tasks.iter().flat_map(|task| (0..REPETITIONS).map(move |_| line(task.name))).collect();
        let lines = lines.join("\n");
        let good = format!("cat <<'END'\n{lines}\nEND");
        let shell = |script: &str| Ready {
            program: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".into(), script.into()],
        };
        let folder = tempfile::tempdir().expect("a folder");
        let mut progress = Progress::silent();
        let bad: [(&'static Side, String, &str); 3] = [
            (&Side { name: "fails", ..SIDE }, "echo it is broken >&2; exit 3".to_owned(), "it is broken"),
            (&Side { name: "babbles", ..SIDE }, format!("echo hello; {good}"), "it said \"hello\""),
            (&Side { name: "stops", ..SIDE }, "true".to_owned(), "0 repetitions of 2, not 5"),
        ];
        let mut entrants = vec![Entrant { side: &SIDE, ready: shell(&good) }];
        entrants.extend(bad.iter().map(|(side, script, _)| Entrant { side, ready: shell(script) }));
        let measured =
            measure(&setting, entrants, 3, folder.path(), &mut progress).expect("a folder for the logs");
        let expected = Sample { cpu_ns: 50.0, wall_ns: 70.0, answer: None };
        let block: BTreeMap<&str, Sample> = tasks.iter().map(|task| (task.name, expected.clone())).collect();
        assert_eq!(measured.samples, Samples::from([("made up", vec![block.clone(), block.clone(), block])]));
        assert_eq!(measured.failures.len(), bad.len());
        for ((side, _, why), (name, said)) in bad.iter().zip(&measured.failures) {
            assert!(side.name == *name && said.contains(why), "{name}: {said}");
        }
    }
}
