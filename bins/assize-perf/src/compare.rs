//! `assize-perf compare`, and the arguments that say by what rules.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use assize_perf::{
    Quantity, Run, Unit,
    compare::{Changes, Rules},
    read_path,
};
use assize_report::{Document, TerminalStyle};
use clap::Args;

use crate::{Surroundings, exit, exit::Failure};

/// A folder with more files than this is not read as a run each.
const MOST_FILES: usize = 1_000;

const EXAMPLES: &str = "\
Examples:
  assize-perf compare before.json after.json
  assize-perf compare runs/before runs/after            folders with a file for each run of a process
  assize-perf compare b1.json a1.json --base b2.json --new a2.json
  assize-perf compare before.json after.json --each-sample-a-run       hyperfine's samples are processes of their own

Six runs a side or more, measured in turn on one machine, tell a change from noise; one a side tells nothing for sure.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// The results before: a file, or a folder
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// The results after: a file, or a folder
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Further runs before; may be given more than once
    #[arg(long = "base", value_name = "PATH")]
    more_before: Vec<PathBuf>,
    /// Further runs after; may be given more than once
    #[arg(long = "new", value_name = "PATH")]
    more_after: Vec<PathBuf>,
    #[command(flatten)]
    rules: RulesArguments,
    /// Prints one JSON document instead of the view for a terminal
    #[arg(long)]
    json: bool,
}

/// By what rules runs are compared.
#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    /// The least change of a time that matters [default: the noise learned from --history, or 5%]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    floor: Option<f64>,
    /// The largest change of an exact figure (counted, or virtual) that is none
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0")]
    tolerance: f64,
    /// The chance of any false alarm, at most
    #[arg(long, value_name = "P", value_parser = chance, default_value = "0.05")]
    alpha: f64,
    /// Earlier results that noise is learned from, oldest first; may be given more than once
    #[arg(long, value_name = "PATH")]
    history: Vec<PathBuf>,
    /// Compares times of different machines or builds all the same
    #[arg(long)]
    across_machines: bool,
    /// Takes every sample for the run of a process of its own
    #[arg(long)]
    each_sample_a_run: bool,
}

impl RulesArguments {
    pub(crate) fn rules(&self) -> Result<Rules, Failure> {
        let rules = Rules {
            alpha: self.alpha,
            floor: self.floor,
            tolerance: self.tolerance,
            across_machines: self.across_machines,
            samples_are_runs: self.each_sample_a_run,
            ..Rules::default()
        };
        let mut history = read(&self.history)?;
        // By time where all say it; otherwise in the order given.
        if history.iter().all(|run| run.created_at.is_some()) {
            history.sort_by_key(|run| run.created_at);
        }
        Ok(rules.with_history(&history))
    }
}

pub(crate) fn compare(
    request: &Compare,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let rules = request.rules.rules()?;
    let side = |first: &PathBuf, more: &[PathBuf]| read(&[std::slice::from_ref(first), more].concat());
    let before = side(&request.base, &request.more_before)?;
    let after = side(&request.new, &request.more_after)?;
    let changes = Changes::between(&before, &after, &rules);
    tell(&changes.document(), request.json.then(|| changes.to_json()), surroundings, out)?;
    Ok(exit::DONE)
}

/// Reads every path as one run, and a folder of nothing but JSON files as one run each: so every run keeps the machine and the
/// build that it says.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Run>, Failure> {
    let mut runs = Vec::new();
    for path in paths {
        match each(path) {
            Some(several) => runs.extend(several),
            None => runs.push(read_path(path)?),
        }
    }
    Ok(runs)
}

/// The runs of a folder that holds one in each of its files; `None` for anything else.
fn each(folder: &Path) -> Option<Vec<Run>> {
    let entries = fs::read_dir(folder).ok()?.take(MOST_FILES + 1).collect::<Result<Vec<_>, _>>().ok()?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    let is_result = |path: &PathBuf| path.is_file() && path.extension().is_some_and(|end| end == "json");
    if !(2..=MOST_FILES).contains(&files.len()) || !files.iter().all(is_result) {
        return None;
    }
    files.sort();
    files.iter().map(|file| read_path(file).ok()).collect()
}

/// Prints the data where they are asked for, and the document otherwise.
pub(crate) fn tell(
    document: &Document,
    json: Option<serde_json::Value>,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let text = json.map_or_else(
        || {
            let style = TerminalStyle { width: surroundings.width, colour: surroundings.colour };
            format!("{}\n", document.to_terminal(&style).trim_end())
        },
        |json| format!("{json:#}\n"),
    );
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

/// A share as people write it: `5%`, `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let quantity = Quantity::parse(text).map_err(|e| e.to_string())?;
    match quantity.unit {
        None | Some(Unit::Fraction) if (0.0..=1.0).contains(&quantity.value) => Ok(quantity.value),
        None if quantity.value > 1.0 => Err(format!("write {text}% for a share of a hundred")),
        _ => Err("expected a share between 0 and 1, such as 5% or 0.05".to_owned()),
    }
}

fn chance(text: &str) -> Result<f64, String> {
    let chance = share(text)?;
    if chance > 0.0 && chance < 1.0 {
        Ok(chance)
    } else {
        Err("expected a chance between 0 and 1, such as 0.05".to_owned())
    }
}
