//! What calibrations learn from made-up tokenizers whose truth is known.

use std::sync::Arc;
use std::thread;

use assize_ambient::Seed;
use assize_metering::{
    Calibration, Calibrator, CharacterEstimator, Estimate, Exactness, Observed, TokenCounter,
};
use proptest::prelude::*;

const PRIOR: Exactness = Exactness::Estimated { per_mille: 250 };

fn per_mille(exactness: Exactness) -> u32 {
    match exactness {
        Exactness::Estimated { per_mille } => per_mille,
        other => panic!("a calibration is never {other}"),
    }
}

/// A vendor's tokenizer: `factor × estimate + offset`, noise of so many parts in a thousand, one report in ten wrong by ten.
#[derive(Debug, Clone, Copy)]
struct Vendor {
    factor: f64,
    offset: f64,
    noise: f64,
    outliers: f64,
}

/// What came out of a simulation, over many seeds.
struct Outcome {
    /// Errors of the predictions after pair 50, in parts in a thousand, sorted.
    errors: Vec<f64>,
    /// How many of them the bound that was stated with them kept.
    kept: usize,
    /// The stated bounds, sorted.
    bounds: Vec<u32>,
}

impl Outcome {
    fn median(&self) -> f64 {
        self.errors[self.errors.len() / 2]
    }

    fn coverage_per_mille(&self) -> usize {
        self.kept * 1000 / self.errors.len()
    }

    fn usual_bound(&self) -> u32 {
        self.bounds[self.bounds.len() / 2]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of a simulation are small"
)]
fn simulate(vendor: Vendor, seeds: u64) -> Outcome {
    let mut outcome = Outcome { errors: Vec::new(), kept: 0, bounds: Vec::new() };
    for seed in 0..seeds {
        let mut chance = Seed::new(seed).child("vendor").rng();
        let mut calibration = Calibration::new(PRIOR);
        for n in 0..120 {
            let estimated = chance.log_normal(6.0, 1.0).clamp(20.0, 100_000.0) as u64;
            #[expect(clippy::cast_precision_loss, reason = "counts of a simulation are small")]
            let expected = vendor.factor * estimated as f64 + vendor.offset;
            let truth = (expected * (1.0 + vendor.noise * chance.normal())).round().max(1.0);
            let estimate = calibration.estimate(estimated);
            if n >= 50 {
                #[expect(clippy::cast_precision_loss, reason = "counts of a simulation are small")]
                let said = estimate.tokens as f64;
                let error = (truth - said).abs() / said * 1000.0;
                let bound = per_mille(estimate.exactness);
                outcome.kept += usize::from(error <= f64::from(bound));
                outcome.errors.push(error);
                outcome.bounds.push(bound);
            }
            let wrong = if chance.happens(vendor.outliers) { 10.0 } else { 1.0 };
            calibration.observe(estimated, (truth * wrong) as u64);
        }
    }
    outcome.errors.sort_by(f64::total_cmp);
    outcome.bounds.sort_unstable();
    outcome
}

#[test]
fn after_fifty_pairs_the_usual_error_is_small_and_the_bound_is_kept() {
    for factor in [0.8, 1.0, 1.1, 1.4] {
        for offset in [0.0, 7.0, 192.0] {
            for noise in [0.0, 0.01, 0.03] {
                for outliers in [0.0, 0.1] {
                    let vendor = Vendor { factor, offset, noise, outliers };
                    let outcome = simulate(vendor, 6);
                    // Half of the errors of a normal distribution are below 0.6745 of its deviation; learning adds little.
                    let permitted = (noise * 0.6745 * 1000.0 * 1.35).max(2.5);
                    let median = outcome.median();
                    assert!(median <= permitted, "{vendor:?}: median error {median} ‰");
                    assert!(noise > 0.011 || median <= 10.0, "{vendor:?}: median error {median} ‰");
                    let coverage = outcome.coverage_per_mille();
                    assert!(coverage >= 900, "{vendor:?}: {coverage} ‰ within the bound");
                    let bound = outcome.usual_bound();
                    assert!(f64::from(bound) <= 25.0 + noise * 4000.0, "{vendor:?}: bound {bound} ‰");
                }
            }
        }
    }
}

#[test]
fn a_hostile_report_moves_the_estimate_by_little_at_any_time() {
    for before in [0_u64, 1, 2, 5, 10, 40] {
        for hostile in [1, 1_000_000_000, u64::MAX, 0] {
            let mut calibration = Calibration::new(PRIOR);
            for n in 0..before {
                calibration.observe(100 + n * 17, 110 + n * 187 / 10);
            }
            let honest = calibration.estimate(1000).tokens;
            calibration.observe(1000, hostile);
            let after = calibration.estimate(1000).tokens;
            assert!(after.abs_diff(honest) <= 60, "{before} pairs, then {hostile}: {honest} became {after}");
        }
    }
}

#[test]
fn a_bound_is_never_below_what_the_pairs_support() {
    let mut calibration = Calibration::new(PRIOR);
    for n in 0..18 {
        assert_eq!(calibration.exactness(), PRIOR, "after {n} pairs");
        calibration.observe(500 + n, 500 + n);
    }
    calibration.observe(520, 520);
    assert_eq!(calibration.exactness(), Exactness::Estimated { per_mille: 1 });

    let mut worse = Calibration::new(PRIOR);
    worse.observe(100, 200);
    assert_eq!(worse.exactness(), Exactness::Estimated { per_mille: 1000 }, "one error of 100 % was seen");
}

#[test]
fn a_model_that_changed_is_followed() {
    let mut calibration = Calibration::new(PRIOR);
    for n in 1..=64 {
        calibration.observe(n * 100, n * 100);
    }
    assert_eq!(calibration.observe(1000, 5000), Observed::SetAside);
    assert!(per_mille(calibration.exactness()) < 10);
    for n in 1..=20 {
        calibration.observe(n * 100, n * 500);
    }
    assert!(per_mille(calibration.exactness()) > 1000, "many that are set aside are no outliers");
    for n in 1..=64 {
        calibration.observe(n * 100, n * 500);
    }
    assert_eq!(calibration.estimate(1000).tokens, 5000);
    assert!(per_mille(calibration.exactness()) < 10);
}

#[test]
fn what_is_no_pair_is_ignored() {
    let mut calibration = Calibration::new(PRIOR);
    let untouched = calibration.clone();
    for (estimated, reported) in [(0, 0), (0, 5), (5, 0), (u64::MAX, 5), (5, u64::MAX)] {
        assert_eq!(calibration.observe(estimated, reported), Observed::Ignored);
    }
    assert_eq!(calibration, untouched);
    let exact = Estimate { tokens: 10, exactness: Exactness::Exact };
    let calibrator = Calibrator::new();
    assert_eq!(calibrator.observe("gpt-4o", exact, 20), Observed::Ignored);
    assert_eq!(calibrator.estimate("gpt-4o", exact), exact);
    assert_eq!(
        calibrator.observe(&"m".repeat(257), Estimate { tokens: 10, exactness: PRIOR }, 20),
        Observed::Ignored
    );
}

#[test]
fn models_beyond_the_limit_are_not_kept() {
    let calibrator = Calibrator::new();
    let estimate = Estimate { tokens: 10, exactness: PRIOR };
    let learnt = (0..5000)
        .filter(|n| calibrator.observe(&format!("model-{n}"), estimate, 10) == Observed::Learnt)
        .count();
    assert_eq!(learnt, 4096);
}

#[test]
fn what_is_written_reads_back_and_learns_on_alike() {
    let calibrator = Calibrator::new();
    for n in 1..40_u64 {
        calibrator.observe("a", Estimate { tokens: n * 10, exactness: PRIOR }, n * 12 + 30);
        calibrator.observe("b", Estimate { tokens: n * 10, exactness: PRIOR }, n * 9);
    }
    let written = serde_json::to_string(&calibrator).expect("calibrators can be written");
    let read: Calibrator = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&read).expect("calibrators can be written"), written);
    for model in ["a", "b"] {
        let (mut ours, mut theirs) =
            (calibrator.calibration(model).expect("learnt"), read.calibration(model).expect("read"));
        assert_eq!(ours, theirs);
        ours.observe(77, 99);
        theirs.observe(77, 99);
        assert_eq!(ours, theirs);
    }
}

#[test]
fn what_was_tampered_with_is_refused() {
    let pair = r#"{"estimated":10,"reported":11,"said":10,"by_shape":[10,10,10,10],"set_aside":false}"#;
    let saved = |version: u32, pairs: &str| {
        format!(r#"{{"format_version":{version},"prior_per_mille":250,"observed":1,"pairs":[{pairs}]}}"#)
    };
    assert!(serde_json::from_str::<Calibration>(&saved(1, pair)).is_ok());
    for (text, expected) in [
        (saved(2, pair), "format_version is 2"),
        (saved(1, &[pair; 65].join(",")), "65 pairs"),
        (saved(1, &pair.replace("\"reported\":11", "\"reported\":0")), "pair 0"),
        (saved(1, &pair.replace("\"said\":10", "\"said\":0")), "pair 0"),
        (saved(1, &pair.replace("11", "18446744073709551615")), "pair 0"),
        (saved(1, &pair.replace("11", "-1")), "invalid value"),
        (saved(1, &pair.replace("11", "1.5")), "invalid type"),
    ] {
        let error = serde_json::from_str::<Calibration>(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} should name {expected}");
    }
}

#[test]
fn two_that_learnt_apart_know_together_what_both_know() {
    let (a, b) = (Calibrator::new(), Calibrator::new());
    for n in 1..=40_u64 {
        a.observe("m", Estimate { tokens: n * 20, exactness: PRIOR }, n * 24);
        b.observe("m", Estimate { tokens: n * 30, exactness: PRIOR }, n * 36);
    }
    b.observe("only-b", Estimate { tokens: 10, exactness: PRIOR }, 10);
    let (ours, theirs) = (a.calibration("m").expect("learnt"), b.calibration("m").expect("learnt"));
    assert_eq!(ours.merged(&theirs), theirs.merged(&ours));
    a.merge(&b);
    let merged = a.calibration("m").expect("merged");
    assert_eq!((merged.observed(), merged.estimate(1000).tokens), (80, 1200));
    assert!(a.calibration("only-b").is_some());
}

#[test]
fn threads_share_a_calibrator() {
    let calibrator = Arc::new(Calibrator::new());
    let threads: Vec<_> = (0..8_u64)
        .map(|thread| {
            let calibrator = Arc::clone(&calibrator);
            thread::spawn(move || {
                for n in 1..=50 {
                    let tokens = n * 10 + thread;
                    calibrator.observe("m", Estimate { tokens, exactness: PRIOR }, tokens * 2);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panics");
    }
    let calibration = calibrator.calibration("m").expect("learnt");
    assert_eq!((calibration.observed(), calibration.estimate(500).tokens), (400, 1000));
}

#[test]
fn a_calibrated_counter_counts_text_by_the_factor_and_prompts_with_the_offset() {
    let calibrator = Calibrator::new();
    for n in 1..=60_u64 {
        calibrator.observe("m", Estimate { tokens: n * 25, exactness: PRIOR }, n * 30 + 100);
    }
    let counter = calibrator.counter("m", CharacterEstimator);
    let text = "All that glitters is not gold. ".repeat(50);
    let raw = CharacterEstimator.count(&text);
    assert_eq!(counter.name(), "characters × 1.200");
    assert_eq!(counter.count(&text), (raw * 12 + 5) / 10);
    assert_eq!(counter.prompt(1000).tokens, 1300);
    assert_eq!(counter.count(""), 0);
    assert!(per_mille(counter.exactness()) < 30, "{}", counter.exactness());
    let unknown = calibrator.counter("other", CharacterEstimator);
    assert_eq!((unknown.name(), unknown.count(&text)), ("characters", raw));
    assert_eq!(unknown.prompt(7).tokens, 7);
}

proptest! {
    #[test]
    fn nothing_that_is_observed_panics_or_leaves_the_range(
        pairs in prop::collection::vec((any::<u64>(), any::<u64>(), 0_u32..64), 0..80),
        asked in any::<u64>(),
    ) {
        let mut calibration = Calibration::new(PRIOR);
        let mut again = Calibration::new(PRIOR);
        for &(estimated, reported, shift) in &pairs {
            calibration.observe(estimated >> shift, reported >> shift);
            again.observe(estimated >> shift, reported >> shift);
            let estimate = calibration.estimate(asked);
            prop_assert!(estimate.tokens <= 1_000_000_000_000);
            prop_assert!(asked == 0 || estimate.tokens >= 1);
            prop_assert!(calibration.text(asked) <= 1_000_000_000_000);
        }
        prop_assert_eq!(&calibration, &again);
        let written = serde_json::to_string(&calibration).expect("calibrations can be written");
        prop_assert_eq!(serde_json::from_str::<Calibration>(&written).expect("and read"), calibration);
    }
}
