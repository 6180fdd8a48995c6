//! How far the laboratory itself can be trusted: how often its gate is wrong, and what it finds, beside the rules that others
//! go by, on the same simulated suites.

#[path = "perf_lab/gate.rs"]
mod gate;
#[path = "perf_lab/rules.rs"]
mod rules;
#[path = "perf_lab/suites.rs"]
mod suites;

use std::process::ExitCode;

use assize_benches::handover::Handover;
use assize_perf::Run;
use clap::Parser;

type Part = fn(&Handover, &mut Run) -> Result<(), String>;

/// Where the figures are measured.
const HERE: &str = "benches/perf_lab.rs";

const PARTS: [(&str, Part); 1] = [("the gate", gate::measure)];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("perf_lab");
    for (done, (name, part)) in PARTS.into_iter().enumerate() {
        part(handover, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
        handover.progress(done + 1, PARTS.len(), name);
    }
    Ok(run)
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of suites are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}
