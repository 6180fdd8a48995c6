//! The violations that are planted, one at a time, and what each must yield.

use super::house::{POLICY, house, manifest, member, third_party};
use crate::tidy::tree::{Need, Tree};

/// What is planted in the clean house.
#[derive(Debug, Clone)]
pub(super) enum Planted {
    /// A file is added or replaced.
    File(&'static str, String),
    /// `from` becomes `to` in a file.
    Edit(&'static str, &'static str, &'static str),
    /// The manifest in a folder depends on one package more.
    Need(&'static str, &'static str),
    /// A package joins the workspace.
    Member(&'static str, &'static str),
    /// A package of others arrives.
    ThirdParty(&'static str, &'static str, Option<&'static str>),
    /// The policy gets an entry more.
    Policy(&'static str),
}

pub(super) use Planted::{Edit, File, Need as Needs, Policy as Rule};

pub(super) fn plant(planted: &Planted) -> (Tree, String) {
    let mut tree = house();
    let mut policy = POLICY.to_owned();
    match planted {
        File(path, text) => {
            tree.files.insert((*path).to_owned(), text.clone());
        }
        Edit(path, from, to) => {
            let text = tree.files.get_mut(*path).expect("the file is in the house");
            assert!(text.contains(from), "{path} holds no {from}");
            *text = text.replacen(from, to, 1);
        }
        Needs(folder, package) => {
            let member = tree.members.iter_mut().find(|member| member.folder == *folder);
            let member = member.expect("the member is in the house");
            member.needs.push(Need {
                package: (*package).to_owned(),
                key: (*package).to_owned(),
                only_dev: false,
            });
            tree.files.insert(member.manifest(), manifest(member));
        }
        Planted::Member(folder, name) => {
            let member = member(folder, name, &[]);
            tree.files.insert(member.manifest(), manifest(&member));
            tree.members.push(member);
        }
        Planted::ThirdParty(name, version, licence) => {
            tree.third_parties.push(third_party(name, version, *licence));
        }
        Rule(entry) => policy.push_str(entry),
    }
    (tree, policy)
}

/// Code after the two lines that make a file tidy.
pub(super) fn lib(code: &str) -> String {
    format!("//! What it is for.\n\n{code}\n")
}

fn row(row: &'static str) -> Planted {
    Edit("docs/architecture.md", "| 1 | `metering` | money | – | ambient |", row)
}

/// What is planted, and the one violation that it must yield: check, file:line, a part of the message.
pub(super) type Case = (Planted, &'static str, &'static str, &'static str);

/// Every case.
pub(super) fn cases() -> Vec<Case> {
    [edges(), sizes_and_names(), surroundings(), money(), purity(), packages(), code_and_manifests()].concat()
}

fn edges() -> Vec<Case> {
    vec![
        (
            Needs("crates/metering", "assize-transport"),
            "edges",
            "crates/metering/Cargo.toml:12",
            "does not allow",
        ),
        (
            row("| 1 | `metering` | money | – | ambient |\n| 2 | `llm` | chat | – | – |"),
            "edges",
            "docs/architecture.md:7",
            "`llm` is no crate",
        ),
        (
            Planted::Member("crates/perf", "assize-perf"),
            "edges",
            "crates/perf/Cargo.toml:1",
            "`perf` has no row",
        ),
        (
            row("| 1 | `metering` | money | – | ambient, transport |"),
            "edges",
            "docs/architecture.md:6",
            "lower floor",
        ),
        (row("| 0 | `metering` | money | – | ambient |"), "edges", "docs/architecture.md:6", "lower floor"),
        (
            row("| 1 | `metering` | money | – | ambient, cache |"),
            "edges",
            "docs/architecture.md:6",
            "`cache`, which has no row",
        ),
        (
            row("| 1 | `metering` | money | – | ambient, bins/assize |"),
            "edges",
            "docs/architecture.md:6",
            "lower floor",
        ),
        (row("| x | `metering` | money | – | ambient |"), "edges", "docs/architecture.md:6", "the floor `x`"),
        (
            row("| 1 | `metering` | money | – | ambient |\n| 1 | `metering` | m | – | ambient |"),
            "edges",
            "docs/architecture.md:7",
            "two rows",
        ),
    ]
}

fn sizes_and_names() -> Vec<Case> {
    vec![
        (
            File("crates/debate/src/long.rs", lib(&"// x\n".repeat(800))),
            "file-size",
            "crates/debate/src/long.rs:801",
            "at most 800",
        ),
        (
            File("bins/assize/src/main.rs", lib(&"// x\n".repeat(18))),
            "file-size",
            "bins/assize/src/main.rs:21",
            "at most 20",
        ),
        (
            File("crates/debate/src/mute.rs", "// a comment\nfn f() {}\n".to_owned()),
            "module-docs",
            "crates/debate/src/mute.rs:1",
            "no `//!` text",
        ),
        (
            File("xtask/src/late.rs", "\n//! One line late.\n".to_owned()),
            "module-docs",
            "xtask/src/late.rs:1",
            "no `//!` text",
        ),
        (File("crates/debate/src/types.rs", lib("")), "names", "crates/debate/src/types.rs:1", "`types`"),
        (File("crates/debate/src/utils/x.rs", lib("")), "names", "crates/debate/src/utils/x.rs:1", "`utils`"),
        (
            File("crates/debate/src/lib.rs", lib("mod helpers {}")),
            "names",
            "crates/debate/src/lib.rs:3",
            "module named `helpers`",
        ),
        (
            Planted::Member("crates/core", "assize-core"),
            "names",
            "crates/core/Cargo.toml:1",
            "crate named `core`",
        ),
    ]
}

fn surroundings() -> Vec<Case> {
    let debate = |code: &str| File("crates/debate/src/lib.rs", lib(code));
    let (clock, at) = ("surroundings", "crates/debate/src/lib.rs:3");
    vec![
        (debate("fn f() { std::time::SystemTime::now(); }"), clock, at, "system's time"),
        (debate("fn f() { jiff::Timestamp :: now(); }"), clock, at, "system's time"),
        (
            debate("use jiff as j;\nfn f() { j::Zoned::now(); }"),
            clock,
            "crates/debate/src/lib.rs:4",
            "system's time",
        ),
        (
            debate("#[expect(clippy::disallowed_methods, reason = \"x\")]\nfn f() { SystemTime::now(); }"),
            clock,
            "crates/debate/src/lib.rs:4",
            "system's time",
        ),
        (debate("fn f() { std::time::UNIX_EPOCH.elapsed(); }"), clock, at, "system's time"),
        (debate("use std::time::UNIX_EPOCH as START;"), clock, at, "system's time"),
        (debate("use std::time::SystemTime as Moment;"), clock, at, "system's time"),
        (debate("fn f(at: SystemTime) { at.elapsed(); }"), clock, at, "system's time"),
        (
            File("xtask/src/age.rs", lib("use std::time::*;\nfn f() { UNIX_EPOCH.elapsed(); }")),
            clock,
            "xtask/src/age.rs:4",
            "system's time",
        ),
        (
            File("bins/assize/tests/it/main.rs", lib("fn f() { std::time::SystemTime::UNIX_EPOCH; }")),
            clock,
            "bins/assize/tests/it/main.rs:3",
            "system's time",
        ),
        (debate("fn f() { rand::thread_rng(); }"), clock, at, "randomness"),
        (debate("fn f() { getrandom::fill(&mut x); }"), clock, at, "randomness"),
        (debate("fn f(x: HashMap<A, B, RandomState>) {}"), clock, at, "randomness"),
        (debate("fn f() { std::env::var(\"X\"); }"), clock, at, "environment"),
        (debate("use std::env::{args, vars_os};"), clock, at, "environment"),
        (
            File("crates/debate/tests/it/main.rs", lib("fn f() { std::env::var_os(\"X\"); }")),
            clock,
            "crates/debate/tests/it/main.rs:3",
            "environment",
        ),
        (debate("fn f() { std::time::Instant::now(); }"), clock, at, "tokio::time"),
        (debate("use std::time::{Duration, Instant};"), clock, at, "tokio::time"),
    ]
}

fn money() -> Vec<Case> {
    vec![
        (
            File("crates/debate/src/spent/ledger.rs", lib("fn f(x: f64) {}")),
            "money",
            "crates/debate/src/spent/ledger.rs:3",
            "`f64`",
        ),
        (
            File("crates/debate/src/spent/ledger.rs", lib("const X: X = 0.5;")),
            "money",
            "crates/debate/src/spent/ledger.rs:3",
            "`0.5`",
        ),
        (
            Rule("[[money]]\npath = \"crates/debate/src/x.rs\"\nreason = \"x\"\n"),
            "money",
            "docs/tidy.toml:16",
            "stale",
        ),
        (
            File("crates/metering/src/usd.rs", lib("fn f(x: f64) {}")),
            "money",
            "crates/metering/src/usd.rs:3",
            "`f64`",
        ),
        (
            File("crates/metering/src/usd.rs", lib("const X: X = 1e3;")),
            "money",
            "crates/metering/src/usd.rs:3",
            "`1e3`",
        ),
    ]
}

/// Something impure in the state machine.
fn step(code: &str, part: &'static str) -> Case {
    let line = 3 + code.matches('\n').count();
    let place =
        if line == 3 { "crates/debate/src/machine/step.rs:3" } else { "crates/debate/src/machine/step.rs:4" };
    (File("crates/debate/src/machine/step.rs", lib(code)), "purity", place, part)
}

fn purity() -> Vec<Case> {
    vec![
        (
            File("crates/sources/src/csv.rs", lib("async fn f() {}")),
            "purity",
            "crates/sources/src/csv.rs:3",
            "`async`",
        ),
        (
            File("crates/sources/src/csv.rs", lib("use std::fs;")),
            "purity",
            "crates/sources/src/csv.rs:3",
            "`std::fs`",
        ),
        (
            File("crates/debate/src/machine/step.rs", lib("use tokio::time;")),
            "purity",
            "crates/debate/src/machine/step.rs:3",
            "`tokio::time`",
        ),
        (
            File("crates/debate/src/machine/step.rs", lib("fn f(clock: &dyn Clock) {}")),
            "purity",
            "crates/debate/src/machine/step.rs:3",
            "`Clock`",
        ),
        (
            File("crates/debate/src/machine.rs", lib("fn f() { std::net::TcpStream::connect(x); }")),
            "purity",
            "crates/debate/src/machine.rs:3",
            "`std::net::",
        ),
        step("fn f() { std::process::exit(1); }", "`std::process::exit`"),
        step("use std::{fmt, thread};", "`std::thread`"),
        step("fn f() { std::env::current_dir(); }", "`std::env::current_dir`"),
        step("use std::os::unix::fs::MetadataExt;", "`std::os::"),
        step("use std::*;", "`std::*`"),
        step("fn f(path: &Path) -> bool { path.exists() }", "`.exists()`"),
        step("fn f(path: &Path) -> bool { path.is_file() }", "`.is_file()`"),
        step("fn f(path: &Path) -> bool { path.join(x)\n.is_dir() }", "`.is_dir()`"),
        step("fn f(path: &Path) { path.metadata(); }", "`.metadata()`"),
        step("fn f(path: &Path) { path.read_dir(); }", "`.read_dir()`"),
        step("fn f(path: &Path) { path.canonicalize(); }", "`.canonicalize()`"),
        step("fn f(all: &[P]) { all.iter().filter(Path::is_dir); }", "`Path::is_dir`"),
        step(
            "fn f(all: &[P]) { all.iter().map(std::path::PathBuf::canonicalize); }",
            "PathBuf::canonicalize`",
        ),
        (Needs("crates/debate", "reqwest"), "purity", "crates/debate/Cargo.toml:13", "only `transport`"),
        (Needs("xtask", "hyper"), "purity", "xtask/Cargo.toml:11", "only `transport`"),
        (
            Rule("[[pure]]\npath = \"crates/debate/src/x/\"\nreason = \"x\"\n"),
            "purity",
            "docs/tidy.toml:16",
            "stale",
        ),
        (Rule("[[http]]\ncrate = \"xtask\"\nreason = \"x\"\n"), "purity", "docs/tidy.toml:16", "stale"),
    ]
}

fn packages() -> Vec<Case> {
    vec![
        (Planted::ThirdParty("tight", "1.0.0", Some("GPL-3.0")), "licences", "Cargo.lock:1", "`GPL-3.0`"),
        (Planted::ThirdParty("mute", "1.0.0", None), "licences", "Cargo.lock:1", "states no licence"),
        (Planted::ThirdParty("odd", "1.0.0", Some("MIT,")), "licences", "Cargo.lock:1", "cannot be read"),
        (
            Planted::ThirdParty("serde", "2.0.0", Some("MIT")),
            "duplicates",
            "Cargo.lock:2",
            "1, 2; agree on one",
        ),
        (
            Planted::ThirdParty("syn", "4.0.0", Some("MIT")),
            "duplicates",
            "docs/tidy.toml:8",
            "2, 3, 4, not 2, 3",
        ),
        (
            Rule("[[duplicate]]\npackage = \"serde\"\nversions = [\"1\", \"2\"]\nreason = \"x\"\n"),
            "duplicates",
            "docs/tidy.toml:16",
            "stale entry",
        ),
    ]
}

fn code_and_manifests() -> Vec<Case> {
    let debate = |code: &str| File("crates/debate/src/lib.rs", lib(code));
    let at = "crates/debate/src/lib.rs:3";
    let manifest = "crates/debate/Cargo.toml";
    vec![
        (debate("fn f() { println!(\"x\"); }"), "printing", at, "`println!`"),
        (debate("fn f() { dbg!(1); }"), "printing", at, "`dbg!`"),
        (debate("fn f() { todo!() }"), "leftovers", at, "`todo!`"),
        (debate("fn f() { unimplemented!() }"), "leftovers", at, "`unimplemented!`"),
        (debate("#[allow(dead_code)] fn f() {}"), "leftovers", at, "#[expect"),
        (debate("#![allow(dead_code)]"), "leftovers", at, "#[expect"),
        (debate("#[cfg_attr(test, allow(dead_code))] fn f() {}"), "leftovers", at, "#[expect"),
        (
            File("fixtures/x.json", concat!("{\n\"at\": \"/", "home/me/x\"}\n").to_owned()),
            "machine-paths",
            "fixtures/x.json:2",
            "one machine only",
        ),
        (
            File("docs/x.md", concat!("In `/", "Users/me`.\n").to_owned()),
            "machine-paths",
            "docs/x.md:1",
            "one machine only",
        ),
        (
            File("crates/debate/tests/rounds.rs", lib("")),
            "test-layout",
            "crates/debate/tests/rounds.rs:1",
            "its own",
        ),
        (
            File("crates/debate/tests/other/main.rs", lib("")),
            "test-layout",
            "crates/debate/tests/other/main.rs:1",
            "its own",
        ),
        (
            Edit(manifest, "\n[lints]\nworkspace = true\n", ""),
            "manifests",
            "crates/debate/Cargo.toml:1",
            "[lints]",
        ),
        (
            Edit(manifest, "edition.workspace = true", "edition = \"2021\""),
            "manifests",
            "crates/debate/Cargo.toml:4",
            "the edition",
        ),
        (
            Edit(manifest, "license.workspace = true", "license = \"MIT\""),
            "manifests",
            "crates/debate/Cargo.toml:5",
            "the license",
        ),
        (
            Edit(manifest, "description = \"x\"\n", ""),
            "manifests",
            "crates/debate/Cargo.toml:1",
            "no description",
        ),
        (
            Rule("[[exempt]]\ncheck = \"names\"\npath = \"x.rs\"\nreason = \"x\"\n"),
            "policy",
            "docs/tidy.toml:16",
            "stale entry",
        ),
    ]
}
