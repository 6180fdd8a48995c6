//! B3, B4 and D11: a brief with alternative data against one without, one made one ticker after the other against several at
//! once, and debates whose voices never answer. All waiting is virtual: the same figures on every machine.

#[path = "comparative/at_once.rs"]
mod at_once;
#[path = "comparative/deadline.rs"]
mod deadline;
#[path = "comparative/with_altdata.rs"]
mod with_altdata;

use std::process::ExitCode;

use assize_benches::handover::Handover;
use assize_perf::Run;
use clap::Parser;

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("comparative");
    at_once::compare(handover, &mut run)?;
    deadline::measure(handover, &mut run)?;
    with_altdata::compare(handover, &mut run)?;
    Ok(run)
}

/// A runtime whose time is virtual: it jumps to the next timer whenever all wait.
fn paused_runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|e| e.to_string())
}
