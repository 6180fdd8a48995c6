//! `cargo xtask fuzz`: runs every property test whose name begins with `fuzz_`, each with as many cases as asked for and from
//! one seed, and writes what ran to `target/assize/fuzz/log.json`.
//!
//! A crate has such tests where its sources say `fn fuzz_…`; nothing else is to be registered.

mod find;
mod log;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use assize_ambient::{Clock as _, SystemClock};

use crate::bench::{catalogue, folder};
use crate::{Error, ErrorKind, stdout, workspace};

/// What they are built with: optimised, without link-time optimisation.
const PROFILE: &str = "smoke";

/// The arguments of `cargo xtask fuzz`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How many cases each target tries.
    #[arg(long, default_value = "10000", value_name = "N")]
    pub cases: NonZeroU32,
    /// What the cases are made from: the same seed, the same cases.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    pub seed: u64,
    /// Run only the targets whose name holds this text: `sse`, `reply`, `assize-vendors`.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// How many targets run at once; by default as many as there are processors.
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// A property test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    /// The package and the test's path in it, such as `assize-vendors fuzz::fuzz_sse_bytes`.
    name: String,
    program: PathBuf,
    test: String,
    /// Where it is run: the package's folder, as cargo does.
    folder: PathBuf,
}

/// How a target ended.
#[derive(Debug, Clone)]
struct Outcome {
    name: String,
    took: Duration,
    /// What it said, where a case failed.
    failure: Option<String>,
}

/// Builds the targets, runs them and writes the log; `Ok(true)` if no case failed.
///
/// # Errors
///
/// [`ErrorKind::Request`] if no target fits, [`ErrorKind::Metadata`] if cargo does not describe the workspace,
/// [`ErrorKind::Process`] if the targets cannot be built or started, [`ErrorKind::Files`] if sources cannot be read or the log
/// cannot be written, [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let begun = SystemClock.now();
    let metadata = catalogue::metadata()?;
    let packages = find::packages(&metadata)?;
    let mut targets = find::targets(&packages)?;
    if let Some(only) = &options.only {
        targets.retain(|target| target.name.contains(only.as_str()));
    }
    if targets.is_empty() {
        let only = options.only.as_deref().map(|only| format!(" that fits {only}")).unwrap_or_default();
        return Err(Error::new(ErrorKind::Request, format!("find a property test named fuzz_…{only}")));
    }
    let jobs = options.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let outcomes = run_all(&targets, options, jobs)?;
    let path = catalogue::home(&metadata).join("fuzz").join("log.json");
    folder::write(&path, &log::json(options, begun, &outcomes))?;
    stdout::print(&log::table(options, &outcomes, &path))?;
    Ok(outcomes.iter().all(|outcome| outcome.failure.is_none()))
}

/// Runs the targets, so many at once, and gives their outcomes in the order of the targets.
fn run_all(targets: &[Target], options: &Options, jobs: usize) -> Result<Vec<Outcome>, Error> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs.min(targets.len()) {
            scope.spawn(|| {
                while let Some((number, target)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    targets.get(number).map(|target| (number, target))
                } {
                    let outcome = run_one(target, options);
                    outcomes
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((number, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn run_one(target: &Target, options: &Options) -> Result<Outcome, Error> {
    let start = Instant::now();
    let output = Command::new(&target.program)
        .args(["--exact", &target.test, "--test-threads", "1"])
        .envs(environment(options))
        .current_dir(&target.folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::because(ErrorKind::Process, format!("run {}", target.name), error))?;
    let took = start.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that fits nothing is no failure to the harness.
    let failure = if output.status.success() && said.contains("1 passed") {
        None
    } else {
        let said = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
        Some(format!("{}\n{}", output.status, log::case(&said)))
    };
    Ok(Outcome { name: target.name.clone(), took, failure })
}

/// What the tests' library reads. Cases that fail are reported here, not kept beside the sources.
fn environment(options: &Options) -> [(&'static str, String); 4] {
    [
        ("PROPTEST_CASES", options.cases.to_string()),
        ("PROPTEST_RNG_SEED", options.seed.to_string()),
        ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1".to_owned()),
        ("RUST_BACKTRACE", "0".to_owned()),
    ]
}

/// Runs cargo on the packages, and gives what it says on standard output.
fn built(packages: &[String]) -> Result<Vec<u8>, Error> {
    let mut arguments: Vec<&str> = vec![
        "test",
        "--tests",
        "--lib",
        "--no-run",
        "--profile",
        PROFILE,
        "--message-format=json-render-diagnostics",
    ];
    for package in packages {
        arguments.extend(["--package", package]);
    }
    let what = format!("run `cargo {}`", arguments.join(" "));
    let output = Command::new(workspace::cargo())
        .args(&arguments)
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Error::because(ErrorKind::Process, what.as_str(), error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Error::new(ErrorKind::Process, format!("{what}: {}", output.status))
        .hinted("mend what the compiler names above"))
}

/// The names of a program's tests.
fn names(program: &Path, folder: &Path) -> Result<Vec<String>, Error> {
    let because =
        |error| Error::because(ErrorKind::Process, format!("list the tests of {}", program.display()), error);
    let output = Command::new(program)
        .args(["--list", "--format", "terse"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(because)?;
    Ok(find::names(&String::from_utf8_lossy(&output.stdout)))
}
