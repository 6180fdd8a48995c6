//! A small house that breaks no rule, to plant violations in.

use crate::tidy::tree::{Member, Need, ThirdParty, Tree};

const ARCHITECTURE: &str = "# Architecture

| floor | crate | one reason to change | owns the trait | depends on |
|---|---|---|---|---|
| 0 | `ambient` | time and chance | `Clock` | – |
| 1 | `metering` | money | – | ambient |
| 1 | `transport` | HTTP | `Transport` | ambient |
| 3 | `sources` | formats | – | transport |
| 3 | `debate` | rounds | – | ambient, metering |
| 6 | `wiring` | constructors | – | debate, sources |
| – | `bins/assize` | arguments | – | wiring |
| – | `xtask` | chores | – | – |
";

pub(super) const POLICY: &str = r#"format-version = 1

[[licence]]
id = "MIT"
reason = "permissive"

[[duplicate]]
package = "syn"
versions = ["2", "3"]
reason = "two generations of macros"

[[money]]
path = "crates/debate/src/spent/"
reason = "it counts what was spent"
"#;

const LOCK: &str = "[[package]]\nname = \"serde\"\n\n[[package]]\nname = \"syn\"\n";

/// A file of code, with what makes it tidy.
pub(super) const CODE: &str = "//! What it is for.\n\npub fn it() {}\n";

pub(super) fn member(folder: &str, name: &str, needs: &[&str]) -> Member {
    let needs = needs
        .iter()
        .map(|&need| Need { package: need.to_owned(), key: need.to_owned(), only_dev: false })
        .collect();
    Member { name: name.to_owned(), folder: folder.to_owned(), needs }
}

pub(super) fn third_party(name: &str, version: &str, licence: Option<&str>) -> ThirdParty {
    ThirdParty {
        name: name.to_owned(),
        version: version.parse().expect("a version"),
        licence: licence.map(str::to_owned),
        shipped: true,
    }
}

pub(super) fn manifest(member: &Member) -> String {
    use std::fmt::Write as _;
    let mut text = format!(
        "[package]\nname = \"{}\"\ndescription = \"x\"\nedition.workspace = true\nlicense.workspace = true\n\n[lints]\nworkspace = true\n\n[dependencies]\n",
        member.name
    );
    for need in &member.needs {
        let _ = writeln!(text, "{}.workspace = true", need.key);
    }
    text
}

/// A small house that breaks no rule.
pub(super) fn house() -> Tree {
    let members = vec![
        member("bins/assize", "assize", &["assize-wiring"]),
        member("crates/ambient", "assize-ambient", &["serde"]),
        member("crates/debate", "assize-debate", &["assize-ambient", "assize-metering"]),
        member("crates/metering", "assize-metering", &["assize-ambient"]),
        member("crates/sources", "assize-sources", &["assize-transport"]),
        member("crates/transport", "assize-transport", &["assize-ambient", "reqwest"]),
        member("crates/wiring", "assize-wiring", &["assize-debate", "assize-sources"]),
        member("xtask", "xtask", &[]),
    ];
    let mut tree = Tree {
        third_parties: vec![
            third_party("serde", "1.0.0", Some("MIT OR Apache-2.0")),
            third_party("syn", "2.0.1", Some("MIT")),
            third_party("syn", "3.1.0", Some("MIT")),
        ],
        ..Tree::default()
    };
    for member in &members {
        tree.files.insert(member.manifest(), manifest(member));
        let root = if member.folder.starts_with("crates/") { "lib" } else { "main" };
        tree.files.insert(format!("{}/src/{root}.rs", member.folder), CODE.to_owned());
    }
    tree.members = members;
    for (path, text) in [
        ("docs/architecture.md", ARCHITECTURE),
        ("docs/tidy.toml", POLICY),
        ("Cargo.lock", LOCK),
        ("crates/ambient/src/clock.rs", "//! Time.\nfn now() { std::time::SystemTime::now(); }\n"),
        ("crates/debate/src/machine/round.rs", CODE),
        ("crates/debate/src/spent/ledger.rs", CODE),
        ("crates/debate/tests/it/main.rs", CODE),
        ("crates/metering/src/estimate.rs", "//! An estimate of tokens.\nfn per_token() -> f64 { 3.5 }\n"),
        (
            "crates/wiring/src/prose.rs",
            "//! println! todo! SystemTime::now\n\n// unimplemented!() #[allow(x)]\nconst X: &str = \"std::env::var dbg!() tokio::time\";\nfn f() { std::env::var(\"X\"); }\n",
        ),
        ("README.md", "See https://example.org/home/x and ../work/y.\n"),
    ] {
        tree.files.insert(path.to_owned(), text.to_owned());
    }
    tree
}
