//! Schedules: exact, in order, as many as the rate says.

use proptest::prelude::*;

use super::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn schedule(phases: Vec<Phase>) -> Schedule {
    Schedule::new(phases, Seed::new(3)).unwrap()
}

#[test]
fn an_even_rate_does_not_drift() {
    // A third of a second cannot be written in nanoseconds: adding it up would be off by 1,200 s / 3 roundings.
    let starts: Vec<Start> = schedule(vec![Phase::constant(3.0, seconds(1_200))]).starts().collect();
    assert_eq!(starts.len(), 3_600);
    for (k, start) in (0_u64..).zip(&starts) {
        let exact = k * 1_000_000_000 / 3;
        assert!(nanoseconds(start.at).abs_diff(exact) <= 1, "{k}: {start:?}");
    }
}

#[test]
fn a_ramp_has_as_many_starts_as_the_area_under_it() {
    let ramp = schedule(vec![Phase::ramp(0.0, 100.0, seconds(10))]);
    let starts: Vec<Start> = ramp.starts().collect();
    assert_eq!(starts.len(), 499, "half of 100 × 10, less the one at the end");
    // 5 t² starts by t: the 125th after 5 s.
    assert_eq!(starts[124].at, seconds(5));
    let down: Vec<Start> = schedule(vec![Phase::ramp(100.0, 0.0, seconds(10))]).starts().collect();
    assert_eq!(down.len(), 500);
    assert_eq!(down[0].at, Duration::ZERO);
}

#[test]
fn phases_follow_one_another_and_a_warm_up_does_not_count() {
    let all = schedule(vec![
        Phase::constant(10.0, seconds(1)).as_warm_up(),
        Phase::constant(0.0, seconds(1)),
        Phase::constant(2.0, seconds(1)),
    ]);
    let starts: Vec<Start> = all.starts().collect();
    // A rate of nothing has the start that its phase begins with in no other case.
    assert_eq!(starts.iter().filter(|start| !start.counts).count(), 10);
    let counted: Vec<_> = starts.iter().filter(|start| start.counts).map(|s| s.at.as_millis()).collect();
    assert_eq!(counted, [2_000, 2_500]);
    assert_eq!(all.counted(), (seconds(1), seconds(3)));
}

#[test]
fn chance_comes_as_often_as_the_rate_says_and_as_unevenly_as_poisson() {
    let all: Vec<Start> = schedule(vec![Phase::poisson(50.0, seconds(2_000))]).starts().collect();
    let mut per_second = vec![0.0; 2_000];
    for start in &all {
        per_second[usize::try_from(start.at.as_secs()).unwrap()] += 1.0;
    }
    let mean = per_second.iter().sum::<f64>() / 2_000.0;
    let variance = per_second.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / 1_999.0;
    assert!((mean - 50.0).abs() < 0.7, "{mean}");
    assert!((variance / mean - 1.0).abs() < 0.12, "dispersion {}", variance / mean);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for phases in [
        vec![],
        vec![Phase::constant(1.0, Duration::ZERO)],
        vec![Phase::constant(-1.0, seconds(1))],
        vec![Phase::constant(f64::NAN, seconds(1))],
        vec![Phase::constant(1e9, seconds(1))],
        vec![Phase::constant(1.0, seconds(3_000_000))],
    ] {
        assert_eq!(Schedule::new(phases, Seed::new(0)).unwrap_err().kind(), ErrorKind::InvalidPlan);
    }
}

proptest! {
    #[test]
    fn starts_are_in_order_and_within(
        phases in prop::collection::vec((0.0_f64..300.0, 0.0_f64..300.0, 1_u64..4, any::<bool>()), 1..4),
        seed: u64,
    ) {
        let phases: Vec<Phase> = phases.into_iter().map(|(from, to, lasts, even)| Phase {
            spacing: if even { Spacing::Even } else { Spacing::Poisson },
            ..Phase::ramp(from, to, seconds(lasts))
        }).collect();
        let expected: f64 = phases.iter().map(Phase::expected).sum();
        let schedule = Schedule::new(phases, Seed::new(seed)).unwrap();
        let starts: Vec<Start> = schedule.starts().collect();
        prop_assert!(starts.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].number + 1 == pair[1].number));
        prop_assert!(starts.iter().all(|start| start.at <= schedule.lasts()));
        prop_assert!((crate::number::len(&starts) - expected).abs() <= 8.0 + 7.0 * expected.sqrt());
        prop_assert_eq!(schedule.starts().collect::<Vec<_>>(), starts);
    }
}
