//! The axioms that the rules have, as properties, and a table of small elections.

use proptest::prelude::*;

use super::*;
use crate::{Ballot, SeatIndex};

fn ballot(seat: u16, stance: usize, p: Option<Vec<f64>>, weight: f64) -> Ballot {
    Ballot { probabilities: p, weight, ..Ballot::new(SeatIndex(seat), stance) }
}

#[test]
fn small_elections() {
    // Two lukewarm votes for option 0, one sure vote for option 1.
    let ballots = [
        ballot(0, 0, Some(vec![0.55, 0.45]), 1.0),
        ballot(1, 0, Some(vec![0.55, 0.45]), 1.0),
        ballot(2, 1, Some(vec![0.05, 0.95]), 1.0),
    ];
    let decide = |rule: Rule| rule.decide(Election::new(2, &ballots));
    assert_eq!(decide(Rule::Plurality).leaders(), [0]);
    assert_eq!(decide(Rule::ConfidenceWeighted).leaders(), [0]);
    assert_eq!(decide(Rule::LinearPool).leaders(), [1]);
    assert!((decide(Rule::LinearPool).scores[0] - 1.15 / 3.0).abs() < 1e-12);
    assert!((decide(Rule::ConfidenceWeighted).scores[0] - 1.10).abs() < 1e-12);
}

#[test]
fn a_tie_names_all_its_leaders_and_nobody_leads_an_empty_vote() {
    let tied = [ballot(0, 2, None, 1.0), ballot(1, 0, None, 1.0)];
    for rule in Rule::ALL {
        assert_eq!(rule.decide(Election::new(3, &tied)).leaders(), [0, 2], "{rule}");
        assert!(rule.decide(Election::new(3, &[])).leaders().is_empty(), "{rule}");
    }
}

#[test]
fn a_seat_without_weight_moves_no_weighted_rule() {
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 1, Some(vec![0.0, 1.0]), 0.0)];
    for rule in [Rule::ConfidenceWeighted, Rule::LinearPool] {
        assert_eq!(
            rule.decide(Election::new(2, &ballots)),
            rule.decide(Election::new(2, &ballots[..1])),
            "{rule}"
        );
    }
}

fn an_election() -> impl Strategy<Value = (usize, Vec<Ballot>)> {
    (2_usize..5).prop_flat_map(|options| {
        let one = (0..options, prop::collection::vec(0.01..1.0_f64, options), 0.0..3.0_f64, any::<bool>());
        let ballots = prop::collection::vec(one, 1..8).prop_map(move |raw| {
            let ballots = raw.into_iter().enumerate().map(|(seat, (stance, p, weight, stated))| {
                let sum: f64 = p.iter().sum();
                let p = stated.then(|| p.iter().map(|x| x / sum).collect());
                ballot(u16::try_from(seat).unwrap(), stance, p, weight)
            });
            ballots.collect::<Vec<_>>()
        });
        (Just(options), ballots)
    })
}

fn close(a: &Tally, b: &Tally) -> bool {
    a.scores.iter().zip(&b.scores).all(|(a, b)| (a - b).abs() < 1e-9)
}

proptest! {
    #[test]
    fn anonymity_the_order_of_ballots_does_not_matter((options, ballots) in an_election(), rotate in 0_usize..8) {
        let mut turned = ballots.clone();
        turned.rotate_left(rotate % ballots.len());
        for rule in Rule::ALL {
            prop_assert!(close(&rule.decide(Election::new(options, &ballots)), &rule.decide(Election::new(options, &turned))), "{}", rule);
        }
    }

    #[test]
    fn neutrality_renaming_the_options_renames_the_result((options, ballots) in an_election()) {
        let flip = |option: usize| options - 1 - option;
        let renamed: Vec<Ballot> = ballots.iter().cloned().map(|mut ballot| {
            ballot.stance = flip(ballot.stance);
            if let Some(p) = &mut ballot.probabilities {
                p.reverse();
            }
            ballot
        }).collect();
        for rule in Rule::ALL {
            let mut expected = rule.decide(Election::new(options, &ballots));
            expected.scores.reverse();
            prop_assert!(close(&expected, &rule.decide(Election::new(options, &renamed))), "{}", rule);
        }
    }

    #[test]
    fn monotonicity_more_support_never_hurts((options, ballots) in an_election(), to in 0_usize..5, who in 0_usize..8) {
        let (to, who) = (to % options, who % ballots.len());
        for rule in Rule::ALL {
            let before = rule.decide(Election::new(options, &ballots));
            let mut moved = ballots.clone();
            let mut certain = vec![0.0; options];
            certain[to] = 1.0;
            moved[who].stance = to;
            moved[who].probabilities = Some(certain);
            let after = rule.decide(Election::new(options, &moved));
            prop_assert!(after.scores[to] >= before.scores[to] - 1e-9, "{}", rule);
            if before.leaders() == [to] {
                prop_assert_eq!(after.leaders(), [to], "{}", rule);
            }
        }
    }

    #[test]
    fn a_linear_pool_is_a_distribution_within_the_range_of_its_ballots((options, ballots) in an_election()) {
        prop_assume!(ballots.iter().any(|ballot| ballot.weight > 0.0));
        let pool = LinearPool.decide(Election::new(options, &ballots));
        prop_assert!((pool.scores.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        for option in 0..options {
            let stated: Vec<f64> = ballots.iter().map(|ballot| ballot.probability(option, options)).collect();
            let (low, high) = stated.iter().fold((1.0_f64, 0.0_f64), |(low, high), p| (low.min(*p), high.max(*p)));
            prop_assert!((low - 1e-9..=high + 1e-9).contains(&pool.scores[option]));
        }
    }
}

#[test]
fn a_bare_stance_never_speaks_for_another_option() {
    for confidence in [None, Some(0.0), Some(0.3), Some(1.0)] {
        for options in 2..6 {
            let ballot = Ballot { confidence, ..Ballot::new(SeatIndex(0), 1) };
            let p: Vec<f64> = (0..options).map(|option| ballot.probability(option, options)).collect();
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(p.iter().all(|other| *other <= p[1] + 1e-12), "{confidence:?} {p:?}");
        }
    }
}
