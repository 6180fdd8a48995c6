//! A library never prints: it returns, and the program decides what a person sees.

use super::findings::Findings;
use super::policy::Policy;
use super::tree::{Tree, crate_of};

pub(super) const NAME: &str = "printing";

const PRINTING: [&str; 5] = ["dbg", "eprint", "eprintln", "print", "println"];

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    let is_library = |path: &str| crate_of(path).is_some_and(|(_, inside)| inside.starts_with("src/"));
    for (path, tokens) in tree.code().filter(|(path, _)| is_library(path)) {
        for pair in tokens.windows(2).filter(|pair| pair[1].is_mark("!")) {
            if PRINTING.iter().any(|name| pair[0].is_word(name)) {
                let message = format!("`{}!` in a library; return what there is to say", pair[0].text);
                findings.violation(NAME, path, pair[0].line, message);
            }
        }
    }
}
