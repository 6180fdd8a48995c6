//! Choices, files and calibration by tables and properties; debates simulated in virtual time.

mod properties;
mod simulation;

use std::time::Duration;

use assize_metering::Usd;
use assize_report::Document;

use super::*;
use crate::ErrorKind;

const FULL: Plan = Plan { rounds: 3, seats: 5, at_once: 5 };

fn kind() -> PanelKind {
    PanelKind::new("five of a kind", "brief")
}

/// A p90 of 10 s a round of debaters who are asked at once, and of 0.10 USD a turn.
fn prior() -> Prior {
    Prior { turn_time: Duration::from_secs(5), turn_cost: usd("0.05"), spread_percent: 200 }
}

fn usd(amount: &str) -> Usd {
    amount.parse().expect("an amount")
}

fn situation(tickers: (u32, u32), seconds: Option<u64>, dollars: Option<&str>) -> Situation {
    Situation {
        full: FULL,
        tickers_left: tickers.0,
        tickers_at_once: tickers.1,
        time_left: seconds.map(Duration::from_secs),
        budget_left: dollars.map(usd),
    }
}

fn chosen(situation: &Situation, policy: &Policy) -> Receipt {
    choose(&Predictor::new(), &kind(), &prior(), situation, policy)
}

#[test]
fn the_longest_that_fits_is_chosen() {
    use Choice::{Debate, Skip, Vote};
    use ChoiceReason::{Fits, NoMoney, NoTime, NoTimeNorMoney};
    let full = Debate { rounds: 3 };
    let cases = [
        ((1, 1), None, None, full, Fits),
        ((0, 0), Some(30), Some("1.5"), full, Fits),
        ((1, 1), Some(29), None, Debate { rounds: 2 }, NoTime),
        ((1, 1), Some(19), None, Vote, NoTime),
        ((1, 1), Some(9), None, Skip, NoTime),
        ((1, 1), Some(0), None, Skip, NoTime),
        ((4, 2), Some(60), None, full, Fits),
        ((5, 2), Some(60), None, Debate { rounds: 2 }, NoTime),
        ((1, 1), None, Some("1.49"), Debate { rounds: 2 }, NoMoney),
        ((2, 2), None, Some("1.50"), Vote, NoMoney),
        ((2, 2), None, Some("0.99"), Skip, NoMoney),
        ((2, 2), None, Some("-3"), Skip, NoMoney),
        ((1, 1), Some(29), Some("1.49"), Debate { rounds: 2 }, NoTimeNorMoney),
        ((1, 1), Some(15), Some("1.25"), Vote, NoTime),
    ];
    for (tickers, seconds, dollars, choice, reason) in cases {
        let receipt = chosen(&situation(tickers, seconds, dollars), &Policy::default());
        assert_eq!((receipt.choice, receipt.reason), (choice, reason), "{tickers:?} {seconds:?} {dollars:?}");
        let predicted = receipt.predicted().map(|it| it.plan.rounds);
        assert_eq!(predicted, (choice != Skip).then_some(choice.rounds()));
    }
}

#[test]
fn a_policy_keeps_time_back_and_calls_no_short_debate_one() {
    let policy = Policy { least_rounds: 3, keep_back: Duration::from_secs(5) };
    let choice = |seconds| chosen(&situation((1, 1), Some(seconds), None), &policy).choice;
    assert_eq!(
        [35, 34, 14, 3].map(choice),
        [Choice::Debate { rounds: 3 }, Choice::Vote, Choice::Skip, Choice::Skip]
    );
}

#[test]
fn who_speaks_in_turn_takes_the_sum() {
    let one_after_another = Plan { at_once: 1, ..FULL };
    let prediction = Predictor::new().predict(&kind(), one_after_another, &prior());
    assert_eq!(prediction.time.p50, Duration::from_secs(75));
    let pairs = Predictor::new().predict(&kind(), Plan { at_once: 2, ..FULL }, &prior());
    assert_eq!(pairs.time.p50, Duration::from_secs(45));
}

/// Lets it learn from debates whose turns take so many milliseconds, each as long as the other, and cost 0.01 USD.
fn taught(predictor: &mut Predictor, plan: Plan, debates: u32, milliseconds: u64) {
    let turn = Turn { took: Duration::from_millis(milliseconds), cost: usd("0.01") };
    let turns = vec![turn; usize::try_from(plan.rounds * plan.seats).unwrap()];
    let took = turn.took * plan.rounds;
    let cost = turn.cost.checked_mul(u64::from(plan.rounds * plan.seats)).unwrap();
    for _ in 0..debates {
        predictor.learn(&kind(), &Held { plan, turns: &turns, took, cost, cut_short: false });
    }
}

#[test]
fn what_is_learnt_takes_the_place_of_what_was_declared_step_by_step() {
    let mut predictor = Predictor::new();
    let basis = |predictor: &Predictor| predictor.predict(&kind(), FULL, &prior()).basis;
    assert_eq!(basis(&predictor), Basis::Prior);
    taught(&mut predictor, FULL, 1, 2_000);
    assert_eq!(basis(&predictor), Basis::Turns { turns: 15 });
    let time = predictor.predict(&kind(), FULL, &prior()).time;
    assert!(
        (5_990..6_200).contains(&time.p50.as_millis()) && time.p90 >= 2 * time.p50 - Duration::from_millis(1)
    );
    taught(&mut predictor, FULL, 11, 2_000);
    assert!(matches!(basis(&predictor), Basis::Debates { debates: 10..=11, .. }), "{:?}", basis(&predictor));
    let prediction = predictor.predict(&kind(), FULL, &prior());
    assert!(prediction.time.p90 < Duration::from_millis(6_200), "{prediction:?}");
    assert!(prediction.cost.p90 < usd("0.155") && prediction.cost.p50 >= usd("0.149"), "{prediction:?}");
    let other = PanelKind::new("five of a kind", "analysis");
    assert_eq!(predictor.predict(&other, FULL, &prior()).basis, Basis::Prior);
}

#[test]
fn a_debate_that_was_cut_short_never_makes_the_next_look_faster() {
    let mut predictor = Predictor::new();
    taught(&mut predictor, FULL, 60, 2_000);
    let before = predictor.predict(&kind(), FULL, &prior());
    let turns = [Turn { took: Duration::from_millis(2_000), cost: usd("0.01") }];
    for _ in 0..20 {
        let took = Duration::from_millis(10);
        predictor.learn(&kind(), &Held { plan: FULL, turns: &turns, took, cost: Usd::ZERO, cut_short: true });
    }
    let after = predictor.predict(&kind(), FULL, &prior());
    assert!(after.time.p50 >= before.time.p50 && after.cost.p50 >= before.cost.p50, "{before:?} {after:?}");
}

#[test]
fn who_was_slow_once_is_given_another_try() {
    let mut predictor = Predictor::new();
    taught(&mut predictor, FULL, 200, 60_000);
    let situation = situation((1, 1), Some(30), None);
    let mut skips = 0;
    while choose(&predictor, &kind(), &prior(), &situation, &Policy::default()).choice == Choice::Skip {
        predictor.forgo(&kind());
        skips += 1;
        assert!(skips < 100, "for ever out");
    }
    assert_eq!(skips, 30);
}

#[test]
fn what_was_learnt_comes_back_from_its_json() {
    let mut predictor = Predictor::new();
    taught(&mut predictor, FULL, 40, 2_000);
    taught(&mut predictor, FULL.with_rounds(1), 40, 3_000);
    let text = predictor.to_json();
    assert_eq!(Predictor::from_json(&text).unwrap(), predictor);
    assert_eq!(Predictor::from_json(&Predictor::new().to_json()).unwrap(), Predictor::new());
    assert!(
        text.starts_with(r#"{"format_version":1,"heard":80,"kinds":[{"of":{"panel":"five of a kind","#),
        "{text}"
    );
}

#[test]
fn a_file_that_is_not_what_was_written_is_refused_with_a_reason() {
    let mut predictor = Predictor::new();
    taught(&mut predictor, FULL, 2, 2_000);
    let text = predictor.to_json();
    let twice = text
        .replace("\"kinds\":[", "\"kinds\":[KIND,")
        .replace("KIND", text.split_once('[').unwrap().1.strip_suffix("]}").unwrap());
    let cases = [
        (String::new(), "EOF while parsing"),
        ("\"text\"".to_owned(), "invalid type"),
        ("{}".to_owned(), "missing field `format_version`"),
        (text.replace("\"format_version\":1", "\"format_version\":2"), "format_version is 2, and 1 is what"),
        (text.replacen("\"heard\":2", "\"heard\":1", 1), "heard of at 2, which is to come"),
        (text.replace("\"kinds\"", "\"kindz\""), "unknown field `kindz`"),
        (text.replace("\"weights\":[[", "\"weights\":[[50000,1],["), "there is no bucket 50000"),
        (text.replace("\"weights\":[[", "\"weights\":[[1,0],["), "a weight of 0"),
        (text.replace("\"by_rounds\":{\"3\"", "\"by_rounds\":{\"17\""), "speaks of 17 rounds"),
        (twice, "is there twice"),
    ];
    for (text, why) in cases {
        let error = Predictor::from_json(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.to_string().contains(why), "{error} does not say {why:?}");
    }
}

#[test]
fn two_that_learnt_apart_know_it_all_together() {
    let (mut one, mut other) = (Predictor::new(), Predictor::new());
    taught(&mut one, FULL, 40, 2_000);
    taught(&mut other, FULL, 40, 4_000);
    one.merge(&other);
    let time = one.predict(&kind(), FULL, &prior()).time;
    assert!(time.p90 >= Duration::from_secs(12), "{time:?}");
    assert_eq!(one.kinds().count(), 1);
}

/// A record of a debate that took so many milliseconds where 15 s to 30 s were predicted, and cost 1 USD where 0.75 to 1.50
/// were.
fn record(milliseconds: u64, cut_short: bool) -> ToggleRecord {
    let receipt = chosen(&situation((1, 1), Some(30), None), &Policy::default());
    let took = Duration::from_millis(milliseconds);
    ToggleRecord::new("ACME".parse().unwrap(), kind(), receipt).with_actual(Actual {
        took,
        cost: usd("1"),
        cut_short,
    })
}

#[test]
fn a_record_says_where_it_landed_and_comes_back_from_json() {
    let cases = [
        (15_000, false, Landing::WithinP50, false),
        (15_001, false, Landing::WithinP90, false),
        (30_000, false, Landing::WithinP90, false),
        (30_001, false, Landing::Beyond, true),
        (20_000, true, Landing::CutShort, false),
        (30_001, true, Landing::Beyond, true),
    ];
    for (milliseconds, cut_short, landing, overran) in cases {
        let record = record(milliseconds, cut_short);
        assert_eq!((record.time(), record.overran()), (Some(landing), Some(overran)), "{milliseconds}");
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<ToggleRecord>(&text).unwrap(), record);
    }
    let skipped = ToggleRecord::new(
        "ACME".parse().unwrap(),
        kind(),
        chosen(&situation((1, 1), Some(1), None), &Policy::default()),
    );
    assert_eq!((skipped.time(), skipped.cost(), skipped.overran()), (None, None, None));
}

#[test]
fn calibration_counts_and_weighs() {
    // 20 at 10 s, 8 at 20 s, 2 at 40 s; one cut short. The p50 is 15 s, the p90 30 s.
    let times = [(20, 10_000), (8, 20_000), (2, 40_000)];
    let mut records: Vec<_> = times.iter().flat_map(|(n, ms)| (0..*n).map(|_| record(*ms, false))).collect();
    records.push(record(20_000, true));
    let MeasuredCalibration::Measured(time) = calibration(&records).time else { panic!("30 are enough") };
    assert_eq!((time.outcomes, time.left_out, time.within_p50, time.within_p90), (30, 1, 20, 28));
    assert_eq!((time.p50_permille(), time.p90_permille()), (666, 933));
    // (20 · −5 + 8 · 5 + 2 · 25) / 30 s
    assert_eq!(time.bias.as_micros(), -333_333);
    // (20 · 5 + 8 · 5 + 2 · 25) / 60 s
    assert_eq!(time.pinball_p50.as_micros(), 3_166_666);
    // (0.1 · (20 · 20 + 8 · 10) + 0.9 · 2 · 10) / 30 s
    assert_eq!(time.pinball_p90.as_micros(), 2_200_000);
    let MeasuredCalibration::Measured(cost) = calibration(&records).cost else { panic!("30 are enough") };
    assert_eq!((cost.within_p50, cost.within_p90, cost.bias), (0, 30, usd("0.25")));

    let few = calibration(records.iter().skip(1));
    assert_eq!(few.time, MeasuredCalibration::TooFew { have: 29, need: 30 });

    let mut doc = Document::new("Choices");
    describe(&mut doc, &records, &calibration(&records));
    describe(&mut doc, &records, &few);
    let text = doc.to_markdown();
    assert!(text.contains("debate of 3 rounds"), "{text}");
    assert!(text.contains("93.3 % within the p90"), "{text}");
    assert!(text.contains("mean bias -333 ms"), "{text}");
    assert!(text.contains("mean bias 0.250000 USD"), "{text}");
    assert!(text.contains("too few outcomes to judge, 29 of 30"), "{text}");
}
