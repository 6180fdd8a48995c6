//! The snapshot that the checks look at: the files, the workspace's members and the packages of others.

use std::collections::BTreeMap;

use cargo_metadata::semver::Version;

use super::lexer::{Token, code};

/// A workspace at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    /// Every text file that belongs to the workspace: its path with `/` between folders, and its text.
    pub(super) files: BTreeMap<String, String>,
    /// The workspace's own packages, by folder.
    pub(super) members: Vec<Member>,
    /// Everybody else's packages, by name and version.
    pub(super) third_parties: Vec<ThirdParty>,
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The package's name in its manifest.
    pub(super) name: String,
    /// Its folder, relative to the root, with `/` between folders.
    pub(super) folder: String,
    /// What its manifest depends on, target-specific and optional dependencies included.
    pub(super) needs: Vec<Need>,
}

/// One dependency in a manifest.
#[derive(Debug, Clone)]
pub(super) struct Need {
    /// The package that is depended on.
    pub(super) package: String,
    /// The name under which the manifest lists it.
    pub(super) key: String,
    /// Only tests, benches and examples see it.
    pub(super) only_dev: bool,
}

/// A package from outside.
#[derive(Debug, Clone)]
pub(super) struct ThirdParty {
    pub(super) name: String,
    pub(super) version: Version,
    /// The licence expression as its manifest has it.
    pub(super) licence: Option<String>,
    /// A member needs it in a normal or build dependency, directly or not.
    pub(super) shipped: bool,
}

impl Tree {
    /// The text of one file.
    pub(super) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every Rust file with its text, by path.
    pub(super) fn rust_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file with its code, by path.
    pub(super) fn code(&self) -> impl Iterator<Item = (&str, Vec<Token<'_>>)> {
        self.rust_files().map(|(path, text)| (path, code(text)))
    }

    /// The line of a member's manifest that lists the dependency `key`, or 1.
    pub(super) fn line_of_need(&self, member: &Member, key: &str) -> usize {
        let text = self.file(&member.manifest()).unwrap_or_default();
        line_where(text, |line| {
            line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '=', '\t']))
        })
    }
}

impl Member {
    /// The path of its manifest.
    pub(super) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The name that the architecture's table gives it: the folder, without `crates/`.
    pub(super) fn short_name(&self) -> &str {
        self.folder.strip_prefix("crates/").unwrap_or(&self.folder)
    }
}

/// The first line, from 1, that fits, or 1.
pub(super) fn line_where(text: &str, fits: impl Fn(&str) -> bool) -> usize {
    text.lines().position(fits).map_or(1, |at| at + 1)
}

/// The folder of `crates/` that a file lies in, and the rest of its path.
pub(super) fn crate_of(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("crates/")?.split_once('/')
}

/// Is `path` the file `place`, or in the folder `place`, which ends with `/`?
pub(super) fn lies_in(path: &str, place: &str) -> bool {
    if place.ends_with('/') { path.starts_with(place) } else { path == place }
}
