//! What two sets of runs are compared by, against SciPy, statsmodels and the library of benchstat.

use assize_ambient::Seed;
use serde_json::Value;

use super::{
    power::Plan,
    tests::{close, fixture, list},
    *,
};

fn cases<'a>(fixture: &'a Value, section: &str) -> impl Iterator<Item = (&'a Value, Vec<f64>, Vec<f64>)> {
    let cases = fixture[section].as_array().unwrap();
    cases.iter().map(|case| (case, list(&case["a"]), list(&case["b"])))
}

fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|x| x.ln()).collect()
}

#[test]
fn tests_of_few_values_are_those_of_scipy() {
    for (case, a, b) in cases(&fixture("comparisons.json"), "small") {
        let name = case["name"].as_str().unwrap();
        let ranks = rank_sums(&a, &b).unwrap();
        close(ranks.u, &case["u"], 1e-12, name);
        close(ranks.p, &case["p"], 1e-9, name);
        assert!(ranks.is_exact);
        close(cliffs_delta(&a, &b).unwrap(), &case["delta"], 1e-12, name);
        let means = permutation_of_means(&a, &b, Seed::new(1)).unwrap();
        close(means.p, &case["p_of_means"], 1e-9, name);
        assert!(means.is_exact);
        let test = welch(&logs(&a), &logs(&b), 0.95).unwrap();
        for (ours, key) in [
            (test.t, "t"),
            (test.freedom, "freedom"),
            (test.p, "p"),
            (test.interval.low, "low"),
            (test.interval.high, "high"),
        ] {
            close(ours, &case["welch"][key], 1e-7, &format!("{key} of {name}"));
        }
    }
}

#[test]
fn tests_of_many_values_are_those_of_scipy() {
    for (case, a, b) in cases(&fixture("comparisons.json"), "large") {
        let ranks = rank_sums(&a, &b).unwrap();
        close(ranks.u, &case["u"], 1e-12, "u");
        close(ranks.p, &case["p"], 1e-9, "p");
        assert!(!ranks.is_exact);
    }
}

#[test]
fn tests_are_those_of_benchstat() {
    let fixture = fixture("comparisons.json");
    let theirs = &fixture["benchstat"];
    for (case, a, b) in cases(theirs, "small") {
        close(rank_sums(&a, &b).unwrap().p, &case["p"], 1e-9, "small");
    }
    let even: Vec<f64> = (0..500).map(|i| f64::from(i) * 2.0).collect();
    let mut odd: Vec<f64> = (0..600).map(|i| f64::from(i) * 2.0 - 41.0).collect();
    close(rank_sums(&even, &odd).unwrap().p, &theirs["p_of_these"], 1e-9, "large");
    odd[..30].copy_from_slice(&even[..30]);
    close(rank_sums(&even, &odd).unwrap().p, &theirs["p_with_the_first_30_alike"], 1e-9, "large with ties");
}

#[test]
fn shifts_are_what_scipys_test_does_not_reject() {
    for (case, a, b) in cases(&fixture("comparisons.json"), "shifts") {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (logs(&a), logs(&b));
        close(hodges_lehmann(&a, &b).unwrap(), &case["shift"], 1e-9, name);
        let interval = shift_interval(&a, &b, 0.95).unwrap();
        close(interval.low, &case["low"], 1e-9, name);
        close(interval.high, &case["high"], 1e-9, name);
        close(interval.level, &case["level"], 1e-9, name);
    }
}

#[test]
fn corrected_bootstraps_of_shifts_agree_with_scipy() {
    for (case, a, b) in cases(&fixture("comparisons.json"), "bca") {
        let ours = Bootstrap::new(Seed::new(8)).resamples(5_000).shift(&logs(&a), &logs(&b)).unwrap();
        let (low, high) = (case["low"].as_f64().unwrap(), case["high"].as_f64().unwrap());
        let slack = 0.05 * (high - low);
        assert!((ours.low - low).abs() < slack && (ours.high - high).abs() < slack, "{ours:?} {low} {high}");
    }
}

#[test]
fn adjustments_and_noise_are_those_of_statsmodels_and_numpy() {
    let fixture = fixture("comparisons.json");
    for case in fixture["benjamini_hochberg"].as_array().unwrap() {
        let ours = benjamini_hochberg(&list(&case["p"]));
        for (ours, theirs) in ours.iter().zip(case["adjusted"].as_array().unwrap()) {
            close(*ours, theirs, 1e-12, "Benjamini and Hochberg");
        }
    }
    for case in fixture["noise"].as_array().unwrap() {
        let noise = Noise::learned(list(&case["series"]).into_iter().map(|value| (None, value)));
        close(noise.share, &case["share"], 1e-9, "noise");
    }
}

#[test]
fn what_can_be_shown_is_what_scipy_shows() {
    let fixture = fixture("comparisons.json");
    for case in fixture["smallest_p"].as_array().unwrap() {
        let count = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        close(smallest_p(count("n"), count("m")), &case["p"], 1e-9, "smallest p");
    }
    // By the normal distribution, and for a test of means: ours is by Student's, and for ranks.
    for case in fixture["runs"].as_array().unwrap() {
        let figure = |key: &str| case[key].as_f64().unwrap();
        let plan = Plan { alpha: figure("alpha"), level: 1.0 - figure("alpha"), ..Plan::default() };
        let ours = real(plan.runs_to_decide(figure("effect"), 1.0).unwrap());
        let theirs = figure("n") * std::f64::consts::FRAC_PI_3;
        assert!(ours >= theirs && ours <= theirs + 5.0, "{ours} {theirs}");
    }
}
