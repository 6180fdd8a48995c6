//! One version of each package: two that are incompatible mean twice the build and two types of one name. Counted
//! are the packages that ship on this machine's platform; those that only tests need are not.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::semver::Version;

use super::findings::Findings;
use super::licences::line_of;
use super::policy::{FILE as POLICY, Policy};
use super::tree::Tree;

pub(super) const NAME: &str = "duplicates";

pub(super) fn check(tree: &Tree, policy: &Policy, findings: &mut Findings) {
    let mut ranges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in tree.third_parties.iter().filter(|package| package.shipped) {
        ranges.entry(&package.name).or_default().insert(compatible_range(&package.version));
    }
    ranges.retain(|_, ranges| ranges.len() > 1);
    for (package, found) in &ranges {
        if !policy.duplicates.iter().any(|entry| entry.package.get_ref() == package) {
            let message = format!(
                "`{package}` is there in the versions {}; agree on one, or list it in {POLICY} with a reason",
                listed(found)
            );
            findings.violation(NAME, "Cargo.lock", line_of(tree, package), message);
        }
    }
    for entry in &policy.duplicates {
        let expected: BTreeSet<String> = entry.versions.iter().cloned().collect();
        let message = match ranges.get(entry.package.get_ref().as_str()) {
            Some(found) if *found == expected => continue,
            Some(found) => format!(
                "`{}` is there in the versions {}, not {}; correct the entry",
                entry.package.get_ref(),
                listed(found),
                listed(&expected)
            ),
            None => format!(
                "stale entry: `{}` is there in one version at most; remove the entry",
                entry.package.get_ref()
            ),
        };
        findings.violation(NAME, POLICY, policy.line(&entry.package), message);
    }
}

fn listed(ranges: &BTreeSet<String>) -> String {
    ranges.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What cargo holds to be compatible: `1` for 1.x, `0.8` for 0.8.x, `0.0.3` for that alone.
fn compatible_range(version: &Version) -> String {
    match (version.major, version.minor) {
        (0, 0) => format!("0.0.{}", version.patch),
        (0, minor) => format!("0.{minor}"),
        (major, _) => major.to_string(),
    }
}
