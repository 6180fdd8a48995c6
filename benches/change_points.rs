//! B10: how often change points are found where there are none, how often a step is found, and what a series costs.
//!
//! The shares are the same for the same seed; beside each stands what the L1 Potts fit of asv finds in the same series. Only
//! the time is taken on the processor.

#[path = "change_points/accuracy.rs"]
mod accuracy;
#[path = "change_points/cost.rs"]
mod cost;

use std::process::ExitCode;

use assize_benches::handover::{Handover, Profile};
use assize_perf::Run;
use clap::Parser;

/// Where the figures are measured.
const HERE: &str = "benches/change_points.rs";

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("change points");
    cost::measure(handover, &mut run)?;
    accuracy::measure(handover, &mut run)?;
    Ok(run)
}

/// How many series of a kind.
const fn size(profile: Profile) -> usize {
    match profile {
        Profile::Smoke | Profile::Default => 1_000,
        Profile::Full => 5_000,
    }
}
