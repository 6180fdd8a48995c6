//! Readers: one for each format that results come in.
//!
//! A reader knows its format by the content, never by the name of a file. What a file breaks is named in
//! [`Run::findings`] with its position, and the rest is still read. Sizes that a stranger controls are limited (see
//! [`Limits`]).

mod criterion;
mod input;
mod own;

use std::{fmt::Debug, path::Path};

pub use criterion::Criterion;
pub use input::{Input, Limits};
pub use own::Own;

use crate::{Error, ErrorKind, run::Run};

/// Reads one format into a [`Run`].
pub trait Reader: Debug + Send + Sync {
    /// A short name: `criterion`.
    fn name(&self) -> &'static str;

    /// What it reads, in one line.
    fn reads(&self) -> &'static str;

    /// Whether the input looks like this format. Cheap: it sees the list of files and the beginning of each.
    fn sniff(&self, input: &Input) -> bool;

    /// Reads the input.
    ///
    /// # Errors
    /// Only if nothing can be read at all; anything less is a finding of the run.
    fn read(&self, input: &Input) -> Result<Run, Error>;
}

/// Every reader, the more particular first.
#[must_use]
pub fn all() -> Vec<Box<dyn Reader>> {
    vec![Box::new(Own), Box::new(Criterion)]
}

/// Reads a file or a folder with every reader that knows something in it, within the default [`Limits`].
///
/// Of a folder with a run of our own in a `run.json` at its top nothing else is read: what lies beside it is what the
/// run was made from, or of it.
///
/// # Errors
/// [`ErrorKind::Unreadable`] if the path cannot be read, [`ErrorKind::UnknownFormat`] if no reader knows anything in
/// it, [`ErrorKind::TooLarge`] beyond the limits, and what a reader answers if it was the only one and could read
/// nothing.
///
/// ```no_run
/// let run = assize_perf::read_path("target/criterion".as_ref())?;
/// for measurement in &run.measurements {
///     println!("{} {}", measurement.id, measurement.unit.show(measurement.value));
/// }
/// # Ok::<(), assize_perf::Error>(())
/// ```
pub fn read_path(path: &Path) -> Result<Run, Error> {
    read_within(path, Limits::default())
}

/// As [`read_path`], within other limits.
///
/// # Errors
/// As [`read_path`].
pub fn read_within(path: &Path, limits: Limits) -> Result<Run, Error> {
    let input = own::stored_in(path, limits).map_or_else(|| Input::open(path, limits), Ok)?;
    let mut runs = Vec::new();
    let mut failed = None;
    for reader in all() {
        if !reader.sniff(&input) {
            continue;
        }
        match reader.read(&input) {
            Ok(run) => runs.push(run),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match (runs.is_empty(), failed) {
        (true, Some(error)) => return Err(error),
        (true, None) => return Err(unknown(&input)),
        (false, Some(error)) => {
            let finding = crate::run::Finding::new(input.name(), None, format!("could not {error}"));
            runs.last_mut().into_iter().for_each(|run| run.findings.push(finding.clone()));
        }
        (false, None) => {}
    }
    let mut run = if runs.len() == 1 { runs.remove(0) } else { Run::merged(runs) };
    run.findings.extend(input.findings().iter().cloned());
    Ok(run)
}

fn unknown(input: &Input) -> Error {
    let what = match input.files().len() {
        0 => "no file is in it".to_owned(),
        1 => "its content is not a format that is known".to_owned(),
        n => format!("none of the {n} files in it is of a format that is known"),
    };
    let names: Vec<&str> = all().iter().map(|reader| reader.name()).collect();
    Error::new(ErrorKind::UnknownFormat, format!("read {}: {what}", input.name()))
        .hinted(format!("formats that are read: {}", names.join(", ")))
}

#[cfg(test)]
mod tests;
