//! The machine itself: what the control takes before, between and after what is timed, and what follows for that.

use std::collections::BTreeMap;

use assize_perf::compare::CONTROLS;
use assize_perf::statistics::Sorted;
use assize_perf::{Analysis, Better, Finding, Kind, Measurement, Run};

/// A machine that moves by more than this share says little about times.
pub(crate) const LIMIT: f64 = 0.05;
/// The figure of how far apart the looks were.
const SPREAD: &str = "spread_share";
/// The figure of how far the last look was from the first.
const DRIFT: &str = "drift_share";

/// The looks at a machine as figures: the median of each control over all looks, how far apart they were, and how far
/// the last was from the first.
pub(super) fn figures(looks: &[Run]) -> Vec<Measurement> {
    let mut by_control: BTreeMap<&str, Vec<&Measurement>> = BTreeMap::new();
    for measurement in looks.iter().flat_map(|look| &look.measurements) {
        by_control.entry(&measurement.id).or_default().push(measurement);
    }
    by_control.values().filter_map(|looks| of_one(looks)).collect()
}

fn of_one(looks: &[&Measurement]) -> Option<Measurement> {
    let one = *looks.first()?;
    let values: Vec<f64> = looks.iter().map(|look| look.value).collect();
    let (sorted, first, last) = (Sorted::new(&values)?, *values.first()?, *values.last()?);
    let n = values.len();
    let (metric, unit) = (one.metric.as_str(), one.unit.clone());
    let mut figure =
        Measurement::of_samples(one.id.as_str(), metric, unit, Better::Lower, Kind::Timed, values)?;
    figure.location.clone_from(&one.location);
    if n > 1 && sorted.min() > 0.0 {
        figure = figure
            .with_figure(SPREAD, (sorted.max() - sorted.min()) / sorted.median())
            .with_figure(DRIFT, last / first - 1.0)
            .with_note(format!("{n} looks; spread: the highest less the lowest, by their median; drift: the last against the first"));
    }
    Some(figure)
}

/// How far the machine moved while a run was measured: the largest spread or drift of a control. `None` where none was
/// looked at.
pub(crate) fn moved(run: &Run) -> Option<f64> {
    let figures = run.measurements.iter().filter(|m| m.id.starts_with(CONTROLS));
    let shares =
        figures.flat_map(|m| [SPREAD, DRIFT].map(|name| m.figures.get(name))).flatten().map(|x| x.abs());
    shares.filter(|share| share.is_finite()).reduce(f64::max)
}

/// How far the machine moved, in words.
pub(crate) fn said(moved: f64) -> String {
    format!("this machine drifts by {:.1} %", moved * 100.0)
}

/// What is odd about a run on a machine that moves.
pub(super) fn finding(run: &Run) -> Option<Finding> {
    let moved = moved(run).filter(|moved| *moved > LIMIT)?;
    let text = format!(
        "{} (the same work at several moments of the run): what was timed is known no better",
        said(moved)
    );
    Some(Finding::new("control", None, text))
}

/// Says so beside each verdict on what was timed.
pub(crate) fn qualify(analysis: &mut Analysis) {
    let Some(moved) = moved(&analysis.run).filter(|moved| *moved > LIMIT) else { return };
    let timed = |kind: Option<Kind>| matches!(kind, Some(Kind::Timed | Kind::Loaded));
    for row in analysis.rows.iter_mut().filter(|row| timed(row.kind)) {
        let note = row.note.take().map_or_else(String::new, |note| format!("{note}; "));
        row.note = Some(format!("{note}{}", said(moved)));
    }
}

#[cfg(test)]
mod tests {
    use assize_perf::{Thresholds, Unit, targets};

    use super::*;

    fn time(id: &str, value: f64) -> Measurement {
        Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value)
    }

    fn looked(times: &[f64]) -> Run {
        let look = |time_of_look: &f64| {
            let mut look = Run::new("control");
            look.measurements.push(time("control/spin/x", *time_of_look));
            look
        };
        let mut run = Run::new("run");
        run.measurements = figures(&times.iter().map(look).collect::<Vec<_>>());
        run
    }

    #[test]
    fn the_looks_say_how_far_the_machine_moved() {
        assert_eq!(moved(&looked(&[])), None);
        assert_eq!(moved(&looked(&[100.0])), None, "one look shows no movement");
        let run = looked(&[100.0, 110.0, 98.0, 100.0]);
        let [figure] = run.measurements.as_slice() else { panic!("{run:?}") };
        assert_eq!((figure.value, figure.figures[SPREAD], figure.figures[DRIFT]), (100.0, 0.12, 0.0));
        assert_eq!(moved(&run).map(said).as_deref(), Some("this machine drifts by 12.0 %"));
        assert!(finding(&run).is_some() && finding(&looked(&[100.0, 104.0])).is_none());
    }

    #[test]
    fn only_verdicts_on_times_are_qualified() {
        let mut run = looked(&[100.0, 110.0]);
        run.measurements.push(time("a", 5.0));
        run.measurements.push(Measurement { kind: Kind::Counted, ..time("b", 5.0) });
        let text = "[[target]]\nrequirement = 'A'\nmeasurement = 'a'\nfloor = '1 ms'\nnote = 'a turn'\n\
                    [[target]]\nrequirement = 'B'\nmeasurement = 'b'\nfloor = '1 ms'";
        let all = targets::parse(text, "targets.toml").expect("targets");
        let mut analysis = Analysis::of(run, &all, &Thresholds::default());
        qualify(&mut analysis);
        let notes: Vec<Option<&str>> = analysis.rows.iter().map(|row| row.note.as_deref()).collect();
        assert_eq!(notes, [Some("a turn; this machine drifts by 10.0 %"), None]);
    }
}
