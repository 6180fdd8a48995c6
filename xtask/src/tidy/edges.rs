//! The house's arrows: the architecture's table against what the manifests say. Development dependencies are
//! free; all others need their row, and point to a lower floor.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Findings;
use super::policy::Policy;
use super::table::{self, Row};
use super::tree::{Member, Tree};

pub(super) const NAME: &str = "edges";

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    let (rows, unreadable) = table::read(tree.file(table::FILE).unwrap_or_default());
    for line in unreadable {
        findings.violation(NAME, table::FILE, line.line, line.why);
    }
    let mut by_name: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in &rows {
        if by_name.insert(&row.name, row).is_some() {
            let message = format!("`{}` has two rows; keep one", row.name);
            findings.violation(NAME, table::FILE, row.line, message);
        }
    }
    let members: BTreeMap<&str, &Member> =
        tree.members.iter().map(|member| (member.short_name(), member)).collect();
    for row in &rows {
        if !members.contains_key(row.name.as_str()) {
            let message = format!("`{}` is no crate of this workspace; remove its row", row.name);
            findings.violation(NAME, table::FILE, row.line, message);
        }
        check_floors(row, &by_name, findings);
    }
    for member in &tree.members {
        match by_name.get(member.short_name()) {
            Some(row) => check_needs(tree, member, row, findings),
            None => {
                let message = format!("`{}` has no row in {}; add it", member.short_name(), table::FILE);
                findings.violation(NAME, &member.manifest(), 1, message);
            }
        }
    }
}

/// Every arrow of the row points to a row on a lower floor.
fn check_floors(row: &Row, by_name: &BTreeMap<&str, &Row>, findings: &mut Findings) {
    // Programs have no floor: they stand above all that have one, and nothing stands on them.
    let height = |row: &Row| row.floor.unwrap_or(u32::MAX);
    for below in &row.depends_on {
        match by_name.get(below.as_str()) {
            None => {
                let message =
                    format!("`{}` depends on `{below}`, which has no row; add or remove it", row.name);
                findings.violation(NAME, table::FILE, row.line, message);
            }
            Some(target) if height(target) >= height(row) => {
                let message = format!(
                    "the arrow from `{}` to `{below}` does not point to a lower floor; turn it round or cut it",
                    row.name
                );
                findings.violation(NAME, table::FILE, row.line, message);
            }
            Some(_) => {}
        }
    }
}

/// Every arrow of the manifest is in the row; an arrow of the row that no manifest has is worth a note.
fn check_needs(tree: &Tree, member: &Member, row: &Row, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    for need in member.needs.iter().filter(|need| !need.only_dev) {
        let Some(target) = tree.members.iter().find(|other| other.name == need.package) else { continue };
        used.insert(target.short_name());
        if !row.depends_on.iter().any(|allowed| allowed == target.short_name()) {
            let message = format!(
                "`{}` depends on `{}`, which its row in {} does not allow; remove the dependency, or change the picture",
                member.short_name(),
                target.short_name(),
                table::FILE
            );
            findings.violation(NAME, &member.manifest(), tree.line_of_need(member, &need.key), message);
        }
    }
    for allowed in row.depends_on.iter().filter(|allowed| !used.contains(allowed.as_str())) {
        let message =
            format!("the row of `{}` allows `{allowed}`, which its manifest does not name", row.name);
        findings.note(NAME, table::FILE, row.line, message);
    }
}
