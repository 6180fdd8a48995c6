//! Calibration against figures reckoned elsewhere, and at its edges.

use std::num::NonZeroU16;
use std::path::Path;

use assize_ambient::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{Forecast, InformationCoefficient, Lean, Outcome, Probability, Question, Voice};

fn resolved(ticker: &str, from: Date, to: Date, p: f64, gain: f64) -> Resolved {
    let forecast = Forecast {
        who: Voice::Decision,
        ticker: ticker.parse().expect("a ticker"),
        as_of: Timestamp::UNIX_EPOCH,
        horizon: NonZeroU16::new(5).expect("not 0"),
        question: Question::Rise,
        benchmark: None,
        p_up: Probability::new(p).expect("a probability"),
        action: Lean::Flat,
    };
    Resolved {
        forecast,
        outcome: Outcome { from, to, gain, benchmark: None, known_by: Timestamp::UNIX_EPOCH },
    }
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/portfolio").join(name);
    std::fs::read_to_string(path).expect("the fixture")
}

#[track_caller]
fn assert_near(value: f64, expected: &Value) {
    let expected = expected.as_f64().expect("a number");
    assert!((value - expected).abs() <= 1e-13 * expected.abs().max(1.0), "{value} for {expected}");
}

#[track_caller]
fn assert_interval(interval: Interval, expected: &Value) {
    assert_near(interval.low, &expected[0]);
    assert_near(interval.high, &expected[1]);
}

#[test]
fn figures_equal_those_reckoned_elsewhere() {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse().expect("a number");
        let date = |place: usize| cells[place].parse().expect("a date");
        resolved(cells[0], date(1), date(2), number(3), number(4))
    };
    let all: Vec<Resolved> = fixture("tracking-forecasts.csv").lines().skip(1).map(line).collect();
    let found = Calibration::of(&all).value().unwrap();
    let expected: Value = serde_json::from_str(&fixture("tracking-expected.json")).unwrap();
    let expected = &expected["calibration"];
    let hits = found.hits.value().unwrap();
    for (count, name) in [
        (found.outcomes, "outcomes"),
        (found.effective.per_ticker, "per_ticker"),
        (found.effective.overall, "overall"),
        (hits.hits, "hits"),
        (hits.of, "of"),
    ] {
        assert_eq!(Some(count), expected[name].as_u64(), "{name}");
    }
    assert_interval(hits.interval, &expected["interval"]);
    assert_interval(found.cautious.value().unwrap(), &expected["cautious"]);
    let information = InformationCoefficient::of(&all).value().unwrap();
    for (figure, name) in [
        (found.brier, "brier"),
        (found.base_rate, "base_rate"),
        (found.skill.value().unwrap(), "skill"),
        (found.log_score, "log_score"),
        (found.calibration_error, "calibration_error"),
        (information.coefficient, "information"),
        (information.t.value().unwrap(), "t"),
        (information.cautious_t.value().unwrap(), "cautious_t"),
    ] {
        assert_near(figure, &expected[name]);
    }
    let bins = expected["bins"].as_array().unwrap();
    assert_eq!((bins.len(), found.reliability.len()), (10, 10));
    for (bin, expected) in found.reliability.iter().zip(bins) {
        let Some(observed) = bin.observed else {
            assert!(expected.is_null() && bin.mean_p.is_none());
            continue;
        };
        assert_eq!(Some(observed.of), expected["n"].as_u64());
        assert_near(bin.mean_p.unwrap(), &expected["mean_p"]);
        assert_near(observed.share, &expected["observed"]);
        assert_interval(observed.interval, &expected["interval"]);
    }
}

fn alike(n: usize, p: f64, gain: f64) -> Vec<Resolved> {
    vec![resolved("KO", date(2024, 7, 1), date(2024, 7, 8), p, gain); n]
}

#[test]
fn below_thirty_nothing_is_said() {
    let few = Calibration::of(&alike(29, 0.6, 0.1));
    assert_eq!(few, Measure::Absent(Absence::TooFew { have: 29, need: 30 }));
    assert_eq!(serde_json::to_string(&few).unwrap(), r#"{"absent":{"too-few":{"have":29,"need":30}}}"#);
    let enough = Calibration::of(&alike(30, 0.6, 0.1)).value().unwrap();
    assert_eq!(enough.effective, EffectiveSample { per_ticker: 1, overall: 1 }, "thirty times the same week");
    assert_eq!(enough.skill, Measure::Absent(Absence::OneSided));
    assert!((enough.brier - 0.16).abs() < 1e-15);
    let cautious = enough.cautious.value().unwrap();
    assert!(cautious.low < 0.21 && enough.hits.value().unwrap().interval.low > 0.88);
    let mut undecided = alike(20, 0.5, 0.1);
    undecided.extend(alike(29, 0.4, -0.1));
    let undecided = Calibration::of(&undecided).value().unwrap();
    assert_eq!(undecided.hits, Measure::Absent(Absence::TooFew { have: 29, need: 30 }));
    assert_eq!(undecided.outcomes, 49);
}

#[test]
fn a_share_that_did_not_move_did_not_rise() {
    let flat = |p: f64| resolved("KO", date(2024, 7, 1), date(2024, 7, 8), p, 0.0);
    assert_eq!([0.6, 0.5, 0.4].map(|p| flat(p).is_hit()), [Some(false), None, Some(true)]);
    let mut compared = flat(0.6);
    (compared.outcome.gain, compared.outcome.benchmark) = (-0.01, Some(-0.05));
    assert!(!compared.came_true());
    compared.forecast.question = Question::Outperform;
    assert!(compared.came_true() && (compared.result() - 0.04).abs() < 1e-15);
}

#[test]
fn certainties_that_fail_cost_much_but_not_all() {
    let mut all = alike(29, 1.0, 0.1);
    all.extend(alike(1, 1.0, -0.1));
    let found = Calibration::of(&all).value().unwrap();
    assert!((found.log_score - (libm::log(1e-6) + 29.0 * libm::log(1.0 - 1e-6)) / 30.0).abs() < 1e-12);
    assert_eq!(found.reliability[9].observed.unwrap().hits, 29, "certainty is in the last tenth");
    assert!((found.skill.value().unwrap() - (1.0 - (1.0 / 30.0) / (29.0 / 900.0))).abs() < 1e-12);
}

prop_compose! {
    fn any_resolved()(ticker in 0..3_usize, day in 1..300_i64, length in 1..30_i64, p in prop_oneof![
        Just(0.0), Just(0.5), Just(1.0), 0.0..=1.0_f64,
    ], gain in prop_oneof![Just(0.0), -1.0..2.0_f64, Just(f64::MAX)]) -> Resolved {
        let date = |n: i64| date(2024, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap();
        resolved(["KO", "PEP", "MSFT"][ticker], date(day), date(day + length), p, gain)
    }
}

proptest! {
    #[test]
    fn figures_stay_in_their_ranges_whatever_the_order(
        mut all in proptest::collection::vec(any_resolved(), 0..90),
        places in proptest::collection::vec(0..90_usize, 90),
    ) {
        let found = Calibration::of(&all);
        let count = u64::try_from(all.len()).unwrap();
        match &found {
            Measure::Absent(why) => prop_assert_eq!(*why, Absence::TooFew { have: count, need: 30 }),
            Measure::Known(found) => {
                prop_assert!((0.0..=1.0).contains(&found.brier) && (0.0..=1.0).contains(&found.calibration_error));
                prop_assert!(found.log_score <= 0.0 && found.log_score >= libm::log(1e-6));
                prop_assert!(found.skill.value().is_none_or(|skill| skill.is_finite() && skill <= 1.0));
                let sample = found.effective;
                prop_assert!(1 <= sample.overall && sample.overall <= sample.per_ticker && sample.per_ticker <= count);
                prop_assert_eq!(found.reliability.iter().filter_map(|bin| bin.observed).map(|bin| bin.of).sum::<u64>(), count);
                if let (Some(hits), Some(cautious)) = (found.hits.value(), found.cautious.value()) {
                    prop_assert!(cautious.low <= hits.interval.low + 1e-12 && hits.interval.high <= cautious.high + 1e-12);
                    prop_assert!(hits.interval.low <= hits.share && hits.share <= hits.interval.high);
                }
            }
        }
        let n = all.len();
        for (here, there) in places.into_iter().take(n).enumerate() {
            all.swap(here, there % n);
        }
        prop_assert_eq!(Calibration::of(&all), found);
    }
}
