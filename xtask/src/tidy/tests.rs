//! Each check was seen to fail: one violation at a time is planted in a small house that is otherwise clean.

mod house;
mod planted;

use std::collections::BTreeSet;

use super::*;
use house::{CODE, POLICY, house, manifest, member, third_party};
use planted::{Edit, File, Needs, Planted, cases, lib, plant};

fn findings_of(tree: &Tree, policy: &str) -> Findings {
    let exemptible =
        CHECKS.iter().filter(|check| check.exemptible).map(|check| check.name).collect::<Vec<_>>();
    judge(tree, &Policy::parse(policy, &exemptible).expect("the policy is well formed"))
}

#[test]
fn a_clean_house_has_no_findings() {
    assert_eq!(findings_of(&house(), POLICY), Findings::default());
}

#[test]
fn every_check_sees_what_is_planted() {
    let mut seen = BTreeSet::new();
    for (planted, check, place, part) in cases() {
        let (tree, policy) = plant(&planted);
        let violations = findings_of(&tree, &policy).violations;
        let fits = |violation: &&Violation| {
            violation.check == check
                && format!("{}:{}", violation.file, violation.line) == place
                && violation.message.contains(part)
        };
        assert!(
            violations.iter().any(|violation| fits(&violation)),
            "{check} {place} {part}: {violations:#?}"
        );
        seen.insert(check);
        // A new member lacks its row as well; all else breaks one rule and one rule only.
        if !matches!(planted, Planted::Member(..)) {
            assert!(violations.iter().all(|violation| violation.check == check), "{violations:#?}");
        }
    }
    let checks: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).chain([policy::NAME]).collect();
    assert_eq!(seen, checks, "every check has a planted violation");
}

#[test]
fn an_impartial_crate_names_no_source() {
    let (mut tree, policy) = plant(&Needs("crates/debate", "assize-sources"));
    let violations = findings_of(&tree, &policy).violations;
    let said: Vec<&str> = violations.iter().map(|violation| violation.check).collect();
    assert_eq!(said, ["edges", "purity"], "{violations:#?}");
    // Its tests may.
    for member in tree.members.iter_mut().filter(|member| member.folder == "crates/debate") {
        for need in member.needs.iter_mut().filter(|need| need.package == "assize-sources") {
            need.only_dev = true;
        }
    }
    assert_eq!(findings_of(&tree, &policy), Findings::default());
}

#[test]
fn a_folder_names_its_package() {
    let said = |folder, name| {
        let (tree, policy) = plant(&Planted::Member(folder, name));
        let mut messages = findings_of(&tree, &policy).violations.into_iter();
        messages.find(|violation| violation.check == manifests::NAME).map(|violation| violation.message)
    };
    assert_eq!(
        said("crates/perf", "perf").as_deref(),
        Some("a package in crates/perf is named `assize-perf`, not `perf`")
    );
    assert_eq!(said("crates/perf", "assize-perf"), None);
    assert_eq!(said("bins/assize-perf", "assize-perf"), None);
    let (mut tree, policy) = plant(&Planted::Member("crates/perf", "assize-perf"));
    tree.members.push(member("bins/assize-perf", "assize-perf-cli", &[]));
    tree.files
        .insert("bins/assize-perf/Cargo.toml".to_owned(), manifest(&tree.members[tree.members.len() - 1]));
    assert!(findings_of(&tree, &policy).violations.iter().all(|violation| violation.check == edges::NAME));
}

#[test]
fn what_only_looks_like_the_outside_is_left_alone() {
    for code in [
        "fn f() { jiff::Timestamp::UNIX_EPOCH; }",
        "use assize_ambient::Timestamp;\nconst START: Timestamp = Timestamp::UNIX_EPOCH;",
        "fn f(run: &Run) { let exists = run.metadata; exists_already(); run.env(); }",
        "use std::{collections::BTreeMap, fmt, path::Path};\nfn f(path: &Path) { path.file_name(); path.is_absolute(); }",
        "mod process { pub fn thread() {} }\nfn f() { process::thread(); }",
    ] {
        let (tree, policy) = plant(&File("crates/debate/src/machine/step.rs", lib(code)));
        assert_eq!(findings_of(&tree, &policy), Findings::default(), "{code}");
    }
}

#[test]
fn a_debate_without_a_known_machine_is_not_taken_for_pure() {
    let mut tree = house();
    tree.files.remove("crates/debate/src/machine/round.rs");
    let violations = findings_of(&tree, POLICY).violations;
    assert_eq!(violations.len(), 1, "{violations:#?}");
    assert!(violations[0].message.contains("state machine"), "{violations:#?}");
    tree.files.insert("crates/debate/src/rounds.rs".to_owned(), CODE.to_owned());
    let listed =
        format!("{POLICY}[[pure]]\npath = \"crates/debate/src/rounds.rs\"\nreason = \"the machine\"\n");
    assert_eq!(findings_of(&tree, &listed), Findings::default());
}

#[test]
fn what_is_only_worth_a_note_does_not_fail() {
    let (tree, policy) = plant(&File("crates/debate/src/long.rs", lib(&"// x\n".repeat(500))));
    let findings = findings_of(&tree, &policy);
    assert_eq!((findings.violations.len(), findings.notes.len()), (0, 1));
    assert!(findings.notes[0].message.contains("503 lines"), "{:?}", findings.notes);
    let (tree, policy) =
        plant(&Edit("docs/architecture.md", "| – | debate, sources |", "| – | ambient, debate, sources |"));
    let findings = findings_of(&tree, &policy);
    assert_eq!((findings.violations.len(), findings.notes.len()), (0, 1));
    assert!(findings.notes[0].message.contains("allows `ambient`"), "{:?}", findings.notes);
}

#[test]
fn an_exemption_covers_its_file_and_check_alone() {
    let (tree, _) = plant(&File("crates/debate/src/types.rs", "fn f() {}\n".to_owned()));
    let policy = format!(
        "{POLICY}[[exempt]]\ncheck = \"names\"\npath = \"crates/debate/src/types.rs\"\nreason = \"x\"\n"
    );
    let violations = findings_of(&tree, &policy).violations;
    assert_eq!(violations.iter().map(|violation| violation.check).collect::<Vec<_>>(), ["module-docs"]);
}

#[test]
fn what_only_tests_need_may_come_twice() {
    let mut tree = house();
    let mut package = third_party("serde", "2.0.0", Some("MIT"));
    package.shipped = false;
    tree.third_parties.push(package);
    tree.third_parties.push(third_party("semver", "0.8.1", Some("MIT")));
    tree.third_parties.push(third_party("semver", "0.8.2", Some("MIT")));
    assert_eq!(findings_of(&tree, POLICY), Findings::default());
    tree.third_parties.push(third_party("semver", "0.9.0", Some("MIT")));
    assert!(findings_of(&tree, POLICY).violations[0].message.contains("0.8, 0.9"));
}

#[test]
fn findings_are_printed_for_people_and_for_programs() {
    let (tree, policy) = plant(&File("crates/debate/src/types.rs", lib("")));
    let findings = findings_of(&tree, &policy);
    let line = "crates/debate/src/types.rs:1: [names] a file or folder named `types` holds anything; name it for what it does";
    assert_eq!(as_text(&findings), format!("{line}\ntidy: 1 violation\n"));
    let document: serde_json::Value = serde_json::from_str(&findings.to_json()).expect("it is JSON");
    assert_eq!(document["format_version"], 1);
    assert_eq!(document["violations"][0]["file"], "crates/debate/src/types.rs");
    assert_eq!(document["violations"][0]["line"], 1);
    assert_eq!(as_text(&Findings::default()), "tidy: 14 checks, no violations\n");
}
