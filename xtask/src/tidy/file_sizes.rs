//! No file grows past what one sitting can read: 800 lines at most, a question at 500; a program's `main.rs` only
//! hands over to its library.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "file-size";

const QUESTIONABLE_LINES: usize = 500;
const MAX_LINES: usize = 800;
const MAX_LINES_OF_MAIN: usize = 20;

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, text) in tree.rust_files() {
        let n_lines = text.lines().count();
        let is_main = path.ends_with("/src/main.rs");
        if is_main && n_lines > MAX_LINES_OF_MAIN {
            let message = format!(
                "{n_lines} lines; a `main.rs` has at most {MAX_LINES_OF_MAIN}: move the work to the library"
            );
            findings.violation(NAME, path, MAX_LINES_OF_MAIN + 1, message);
        } else if n_lines > MAX_LINES {
            let message = format!("{n_lines} lines; at most {MAX_LINES}: one feature, one file");
            findings.violation(NAME, path, MAX_LINES + 1, message);
        } else if n_lines >= QUESTIONABLE_LINES {
            findings.note(
                NAME,
                path,
                QUESTIONABLE_LINES,
                format!("{n_lines} lines; is this still one feature?"),
            );
        }
    }
}
