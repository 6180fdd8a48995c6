//! What each target's process took of the machine, as it was seen from outside while it ran.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assize_perf::{Better, Kind, Measurement, Unit};

use super::catalogue::BenchTarget;
use super::run_target::Finished;

/// The figures of a process: how long it ran, what it had of processors, what it held at most; and beside its log the
/// course of that, a line for each look. Nothing where processes cannot be looked at.
pub(super) fn figures(target: &BenchTarget, finished: &Finished, raw: &Path) -> Vec<Measurement> {
    let (Some(last), Some(peak)) = (finished.sampler.last(), finished.sampler.resident_peak()) else {
        return Vec::new();
    };
    let label = target.label();
    let course = raw.join(format!("{label}.process.csv"));
    let mut text = "milliseconds,resident bytes,milliseconds of processors,threads\n".to_owned();
    for look in finished.sampler.looks() {
        let (at, processor) = (look.at.as_millis(), look.processor.as_millis());
        // A string takes it.
        let _ = writeln!(text, "{at},{},{processor},{}", look.resident_bytes, look.threads);
    }
    // The figures stand without their course.
    let written = fs::write(&course, text).is_ok();
    let seconds = last.at.as_secs_f64();
    let figure = |metric, unit, value| {
        let figure = Measurement::new(
            format!("bench-target/{label}"),
            metric,
            unit,
            Better::Lower,
            Kind::Loaded,
            value,
        );
        let figure = figure.at(target.source.as_str());
        if written { figure.from_source(course.display().to_string()) } else { figure }
    };
    let mut figures = vec![
        figure("elapsed", Unit::Nanoseconds, finished.took.as_secs_f64() * 1e9),
        figure("cpu-time", Unit::Nanoseconds, last.processor.as_secs_f64() * 1e9),
        figure("resident-peak", Unit::Bytes, whole(peak)),
    ];
    if seconds > 0.0 {
        let share = figure("cpu-share", Unit::Fraction, last.processor.as_secs_f64() / seconds);
        figures
            .push(share.with_note("processor time by elapsed time until the last look: 100 % is one core"));
    }
    figures
}

#[expect(clippy::cast_precision_loss, reason = "a figure of a report needs no more than 53 bits")]
const fn whole(n: u64) -> f64 {
    n as f64
}
