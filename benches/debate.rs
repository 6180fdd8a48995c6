//! D1–D4, D12 and D13: what the engine costs a turn, an assessment and a window of history beside a bare join of the same
//! debaters, and whether many debates at once lose or change anything.
//!
//! Times are those of the processor: what else runs on the machine is not in them. A figure and what it stands beside are
//! measured by turns in one run. `debate/journalled` is the exception: there it is the time that passes. `debate/rule` is one count by each rule of decision: four options, ballots that rank.

#[path = "debate/concurrent.rs"]
mod concurrent;
#[path = "debate/crowd.rs"]
mod crowd;
#[path = "debate/figures.rs"]
mod figures;
#[path = "debate/journals.rs"]
mod journals;
#[path = "debate/judge.rs"]
mod judge;
#[path = "debate/machine.rs"]
mod machine;
#[path = "debate/rules.rs"]
mod rules;
#[path = "debate/streams.rs"]
mod streams;
#[path = "debate/turns.rs"]
mod turns;
#[path = "debate/watchers.rs"]
mod watchers;
#[path = "debate/window.rs"]
mod window;

use std::process::ExitCode;

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

/// The arguments of this bench.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    handover: Handover,
    /// Holds so many debates at once and tells what the process takes: a bench starts itself so.
    #[arg(long, hide = true)]
    crowd: Option<u64>,
}

const PARTS: [Part; 8] = [
    ("turns", Sort::Timed, turns::measure),
    ("journals", Sort::Timed, journals::measure),
    ("streams", Sort::Timed, streams::measure),
    ("judges", Sort::Timed, judge::measure),
    ("windows", Sort::Timed, window::measure),
    ("rules", Sort::Timed, rules::measure),
    ("concurrent debates", Sort::Timed, concurrent::measure),
    ("watchers", Sort::Timed, watchers::measure),
];

fn main() -> ExitCode {
    let Options { handover, crowd } = Options::parse();
    match crowd {
        Some(debates) => concurrent::gather(debates),
        None => handover.finish(handover.measure_parts("debate", &PARTS)),
    }
}
