//! Pools, records and what confidence has been worth.

use super::*;

#[test]
fn a_seat_without_weight_moves_no_weighted_rule() {
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 1, Some(vec![0.0, 1.0]), 0.0)];
    let weighted = [
        Rule::ConfidenceWeighted,
        Rule::RecalibratedConfidence,
        Rule::TrackRecord,
        Rule::LinearPool,
        Rule::LogPool,
    ];
    for rule in weighted {
        let (with, without) =
            (rule.decide(Election::new(2, &ballots)), rule.decide(Election::new(2, &ballots[..1])));
        assert_eq!(with, without, "{rule}");
    }
}

#[test]
fn reconcile_as_published() {
    let table = Recalibration::reconcile();
    for (stated, worth) in [
        (0.0, 0.1),
        (0.6, 0.1),
        (0.61, 0.3),
        (0.79, 0.3),
        (0.8, 0.5),
        (0.89, 0.5),
        (0.9, 0.8),
        (0.999, 0.8),
        (1.0, 1.0),
    ] {
        assert!((table.worth(stated) - worth).abs() < 1e-12, "{stated}");
    }
    let again: Recalibration = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
    assert_eq!(again, table);
    for bad in [
        "[]",
        r#"[{"from":0.1,"worth":0.1}]"#,
        r#"[{"from":0,"worth":0.5},{"from":0.5,"worth":0.4}]"#,
        r#"[{"from":0,"worth":0.5},{"from":0,"worth":0.6}]"#,
        r#"[{"from":0,"worth":1.5}]"#,
    ] {
        assert!(serde_json::from_str::<Recalibration>(bad).is_err(), "{bad}");
    }
}

#[test]
fn outcomes_move_what_confidence_is_worth() {
    // Nothing known: about what it says.
    let empty = Recalibration::from_outcomes([]);
    assert!((empty.worth(0.95) - 0.95).abs() < 1e-12 && (empty.worth(0.0) - 0.05).abs() < 1e-12);
    // 40 outcomes at 0.95, 20 of them right, and ten more as stated.
    let table = Recalibration::from_outcomes((0..40).map(|n| (0.95, n < 20)));
    let pooled = (20.0 + 9.5 + 10.0 * (0.85 + 0.75 + 0.65)) / (50.0 + 30.0);
    assert!(
        (table.worth(0.95) - pooled).abs() < 1e-12,
        "worth less than lower ones, and so pooled with them"
    );
    assert!((table.worth(0.55) - 0.55).abs() < 1e-12);
    // What changes the result: who is always sure and rarely right.
    let ballots = [(0, 0.95), (1, 0.5), (1, 0.4)]
        .map(|(stance, sure)| Ballot { confidence: Some(sure), ..Ballot::new(SeatIndex(0), stance) });
    let election = Election::new(2, &ballots);
    let boasted = Recalibration::from_outcomes((0..400).map(|n| (0.95, n % 4 == 0)));
    assert_eq!(Rule::ConfidenceWeighted.decide(election).lead, Lead::One(0));
    assert_eq!(Rule::RecalibratedConfidence.decide(election).lead, Lead::One(0));
    assert_eq!(Rule::RecalibratedConfidence.decide(election.with_recalibration(&boasted)).lead, Lead::One(1));
}

fn record(rows: impl IntoIterator<Item = [Option<bool>; 3]>) -> TrackRecord {
    let mut record = TrackRecord::new(3);
    rows.into_iter().for_each(|row| record.resolve(&row).unwrap());
    record
}

const SEATS: [SeatIndex; 3] = [SeatIndex(0), SeatIndex(1), SeatIndex(2)];

#[test]
fn all_weigh_alike_until_there_are_thirty_outcomes() {
    let rows = |n| record((0..n).map(|n| [Some(true), Some(n % 2 == 0), None]));
    assert_eq!(rows(29).weights(&SEATS, 2), [1.0; 3]);
    let weights = rows(40).weights(&SEATS, 2);
    // 60 of 80 were right. The newcomer is as good as that.
    let newcomer = libm::log(0.75 / 0.25);
    assert!((weights[2] - newcomer).abs() < 1e-12);
    let shrunk = (40.0 + 30.0 * 0.75) / 70.0;
    assert!((weights[0] - libm::log(shrunk / (1.0 - shrunk))).abs() < 1e-12);
    assert!(weights[0] > weights[2] && weights[2] > weights[1]);
    // Among four options, being right half the time is much.
    assert!(rows(40).weights(&SEATS, 4)[1] > libm::log(3.0) * 0.99);
    let wrong = record((0..40).map(|_| [Some(false); 3]));
    assert_eq!(wrong.weights(&SEATS, 2), [1.0; 3], "nobody is turned round");
}

#[test]
fn twins_share_a_voice() {
    // All are right in four of five; 0 and 1 together, 2 by itself.
    let rows = |n: u32| record((0..n).map(|n| [Some(n % 5 != 0), Some(n % 5 != 0), Some(n / 5 % 5 != 0)]));
    let record = rows(1_000);
    let weights = record.weights(&SEATS, 2);
    let twice = 1.0 + 1_000.0 / 1_030.0;
    assert!((weights[2] / weights[0] - twice).abs() < 1e-9, "{weights:?}");
    assert!((record.effective_voices(&SEATS) - (1.0 + 2.0 / twice)).abs() < 1e-9);
    assert!((rows(29).effective_voices(&SEATS) - 3.0).abs() < 1e-12);
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 0, None, 1.0), ballot(2, 1, None, 1.0)];
    let tally = Rule::TrackRecord.decide(Election::new(2, &ballots).with_record(&record));
    assert!(tally.scores[0] / tally.scores[1] < 1.03, "two that say the same count hardly more than one");
}

#[test]
fn a_record_survives_writing() {
    let record = record((0..130).map(|n| [Some(n % 3 == 0), (n % 7 != 0).then_some(n % 2 == 0), None]));
    let written = serde_json::to_string(&record).unwrap();
    assert!(written.starts_with(r#"{"format_version":1,"seats":["+--+"#), "{written}");
    assert_eq!(serde_json::from_str::<TrackRecord>(&written).unwrap(), record);
    assert_eq!(record.of(SeatIndex(0)), (130, 44));
    assert_eq!((record.of(SeatIndex(2)), record.of(SeatIndex(9))), ((0, 0), (0, 0)));
    for bad in [
        r#"{"format_version":2,"seats":[]}"#,
        r#"{"format_version":1,"seats":["+","+-"]}"#,
        r#"{"format_version":1,"seats":["x"]}"#,
        r#"{"format_version":1,"seats":["é"]}"#,
    ] {
        assert!(serde_json::from_str::<TrackRecord>(bad).is_err(), "{bad}");
    }
    assert!(TrackRecord::new(2).resolve(&[None]).is_err());
}

#[test]
fn a_written_zero_is_no_veto() {
    let ballots = [
        ballot(0, 0, Some(vec![0.9, 0.1]), 1.0),
        ballot(1, 0, Some(vec![0.999, 0.001]), 1.0),
        ballot(2, 1, Some(vec![0.0, 1.0]), 1.0),
    ];
    let pool = Rule::LogPool.decide(Election::new(2, &ballots));
    let (a, b) = (libm::cbrt(0.9 * 0.999 * 0.001), libm::cbrt(0.1 * 0.001));
    assert!((pool.scores[0] - a / (a + b)).abs() < 1e-12, "{:?}", pool.scores);
    assert_eq!(pool.lead, Lead::One(0));
}

/// What two likelihoods of the options make of probabilities (Bayes).
fn updated(p: &[f64], likelihood: &[f64]) -> Vec<f64> {
    let joint: Vec<f64> = p.iter().zip(likelihood).map(|(p, likelihood)| p * likelihood).collect();
    let sum: f64 = joint.iter().sum();
    joint.into_iter().map(|joint| joint / sum).collect()
}

#[test]
fn a_linear_pool_is_not_externally_bayesian() {
    let ballots = [ballot(0, 0, Some(vec![0.9, 0.1]), 1.0), ballot(1, 1, Some(vec![0.5, 0.5]), 1.0)];
    let likelihood = [0.1, 0.9];
    let pooled = updated(&Rule::LinearPool.decide(Election::new(2, &ballots)).scores, &likelihood);
    let told = ballots.map(|ballot| Ballot {
        probabilities: ballot.probabilities.map(|p| updated(&p, &likelihood)),
        ..ballot
    });
    assert!((Rule::LinearPool.decide(Election::new(2, &told)).scores[0] - pooled[0]).abs() > 0.05);
}

proptest! {
    #[test]
    fn a_linear_pool_is_a_distribution_within_the_range_of_its_ballots((options, ballots) in an_election(true)) {
        let pool = LinearPool.decide(Election::new(options, &ballots));
        prop_assert!((pool.scores.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        for option in 0..options {
            let stated: Vec<f64> = ballots.iter().map(|ballot| ballot.probability(option, options)).collect();
            let (low, high) = stated.iter().fold((1.0_f64, 0.0_f64), |(low, high), p| (low.min(*p), high.max(*p)));
            prop_assert!((low - 1e-9..=high + 1e-9).contains(&pool.scores[option]));
        }
    }

    #[test]
    fn a_logarithmic_pool_is_an_externally_bayesian_distribution(
        (options, ballots) in an_election(false), likelihood in prop::collection::vec(0.5..1.0_f64, 5)
    ) {
        let pool = LogarithmicPool.decide(Election::new(options, &ballots)).scores;
        prop_assert!((pool.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let told: Vec<Ballot> = ballots.iter().map(|ballot| {
            Ballot { probabilities: ballot.probabilities.as_ref().map(|p| updated(p, &likelihood)), ..ballot.clone() }
        }).collect();
        let floored = |ballot: &Ballot| (0..options).any(|option| ballot.probability(option, options) < LogarithmicPool::FLOOR);
        prop_assume!(!ballots.iter().chain(&told).any(floored));
        let after = LogarithmicPool.decide(Election::new(options, &told)).scores;
        for (expected, after) in updated(&pool, &likelihood).iter().zip(after) {
            prop_assert!((expected - after).abs() < 1e-9);
        }
    }

    #[test]
    fn a_table_from_outcomes_never_falls(outcomes in prop::collection::vec((0.0..=1.0_f64, any::<bool>()), 0..200)) {
        let table = Recalibration::from_outcomes(outcomes);
        let worths: Vec<f64> = (0..=100_u32).map(|stated| table.worth(f64::from(stated) / 100.0)).collect();
        prop_assert!(worths.is_sorted() && worths.iter().all(|worth| (0.0..=1.0).contains(worth)));
        let again: Recalibration = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
        prop_assert_eq!(again, table);
    }
}
