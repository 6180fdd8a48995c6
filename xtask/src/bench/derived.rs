//! Figures that follow from those of a run: how the time of a round, and that of a turn, grow with the number of debaters;
//! how much faster than a peer something is.

use std::collections::BTreeMap;

use assize_perf::statistics::fit_line;
use assize_perf::{Better, Interval, Kind, Measurement, Run, Unit};

/// Where the times per turn are: `debate/turn/CASE/DEBATERS`.
pub(super) const TURNS: &str = "debate/turn/";
/// Where what follows for rounds is put: `debate/round/CASE`.
pub(super) const ROUNDS: &str = "debate/round/";
/// Others' libraries that are timed beside ours, as `crate/function/CASE-PEER` beside `crate/function/CASE-OURS`.
const PEERS: [&str; 1] = ["tiktoken-rs"];
/// Any two points lie on a line, and two sizes side by side are no growth.
const LEAST_POINTS: usize = 3;

/// Adds the derived figures to a run, where they stand in the order of its names.
pub(super) fn add(run: &mut Run) {
    let rounds = rounds(&run.measurements);
    for derived in rounds.into_iter().chain(speed_ups(&run.measurements)) {
        let key = |m: &Measurement| (m.id.clone(), m.metric.clone());
        let place = run.measurements.partition_point(|m| key(m) <= key(&derived));
        run.measurements.insert(place, derived);
    }
}

/// The times per turn of a case, by the number of debaters.
type Turns<'a> = BTreeMap<u32, &'a Measurement>;

/// For each case that was measured with at least three numbers of debaters, what follows for its rounds.
fn rounds(measurements: &[Measurement]) -> Vec<Measurement> {
    let mut cases: BTreeMap<&str, Turns<'_>> = BTreeMap::new();
    for m in measurements.iter().filter(|m| m.metric == "time" && m.unit == Unit::Nanoseconds) {
        let parts = m.id.strip_prefix(TURNS).and_then(|rest| rest.rsplit_once('/'));
        if let Some((case, debaters)) = parts
            && let Ok(debaters @ 1..) = debaters.parse::<u32>()
        {
            // Of repetitions the first stands, as it does in the run.
            cases.entry(case).or_default().entry(debaters).or_insert(m);
        }
    }
    cases.retain(|_, turns| turns.len() >= LEAST_POINTS);
    cases.iter().flat_map(|(case, turns)| [linearity(case, turns), growth(case, turns)]).flatten().collect()
}

/// How well the times of a round lie on a line.
fn linearity(case: &str, turns: &Turns<'_>) -> Option<Measurement> {
    let points: Vec<(f64, f64)> =
        turns.iter().map(|(n, turn)| (f64::from(*n), f64::from(*n) * turn.value)).collect();
    let line = fit_line(&points)?;
    let debaters: Vec<String> = turns.keys().map(u32::to_string).collect();
    let note = format!(
        "R² of the least-squares line through the time of a round (debaters × the time per turn of \
         {TURNS}{case}/N) over {} debaters",
        debaters.join(", ")
    );
    let id = format!("{ROUNDS}{case}");
    let figure = Measurement::new(id, "linearity", Unit::Score, Better::Higher, Kind::Timed, line.r_squared);
    Some(
        figure
            .with_figure("slope_ns", line.slope)
            .with_figure("intercept_ns", line.intercept)
            .with_note(note),
    )
}

/// How often the time per turn of the fewest debaters that of the most takes: 1 where a round grows linearly.
fn growth(case: &str, turns: &Turns<'_>) -> Option<Measurement> {
    let ((few, small), (many, large)) = (turns.first_key_value()?, turns.last_key_value()?);
    let growth = large.value / small.value;
    if !(growth.is_finite() && small.value > 0.0) {
        return None;
    }
    let note = format!("the time per turn of {TURNS}{case}/{many} divided by that of {TURNS}{case}/{few}");
    let id = format!("{ROUNDS}{case}");
    let mut figure = Measurement::new(id, "per-turn-growth", Unit::Ratio, Better::Lower, Kind::Timed, growth)
        .with_note(note);
    figure.interval = small.interval.as_ref().zip(large.interval.as_ref()).and_then(|(s, l)| ratio(s, l));
    Some(figure)
}

/// For each time that stands beside a peer's on the same work, how often it goes into that.
fn speed_ups(measurements: &[Measurement]) -> Vec<Measurement> {
    let times = || measurements.iter().filter(|m| m.metric == "time" && m.unit == Unit::Nanoseconds);
    let mut found = Vec::new();
    for peer in times() {
        let Some((case, name)) = PEERS.iter().find_map(|name| Some((peer.id.strip_suffix(name)?, name)))
        else {
            continue;
        };
        let is_ours = |m: &&Measurement| m.id.starts_with(case) && m.id != peer.id && m.value > 0.0;
        for ours in times().filter(is_ours) {
            let speed_up = peer.value / ours.value;
            let note = format!("the time of {name} on the same text, in the same run, divided by this one's");
            let id = ours.id.clone();
            let mut figure =
                Measurement::new(id, "speed-up", Unit::Ratio, Better::Higher, Kind::Timed, speed_up)
                    .with_note(note);
            figure.interval =
                ours.interval.as_ref().zip(peer.interval.as_ref()).and_then(|(o, p)| ratio(o, p));
            found.push(figure);
        }
    }
    found
}

/// The range of the ratio of two figures, each within its interval. Both are where they should be at least as often as
/// their two chances to miss, added up, leave (Bonferroni), whatever the two have in common.
fn ratio(small: &Interval, large: &Interval) -> Option<Interval> {
    let (low, high) = (large.low / small.high, large.high / small.low);
    let level = small.level + large.level - 1.0;
    let is_sound = small.low > 0.0 && low.is_finite() && high.is_finite() && level > 0.0;
    is_sound.then(|| Interval {
        low,
        high,
        level,
        method: "ratio of the ends of the two intervals (Bonferroni)".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of times per turn, in the order in which runs have them.
    fn timed(turns: &[(&str, f64)]) -> Run {
        let time =
            |id: &str, ns| Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, ns);
        let run =
            Run { measurements: turns.iter().map(|(id, ns)| time(id, *ns)).collect(), ..Run::new("made up") };
        Run::merged(vec![run])
    }

    fn derived(run: &mut Run, metric: &str) -> Vec<Measurement> {
        add(run);
        assert!(run.measurements.is_sorted_by_key(|m| (m.id.clone(), m.metric.clone())));
        let wanted = |m: &&Measurement| m.id.starts_with(ROUNDS) && m.metric == metric;
        run.measurements.iter().filter(wanted).cloned().collect()
    }

    /// The times per turn of rounds that take `round(n)`.
    fn turns(round: impl Fn(f64) -> f64) -> Run {
        let ids = [2, 3, 4, 8, 16].map(|n: u32| (format!("debate/turn/made-up/{n}"), f64::from(n)));
        timed(&ids.each_ref().map(|(id, n)| (id.as_str(), round(*n) / n)))
    }

    #[test]
    fn who_stands_beside_a_peer_is_held_against_it() {
        let mut run = timed(&[
            ("tokens/count/code-default", 50.0),
            ("tokens/count/code-fast", 20.0),
            ("tokens/count/code-tiktoken-rs", 100.0),
            ("tokens/count/prose-default", 10.0),
        ]);
        add(&mut run);
        let found: Vec<(&str, f64)> = run
            .measurements
            .iter()
            .filter(|m| m.metric == "speed-up")
            .map(|m| (m.id.as_str(), m.value))
            .collect();
        assert_eq!(found, [("tokens/count/code-default", 2.0), ("tokens/count/code-fast", 5.0)]);
    }

    #[test]
    fn a_straight_line_is_straight_and_a_curve_is_not() {
        type Round = fn(f64) -> f64;
        let table: [(Round, f64, f64, f64); 5] = [
            (|n| 1_200.0 * n, 1.0, 1_200.0, 0.0),
            (|n| 1_200.0f64.mul_add(n, 500.0), 1.0, 1_200.0, 500.0),
            (|_| 700.0, 1.0, 0.0, 700.0),
            // 10 n² over 2, 3, 4, 8, 16 by fractions: Sxx = 656/5, Sxy = 24,036, Syy = 4,562,480, means 6.6 and 698.
            (
                |n| 10.0 * n * n,
                36_108_081.0 / 37_412_336.0,
                120_180.0 / 656.0,
                698.0 - 6.6 * 120_180.0 / 656.0,
            ),
            // 10 n³: Sxy = 389,188, mean 9,414.
            (
                |n| 10.0 * n * n * n,
                9_466_706_209.0 / 10_342_724_944.0,
                1_945_940.0 / 656.0,
                9_414.0 - 6.6 * 1_945_940.0 / 656.0,
            ),
        ];
        for (at, (round, r_squared, slope, intercept)) in table.into_iter().enumerate() {
            let figures = derived(&mut turns(round), "linearity");
            let [figure] = figures.as_slice() else { panic!("row {at}: {figures:?}") };
            let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
            assert_eq!((figure.id.as_str(), figure.metric.as_str()), ("debate/round/made-up", "linearity"));
            assert!(figure.interval.is_none() && figure.unit == Unit::Score, "row {at}: {figure:?}");
            assert!(close(figure.value, r_squared), "row {at}: {figure:?}");
            assert!(close(figure.figures["slope_ns"], slope), "row {at}: {figure:?}");
            assert!(close(figure.figures["intercept_ns"], intercept), "row {at}: {figure:?}");
        }
    }

    #[test]
    fn each_case_has_its_own_line_and_too_little_has_none() {
        let table: [(&[&str], &[&str]); 7] = [
            (&[], &[]),
            (&["turn/a/2", "turn/a/4"], &[]),
            (&["turn/a/2", "turn/a/2", "turn/a/2", "turn/a/4"], &[]),
            (&["turn/a/2", "turn/a/4", "turn/a/16"], &["debate/round/a"]),
            (&["turn/a/2", "turn/a/4", "turn/b/8"], &[]),
            (&["turn/a/0", "turn/a/x", "turn/a/-1", "turn/2", "heap/a/3", "turn/a/4"], &[]),
            (
                &["turn/a/b/1", "turn/a/b/2", "turn/a/b/3", "turn/a/1", "turn/a/2", "turn/a/3"],
                &["debate/round/a", "debate/round/a/b"],
            ),
        ];
        for (ids, expected) in table {
            let ids: Vec<String> = ids.iter().map(|id| format!("debate/{id}")).collect();
            let run = timed(&ids.iter().map(|id| (id.as_str(), 5.0)).collect::<Vec<_>>());
            for metric in ["linearity", "per-turn-growth"] {
                let found: Vec<String> =
                    derived(&mut run.clone(), metric).into_iter().map(|m| m.id).collect();
                assert_eq!(found, expected, "{ids:?}");
            }
        }
    }

    #[test]
    fn other_metrics_and_units_are_left_alone() {
        let mut run = turns(|n| n);
        run.measurements[0].metric = "throughput".to_owned();
        run.measurements[1].unit = Unit::Ratio;
        run.measurements[2].value = f64::NAN;
        add(&mut run);
        assert!(run.measurements.iter().all(|m| !m.id.starts_with(ROUNDS)), "{run:?}");
    }

    #[test]
    fn the_time_per_turn_of_the_most_debaters_is_held_against_that_of_the_fewest() {
        let interval = |low, high, level| Some(Interval { low, high, level, method: "bootstrap".to_owned() });
        let mut run = turns(|n| n * (100.0 + 10.0 * n));
        // In the order of the names: 16 debaters come first, 2 come second.
        assert!(run.measurements[0].id.ends_with("/16") && run.measurements[1].id.ends_with("/2"));
        let of = |run: &Run| {
            let mut figures = derived(&mut run.clone(), "per-turn-growth");
            assert_eq!(figures.len(), 1, "{figures:?}");
            figures.remove(0)
        };
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        let figure = of(&run);
        assert!(close(figure.value, 260.0 / 120.0) && figure.interval.is_none(), "{figure:?}");
        assert_eq!((&figure.unit, figure.better, figure.kind), (&Unit::Ratio, Better::Lower, Kind::Timed));
        assert!(figure.notes[0].contains("made-up/16 divided by that of debate/turn/made-up/2"));

        run.measurements[0].interval = interval(250.0, 270.0, 0.95);
        assert!(of(&run).interval.is_none(), "one of the two is not enough");
        run.measurements[1].interval = interval(100.0, 125.0, 0.95);
        let found = of(&run).interval.expect("an interval");
        assert!(close(found.low, 2.0) && close(found.high, 2.7) && close(found.level, 0.9), "{found:?}");
        assert_eq!(found.method, "ratio of the ends of the two intervals (Bonferroni)");
        // What may be nothing at all says nothing of a ratio.
        run.measurements[1].interval = interval(0.0, 125.0, 0.95);
        assert!(of(&run).interval.is_none());
        run.measurements[1].value = 0.0;
        assert_eq!(derived(&mut run, "per-turn-growth"), []);
    }

    #[test]
    fn the_target_of_a_round_is_held_against_it() {
        let mut run = turns(|n| 1_200.0 * n);
        add(&mut run);
        let text = "[[target]]\nrequirement = 'D1'\nmeasurement = 'debate/round/made-up'\n\
                    metric = 'linearity'\ngoal = '0.99'";
        let all = assize_perf::targets::parse(text, "targets.toml").expect("a target");
        let rows = assize_perf::targets::evaluate(&run, &all);
        assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [assize_perf::Status::Pass]);
    }
}
