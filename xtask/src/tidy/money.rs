//! No float touches money: `metering` counts in whole numbers, and so do the files that `docs/tidy.toml` lists. Only
//! the estimators of tokens in `metering` may use floats; their files or folders have names that start with `estimat`.

use super::findings::Findings;
use super::lexer::Kind;
use super::policy::{FILE as POLICY, Policy};
use super::tree::{Tree, crate_of, lies_in};

pub(super) const NAME: &str = "money";

pub(super) fn check(tree: &Tree, policy: &Policy, findings: &mut Findings) {
    let listed = |path: &str| policy.money.iter().any(|entry| lies_in(path, entry.path.get_ref()));
    for (path, tokens) in tree.code().filter(|(path, _)| counts_money(path) || listed(path)) {
        for token in tokens {
            if token.kind == Kind::Float || token.is_word("f32") || token.is_word("f64") {
                let message = format!(
                    "`{}` in a file that counts money; use whole numbers, or move an estimator to a file named estimat…",
                    token.text
                );
                findings.violation(NAME, path, token.line, message);
            }
        }
    }
    // An entry that names nothing guards nothing.
    for entry in &policy.money {
        if !tree.rust_files().any(|(path, _)| lies_in(path, entry.path.get_ref())) {
            let message = format!("stale entry: no Rust file lies in {}; correct it", entry.path.get_ref());
            findings.violation(NAME, POLICY, policy.line(&entry.path), message);
        }
    }
}

fn counts_money(path: &str) -> bool {
    crate_of(path).is_some_and(|(name, inside)| {
        name == "metering"
            && inside
                .strip_prefix("src/")
                .is_some_and(|inside| !inside.split('/').any(|part| part.starts_with("estimat")))
    })
}
