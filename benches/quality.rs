//! The quality of decisions: where a debate decides better than a vote, where it does not, and from which share of misleading
//! facts on it pays. Beside the run it writes `quality.md` and `quality.html`. All waiting is virtual.

#[path = "quality/asking.rs"]
mod asking;
#[path = "quality/behaviours.rs"]
mod behaviours;
#[path = "quality/controls.rs"]
mod controls;
#[path = "quality/crossings.rs"]
mod crossings;
#[path = "quality/document.rs"]
mod document;
#[path = "quality/findings.rs"]
mod findings;
#[path = "quality/marks.rs"]
mod marks;
#[path = "quality/size.rs"]
mod size;
#[path = "quality/vendors.rs"]
mod vendors;
#[path = "quality/worlds.rs"]
mod worlds;

use std::{fs, path::Path, process::ExitCode};

use assize_ambient::Seed;
use assize_benches::handover::Handover;
use assize_perf::Run;
use clap::Parser;

use self::size::Size;

/// The smallest difference in the share of right decisions that matters, declared before anything is measured.
const MATTERS: f64 = 0.02;
/// By whose price the simulated calls are priced.
const PRICED_AS: &str = "gpt-4o-mini";
const LOCATION: &str = "benches/quality.rs";

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let size = Size::of(handover.profile, Seed::new(handover.seed));
    let mut run = Run::new("quality");
    let controls = controls::check(handover, &size, &mut run)?;
    let worlds = worlds::compare(handover, &size, &mut run)?;
    let crossings = crossings::find(handover, &size, &mut run)?;
    let behaviours = behaviours::vary(handover, &size, &mut run)?;
    let vendors = vendors::strain(handover, &size, &mut run)?;
    if let Some(out) = &handover.out
        && !run.measurements.is_empty()
    {
        let document = document::write(&size, &controls, &worlds, &crossings, &behaviours, &vendors);
        put(&out.with_file_name("quality.md"), &document.to_markdown())?;
        put(&out.with_file_name("quality.html"), &document.to_html())?;
    }
    Ok(run)
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("write {}: {e}", path.display()))
}
