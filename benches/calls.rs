//! L1, L3, L4, L5, L7, L8 and L9: what the stack around a model's calls costs, and what it is worth.
//!
//! First what takes time on a processor (over services in this process, then over sockets), then what waits in virtual time.

#[path = "calls/batches.rs"]
mod batches;
#[path = "calls/figures.rs"]
mod figures;
#[path = "calls/hedging.rs"]
mod hedging;
#[path = "calls/limits.rs"]
mod limits;
#[path = "calls/outage.rs"]
mod outage;
#[path = "calls/overhead.rs"]
mod overhead;
#[path = "calls/sockets.rs"]
mod sockets;
#[path = "calls/stack.rs"]
mod stack;
#[path = "calls/streams.rs"]
mod streams;

use std::process::ExitCode;

use assize_benches::handover::Handover;
use assize_perf::Run;
use clap::Parser;

type Part = fn(&Handover, &mut Run) -> Result<(), String>;

/// What is timed comes first: once time was virtual in a process, reading it takes longer.
const PARTS: [(&str, Part); 7] = [
    ("overhead in process", overhead::measure),
    ("streams", streams::measure),
    ("overhead over sockets", sockets::measure),
    ("outages", outage::measure),
    ("limits", limits::measure),
    ("batches", batches::measure),
    ("hedges and fallbacks", hedging::measure),
];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("calls");
    for (done, (name, part)) in PARTS.into_iter().enumerate() {
        part(handover, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
        handover.progress(done + 1, PARTS.len(), name);
    }
    Ok(run)
}
