//! False changes and steps that are found.

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    steps::{CASES, Case},
};
use assize_perf::{
    Better, Kind, Measurement, Run, Unit,
    change_points::{Detector, Status, potts_steps},
    statistics::wilson_interval,
};

use crate::{HERE, size};

/// Of some series, how many.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    all: usize,
    /// Any change that there is not, or the step that there is.
    ours: usize,
    /// The same, of confirmed changes alone.
    confirmed: usize,
    potts: usize,
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let n = size(handover.profile);
    for (done, case) in CASES.into_iter().enumerate() {
        let id = format!("perf/change-points/{}", case.name);
        if handover.wants(&id) {
            let counts = count(case, Seed::new(handover.seed), n);
            run.measurements.extend(figures(&id, case, counts)?);
        }
        handover.progress(done + 1, CASES.len(), case.name);
    }
    Ok(())
}

fn count(case: Case, seed: Seed, n: usize) -> Counts {
    let detector = Detector::default();
    // What counts is the step where there is one, and a false change where there is none.
    let counts = |places: Vec<usize>| usize::from(case.is_right(places) == case.step.is_some());
    let mut all = Counts { all: n, ..Counts::default() };
    for number in 0..n {
        let series = case.series(seed, number);
        let changes = detector.changes(&series);
        all.ours += counts(changes.iter().map(|change| change.index).collect());
        let confirmed = changes.iter().filter(|change| change.status == Status::Confirmed);
        all.confirmed += counts(confirmed.map(|change| change.index).collect());
        all.potts += counts(potts_steps(&series));
    }
    all
}

fn figures(id: &str, case: Case, counts: Counts) -> Result<Vec<Measurement>, String> {
    let (metric, better) =
        if case.step.is_some() { ("found", Better::Higher) } else { ("false-changes", Better::Lower) };
    let share = |metric: &str, n: usize, note: &str| {
        let interval = wilson_interval(n, counts.all, 0.95).ok_or("count a share of no series")?;
        let share = real(n) / real(counts.all);
        let figure = Measurement::new(id, metric, Unit::Fraction, better, Kind::Virtual, share);
        let series = format!("{n} of {} series", counts.all);
        Ok::<_, String>(figure.with_interval(interval).with_note(series).with_note(note).at(HERE))
    };
    let mut figures = vec![
        share(metric, counts.ours, "confirmed or pending")?,
        share(&format!("{metric}-confirmed"), counts.confirmed, "confirmed alone")?,
        share(&format!("{metric}-potts"), counts.potts, "the steps of asv's step_detect")?,
    ];
    if case.step.is_none() {
        let more = real(counts.ours.saturating_sub(counts.potts));
        figures.push(
            Measurement::new(id, "false-beyond-potts", Unit::Count, Better::Lower, Kind::Virtual, more)
                .with_note("series with a false change, less those in which asv's step_detect has one")
                .at(HERE),
        );
    }
    Ok(figures)
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of series are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}
