//! What `cargo metadata` says, reduced to what the checks need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::tree::{Member, Need, ThirdParty};
use crate::{Error, ErrorKind, workspace};

/// Asks cargo about the workspace in `root`, for this machine's platform; first without the network, and with it
/// only if a package is not there yet.
pub(super) fn ask(root: &Path) -> Result<Metadata, Error> {
    let platform = host()?;
    let ask_with = |options: &[&str]| {
        let mut command = MetadataCommand::new();
        command.cargo_path(workspace::cargo()).manifest_path(root.join("Cargo.toml")).current_dir(root);
        let options = options.iter().copied().chain(["--locked", "--filter-platform", &platform]);
        command.other_options(options.map(str::to_owned).collect::<Vec<_>>()).exec()
    };
    ask_with(&["--offline"]).or_else(|_| ask_with(&[])).map_err(|error| {
        Error::because(ErrorKind::Metadata, "run `cargo metadata` (try `cargo fetch`, then again)", error)
    })
}

fn host() -> Result<String, Error> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| Error::because(ErrorKind::Process, "start `rustc -vV`", error))?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Error::new(ErrorKind::Metadata, "find the line `host: …` in what `rustc -vV` says"))
}

/// The workspace's own packages, by folder.
pub(super) fn members(metadata: &Metadata) -> Vec<Member> {
    let root = metadata.workspace_root.as_std_path();
    let mut members: Vec<Member> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let folder = package.manifest_path.as_std_path().parent().unwrap_or(root);
            let folder = folder.strip_prefix(root).unwrap_or(folder);
            let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
            let needs = package.dependencies.iter().map(|dependency| Need {
                package: dependency.name.clone(),
                key: dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()),
                only_dev: dependency.kind == DependencyKind::Development,
            });
            Member { name: package.name.to_string(), folder: parts.join("/"), needs: needs.collect() }
        })
        .collect();
    members.sort_by(|a, b| a.folder.cmp(&b.folder));
    members
}

/// Everybody else's packages, by name and version.
pub(super) fn third_parties(metadata: &Metadata) -> Vec<ThirdParty> {
    let shipped = shipped(metadata);
    let mut packages: Vec<ThirdParty> = metadata
        .packages
        .iter()
        .filter(|package| !metadata.workspace_members.contains(&package.id))
        .map(|package| ThirdParty {
            name: package.name.to_string(),
            version: package.version.clone(),
            licence: package.license.clone(),
            shipped: shipped.contains(&package.id),
        })
        .collect();
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages
}

/// The packages that members reach through normal and build dependencies.
///
/// Cargo's metadata counts an optional dependency that a weak feature (`x?/std`) only mentions as if it were
/// switched on; it is left out here unless a feature truly switches it on.
fn shipped(metadata: &Metadata) -> BTreeSet<&PackageId> {
    let packages: BTreeMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let nodes: BTreeMap<_, _> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
    let mut reached: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    let mut waiting: Vec<&PackageId> = reached.iter().copied().collect();
    while let Some(id) = waiting.pop() {
        let (Some(node), Some(package)) = (nodes.get(id), packages.get(id)) else { continue };
        let features: Vec<&str> = node.features.iter().map(AsRef::as_ref).collect();
        for edge in &node.deps {
            let ships = edge.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            let Some(needed) = packages.get(&edge.pkg) else { continue };
            if ships && is_switched_on(package, &features, needed.name.as_ref()) && reached.insert(&edge.pkg)
            {
                waiting.push(&edge.pkg);
            }
        }
    }
    reached
}

/// Is the dependency on `needed` one that `package` always has, or one that a feature switches on?
fn is_switched_on(package: &Package, features: &[&str], needed: &str) -> bool {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.name == needed && dependency.kind != DependencyKind::Development)
        .any(|dependency| {
            let key = dependency.rename.as_deref().unwrap_or(needed);
            !dependency.optional
                || features.iter().filter_map(|feature| package.features.get(*feature)).flatten().any(|on| {
                    on.strip_prefix("dep:") == Some(key)
                        || on.split_once('/').is_some_and(|(dependency, _)| dependency == key)
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"{
      "packages": [
        {"name": "own", "version": "0.1.0", "id": "own", "source": null, "license": null,
         "manifest_path": "/w/crates/own/Cargo.toml", "targets": [], "edition": "2024",
         "features": {}, "dependencies": [
           {"name": "stats", "req": "^1", "kind": null, "optional": false, "uses_default_features": false, "features": []},
           {"name": "mock", "req": "^1", "kind": "dev", "optional": false, "uses_default_features": true, "features": []}]},
        {"name": "stats", "version": "1.0.0", "id": "stats", "source": "registry", "license": "MIT",
         "manifest_path": "/r/stats/Cargo.toml", "targets": [], "edition": "2021",
         "features": {"std": ["algebra?/std", "dep:heap"], "algebra": ["dep:algebra"]}, "dependencies": [
           {"name": "algebra", "req": "^1", "kind": null, "optional": true, "uses_default_features": true, "features": []},
           {"name": "heap", "req": "^1", "kind": null, "optional": true, "uses_default_features": true, "features": []},
           {"name": "generator", "req": "^1", "kind": "build", "optional": false, "uses_default_features": true, "features": []}]},
        {"name": "algebra", "version": "1.0.0", "id": "algebra", "source": "registry", "license": "MIT",
         "manifest_path": "/r/a/Cargo.toml", "targets": [], "edition": "2021", "features": {}, "dependencies": []},
        {"name": "heap", "version": "1.0.0", "id": "heap", "source": "registry", "license": "MIT",
         "manifest_path": "/r/h/Cargo.toml", "targets": [], "edition": "2021", "features": {}, "dependencies": []},
        {"name": "generator", "version": "1.0.0", "id": "generator", "source": "registry", "license": "MIT",
         "manifest_path": "/r/g/Cargo.toml", "targets": [], "edition": "2021", "features": {}, "dependencies": []},
        {"name": "mock", "version": "1.0.0", "id": "mock", "source": "registry", "license": null,
         "manifest_path": "/r/m/Cargo.toml", "targets": [], "edition": "2021", "features": {}, "dependencies": []}],
      "workspace_members": ["own"], "workspace_root": "/w", "target_directory": "/w/target", "version": 1,
      "resolve": {"root": null, "nodes": [
        {"id": "own", "dependencies": [], "features": [], "deps": [
          {"name": "stats", "pkg": "stats", "dep_kinds": [{"kind": null, "target": null}]},
          {"name": "mock", "pkg": "mock", "dep_kinds": [{"kind": "dev", "target": null}]}]},
        {"id": "stats", "dependencies": [], "features": ["std"], "deps": [
          {"name": "algebra", "pkg": "algebra", "dep_kinds": [{"kind": null, "target": null}]},
          {"name": "heap", "pkg": "heap", "dep_kinds": [{"kind": null, "target": null}]},
          {"name": "generator", "pkg": "generator", "dep_kinds": [{"kind": "build", "target": null}]}]},
        {"id": "algebra", "dependencies": [], "features": [], "deps": []},
        {"id": "heap", "dependencies": [], "features": [], "deps": []},
        {"id": "generator", "dependencies": [], "features": [], "deps": []},
        {"id": "mock", "dependencies": [], "features": [], "deps": []}]}
    }"#;

    #[test]
    fn what_ships_leaves_out_tests_and_weak_mentions() {
        let metadata = MetadataCommand::parse(ALL).expect("the text has cargo's shape");
        let shipped: Vec<String> = third_parties(&metadata)
            .into_iter()
            .filter(|package| package.shipped)
            .map(|package| package.name)
            .collect();
        assert_eq!(shipped, ["generator", "heap", "stats"]);
    }

    #[test]
    fn members_have_their_folder_and_needs() {
        let metadata = MetadataCommand::parse(ALL).expect("the text has cargo's shape");
        let members = members(&metadata);
        assert_eq!(members[0].folder, "crates/own");
        let needs: Vec<_> =
            members[0].needs.iter().map(|need| (need.package.as_str(), need.only_dev)).collect();
        assert_eq!(needs, [("stats", false), ("mock", true)]);
    }
}
