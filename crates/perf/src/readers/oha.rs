//! What oha writes with `--output-format json`.
//!
//! Times are seconds. Its `successRate` is the share of requests that got any answer at all: of 898 answers of 404 it
//! is 1.0. So the error rate is reckoned here from the status codes, from 400 on, and the errors. Requests that oha
//! itself broke off at its deadline are no errors of the service and are left out. Nothing in the file says what was
//! asked; the figures are named after the file.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{
    FileReader, Head, Input,
    load::{Load, OMITS, SECOND, number, share},
    whole_json,
};
use crate::{Error, run::Run};

/// What oha calls the requests that it broke off.
const DEADLINE: &str = "aborted due to deadline";

/// Reads oha's JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Oha;

impl FileReader for Oha {
    fn name(&self) -> &'static str {
        "oha"
    }

    fn reads(&self) -> &'static str {
        "oha's JSON (--output-format json)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("summary") && head.has_at(2, "successRate") && head.has_at(2, "requestsPerSec")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("oha");
        let form: Form = whole_json::read(input, file, &mut run)?;
        let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let all = form.load(format!("oha/{name}"));
        run.measurements.extend(all.measurements());
        let parts = [("successful", form.successful), ("not successful", form.not_successful)];
        for (part, percentiles) in parts {
            let mut load = Load::new(format!("oha/{name}/{part}"));
            load.percentiles = in_ns(&percentiles);
            run.measurements.extend(load.measurements());
        }
        Ok(run)
    }
}

/// What is `null` was not measured.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    summary: Summary,
    #[serde(default)]
    latency_percentiles: Percentiles,
    #[serde(default, rename = "latencyPercentilesSuccessful")]
    successful: Percentiles,
    #[serde(default, rename = "latencyPercentilesNotSuccessful")]
    not_successful: Percentiles,
    #[serde(default)]
    status_code_distribution: Option<BTreeMap<String, f64>>,
    #[serde(default)]
    error_distribution: Option<BTreeMap<String, f64>>,
}

type Percentiles = Option<BTreeMap<String, Option<f64>>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Summary {
    total: Option<f64>,
    slowest: Option<f64>,
    fastest: Option<f64>,
    average: Option<f64>,
    requests_per_sec: Option<f64>,
    size_per_sec: Option<f64>,
}

impl Form {
    fn load(&self, id: String) -> Load {
        let counts = |of: &Option<BTreeMap<String, f64>>| of.clone().unwrap_or_default();
        let (statuses, mut errors) =
            (counts(&self.status_code_distribution), counts(&self.error_distribution));
        let broken_off = errors.remove(DEADLINE).unwrap_or(0.0);
        let answered: f64 = statuses.values().sum();
        let refused = statuses.iter().filter(|(code, _)| number(code).is_some_and(|code| code >= 400.0));
        let refused: f64 = refused.map(|(_, count)| count).sum();
        let failed: f64 = errors.values().sum();
        let mut load = Load {
            notes: vec![format!("{OMITS}, unless oha ran with --latency-correction")],
            ..Load::new(id)
        };
        load.requests = Some(answered + failed);
        load.error_rate = share(refused + failed, answered + failed);
        let told = |(what, count): (&String, &f64)| format!("{count} × {what}");
        load.error_notes.extend(statuses.iter().map(|entry| format!("{} × status {}", entry.1, entry.0)));
        load.error_notes.extend(errors.iter().map(told));
        if broken_off > 0.0 {
            load.error_notes.push(format!("{broken_off} broken off by oha at its deadline are not counted"));
        }
        let seconds = self.summary.total.filter(|seconds| *seconds > 0.0);
        load.per_second = self.summary.requests_per_sec;
        load.bytes_per_second = self.summary.size_per_sec.filter(|_| seconds.is_some());
        load.percentiles = in_ns(&self.latency_percentiles);
        let figures =
            [("mean", self.summary.average), ("min", self.summary.fastest), ("max", self.summary.slowest)];
        load.figures = figures.into_iter().filter_map(|(name, s)| Some((name, s? * SECOND))).collect();
        load
    }
}

/// `{"p99.9": 0.07}` as percent and nanoseconds.
fn in_ns(percentiles: &Percentiles) -> Vec<(f64, f64)> {
    let told = percentiles.iter().flatten();
    told.filter_map(|(name, seconds)| Some((number(name.strip_prefix('p')?)?, (*seconds)? * SECOND)))
        .collect()
}
