//! Building the bench targets, all of them before the first is run: a build beside a measurement would disturb it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::catalogue::{BenchTarget, PACKAGE};
use super::measure::Executable;
use super::plan::Profile;
use crate::{Error, ErrorKind, workspace};

/// Builds the targets; what cargo says of its progress goes to standard error.
///
/// # Errors
/// [`ErrorKind::Process`] if cargo could not be started, failed, or built less than it was asked for.
pub(super) fn build(targets: &[BenchTarget], profile: Profile) -> Result<Vec<Executable>, Error> {
    build_in(&workspace::root(), None, targets, profile)
}

/// The same in another checkout, with a target folder of its own. A target that is not there is an error of cargo's.
pub(super) fn build_in(
    root: &Path,
    target_folder: Option<&Path>,
    targets: &[BenchTarget],
    profile: Profile,
) -> Result<Vec<Executable>, Error> {
    let arguments = arguments(targets, profile);
    let what = format!("run `cargo {}`", arguments.join(" "));
    let because = |error: io::Error| Error::because(ErrorKind::Process, what.as_str(), error);
    let mut command = Command::new(workspace::cargo());
    if let Some(folder) = target_folder {
        command.env("CARGO_TARGET_DIR", folder);
    }
    let mut child = command
        .args(&arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(because)?;
    let built = child.stdout.take().map_or_else(|| Ok(BTreeMap::new()), executables);
    let status = child.wait().map_err(because)?;
    if !status.success() {
        return Err(Error::new(ErrorKind::Process, format!("{what}: {status}"))
            .hinted("mend what the compiler names above"));
    }
    let built = built.map_err(because)?;
    let built = targets.iter().map(|target| match built.get(&target.name) {
        Some(program) => {
            Ok(Executable { target: target.clone(), program: program.clone(), folder: root.to_path_buf() })
        }
        None => Err(Error::new(
            ErrorKind::Process,
            format!("{what}: cargo names no executable of {}", target.name),
        )),
    });
    built.collect()
}

fn arguments(targets: &[BenchTarget], profile: Profile) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["bench", "-p", PACKAGE, "--no-run", "--message-format=json-render-diagnostics"]
            .map(str::to_owned)
            .to_vec();
    if profile.cargo_profile() != "bench" {
        arguments.extend(["--profile".to_owned(), profile.cargo_profile().to_owned()]);
    }
    let mut named = BTreeSet::new();
    let once = targets.iter().filter(|target| named.insert(target.name.as_str()));
    arguments.extend(once.flat_map(|target| ["--bench".to_owned(), target.name.clone()]));
    arguments
}

/// The executables of bench targets by name, from cargo's messages.
fn executables(messages: impl Read) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for message in Message::parse_stream(BufReader::new(messages)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.is_bench()
            && let Some(program) = artifact.executable
        {
            found.insert(artifact.target.name, program.into_std_path_buf());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::{Harness, Part};
    use super::*;

    // The shape of cargo 1.95's messages, one a line: a library, a bench target, and the end.
    const MESSAGES: &str = concat!(
        r#"{"reason":"compiler-artifact","package_id":"path+file:///w/crates/perf#assize-perf@0.1.0","manifest_path":"/w/crates/perf/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"assize_perf","src_path":"/w/crates/perf/src/lib.rs","edition":"2024","doc":true,"doctest":true,"test":true},"profile":{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false},"features":[],"filenames":["/t/smoke/deps/libassize_perf-1.rlib"],"executable":null,"fresh":true}"#,
        "\n",
        r#"{"reason":"compiler-artifact","package_id":"path+file:///w/benches#assize-benches@0.1.0","manifest_path":"/w/benches/Cargo.toml","target":{"kind":["bench"],"crate_types":["bin"],"name":"heap","src_path":"/w/benches/heap.rs","edition":"2024","doc":false,"doctest":false,"test":false},"profile":{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":true},"features":[],"filenames":["/t/smoke/deps/heap-2"],"executable":"/t/smoke/deps/heap-2","fresh":true}"#,
        "\n",
        r#"{"reason":"build-finished","success":true}"#,
        "\n",
    );

    #[test]
    fn executables_are_taken_from_the_messages() {
        let found = executables(MESSAGES.as_bytes()).expect("messages of cargo's shape");
        assert_eq!(found, BTreeMap::from([("heap".to_owned(), PathBuf::from("/t/smoke/deps/heap-2"))]));
    }

    #[test]
    fn only_what_is_needed_is_built() {
        let target = |name: &str| BenchTarget {
            name: name.to_owned(),
            harness: Harness::Own,
            source: format!("benches/{name}.rs"),
            part: Part::Timed,
        };
        let targets = [target("heap"), target("comparative")];
        let table = [
            (
                Profile::Smoke,
                "bench -p assize-benches --no-run --message-format=json-render-diagnostics --profile smoke \
                 --bench heap --bench comparative",
            ),
            (
                Profile::Full,
                "bench -p assize-benches --no-run --message-format=json-render-diagnostics --bench heap \
                 --bench comparative",
            ),
        ];
        for (profile, expected) in table {
            assert_eq!(arguments(&targets, profile).join(" "), expected);
        }
    }
}
