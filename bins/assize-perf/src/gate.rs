//! `assize-perf gate`.

use std::{io::Write, path::PathBuf};

use assize_perf::{gate, gate::FailOn, targets};
use clap::{Args, ValueEnum};

use crate::{
    Surroundings,
    compare::{RulesArguments, read, tell},
    exit,
    exit::Failure,
};

const EXAMPLES: &str = "\
Examples:
  assize-perf gate run.json --targets targets.toml
  assize-perf gate new/*.json --baseline main-1.json --baseline main-2.json --fail-on regression
  assize-perf gate new --baseline main --confirm again --inconclusive fail

Exit codes: 0 it is open, 1 it is shut, 2 the request is wrong, 3 something could not be read or written";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Gate {
    /// The runs to judge: files or folders, each one run of a process or more
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Runs that they are compared with; may be given more than once
    #[arg(long, value_name = "PATH")]
    baseline: Vec<PathBuf>,
    /// A TOML file with what the figures have to reach
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// What shuts it; may be given more than once [default: target with --targets, regression with --baseline]
    #[arg(long, value_name = "WHAT")]
    fail_on: Vec<ShutBy>,
    /// Further runs of the same build: only alarms that they show too count; may be given more than once
    #[arg(long, value_name = "PATH", requires = "baseline")]
    confirm: Vec<PathBuf>,
    /// Whether it opens where something cannot be told
    #[arg(long, value_name = "WHAT", default_value = "pass")]
    inconclusive: Inconclusive,
    #[command(flatten)]
    rules: RulesArguments,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ShutBy {
    /// A bottleneck or a regression of severity CRITICAL
    Critical,
    /// A bottleneck or a regression of severity HIGH or CRITICAL
    High,
    /// A target whose floor is not met
    Target,
    /// Any regression
    Regression,
}

impl From<ShutBy> for FailOn {
    fn from(by: ShutBy) -> Self {
        match by {
            ShutBy::Critical => Self::Critical,
            ShutBy::High => Self::High,
            ShutBy::Target => Self::Target,
            ShutBy::Regression => Self::Regression,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Inconclusive {
    /// It opens, and says so
    Pass,
    /// It stays shut
    Fail,
}

pub(crate) fn gate(request: &Gate, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Failure> {
    check(request)?;
    let mut gate = gate::Gate {
        inconclusive_fails: request.inconclusive == Inconclusive::Fail,
        targets: request.targets.as_deref().map(targets::load).transpose()?.unwrap_or_default(),
        rules: request.rules.rules()?,
        ..gate::Gate::default()
    };
    if !request.fail_on.is_empty() {
        gate.fail_on = request.fail_on.iter().copied().map(FailOn::from).collect();
    }
    let [new, baseline, confirm] =
        [&request.paths, &request.baseline, &request.confirm].map(|paths| read(paths));
    let gated = gate.judge(&new?, &baseline?, &confirm?);
    let code = if gated.is_open() { exit::DONE } else { exit::NO };
    let told = tell(&gated.document(), request.json.then(|| gated.to_json()), surroundings, out);
    exit::read_or_not(code, told)
}

/// What is asked for has to be possible: a gate that holds runs to nothing would always open.
fn check(request: &Gate) -> Result<(), Failure> {
    let asks = |by: ShutBy| request.fail_on.contains(&by);
    let wrong = |message: &str, hint: &str| {
        let (message, hint) = (message.to_owned(), Some(hint.to_owned()));
        Err(Failure::Told { code: exit::WRONG_REQUEST, message, hint })
    };
    if asks(ShutBy::Target) && request.targets.is_none() {
        return wrong(
            "failed to gate: --fail-on target without targets",
            "give the file of targets with --targets",
        );
    }
    if asks(ShutBy::Regression) && request.baseline.is_empty() {
        return wrong(
            "failed to gate: --fail-on regression without a baseline",
            "give earlier runs with --baseline",
        );
    }
    if request.fail_on.is_empty() && request.targets.is_none() && request.baseline.is_empty() {
        return wrong(
            "failed to gate: there is nothing to hold the runs to",
            "give --targets, --baseline, or --fail-on critical or high",
        );
    }
    Ok(())
}
