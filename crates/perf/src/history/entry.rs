//! One run of a history.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error, ErrorKind,
    run::{Environment, Run},
};

/// The version of a line.
pub const FORMAT_VERSION: u32 = 1;

/// A run of a history, without its single samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The id of the run as it was measured, samples included.
    pub id: String,
    /// What machine and build it comes from; see [`fingerprint`].
    pub fingerprint: String,
    /// The figures.
    pub run: Run,
}

impl Entry {
    pub(super) fn of(run: &Run) -> Self {
        let mut kept = run.clone();
        kept.findings.clear();
        kept.comparisons.clear();
        for measurement in &mut kept.measurements {
            measurement.samples.clear();
            measurement.source = None;
        }
        kept.measurements.retain(crate::Measurement::is_finite);
        Self { id: run.id(), fingerprint: fingerprint(&run.environment), run: kept }
    }

    /// The month, as a file is named for it.
    pub(super) fn month(&self) -> String {
        // "2026-11-22T…": the year and the month.
        self.run
            .created_at
            .map_or_else(|| "undated".to_owned(), |at| at.to_string().chars().take(7).collect())
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> String {
        let mut run = self.run.to_json();
        if let Value::Object(fields) = &mut run {
            // The line has its own: the id speaks of the samples too.
            fields.remove("id");
            fields.remove("assize");
        }
        let form = LineForm {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            id: self.id.clone(),
            fingerprint: self.fingerprint.clone(),
            run,
        };
        // Maps with text keys and numbers only: nothing in it can fail to be written.
        serde_json::to_string(&form).unwrap_or_default()
    }

    pub(super) fn read(line: &str, place: &str) -> Result<Self, Error> {
        let malformed = |e: serde_json::Error| {
            Error::new(ErrorKind::Malformed, format!("read {place}: {e}")).caused_by(e)
        };
        let form: LineForm = serde_json::from_str(line).map_err(malformed)?;
        if form.format != FORMAT {
            return Err(Error::new(
                ErrorKind::Malformed,
                format!("read {place}: it is no line of a history"),
            ));
        }
        if form.format_version != FORMAT_VERSION {
            let found = form.format_version;
            return Err(Error::new(
                ErrorKind::UnknownVersion,
                format!("read {place}: its format_version is {found}, this version reads {FORMAT_VERSION}"),
            ));
        }
        let run = Run::from_json(form.run.to_string().as_bytes(), place)?;
        Ok(Self { id: form.id, fingerprint: form.fingerprint, run })
    }
}

const FORMAT: &str = "history";

#[derive(Serialize, Deserialize)]
struct LineForm {
    #[serde(rename = "assize")]
    format: String,
    format_version: u32,
    id: String,
    fingerprint: String,
    run: Value,
}

/// What has to be alike for figures to belong to one series: operating system, processor, how many of them, and the build
/// profile. `machine-` and 12 hex digits, or `machine-unknown` if none of it is known.
///
/// The compiler and the kernel are not part of it: what an update of theirs changes is a change worth finding.
#[must_use]
pub fn fingerprint(environment: &Environment) -> String {
    let Environment { os, cpu_model, cpu_count, profile, .. } = environment;
    if os.is_none() && cpu_model.is_none() && cpu_count.is_none() && profile.is_none() {
        return "machine-unknown".to_owned();
    }
    let text = serde_json::json!([os, cpu_model, cpu_count, profile]).to_string();
    format!("machine-{}", &blake3::hash(text.as_bytes()).to_hex()[..12])
}
