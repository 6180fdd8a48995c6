//! The parts against what asv, SciPy and brute force compute; the whole on series whose steps are known.

use assize_ambient::Seed;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn reference() -> Value {
    let path = format!("{}/../../fixtures/perf/change_points/reference.json", env!("CARGO_MANIFEST_DIR"));
    let value: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(value["how"]["script"].as_str().unwrap().contains("import detect_steps"));
    value
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Normal noise of one per cent about 100, times a level.
fn noisy(seed: u64, levels: &[(usize, f64)], sd: f64) -> Vec<f64> {
    let mut chance = Seed::new(seed).rng();
    let all = levels.iter().flat_map(|(n, level)| std::iter::repeat_n(*level, *n));
    all.map(|level| level * (1.0 + sd * normal::quantile(chance.unit().clamp(1e-12, 1.0 - 1e-12)))).collect()
}

fn found(series: &[f64]) -> Vec<usize> {
    Detector::default().changes(series).iter().map(|change| change.index).collect()
}

#[test]
fn the_second_method_is_that_of_asv() {
    for one in reference()["potts"].as_array().unwrap() {
        let steps: Vec<usize> =
            numbers(&one["steps"]).iter().map(|x| format!("{x}").parse().unwrap()).collect();
        assert_eq!(potts_steps(&numbers(&one["values"])), steps, "{}", one["name"]);
    }
    assert!(potts_steps(&[]).is_empty() && potts_steps(&[1.0]).is_empty());
    assert!(potts_steps(&[1.0, f64::NAN, 2.0]).is_empty());
}

#[test]
fn quantiles_are_those_of_scipy() {
    for pair in reference()["quantiles"].as_array().unwrap() {
        let (p, expected) = (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap());
        let ours = normal::quantile(p);
        assert!((ours - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{p}: {ours} {expected}");
        if p > 1e-20 {
            assert!((normal::cdf(ours) - p).abs() <= 1e-13 * p.max(1e-3), "{p}");
        }
    }
}

#[test]
fn the_tail_of_the_best_place_is_that_of_simulations() {
    for one in reference()["best"].as_array().unwrap() {
        let read = |key: &str| usize::try_from(one[key].as_u64().unwrap()).unwrap();
        let (n, least) = (read("n"), read("least"));
        let (z, simulated) = (one["z"].as_f64().unwrap(), one["p"].as_f64().unwrap());
        let ours = significance::p_of_best(z, n, least..=n - least);
        // An approximation for tails: it may be a quarter off, and rather too large.
        assert!(
            ours > 0.9 * simulated && ours < 1.5 * simulated + 1e-4,
            "{n} {least} {z}: {ours} {simulated}"
        );
    }
    assert!((significance::p_of_best(0.0, 100, 3..=97) - 1.0).abs() < f64::EPSILON);
    assert!((significance::p_of_best(9.0, 5, 3..=5) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_series_without_a_change_has_none() {
    for seed in 0..40 {
        for sd in [0.0, 0.01, 0.03, 0.3] {
            let confirmed = Detector::default().changes(&noisy(seed, &[(100, 100.0)], sd));
            assert!(confirmed.iter().all(|change| change.status == Status::Pending), "{seed} {sd}");
        }
    }
    assert!(found(&[]).is_empty());
    assert!(found(&[1.0; 5]).is_empty());
    assert!(found(&[0.0; 50]).is_empty());
    let sawtooth: Vec<f64> = (0..90).map(|at| if at % 2 == 0 { 100.0 } else { 140.0 }).collect();
    assert!(found(&sawtooth).is_empty());
}

#[test]
fn steps_are_found_where_they_are() {
    assert_eq!(found(&noisy(1, &[(40, 100.0), (60, 110.0)], 0.01)), [40]);
    assert_eq!(found(&noisy(2, &[(40, 100.0), (30, 110.0), (30, 104.0)], 0.005)), [40, 70]);
    // Up and down again: neither half of the series differs from the other by much.
    assert_eq!(found(&noisy(3, &[(60, 100.0), (12, 112.0), (60, 100.0)], 0.01)), [60, 72]);
    assert_eq!(found(&noisy(4, &[(200, 100.0); 1], 0.01).repeat(3)), Vec::<usize>::new());
    let stairs: Vec<(usize, f64)> =
        [100.0, 106.0, 112.0, 119.0, 126.0, 134.0].iter().map(|level| (40, *level)).collect();
    let places = found(&noisy(5, &stairs, 0.005));
    assert_eq!(places, [40, 80, 120, 160, 200]);
    // Without any noise.
    let clear: Vec<f64> = [vec![5.0; 25], vec![9.0; 25], vec![7.0; 25]].concat();
    assert_eq!(found(&clear), [25, 50]);
}

#[test]
fn spikes_are_no_steps() {
    let mut series = noisy(7, &[(100, 100.0)], 0.01);
    for at in [3, 20, 21, 50, 77, 98, 99] {
        series[at] *= 1.5;
    }
    assert!(found(&series).is_empty());
    let mut series = noisy(8, &[(50, 100.0), (50, 105.0)], 0.01);
    for at in [3, 20, 48, 53, 77, 98] {
        series[at] *= 1.4;
    }
    assert_eq!(found(&series), [50]);
}

#[test]
fn a_small_change_is_below_the_floor() {
    let series = noisy(9, &[(300, 100.0), (300, 101.0)], 0.005);
    assert!(found(&series).is_empty());
    let sharp = Detector { floor: 0.005, ..Detector::default() };
    assert_eq!(sharp.changes(&series).len(), 1);
}

#[test]
fn a_late_step_is_pending_until_enough_points_follow() {
    let series = noisy(10, &[(80, 100.0), (30, 110.0)], 0.01);
    let status = |n: usize| {
        let changes = Detector::default().changes(&series[..n]);
        changes.last().map(|change| (change.index, change.status))
    };
    assert_eq!(status(82), None, "two points may be a spike");
    assert_eq!(status(85), Some((80, Status::Pending)));
    assert_eq!(status(87), Some((80, Status::Pending)));
    assert_eq!(status(88), Some((80, Status::Confirmed)));
    assert_eq!(status(110), Some((80, Status::Confirmed)));
}

#[test]
fn a_change_says_how_much() {
    let change = &Detector::default().changes(&noisy(11, &[(60, 200.0), (60, 230.0)], 0.02))[0];
    let interval = change.interval.as_ref().unwrap();
    assert!(interval.contains(1.15) && interval.contains(change.ratio.unwrap()), "{change:?}");
    assert!(interval.high - interval.low < 0.05);
    assert!((change.after / change.before - change.ratio.unwrap()).abs() < 1e-12);
    assert!(change.p < 1e-6);
    // Below zero there is no ratio.
    let series: Vec<f64> = noisy(11, &[(60, 200.0), (60, 230.0)], 0.02).iter().map(|x| x - 215.0).collect();
    let change = &Detector::default().changes(&series)[0];
    assert_eq!((change.index, change.ratio, &change.interval), (60, None, &None));
}

#[test]
fn missing_points_keep_their_positions() {
    let mut series = noisy(12, &[(50, 100.0), (50, 110.0)], 0.01);
    series.insert(20, f64::NAN);
    series.insert(60, f64::INFINITY);
    assert_eq!(found(&series), [51]);
}

#[test]
fn dependence_on_the_past_is_seen() {
    let noise = noisy(13, &[(2_000, 1.0)], 1.0);
    let mut last = 0.0;
    let drift: Vec<f64> = noise
        .iter()
        .map(|noise| {
            last = 0.5 * last + (noise - 1.0);
            last
        })
        .collect();
    let of = |values: &[f64]| significance::inflation(&scores::normal_scores(values));
    assert!((1.0..1.3).contains(&of(&noise)), "{}", of(&noise));
    assert!((2.7..4.0).contains(&of(&drift)), "{}", of(&drift));
}

#[test]
fn a_bad_detector_is_no_trouble() {
    let series = noisy(14, &[(50, 100.0), (50, 110.0)], 0.01);
    for detector in [
        Detector { least_segment: 0, ..Detector::default() },
        Detector { least_segment: usize::MAX / 4, ..Detector::default() },
        Detector { settled_after: 0, ..Detector::default() },
        Detector { settled_after: usize::MAX / 8, ..Detector::default() },
        Detector { alpha: f64::NAN, voted_alpha: f64::NAN, floor: f64::NAN, ..Detector::default() },
        Detector { alpha: 2.0, voted_alpha: 2.0, pending_alpha: 2.0, ..Detector::default() },
    ] {
        let _ = detector.changes(&series);
    }
}

/// The energy statistic as it is defined, pair by pair.
fn energy(scores: &[f64], place: usize) -> f64 {
    let (x, y) = scores.split_at(place);
    let pairs =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().flat_map(|a| b.iter().map(move |b| (a - b).abs())).sum() };
    let (n, m) = (real(x.len()), real(y.len()));
    let energy = 2.0 * pairs(x, y) / (n * m) - pairs(x, x) / (n * (n - 1.0)) - pairs(y, y) / (m * (m - 1.0));
    energy * n * m / (n + m)
}

proptest! {
    #[test]
    fn the_split_has_the_most_energy(values in prop::collection::vec(0_u8..30, 6..60)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let scores = scores::normal_scores(&values);
        prop_assume!(values.iter().any(|value| (value - values[0]).abs() > 0.5));
        let (place, deviate) = split::divide(&values, 3, 3, usize::MAX).unwrap();
        let most = (3..=values.len() - 3).map(|place| energy(&scores, place)).fold(f64::MIN, f64::max);
        prop_assert!((energy(&scores, place) - most).abs() < 1e-9);
        prop_assert!(deviate >= 0.0);
    }

    #[test]
    fn distances_are_those_to_the_median(values in prop::collection::vec(-50_i8..50, 1..90), at in 0.0..1.0_f64, to in 0.0..1.0_f64) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let place = |share: f64| (0..values.len()).take_while(|i| real(*i) < share * real(values.len() - 1)).count();
        let (from, to) = (place(at.min(to)), place(at.max(to)) + 1);
        let median = crate::statistics::Sorted::new(&values[from..to]).unwrap().median();
        let expected: f64 = values[from..to].iter().map(|value| (value - median).abs()).sum();
        let (distance, ours) = potts::distance_and_median(&values, from, to);
        prop_assert!((distance - expected).abs() < 1e-9 && (ours - median).abs() < 1e-9);
    }

    #[test]
    fn neither_scale_nor_any_series_is_trouble(values in prop::collection::vec(prop::num::f64::ANY, 0..80), scale in 0.001_f64..1e6) {
        let changes = Detector::default().changes(&values);
        prop_assert!(changes.windows(2).all(|pair| pair[0].index < pair[1].index));
        prop_assert!(changes.iter().all(|change| change.index < values.len() && (0.0..=1.0).contains(&change.p)));
        let series = noisy(15, &[(30, 100.0), (30, 120.0)], 0.02);
        let scaled: Vec<f64> = series.iter().map(|value| value * scale).collect();
        prop_assert_eq!(found(&series), found(&scaled));
    }
}
