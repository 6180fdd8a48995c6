//! The stored form of a run. Added fields are optional, so that older readers read on; a changed meaning raises
//! [`FORMAT_VERSION`].

use std::collections::BTreeMap;

use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::{comparison::ComparisonForm, profile::ProfileForm};
use super::{Better, Environment, Finding, Interval, Kind, Measurement, Run};
use crate::{Error, ErrorKind, Unit};

mod comparison;
mod profile;

/// The version of the stored form that this version writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// What the field `assize` says. The name of the field comes first in the alphabet too, in which maps are written, so
/// that the form is known by its first bytes.
const FORMAT: &str = "run";

/// The stored form.
pub(super) fn write(run: &Run) -> Value {
    let mut form = RunForm::from(run);
    form.id = Some(run.id());
    form.findings = run.findings.iter().map(FindingForm::from).collect();
    json(&form)
}

/// The stored form without id, findings and sources, which the id is made from: where a run was read from, and what
/// was noticed then, are no part of what was measured.
pub(super) fn content(run: &Run) -> Value {
    let mut form = RunForm::from(run);
    for measurement in &mut form.measurements {
        measurement.source = None;
    }
    json(&form)
}

/// Reads the stored form.
pub(super) fn read(bytes: &[u8], file: &str) -> Result<Run, Error> {
    let malformed = |e: serde_json::Error| {
        Error::new(ErrorKind::Malformed, format!("read {file}: {e}"))
            .hinted("the file is cut or was edited: write it again")
            .caused_by(e)
    };
    let version: Version = serde_json::from_slice(bytes).map_err(malformed)?;
    if version.format_version != FORMAT_VERSION {
        let found = version.format_version;
        return Err(Error::new(
            ErrorKind::UnknownVersion,
            format!("read {file}: its format_version is {found}, this version reads {FORMAT_VERSION}"),
        )
        .hinted("read it with the version that wrote it, or a later one"));
    }
    let form: RunForm = serde_json::from_slice(bytes).map_err(malformed)?;
    Ok(form.into_run(file))
}

fn json(form: &RunForm) -> Value {
    // Maps with text keys and numbers only: nothing in it can fail to be written.
    serde_json::to_value(form).unwrap_or_default()
}

#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

#[derive(Serialize, Deserialize)]
struct RunForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, rename = "assize")]
    format: String,
    format_version: u32,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(default)]
    environment: EnvironmentForm,
    measurements: Vec<MeasurementForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    comparisons: Vec<ComparisonForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    profiles: Vec<ProfileForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingForm>,
}

impl From<&Run> for RunForm {
    fn from(run: &Run) -> Self {
        Self {
            id: None,
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            title: run.title.clone(),
            created_at: run.created_at,
            environment: EnvironmentForm::from(&run.environment),
            measurements: run.measurements.iter().map(MeasurementForm::from).collect(),
            comparisons: run.comparisons.iter().map(ComparisonForm::from).collect(),
            profiles: run.profiles.iter().map(ProfileForm::from).collect(),
            findings: Vec::new(),
        }
    }
}

impl RunForm {
    fn into_run(self, file: &str) -> Run {
        let mut run = Run {
            title: self.title,
            created_at: self.created_at,
            environment: self.environment.into(),
            measurements: Vec::with_capacity(self.measurements.len()),
            comparisons: Vec::with_capacity(self.comparisons.len()),
            profiles: Vec::with_capacity(self.profiles.len()),
            findings: self.findings.into_iter().map(Finding::from).collect(),
        };
        for form in self.comparisons {
            let (comparison, lost) = form.into_comparison();
            for text in lost {
                run.findings.push(Finding::new(file, Some(format!("comparison {}", comparison.id)), text));
            }
            run.comparisons.push(comparison);
        }
        for (place, form) in self.measurements.into_iter().enumerate() {
            let name = format!("{} ({})", form.id, form.metric);
            if let Some(measurement) = form.into_measurement() {
                run.measurements.push(measurement);
            } else {
                let text = format!("{name} has no finite value and was left out");
                run.findings.push(Finding::new(file, Some(format!("measurement {place}")), text));
            }
        }
        for form in self.profiles {
            let name = form.name().to_owned();
            if let Some(profile) = form.into_profile() {
                run.profiles.push(profile);
            } else {
                let text = "a weight is not finite, or a frame is missing: it was left out";
                run.findings.push(Finding::new(file, Some(format!("profile {name}")), text));
            }
        }
        if let Some(id) = self.id
            && id != run.id()
        {
            let text =
                format!("its id is {id}, its content is {}: it was changed after it was written", run.id());
            run.findings.push(Finding::new(file, None, text));
        }
        run
    }
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct EnvironmentForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    toolchain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra: BTreeMap<String, String>,
}

impl From<&Environment> for EnvironmentForm {
    fn from(e: &Environment) -> Self {
        let Environment {
            os,
            kernel,
            cpu_model,
            cpu_count,
            memory_bytes,
            toolchain,
            revision,
            profile,
            extra,
        } = e.clone();
        Self { os, kernel, cpu_model, cpu_count, memory_bytes, toolchain, revision, profile, extra }
    }
}

impl From<EnvironmentForm> for Environment {
    fn from(form: EnvironmentForm) -> Self {
        let EnvironmentForm {
            os,
            kernel,
            cpu_model,
            cpu_count,
            memory_bytes,
            toolchain,
            revision,
            profile,
            extra,
        } = form;
        Self { os, kernel, cpu_model, cpu_count, memory_bytes, toolchain, revision, profile, extra }
    }
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum BetterForm {
    Lower,
    Higher,
}

impl From<Better> for BetterForm {
    fn from(better: Better) -> Self {
        match better {
            Better::Lower => Self::Lower,
            Better::Higher => Self::Higher,
        }
    }
}

impl From<BetterForm> for Better {
    fn from(form: BetterForm) -> Self {
        match form {
            BetterForm::Lower => Self::Lower,
            BetterForm::Higher => Self::Higher,
        }
    }
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum KindForm {
    Virtual,
    Counted,
    Timed,
    Loaded,
}

impl From<Kind> for KindForm {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Virtual => Self::Virtual,
            Kind::Counted => Self::Counted,
            Kind::Timed => Self::Timed,
            Kind::Loaded => Self::Loaded,
        }
    }
}

impl From<KindForm> for Kind {
    fn from(form: KindForm) -> Self {
        match form {
            KindForm::Virtual => Self::Virtual,
            KindForm::Counted => Self::Counted,
            KindForm::Timed => Self::Timed,
            KindForm::Loaded => Self::Loaded,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct IntervalForm {
    low: f64,
    high: f64,
    level: f64,
    method: String,
}

impl IntervalForm {
    /// An interval that is not finite says nothing, and JSON has no word for it.
    fn of(interval: Option<&Interval>) -> Option<Self> {
        let known = interval.filter(|i| [i.low, i.high, i.level].into_iter().all(f64::is_finite));
        known.map(|i| Self { low: i.low, high: i.high, level: i.level, method: i.method.clone() })
    }
}

impl From<IntervalForm> for Interval {
    fn from(form: IntervalForm) -> Self {
        Self { low: form.low, high: form.high, level: form.level, method: form.method }
    }
}

#[derive(Serialize, Deserialize)]
struct MeasurementForm {
    id: String,
    metric: String,
    unit: String,
    better: BetterForm,
    kind: KindForm,
    value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<IntervalForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    samples: Vec<Option<f64>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    figures: BTreeMap<String, Option<f64>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

impl From<&Measurement> for MeasurementForm {
    fn from(m: &Measurement) -> Self {
        Self {
            id: m.id.clone(),
            metric: m.metric.clone(),
            unit: m.unit.name().to_owned(),
            better: m.better.into(),
            kind: m.kind.into(),
            value: Some(m.value),
            interval: IntervalForm::of(m.interval.as_ref()),
            samples: m.samples.iter().copied().map(Some).collect(),
            figures: m.figures.iter().map(|(name, value)| (name.clone(), Some(*value))).collect(),
            notes: m.notes.clone(),
            source: m.source.clone(),
            location: m.location.clone(),
        }
    }
}

impl MeasurementForm {
    fn into_measurement(self) -> Option<Measurement> {
        Some(Measurement {
            id: self.id,
            metric: self.metric,
            unit: Unit::named(&self.unit),
            better: self.better.into(),
            kind: self.kind.into(),
            value: self.value?,
            interval: self.interval.map(Interval::from),
            samples: self.samples.into_iter().collect::<Option<_>>()?,
            figures: self
                .figures
                .into_iter()
                .map(|(name, value)| Some((name, value?)))
                .collect::<Option<_>>()?,
            notes: self.notes,
            source: self.source,
            location: self.location,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct FindingForm {
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    text: String,
}

impl From<&Finding> for FindingForm {
    fn from(f: &Finding) -> Self {
        Self { file: f.file.clone(), position: f.position.clone(), text: f.text.clone() }
    }
}

impl From<FindingForm> for Finding {
    fn from(form: FindingForm) -> Self {
        Self { file: form.file, position: form.position, text: form.text }
    }
}
