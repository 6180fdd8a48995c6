//! Tests of bottlenecks and insights.

use super::*;
use crate::{
    Unit,
    run::{Better, COMPLETED, Comparison, Interval, Kind, Measurement, Run},
    targets::{Row, Target, evaluate, parse},
};

fn run(figures: &[(&str, &str, Unit, Better, f64)]) -> Run {
    let figures = figures.iter().map(|(id, metric, unit, better, value)| {
        Measurement::new(*id, *metric, unit.clone(), *better, Kind::Timed, *value)
    });
    Run { measurements: figures.collect(), ..Run::new("test") }
}

fn target(requirement: &str, measurement: &str, keys: &str) -> String {
    format!("[[target]]\nrequirement = '{requirement}'\nmeasurement = '{measurement}'\n{keys}\n")
}

fn read(text: &str) -> Vec<Target> {
    parse(text, "t.toml").unwrap()
}

fn graded(run: &Run, rows: &[Row]) -> Vec<(Severity, String)> {
    bottlenecks(run, rows, &Thresholds::default()).into_iter().map(|b| (b.severity, b.what)).collect()
}

#[test]
fn severity_follows_the_thresholds() {
    use Severity::{Critical, High, Low, Medium};
    let time = |ns| ("m", "time", Unit::Nanoseconds, Better::Lower, ns);
    let memory = |bytes| ("m", "heap-peak", Unit::Bytes, Better::Lower, bytes);
    let speed_up = |x| ("m", "speed-up", Unit::Ratio, Better::Higher, x);
    let cases = [
        (time(60.1e9), Some(Critical)),
        (time(60e9), Some(High)),
        (time(30.1e9), Some(High)),
        (time(30e9), None),
        (memory(1.01e9), Some(Critical)),
        (memory(1e9), Some(High)),
        (memory(501e6), Some(High)),
        (memory(500e6), None),
        (speed_up(1.09), Some(Medium)),
        (speed_up(1.1), None),
    ];
    for (figure, severity) in cases {
        let run = run(std::slice::from_ref(&figure));
        let found = graded(&run, &[]);
        assert_eq!(found.first().map(|found| found.0), severity, "{figure:?}");
    }
    // Any other miss is LOW, and a figure within its own target is none at all.
    let slow = run(&[time(2e9)]);
    let rows = evaluate(&slow, &read(&target("D1", "m", "floor = '1 s'")));
    assert_eq!(graded(&slow, &rows), [(Low, "m (time) is at 2.00 s and misses the floor of 1 s".to_owned())]);
    let long = run(&[time(211e9)]);
    let rows = evaluate(&long, &read(&target("P1", "m", "floor = '5 min'")));
    assert_eq!(graded(&long, &rows), []);
}

#[test]
fn an_arm_of_a_comparison_may_be_slow_unless_a_target_says_otherwise() {
    let ns = |id, value| (id, "time", Unit::Nanoseconds, Better::Lower, value);
    let mut run = run(&[
        ns("comparison/plans/ten/in-turn", 333e9),
        ns("comparison/plans/tenfold/in-turn", 33e9),
        ns("comparison/plans/ten", 61e9),
        ("comparison/plans/ten/at-once", "speed-up", Unit::Ratio, Better::Higher, 1.0),
    ]);
    run.comparisons.push(Comparison { id: "comparison/plans/ten".to_owned(), ..Comparison::default() });
    let told = |run: &Run, text: &str| graded(run, &evaluate(run, &read(text)));
    // Neither the comparison's own figure nor one whose id merely begins alike is that of an arm.
    assert_eq!(
        told(&run, ""),
        [
            (
                Severity::Critical,
                "comparison/plans/ten (time) is at 61.0 s, above the threshold of 60 s".to_owned()
            ),
            (
                Severity::High,
                "comparison/plans/tenfold/in-turn (time) is at 33.0 s, above the threshold of 30 s"
                    .to_owned()
            ),
        ]
    );
    let missed = target("B4", "comparison/plans/ten/at-once", "metric = 'speed-up'\nfloor = '3 x'");
    assert_eq!(told(&run, &missed).len(), 3);
    assert_eq!(
        told(&run, &missed)[2],
        (
            Severity::Medium,
            "comparison/plans/ten/at-once (speed-up) is at 1.00× and misses the floor of 3 x".to_owned()
        )
    );
}

#[test]
fn what_did_not_complete_asks_for_its_log_to_be_read() {
    let mut run = run(&[("bench-target/heap", COMPLETED, Unit::Fraction, Better::Higher, 0.0)]);
    let text = target("B1", "bench-target/*", "metric = 'completed'\nfloor = '100 %'");
    for (log, advice) in
        [(Some("raw/heap.log"), "read raw/heap.log"), (None, "read what it wrote before it ended")]
    {
        run.measurements[0].source = log.map(str::to_owned);
        let found = insights(&run, &evaluate(&run, &read(&text)), &Thresholds::default());
        assert_eq!(found[0].text, "bench-target/heap did not complete");
        assert_eq!(found[0].actions, [Action { text: advice.to_owned(), gain: None, difficulty: None }]);
    }
}

#[test]
fn a_floor_that_is_missed_many_times_over_is_as_bad_as_the_factor() {
    use Severity::{Critical, High, Low, Medium};
    let severity = |ms: f64, keys: &str, thresholds: &Thresholds| {
        let run = run(&[("m", "time", Unit::Nanoseconds, Better::Lower, ms * 1e6)]);
        let rows = evaluate(&run, &read(&target("D1", "m", keys)));
        bottlenecks(&run, &rows, thresholds)[0].severity
    };
    let known = Thresholds::default();
    for (ms, expected) in
        [(1.4, Low), (2.9, Low), (3.0, Medium), (5.9, Medium), (6.0, High), (12.0, Critical)]
    {
        assert_eq!(severity(ms, "floor = '1 ms'", &known), expected, "{ms}");
    }
    // What is only aimed at is not worse for being far away.
    assert_eq!(severity(50.0, "floor = '1 s'\ngoal = '1 ms'", &known), Low);
    let mild = Thresholds { critical_multiple: 100.0, ..known };
    assert_eq!(severity(50.0, "floor = '1 ms'", &mild), High);
}

#[test]
fn an_explanation_joins_what_is_known_of_the_same_figures() {
    let ns = |metric, value| ("rows", metric, Unit::Nanoseconds, Better::Lower, value);
    let run = run(&[ns("time", 9e6), ns("cpu-time", 1e6)]);
    let explained = crate::explain::explain(&run);
    assert_eq!(explained.len(), 1);
    let told = |keys: &str| {
        let rows = evaluate(&run, &read(&target("D1", "rows", keys)));
        let mut bottlenecks = bottlenecks(&run, &rows, &Thresholds::default());
        let mut insights = insights(&run, &rows, &Thresholds::default());
        attach(&explained, &mut bottlenecks, &mut insights);
        (bottlenecks, insights)
    };
    let (bottlenecks, insights) = told("floor = '1 ms'");
    assert_eq!((bottlenecks.len(), insights.len()), (1, 1), "one cause");
    assert_eq!(bottlenecks[0].origins, [explained[0].text.clone()]);
    assert_eq!(bottlenecks[0].actions[0].gain.as_deref(), Some("at most 9.00×, as it is 88.9 % of the time"));
    assert!(
        insights[0].text.contains("misses the floor of 1 ms; rows takes 9.00 ms"),
        "{}",
        insights[0].text
    );
    assert_eq!(insights[0].evidence, ["rows (time)", "rows (cpu-time)"]);
    // Nothing is missed: it stands by itself, below what is met.
    let (bottlenecks, insights) = told("floor = '1 s'");
    assert!(bottlenecks.is_empty());
    let kinds: Vec<_> = insights.iter().map(|insight| (insight.kind, insight.priority)).collect();
    assert_eq!(kinds, [(InsightKind::Optimization, 3), (InsightKind::Success, 1)]);
}

#[test]
fn errors_under_load_are_said_before_any_latency() {
    let mut run = run(&[
        ("GET /a", "error-rate", Unit::Fraction, Better::Lower, 0.05),
        ("GET /b", "error-rate", Unit::Fraction, Better::Lower, 0.0),
        ("GET /a: 429", "failures", Unit::Count, Better::Lower, 30.0),
        ("GET /a: 500", "failures", Unit::Count, Better::Lower, 10.0),
    ]);
    let found = insights(&run, &[], &Thresholds::default());
    assert_eq!((found.len(), found[0].kind, found[0].priority), (1, InsightKind::Warning, 4));
    assert_eq!(found[0].text, "GET /a has 5.00 % of errors; 30 of 40 failures are GET /a: 429");
    run.measurements.retain(|m| m.id == "GET /b");
    assert_eq!(insights(&run, &[], &Thresholds::default()), []);
}

#[test]
fn thresholds_can_be_moved() {
    let run = run(&[("m", "time", Unit::Nanoseconds, Better::Lower, 2e9)]);
    let strict = Thresholds { critical_ns: 1e9, ..Thresholds::default() };
    let found = bottlenecks(&run, &[], &strict);
    assert_eq!(found[0].severity, Severity::Critical);
    assert_eq!(found[0].what, "m (time) is at 2.00 s, above the threshold of 1 s");
    assert_eq!(found[0].cost, "1.00 s from the threshold");
}

#[test]
fn one_cause_is_told_once() {
    // Three cases of one target, one of them under a second target, and far beyond a general threshold.
    let ns = |id, value| (id, "time", Unit::Nanoseconds, Better::Lower, value);
    let run = run(&[ns("turn/2", 2e6), ns("turn/4", 3e6), ns("turn/8", 90e9), ns("other", 5e6)]);
    let text = target("D1", "turn/*", "floor = '1 ms'")
        + &target("D2", "turn/8", "floor = '1 s'\nimportance = 4")
        + &target("D3", "other", "floor = '1 ms'\ngoal = '1 us'\nimportance = 2");
    let rows = evaluate(&run, &read(&text));
    let found = bottlenecks(&run, &rows, &Thresholds::default());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].severity, Severity::Critical);
    assert_eq!(found[0].what, "turn/8 (time) is at 90.0 s and misses the floor of 1 ms, and 2 more");
    assert_eq!(found[0].evidence, ["turn/2 (time)", "turn/4 (time)", "turn/8 (time)"]);
    assert_eq!(found[0].requirements, ["D1", "D2"]);
    assert_eq!(found[0].cost, "90.0 s from the floor (90,000×)");

    let insights = insights(&run, &rows, &Thresholds::default());
    let told: Vec<(InsightKind, u8, usize)> =
        insights.iter().map(|insight| (insight.kind, insight.priority, insight.evidence.len())).collect();
    assert_eq!(told, [(InsightKind::Warning, 5, 3), (InsightKind::Warning, 3, 1)]);
    let action = &insights[1].actions[0];
    assert_eq!(action.gain.as_deref(), Some("5.00× to reach the floor of 1 ms"));
    assert_eq!(action.difficulty, Some(Difficulty::High));
}

#[test]
fn two_targets_that_a_third_joins_are_one_cause() {
    let ns = |id, value| (id, "time", Unit::Nanoseconds, Better::Lower, value);
    let run = run(&[ns("a/1", 2e6), ns("b/1", 3e6)]);
    let text = target("X", "a/*", "floor = '1 ms'")
        + &target("Y", "b/*", "floor = '1 ms'")
        + &target("Z", "*", "floor = '1 ms'");
    let rows = evaluate(&run, &read(&text));
    let found = bottlenecks(&run, &rows, &Thresholds::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].requirements, ["X", "Y", "Z"]);
}

#[test]
fn a_miss_that_is_not_sure_asks_for_more_runs() {
    let mut run = run(&[("m", "time", Unit::Nanoseconds, Better::Lower, 3.9e3)]);
    run.measurements[0].interval =
        Some(Interval { low: 3.5e3, high: 4.3e3, level: 0.95, method: "test".to_owned() });
    let rows = evaluate(&run, &read(&target("D1", "m", "floor = '10 ms'\ngoal = '4 us'")));
    let insights = insights(&run, &rows, &Thresholds::default());
    // The wide interval is part of the same cause, and is not told a second time.
    assert_eq!(insights.len(), 1);
    assert_eq!(insights[0].kind, InsightKind::Optimization);
    assert_eq!(insights[0].text, "m (time) is at 3.90 µs and is not surely within the goal of 4 us");
    assert_eq!(insights[0].actions.len(), 1);
    assert!(insights[0].actions[0].text.starts_with("measure it again, longer and on a quiet machine"));
    run.measurements[0].kind = Kind::Virtual;
    let rows = evaluate(&run, &read(&target("D1", "m", "floor = '10 ms'\ngoal = '4 us'")));
    let insights = super::insights(&run, &rows, &Thresholds::default());
    assert!(insights[0].actions[0].text.starts_with("simulate it over more seeds (`--profile full`)"));
}

#[test]
fn what_was_not_measured_is_told_louder_if_it_is_all() {
    let targets =
        read(&(target("K1", "x", "floor = 1\nimportance = 5") + &target("K2", "m", "floor = '1 h'")));
    let run = run(&[("m", "time", Unit::Nanoseconds, Better::Lower, 1.0)]);
    let found = insights(&run, &evaluate(&run, &targets), &Thresholds::default());
    let told: Vec<(InsightKind, u8)> = found.iter().map(|insight| (insight.kind, insight.priority)).collect();
    assert_eq!(told, [(InsightKind::Info, 4), (InsightKind::Success, 1)]);
    let empty = Run::new("empty");
    let found = insights(&empty, &evaluate(&empty, &targets), &Thresholds::default());
    assert_eq!(found[0].text, "no target was measured: this run proves nothing");
    assert_eq!((found[0].kind, found[0].priority), (InsightKind::Warning, 5));
    assert!(insights(&empty, &[], &Thresholds::default()).is_empty());
}

#[test]
fn loose_figures_are_named_together() {
    let ns = |id, value| (id, "time", Unit::Nanoseconds, Better::Lower, value);
    let mut run = run(&[ns("wide", 100.0), ns("tight", 100.0), ns("spiky", 100.0)]);
    let ends = |low, high| Some(Interval { low, high, level: 0.95, method: "test".to_owned() });
    run.measurements[0].interval = ends(80.0, 104.0);
    run.measurements[1].interval = ends(99.0, 101.0);
    run.measurements[2].samples =
        (0..20).map(|i| if i % 10 == 0 { 900.0 } else { 100.0 + f64::from(i) }).collect();
    let found = insights(&run, &[], &Thresholds::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].evidence, ["wide (time)", "spiky (time)"]);
    assert!(found[0].text.starts_with("2 measured figures are loosely known"));
    // Nothing that runs beside a simulation or a count changes it: more seeds do, and more inputs.
    run.measurements[0].kind = Kind::Virtual;
    let advice = |run: &Run| -> Vec<(String, Vec<String>)> {
        let found = insights(run, &[], &Thresholds::default());
        found.into_iter().map(|insight| (insight.actions[0].text.clone(), insight.evidence)).collect()
    };
    let found = advice(&run);
    assert_eq!(found.len(), 2);
    assert!(found[0].0.starts_with("measure longer") && found[0].1 == ["spiky (time)"], "{found:?}");
    assert!(found[1].0.contains("seeds (`--profile full`)") && found[1].1 == ["wide (time)"], "{found:?}");
    run.measurements[0].kind = Kind::Counted;
    assert!(advice(&run)[1].0.starts_with("count over more inputs"));
    run.measurements[0].kind = Kind::Loaded;
    assert_eq!(advice(&run).len(), 1);
}

#[test]
fn a_floor_that_a_whole_run_does_not_hold_is_a_warning() {
    let run = run(&[("m", "time", Unit::Nanoseconds, Better::Lower, 1.0)]);
    let whole = Thresholds { floors_must_be_measured: true, ..Thresholds::default() };
    let met = target("K2", "m", "floor = '1 h'");
    let told = |text: String| {
        let found = insights(&run, &evaluate(&run, &read(&(text + &met))), &whole);
        (found[0].kind, found[0].priority, found[0].text.clone())
    };
    let floor = target("K1", "x", "floor = 1\nimportance = 2");
    let goal = target("K3", "y", "goal = 1\nimportance = 2");
    let failing = "2 targets were not measured, one with a floor: this run should hold it, and fails";
    assert_eq!(told(floor + &goal), (InsightKind::Warning, 5, failing.to_owned()));
    let found = insights(&run, &evaluate(&run, &read(&(goal + &met))), &whole);
    let told: Vec<(InsightKind, &str)> =
        found.iter().map(|insight| (insight.kind, insight.text.as_str())).collect();
    assert_eq!(told[1], (InsightKind::Info, "one target was not measured"));
}
