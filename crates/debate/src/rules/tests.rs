//! Ballots for the tests of the rules, and what all rules have in common.

mod assured;
mod axioms;
mod refuted;
mod stated;
mod thresholds;
mod weights;
mod writing;

use proptest::prelude::*;

use super::*;
use crate::{Ballot, Lead, SeatIndex};

/// The rules under which the ballots alone decide.
fn rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.into_iter().filter(|rule| *rule != Rule::Judge)
}

fn ballot(seat: u16, stance: usize, p: Option<Vec<f64>>, weight: f64) -> Ballot {
    Ballot { probabilities: p, weight, ..Ballot::new(SeatIndex(seat), stance) }
}

fn seat(number: usize) -> SeatIndex {
    SeatIndex(u16::try_from(number).unwrap())
}

/// Ballots that rank, written as `3 abc, 2 bca`.
fn ranked(profile: &str) -> Vec<Ballot> {
    let mut ballots = Vec::new();
    for group in profile.split(", ") {
        let (times, names) = group.split_once(' ').unwrap();
        let ranking: Vec<usize> = names.bytes().map(|name| usize::from(name - b'a')).collect();
        for _ in 0..times.parse::<u32>().unwrap() {
            ballots.push(Ballot::new(seat(ballots.len()), ranking[0]).with_ranking(ranking.clone()));
        }
    }
    ballots
}

/// The leaders under `rule`, by name.
fn leaders(rule: Rule, options: usize, ballots: &[Ballot]) -> String {
    let leaders = rule.decide(Election::new(options, ballots)).leaders().to_vec();
    leaders.into_iter().map(|option| char::from(b'a' + u8::try_from(option).unwrap())).collect()
}

fn close(a: &Tally, b: &Tally) -> bool {
    a.lead == b.lead && a.scores.iter().zip(&b.scores).all(|(a, b)| (a - b).abs() < 1e-9)
}

/// A ballot that states everything, and means the same with all of it: `order` from the best, with descending `worth`, of
/// which the first `accepted` are acceptable.
fn full(number: usize, order: &[usize], worth: &[f64], accepted: usize) -> Ballot {
    let mut worth: Vec<f64> = worth[..order.len()].to_vec();
    worth.sort_by(|a, b| b.total_cmp(a));
    let sum: f64 = worth.iter().sum();
    let mut points = vec![0.0; order.len()];
    for (option, worth) in order.iter().zip(&worth) {
        points[*option] = *worth;
    }
    let mut ballot = Ballot::new(seat(number), order[0]).with_ranking(order.to_vec());
    ballot.probabilities = Some(points.iter().map(|points| points / sum).collect());
    ballot.approved = Some(order[..=accepted % order.len()].to_vec());
    ballot.points = Some(points);
    ballot
}

/// How many options, and one to eight ballots. `bare` ballots state nothing but a stance, and perhaps probabilities.
fn an_election(bare: bool) -> impl Strategy<Value = (usize, Vec<Ballot>)> {
    (2_usize..=5).prop_flat_map(move |options| {
        let order = Just((0..options).collect::<Vec<_>>()).prop_shuffle();
        let worth = prop::collection::vec(0.1..10.0_f64, options);
        let one = (order, worth, 0..options, 0.1..3.0_f64, any::<[bool; 2]>());
        let ballots = prop::collection::vec(one, 1..=8).prop_map(move |raw| {
            let ballots =
                raw.into_iter().enumerate().map(|(number, (order, worth, accepted, weight, some))| {
                    let own = some[1].then_some(accepted);
                    let mut ballot = Ballot { weight, own, ..full(number, &order, &worth, accepted) };
                    if bare && some[0] {
                        ballot = Ballot {
                            weight,
                            probabilities: ballot.probabilities,
                            ..Ballot::new(ballot.seat, ballot.stance)
                        };
                    }
                    if bare && some[0] && some[1] {
                        ballot.probabilities = None;
                    }
                    ballot
                });
            ballots.collect::<Vec<_>>()
        });
        (Just(options), ballots)
    })
}

#[test]
fn a_tie_names_all_its_leaders_and_nobody_leads_an_empty_vote() {
    let tied = [ballot(0, 2, None, 1.0), ballot(1, 0, None, 1.0)];
    for rule in rules() {
        assert!(rule.decide(Election::new(3, &[])).leaders().is_empty(), "{rule}");
        assert_eq!(rule.decide(Election::new(3, &[])).lead, Lead::Nobody, "{rule}");
        match rule.decide(Election::new(3, &tied)).lead {
            Lead::Tie(leaders) => assert_eq!(leaders, [0, 2], "{rule}"),
            Lead::Short { foremost, votes, needed, cast } => {
                assert_eq!((foremost, votes, needed, cast), (vec![0, 2], 1, 2, 2), "{rule}");
            }
            other => panic!("{rule}: {other:?}"),
        }
    }
}

#[test]
fn no_rule_fails_without_options_or_with_a_stance_that_is_none() {
    let odd = [
        Ballot::new(SeatIndex(0), 7),
        Ballot::new(SeatIndex(900), 1).with_ranking([9, 1, 1]).with_own(8),
        Ballot {
            points: Some(vec![]),
            approved: Some(vec![5]),
            probabilities: Some(vec![0.1]),
            ..Ballot::new(SeatIndex(1), 0)
        },
    ];
    for rule in Rule::ALL {
        for options in 0..4 {
            let tally = rule.decide(Election::new(options, &odd));
            assert_eq!(tally.scores.len(), options, "{rule}");
            assert!(tally.scores.iter().all(|score| score.is_finite() && *score >= 0.0), "{rule}: {tally:?}");
            assert!(tally.foremost().iter().all(|option| *option < options), "{rule}: {tally:?}");
        }
    }
}

#[test]
fn the_judge_decides_or_nobody_does() {
    let ballots = [ballot(0, 0, None, 1.0)];
    let election = Election::new(2, &ballots);
    assert_eq!(Rule::Judge.decide(election).lead, Lead::Nobody);
    assert_eq!(Rule::Judge.decide(election.with_judgement(&[0.2, 0.7])).lead, Lead::One(1));
    assert_eq!(Rule::Judge.decide(election.with_judgement(&[0.7, 0.7])).lead, Lead::Tie(vec![0, 1]));
    for unfit in [&[1.0][..], &[f64::NAN, 1.0], &[-1.0, 1.0]] {
        assert_eq!(Rule::Judge.decide(election.with_judgement(unfit)).lead, Lead::Nobody, "{unfit:?}");
    }
}

proptest! {
    /// The leader has the highest score, and nobody else has it.
    #[test]
    fn scores_and_lead_agree((options, ballots) in an_election(true)) {
        for rule in rules() {
            let tally = rule.decide(Election::new(options, &ballots));
            let best = tally.scores.iter().copied().fold(0.0, f64::max);
            let highest: Vec<usize> = (0..options).filter(|option| tally.scores[*option] >= best * (1.0 - 1e-9)).collect();
            prop_assert_eq!(tally.foremost(), highest, "{}: {:?}", rule, tally.scores);
            prop_assert!(tally.scores.iter().all(|score| *score >= 0.0), "{}", rule);
        }
    }
}
