//! The summary of a made-up run, as a terminal without colours shows it.

use assize_perf::{Better, Finding, Interval, Kind, Measurement, Run, Thresholds, Winner, targets};

use super::*;
use crate::bench::outcome::completion;

fn made_up() -> Run {
    let mut run = Run::new("Benchmarks (default profile)");
    run.created_at = Some("2026-11-21T09:45:12Z".parse().expect("a moment"));
    let interval = |low, high| Interval { low, high, level: 0.95, method: "bootstrap".to_owned() };
    run.measurements.extend([
        Measurement::new("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 3_210.0)
            .with_interval(interval(3_180.0, 3_260.0)),
        Measurement::new("debate/turn/16", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 4_050.0)
            .with_interval(interval(3_900.0, 4_200.0)),
        Measurement::new(
            "debate/whole/4x5",
            "heap-peak",
            Unit::Bytes,
            Better::Lower,
            Kind::Counted,
            98_304.0,
        ),
    ]);
    run.comparisons.push(Comparison {
        id: "voting-against-debate".to_owned(),
        question: "Is a debate worth its price?".to_owned(),
        winner: Some(Winner {
            arm: "debate".to_owned(),
            why: "accuracy is 0.05 higher (0.02 to 0.08)".to_owned(),
        }),
        ..Comparison::default()
    });
    run.comparisons
        .push(Comparison { id: "sequential-against-concurrent".to_owned(), ..Comparison::default() });
    run.environment.extra.extend([
        ("bench profile".to_owned(), "default".to_owned()),
        ("bench targets".to_owned(), "4 of 4 completed".to_owned()),
        (
            "duration".to_owned(),
            "2 min 5 s in all: build 41.2 s, then 84.1 s (debate 60.1 s, heap 24.0 s)".to_owned(),
        ),
    ]);
    run
}

const TARGETS: &str = "
[[target]]
requirement = 'D1'
measurement = 'debate/turn/*'
floor = '10 ms'
goal = '4 us'
[[target]]
requirement = 'D5'
measurement = 'debate/whole/4x5'
metric = 'heap-peak'
floor = '100 MB'
goal = '96 KiB'
[[target]]
requirement = 'C4'
measurement = 'metering/cost'
floor = '1 us'
";

fn shown(run: Run) -> String {
    let mut all = targets::parse(TARGETS, "targets.toml").expect("targets");
    all.extend(completion(&run));
    let analysis = Analysis::of(run, &all, &Thresholds::default());
    summary(&analysis).to_terminal(&TerminalStyle { width: 100, colour: false })
}

#[test]
fn a_run_in_which_all_went_well() {
    insta::assert_snapshot!(shown(made_up()));
}

#[test]
fn a_whole_run_without_a_floor_says_why_it_fails() {
    let thresholds = Thresholds { floors_must_be_measured: true, ..Thresholds::default() };
    let all = targets::parse(TARGETS, "targets.toml").expect("targets");
    let text = summary(&Analysis::of(made_up(), &all, &thresholds))
        .to_terminal(&TerminalStyle { width: 200, colour: false });
    assert!(text.contains("Overall: failed."), "{text}");
    assert!(text.contains("1 not measured. One floor was not measured, which fails a whole run."), "{text}");
}

#[test]
fn a_run_in_which_a_bench_target_failed() {
    let mut run = made_up();
    run.comparisons.clear();
    let why = "it ended with exit status: 101; the last it said: the peak is not exact";
    run.measurements.push(
        Measurement::new(
            "bench-target/heap",
            "completed",
            Unit::Fraction,
            Better::Higher,
            Kind::Counted,
            0.0,
        )
        .with_note(why),
    );
    run.findings.push(Finding::new("raw/heap.log", None, format!("the bench target heap failed: {why}")));
    run.environment.extra.insert("bench targets".to_owned(), "3 of 4 completed, heap failed".to_owned());
    insta::assert_snapshot!(shown(run));
}

#[test]
fn times_are_short() {
    let table = [
        (0, "0.0 s"),
        (49, "0.0 s"),
        (41_249, "41.2 s"),
        (99_949, "99.9 s"),
        (99_950, "1 min 40 s"),
        (120_000, "2 min"),
        (900_000, "15 min"),
        (125_400, "2 min 5 s"),
    ];
    for (millis, expected) in table {
        assert_eq!(duration(Duration::from_millis(millis)), expected);
    }
}
