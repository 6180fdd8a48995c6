//! Finding the property tests to run.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Message, Metadata, Package};

use super::{Target, built};
use crate::{Error, ErrorKind};

/// The packages of the workspace in whose sources a test of the name stands.
pub(super) fn packages(metadata: &Metadata) -> Result<Vec<&Package>, Error> {
    let mut packages = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(folder) = package.manifest_path.parent() else { continue };
        let holds = ["src", "tests"].iter().map(|part| mentions(folder.join(part).as_std_path()));
        if holds.collect::<Result<Vec<bool>, Error>>()?.contains(&true) {
            packages.push(package);
        }
    }
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(packages)
}

/// Whether a source below this folder defines such a test.
fn mentions(folder: &Path) -> Result<bool, Error> {
    let because = |error| Error::because(ErrorKind::Files, format!("read {}", folder.display()), error);
    if !folder.is_dir() {
        return Ok(false);
    }
    for entry in fs::read_dir(folder).map_err(because)? {
        let path = entry.map_err(because)?.path();
        let found = if path.is_dir() {
            mentions(&path)?
        } else {
            path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).map_err(because)?.lines().any(defines)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a line defines such a test: the word begins it, so that neither comments nor texts count.
fn defines(line: &str) -> bool {
    line.trim_start().starts_with("fn fuzz_")
}

/// Builds the packages' tests and lists those of the name.
pub(super) fn targets(packages: &[&Package]) -> Result<Vec<Target>, Error> {
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = packages.iter().map(|package| package.name.to_string()).collect();
    let messages = built(&names)?;
    let mut targets = Vec::new();
    for message in Message::parse_stream(messages.as_slice()) {
        let message = message
            .map_err(|error| Error::because(ErrorKind::Process, "read the messages of cargo", error))?;
        let Message::CompilerArtifact(artifact) = message else { continue };
        let package = packages.iter().find(|package| package.id == artifact.package_id);
        let (Some(package), Some(program), true) = (package, artifact.executable, artifact.profile.test)
        else {
            continue;
        };
        let program = program.into_std_path_buf();
        let folder =
            package.manifest_path.parent().map_or_else(PathBuf::new, |path| path.as_std_path().to_owned());
        for test in super::names(&program, &folder)? {
            let name = format!("{} {test}", package.name);
            targets.push(Target { name, program: program.clone(), test, folder: folder.clone() });
        }
    }
    targets.sort();
    Ok(targets)
}

/// The tests of the name in what the harness lists: `fuzz::fuzz_sse_bytes: test`.
pub(super) fn names(listed: &str) -> Vec<String> {
    let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).starts_with("fuzz_");
    tests.filter(|path| last(path)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_their_last_name() {
        let listed = "fuzz::fuzz_sse_bytes: test\nfuzz::others: test\nfuzz_top: test\na::defuzz_b: test\nfuzz_b: benchmark\n\n";
        assert_eq!(names(listed), ["fuzz::fuzz_sse_bytes", "fuzz_top"]);
    }

    #[test]
    fn only_definitions_count() {
        for (line, expected) in [
            ("    fn fuzz_sse_bytes(", true),
            ("fn fuzz_x() {", true),
            ("// fn fuzz_x() {", false),
            ("starts_with(\"fn fuzz_\")", false),
            ("fn fuzzy() {", false),
        ] {
            assert_eq!(defines(line), expected, "{line}");
        }
    }
}
