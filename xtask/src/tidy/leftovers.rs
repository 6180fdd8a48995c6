//! Nothing is left for later in silence: no stub, and no lint switched off for good.

use super::findings::Findings;
use super::lexer::Token;
use super::policy::Policy;
use super::tree::Tree;

pub(super) const NAME: &str = "leftovers";

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, tokens) in tree.code() {
        for pair in tokens.windows(2).filter(|pair| pair[1].is_mark("!")) {
            if pair[0].is_word("todo") || pair[0].is_word("unimplemented") {
                let message = format!("`{}!` is a stub; write what belongs there", pair[0].text);
                findings.violation(NAME, path, pair[0].line, message);
            }
        }
        for line in lines_that_allow(&tokens) {
            let message = "`allow` outlives its cause; use `#[expect(…, reason = \"…\")]`";
            findings.violation(NAME, path, line, message);
        }
    }
}

/// The lines with `allow(` inside an attribute, `cfg_attr` included.
fn lines_that_allow(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let opens =
            token.is_mark("[") && (preceded(tokens, at, &["#"]) || (preceded(tokens, at, &["#", "!"])));
        if opens || (depth > 0 && token.is_mark("[")) {
            depth += 1;
        } else if depth > 0 && token.is_mark("]") {
            depth -= 1;
        } else if depth > 0
            && token.is_word("allow")
            && tokens.get(at + 1).is_some_and(|next| next.is_mark("("))
        {
            lines.push(token.line);
        }
    }
    lines
}

fn preceded(tokens: &[Token<'_>], at: usize, marks: &[&str]) -> bool {
    at >= marks.len()
        && tokens[at - marks.len()..at].iter().zip(marks).all(|(token, mark)| token.is_mark(mark))
}
