//! A2 to A5: how long many tickers at many sources take, against what the sources' own limits allow; how often a limit is
//! overstepped; what a second fetch asks for; and what the fetcher itself costs.
//!
//! What is timed on the processor comes first, then what waits in virtual time, over servers in this process that enforce
//! their limits, count who oversteps them, and fail as real ones do.

#[path = "fetch/bound.rs"]
mod bound;
#[path = "fetch/cost.rs"]
mod cost;
#[path = "fetch/exchange.rs"]
mod exchange;
#[path = "fetch/makespan.rs"]
mod makespan;
#[path = "fetch/servers.rs"]
mod servers;
#[path = "fetch/sources.rs"]
mod sources;

use std::process::ExitCode;

use assize_benches::handover::Handover;
use assize_perf::Run;
use clap::Parser;

type Part = fn(&Handover, &mut Run) -> Result<(), String>;

/// Where the figures are measured.
const HERE: &str = "benches/fetch.rs";

const PARTS: [(&str, Part); 5] = [
    ("cost on the processor", cost::measure),
    ("many tickers", makespan::measure_many),
    ("one after the other", makespan::measure_sequential),
    ("a second fetch", makespan::measure_again),
    ("the exchange", exchange::measure),
];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("fetch");
    for (done, (name, part)) in PARTS.into_iter().enumerate() {
        part(handover, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
        handover.progress(done + 1, PARTS.len(), name);
    }
    Ok(run)
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}
