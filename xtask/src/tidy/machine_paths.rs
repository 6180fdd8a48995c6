//! No file knows the machine that it was written on: absolute paths of somebody's home or workshop.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "machine-paths";

/// Joined here, so that this file does not break its own rule.
const ROOTS: [&str; 4] =
    [concat!("/", "home/"), concat!("/", "root/"), concat!("/", "work/"), concat!("/", "Users/")];

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, text) in &tree.files {
        for (at, line) in text.lines().enumerate() {
            for root in ROOTS {
                if line.match_indices(root).any(|(start, _)| is_absolute(&line[..start])) {
                    let message =
                        format!("a path that starts with {root} exists on one machine only; remove it");
                    findings.violation(NAME, path, at + 1, message);
                }
            }
        }
    }
}

/// Does a path that follows this text start at the root? Not in `a/home/`, `../work/`, `https://host/root/`.
fn is_absolute(before: &str) -> bool {
    let continues =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '/' | '}' | ')' | '*');
    before.ends_with("file://") || !before.ends_with(continues)
}

#[cfg(test)]
mod tests {
    use super::is_absolute;

    #[test]
    fn absolute_paths_are_told_from_parts_of_others() {
        for before in ["", " ", "\"", "path = \"", "(", "file://", "=", ":", "-I "] {
            assert!(is_absolute(before), "{before:?}");
        }
        for before in ["a", "..", "https://host", "~", "$HOME_", "${HOME}", "a/"] {
            assert!(!is_absolute(before), "{before:?}");
        }
    }
}
