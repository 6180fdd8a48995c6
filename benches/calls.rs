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

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

/// What is timed comes first: once time was virtual in a process, reading it takes longer.
const PARTS: [Part; 7] = [
    ("overhead in process", Sort::Timed, overhead::measure),
    ("streams", Sort::Timed, streams::measure),
    ("overhead over sockets", Sort::Timed, sockets::measure),
    ("outages", Sort::Exact, outage::measure),
    ("limits", Sort::Exact, limits::measure),
    ("batches", Sort::Exact, batches::measure),
    ("hedges and fallbacks", Sort::Exact, hedging::measure),
];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(handover.measure_parts("calls", &PARTS))
}
