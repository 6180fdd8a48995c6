//! A history of runs: a folder with a line of JSON for each.
//!
//! Lines are only ever added, to a file for each month, so that a version control system merges two histories line by
//! line, and [`merge`] does it by the ids of the runs. A last line that was cut off by a crash is passed over and named.
//! Single samples are not kept: a line holds the figures of a run, and where and when it was measured.
//!
//! ```
//! use assize_perf::{Better, Kind, Measurement, Run, Unit, history};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let mut run = Run::new("nightly");
//! run.measurements.push(Measurement::new("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 3_200.0));
//! assert!(history::append(folder, &run)?);
//! assert!(!history::append(folder, &run)?, "it is there");
//! assert_eq!(history::load(folder)?.series()[0].points[0].value, 3_200.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod file;
mod series;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

pub use entry::{Entry, FORMAT_VERSION, fingerprint};
pub use series::{Point, Series, series};

use crate::{
    Error, ErrorKind,
    run::{Finding, Run},
};

/// No more runs are read from a history than this.
pub const MOST_RUNS: usize = 100_000;
/// No line is longer than this, in bytes.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Adds a run; `false` if it is there already. The folder is made if there is none.
///
/// # Errors
/// [`ErrorKind::Unreadable`] if the folder cannot be read or written, [`ErrorKind::TooLarge`] for a run whose line would
/// be longer than [`LONGEST_LINE`], or a history that holds [`MOST_RUNS`] already.
pub fn append(folder: &Path, run: &Run) -> Result<bool, Error> {
    let entry = Entry::of(run);
    let mut known = file::lines(folder)?;
    add(folder, &mut known, &entry.id, &entry.month(), &entry.line())
}

/// Adds what another history holds and this one does not; how many runs that were.
///
/// # Errors
/// As [`append`] and [`load`].
pub fn merge(into: &Path, from: &Path) -> Result<usize, Error> {
    let mut known = file::lines(into)?;
    let theirs = file::lines(from)?;
    if theirs.files == 0 {
        return Err(nothing_in(from));
    }
    let mut added = 0;
    for line in &theirs.lines {
        // What cannot be read is theirs to mend.
        let Ok(entry) = Entry::read(&line.text, &line.place()) else { continue };
        if add(into, &mut known, &entry.id, &entry.month(), &line.text)? {
            added += 1;
        }
    }
    Ok(added)
}

fn add(folder: &Path, known: &mut file::Lines, id: &str, month: &str, line: &str) -> Result<bool, Error> {
    if !known.ids.insert(id.to_owned()) {
        return Ok(false);
    }
    let too_large = |what: String| {
        Err(Error::new(ErrorKind::TooLarge, format!("add {id} to {}: {what}", folder.display())))
    };
    if line.len() > LONGEST_LINE {
        return too_large(format!("its line is {} bytes long, of {LONGEST_LINE} at most", line.len()));
    }
    if known.ids.len() > MOST_RUNS {
        return too_large(format!("the history holds {MOST_RUNS} runs already"));
    }
    file::append(folder, month, line)?;
    Ok(true)
}

/// Reads a history. Lines that cannot be read are among its findings.
///
/// # Errors
/// [`ErrorKind::Unreadable`] if the folder or a file of the history cannot be read, [`ErrorKind::UnknownFormat`] if no
/// history is in it, [`ErrorKind::TooLarge`] beyond [`MOST_RUNS`] or [`LONGEST_LINE`].
pub fn load(folder: &Path) -> Result<History, Error> {
    let lines = file::lines(folder)?;
    if lines.files == 0 {
        return Err(nothing_in(folder));
    }
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut findings = Vec::new();
    for line in &lines.lines {
        match Entry::read(&line.text, &line.place()) {
            Ok(entry) => {
                entries.entry(entry.id.clone()).or_insert(entry);
            }
            Err(error) => {
                let why =
                    if line.torn { "it was cut off, and was passed over" } else { "it was passed over" };
                let position = Some(format!("line {}", line.number));
                findings.push(Finding::new(line.file.clone(), position, format!("{why}: {error}")));
            }
        }
    }
    let mut entries: Vec<Entry> = entries.into_values().collect();
    entries.sort_by(|a, b| (a.run.created_at, &a.id).cmp(&(b.run.created_at, &b.id)));
    Ok(History { entries, findings })
}

fn nothing_in(folder: &Path) -> Error {
    Error::new(ErrorKind::UnknownFormat, format!("read {}: no history is in it", folder.display()))
        .hinted("a history is a folder of runs-*.jsonl, made with `assize-perf history add`")
}

/// Runs in the order of time; those without a time come first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The runs.
    pub entries: Vec<Entry>,
    /// Lines that could not be read.
    pub findings: Vec<Finding>,
}

impl History {
    /// The latest run that goes by this name: an id (`run-` and some digits), a revision of version control (its first
    /// seven digits are enough), or else a title.
    #[must_use]
    pub fn baseline(&self, name: &str) -> Option<&Entry> {
        let by = |holds: &dyn Fn(&Entry) -> bool| self.entries.iter().rev().find(|entry| holds(entry));
        let is_revision = |entry: &Entry| {
            let revision = entry.run.environment.revision.as_deref();
            revision
                .is_some_and(|revision| revision == name || (name.len() >= 7 && revision.starts_with(name)))
        };
        let is_id = |entry: &Entry| entry.id == name || (name.len() >= 8 && entry.id.starts_with(name));
        by(&is_id).or_else(|| by(&is_revision)).or_else(|| by(&|entry| entry.run.title == name))
    }

    /// The series in it, each of one figure on one machine; see [`series`].
    #[must_use]
    pub fn series(&self) -> Vec<Series> {
        series(self.entries.iter().map(|entry| (entry.id.as_str(), &entry.run)))
    }

    /// The machines that runs come from, by their fingerprints.
    #[must_use]
    pub fn machines(&self) -> BTreeSet<&str> {
        self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect()
    }
}

#[cfg(test)]
mod tests;
