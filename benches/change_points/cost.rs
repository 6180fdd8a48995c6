//! What a series of a thousand points costs the processor.

use std::{hint::black_box, time::Duration};

use assize_ambient::Seed;
use assize_benches::{
    handover::{Handover, Profile},
    steps::LONG,
};
use assize_perf::{Better, Kind, Measurement, Run, Unit, change_points::Detector};
use rustix::time::{ClockId, clock_gettime};

use crate::HERE;

/// Series in a round, of all kinds in turn.
const SERIES: usize = 60;

const fn rounds(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 5,
        Profile::Default => 25,
        Profile::Full => 100,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let id = "perf/change-points/1000-points";
    if !handover.wants(id) {
        return Ok(());
    }
    let seed = Seed::new(handover.seed);
    let series: Vec<Vec<f64>> =
        LONG.iter().cycle().take(SERIES).zip(0..).map(|(case, number)| case.series(seed, number)).collect();
    let detector = Detector::default();
    let mut times = Vec::new();
    for round in 0..=rounds(handover.profile) {
        let before = processor();
        for one in &series {
            black_box(detector.changes(black_box(one)));
        }
        let taken = processor().saturating_sub(before);
        // The first warms up.
        if round > 0 {
            times.push(taken.as_secs_f64() * 1e9 / f64::from(u32::try_from(SERIES).unwrap_or(u32::MAX)));
        }
    }
    let time = Measurement::of_samples(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, times)
        .ok_or("measure the time of a series: there was none")?;
    run.measurements.push(
        time.with_note("a series, in time of the processor: clean, spiky, dependent, and with a step")
            .at(HERE),
    );
    Ok(())
}

/// What this thread had of the processor until now.
fn processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
