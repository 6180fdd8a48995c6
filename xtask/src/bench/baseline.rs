//! What a run can be held against: kept executables, a stored run, or a revision that is built anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use assize_perf::Run;
use serde::{Deserialize, Serialize};

use super::catalogue::{BenchTarget, Harness, Part};
use super::folder::{self, BaselineName};
use super::measure::Executable;
use super::plan::{Plan, Profile};
use super::{build, catalogue};
use crate::{Error, ErrorKind, report, workspace};

/// The list of kept executables, beside them.
const LIST: &str = "executables.json";
const FORMAT_VERSION: u32 = 1;

/// What a run is held against.
#[derive(Debug)]
pub(super) enum Baseline {
    /// Programs that can be run by turns with the new ones.
    Executables { name: String, executables: Vec<Executable>, revision: Option<String> },
    /// Figures of one run: a change of a time can be suspected at most.
    Stored { run: Box<Run> },
    /// A revision that has to be built.
    Revision { revision: String },
}

#[derive(Serialize, Deserialize)]
struct Kept {
    format_version: u32,
    /// The profile that they were built with.
    cargo_profile: String,
    revision: Option<String>,
    targets: Vec<KeptTarget>,
}

#[derive(Serialize, Deserialize)]
struct KeptTarget {
    name: String,
    source: String,
    criterion: bool,
    exact: bool,
}

/// Keeps the executables of a run beside its figures.
pub(super) fn keep(
    home: &Path,
    name: &BaselineName,
    profile: Profile,
    executables: &[Executable],
    revision: Option<String>,
) -> Result<(), Error> {
    let folder = folder::baseline(home, name).with_extension("");
    let failed = |path: &Path, error: io::Error| {
        Error::because(ErrorKind::Files, format!("keep an executable as {}", path.display()), error)
    };
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let mut targets: Vec<KeptTarget> = Vec::new();
    for executable in whole(executables) {
        let to = folder.join(&executable.target.name);
        fs::copy(&executable.program, &to).map_err(|error| failed(&to, error))?;
        targets.push(KeptTarget {
            name: executable.target.name,
            source: executable.target.source,
            criterion: executable.target.harness == Harness::Criterion,
            exact: executable.target.part == Part::Exact,
        });
    }
    let cargo_profile = profile.cargo_profile().to_owned();
    let kept = Kept { format_version: FORMAT_VERSION, cargo_profile, revision, targets };
    let text = serde_json::to_string_pretty(&kept).unwrap_or_default();
    folder::write(&folder.join(LIST), &format!("{text}\n"))
}

/// Each program once, as a whole: another build may know nothing of parts.
pub(super) fn whole(executables: &[Executable]) -> Vec<Executable> {
    let mut whole: Vec<Executable> = Vec::new();
    for executable in executables {
        if whole.iter().all(|one| one.target.name != executable.target.name) {
            let part = if executable.target.part == Part::Exact { Part::Exact } else { Part::Timed };
            let target = BenchTarget { part, ..executable.target.clone() };
            whole.push(Executable { target, ..executable.clone() });
        }
    }
    whole
}

/// Finds what goes by a name: kept executables, else a stored run, else a revision.
pub(super) fn find(home: &Path, name: &str, plan: &Plan) -> Result<Baseline, Error> {
    if let Ok(plain) = name.parse::<BaselineName>() {
        let stored = folder::baseline(home, &plain);
        let list = stored.with_extension("").join(LIST);
        if list.is_file() {
            return executables(name, &list, plan);
        }
        if stored.is_file() {
            return Ok(Baseline::Stored { run: Box::new(report::stored(&stored)?) });
        }
    }
    let commit = format!("{name}^{{commit}}");
    let known = Command::new("git")
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
        .current_dir(workspace::root())
        .output();
    match known {
        Ok(output) if output.status.success() => {
            let revision = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Ok(Baseline::Revision { revision })
        }
        _ => Err(Error::new(ErrorKind::Request, format!("find {name}: it is no baseline and no revision"))
            .hinted("`--save NAME` makes a baseline; a revision is whatever git knows by that name")),
    }
}

fn executables(name: &str, list: &Path, plan: &Plan) -> Result<Baseline, Error> {
    let refused = |what: String| {
        Error::new(ErrorKind::Request, format!("use the baseline {name}: {what}"))
            .hinted("save it again with `--save`, with the profile that it is compared in")
    };
    let bytes = fs::read(list).map_err(|error| {
        Error::because(ErrorKind::Request, format!("read {}", list.display()), error)
            .hinted("save the baseline again with `--save`")
    })?;
    let kept: Kept =
        serde_json::from_slice(&bytes).map_err(|error| refused(format!("{}: {error}", list.display())))?;
    if kept.format_version != FORMAT_VERSION {
        return Err(refused(format!("its format_version is {}, not {FORMAT_VERSION}", kept.format_version)));
    }
    if kept.cargo_profile != plan.profile.cargo_profile() {
        return Err(refused(format!(
            "it was built with the cargo profile {}, this run is with {}",
            kept.cargo_profile,
            plan.profile.cargo_profile()
        )));
    }
    let folder = list.parent().unwrap_or_else(|| Path::new(""));
    let executable = |target: KeptTarget| {
        let harness = if target.criterion { Harness::Criterion } else { Harness::Own };
        let part = if target.exact { Part::Exact } else { Part::Timed };
        let program = folder.join(&target.name);
        let target = BenchTarget { name: target.name, harness, source: target.source, part };
        Executable { target, program, folder: workspace::root() }
    };
    let executables = kept.targets.into_iter().map(executable).collect();
    Ok(Baseline::Executables { name: name.to_owned(), executables, revision: kept.revision })
}

/// Builds the targets of a revision that are measured now too, in a checkout of its own.
pub(super) fn of_revision(
    home: &Path,
    revision: &str,
    now: &[Executable],
    profile: Profile,
) -> Result<Vec<Executable>, Error> {
    let worktrees = home.join("worktrees");
    let root = worktrees.join(&revision[..revision.len().min(12)]);
    if !root.join("Cargo.toml").is_file() {
        check_out(&root, revision)?;
    }
    let there = catalogue::names_in(&root)?;
    let targets: Vec<BenchTarget> = whole(now)
        .into_iter()
        .map(|executable| executable.target)
        .filter(|target| there.contains(&target.name))
        .collect();
    if targets.is_empty() {
        return Err(Error::new(ErrorKind::Request, format!("find any of the bench targets in {revision}"))
            .hinted("compare with a later revision"));
    }
    build::build_in(&root, Some(&worktrees.join("target")), &targets, profile)
}

fn check_out(root: &PathBuf, revision: &str) -> Result<(), Error> {
    let what = || format!("check out {revision} into {}", root.display());
    let status = Command::new("git")
        .args(["worktree", "add", "--force", "--detach", "--quiet"])
        .arg(root)
        .arg(revision)
        .current_dir(workspace::root())
        .status()
        .map_err(|error| Error::because(ErrorKind::Process, what(), error))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Process, format!("{}: {status}", what()))
        .hinted("`git worktree list` shows what is checked out; remove what is left of an older one"))
}
