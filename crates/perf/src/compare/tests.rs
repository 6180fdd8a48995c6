//! What comes of two sets of runs.

use assize_ambient::Seed;

use super::*;
use crate::{
    Unit,
    run::{Better, Kind, Measurement},
};

/// A run with one time for each id.
fn run(times: &[(&str, f64)]) -> Run {
    let mut run = Run::new("suite");
    for (id, value) in times {
        run.measurements.push(Measurement::new(
            *id,
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Timed,
            *value,
        ));
    }
    run
}

/// Runs whose times vary by this share around a centre.
fn runs(n: usize, id: &str, centre: f64, sd: f64, seed: u64) -> Vec<Run> {
    let mut chance = Seed::new(seed).child(id).rng();
    (0..n).map(|_| run(&[(id, chance.log_normal(centre.ln(), sd))])).collect()
}

fn counted(value: f64) -> Run {
    let mut run = Run::new("suite");
    let m = Measurement::new("parse", "instructions", Unit::Count, Better::Lower, Kind::Counted, value);
    run.measurements.push(m);
    run
}

fn compared(before: &[Run], after: &[Run]) -> Changes {
    Changes::between(before, after, &Rules::default())
}

#[test]
fn a_change_is_told_from_none_and_from_not_knowing() {
    let cases = [
        (1.0, 0.01, "unchanged"),
        (1.15, 0.01, "regressed"),
        (0.85, 0.01, "improved"),
        (1.06, 0.03, "inconclusive"),
    ];
    for (factor, sd, verdict) in cases {
        let (before, after) = (runs(8, "scan", 100.0, sd, 1), runs(8, "scan", 100.0 * factor, sd, 2));
        let changes = compared(&before, &after);
        let row = &changes.rows[0];
        assert_eq!(row.verdict.name(), verdict, "{factor} {row:?}");
        let interval = row.interval.as_ref().unwrap();
        assert!(interval.level >= 0.95 && interval.contains(row.change.unwrap()));
        let second = row.bootstrap.as_ref().unwrap();
        assert!(second.low < row.change.unwrap() * 1.01 && second.high > row.change.unwrap() * 0.99);
    }
}

#[test]
fn inconclusive_says_how_many_runs_would_decide() {
    let changes = compared(&runs(6, "scan", 100.0, 0.03, 1), &runs(6, "scan", 108.0, 0.03, 2));
    let row = &changes.rows[0];
    let Verdict::Inconclusive { runs_needed: Some(n) } = row.verdict else { panic!("{row:?}") };
    assert!((7..400).contains(&n), "{n}");
    // And with that many it is decided.
    let changes = compared(&runs(n, "scan", 100.0, 0.03, 3), &runs(n, "scan", 108.0, 0.03, 4));
    assert!(!matches!(changes.rows[0].verdict, Verdict::Inconclusive { .. }), "{n} {:?}", changes.rows[0]);
}

#[test]
fn one_run_a_side_is_at_most_suspected() {
    let changes = compared(&[run(&[("a", 100.0), ("b", 100.0)])], &[run(&[("a", 150.0), ("b", 101.0)])]);
    let verdicts: Vec<_> = changes.rows.iter().map(|row| (row.id.as_str(), row.verdict)).collect();
    // Two metrics, so five runs a side before anything can be shown: 2 · 2 / C(10, 5).
    assert_eq!(verdicts, [("a", Verdict::Suspected), ("b", Verdict::Inconclusive { runs_needed: Some(5) })]);
    assert!(changes.rows[0].is_worse() && changes.rows[0].p.is_none());
}

#[test]
fn samples_of_one_process_are_no_runs_unless_they_are_said_to_be() {
    let side = |centre: f64| {
        let mut one = run(&[("a", centre)]);
        one.measurements[0].samples = (0..8).map(|i| centre + f64::from(i)).collect();
        one
    };
    let (before, after) = ([side(1_000.0)], [side(2_000.0)]);
    assert_eq!(compared(&before, &after).rows[0].verdict, Verdict::Suspected);
    let rules = Rules { samples_are_runs: true, ..Rules::default() };
    assert_eq!(Changes::between(&before, &after, &rules).rows[0].verdict, Verdict::Regressed);
}

#[test]
fn six_runs_cannot_show_a_change_among_fifty() {
    let names: Vec<String> = (0..50).map(|i| format!("bench/{i}")).collect();
    let suite = |factor: f64, i: usize| {
        let of_run = |name| (name, factor * (100.0 + f64::from(u32::try_from(i).unwrap())));
        run(&names.iter().map(String::as_str).map(of_run).collect::<Vec<_>>())
    };
    let side = |n, factor| (0..n).map(|i| suite(factor, i)).collect::<Vec<Run>>();
    let changes = compared(&side(6, 1.0), &side(6, 2.0));
    assert!(!changes.limits.can_show());
    assert_eq!((changes.limits.tests, changes.limits.allowed), (50, 23));
    assert!(changes.rows.iter().all(|row| row.verdict == Verdict::Inconclusive { runs_needed: Some(7) }));
    let changes = compared(&side(7, 1.0), &side(7, 2.0));
    assert_eq!(changes.of(Verdict::Regressed).count(), 50);
}

#[test]
fn exact_figures_change_or_do_not() {
    let verdict = |before: &[f64], after: &[f64], tolerance: f64| {
        let side = |values: &[f64]| values.iter().map(|v| counted(*v)).collect::<Vec<_>>();
        let rules = Rules { tolerance, ..Rules::default() };
        let row = Changes::between(&side(before), &side(after), &rules).rows.remove(0);
        (row.verdict, row.magnitude)
    };
    let cases = [
        (&[6_316.0][..], &[6_316.0][..], 0.0, (Verdict::Unchanged, None)),
        (&[6_316.0], &[6_317.0], 0.0, (Verdict::Regressed, Some(Magnitude::VerySmall))),
        (&[6_316.0], &[6_000.0], 0.0, (Verdict::Improved, Some(Magnitude::Medium))),
        (&[6_316.0], &[6_317.0], 0.001, (Verdict::Unchanged, None)),
        (&[0.0], &[3.0], 0.0, (Verdict::Regressed, Some(Magnitude::VeryLarge))),
        (&[0.0], &[0.0], 0.0, (Verdict::Unchanged, None)),
        (&[10.0, 12.0], &[11.0, 13.0], 0.0, (Verdict::Inconclusive { runs_needed: None }, None)),
        (&[10.0, 12.0], &[13.0, 14.0], 0.0, (Verdict::Regressed, Some(Magnitude::VeryLarge))),
    ];
    for (before, after, tolerance, expected) in cases {
        assert_eq!(verdict(before, after, tolerance), expected, "{before:?} {after:?} {tolerance}");
    }
}

#[test]
fn times_of_another_machine_are_refused_unless_asked_for() {
    let on = |cpu: &str, factor: f64| {
        let side = runs(6, "scan", 100.0 * factor, 0.01, 5).into_iter().chain([counted(10.0 * factor)]);
        let mut side: Vec<Run> = side.collect();
        side.iter_mut().for_each(|run| run.environment.cpu_model = Some(cpu.to_owned()));
        side
    };
    let (before, after) = (on("one", 1.0), on("another", 2.0));
    let changes = compared(&before, &after);
    let verdicts: Vec<_> = changes.rows.iter().map(|row| row.verdict.name()).collect();
    assert_eq!(verdicts, ["regressed", "not comparable"], "counts are compared all the same");
    assert_eq!(changes.mismatches[0].field, "processor");
    assert!(changes.document().to_markdown().contains("Times were not compared"));
    let rules = Rules { across_machines: true, ..Rules::default() };
    let changes = Changes::between(&before, &after, &rules);
    assert_eq!(changes.of(Verdict::Regressed).count(), 2);
    assert!(changes.document().to_markdown().contains("compared all the same"));
    // What is not said may differ too, which is said.
    assert_eq!(compared(&before, &before).unknown.len(), 4);
}

#[test]
fn where_the_control_drifts_no_time_is_decided() {
    let side = |factor: f64, seed| {
        let mut side = runs(6, "control/spin", 50.0 * factor, 0.002, seed);
        side.extend(runs(6, "scan", 100.0 * factor, 0.01, seed));
        side.push(counted(7.0 * factor));
        side
    };
    let changes = compared(&side(1.0, 1), &side(1.3, 2));
    assert!(changes.drifted());
    let of = |id: &str| changes.rows.iter().find(|row| row.id == id).unwrap();
    assert_eq!(of("scan").verdict, Verdict::Inconclusive { runs_needed: None });
    assert_eq!(of("scan").notes, ["regressed but for the drift of the control"]);
    assert_eq!(of("parse").verdict, Verdict::Regressed, "a count does not drift");
    assert!(!compared(&side(1.0, 1), &side(1.0, 2)).drifted());
}

#[test]
fn what_stands_on_one_side_is_listed() {
    let changes = compared(&[run(&[("gone", 1.0), ("kept", 2.0)])], &[run(&[("kept", 2.0), ("new", 3.0)])]);
    assert_eq!(changes.only_before, [("gone".to_owned(), "time".to_owned())]);
    assert_eq!(changes.only_after, [("new".to_owned(), "time".to_owned())]);
    let mut other = run(&[("kept", 2.0)]);
    other.measurements[0].unit = Unit::Bytes;
    let changes = compared(&[run(&[("kept", 2.0)])], &[other]);
    assert!(
        changes.rows.is_empty() && changes.findings[0].text.contains("timed ns in one run and timed bytes")
    );
}

#[test]
fn noise_is_learned_and_raises_the_threshold() {
    let history: Vec<Run> =
        (0..14).map(|i| run(&[("scan", if i % 2 == 0 { 100.0 } else { 112.0 })])).collect();
    let (before, after) = (runs(8, "scan", 100.0, 0.01, 1), runs(8, "scan", 110.0, 0.01, 2));
    assert_eq!(compared(&before, &after).rows[0].verdict, Verdict::Regressed);
    let rules = Rules::default().with_history(&history);
    let row = &Changes::between(&before, &after, &rules).rows[0];
    assert!((row.threshold.share - 0.12).abs() < 1e-9, "{:?}", row.threshold);
    assert_ne!(row.verdict, Verdict::Regressed);
    // A floor below the noise does not lower it, one above raises it.
    let with = |floor| Rules { floor: Some(floor), ..rules.clone() }.threshold("scan", "time").share;
    assert!((with(0.01) - 0.12).abs() < 1e-9 && (with(0.2) - 0.2).abs() < 1e-9);
}

#[test]
fn rates_get_worse_downwards_and_zeros_have_differences() {
    let side = |values: [f64; 6], better, unit: Unit| {
        values.map(|value| {
            let mut run = Run::new("load");
            run.measurements.push(Measurement::new("serve", "m", unit.clone(), better, Kind::Loaded, value));
            run
        })
    };
    let rate = |values| side(values, Better::Higher, Unit::PerSecond);
    let row =
        compared(&rate([50.0, 51.0, 49.0, 50.5, 49.5, 50.1]), &rate([40.0, 41.0, 39.0, 40.5, 39.5, 40.1]))
            .rows
            .remove(0);
    assert!(row.verdict == Verdict::Regressed && row.is_worse());
    let errors = |values| side(values, Better::Lower, Unit::Fraction);
    let row = compared(&errors([0.0; 6]), &errors([0.01, 0.02, 0.01, 0.03, 0.01, 0.02])).rows.remove(0);
    assert_eq!((row.verdict, row.effect), (Verdict::Regressed, crate::run::Effect::Difference));
    let row = compared(&errors([0.0; 6]), &errors([0.0; 6])).rows.remove(0);
    assert_eq!(row.verdict, Verdict::Unchanged);
}

#[test]
fn what_is_not_decided_but_likely_is_worth_a_look() {
    let side = |factor: f64, seed| {
        let mut side = runs(8, "scan", 100.0 * factor, 0.01, seed);
        side.extend(runs(8, "sort", 100.0, 0.01, seed + 10));
        side
    };
    let changes = compared(&side(1.05, 2), &side(1.0, 1));
    let row = changes.rows.iter().find(|row| row.id == "scan").unwrap();
    assert!(
        matches!(row.verdict, Verdict::Inconclusive { .. }) && row.p_discovery.unwrap() < 0.05,
        "{row:?}"
    );
    let text = changes.document().to_markdown();
    let list = text.split("Worth a look").nth(1).unwrap().split("##").next().unwrap();
    assert!(list.contains("scan") && !list.contains("sort"), "{list}");
}

#[test]
fn the_document_and_the_data_say_the_same() {
    let (mut before, mut after) = (runs(8, "scan", 100.0, 0.01, 1), runs(8, "scan", 130.0, 0.01, 2));
    before.push(counted(5.0));
    after.push(counted(5.0));
    let changes = compared(&before, &after);
    let text = changes.document().to_markdown();
    for part in ["1 regressed, 1 unchanged", "regressed, medium", "scan", "Method"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let json = changes.to_json();
    assert_eq!((&json["assize"], &json["format_version"]), (&"comparison".into(), &1.into()));
    assert_eq!((&json["counts"]["regressed"], &json["rows"][0]["verdict"]), (&1.into(), &"regressed".into()));
    assert_eq!(json["rows"][0]["severity"], "MEDIUM");
    assert_eq!(changes.to_json().to_string(), compared(&before, &after).to_json().to_string());
}

#[test]
fn suites_of_a_build_and_itself_raise_no_more_alarms_than_stated() {
    for n in [6, 8] {
        let mut chance = Seed::new(3).child(&n.to_string()).rng();
        let mut side = || (0..n).map(|_| chance.log_normal(0.0, 0.03)).collect::<Vec<f64>>();
        let alarmed = |_: &usize| {
            let suite: Vec<_> = (0..50).map(|_| (side(), side())).collect();
            // Without any floor, so that the tests alone have to hold the rate.
            let decisions = decide(&suite, 0.0, &Rules::default());
            decisions.iter().any(|decision| matches!(decision, Decision::Larger | Decision::Smaller))
        };
        let alarms = (0..100).filter(alarmed).count();
        // Of a hundred with a chance of 5 % each, eleven or more are seen once in eighty times.
        assert!(alarms <= 10, "{alarms} of 100 suites with {n} runs a side");
    }
}
