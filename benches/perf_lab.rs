//! How far the laboratory itself can be trusted: how often its gate is wrong, and what it finds, beside the rules that others
//! go by, on the same simulated suites.

#[path = "perf_lab/gate.rs"]
mod gate;
#[path = "perf_lab/rules.rs"]
mod rules;
#[path = "perf_lab/suites.rs"]
mod suites;

use std::process::ExitCode;

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

/// Where the figures are measured.
const HERE: &str = "benches/perf_lab.rs";

const PARTS: [Part; 1] = [("the gate", Sort::Exact, gate::measure)];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(handover.measure_parts("perf_lab", &PARTS))
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of suites are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}
