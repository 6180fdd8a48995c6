//! No drawers: a crate, a module or a file is named for what it does.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "names";

const FORBIDDEN: [&str; 10] =
    ["common", "util", "utils", "core", "manager", "managers", "helper", "helpers", "misc", "types"];

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for member in &tree.members {
        let name = member.name.strip_prefix("assize-").unwrap_or(&member.name);
        if FORBIDDEN.contains(&name) {
            findings.violation(NAME, &member.manifest(), 1, message("crate", name));
        }
    }
    for (path, tokens) in tree.code() {
        for part in path.split('/') {
            let name = part.strip_suffix(".rs").unwrap_or(part);
            if FORBIDDEN.contains(&name) {
                findings.violation(NAME, path, 1, message("file or folder", name));
            }
        }
        for pair in tokens.windows(2).filter(|pair| pair[0].is_word("mod")) {
            if FORBIDDEN.contains(&pair[1].text) {
                findings.violation(NAME, path, pair[1].line, message("module", pair[1].text));
            }
        }
    }
}

fn message(what: &str, name: &str) -> String {
    format!("a {what} named `{name}` holds anything; name it for what it does")
}
