//! What waiting, stragglers and refusals do to the ways to decide.

use std::time::Duration;

use assize_benches::{
    handover::Handover,
    quality::{Arm, Mind, Vendor, World},
};
use assize_llm::{Failures, Latency};
use assize_perf::{Better, Kind, Measurement, Run, Unit};

use crate::{
    LOCATION, Size,
    asking::{Panel, Truth, steady},
    marks::{Figure, Mark, accuracy, column, time},
};

/// What an arm showed with a vendor.
pub(crate) struct Strained {
    pub(crate) vendor: &'static str,
    pub(crate) arm: Arm,
    pub(crate) accuracy: Figure,
    pub(crate) median_ns: f64,
    pub(crate) p95_ns: f64,
    pub(crate) degraded: f64,
}

const WORLD: World = World::HiddenProfile { misleading: 0.4 };
const ARMS: [Arm; 6] =
    [Arm::RandomSingle, Arm::Confidence, Arm::Judge, Arm::EqualCalls, Arm::DebateFacts, Arm::GatedDebate];

fn all_vendors() -> [(&'static str, Vendor); 3] {
    let even = Vendor { latency: Latency { straggler_rate: 0.0, ..Latency::HOSTED }, ..steady() };
    let failures = Failures {
        rate_limited: 0.05,
        retry_after: Some(Duration::from_secs(2)),
        server: 0.01,
        cut_stream: 0.005,
        malformed: 0.01,
        hang: 0.0,
    };
    [("log-normal", even), ("stragglers", steady()), ("refusals", Vendor { failures, ..steady() })]
}

/// What the vendors are, in words.
pub(crate) const VENDORS: [&str; 3] = [
    "log-normal: median 600 ms to the first token (σ = 0.45), then 80 tokens a second",
    "stragglers: the same, and one call in fifty starts five times slower",
    "refusals: the same, and 5 % of requests are refused (429, retry after 2 s), 1 % fail in the server, 0.5 % are cut, 1 % come \
     garbled; what passes is tried again by the default policy, a garbled answer is an abstention",
];

pub(crate) fn strain(handover: &Handover, size: &Size, run: &mut Run) -> Result<Vec<Strained>, String> {
    let mut all = Vec::new();
    for (step, (name, vendor)) in all_vendors().into_iter().enumerate() {
        let id = format!("debate/quality/vendors/{name}");
        if !handover.wants_family(&id, ARMS.map(Arm::name)) {
            continue;
        }
        handover.progress(step, 3, &id);
        let seed = size.seed.child("vendors");
        let panel = Panel { world: WORLD, mind: Mind::DECLARED, seed, arms: &ARMS, truth: Truth::Own };
        let asked = panel.ask(size.strained, &vendor)?;
        for (place, arm) in ARMS.into_iter().enumerate() {
            let marks: Vec<Mark> = asked.iter().map(|asked| asked.marks[place]).collect();
            let degraded = column(&marks, |mark| mark.degraded);
            let shown = Strained {
                vendor: name,
                arm,
                accuracy: accuracy(&marks, 0.95),
                median_ns: time(&marks, 50.0),
                p95_ns: time(&marks, 95.0),
                degraded: assize_perf::statistics::mean(&degraded).unwrap_or(f64::NAN),
            };
            for (metric, unit, value) in [
                ("time-p50", Unit::Nanoseconds, shown.median_ns),
                ("time-p95", Unit::Nanoseconds, shown.p95_ns),
                ("degraded", Unit::Fraction, shown.degraded),
            ] {
                let id = format!("{id}/{}", arm.name());
                run.measurements.push(
                    Measurement::new(id, metric, unit, Better::Lower, Kind::Virtual, value).at(LOCATION),
                );
            }
            all.push(shown);
        }
    }
    Ok(all)
}
