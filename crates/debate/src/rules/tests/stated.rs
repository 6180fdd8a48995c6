//! What ballots state, and what stands in for it.

use super::*;

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

/// Tennessee's capital: the usual example, with its known results.
#[test]
fn tennessee() {
    // Memphis, Nashville, Chattanooga, Knoxville.
    let ballots = ranked("42 abcd, 26 bcda, 15 cdba, 17 dcba");
    for (rule, winner, score) in [
        (Rule::Plurality, "a", 42.0),
        (Rule::Runoff, "d", 0.58),
        (Rule::Borda, "b", 194.0 / 300.0),
        (Rule::Copeland, "b", 1.0),
        (Rule::Schulze, "b", 1.0),
        (Rule::Kemeny, "b", 393.0 / 600.0),
    ] {
        let tally = rule.decide(Election::new(4, &ballots));
        assert_eq!(leaders(rule, 4, &ballots), winner, "{rule}");
        assert!((tally.scores[tally.leaders()[0]] - score).abs() < 1e-12, "{rule}: {:?}", tally.scores);
    }
}

/// Schulze 2011, section 3.1 (his first example): 45 ballots, five options, and e wins although nobody wins all duels.
#[test]
fn the_example_of_schulze() {
    let ballots = ranked("5 acbed, 5 adecb, 8 bedac, 3 cabed, 7 caebd, 2 cbade, 7 dceba, 8 ebadc");
    assert_eq!(leaders(Rule::Schulze, 5, &ballots), "e");
}

#[test]
fn places_follow_the_ranking_or_the_probabilities_or_the_stance() {
    let bare = Ballot::new(SeatIndex(0), 1);
    assert_eq!(bare.places(4), [1, 0, 1, 1]);
    let stated = Ballot { probabilities: Some(vec![0.2, 0.4, 0.1, 0.3]), ..bare.clone() };
    assert_eq!(stated.places(4), [2, 0, 3, 1]);
    let equal = Ballot { probabilities: Some(vec![0.25; 4]), ..bare.clone() };
    assert_eq!(equal.places(4), [1, 0, 1, 1], "the stance is still the stance");
    assert_eq!(bare.clone().with_ranking([1, 3, 0, 2]).places(4), [2, 0, 3, 1]);
    assert_eq!(bare.with_ranking([1, 3]).places(4), [2, 0, 2, 1]);
}

#[test]
fn approvals_and_points_are_as_stated_or_follow_the_probabilities() {
    let bare = Ballot::new(SeatIndex(0), 1);
    let approved = |ballot: &Ballot| (0..3).filter(|option| ballot.approves(*option, 3)).collect::<Vec<_>>();
    let stated = Ballot { probabilities: Some(vec![0.34, 0.4, 0.26]), ..bare.clone() };
    assert_eq!(approved(&bare), [1]);
    assert_eq!(approved(&stated), [0, 1]);
    assert_eq!(approved(&Ballot { approved: Some(vec![2, 1]), ..stated.clone() }), [1, 2]);
    assert!((stated.points_for(1, 3) - 4.0).abs() < 1e-12);
    let given = Ballot { points: Some(vec![1.0, 8.0, 0.0]), ..stated };
    assert!((given.points_for(1, 3) - 8.0).abs() < 1e-12);
    let tally = Rule::Cumulative.decide(Election::new(3, std::slice::from_ref(&given)));
    assert!((tally.scores[1] - 8.0 / 9.0).abs() < 1e-12, "one vote, whatever the sum of the points");
    let tally = Rule::Score.decide(Election::new(3, &[given]));
    assert!((tally.scores[1] - 0.8).abs() < 1e-12);
}

#[test]
fn nobody_rates_a_proposal_of_its_own() {
    // Each puts its own first; c's is the second best of both others.
    let ballots = ["acb", "bca", "cab"].map(|order| format!("1 {order}"));
    let ballots: Vec<Ballot> = ballots
        .iter()
        .zip(0..)
        .map(|(profile, own)| {
            let [ballot] = &ranked(profile)[..] else { panic!("one ballot") };
            Ballot { seat: SeatIndex(own), ..ballot.clone().with_own(usize::from(own)) }
        })
        .collect();
    let tally = Rule::BordaOthers.decide(Election::new(3, &ballots));
    assert_eq!(tally.lead, Lead::One(2));
    assert_eq!(tally.scores, [0.5, 0.0, 1.0]);
    let without: Vec<Ballot> = ballots.into_iter().map(|ballot| Ballot { own: None, ..ballot }).collect();
    let election = Election::new(3, &without);
    assert_eq!(Rule::BordaOthers.decide(election), Rule::Borda.decide(election));
}

#[test]
fn a_trajectory_is_scored_as_published() {
    // Seat 0 stays with a; seat 1 leaves b for a in the second round; seat 2 is silent in the second.
    let history =
        [vec![Some(0), Some(1), Some(1)], vec![Some(0), Some(0), None], vec![Some(0), Some(0), Some(1)]];
    let ballots = [Ballot::new(SeatIndex(0), 0), Ballot::new(SeatIndex(1), 0), Ballot::new(SeatIndex(2), 1)];
    let tally = Rule::Trajectory.decide(Election::new(2, &ballots).with_history(&history));
    let a = (20.0 + 20.0 / 2.0 + 20.0 / 3.0 + 30.0 / 2.0 + 20.0 / 3.0) / 2.0;
    let b = (20.0 - 25.0 / 2.0 + 20.0 + 20.0 / 3.0) / 2.0;
    assert!((tally.scores[0] - a).abs() < 1e-12 && (tally.scores[1] - b).abs() < 1e-12, "{:?}", tally.scores);
    assert_eq!(tally.lead, Lead::One(0));
    // Who has no ballot any more has no trajectory either.
    let tally = Rule::Trajectory.decide(Election::new(2, &ballots[2..]).with_history(&history));
    assert!(tally.scores[0] < 1e-12);
}

#[test]
fn kemeny_refuses_what_it_cannot_count() {
    assert!(Rule::Kemeny.check(12).is_ok() && Rule::Schulze.check(64).is_ok());
    assert!(Rule::Kemeny.check(13).unwrap_err().to_string().contains("schulze"));
    let spec =
        crate::Spec::new("Which?", (0..13).map(|n| n.to_string())).with_seat(crate::Seat::new("Ada", "x"));
    assert!(spec.clone().with_rule(Rule::Schulze).check().is_ok());
    assert!(spec.with_rule(Rule::Kemeny).check().is_err());
    assert_eq!(Rule::Kemeny.decide(Election::new(13, &[Ballot::new(SeatIndex(0), 1)])).lead, Lead::Nobody);
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

proptest! {
    /// Against all orders, one by one.
    #[test]
    fn kemeny_is_the_best_of_all_orders((options, ballots) in an_election(true)) {
        let duels = pairwise::Pairwise::of(Election::new(options, &ballots));
        let mut best = (0, Vec::new());
        let mut orders = vec![Vec::new()];
        while let Some(order) = orders.pop() {
            orders.extend((0..options).filter(|next| !order.contains(next)).map(|next| [&order[..], &[next]].concat()));
            if order.len() == options {
                let pairs = (0..options).flat_map(|one| (one + 1..options).map(move |other| (one, other)));
                let agreement: u32 = pairs.map(|(one, other)| duels.prefer(order[one], order[other])).sum();
                if agreement > best.0 { best = (agreement, Vec::new()); }
                if agreement == best.0 { best.1.push(order[0]); }
            }
        }
        best.1.sort_unstable();
        best.1.dedup();
        let tally = Rule::Kemeny.decide(Election::new(options, &ballots));
        prop_assert_eq!(tally.leaders(), best.1);
    }
}
