//! Making the programs of the sides: ours and others' with cargo, Python's each in an environment of its own below
//! `target/peers`, made again only when its pins change.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::side::{Contest, MadeAs, Side};
use crate::bench::progress;
use crate::workspace;

/// The file of an environment that says which pins it was made from.
const MADE_FROM: &str = "made-from.txt";
const PYTHON: &str = "python3";

/// A program that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) program: PathBuf,
    /// What comes before the arguments that all get.
    pub(super) arguments: Vec<OsString>,
}

/// Makes what is not there yet; sides that share an environment share what it came to. What went wrong is said in words.
#[derive(Debug)]
pub(super) struct Maker {
    /// The contest's name.
    name: &'static str,
    /// The folder of the contest's sources.
    sources: PathBuf,
    /// The folder of all environments.
    environments: PathBuf,
    made: BTreeMap<&'static str, Result<Ready, String>>,
}

impl Maker {
    pub(super) fn new(contest: &Contest, target: &Path) -> Self {
        let sources = workspace::root().join("benches/peers").join(contest.name);
        let environments = target.join("peers").join(contest.name);
        Self { name: contest.name, sources, environments, made: BTreeMap::new() }
    }

    /// The program of a side, or why there is none.
    pub(super) fn ready(&mut self, side: &Side) -> Result<Ready, String> {
        let key = match side.made_as {
            MadeAs::Ours => "",
            MadeAs::Cargo(folder) | MadeAs::Python(folder) => folder,
        };
        if let Some(made) = self.made.get(key) {
            return made.clone();
        }
        progress::tell(&format!("{}: making its program", side.name));
        let made = match side.made_as {
            MadeAs::Ours => ours(),
            MadeAs::Cargo(folder) => self.package(folder),
            MadeAs::Python(folder) => self.python(folder),
        };
        self.made.insert(key, made.clone());
        made
    }

    /// Our program, whether or not a side of ours was asked for.
    pub(super) fn ours(&mut self) -> Result<PathBuf, String> {
        self.made.entry("").or_insert_with(ours).clone().map(|ready| ready.program)
    }

    /// The folder of the contest's environments.
    pub(super) fn environments(&self) -> &Path {
        &self.environments
    }

    /// A package with a workspace and a lockfile of its own.
    fn package(&self, folder: &str) -> Result<Ready, String> {
        let (manifest, target) =
            (self.sources.join(folder).join("Cargo.toml"), self.environments.join(folder));
        let given: [OsString; 5] = [
            "--locked".into(),
            "--manifest-path".into(),
            manifest.into(),
            "--target-dir".into(),
            target.into(),
        ];
        built(&[], &format!("peer-{folder}"), &given)
            .map_err(|why| format!("{why}; its packages come from the registry of crates: is it reachable?"))
    }

    fn python(&self, folder: &str) -> Result<Ready, String> {
        let sources = self.sources.join(folder);
        let arguments = vec![OsString::from(sources.join(format!("{}.py", self.name)))];
        let pins = sources.join("requirements.txt");
        if !pins.exists() {
            said(Command::new(PYTHON).arg("--version"), "python3 is needed")?;
            return Ok(Ready { program: PYTHON.into(), arguments });
        }
        let there = self.environments.join(folder);
        let program = there.join("bin").join("python");
        let failed = |what: &str, path: &Path, error: &io::Error| {
            format!("could not {what} {}: {error}", path.display())
        };
        let wanted = fs::read(&pins).map_err(|error| failed("read", &pins, &error))?;
        if program.exists() && fs::read(there.join(MADE_FROM)).is_ok_and(|made_from| made_from == wanted) {
            return Ok(Ready { program, arguments });
        }
        match fs::remove_dir_all(&there) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &there, &error));
            }
            _ => {}
        }
        said(
            Command::new(PYTHON).args(["-c", "import ensurepip, venv"]),
            "python3 with venv and pip is needed (Debian: apt-get install python3-venv)",
        )?;
        said(Command::new(PYTHON).args(["-m", "venv"]).arg(&there), "an environment could not be made")?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
        said(
            Command::new(&program).args(pip).args(["--no-deps", "--requirement"]).arg(&pins),
            "its packages could not be installed; is the registry of packages reachable?",
        )?;
        // Last, so that one that was only half made is made again.
        let note = there.join(MADE_FROM);
        fs::write(&note, wanted).map_err(|error| failed("write", &note, &error))?;
        Ok(Ready { program, arguments })
    }
}

fn ours() -> Result<Ready, String> {
    built(&["--package", "assize-benches"], "peer-assize", &[])
}

/// Writes what all sides of a contest are given: the output of `peer-assize inputs CONTEST`.
pub(super) fn write_inputs(ours: &Path, contest: &Contest, file: &Path) -> Result<(), String> {
    let text = said(Command::new(ours).args(["inputs", contest.name]), "its inputs could not be made")?;
    fs::write(file, text).map_err(|error| format!("could not write {}: {error}", file.display()))
}

/// Builds a program as it ships, and says where it lies.
fn built(package: &[&str], name: &str, given: &[OsString]) -> Result<Ready, String> {
    let mut command = Command::new(workspace::cargo());
    command
        .args(["build", "--release", "--message-format=json-render-diagnostics", "--bin", name])
        .args(package)
        .args(given)
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo could not build it ({}; it says why above)", output.status));
    }
    executable(&output.stdout, name).ok_or_else(|| format!("cargo named no program {name}"))
}

/// The program of this name, from cargo's messages.
fn executable(messages: &[u8], name: &str) -> Option<Ready> {
    let programs = Message::parse_stream(BufReader::new(messages)).filter_map(|message| match message {
        Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == name => artifact.executable,
        _ => None,
    });
    let program = programs.last()?.into_std_path_buf();
    Some(Ready { program, arguments: Vec::new() })
}

/// Runs a command to its end; if it fails, what is needed and the last that it said.
fn said(command: &mut Command, needed: &str) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{needed}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
    Err(format!("{needed}: {} ({})", last.trim(), output.status))
}

/// Which Python there is.
pub(super) fn python_version() -> Option<String> {
    said(Command::new(PYTHON).arg("--version"), "").ok().filter(|text| !text.is_empty())
}

/// The version that a side's pins name: `1.2.22` of `langgraph==1.2.22`, or of a manifest's `version = "=1.2.22"`.
pub(super) fn pinned(contest: &Contest, folder: &str) -> Option<String> {
    let sources = workspace::root().join("benches/peers").join(contest.name).join(folder);
    let read = |file: &str| fs::read_to_string(sources.join(file)).unwrap_or_default();
    version_in(&read("requirements.txt"), folder).or_else(|| version_in(&read("Cargo.toml"), folder))
}

fn version_in(pins: &str, name: &str) -> Option<String> {
    let line = pins.lines().find(|line| line.starts_with(name) && line.contains('='))?;
    let (package, rest) = line.split_once('=')?;
    let version = rest.split(['=', '"']).find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(format!("{} {version}", package.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_pins_and_manifests() {
        let pins = "langchain-core==1.7.2\nlanggraph==1.2.22\nlanggraph-sdk==0.4.14\n";
        assert_eq!(version_in(pins, "langgraph").as_deref(), Some("langgraph 1.2.22"));
        let manifest = "[package]\nname = \"peer\"\n[dependencies]\n\
                        heartbit-core = { version = \"=2026.613.1\", default-features = false }\n";
        assert_eq!(version_in(manifest, "heartbit").as_deref(), Some("heartbit-core 2026.613.1"));
        assert_eq!(version_in(manifest, "autogen"), None);
    }

    #[test]
    fn every_peer_is_pinned() {
        for contest in &super::super::contests::CONTESTS {
            for side in contest.sides {
                if let MadeAs::Cargo(folder) | MadeAs::Python(folder) = side.made_as
                    && folder != "bare"
                {
                    assert!(pinned(contest, folder).is_some(), "{folder} of {}", contest.name);
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_said_with_what_a_program_said_last() {
        let mut missing = Command::new("a-program-that-is-not-there");
        assert!(said(&mut missing, "it is needed").is_err_and(|why| why.starts_with("it is needed: ")));
        let failing = said(Command::new("cargo").arg("no-such-command"), "cargo is needed");
        assert!(failing.is_err_and(|why| why.starts_with("cargo is needed: ") && why.contains("101")));
    }

    #[test]
    fn the_program_of_that_name_is_taken_from_the_messages() {
        let message = |name: &str, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///w#x@0.1.0","manifest_path":"/w/Cargo.toml","target":{{"kind":["bin"],"crate_types":["bin"],"name":"{name}","src_path":"/w/x.rs","edition":"2024","doc":true,"doctest":false,"test":true}},"profile":{{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}},"features":[],"filenames":[],"executable":{executable},"fresh":true}}"#
            )
        };
        let messages = [message("a", "\"/t/release/a\""), message("b", "\"/t/release/b\"")].join("\n");
        let found = executable(messages.as_bytes(), "a").expect("it is there");
        assert_eq!(found.program, Path::new("/t/release/a"));
        assert_eq!(executable(message("a", "null").as_bytes(), "a"), None);
        assert_eq!(executable(messages.as_bytes(), "c"), None);
    }
}
