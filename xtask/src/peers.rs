//! `cargo xtask peers`: the same work done by us and by others' libraries, in one run, interleaved.
//!
//! Each side is a program that measures itself (`benches/peers`): others' in environments of their own below
//! `target/peers`, never in our lockfile. A block is one process of each side, in an order that changes from block to block,
//! so that what else the machine does falls on all of them alike. What is compared is the processor's time of a turn.

mod contests;
mod environment;
mod figures;
mod rounds;
mod samples;
mod side;

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use assize_ambient::{Clock as _, SystemClock, Timestamp};
use assize_perf::{Analysis, Environment, Finding, Run, Thresholds};

use crate::bench::{Profile, Progress, catalogue, environment as machine, folder, summary};
use crate::{Error, ErrorKind, report, stdout};
use contests::CONTESTS;
use environment::Maker;
use figures::Figures;
use rounds::{Entrant, Measured, Setting};
use side::{Contest, MadeAs, Side};

/// The arguments of `cargo xtask peers`.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every side was measured; 1 one could not be, and the others were; 2 it could not run."
)]
pub struct Options {
    /// Which comparisons; all if left out.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Only these sides, and what they are held against.
    #[arg(long = "side", value_name = "SIDE")]
    pub sides: Vec<String>,
    /// How many processes of each side are measured.
    #[arg(long, default_value = "7", value_name = "N")]
    pub blocks: NonZeroU32,
    /// Write into this new or empty folder instead of `target/assize/peers/<UTC stamp>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// List the comparisons, their sides, and what a turn is on each.
    #[arg(long)]
    pub list: bool,
    /// Print the analysis as one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
}

/// Makes the environments that are missing, measures and reports; `Ok(true)` if every side could be measured.
///
/// # Errors
///
/// [`ErrorKind::Request`] if a name is not known or the folder cannot be used, [`ErrorKind::Metadata`] if cargo does not
/// describe the workspace, [`ErrorKind::Process`] if no side could be measured, [`ErrorKind::Files`] if results cannot be
/// written, [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let asked = asked(options)?;
    if options.list {
        stdout::print(&list(&asked))?;
        return Ok(true);
    }
    let now = SystemClock.now();
    let moment = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let metadata = catalogue::metadata()?;
    let mut run = Run {
        created_at: Some(moment),
        environment: machine::here(Profile::Default),
        ..Run::new("Assize beside its peers")
    };
    run.environment.profile = Some("release".to_owned());
    note(&mut run.environment, "load average before", machine::load_average());
    let mut entered = Vec::new();
    for (contest, sides) in asked {
        let mut maker = Maker::new(contest, metadata.target_directory.as_std_path());
        let entrants = enter(&sides, &mut maker, &mut run.findings);
        entered.push((contest, entrants, maker));
    }
    if entered.iter().all(|(_, entrants, _)| entrants.is_empty()) {
        let why = run.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Err(Error::new(ErrorKind::Process, format!("make the program of any side: {why}")));
    }
    let folder = folder::make_in(&catalogue::home(&metadata).join("peers"), options.out.as_deref(), moment)?;
    let mut shown = String::new();
    for (contest, entrants, mut maker) in entered {
        let raw = folder.join("raw").join(contest.name);
        match setting(contest, &mut maker, &raw)? {
            Ok(setting) => shown += &measure(&setting, entrants, options.blocks, &raw, &mut run)?,
            Err(why) => run.findings.push(finding(contest.name, why)),
        }
    }
    note(&mut run.environment, "load average after", machine::load_average());
    if run.measurements.is_empty() {
        let why = run.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Err(Error::new(ErrorKind::Process, format!("measure any side: {why}")));
    }
    finish(run, &folder, &shown, options.json)
}

/// What the sides of a contest are given; if that cannot be made, why.
fn setting<'a>(
    contest: &'a Contest,
    maker: &mut Maker,
    raw: &Path,
) -> Result<Result<Setting<'a>, String>, Error> {
    fs::create_dir_all(raw)
        .map_err(|error| Error::because(ErrorKind::Files, format!("make {}", raw.display()), error))?;
    let environments = maker.environments().to_owned();
    if !contest.inputs {
        return Ok(Ok(Setting { contest, inputs: None, ours: None, environments }));
    }
    let inputs = raw.join("inputs.json");
    let made = maker.ours().and_then(|ours| {
        environment::write_inputs(&ours, contest, &inputs)?;
        Ok(Setting { contest, inputs: Some(inputs), ours: Some(ours), environments })
    });
    Ok(made)
}

/// Measures the entrants of a contest into the run, and gives the table to be printed.
fn measure(
    setting: &Setting<'_>,
    entrants: Vec<Entrant>,
    blocks: NonZeroU32,
    raw: &Path,
    run: &mut Run,
) -> Result<String, Error> {
    let contest = setting.contest;
    for entrant in &entrants {
        if let MadeAs::Cargo(name) | MadeAs::Python(name) = entrant.side.made_as {
            note(&mut run.environment, name, environment::pinned(contest, name));
        }
    }
    if entrants.iter().any(|entrant| matches!(entrant.side.made_as, MadeAs::Python(_))) {
        note(&mut run.environment, "python", environment::python_version());
    }
    let Measured { samples, failures } =
        rounds::measure(setting, entrants, blocks.get(), raw, &mut Progress::shown())?;
    run.findings.extend(failures.into_iter().map(|(side, why)| finding(side, why)));
    let figures = Figures::new(contest, &samples);
    run.measurements.extend(figures.measurements());
    run.comparisons.push(figures.comparison(rounds::method(contest, blocks.get())));
    let title = format!("{}: {}", contest.name, contest.question);
    Ok(figures.table(&title).to_terminal(&summary::style()).trim_end().to_owned() + "\n")
}

/// Writes the run and its report, and prints what was found.
fn finish(run: Run, folder: &Path, shown: &str, json: bool) -> Result<bool, Error> {
    folder::write(&folder.join("run.json"), &format!("{:#}\n", run.to_json()))?;
    let analysis = Analysis::of(run, &[], &Thresholds::default());
    let html = report::write(folder, &analysis)?;
    let findings = &analysis.run.findings;
    let text = if json {
        format!("{:#}\n", analysis.to_json())
    } else {
        let mut text = format!("{shown}\n");
        for finding in findings {
            let _ = writeln!(text, "not measured: {finding}");
        }
        let _ = writeln!(text, "report: {}", html.display());
        text
    };
    stdout::print(&text)?;
    Ok(findings.is_empty())
}

/// The programs of the sides; a side whose program cannot be made is a finding.
fn enter(sides: &[&'static Side], maker: &mut Maker, findings: &mut Vec<Finding>) -> Vec<Entrant> {
    let mut entrants = Vec::new();
    for side in sides.iter().copied() {
        match maker.ready(side) {
            Ok(ready) => entrants.push(Entrant { side, ready }),
            Err(why) => findings.push(finding(side.name, why)),
        }
    }
    entrants
}

fn finding(side: &str, why: String) -> Finding {
    Finding::new(side, None, why)
}

fn note(environment: &mut Environment, name: &str, fact: Option<String>) {
    environment.extra.extend(fact.map(|fact| (name.to_owned(), fact)));
}

/// The comparisons that were asked for, with their sides.
fn asked(options: &Options) -> Result<Vec<(&'static Contest, Vec<&'static Side>)>, Error> {
    let unknown = |what: &str, name: &str| {
        Error::new(ErrorKind::Request, format!("find the {what} {name:?}"))
            .hinted("`cargo xtask peers --list` names all")
    };
    if let Some(name) =
        options.names.iter().find(|name| CONTESTS.iter().all(|contest| contest.name != name.as_str()))
    {
        return Err(unknown("comparison", name));
    }
    let chosen = CONTESTS
        .iter()
        .filter(|contest| options.names.is_empty() || options.names.iter().any(|name| name == contest.name));
    let mut asked = Vec::new();
    for contest in chosen {
        let sides = contest.sides.iter().filter(|side| wanted(contest, side, &options.sides));
        asked.push((contest, sides.collect::<Vec<_>>()));
    }
    let is_known = |name: &String| asked.iter().any(|(_, sides)| sides.iter().any(|side| side.name == name));
    match options.sides.iter().find(|name| !is_known(name)) {
        Some(name) => Err(unknown("side", name)),
        None => Ok(asked),
    }
}

/// Was the side asked for, or is one that was asked for held against it?
fn wanted(contest: &Contest, side: &Side, asked: &[String]) -> bool {
    let is_asked = |other: &Side| asked.iter().any(|name| name == other.name);
    let needed = |other: &Side| {
        is_asked(other) && (other.opponent == Some(side.name) || other.bare == Some(side.name))
    };
    asked.is_empty() || is_asked(side) || contest.sides.iter().any(needed)
}

fn list(asked: &[(&'static Contest, Vec<&'static Side>)]) -> String {
    let mut text = String::new();
    for (contest, sides) in asked {
        let _ = writeln!(text, "{}: {}", contest.name, contest.question);
        for task in contest.tasks {
            let _ = writeln!(text, "  task {:<10}  {}", task.name, task.what);
        }
        for side in sides {
            let _ = writeln!(text, "  {:<15}  {}", side.name, side.turn);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides_of(names: &[&str], sides: &[&str]) -> Result<Vec<&'static str>, String> {
        let options = Options {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            sides: sides.iter().map(|name| (*name).to_owned()).collect(),
            blocks: NonZeroU32::MIN,
            out: None,
            list: false,
            json: false,
        };
        let asked = asked(&options).map_err(|error| error.to_string())?;
        Ok(asked.iter().flat_map(|(_, sides)| sides.iter().map(|side| side.name)).collect())
    }

    #[test]
    fn who_is_asked_for_comes_with_what_it_is_held_against() {
        let all: usize = CONTESTS.iter().map(|contest| contest.sides.len()).sum();
        assert_eq!(sides_of(&[], &[]).expect("all").len(), all);
        assert_eq!(sides_of(&["debate"], &[]).expect("all").len(), 8);
        let heartbit = sides_of(&["debate"], &["heartbit"]).expect("known");
        assert_eq!(heartbit, ["rust-join", "assize-model", "heartbit"]);
        let nodes = sides_of(&[], &["langgraph-nodes", "rust-join"]).expect("known");
        assert_eq!(nodes, ["rust-join", "python-gather", "assize-engine", "langgraph-nodes"]);
        for (names, sides) in [(&["sing"], &[] as &[&str]), (&["debate"], &["nobody"])] {
            assert!(sides_of(names, sides).is_err_and(|why| why.starts_with("find the ")));
        }
    }
}
