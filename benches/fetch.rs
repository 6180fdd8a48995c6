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

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

/// Where the figures are measured.
const HERE: &str = "benches/fetch.rs";

const PARTS: [Part; 5] = [
    ("cost on the processor", Sort::Timed, cost::measure),
    ("many tickers", Sort::Exact, makespan::measure_many),
    ("one after the other", Sort::Exact, makespan::measure_sequential),
    ("a second fetch", Sort::Timed, makespan::measure_again),
    ("the exchange", Sort::Exact, exchange::measure),
];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(handover.measure_parts("fetch", &PARTS))
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}
