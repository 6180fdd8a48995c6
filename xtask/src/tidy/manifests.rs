//! Every manifest takes what is common from the workspace, says what the package is for and bears its folder's name.

use toml::{Table, Value};

use super::findings::Findings;
use super::policy::Policy;
use super::tree::{Member, Tree, line_where};

pub(super) const NAME: &str = "manifests";

/// What `[package]` takes from the workspace.
const INHERITED: [&str; 2] = ["edition", "license"];

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for member in &tree.members {
        let file = member.manifest();
        let text = tree.file(&file).unwrap_or_default();
        let manifest: Table = match toml::from_str(text) {
            Ok(manifest) => manifest,
            Err(error) => {
                findings.violation(NAME, &file, 1, format!("cannot be read: {}", error.message()));
                continue;
            }
        };
        let line = |start: &str| line_where(text, |line| line.trim_start().starts_with(start));
        let package = manifest.get("package").and_then(Value::as_table);
        for key in INHERITED {
            if !package.and_then(|package| package.get(key)).is_some_and(comes_from_workspace) {
                let message = format!("the {key} is the workspace's; write `{key}.workspace = true`");
                findings.violation(NAME, &file, line(key), message);
            }
        }
        let description = package.and_then(|package| package.get("description")).and_then(Value::as_str);
        if description.is_none_or(|text| text.trim().is_empty()) {
            let message = "the package has no description; say in a sentence what it is for";
            findings.violation(NAME, &file, line("[package]"), message);
        }
        if !manifest.get("lints").is_some_and(comes_from_workspace) {
            let message = "the lints are the workspace's; write `[lints]` with `workspace = true`";
            findings.violation(NAME, &file, line("[lints"), message);
        }
        if let Some(name) = expected_name(tree, member)
            && name != member.name
        {
            let message = format!("a package in {} is named `{name}`, not `{}`", member.folder, member.name);
            findings.violation(NAME, &file, line("name"), message);
        }
    }
}

fn comes_from_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// The name that the folder asks for; none where the folder asks for none.
fn expected_name(tree: &Tree, member: &Member) -> Option<String> {
    if let Some(folder) = member.folder.strip_prefix("crates/") {
        return Some(format!("assize-{folder}"));
    }
    let program = member.folder.strip_prefix("bins/")?;
    // A library has the shorter name where both want it.
    let library = program.strip_prefix("assize-").map(|name| format!("crates/{name}"));
    let is_taken = tree.members.iter().any(|other| Some(&other.folder) == library.as_ref());
    Some(if is_taken { format!("{program}-cli") } else { program.to_owned() })
}
