//! Where a run is kept: a folder named for its moment, the name of the latest, the baselines.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use assize_ambient::Timestamp;

use crate::{Error, ErrorKind};

/// How many runs may begin in the same second.
const MAX_SUFFIX: u32 = 1_000;
const MAX_NAME: usize = 64;

/// The moment in a form that sorts and is good for a name: `20261121T094512Z`.
pub(super) fn stamp(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Makes the folder of a run: the one that was asked for, which must be new or empty, or one named for the moment
/// below `home`, with a suffix if there is one already. The path is absolute.
pub(super) fn make(home: &Path, asked: Option<&Path>, moment: Timestamp) -> Result<PathBuf, Error> {
    make_in(&runs(home), asked, moment)
}

/// The same below another folder of runs.
pub(crate) fn make_in(runs: &Path, asked: Option<&Path>, moment: Timestamp) -> Result<PathBuf, Error> {
    match asked {
        Some(asked) => make_asked(asked),
        None => make_stamped(runs, &stamp(moment)),
    }
}

/// The folder of all runs.
pub(crate) fn runs(home: &Path) -> PathBuf {
    home.join("bench")
}

fn make_asked(asked: &Path) -> Result<PathBuf, Error> {
    let refused = |error: io::Error| {
        Error::because(ErrorKind::Request, format!("use --out {}", asked.display()), error)
            .hinted("give a folder that can be written to")
    };
    let folder = std::path::absolute(asked).map_err(refused)?;
    fs::create_dir_all(&folder).map_err(refused)?;
    if fs::read_dir(&folder).map_err(refused)?.next().is_some() {
        let text = format!("use --out {}: it is not empty", asked.display());
        return Err(Error::new(ErrorKind::Request, text)
            .hinted("give a new folder: figures of an earlier run must not mix with these"));
    }
    Ok(folder)
}

fn make_stamped(runs: &Path, stamp: &str) -> Result<PathBuf, Error> {
    let failed =
        |path: &Path, error| Error::because(ErrorKind::Files, format!("make {}", path.display()), error);
    fs::create_dir_all(runs).map_err(|error| failed(runs, error))?;
    let names = (1..MAX_SUFFIX).map(|n| if n == 1 { stamp.to_owned() } else { format!("{stamp}-{n}") });
    for name in names {
        let folder = runs.join(name);
        match fs::create_dir(&folder) {
            Ok(()) => return std::path::absolute(&folder).map_err(|error| failed(&folder, error)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&folder, error)),
        }
    }
    Err(Error::new(ErrorKind::Files, format!("find a free name for {stamp} in {}", runs.display())))
}

/// Notes a run as the latest: its name if it lies among the others, else its path.
pub(super) fn note_latest(home: &Path, folder: &Path) -> Result<(), Error> {
    let runs = runs(home);
    let inside = folder.strip_prefix(&runs).unwrap_or(folder);
    fs::create_dir_all(&runs)
        .map_err(|error| Error::because(ErrorKind::Files, format!("make {}", runs.display()), error))?;
    write(&runs.join("latest"), &format!("{}\n", inside.display()))
}

/// The folder of the latest run.
pub(crate) fn latest(home: &Path) -> Result<PathBuf, Error> {
    let runs = runs(home);
    let file = runs.join("latest");
    let name = fs::read_to_string(&file).map_err(|error| {
        Error::because(ErrorKind::Request, format!("find the latest run: read {}", file.display()), error)
            .hinted("run `cargo xtask bench` first, or name a run")
    })?;
    Ok(runs.join(name.trim()))
}

/// The file of a baseline.
pub(super) fn baseline(home: &Path, name: &BaselineName) -> PathBuf {
    home.join("baselines").join(format!("{}.json", name.0))
}

/// Writes a file and, where need be, its folder.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Error::because(ErrorKind::Files, format!("write {}", path.display()), error))
}

/// A name of a baseline that is safe as a name of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineName(String);

impl std::str::FromStr for BaselineName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > MAX_NAME || text.starts_with('.') || !text.chars().all(plain) {
            return Err(format!(
                "a name has 1 to {MAX_NAME} letters, digits, `-`, `_` or `.`, and does not begin with `.`"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Timestamp {
        "2026-11-21T09:45:12.75Z".parse().expect("a moment")
    }

    #[test]
    fn a_stamp_sorts_and_is_in_utc() {
        assert_eq!(stamp(moment()), "20261121T094512Z");
        assert_eq!(stamp("2026-01-01T00:30:00+01:00".parse().expect("a moment")), "20251231T233000Z");
    }

    #[test]
    fn a_stamp_that_exists_gets_a_suffix() {
        let home = tempfile::tempdir().expect("a folder");
        let made: Vec<String> = (0..3)
            .map(|_| make(home.path(), None, moment()).expect("a new folder"))
            .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
            .collect();
        assert_eq!(made, ["20261121T094512Z", "20261121T094512Z-2", "20261121T094512Z-3"]);
    }

    #[test]
    fn the_latest_is_found_inside_and_outside() {
        let home = tempfile::tempdir().expect("a folder");
        assert_eq!(latest(home.path()).expect_err("there is none").kind(), ErrorKind::Request);
        let folder = make(home.path(), None, moment()).expect("a new folder");
        note_latest(home.path(), &folder).expect("noted");
        let noted = fs::read_to_string(runs(home.path()).join("latest")).expect("the note");
        assert_eq!((noted.as_str(), latest(home.path()).expect("known")), ("20261121T094512Z\n", folder));
        let elsewhere = tempfile::tempdir().expect("a folder");
        let folder = make(home.path(), Some(&elsewhere.path().join("a/b")), moment()).expect("a new folder");
        note_latest(home.path(), &folder).expect("noted");
        assert_eq!(latest(home.path()).expect("known"), folder);
    }

    #[test]
    fn a_folder_with_something_in_it_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("run.json"), "{}").expect("written");
        let error = make(home.path(), Some(home.path()), moment()).expect_err("it is not empty");
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().ends_with("it is not empty"), "{error}");
    }

    #[test]
    fn names_of_baselines_are_plain() {
        let long = "x".repeat(65);
        for good in ["main", "v1.2_a-b", "A"] {
            assert!(good.parse::<BaselineName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "a b", "ü", long.as_str()] {
            assert!(bad.parse::<BaselineName>().is_err(), "{bad}");
        }
    }
}
