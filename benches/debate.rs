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

use assize_benches::handover::Handover;
use assize_perf::Run;
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

type Part = fn(&Handover, &mut Run) -> Result<(), String>;

const PARTS: [(&str, Part); 8] = [
    ("turns", turns::measure),
    ("journals", journals::measure),
    ("streams", streams::measure),
    ("judges", judge::measure),
    ("windows", window::measure),
    ("rules", rules::measure),
    ("concurrent debates", concurrent::measure),
    ("watchers", watchers::measure),
];

fn main() -> ExitCode {
    let Options { handover, crowd } = Options::parse();
    match crowd {
        Some(debates) => concurrent::gather(debates),
        None => handover.finish(measure(&handover)),
    }
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("debate");
    for (done, (name, part)) in PARTS.into_iter().enumerate() {
        part(handover, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
        handover.progress(done + 1, PARTS.len(), name);
    }
    Ok(run)
}
