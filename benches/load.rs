//! B13: the load generator itself: how exactly it keeps its starts, what it costs, how much it can send, whether it sees a stall
//! that a closed loop misses, whether it agrees with `wrk`; and the normal load and the burst on a vendor in virtual time.
//!
//! What is timed comes first: once time was virtual in a process, reading it takes longer.

#[path = "load/bare.rs"]
mod bare;
#[path = "load/generator.rs"]
mod generator;
#[path = "load/played.rs"]
mod played;
#[path = "load/stall.rs"]
mod stall;
#[path = "load/wrk.rs"]
mod wrk;

use std::{process::ExitCode, time::Duration};

use assize_ambient::Seed;
use assize_benches::handover::Handover;
use assize_load::{Flow, Order, Pace, Phase, Plan, Schedule, Settings, Step};
use assize_perf::{Kind, Run};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

type Part = fn(&Handover, &mut Run) -> Result<(), String>;

/// Where the figures are measured.
const HERE: &str = "benches/load.rs";

const PARTS: [(&str, Part); 4] = [
    ("the generator", generator::measure),
    ("wrk beside it", wrk::measure),
    ("a stall", stall::measure),
    ("in virtual time", played::measure),
];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("load");
    for (done, (name, part)) in PARTS.into_iter().enumerate() {
        part(handover, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
        handover.progress(done + 1, PARTS.len(), name);
    }
    Ok(run)
}

fn runtime() -> Result<Runtime, String> {
    Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())
}

/// A plan of one step at a rate that stays.
fn plan(name: &str, step: Step, rate: f64, lasts: Duration) -> Result<Plan, String> {
    let said = |e: assize_load::Error| e.to_string();
    let schedule = Schedule::new(vec![Phase::constant(rate, lasts)], Seed::new(1)).map_err(said)?;
    let flow = Flow::new(vec![step], Order::Mixed, Seed::new(1)).map_err(said)?;
    let settings = Settings { kind: Kind::Loaded, pace: Pace::Precise, ..Settings::default() };
    Ok(Plan::new(name, flow, schedule).with(settings))
}
