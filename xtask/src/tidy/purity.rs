//! What is pure stays pure: no runtime, no files, no network, no clock. Only `transport` speaks outgoing HTTP, and
//! what argues or orders names no vendor and no source.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::paths::mentions;
use super::policy::{FILE as POLICY, Policy};
use super::tree::{Member, Tree};

pub(super) const NAME: &str = "purity";

/// What must always be pure; `docs/tidy.toml` may add to it.
const PURE: [&str; 5] = [
    "crates/report/src/",
    "crates/signals/src/",
    "crates/sources/src/",
    "crates/debate/src/machine.rs",
    "crates/debate/src/machine/",
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
            let outside = mention.path.contains(&"tokio")
                || mention.holds(&["std", "fs"])
                || mention.holds(&["std", "net"])
                || mention.path.iter().any(|word| word.ends_with("Clock"));
            if outside {
                said.insert((mention.line, mention.written()));
            }
        }
        for (line, what) in said {
            findings.violation(NAME, path, line, format!("`{what}` in a pure file; move it to the caller"));
        }
    }
    check_policy(tree, policy, findings);
    for member in &tree.members {
        check_needs(tree, policy, member, findings);
    }
}

/// Is `path` the file `place`, or in the folder `place`, which ends with `/`?
fn lies_in(path: &str, place: &str) -> bool {
    if place.ends_with('/') { path.starts_with(place) } else { path == place }
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
