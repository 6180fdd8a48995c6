//! What is pure stays pure: no runtime, no files, no network, no clock, no process, thread or environment. Only `transport` speaks outgoing HTTP, and
//! what argues or orders names no vendor and no source.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::lexer::Token;
use super::paths::{Mention, mentions};
use super::policy::{FILE as POLICY, Policy};
use super::tree::{Member, Tree, lies_in};

pub(super) const NAME: &str = "purity";

/// What must always be pure; `docs/tidy.toml` may add to it.
const PURE: [&str; 5] = [
    "crates/report/src/",
    "crates/signals/src/",
    "crates/sources/src/",
    "crates/debate/src/machine.rs",
    "crates/debate/src/machine/",
];

/// The modules of the standard library that lead outside; with a star all of them do.
const OUTSIDE: [&str; 7] = ["env", "fs", "net", "os", "process", "thread", "*"];

/// The methods with which a path asks the file system.
const OF_PATHS: [&str; 10] = [
    "exists",
    "try_exists",
    "is_file",
    "is_dir",
    "is_symlink",
    "metadata",
    "symlink_metadata",
    "read_dir",
    "read_link",
    "canonicalize",
];

/// Libraries that speak HTTP to the outside.
const HTTP: [&str; 7] = ["reqwest", "hyper", "hyper-util", "ureq", "isahc", "attohttpc", "curl"];

/// What argues or orders, and so names nobody outside.
const IMPARTIAL: [&str; 4] = ["analysts", "debate", "persona", "pipeline"];

/// What knows somebody outside by name.
const PARTISAN: [&str; 2] = ["assize-sources", "assize-vendors"];

pub(super) fn check(tree: &Tree, policy: &Policy, findings: &mut Findings) {
    let listed = policy.pure.iter().map(|entry| entry.path.get_ref().as_str());
    let pure: Vec<&str> = PURE.into_iter().chain(listed).collect();
    for (path, tokens) in tree.code().filter(|(path, _)| pure.iter().any(|place| lies_in(path, place))) {
        let mut said = BTreeSet::new();
        let asynchronous = tokens.iter().filter(|token| token.is_word("async"));
        for token in asynchronous {
            said.insert((token.line, "async".to_owned()));
        }
        for mention in mentions(&tokens) {
            if is_outside(&mention) {
                said.insert((mention.line, mention.written()));
            }
        }
        said.extend(path_calls(&tokens).map(|(line, name)| (line, format!(".{name}()"))));
        for (line, what) in said {
            findings.violation(NAME, path, line, format!("`{what}` in a pure file; move it to the caller"));
        }
    }
    check_policy(tree, policy, findings);
    for member in &tree.members {
        check_needs(tree, policy, member, findings);
    }
}

/// Does it reach for what is outside of the program, or for what changes from run to run?
fn is_outside(mention: &Mention<'_>) -> bool {
    mention.path.contains(&"tokio")
        || OUTSIDE.iter().any(|module| mention.holds(&["std", module]))
        || mention.path.iter().any(|word| word.ends_with("Clock"))
        || OF_PATHS.iter().any(|name| mention.holds(&["Path", name]) || mention.holds(&["PathBuf", name]))
}

/// Calls of the methods with which a path asks the file system: the line and the name of each. A lexer knows no types,
/// so in a pure file no method at all may have such a name.
fn path_calls<'a>(tokens: &'a [Token<'a>]) -> impl Iterator<Item = (usize, &'a str)> {
    tokens.windows(3).filter_map(|window| match window {
        [dot, name, open] if dot.is_mark(".") && open.is_mark("(") => {
            OF_PATHS.into_iter().find(|method| name.is_word(method)).map(|method| (name.line, method))
        }
        _ => None,
    })
}

/// An entry that names nothing guards nothing; and a debate without a known state machine goes unguarded.
fn check_policy(tree: &Tree, policy: &Policy, findings: &mut Findings) {
    for entry in &policy.pure {
        if !tree.rust_files().any(|(path, _)| lies_in(path, entry.path.get_ref())) {
            let message = format!("stale entry: no Rust file lies in {}; correct it", entry.path.get_ref());
            findings.violation(NAME, POLICY, policy.line(&entry.path), message);
        }
    }
    for entry in &policy.http {
        let member = tree.members.iter().find(|member| member.short_name() == entry.name.get_ref());
        if member.is_none_or(|member| !member.needs.iter().any(|need| HTTP.contains(&need.package.as_str())))
        {
            let message = format!("stale entry: `{}` depends on no HTTP library", entry.name.get_ref());
            findings.violation(NAME, POLICY, policy.line(&entry.name), message);
        }
    }
    let debate = "crates/debate/src/";
    let is_guarded = |path: &str| {
        path.starts_with(debate)
            && (PURE.iter().any(|place| lies_in(path, place))
                || policy.pure.iter().any(|entry| lies_in(path, entry.path.get_ref())))
    };
    if tree.file("crates/debate/src/lib.rs").is_some() && !tree.rust_files().any(|(path, _)| is_guarded(path))
    {
        let message = format!(
            "no file of the debate's state machine is known as pure; keep it in {debate}machine/, or list it in {POLICY}"
        );
        findings.violation(NAME, "crates/debate/src/lib.rs", 1, message);
    }
}

fn check_needs(tree: &Tree, policy: &Policy, member: &Member, findings: &mut Findings) {
    let name = member.short_name();
    let may_call = name == "transport" || policy.http.iter().any(|entry| entry.name.get_ref() == name);
    for need in member.needs.iter().filter(|need| !need.only_dev) {
        let package = need.package.as_str();
        let message = if !may_call && HTTP.contains(&package) {
            format!("`{name}` depends on `{package}`; only `transport` speaks HTTP to the outside")
        } else if IMPARTIAL.contains(&name) && PARTISAN.contains(&package) {
            format!("`{name}` names `{package}`; it must know no vendor and no source")
        } else {
            continue;
        };
        findings.violation(NAME, &member.manifest(), tree.line_of_need(member, &need.key), message);
    }
}
