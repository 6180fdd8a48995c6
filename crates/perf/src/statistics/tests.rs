//! Every procedure against the values that NumPy and SciPy computed, and how they did.

use assize_ambient::Seed;
use serde_json::Value;

use super::*;
use crate::run::Interval;

pub(super) fn fixture(name: &str) -> Value {
    let path = format!("{}/../../fixtures/perf/statistics/{name}", env!("CARGO_MANIFEST_DIR"));
    let value: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(
        value["how"]["script"].as_str().unwrap().contains("import"),
        "{name} must say how it was computed"
    );
    value
}

pub(super) fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[track_caller]
pub(super) fn close(ours: f64, theirs: &Value, within: f64, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    let scale = theirs.abs().max(1e-9);
    assert!((ours - theirs).abs() <= within * scale, "{what}: ours {ours}, theirs {theirs}");
}

#[test]
fn summaries_are_those_of_numpy() {
    for set in fixture("summaries.json")["sets"].as_array().unwrap() {
        let name = set["name"].as_str().unwrap();
        let samples = list(&set["samples"]);
        let ours = Summary::of(&samples).unwrap();
        assert_eq!(ours.n as u64, set["n"].as_u64().unwrap(), "{name}");
        for (figure, key) in [
            (ours.min, "min"),
            (ours.max, "max"),
            (ours.mean, "mean"),
            (ours.median, "median"),
            (ours.mad, "mad"),
            (ours.mad_scaled, "mad_scaled"),
        ] {
            close(figure, &set[key], 1e-12, &format!("{key} of {name}"));
        }
        match ours.sd {
            // NumPy sums the squares with less care than we do around an offset of 1e9.
            Some(sd) => close(sd, &set["sd"], 1e-9, &format!("sd of {name}")),
            None => assert!(set["sd"].is_null()),
        }
        let sorted = Sorted::new(&samples).unwrap();
        for pair in set["percentiles"].as_array().unwrap() {
            let p = pair[0].as_f64().unwrap();
            close(sorted.percentile(p), &pair[1], 1e-12, &format!("percentile {p} of {name}"));
        }
        assert_eq!(ours.p99.is_some(), samples.len() >= P99_NEEDS, "{name}");
        for (count, key) in [
            (ours.outliers.low_severe, "low_severe"),
            (ours.outliers.low_mild, "low_mild"),
            (ours.outliers.high_mild, "high_mild"),
            (ours.outliers.high_severe, "high_severe"),
        ] {
            assert_eq!(count as u64, set[key].as_u64().unwrap(), "{key} of {name}");
        }
    }
}

#[test]
fn student_and_wilson_intervals_are_those_of_scipy() {
    let fixture = fixture("intervals.json");
    for case in fixture["student"].as_array().unwrap() {
        let ours = student_interval(&list(&case["samples"]), case["level"].as_f64().unwrap()).unwrap();
        close(ours.low, &case["low"], 1e-9, "student, low");
        close(ours.high, &case["high"], 1e-9, "student, high");
    }
    for case in fixture["wilson"].as_array().unwrap() {
        let count = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        let level = case["level"].as_f64().unwrap();
        let ours = wilson_interval(count("successes"), count("trials"), level).unwrap();
        close(ours.low, &case["low"], 1e-9, "wilson, low");
        close(ours.high, &case["high"], 1e-9, "wilson, high");
    }
}

fn the_mean(samples: &[f64]) -> f64 {
    mean(samples).unwrap()
}

fn the_median(samples: &[f64]) -> f64 {
    Sorted::new(samples).unwrap().median()
}

#[test]
fn a_bootstrap_draws_from_all_resamples() {
    for case in fixture("intervals.json")["exact_bootstrap"].as_array().unwrap() {
        let statistic = match case["statistic"].as_str().unwrap() {
            "mean" => the_mean,
            _ => the_median,
        };
        let bootstrap = Bootstrap::new(Seed::new(5)).resamples(20_000).level(case["level"].as_f64().unwrap());
        let ours = bootstrap.of(&list(&case["samples"]), statistic).unwrap();
        close(ours.low, &case["low"], 0.01, "exact, low");
        close(ours.high, &case["high"], 0.01, "exact, high");
    }
}

#[test]
fn bootstraps_agree_with_scipy() {
    let fixture = fixture("intervals.json");
    let (a, b) = (list(&fixture["bootstrap"]["a"]), list(&fixture["bootstrap"]["b"]));
    let bootstrap = Bootstrap::new(Seed::new(11));
    let cases: [(&str, Option<Interval>); 6] = [
        ("mean_of_a", bootstrap.of(&a, the_mean)),
        ("median_of_a", bootstrap.of(&a, the_median)),
        ("paired_difference", bootstrap.paired_difference(&a, &b)),
        ("difference", bootstrap.difference(&a, &b, the_mean)),
        ("ratio", bootstrap.ratio(&a, &b, the_mean)),
        ("paired_ratio", bootstrap.paired_ratio(&a, &b)),
    ];
    for (name, ours) in cases {
        let theirs = &fixture["bootstrap"][name];
        let (low, high) = (theirs["low"].as_f64().unwrap(), theirs["high"].as_f64().unwrap());
        let ours = ours.unwrap();
        // Two random draws of an end differ by a few percent of the width.
        let slack = 0.05 * (high - low);
        assert!(
            (ours.low - low).abs() < slack && (ours.high - high).abs() < slack,
            "{name}: {ours:?}, {low}, {high}"
        );
    }
}

#[test]
fn corrected_bootstraps_agree_with_scipy() {
    let fixture = fixture("pairs.json");
    let (a, b) = (list(&fixture["bca"]["a"]), list(&fixture["bca"]["b"]));
    let bootstrap = Bootstrap::new(Seed::new(12));
    for (name, ours) in [
        ("mean_of_a", bootstrap.bca(&a, the_mean)),
        ("standard_deviation_of_a", bootstrap.bca(&a, |drawn| standard_deviation(drawn).unwrap())),
        ("paired_difference", bootstrap.paired_difference_bca(&a, &b)),
    ] {
        let theirs = &fixture["bca"][name];
        let (low, high) = (theirs["low"].as_f64().unwrap(), theirs["high"].as_f64().unwrap());
        let ours = ours.unwrap();
        let slack = 0.05 * (high - low);
        assert!(
            (ours.low - low).abs() < slack && (ours.high - high).abs() < slack,
            "{name}: {ours:?}, {low}, {high}"
        );
    }
    let constant = bootstrap.paired_difference_bca(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0]).unwrap();
    assert!((constant.low - 2.0).abs() < 1e-12 && (constant.high - 2.0).abs() < 1e-12);
}

#[test]
fn tests_of_pairs_are_those_of_statsmodels() {
    let fixture = fixture("pairs.json");
    for case in fixture["mcnemar"].as_array().unwrap() {
        let count = |key: &str| case[key].as_u64().unwrap();
        close(mcnemar(count("only_a"), count("only_b")), &case["p"], 1e-9, "mcnemar");
    }
    for case in fixture["holm"].as_array().unwrap() {
        let ours = holm(&list(&case["p"]));
        for (ours, theirs) in ours.iter().zip(case["adjusted"].as_array().unwrap()) {
            close(*ours, theirs, 1e-12, "holm");
        }
    }
}

#[test]
fn lines_are_those_of_scipy() {
    for case in fixture("lines.json")["lines"].as_array().unwrap() {
        let points: Vec<(f64, f64)> =
            case["points"].as_array().unwrap().iter().map(|p| (list(p)[0], list(p)[1])).collect();
        let ours = fit_line(&points).unwrap();
        close(ours.slope, &case["slope"], 1e-9, "slope");
        close(ours.intercept, &case["intercept"], 1e-9, "intercept");
        close(ours.r_squared, &case["r_squared"], 1e-9, "r squared");
        close(ours.slope_error.unwrap(), &case["slope_error"], 1e-9, "error of the slope");
        let interval = ours.slope_interval(0.95).unwrap();
        close(interval.low, &case["slope_low"], 1e-8, "slope, low");
        close(interval.high, &case["slope_high"], 1e-8, "slope, high");
    }
}
