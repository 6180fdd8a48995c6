//! Running the programs, block by block.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::environment::Ready;
use super::figures::{Samples, numbers};
use super::samples::{self, Sample};
use super::side::{MadeAs, Side};
use crate::bench::Progress;
use crate::bench::run_target::{Ended, Order, Stream, run};
use crate::{Error, ErrorKind, workspace};

/// Numbers of debaters.
pub(super) const SIZES: [u32; 4] = [2, 4, 8, 16];
const ROUNDS: u32 = 3;
/// In each process, with each number of debaters.
const REPETITIONS: u32 = 5;
/// How long a repetition takes the processor, at least: far longer than what its clock can tell apart.
const MILLISECONDS: u32 = 30;
/// A process that needs more than this hangs.
const LIMIT: Duration = Duration::from_mins(15);

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
            match once(side, ready, &raw.join(format!("{}-{block}.log", side.name))) {
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

/// One process of a side's program: what a turn cost in it, by the number of debaters.
fn once(side: &Side, ready: &Ready, log: &Path) -> Result<BTreeMap<u32, Sample>, String> {
    let sizes = numbers(&SIZES).replace(' ', "");
    let given = [sizes, ROUNDS.to_string(), REPETITIONS.to_string(), MILLISECONDS.to_string()];
    let forms = side.form.iter().map(|form| OsString::from(*form));
    let arguments = ready.arguments.iter().cloned().chain(given.map(OsString::from)).chain(forms).collect();
    let root = workspace::root();
    let order = Order {
        program: &ready.program,
        arguments,
        environment: surroundings(side, &root),
        folder: &root,
        limit: LIMIT,
        log: Some(log),
        interrupt: None,
        shown: None,
    };
    let (mut read, mut wrong) = (Vec::new(), None);
    let finished = run(&order, &mut |stream, line| {
        if stream == Stream::Out {
            match samples::read(line, &SIZES, ROUNDS) {
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
        None => samples::samples(&read, &SIZES, REPETITIONS),
    }
}

/// What a side's program finds around it: the modules that Python's share, no bytecode among our sources, nobody who is
/// sent a trace.
fn surroundings(side: &Side, root: &Path) -> Vec<(&'static str, OsString)> {
    match side.made_as {
        MadeAs::Ours | MadeAs::Cargo(_) => Vec::new(),
        MadeAs::Python(_) => vec![
            ("PYTHONPATH", root.join("benches/peers/debate").into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("LANGSMITH_TRACING", "false".into()),
            ("LANGCHAIN_TRACING_V2", "false".into()),
        ],
    }
}

/// How it was measured, for the report.
pub(super) fn method(blocks: u32) -> String {
    format!(
        "{blocks} blocks; in each, one process of each side, in an order that changes from block to block. A process warms \
         up, then measures {REPETITIONS} repetitions of at least {MILLISECONDS} ms of the processor for each number of \
         debaters ({}), {ROUNDS} rounds a debate. A sample is the median of a process; a ratio is taken within a block.",
        numbers(&SIZES)
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::side::Role;
    use super::*;

    const SIDE: Side =
        Side { name: "made up", made_as: MadeAs::Ours, form: &[], turn: "none", role: Role::Engine };

    #[test]
    fn every_block_holds_all_and_begins_with_another() {
        let orders: Vec<Vec<usize>> = (0..4).map(|block| order(3, block).collect()).collect();
        assert_eq!(orders, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
        assert_eq!(order(0, 5).count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_side_that_fails_is_out_and_loses_none_of_the_others() {
        let lines = SIZES
            .iter()
            .flat_map(|debaters| {
                (0..REPETITIONS).map(move |at| {
                    format!(
                        r#"{{"debaters":{debaters},"rounds":3,"repetition":{at},"turns":10,"cpu_ns":500,"wall_ns":700}}"#
                    )
                })
            })
            .collect::<Vec<_>>()
            .join("\n");
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
            (&Side { name: "stops", ..SIDE }, "true".to_owned(), "0 repetitions with 2 debaters, not 5"),
        ];
        let mut entrants = vec![Entrant { side: &SIDE, ready: shell(&good) }];
        entrants.extend(bad.iter().map(|(side, script, _)| Entrant { side, ready: shell(script) }));
        let measured = measure(entrants, 3, folder.path(), &mut progress).expect("a folder for the logs");
        let expected = Sample { cpu_ns: 50.0, wall_ns: 70.0 };
        let block: BTreeMap<u32, Sample> = SIZES.iter().map(|debaters| (*debaters, expected)).collect();
        assert_eq!(measured.samples, Samples::from([("made up", vec![block.clone(), block.clone(), block])]));
        assert_eq!(measured.failures.len(), bad.len());
        for ((side, _, why), (name, said)) in bad.iter().zip(&measured.failures) {
            assert!(side.name == *name && said.contains(why), "{name}: {said}");
        }
    }
}
