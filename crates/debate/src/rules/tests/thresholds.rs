//! How many votes it takes, and what breaks a tie.

use assize_ambient::Seed;

use super::*;

fn lead(rule: &str, stances: &[usize], rounds: u32) -> String {
    let rule: Rule = rule.parse().unwrap();
    let ballots: Vec<Ballot> =
        stances.iter().enumerate().map(|(number, stance)| Ballot::new(seat(number), *stance)).collect();
    match rule.decide(Election::new(3, &ballots).with_rounds(rounds)).lead {
        Lead::One(one) => format!("{one}"),
        Lead::Short { votes, needed, cast, .. } => format!("{votes} of {cast}, needs {needed}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn shares_are_of_the_votes_cast() {
    for (rule, stances, expected) in [
        ("majority", &[0, 0, 1][..], "0"),
        ("majority", &[0, 0, 1, 1], "2 of 4, needs 3"),
        ("majority", &[0, 0, 1, 2], "2 of 4, needs 3"),
        ("majority", &[2], "2"),
        ("majority", &[], "Nobody"),
        ("supermajority", &[0, 0, 1], "0"),
        ("supermajority:0.667", &[0, 0, 1], "2 of 3, needs 3"),
        ("supermajority:0.75", &[0, 0, 0, 1], "0"),
        ("supermajority:0.750001", &[0, 0, 0, 1], "3 of 4, needs 4"),
        ("supermajority:1", &[1, 1], "1"),
        ("unanimity", &[1, 1, 1], "1"),
        ("unanimity", &[1, 1, 0], "2 of 3, needs 3"),
        ("unanimity", &[], "Nobody"),
    ] {
        assert_eq!(lead(rule, stances, 3), expected, "{rule} {stances:?}");
    }
}

#[test]
fn a_hybrid_asks_for_all_while_it_is_early_or_there_are_few() {
    for (rule, stances, rounds, expected) in [
        ("hybrid", &[0, 0, 0, 1][..], 4, "3 of 4, needs 4"),
        ("hybrid", &[0, 0, 0, 1], 5, "0"),
        ("hybrid", &[0, 0, 1], 5, "2 of 3, needs 3"),
        ("hybrid", &[0, 0, 0, 1, 1], 9, "3 of 5, needs 4"),
        ("hybrid:2:0:2/3", &[0, 0, 1], 1, "2 of 3, needs 3"),
        ("hybrid:2:0:2/3", &[0, 0, 1], 2, "0"),
    ] {
        assert_eq!(lead(rule, stances, rounds), expected, "{rule} {stances:?} {rounds}");
    }
    let ballots: Vec<Ballot> =
        [0, 0, 0, 1].into_iter().map(|stance| Ballot::new(SeatIndex(0), stance)).collect();
    assert_eq!(
        Hybrid::MALLM.decide(Election::new(2, &ballots)).lead,
        Lead::One(0),
        "without rounds it is late"
    );
}

#[test]
fn a_tie_is_broken_as_declared_or_not_at_all() {
    let sure = |number, stance, confidence| Ballot {
        confidence: Some(confidence),
        ..Ballot::new(seat(number), stance)
    };
    let ballots = [sure(0, 0, 0.6), sure(1, 2, 0.9), sure(2, 2, 0.1), sure(3, 0, 0.4)];
    let history = [vec![Some(1), Some(0), Some(2), Some(0)], vec![Some(0), Some(2), Some(2), Some(0)]];
    let election = Election::new(3, &ballots).with_history(&history);
    let tally = Rule::Plurality.decide(election);
    assert_eq!(tally.lead, Lead::Tie(vec![0, 2]));
    let broken =
        |tie_break: TieBreak, election, seed| tie_break.apply(tally.clone(), election, Seed::new(seed)).lead;
    assert_eq!(broken(TieBreak::None, election, 0), Lead::Tie(vec![0, 2]));
    assert_eq!(broken(TieBreak::Confidence, election, 0), Lead::Tie(vec![0, 2]), "1.0 against 1.0");
    assert_eq!(broken(TieBreak::FirstRound, election, 0), Lead::One(0));
    assert_eq!(broken(TieBreak::FirstRound, Election::new(3, &ballots), 0), Lead::Tie(vec![0, 2]), "unknown");
    let surer = [sure(0, 0, 0.6), sure(1, 2, 0.9)];
    assert_eq!(broken(TieBreak::Confidence, Election::new(3, &surer), 0), Lead::One(2));
    // By lot each comes up about as often, and the same seed draws the same.
    let first = (0..1_000).filter(|seed| broken(TieBreak::Seeded, election, *seed) == Lead::One(0)).count();
    assert!((420..580).contains(&first), "{first}");
    assert_eq!(broken(TieBreak::Seeded, election, 7), broken(TieBreak::Seeded, election, 7));
    // What is no tie stays.
    let short = Rule::Unanimity.decide(election);
    assert_eq!(TieBreak::Seeded.apply(short.clone(), election, Seed::new(0)), short);
}
