//! One integration binary a crate: `tests/it/main.rs` links once, where ten files would link ten times.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "test-layout";

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, _) in tree.rust_files() {
        let inside = tree
            .members
            .iter()
            .find_map(|member| path.strip_prefix(member.folder.as_str())?.strip_prefix("/tests/"));
        let Some(inside) = inside else { continue };
        let own_binary = !inside.contains('/')
            || (inside.ends_with("/main.rs") && inside != "it/main.rs" && inside.matches('/').count() == 1);
        if own_binary {
            let message =
                format!("tests/{inside} is a binary of its own; make it a module of tests/it/main.rs");
            findings.violation(NAME, path, 1, message);
        }
    }
}
