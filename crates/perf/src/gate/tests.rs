//! When a gate opens, when it does not, and what it says of itself.

use assize_ambient::Seed;

use super::*;
use crate::{
    Unit,
    compare::Verdict,
    run::{Better, Kind, Measurement},
    targets,
};

fn time(id: &str, value: f64) -> Measurement {
    Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, value)
}

/// Runs of a suite of ten times, the first of which is slower by this factor.
fn suite(n: usize, factor: f64, seed: u64) -> Vec<Run> {
    let mut chance = Seed::new(seed).rng();
    let mut one = || {
        let mut run = Run::new("suite");
        for i in 0..10 {
            let slower = if i == 0 { factor } else { 1.0 };
            run.measurements.push(time(&format!("bench/{i}"), chance.log_normal((slower * 1e6).ln(), 0.01)));
        }
        run
    };
    (0..n).map(|_| one()).collect()
}

/// It does not try itself out for long.
fn gate() -> Gate {
    Gate { suites: 50, ..Gate::default() }
}

#[test]
fn a_slow_down_shuts_it_and_nothing_else_does() {
    let before = suite(8, 1.0, 1);
    let same = gate().judge(&suite(8, 1.0, 2), &before, &[]);
    assert_eq!((same.outcome(), same.is_open()), (Outcome::Passed, true), "{:?}", same.open);
    let slow = gate().judge(&suite(8, 1.2, 3), &before, &[]);
    assert_eq!((slow.outcome(), slow.is_open(), slow.reasons.len()), (Outcome::Failed, false, 1));
    let text = &slow.reasons[0].text;
    assert!(text.starts_with("MEDIUM: bench/0 (time) went from 994 µs to 1.21 ms, +2"), "{text}");
    let fast = gate().judge(&suite(8, 0.8, 4), &before, &[]);
    assert_eq!(fast.outcome(), Outcome::Passed);
}

#[test]
fn only_what_is_bad_enough_shuts_it_if_that_is_asked_for() {
    let (before, slow) = (suite(8, 1.0, 1), suite(8, 1.2, 3));
    let high = Gate { fail_on: BTreeSet::from([FailOn::High]), ..gate() };
    assert_eq!(high.judge(&slow, &before, &[]).outcome(), Outcome::Passed, "a medium one");
    let critical = Gate { fail_on: BTreeSet::from([FailOn::Critical]), ..gate() };
    assert_eq!(critical.judge(&suite(8, 3.0, 3), &before, &[]).reasons.len(), 1);
    // A bottleneck is one without any baseline.
    let mut long = Run::new("suite");
    long.measurements.push(time("scan", 61e9));
    let judged = critical.judge(&[long], &[], &[]);
    assert_eq!(judged.reasons[0].cause, Cause::Bottleneck);
}

#[test]
fn a_gate_that_measured_nothing_stays_shut() {
    let before = suite(6, 1.0, 1);
    let cause = |gated: Gated| (gated.outcome(), gated.reasons[0].cause);
    let nothing = (Outcome::Failed, Cause::NothingMeasured);
    assert_eq!(cause(gate().judge(&[], &before, &[])), nothing);
    assert_eq!(cause(gate().judge(&[Run::new("empty")], &before, &[])), nothing);
    assert_eq!(cause(gate().judge(&suite(6, 1.0, 2), &[], &[])), nothing, "neither targets nor a baseline");
    let mut other = Run::new("other");
    other.measurements.push(time("elsewhere", 1.0));
    assert_eq!(cause(gate().judge(&[other], &before, &[])), nothing);
    let targets =
        targets::parse("[[target]]\nrequirement = 'X'\nmeasurement = 'gone/*'\nfloor = '1 s'", "t.toml");
    let gate = Gate { targets: targets.unwrap(), ..gate() };
    assert_eq!(cause(gate.judge(&suite(6, 1.0, 2), &[], &[])), nothing, "no target was measured");
}

#[test]
fn targets_are_held_against_the_median_of_runs() {
    let text = "[[target]]\nrequirement = 'T1'\nmeasurement = 'bench/0'\nfloor = '1100 us'";
    let gate = Gate { targets: targets::parse(text, "t.toml").unwrap(), ..gate() };
    let passed = gate.judge(&suite(8, 1.0, 1), &[], &[]);
    assert_eq!((passed.outcome(), passed.analysis.rows.len()), (Outcome::Passed, 1));
    let failed = gate.judge(&suite(8, 1.2, 1), &[], &[]);
    assert_eq!(failed.reasons[0].cause, Cause::Target);
    assert!(
        failed.reasons[0].text.starts_with("T1: bench/0 (time) is 1.19 ms, the floor is 1100 us"),
        "{:?}",
        failed.reasons
    );
}

#[test]
fn what_cannot_be_told_is_said_and_keeps_it_shut_if_asked_to() {
    let (before, slow) = (suite(1, 1.0, 1), suite(1, 1.5, 2));
    let open = gate().judge(&slow, &before, &[]);
    assert_eq!((open.outcome(), open.is_open()), (Outcome::Inconclusive, true));
    assert!(open.open[0].text.contains("bench/0 (time) looks worse"), "{:?}", open.open);
    assert!(open.document().to_markdown().contains("INCONCLUSIVE. The gate is open, as asked for"));
    let strict = Gate { inconclusive_fails: true, ..gate() };
    assert!(!strict.judge(&slow, &before, &[]).is_open());
    // A benchmark that is gone might have been the slow one.
    let mut fewer = suite(8, 1.0, 2);
    fewer.iter_mut().for_each(|run| run.measurements.truncate(9));
    let gone = gate().judge(&fewer, &suite(8, 1.0, 1), &[]);
    assert!(gone.open[0].text.contains("bench/9 (time) is in the baseline and was not measured any more"));
}

#[test]
fn an_alarm_counts_only_if_measuring_again_shows_it() {
    let (before, slow) = (suite(8, 1.0, 1), suite(8, 1.2, 3));
    let confirmed = gate().judge(&slow, &before, &suite(5, 1.2, 5));
    assert_eq!(confirmed.alerts_that_were(Confirmation::Confirmed), 1);
    assert!(confirmed.reasons[0].text.contains("confirmed by measuring again"));
    let cleared = gate().judge(&slow, &before, &suite(8, 1.0, 6));
    assert_eq!((cleared.outcome(), cleared.alerts_that_were(Confirmation::Cleared)), (Outcome::Passed, 1));
    let open = gate().judge(&slow, &before, &suite(1, 1.2, 7));
    assert_eq!((open.outcome(), open.alerts[0].confirmation), (Outcome::Inconclusive, Confirmation::Open));
    // What one run only suspected may be shown by the further ones.
    let suspected = gate().judge(&suite(1, 1.5, 8), &before, &suite(8, 1.5, 9));
    assert_eq!(suspected.alerts[0].row.verdict, Verdict::Suspected);
    assert_eq!(suspected.outcome(), Outcome::Failed);
}

#[test]
fn it_says_how_often_it_is_wrong_and_what_it_would_see() {
    let gated = gate().judge(&suite(8, 1.0, 2), &suite(8, 1.0, 1), &[]);
    let calibration = gated.calibration.as_ref().unwrap();
    assert_eq!((calibration.figures, calibration.suites), (10, 50));
    assert!(calibration.false_alarms <= calibration.nominal, "{calibration:?}");
    // Runs vary by 1 %, the threshold is 5 %: ten is found, five is not meant to be.
    assert!(calibration.found[0].share < 0.2 && calibration.found[1].share > 0.95, "{calibration:?}");
    let text = gated.document().to_markdown();
    for part in ["at most 5.00 % by design", "Smallest change found", "no history says how large it is"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let json = gated.to_json();
    assert_eq!(
        (&json["assize"], &json["format_version"], &json["outcome"]),
        (&"gate".into(), &1.into(), &"passed".into())
    );
    assert_eq!(json["comparison"]["limits"]["tests"], 10);
}

#[test]
fn a_learned_drift_between_sessions_is_not_taken_for_a_regression() {
    // All runs of a session are shifted alike, which no test of runs can tell from a change: the learned threshold does.
    let figure = Figure { runs: (8, 8), deviation: 0.005, drift: 0.02, threshold: 0.0 };
    let blind = calibrate(&[figure; 10], &[], 200, &Rules::default()).unwrap();
    let learned = (LEARNED * 0.02 * 2.0_f64.sqrt()).exp_m1();
    let seeing =
        calibrate(&[Figure { threshold: learned, ..figure }; 10], &[], 200, &Rules::default()).unwrap();
    assert!(blind.false_alarms > 0.5, "{blind:?}");
    assert!(seeing.false_alarms <= 0.05, "{seeing:?}");
}

/// Q3 + 3 IQR of |x| for normal x.
const LEARNED: f64 = 3.645_6;

#[test]
fn what_the_formula_calls_detectable_is_found_about_as_often() {
    let (rules, mut wrong) = (Rules::default(), Vec::<String>::new());
    for (n, figures, floor) in [(6, 5, 0.0), (8, 20, 0.0), (8, 20, 0.05), (12, 10, 0.02)] {
        let plan = rules.plan(n, n, figures, f64::ln_1p(floor));
        let effect = plan.detectable(0.03).unwrap().exp_m1();
        let figure = Figure { runs: (n, n), deviation: 0.03, drift: 0.0, threshold: floor };
        let found = calibrate(&vec![figure; figures], &[effect], 200, &rules).unwrap().found.remove(0);
        let is_right = (0.65..0.92).contains(&found.share);
        wrong.extend((!is_right).then(|| format!("{n} {figures} {floor}: {effect} {found:?}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}
