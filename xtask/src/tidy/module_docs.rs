//! Every file says in its first line what it is for.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "module-docs";

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, text) in tree.rust_files() {
        let says = text.strip_prefix("//!").and_then(|rest| rest.lines().next());
        if says.is_none_or(|says| says.trim().is_empty()) {
            findings.violation(NAME, path, 1, "the first line is no `//!` text; say what the file is for");
        }
    }
}
