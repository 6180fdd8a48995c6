//! Tests of what costs and changes come from.

use super::*;
use crate::{
    compare::Rules,
    run::{Better, Frame, Kind, Measurement, Profile},
};

fn planted(name: &str) -> Run {
    let file = format!("{}/../../fixtures/perf/explain/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Run::from_json(&std::fs::read(file).unwrap(), name).unwrap()
}

fn rules() -> Rules {
    Rules { samples_are_runs: true, ..Rules::default() }
}

fn between(before: &Run, after: &Run) -> Vec<Explanation> {
    let (before, after) = (std::slice::from_ref(before), std::slice::from_ref(after));
    explain_changes(&Changes::between(before, after, &rules()), before, after)
}

fn told(found: &[Explanation]) -> Vec<(&str, Origin)> {
    let mut told: Vec<_> = found.iter().map(|one| (one.subject.as_str(), one.origin)).collect();
    told.sort_unstable();
    told
}

/// A metric before and after.
type Metric<'a> = (&'a str, f64, f64);

/// A figure of time, processor's time or a count, twelve samples alike.
fn figure(id: &str, metric: &str, value: f64) -> Measurement {
    let (unit, kind) = match metric {
        "time" | "cpu-time" => (Unit::Nanoseconds, Kind::Timed),
        "allocated" | "retained" | "heap-peak" | "heap-total" => (Unit::Bytes, Kind::Counted),
        "throughput" => (Unit::PerSecond, Kind::Timed),
        _ => (Unit::Count, Kind::Counted),
    };
    let better = if metric == "throughput" { Better::Higher } else { Better::Lower };
    let samples = (0..12).map(|n| value * (1.0 + 0.001 * f64::from(n - 6))).collect::<Vec<f64>>();
    Measurement::new(id, metric, unit, better, kind, value).with_samples(samples).at("benches/rows.rs:7")
}

fn run(figures: &[(&str, &str, f64)]) -> Run {
    let figures = figures.iter().map(|(id, metric, value)| figure(id, metric, *value));
    Run { measurements: figures.collect(), ..Run::new("test") }
}

#[test]
fn every_planted_slow_down_is_told_once_by_its_origin_and_place() {
    let found = between(&planted("before"), &planted("after"));
    assert_eq!(
        told(&found),
        [
            ("planted/ask", Origin::Waits),
            ("planted/compute", Origin::Work),
            ("planted/serve", Origin::Leak),
            ("planted/twice/*", Origin::Algorithm),
            ("planted/write", Origin::Allocation),
        ]
    );
    for one in &found {
        assert!(one.is_change && one.factor > 1.0 && !one.evidence.is_empty(), "{one:?}");
        assert!(one.places[0].starts_with("crates/perf/examples/planted.rs:"), "{:?}", one.places);
    }
    let of = |origin| found.iter().find(|one| one.origin == origin).unwrap();
    assert!(of(Origin::Waits).share.unwrap() > 0.8, "{:?}", of(Origin::Waits));
    assert!(
        of(Origin::Algorithm).text.contains("now grows with its square"),
        "{}",
        of(Origin::Algorithm).text
    );
    assert_eq!(of(Origin::Leak).gain(), None, "no share, no gain");
}

#[test]
fn a_run_as_it_was_has_nothing_to_explain() {
    let before = planted("before");
    assert_eq!(told(&between(&before, &before)), []);
    assert_eq!(told(&explain(&before)), []);
}

#[test]
fn what_stands_as_it_is_is_told_without_a_baseline() {
    let found = explain(&planted("after"));
    assert_eq!(
        told(&found),
        [
            ("planted/ask", Origin::Waits),
            ("planted/serve", Origin::Leak),
            ("planted/twice/*", Origin::Algorithm),
        ]
    );
    assert_eq!(found[0].origin, Origin::Leak, "it does not end by itself");
}

#[test]
fn the_origin_follows_from_what_stands_beside_the_time() {
    use Origin::{Allocation, Leak, Unknown, Waits, Work};
    let table: [(&str, &[Metric<'_>], &[Origin]); 9] = [
        ("nothing beside it", &[("time", 1e6, 2e6)], &[Unknown]),
        ("the processor idles", &[("time", 1e6, 2e6), ("cpu-time", 1e6, 1.1e6)], &[Waits]),
        ("the processor works", &[("time", 1e6, 2e6), ("cpu-time", 1e6, 1.9e6)], &[Work]),
        (
            "and asks for memory",
            &[("time", 1e6, 2e6), ("cpu-time", 1e6, 1.9e6), ("allocations", 10.0, 900.0)],
            &[Allocation],
        ),
        (
            "two causes are two statements",
            &[("time", 1e6, 9e6), ("cpu-time", 1e6, 1.1e6), ("allocations", 10.0, 900.0)],
            &[Waits, Allocation],
        ),
        (
            "one cause in three metrics",
            &[("time", 1e6, 2e6), ("cpu-time", 1e6, 2e6), ("throughput", 9.0, 4.5)],
            &[Work],
        ),
        ("instructions", &[("instructions", 1e6, 2e6), ("allocations", 9.0, 9.0)], &[Work]),
        ("kept memory", &[("retained", 0.0, 64.0)], &[Leak]),
        ("all the better", &[("time", 2e6, 1e6), ("allocations", 900.0, 10.0)], &[]),
    ];
    for (what, metrics, origins) in table {
        let side = |pick: fn(&Metric<'_>) -> f64| {
            let figures: Vec<_> = metrics.iter().map(|one| ("rows", one.0, pick(one))).collect();
            run(&figures)
        };
        let found = between(&side(|one| one.1), &side(|one| one.2));
        let mut got: Vec<Origin> = found.iter().map(|one| one.origin).collect();
        got.sort_unstable();
        assert_eq!(got, origins, "{what}: {found:?}");
    }
}

#[test]
fn an_allocation_for_each_thing_is_no_other_algorithm() {
    let side = |allocations: fn(f64) -> f64| {
        let sizes = [250.0, 500.0, 1_000.0, 2_000.0, 4_000.0];
        let figures: Vec<(String, f64)> =
            sizes.into_iter().map(|size| (format!("rows/{size}"), allocations(size))).collect();
        let figures: Vec<_> = figures.iter().map(|(id, n)| (id.as_str(), "allocations", *n)).collect();
        run(&figures)
    };
    let found = between(&side(|_| 56.0), &side(|n| 56.0 + 4.0 * n));
    assert!(found.iter().all(|one| one.origin == Origin::Allocation) && !found.is_empty(), "{found:?}");
    let found = between(&side(|_| 56.0), &side(|n| 56.0 + n * n));
    assert_eq!(told(&found), [("rows/*", Origin::Algorithm)]);
}

#[test]
fn the_crossover_is_where_the_new_growth_overtakes_the_old() {
    let side = |cost: fn(f64) -> f64| {
        let figures: Vec<(String, f64)> = [10.0, 20.0, 40.0, 80.0, 160.0, 320.0]
            .into_iter()
            .map(|size| (format!("rows/{size}"), cost(size)))
            .collect();
        let figures: Vec<_> = figures.iter().map(|(id, cost)| (id.as_str(), "instructions", *cost)).collect();
        run(&figures)
    };
    // They meet at 100.
    let found = between(&side(|n| 1_000.0 * n), &side(|n| 10.0 * n * n));
    assert_eq!(told(&found), [("rows/*", Origin::Algorithm)]);
    assert!(
        found[0].text.contains("grew in proportion with the size and now grows with its square"),
        "{}",
        found[0].text
    );
    assert!(
        found[0].text.contains("from size 100 on") || found[0].text.contains("from size 101 on"),
        "{}",
        found[0].text
    );
    assert!((found[0].share.unwrap() - 0.6875).abs() < 1e-9, "1,024,000 of which 320,000 were there before");
    // Four sizes say nothing of growth, and the worse ones are more work.
    let four = |run: Run| Run { measurements: run.measurements.into_iter().skip(2).collect(), ..run };
    let found = between(&four(side(|n| 1_000.0 * n)), &four(side(|n| 10.0 * n * n)));
    assert_eq!(told(&found), [("rows/*", Origin::Work)]);
}

#[test]
fn the_heaviest_place_and_the_hottest_function_are_where_it_is() {
    let mut before = run(&[("rows", "time", 1e6), ("rows", "allocations", 10.0)]);
    let mut after = run(&[("rows", "time", 2e6), ("rows", "allocations", 20.0)]);
    let heap = figure("rows", "heap-total", 4096.0)
        .with_note("site 1: 3072 bytes in 10 blocks (75.0 %): split at src/rows.rs:41");
    after.measurements.push(heap.clone());
    before.measurements.push(figure("rows", "heap-total", 1024.0));
    let stack = |function: &str, weight| {
        (vec![Frame::new("main"), Frame::new(function).at("src/rows.rs", 40)], weight)
    };
    before.profiles.push(Profile::of("rows", Unit::Count, [stack("read", 80.0), stack("split", 20.0)]));
    after.profiles.push(Profile::of("rows", Unit::Count, [stack("read", 80.0), stack("split", 70.0)]));
    let found = between(&before, &after);
    assert_eq!(told(&found), [("rows", Origin::Allocation)]);
    // `read` takes most of it, but it is `split` that grew.
    assert_eq!(found[0].places[0], "split at src/rows.rs:40 (46.7 % of profile rows)");
    assert_eq!(found[0].places[1], "split at src/rows.rs:41");
    assert!(
        found[0].text.contains("most is asked for by split at src/rows.rs:41 (75.0 % of heap-total)"),
        "{}",
        found[0].text
    );

    let alone = Run { measurements: vec![heap], profiles: after.profiles.clone(), ..Run::new("test") };
    let found = explain(&alone);
    assert_eq!(told(&found), [("rows", Origin::Allocation), ("rows", Origin::Function)]);
    assert_eq!(found[0].gain().as_deref(), Some("at most 4.00×, as it is 75.0 % of heap-total"));
}

#[test]
fn a_bound_is_amdahls_and_never_without_end() {
    let one = |share| Explanation { share, ..explain(&planted("after"))[0].clone() };
    assert_eq!(one(None).bound(), None);
    assert!((one(Some(0.5)).bound().unwrap() - 2.0).abs() < 1e-12);
    assert!((one(Some(1.0)).bound().unwrap() - 1_000.0).abs() < 1e-6);
    assert_eq!(one(Some(f64::NAN)).bound(), None);
}
