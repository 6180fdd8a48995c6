//! What `go test -bench` prints, as text or inside `go test -json`.
//!
//! After the Go benchmark data format (`golang.org/x/perf/benchfmt`): lines `key: value` that hold for what follows,
//! `Unit name better=higher`, and `BenchmarkName-8  iterations  value unit …`. Repetitions of a benchmark become one figure:
//! the median with its order-statistic interval. Where a key other than the usual ones has several values in a file
//! (`note: before`, `note: after`), it is part of the id, so that what was measured apart stays apart.

mod record;

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use self::record::Records;
use super::{FileReader, Head, Input, lines::Lines};
use crate::{Error, run::Run};

/// How much output of a benchmark may come without the end of its line.
const PENDING: usize = 64 * 1024;

/// Reads the output of Go's benchmarks.
#[derive(Debug, Clone, Copy, Default)]
pub struct GoBench;

impl FileReader for GoBench {
    fn name(&self) -> &'static str {
        "go-bench"
    }

    fn reads(&self) -> &'static str {
        "Go benchmarks: go test -bench, as text or with -json (test2json)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        if head.is_object() {
            return head.has("Action") && (head.has("Package") || head.has("Time"));
        }
        let text = head.text();
        text.lines().any(record::is_result)
            || text.lines().any(|line| line.starts_with("goos: "))
                && text.lines().any(|line| line.starts_with("pkg: "))
            || text.lines().filter_map(event).any(|event| event.action == "output")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("go-bench");
        let mut lines = Lines::open(input, file)?;
        let mut records = Records::default();
        // What each package printed since its last whole line.
        let mut pending: BTreeMap<String, String> = BTreeMap::new();
        let name = lines.name().to_owned();
        while let Some((at, line)) = lines.next() {
            let Some(event) = event(line) else {
                records.line(&name, at, line, &mut run);
                continue;
            };
            if event.action != "output" {
                continue;
            }
            let begun = pending.entry(event.package.clone()).or_default();
            begun.push_str(&event.output);
            while let Some(end) = begun.find('\n') {
                let rest = begun.split_off(end + 1);
                let whole = std::mem::replace(begun, rest);
                records.package(&event.package);
                records.line(&name, at, whole.trim_end(), &mut run);
            }
            if begun.len() > PENDING {
                begun.clear();
            }
        }
        records.finish(&name, &mut run);
        lines.finish(&mut run)?;
        Ok(run)
    }
}

/// A line of test2json.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    output: String,
}

fn event(line: &str) -> Option<Event> {
    line.starts_with('{').then(|| serde_json::from_str(line).ok()).flatten()
}
