//! Readers of single files, and what holds for all of them.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    path::{Path, PathBuf},
};

use super::{Head, Input, Reader};
use crate::{
    Error, ErrorKind, Unit,
    run::{Finding, Kind, Measurement, Run},
};

/// How many findings of one file are kept; of the rest only the number.
const FINDINGS: usize = 100;

/// Reads a format of which each file stands for itself. Such a reader is a [`Reader`].
///
/// What holds for every format is done there: figures that are not finite, and times below zero, are left out and
/// named; what stands twice is named; a file without a figure is an error.
pub trait FileReader: Debug + Send + Sync {
    /// A short name: `hyperfine`.
    fn name(&self) -> &'static str;

    /// What it reads, in one line.
    fn reads(&self) -> &'static str;

    /// Whether a file that begins so looks like this format.
    fn sniff_file(&self, head: &Head, file: &Path) -> bool;

    /// Reads one file.
    ///
    /// # Errors
    /// Only if nothing can be read at all; anything less is a finding of the run.
    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error>;

    /// What holds for every format, as told above; only our own stored form needs another.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for a run without a figure.
    fn check(&self, run: Run, file: &Path) -> Result<Run, Error> {
        checked(run, &file.display().to_string())
    }
}

impl<R: FileReader> Reader for R {
    fn name(&self) -> &'static str {
        FileReader::name(self)
    }

    fn reads(&self) -> &'static str {
        FileReader::reads(self)
    }

    fn sniff(&self, _input: &Input, file: &Path, head: &Head) -> bool {
        self.sniff_file(head, file)
    }

    fn read(&self, input: &Input, files: &[PathBuf]) -> Result<Run, Error> {
        let mut runs = Vec::new();
        let mut failed = Vec::new();
        for file in files {
            let name = file.display().to_string();
            match self.read_file(input, file).and_then(|run| self.check(run, file)) {
                Ok(run) => runs.push(run),
                Err(error) => failed.push((name, error)),
            }
        }
        if runs.is_empty() && !failed.is_empty() {
            return Err(failed.swap_remove(0).1);
        }
        let mut run = if runs.len() == 1 { runs.remove(0) } else { Run::merged(runs) };
        run.findings
            .extend(failed.into_iter().map(|(name, e)| Finding::new(name, None, format!("could not {e}"))));
        Ok(run)
    }
}

/// The run of one file, with everything finite and with what is odd named.
fn checked(mut run: Run, name: &str) -> Result<Run, Error> {
    let mut odd = Vec::new();
    run.measurements.retain_mut(|measurement| {
        measurement.source.get_or_insert_with(|| name.to_owned());
        let kept = mend(measurement, &mut odd);
        if !kept {
            let Measurement { id, metric, value, .. } = &*measurement;
            odd.push(format!("{id} ({metric}) is {value}: it was left out"));
        }
        kept
    });
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for measurement in &run.measurements {
        *seen.entry((&measurement.id, &measurement.metric)).or_default() += 1;
    }
    let twice = seen.iter().filter(|(_, times)| **times > 1);
    odd.extend(
        twice.map(|((id, metric), times)| format!("{id} ({metric}) stands {times} times: all are kept")),
    );
    run.findings.extend(odd.into_iter().map(|text| Finding::new(name, None, text)));
    if run.findings.len() > FINDINGS {
        let more = run.findings.split_off(FINDINGS).len();
        run.findings.push(Finding::new(name, None, format!("{more} findings more are not told")));
    }
    if run.measurements.is_empty() && run.comparisons.is_empty() {
        let why = run.findings.first().map_or_else(
            || format!("read {name}: it holds no figure"),
            |finding| match &finding.position {
                Some(position) => format!("read {name}, {position}: {}", finding.text),
                None => format!("read {name}: {}", finding.text),
            },
        );
        return Err(
            Error::new(ErrorKind::Malformed, why).hinted("see whether the run that wrote it came to its end")
        );
    }
    Ok(run)
}

/// Takes out what is not finite; `false` if the figure itself is not, or is a time below zero.
fn mend(measurement: &mut Measurement, odd: &mut Vec<String>) -> bool {
    let is_time = measurement.kind == Kind::Timed && measurement.unit == Unit::Nanoseconds;
    let usable = |value: f64| value.is_finite() && (!is_time || value >= 0.0);
    if measurement.interval.as_ref().is_some_and(|i| ![i.low, i.high, i.level].iter().all(|n| n.is_finite()))
    {
        measurement.interval = None;
    }
    measurement.figures.retain(|_, value| value.is_finite());
    let before = measurement.samples.len();
    measurement.samples.retain(|value| usable(*value));
    let lost = before - measurement.samples.len();
    if lost > 0 && usable(measurement.value) {
        let Measurement { id, metric, .. } = &*measurement;
        odd.push(format!(
            "{id} ({metric}): {lost} of {before} samples are no such figures and were left out"
        ));
    }
    usable(measurement.value)
}
