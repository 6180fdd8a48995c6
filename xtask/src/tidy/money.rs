//! No float touches money: `metering` counts in whole numbers. Only its estimators of tokens may use floats; their
//! files or folders have names that start with `estimat`.

use super::findings::Findings;
use super::lexer::Kind;
use super::policy::Policy;
use super::tree::{Tree, crate_of};

pub(super) const NAME: &str = "money";

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, tokens) in tree.code().filter(|(path, _)| counts_money(path)) {
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
}

fn counts_money(path: &str) -> bool {
    crate_of(path).is_some_and(|(name, inside)| {
        name == "metering"
            && inside
                .strip_prefix("src/")
                .is_some_and(|inside| !inside.split('/').any(|part| part.starts_with("estimat")))
    })
}
