//! The machine, not the program: the same work at every look, so that what changes from one look to the next is the machine.
//!
//! `cargo xtask bench` looks before, between and after what is timed. `control/spin` stays within the registers of a core,
//! `control/memory` goes through more memory than the caches near a core hold, in an order that cannot be foreseen.

use std::{hint::black_box, process::ExitCode, time::Instant};

use assize_benches::handover::{Handover, Profile};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use clap::Parser;

/// Steps of the generator in one piece of pure computing: some milliseconds.
const STEPS: u64 = 2_000_000;
/// Cells of the ring: 4 MiB of them, more than most cores have for themselves.
const CELLS: usize = 1 << 20;
/// Steps through the ring in one piece: some milliseconds.
const HOPS: usize = 60_000;

/// How many pieces a look takes.
const fn pieces(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 9,
        Profile::Default => 21,
        Profile::Full => 61,
    }
}

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let mut run = Run::new("control");
    let pieces = pieces(handover.profile);
    let id = "control/spin/xorshift";
    if handover.wants(id) {
        run.measurements.push(look(id, pieces, || black_box(spin(black_box(STEPS))))?);
    }
    let id = "control/memory/4-MiB-ring";
    if handover.wants(id) {
        let ring = ring();
        let mut at = 0;
        run.measurements.push(look(id, pieces, || {
            at = walk(&ring, at);
            black_box(at)
        })?);
    }
    Ok(run)
}

/// The median of some pieces, after one that does not count.
fn look<T>(id: &str, pieces: usize, mut piece: impl FnMut() -> T) -> Result<Measurement, String> {
    drop(piece());
    let times: Vec<f64> = (0..pieces)
        .map(|_| {
            let began = Instant::now();
            drop(piece());
            began.elapsed().as_secs_f64() * 1e9
        })
        .collect();
    Measurement::of_samples(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, times)
        .map(|figure| figure.at("benches/control.rs"))
        .ok_or_else(|| format!("measure {id}: a sample is missing"))
}

fn spin(steps: u64) -> u64 {
    (0..steps).fold(0x2545_F491_4F6C_DD1D, |state, _| step(state))
}

/// One step of Marsaglia's xorshift generator of 64 bits.
const fn step(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}

/// A ring through all cells in an order by chance (Sattolo's shuffle): each cell names the next.
fn ring() -> Vec<u32> {
    let mut cells: Vec<u32> = (0..CELLS).map(|cell| u32::try_from(cell).unwrap_or(0)).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for last in (1..CELLS).rev() {
        state = step(state);
        let other = usize::try_from(state % last as u64).unwrap_or(0);
        cells.swap(last, other);
    }
    cells
}

fn walk(ring: &[u32], from: usize) -> usize {
    (0..HOPS).fold(from, |at, _| ring[at] as usize)
}
