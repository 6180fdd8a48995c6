//! What there is to run: the bench targets as `cargo metadata` describes them, each with its kind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::{Error, ErrorKind, workspace};

/// The package that holds the bench targets.
pub(super) const PACKAGE: &str = "assize-benches";

/// How a target is run and what it leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Harness {
    /// Criterion: measures time, leaves a folder for each benchmark.
    Criterion,
    /// The project's own: counts or simulates, writes one run.
    Own,
}

/// Which parts of a bench target are run, and whether they are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Part {
    /// All of it; something in it is timed.
    #[default]
    Timed,
    /// All of it; nothing in it is timed.
    Exact,
    /// Of one that has both sorts, the parts that are timed.
    OnlyTimed,
    /// Of one that has both sorts, the parts in which nothing is.
    OnlyExact,
}

impl Part {
    /// Whether it matters what else the machine does.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Timed | Self::OnlyTimed)
    }

    /// What a target is told to restrict itself to.
    #[must_use]
    pub const fn asked(self) -> Option<&'static str> {
        match self {
            Self::Timed | Self::Exact => None,
            Self::OnlyTimed => Some("timed"),
            Self::OnlyExact => Some("exact"),
        }
    }
}

/// A bench target, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchTarget {
    /// Its name.
    pub name: String,
    /// How it is run.
    pub harness: Harness,
    /// Its file, relative to the workspace: `benches/debate.rs`.
    pub source: String,
    /// What of it.
    pub part: Part,
}

impl BenchTarget {
    /// What it is called where its parts are told apart, and what its files are named for: `fetch`, `fetch-exact`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.part {
            Part::OnlyExact => format!("{}-exact", self.name),
            _ => self.name.clone(),
        }
    }
}

/// What there is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Catalogue {
    /// What is measured.
    pub(crate) targets: Vec<BenchTarget>,
    /// What shows what the machine does meanwhile.
    pub(crate) control: Option<BenchTarget>,
}

/// Describes the workspace. It resolves no dependency, so it needs no network.
///
/// # Errors
/// [`ErrorKind::Metadata`] if cargo cannot read the manifests.
pub(crate) fn metadata() -> Result<Metadata, Error> {
    let root = workspace::root();
    let mut command = MetadataCommand::new();
    command
        .cargo_path(workspace::cargo())
        .manifest_path(root.join("Cargo.toml"))
        .current_dir(&root)
        .no_deps();
    command.exec().map_err(|error| Error::because(ErrorKind::Metadata, "run `cargo metadata`", error))
}

/// The names of the bench targets in another checkout.
///
/// # Errors
/// [`ErrorKind::Metadata`] if cargo cannot read its manifests.
pub(super) fn names_in(root: &Path) -> Result<BTreeSet<String>, Error> {
    let mut command = MetadataCommand::new();
    command.cargo_path(workspace::cargo()).manifest_path(root.join("Cargo.toml")).current_dir(root).no_deps();
    let metadata = command.exec().map_err(|error| {
        Error::because(ErrorKind::Metadata, format!("run `cargo metadata` in {}", root.display()), error)
    })?;
    let packages = metadata.packages.iter().filter(|package| package.name.as_ref() == PACKAGE);
    let targets = packages.flat_map(|package| &package.targets).filter(|target| target.is_bench());
    Ok(targets.map(|target| target.name.clone()).collect())
}

/// The folder of everything that `bench` keeps, below cargo's target folder.
pub(crate) fn home(metadata: &Metadata) -> PathBuf {
    metadata.target_directory.as_std_path().join("assize")
}

/// The bench targets in the order in which `[package.metadata.assize]` of their package lists them, of these the ones that
/// a selection asks for: targets under `asked` are there only for a selection that begins with their prefix, and then
/// alone.
///
/// # Errors
/// [`ErrorKind::Metadata`] if the package or its lists are missing, or do not name exactly its bench targets.
pub(crate) fn catalogue(metadata: &Metadata, only: Option<&str>) -> Result<Catalogue, Error> {
    let packages = metadata.workspace_packages();
    let package = packages
        .iter()
        .find(|package| package.name.as_ref() == PACKAGE)
        .ok_or_else(|| Error::new(ErrorKind::Metadata, format!("find the package {PACKAGE}")))?;
    let root = metadata.workspace_root.as_std_path();
    let find = |list: &str, name: &str, harness| {
        let found = package.targets.iter().find(|target| target.is_bench() && target.name == name);
        let found = found.ok_or_else(|| {
            wrong(package, &format!("it lists {name} under {list}, which is no bench target"))
        })?;
        let source = relative(root, found.src_path.as_std_path());
        Ok(BenchTarget { name: name.to_owned(), harness, source, part: Part::Timed })
    };
    let control = package.metadata["assize"]["control"].as_str();
    let control = control.map(|name| find("control", name, Harness::Own)).transpose()?;
    let mut targets = Vec::new();
    for (list, harness) in [("criterion", Harness::Criterion), ("own", Harness::Own)] {
        for name in listed(package, list)? {
            targets.push(find(list, &name, harness)?);
        }
    }
    for bench in package.targets.iter().filter(|target| target.is_bench()) {
        let times = targets.iter().chain(&control).filter(|target| target.name == bench.name).count();
        if times != 1 {
            let text = format!("it lists the bench target {} {times} times, not once", bench.name);
            return Err(wrong(package, &text));
        }
    }
    let (exact, mixed) = (named(package, "exact", &targets)?, named(package, "mixed", &targets)?);
    let targets = asked(targets, package, only);
    let parts = targets.into_iter().flat_map(|target| {
        let parts: &[Part] = match () {
            () if mixed.contains(&target.name) => &[Part::OnlyTimed, Part::OnlyExact],
            () if exact.contains(&target.name) => &[Part::Exact],
            () => &[Part::Timed],
        };
        parts.iter().map(move |part| BenchTarget { part: *part, ..target.clone() })
    });
    Ok(Catalogue { targets: parts.collect(), control })
}

/// Those that a selection asks for.
fn asked(targets: Vec<BenchTarget>, package: &Package, only: Option<&str>) -> Vec<BenchTarget> {
    let prefix = |target: &BenchTarget| package.metadata["assize"]["asked"][&target.name].as_str();
    let is_asked = |target: &BenchTarget| {
        prefix(target).is_some_and(|prefix| only.is_some_and(|only| only.starts_with(prefix)))
    };
    let alone = targets.iter().any(is_asked);
    targets.into_iter().filter(|target| is_asked(target) || !alone && prefix(target).is_none()).collect()
}

/// A list that says more of own targets that are listed already; it may be missing.
fn named(package: &Package, list: &str, targets: &[BenchTarget]) -> Result<Vec<String>, Error> {
    if package.metadata["assize"][list].is_null() {
        return Ok(Vec::new());
    }
    let names = listed(package, list)?;
    let is_own = |name: &str| targets.iter().any(|t| t.name == name && t.harness == Harness::Own);
    match names.iter().find(|name| !is_own(name)) {
        Some(name) => Err(wrong(package, &format!("it lists {name} under {list}, which is none of `own`"))),
        None => Ok(names),
    }
}

fn listed(package: &Package, list: &str) -> Result<Vec<String>, Error> {
    let value = &package.metadata["assize"][list];
    let names = value.as_array().map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)));
    names
        .and_then(Iterator::collect::<Option<Vec<String>>>)
        .ok_or_else(|| wrong(package, &format!("{list} is no list of names")))
}

fn wrong(package: &Package, what: &str) -> Error {
    let what = format!("read [package.metadata.assize] of {}: {what}", package.manifest_path);
    Error::new(ErrorKind::Metadata, what)
        .hinted("list each bench target once, under `criterion = [...]` or `own = [...]`")
}

fn relative(root: &Path, path: &Path) -> String {
    let parts: Vec<_> =
        path.strip_prefix(root).unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(lists: &str) -> Metadata {
        let text = r#"{
          "packages": [{"name": "assize-benches", "version": "0.1.0", "id": "b", "source": null, "license": null,
            "manifest_path": "/w/benches/Cargo.toml", "edition": "2024", "features": {}, "dependencies": [],
            "metadata": LISTS, "targets": [
              {"name": "assize_benches", "kind": ["lib"], "crate_types": ["lib"], "src_path": "/w/benches/src/lib.rs"},
              {"name": "debate", "kind": ["bench"], "crate_types": ["bin"], "src_path": "/w/benches/debate.rs"},
              {"name": "heap", "kind": ["bench"], "crate_types": ["bin"], "src_path": "/w/benches/heap.rs"}]}],
          "workspace_members": ["b"], "workspace_root": "/w", "target_directory": "/t", "version": 1, "resolve": null
        }"#;
        MetadataCommand::parse(text.replace("LISTS", lists)).expect("the text has cargo's shape")
    }

    fn shown(lists: &str, only: Option<&str>) -> Vec<(String, Part)> {
        let found = catalogue(&described(lists), only).expect("good lists");
        found.targets.into_iter().map(|target| (target.label(), target.part)).collect()
    }

    #[test]
    fn the_lists_say_which_kind_a_target_is() {
        let metadata = described(r#"{"assize": {"criterion": ["debate"], "own": ["heap"]}}"#);
        let found = catalogue(&metadata, None).expect("good lists");
        let expected = [("debate", Harness::Criterion), ("heap", Harness::Own)];
        let expected = expected.map(|(name, harness)| BenchTarget {
            name: name.to_owned(),
            harness,
            source: format!("benches/{name}.rs"),
            part: Part::Timed,
        });
        assert_eq!((found.targets.as_slice(), found.control), (expected.as_slice(), None));
        assert_eq!(home(&metadata), Path::new("/t/assize"));
    }

    #[test]
    fn what_is_not_timed_is_told_apart() {
        let of = |lists: &str| shown(&format!(r#"{{"assize": {{"criterion": [], "own": {lists}}}}}"#), None);
        let named = |pairs: &[(&str, Part)]| -> Vec<(String, Part)> {
            pairs.iter().map(|(name, part)| ((*name).to_owned(), *part)).collect()
        };
        assert_eq!(
            of(r#"["debate", "heap"], "exact": ["heap"], "mixed": ["debate"]"#),
            named(&[("debate", Part::OnlyTimed), ("debate-exact", Part::OnlyExact), ("heap", Part::Exact)])
        );
        assert_eq!(of(r#"["heap"], "control": "debate""#), named(&[("heap", Part::Timed)]));
    }

    #[test]
    fn what_is_measured_only_if_asked_for_is_then_measured_alone() {
        let lists = r#"{"assize": {"criterion": [], "own": ["debate", "heap"], "asked": {"heap": "heap/"}}}"#;
        let names = |only| shown(lists, only).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(None), ["debate"]);
        assert_eq!(names(Some("*")), ["debate"]);
        assert_eq!(names(Some("heap/*")), ["heap"]);
    }

    #[test]
    fn lists_that_do_not_fit_the_package_are_refused() {
        let table = [
            ("null", "criterion is no list of names"),
            (r#"{"assize": {"criterion": ["debate"]}}"#, "own is no list of names"),
            (r#"{"assize": {"criterion": ["debate", 7], "own": []}}"#, "criterion is no list of names"),
            (
                r#"{"assize": {"criterion": ["debate"], "own": ["stack"]}}"#,
                "stack under own, which is no bench",
            ),
            (r#"{"assize": {"criterion": ["debate"], "own": []}}"#, "the bench target heap 0 times"),
            (r#"{"assize": {"criterion": ["debate", "heap"], "own": ["heap"]}}"#, "heap 2 times"),
            (
                r#"{"assize": {"criterion": ["debate"], "own": ["heap"], "exact": ["debate"]}}"#,
                "debate under exact, which is none of `own`",
            ),
        ];
        for (lists, expected) in table {
            let error = catalogue(&described(lists), None).expect_err(lists);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.hint().is_some());
        }
    }
}
