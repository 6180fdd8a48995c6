//! What there is to run: the bench targets as `cargo metadata` describes them, each with its kind.

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

/// A bench target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchTarget {
    /// Its name.
    pub name: String,
    /// How it is run.
    pub harness: Harness,
    /// Its file, relative to the workspace: `benches/debate.rs`.
    pub source: String,
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

/// The folder of everything that `bench` keeps, below cargo's target folder.
pub(crate) fn home(metadata: &Metadata) -> PathBuf {
    metadata.target_directory.as_std_path().join("assize")
}

/// The bench targets in the order in which `[package.metadata.assize]` of their package lists them.
///
/// # Errors
/// [`ErrorKind::Metadata`] if the package or its lists are missing, or do not name exactly its bench targets.
pub(super) fn bench_targets(metadata: &Metadata) -> Result<Vec<BenchTarget>, Error> {
    let packages = metadata.workspace_packages();
    let package = packages
        .iter()
        .find(|package| package.name.as_ref() == PACKAGE)
        .ok_or_else(|| Error::new(ErrorKind::Metadata, format!("find the package {PACKAGE}")))?;
    let root = metadata.workspace_root.as_std_path();
    let mut targets = Vec::new();
    for (list, harness) in [("criterion", Harness::Criterion), ("own", Harness::Own)] {
        for name in listed(package, list)? {
            let found = package.targets.iter().find(|target| target.is_bench() && target.name == name);
            let found = found.ok_or_else(|| {
                wrong(package, &format!("it lists {name} under {list}, which is no bench target"))
            })?;
            let source = relative(root, found.src_path.as_std_path());
            targets.push(BenchTarget { name, harness, source });
        }
    }
    for bench in package.targets.iter().filter(|target| target.is_bench()) {
        let times = targets.iter().filter(|target| target.name == bench.name).count();
        if times != 1 {
            let text = format!("it lists the bench target {} {times} times, not once", bench.name);
            return Err(wrong(package, &text));
        }
    }
    Ok(targets)
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

    #[test]
    fn the_lists_say_which_kind_a_target_is() {
        let metadata = described(r#"{"assize": {"criterion": ["debate"], "own": ["heap"]}}"#);
        let targets = bench_targets(&metadata).expect("good lists");
        let expected = [("debate", Harness::Criterion), ("heap", Harness::Own)];
        let expected = expected.map(|(name, harness)| BenchTarget {
            name: name.to_owned(),
            harness,
            source: format!("benches/{name}.rs"),
        });
        assert_eq!(targets, expected);
        assert_eq!(home(&metadata), Path::new("/t/assize"));
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
        ];
        for (lists, expected) in table {
            let error = bench_targets(&described(lists)).expect_err(lists);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.hint().is_some());
        }
    }
}
