//! `cargo xtask tidy`: holds the workspace to its own rules.
//!
//! A snapshot of the tree and of `cargo metadata` is taken once; every check is a pure function over it, in a
//! file named for what it guards. `docs/tidy.toml` lists what is allowed, each entry with its reason.

mod duplicates;
mod edges;
mod expression;
mod file_sizes;
mod findings;
mod leftovers;
mod lexer;
mod licences;
mod machine_paths;
mod manifests;
mod metadata;
mod module_docs;
mod money;
mod names;
mod paths;
mod policy;
mod printing;
mod purity;
mod snapshot;
mod surroundings;
mod table;
mod test_layout;
#[cfg(test)]
mod tests;
mod tree;

use std::fmt::Write as _;
use std::path::Path;

pub use findings::{Findings, Note, Violation};

use crate::{Error, ErrorKind, stdout, workspace};
use policy::Policy;
use tree::Tree;

/// The arguments of `cargo xtask tidy`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// One rule of the house.
struct Check {
    /// Its name in reports and in `docs/tidy.toml`.
    name: &'static str,
    run: fn(&Tree, &Policy, &mut Findings),
    /// May `docs/tidy.toml` exempt a file from it? Not from what the architecture promises.
    exemptible: bool,
}

const CHECKS: [Check; 14] = [
    Check { name: edges::NAME, run: edges::check, exemptible: false },
    Check { name: file_sizes::NAME, run: file_sizes::check, exemptible: true },
    Check { name: module_docs::NAME, run: module_docs::check, exemptible: true },
    Check { name: names::NAME, run: names::check, exemptible: true },
    Check { name: surroundings::NAME, run: surroundings::check, exemptible: false },
    Check { name: money::NAME, run: money::check, exemptible: false },
    Check { name: purity::NAME, run: purity::check, exemptible: false },
    Check { name: licences::NAME, run: licences::check, exemptible: false },
    Check { name: duplicates::NAME, run: duplicates::check, exemptible: false },
    Check { name: printing::NAME, run: printing::check, exemptible: false },
    Check { name: leftovers::NAME, run: leftovers::check, exemptible: false },
    Check { name: machine_paths::NAME, run: machine_paths::check, exemptible: true },
    Check { name: test_layout::NAME, run: test_layout::check, exemptible: false },
    Check { name: manifests::NAME, run: manifests::check, exemptible: false },
];

/// Checks this workspace and prints what was found; `Ok(true)` if nothing violates a rule.
///
/// # Errors
///
/// What [`inspect`] says, and [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let findings = inspect(&workspace::root())?;
    let text = if options.json { findings.to_json() } else { as_text(&findings) };
    stdout::print(&text)?;
    Ok(findings.violations.is_empty())
}

/// Checks the workspace whose root manifest lies in the folder `root`.
///
/// # Errors
///
/// [`ErrorKind::Files`] if the tree cannot be read, [`ErrorKind::Metadata`] if cargo cannot describe it,
/// [`ErrorKind::Policy`] if `docs/tidy.toml` cannot be understood.
pub fn inspect(root: &Path) -> Result<Findings, Error> {
    let tree = snapshot::take(root)?;
    let text = tree.file(policy::FILE).ok_or_else(|| {
        Error::new(
            ErrorKind::Policy,
            format!("read {}: the file is missing from the workspace", policy::FILE),
        )
    })?;
    let exemptible =
        CHECKS.iter().filter(|check| check.exemptible).map(|check| check.name).collect::<Vec<_>>();
    let policy = Policy::parse(text, &exemptible)?;
    Ok(judge(&tree, &policy))
}

/// Runs every check over the snapshot and applies the policy's exemptions.
fn judge(tree: &Tree, policy: &Policy) -> Findings {
    let mut findings = Findings::default();
    for check in &CHECKS {
        (check.run)(tree, policy, &mut findings);
    }
    policy.exempt(&mut findings);
    findings.sort();
    findings
}

fn as_text(findings: &Findings) -> String {
    let mut text = String::new();
    for note in &findings.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for violation in &findings.violations {
        let _ = writeln!(text, "{violation}");
    }
    let _ = match findings.violations.len() {
        0 => writeln!(text, "tidy: {} checks, no violations", CHECKS.len()),
        1 => writeln!(text, "tidy: 1 violation"),
        many => writeln!(text, "tidy: {many} violations"),
    };
    text
}
