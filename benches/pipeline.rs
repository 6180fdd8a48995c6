//! P1, P6 and P7: how long a morning brief and the analysis of a company take, against what limits and models allow; what
//! the pipeline itself costs on the processor and in memory; and whether twenty briefs at once say what each says alone.
//!
//! Markets are played in this process, models are simulated. What waits does so in virtual time, unless it says otherwise.

#[path = "pipeline/analysis.rs"]
mod analysis;
#[path = "pipeline/bound.rs"]
mod bound;
#[path = "pipeline/concurrent.rs"]
mod concurrent;
#[path = "pipeline/cost.rs"]
mod cost;
#[path = "pipeline/figures.rs"]
mod figures;
#[path = "pipeline/heap.rs"]
mod heap;
#[path = "pipeline/kept.rs"]
mod kept;
#[path = "pipeline/leak.rs"]
mod leak;
#[path = "pipeline/makespan.rs"]
mod makespan;
#[path = "pipeline/memory.rs"]
mod memory;
#[path = "pipeline/voices.rs"]
mod voices;

use std::{path::PathBuf, process::ExitCode};

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

/// The arguments of this bench.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    handover: Handover,
    /// Makes briefs of what is recorded in this folder and tells what the process takes: a bench starts itself so.
    #[arg(long, hide = true)]
    recorded: Option<PathBuf>,
    /// Of so many tickers.
    #[arg(long, hide = true, default_value_t = 0)]
    tickers: usize,
    /// With a model on each panel that takes its time.
    #[arg(long, hide = true)]
    waiting: bool,
}

const PARTS: [Part; 6] = [
    ("cost on the processor", Sort::Timed, cost::measure),
    ("fifteen tickers", Sort::Exact, makespan::measure),
    ("analyses of companies", Sort::Exact, analysis::measure),
    ("twenty briefs at once", Sort::Exact, concurrent::measure),
    ("memory", Sort::Exact, memory::measure),
    ("brief after brief", Sort::Exact, leak::measure),
];

fn main() -> ExitCode {
    let Options { handover, recorded, tickers, waiting } = Options::parse();
    match recorded {
        Some(folder) => memory::brief(&folder, tickers, waiting),
        None => handover.finish(handover.measure_parts("pipeline", &PARTS)),
    }
}
