//! The paths that a file's code mentions (`std::env::var`), with its own `use` declarations looked through.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Kind, Token};

/// One mention of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention<'a> {
    /// The path, from the crate or module that an import in the same file names.
    pub(super) path: Vec<&'a str>,
    /// The line of its first word; in a `use` with braces the line of the item.
    pub(super) line: usize,
}

impl Mention<'_> {
    /// Does the path hold these words side by side?
    pub(super) fn holds(&self, words: &[&str]) -> bool {
        self.path.windows(words.len()).any(|window| window == words)
    }

    /// The path as it would be written.
    pub(super) fn written(&self) -> String {
        self.path.join("::")
    }
}

/// Every path in the code, in order. A name that two imports define yields a mention for each.
pub(super) fn mentions<'a>(tokens: &[Token<'a>]) -> Vec<Mention<'a>> {
    let mut found = Vec::new();
    let mut imports = Imports::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is_word("use") && !tokens.get(at + 1).is_some_and(|next| next.is_mark("<")) {
            at = use_tree(tokens, at + 1, &[], &mut |name, mention: Mention<'a>| {
                if let Some(name) = name {
                    imports.entry(name).or_default().insert(mention.path.clone());
                }
                found.push((mention, true));
            });
        } else if tokens[at].kind == Kind::Word {
            let (path, next) = plain_path(tokens, at);
            found.push((Mention { path, line: tokens[at].line }, false));
            at = next;
        } else {
            at += 1;
        }
    }
    found
        .into_iter()
        .flat_map(
            |(mention, imported)| {
                if imported { vec![mention] } else { looked_through(&imports, &mention) }
            },
        )
        .collect()
}

type Imports<'a> = BTreeMap<&'a str, BTreeSet<Vec<&'a str>>>;

fn looked_through<'a>(imports: &Imports<'a>, mention: &Mention<'a>) -> Vec<Mention<'a>> {
    let Some(origins) = mention.path.first().and_then(|first| imports.get(first)) else {
        return vec![mention.clone()];
    };
    origins
        .iter()
        .map(|origin| Mention {
            path: origin.iter().chain(&mention.path[1..]).copied().collect(),
            line: mention.line,
        })
        .collect()
}

fn is_separator(tokens: &[Token<'_>], at: usize) -> bool {
    matches!(tokens.get(at..at + 2), Some([first, second]) if first.is_mark(":") && second.is_mark(":"))
}

/// Reads `a::b::c` from `at` on; returns it with the place after it.
fn plain_path<'a>(tokens: &[Token<'a>], at: usize) -> (Vec<&'a str>, usize) {
    let mut path = vec![tokens[at].text];
    let mut next = at + 1;
    while is_separator(tokens, next) && tokens.get(next + 2).is_some_and(|token| token.kind == Kind::Word) {
        path.push(tokens[next + 2].text);
        next += 3;
    }
    (path, next)
}

/// Reads one tree of a `use` declaration; `see` gets each leaf with the name that it brings into scope.
fn use_tree<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    prefix: &[&'a str],
    see: &mut impl FnMut(Option<&'a str>, Mention<'a>),
) -> usize {
    let mut path = prefix.to_vec();
    let mut line = tokens.get(at).map_or(0, |token| token.line);
    loop {
        let Some(token) = tokens.get(at) else { return at };
        if is_separator(tokens, at) {
            at += 2;
        } else if token.is_mark("{") {
            at += 1;
            while let Some(inner) = tokens.get(at) {
                if inner.is_mark("}") {
                    at += 1;
                    break;
                }
                at = if inner.is_mark(",") { at + 1 } else { use_tree(tokens, at, &path, see).max(at + 1) };
            }
            return at;
        } else if token.is_mark("*") {
            path.push(token.text);
            see(None, Mention { path, line: token.line });
            return at + 1;
        } else if token.is_word("as") {
            let name = tokens.get(at + 1).map(|name| name.text);
            see(name, Mention { path, line });
            return at + 2;
        } else if token.kind == Kind::Word {
            line = token.line;
            if token.text != "self" || path.is_empty() {
                path.push(token.text);
            }
            at += 1;
        } else {
            if !path.is_empty() {
                see(path.last().copied(), Mention { path, line });
            }
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::lexer::code;

    fn written(text: &str) -> Vec<String> {
        mentions(&code(text))
            .iter()
            .map(|mention| format!("{}:{}", mention.line, mention.written()))
            .collect()
    }

    #[test]
    fn paths_are_read_whole() {
        assert_eq!(written("let x = ::std::env :: var(1);"), ["1:let", "1:x", "1:std::env::var"]);
        assert_eq!(written("a.now()"), ["1:a", "1:now"]);
    }

    #[test]
    fn imports_are_looked_through() {
        assert_eq!(written("use std::env;\nenv::var"), ["1:std::env", "2:std::env::var"]);
        assert_eq!(
            written("use std::{env as e, time::{Duration,\n Instant}};\ne::var Instant"),
            [
                "1:std::env",
                "1:std::time::Duration",
                "2:std::time::Instant",
                "3:std::env::var",
                "3:std::time::Instant"
            ]
        );
        assert_eq!(
            written("use tokio::time::{self, Instant};\ntime::sleep Instant::now"),
            [
                "1:tokio::time",
                "1:tokio::time::Instant",
                "2:tokio::time::sleep",
                "2:tokio::time::Instant::now"
            ]
        );
        assert_eq!(written("pub use std::env::*; x"), ["1:pub", "1:std::env::*", "1:x"]);
        assert_eq!(
            written("fn f() -> impl Fn() + use<'a> { x }")[..2],
            ["1:fn".to_owned(), "1:f".to_owned()]
        );
    }

    #[test]
    fn a_name_that_two_modules_import_yields_both() {
        assert_eq!(
            written("use a::Instant; mod t { use b::Instant; } Instant"),
            ["1:a::Instant", "1:mod", "1:t", "1:b::Instant", "1:a::Instant", "1:b::Instant"]
        );
    }

    #[test]
    fn broken_code_ends() {
        for text in ["use", "use a::", "use a::{", "use a::{b, {c", "use {", "use a as", "use ::", "use }{"] {
            let _ = written(text);
        }
    }
}
