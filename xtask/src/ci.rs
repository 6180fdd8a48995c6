//! `cargo xtask ci`: every step that must pass before a change is accepted, in order, stopping at the first
//! that fails, with a summary of what ran and how long each step took.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Error, ErrorKind, schema, stdout, tidy, workspace};

/// The arguments of `cargo xtask ci`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Print the steps without running them.
    #[arg(long)]
    pub list: bool,
}

/// One step: a cargo command with its environment, or a chore of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    name: &'static str,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Cargo { environment: &'static [(&'static str, &'static str)], arguments: &'static [&'static str] },
    Schema,
    Tidy,
}

const STEPS: [Step; 9] = [
    Step { name: "format", action: cargo(&["fmt", "--all", "--check"]) },
    Step {
        name: "lint",
        action: cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
    },
    Step { name: "test", action: cargo(&["test", "--workspace"]) },
    // What takes too long for every day: debates that are killed at two hundred points.
    Step {
        name: "kill",
        action: cargo(&["test", "--package", "assize", "--test", "it", "kill::", "--", "--ignored"]),
    },
    // A gate that finds nothing is no gate: benches are built, and slowed down on purpose.
    Step {
        name: "planted",
        action: cargo(&["test", "--package", "xtask", "--test", "it", "planted::", "--", "--ignored"]),
    },
    // What is off by default: tiers that need a server, schemas, an embedder from a folder, the faster counter and the
    // vocabularies of its crate.
    Step {
        name: "features",
        action: cargo(&[
            "test",
            "--package",
            "assize-cache",
            "--package",
            "assize-debate",
            "--package",
            "assize-pipeline",
            "--package",
            "assize-portfolio",
            "--package",
            "assize-retrieval",
            "--package",
            "assize-tokens",
            "--all-features",
        ]),
    },
    Step {
        name: "document",
        action: Action::Cargo {
            environment: &[("RUSTDOCFLAGS", "-D warnings")],
            arguments: &["doc", "--workspace", "--no-deps"],
        },
    },
    Step { name: "schema", action: Action::Schema },
    Step { name: "tidy", action: Action::Tidy },
];

const fn cargo(arguments: &'static [&'static str]) -> Action {
    Action::Cargo { environment: &[], arguments }
}

/// Runs the steps in order and stops at the first that fails; `Ok(true)` if all passed.
///
/// # Errors
///
/// [`ErrorKind::Process`] if a step could not be started, [`ErrorKind::Output`] if standard output is closed, and
/// whatever [`tidy::run`] says when it cannot run.
pub fn run(options: &Options) -> Result<bool, Error> {
    if options.list {
        stdout::print(&list())?;
        return Ok(true);
    }
    let mut results = Vec::new();
    for step in &STEPS {
        stdout::print(&format!("\n==> {}: {}\n", step.name, command_of(step)))?;
        let start = Instant::now();
        let passed = execute(step)?;
        results.push(Finished { passed, took: start.elapsed() });
        if !passed {
            break;
        }
    }
    stdout::print(&summary(&results))?;
    Ok(results.iter().all(|result| result.passed))
}

#[derive(Debug, Clone, Copy)]
struct Finished {
    passed: bool,
    took: Duration,
}

fn execute(step: &Step) -> Result<bool, Error> {
    match step.action {
        Action::Schema => schema::run(&schema::Options { check: true }),
        Action::Tidy => tidy::run(&tidy::Options { json: false }),
        Action::Cargo { environment, arguments } => Command::new(workspace::cargo())
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(workspace::root())
            .status()
            .map(|status| status.success())
            .map_err(|error| {
                Error::because(ErrorKind::Process, format!("start `{}`", command_of(step)), error)
            }),
    }
}

fn command_of(step: &Step) -> String {
    match step.action {
        Action::Schema => "cargo xtask schema --check".to_owned(),
        Action::Tidy => "cargo xtask tidy".to_owned(),
        Action::Cargo { environment, arguments } => {
            let mut text = String::new();
            for (name, value) in environment {
                let _ = write!(text, "{name}='{value}' ");
            }
            text.push_str("cargo ");
            text.push_str(&arguments.join(" "));
            text
        }
    }
}

fn list() -> String {
    let mut text = String::new();
    for (number, step) in STEPS.iter().enumerate() {
        let _ = writeln!(text, "{}. {:<9} {}", number + 1, step.name, command_of(step));
    }
    text
}

/// What ran, how it ended and how long it took; a step without a result was not run.
fn summary(results: &[Finished]) -> String {
    let mut text = "\nci: ".to_owned();
    match results.iter().position(|result| !result.passed) {
        Some(failed) => {
            let _ = writeln!(text, "failed at {}", STEPS[failed].name);
        }
        None => text.push_str("all steps passed\n"),
    }
    for (at, step) in STEPS.iter().enumerate() {
        let _ = match results.get(at) {
            Some(Finished { passed, took }) => writeln!(
                text,
                "  {:<7} {:>8.1} s  {:<9} {}",
                if *passed { "passed" } else { "FAILED" },
                took.as_secs_f64(),
                step.name,
                command_of(step)
            ),
            None => {
                writeln!(text, "  {:<7} {:>8}    {:<9} {}", "not run", "", step.name, command_of(step))
            }
        };
    }
    let total: Duration = results.iter().map(|result| result.took).sum();
    let _ = writeln!(text, "  {:<7} {:>8.1} s", "total", total.as_secs_f64());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_step_in_order() {
        let expected = "1. format    cargo fmt --all --check\n\
             2. lint      cargo clippy --workspace --all-targets --all-features -- -D warnings\n\
             3. test      cargo test --workspace\n\
             4. kill      cargo test --package assize --test it kill:: -- --ignored\n\
             5. planted   cargo test --package xtask --test it planted:: -- --ignored\n\
             6. features  cargo test --package assize-cache --package assize-debate --package assize-pipeline --package assize-portfolio --package assize-retrieval --package assize-tokens --all-features\n\
             7. document  RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps\n\
             8. schema    cargo xtask schema --check\n\
             9. tidy      cargo xtask tidy\n";
        assert_eq!(list(), expected);
    }

    #[test]
    fn the_summary_tells_passed_failed_and_not_run_apart() {
        let result = |passed, millis| Finished { passed, took: Duration::from_millis(millis) };
        let text = summary(&[result(true, 1_300), result(false, 12_040)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "ci: failed at lint");
        assert!(lines[2].starts_with("  passed       1.3 s  format"), "{text}");
        assert!(lines[3].starts_with("  FAILED      12.0 s  lint"), "{text}");
        assert!(lines[4].starts_with("  not run             test"), "{text}");
        assert_eq!(lines[11].trim_end(), "  total       13.3 s");
        assert!(summary(&[result(true, 1); 9]).starts_with("\nci: all steps passed\n"));
    }
}
