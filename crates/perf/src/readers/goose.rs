//! The JSON report of Goose (the Rust load generator, from 0.18: `--report-file report.json`).
//!
//! The shape is that of Goose's `GooseMetrics` (`src/metrics.rs`): for each request the number of answers by time in
//! milliseconds, which Goose rounds to 10 ms from 100 ms on, to 100 ms from 500 ms on, and to 1 s from 1 s on. The
//! percentiles are taken from these counts, and for all requests from the counts together.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{
    FileReader, Head, Input,
    load::{Load, MS, OMITS, number, share},
    whole_json,
};
use crate::{
    Error,
    run::{Finding, Run},
};

/// The percentiles that are taken.
const PERCENTILES: [f64; 5] = [50.0, 90.0, 95.0, 99.0, 99.9];

/// Reads Goose's JSON report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Goose;

impl FileReader for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn reads(&self) -> &'static str {
        "Goose's JSON report (--report-file report.json, 0.18 and later)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("raw_metrics") && head.has_at(2, "requests")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("goose");
        let form: Form = whole_json::read(input, file, &mut run)?;
        let seconds = form.raw_metrics.duration;
        let mut all = Request::default();
        for (name, request) in form.raw_metrics.requests {
            if let Some(wrong) = request.raw_data.times.keys().find(|ms| number(ms).is_none()) {
                let text = format!("the time {wrong:?} of {name} is no number and was left out");
                run.findings.push(Finding::new(file.display().to_string(), None, text));
            }
            run.measurements.extend(request.load(name, seconds).measurements());
            all.add(&request);
        }
        if all.success_count + all.fail_count > 0.0 {
            run.measurements.extend(all.load("Aggregated".to_owned(), seconds).measurements());
        }
        Ok(run)
    }
}

#[derive(Debug, Deserialize)]
struct Form {
    raw_metrics: Metrics,
}

#[derive(Debug, Deserialize)]
struct Metrics {
    #[serde(default)]
    duration: f64,
    requests: BTreeMap<String, Request>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Request {
    raw_data: Times,
    success_count: f64,
    fail_count: f64,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Times {
    times: BTreeMap<String, f64>,
    minimum_time: f64,
    maximum_time: f64,
    total_time: f64,
    counter: f64,
}

impl Request {
    fn add(&mut self, other: &Self) {
        self.success_count += other.success_count;
        self.fail_count += other.fail_count;
        let (ours, theirs) = (&mut self.raw_data, &other.raw_data);
        for (ms, count) in &theirs.times {
            *ours.times.entry(ms.clone()).or_default() += count;
        }
        if theirs.counter > 0.0 {
            let first = ours.counter <= 0.0;
            ours.minimum_time =
                if first { theirs.minimum_time } else { ours.minimum_time.min(theirs.minimum_time) };
            ours.maximum_time = ours.maximum_time.max(theirs.maximum_time);
        }
        ours.total_time += theirs.total_time;
        ours.counter += theirs.counter;
    }

    fn load(&self, id: String, seconds: f64) -> Load {
        let requests = self.success_count + self.fail_count;
        let mut load = Load { notes: vec![OMITS.to_owned()], ..Load::new(id) };
        load.requests = Some(requests);
        load.error_rate = share(self.fail_count, requests);
        load.error_notes.push(format!("{} of {requests} requests", self.fail_count));
        load.per_second = (seconds > 0.0).then(|| requests / seconds);
        load.rounded_from = Some(100.0 * MS);
        let data = &self.raw_data;
        let mut counts: Vec<(f64, f64)> = data
            .times
            .iter()
            .filter_map(|(ms, count)| Some((number(ms)?, *count)))
            .filter(|(_, count)| *count > 0.0)
            .collect();
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = counts.iter().map(|(_, count)| count).sum();
        for percent in PERCENTILES {
            let rank = (percent / 100.0 * total).ceil();
            let mut below = 0.0;
            let at = counts.iter().find(|(_, count)| {
                below += count;
                below >= rank
            });
            load.percentiles.extend(at.map(|(ms, _)| (percent, ms * MS)));
        }
        if data.counter > 0.0 {
            let mean = data.total_time / data.counter;
            load.figures =
                vec![("mean", mean * MS), ("min", data.minimum_time * MS), ("max", data.maximum_time * MS)];
        }
        load
    }
}
