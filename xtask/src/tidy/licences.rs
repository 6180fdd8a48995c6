//! Every package from outside has a licence that the project may build on.

use super::expression::Expression;
use super::findings::Findings;
use super::policy::{FILE as POLICY, Policy};
use super::tree::Tree;

pub(super) const NAME: &str = "licences";

pub(super) fn check(tree: &Tree, policy: &Policy, findings: &mut Findings) {
    let allowed: Vec<&str> = policy.licences.iter().map(|licence| licence.id.as_str()).collect();
    for package in &tree.third_parties {
        let id = format!("{} {}", package.name, package.version);
        let message = match package.licence.as_deref() {
            None => format!("{id} states no licence; do without it"),
            Some(text) => match Expression::parse(text) {
                Ok(expression) if expression.is_satisfied_by(&allowed) => continue,
                Ok(_) => format!("{id} is under `{text}`, which {POLICY} does not allow; do without it"),
                Err(why) => format!("{id} states the licence `{text}`, which cannot be read: {why}"),
            },
        };
        findings.violation(NAME, "Cargo.lock", line_of(tree, &package.name), message);
    }
}

/// The line of the lock file that names the package.
pub(super) fn line_of(tree: &Tree, package: &str) -> usize {
    let entry = format!("name = \"{package}\"");
    super::tree::line_where(tree.file("Cargo.lock").unwrap_or_default(), |line| line == entry)
}
