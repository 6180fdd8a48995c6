//! Takes the snapshot: the files of the workspace and what cargo says about it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use super::metadata;
use super::tree::Tree;
use crate::{Error, ErrorKind};

/// Reads the workspace in `root`.
pub(super) fn take(root: &Path) -> Result<Tree, Error> {
    let metadata = metadata::ask(root)?;
    let paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => walked(root)?,
    };
    Ok(Tree {
        files: text_files(root, paths)?,
        members: metadata::members(&metadata),
        third_parties: metadata::third_parties(&metadata),
    })
}

/// Every text file, by its path with `/` between folders. What is not UTF-8 or holds a NUL is no text.
fn text_files(root: &Path, paths: Vec<String>) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    for path in paths {
        match fs::read(root.join(&path)) {
            Ok(bytes) => {
                if let Ok(text) = String::from_utf8(bytes)
                    && !text.contains('\0')
                {
                    files.insert(path, text);
                }
            }
            // Git still lists a file that was removed a moment ago; a submodule or a link to a folder is no file.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {}
            Err(error) => return Err(Error::because(ErrorKind::Files, format!("read {path}"), error)),
        }
    }
    Ok(files)
}

/// The files that git tracks or would track; none if there is no git or `root` is not in a checkout.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

/// Every file below `root`, without hidden folders and without what cargo builds.
fn walked(root: &Path) -> Result<Vec<String>, Error> {
    let mut paths = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let place = root.join(&folder);
        let failed =
            |error: io::Error| Error::because(ErrorKind::Files, format!("list {}", place.display()), error);
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if !entry.file_type().map_err(failed)?.is_dir() {
                paths.push(path);
            } else if !name.starts_with('.') && name != "target" {
                folders.push(path);
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_git_the_walk_skips_hidden_and_built_folders_and_what_is_not_text() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let root = folder.path();
        for (path, bytes) in [
            ("Cargo.toml", b"[workspace]".as_slice()),
            (".gitignore", b"/target"),
            ("crates/a/src/lib.rs", b"//! A."),
            ("target/debug/a.rs", b"built"),
            ("crates/a/target/a.rs", b"built"),
            (".hidden/a.rs", b"hidden"),
            ("fixtures/latin1.csv", b"caf\xe9"),
            ("fixtures/image.png", b"\0\x01"),
        ] {
            let place = root.join(path);
            fs::create_dir_all(place.parent().expect("a file lies in a folder")).expect("the folder is made");
            fs::write(place, bytes).expect("the file is written");
        }
        let mut walked = walked(root).expect("the folder can be listed");
        walked.sort();
        assert_eq!(
            walked,
            [".gitignore", "Cargo.toml", "crates/a/src/lib.rs", "fixtures/image.png", "fixtures/latin1.csv"]
        );
        let texts: Vec<String> =
            text_files(root, walked).expect("the files can be read").into_keys().collect();
        assert_eq!(texts, [".gitignore", "Cargo.toml", "crates/a/src/lib.rs"]);
    }
}
