//! A run: what was measured, where, and what could not be read of it.

mod comparison;
mod environment;
mod form;
mod measurement;
mod profile;

use std::fmt;

use assize_ambient::Timestamp;

pub use comparison::{Arm, Comparison, Contrast, Effect, Estimate, Winner};
pub use environment::Environment;
pub use form::FORMAT_VERSION;
pub use measurement::{Better, COMPLETED, Interval, Kind, Measurement};
pub(crate) use profile::Folding;
pub use profile::{Frame, FunctionWeight, Profile, Stack};

use crate::Error;

/// A run of measurements, from one source or several.
///
/// It is stored as JSON that says its `format_version` ([`Run::to_json`], [`Run::from_json`]) and comes back from it
/// to the last bit.
///
/// ```
/// use assize_perf::{Better, Kind, Measurement, Run, Unit};
///
/// let mut run = Run::new("nightly");
/// run.measurements.push(Measurement::new(
///     "debate/turn/instant-debater",
///     "cpu-per-turn",
///     Unit::Nanoseconds,
///     Better::Lower,
///     Kind::Timed,
///     3_200.0,
/// ));
/// let stored = run.to_json().to_string();
/// assert_eq!(Run::from_json(stored.as_bytes(), "run.json")?, run);
/// # Ok::<(), assize_perf::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// What a reader calls it.
    pub title: String,
    /// When it was measured; `None` where the source does not say.
    pub created_at: Option<Timestamp>,
    /// Where it was measured.
    pub environment: Environment,
    /// The figures.
    pub measurements: Vec<Measurement>,
    /// Comparisons of two or more ways to do the same thing.
    pub comparisons: Vec<Comparison>,
    /// Where time or memory went, of sources that are profiles.
    pub profiles: Vec<Profile>,
    /// What a reader could not read, or found odd.
    pub findings: Vec<Finding>,
}

impl Run {
    /// An empty run.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// `run-` and the first 12 hex digits of BLAKE3 over the stored form without its findings and sources: the same
    /// content has the same id on every machine, wherever it was read from.
    #[must_use]
    pub fn id(&self) -> String {
        let content = form::content(self).to_string();
        let digits = blake3::hash(content.as_bytes()).to_hex();
        format!("run-{}", &digits[..12])
    }

    /// The stored form. A figure that is not finite has no form in JSON: it is written as `null`, and reading names it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        form::write(self)
    }

    /// Reads the stored form; `file` is named in errors and findings. A measurement that is not finite is left out
    /// and named in [`Run::findings`]; so is an id that does not fit the content.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownVersion`](crate::ErrorKind::UnknownVersion) for a `format_version` other than
    /// [`FORMAT_VERSION`], [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) with line and column for anything
    /// else that is not such a run.
    pub fn from_json(bytes: &[u8], file: &str) -> Result<Self, Error> {
        form::read(bytes, file)
    }

    /// The measurements with this id and metric: more than one if the run holds repetitions.
    pub fn measured<'a>(&'a self, id: &'a str, metric: &'a str) -> impl Iterator<Item = &'a Measurement> {
        self.measurements.iter().filter(move |m| m.id == id && m.metric == metric)
    }

    /// Several runs as one: measurements by id, metric and then in the order given; the latest time. Where the
    /// environments contradict each other that is a finding, and the first stands.
    #[must_use]
    pub fn merged(runs: Vec<Self>) -> Self {
        let mut titles: Vec<&str> = runs.iter().map(|run| run.title.as_str()).collect();
        titles.dedup();
        let mut merged = Self::new(titles.join(" + "));
        for run in runs {
            let Self { title, created_at, environment, measurements, comparisons, profiles, findings } = run;
            merged.created_at = merged.created_at.max(created_at);
            for (field, ours, theirs) in merged.environment.complete_from(environment) {
                let text = format!(
                    "{field} is {theirs:?} here and {ours:?} elsewhere: figures of different machines or builds stand side by side"
                );
                merged.findings.push(Finding::new(title.as_str(), None, text));
            }
            merged.measurements.extend(measurements);
            merged.comparisons.extend(comparisons);
            merged.profiles.extend(profiles);
            merged.findings.extend(findings);
        }
        merged.measurements.sort_by(|a, b| (&a.id, &a.metric).cmp(&(&b.id, &b.metric)));
        merged
    }
}

/// Something that a reader could not read or found odd. What could be read was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file or folder, as it was given.
    pub file: String,
    /// Where in the file, in words of the format (`line 3, column 14`); `None` if it concerns all of it.
    pub position: Option<String>,
    /// What is wrong, and what was done about it.
    pub text: String,
}

impl Finding {
    /// A finding about `file`.
    #[must_use]
    pub fn new(file: impl Into<String>, position: Option<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), position, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.position {
            Some(position) => write!(f, "{}, {position}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}

#[cfg(test)]
mod tests;
