//! The axioms of the table in `rules.rs`, each for exactly the rules that are said to have it.

use super::*;

const VOTES: [Rule; 5] = [
    Rule::Plurality,
    Rule::Majority,
    Rule::Supermajority { threshold: Threshold::TWO_THIRDS },
    Rule::Unanimity,
    Rule::Hybrid(Hybrid::MALLM),
];
const WEIGHTED: [Rule; 3] = [Rule::ConfidenceWeighted, Rule::RecalibratedConfidence, Rule::TrackRecord];
const POOLS: [Rule; 2] = [Rule::LinearPool, Rule::LogPool];
const DUELS: [Rule; 3] = [Rule::Copeland, Rule::Schulze, Rule::Kemeny];

fn decide(rule: Rule, options: usize, ballots: &[Ballot]) -> Tally {
    rule.decide(Election::new(options, ballots))
}

/// The ballot with `option` moved to the top, the others in their order.
fn raised(ballot: &Ballot, option: usize) -> Ballot {
    let mut ranking = ballot.ranking.clone().unwrap();
    ranking.retain(|other| *other != option);
    ranking.insert(0, option);
    let mut points = ballot.points.clone().unwrap();
    points[option] = points.iter().copied().fold(0.0, f64::max) + 0.01;
    let sum: f64 = points.iter().sum();
    let mut approved = ballot.approved.clone().unwrap();
    approved.push(option);
    Ballot {
        stance: option,
        probabilities: Some(points.iter().map(|points| points / sum).collect()),
        points: Some(points),
        approved: Some(approved),
        ranking: Some(ranking),
        ..ballot.clone()
    }
}

/// A second option beside `original` on every ballot, as number `options`; before or after it as `before` says.
fn cloned(ballots: &[Ballot], original: usize, options: usize, before: u8) -> Vec<Ballot> {
    let with_clone = |(number, ballot): (usize, &Ballot)| {
        let mut ranking = ballot.ranking.clone().unwrap();
        let place = ranking.iter().position(|option| *option == original).unwrap();
        ranking.insert(place + usize::from(before >> (number % 8) & 1 == 0), options);
        Ballot::new(ballot.seat, ranking[0]).with_ranking(ranking)
    };
    ballots.iter().enumerate().map(with_clone).collect()
}

proptest! {
    #[test]
    fn anonymity_the_order_of_ballots_does_not_matter((options, ballots) in an_election(true), rotate in 0_usize..8) {
        let mut turned = ballots.clone();
        turned.rotate_left(rotate % ballots.len());
        for rule in rules() {
            prop_assert!(close(&decide(rule, options, &ballots), &decide(rule, options, &turned)), "{}", rule);
        }
    }

    /// Who casts a ballot matters only to the rules that weigh seats.
    #[test]
    fn anonymity_seats_can_be_exchanged((options, ballots) in an_election(true)) {
        let seats = ballots.iter().rev().map(|ballot| (ballot.seat, ballot.weight));
        let exchanged: Vec<Ballot> = ballots.iter().zip(seats)
            .map(|(ballot, (seat, weight))| Ballot { seat, weight, ..ballot.clone() }).collect();
        for rule in rules().filter(|rule| !WEIGHTED.contains(rule) && !POOLS.contains(rule)) {
            prop_assert!(close(&decide(rule, options, &ballots), &decide(rule, options, &exchanged)), "{}", rule);
        }
    }

    #[test]
    fn neutrality_renaming_the_options_renames_the_result((options, ballots) in an_election(true)) {
        let flip = |option: usize| options - 1 - option;
        let flipped = |named: &Vec<usize>| named.iter().map(|option| flip(*option)).collect();
        let renamed: Vec<Ballot> = ballots.iter().map(|ballot| Ballot {
            stance: flip(ballot.stance),
            probabilities: ballot.probabilities.clone().map(|p| p.into_iter().rev().collect()),
            points: ballot.points.clone().map(|points| points.into_iter().rev().collect()),
            ranking: ballot.ranking.as_ref().map(flipped),
            approved: ballot.approved.as_ref().map(flipped),
            own: ballot.own.map(flip),
            ..ballot.clone()
        }).collect();
        for rule in rules() {
            let (before, after) = (decide(rule, options, &ballots), decide(rule, options, &renamed));
            let mut names: Vec<usize> = after.leaders().iter().map(|option| flip(*option)).collect();
            names.sort_unstable();
            prop_assert_eq!(before.leaders(), names, "{}", rule);
            for option in 0..options {
                prop_assert!((before.scores[option] - after.scores[flip(option)]).abs() < 1e-9, "{}", rule);
            }
        }
    }

    #[test]
    fn monotonicity_what_leads_still_leads_when_a_ballot_moves_it_up((options, ballots) in an_election(false), who in 0_usize..8) {
        let who = who % ballots.len();
        for rule in rules().filter(|rule| !matches!(rule, Rule::Runoff | Rule::Trajectory)) {
            for leader in decide(rule, options, &ballots).leaders() {
                let mut moved = ballots.clone();
                moved[who] = raised(&ballots[who], *leader);
                prop_assert!(decide(rule, options, &moved).leaders().contains(leader), "{}", rule);
            }
        }
    }

    #[test]
    fn a_majority_leads((options, ballots) in an_election(true)) {
        let majority = decide(Rule::Majority, options, &ballots);
        if majority.leaders().is_empty() { return Ok(()); }
        for rule in DUELS.into_iter().chain([Rule::Plurality, Rule::Runoff]) {
            prop_assert_eq!(decide(rule, options, &ballots).lead, majority.lead.clone(), "{}", rule);
        }
    }

    #[test]
    fn condorcet_what_wins_all_its_duels_leads((options, ballots) in an_election(true)) {
        let duels = pairwise::Pairwise::of(Election::new(options, &ballots));
        let winner = (0..options).find(|one| duels.others(*one).all(|other| duels.beats(*one, other)));
        let Some(winner) = winner else { return Ok(()) };
        for rule in DUELS {
            prop_assert_eq!(decide(rule, options, &ballots).lead, Lead::One(winner), "{}", rule);
        }
    }

    #[test]
    fn pareto_what_all_put_below_another_does_not_lead((options, ballots) in an_election(false), two in any::<[prop::sample::Index; 2]>()) {
        let upper = two[0].index(options);
        let lower = (upper + 1 + two[1].index(options - 1)) % options;
        // Every ballot is made to put one below the other.
        let agreed: Vec<Ballot> = ballots.iter().map(|ballot| {
            let places = ballot.places(options);
            if places[upper] < places[lower] { return ballot.clone(); }
            let swap = |option: &usize| if *option == upper { lower } else if *option == lower { upper } else { *option };
            let swapped = |by_option: &Vec<f64>| { let mut all = by_option.clone(); all.swap(upper, lower); all };
            Ballot {
                stance: swap(&ballot.stance),
                ranking: ballot.ranking.as_ref().map(|ranking| ranking.iter().map(swap).collect()),
                probabilities: ballot.probabilities.as_ref().map(swapped),
                points: ballot.points.as_ref().map(swapped),
                ..ballot.clone()
            }
        }).collect();
        for rule in rules().filter(|rule| !matches!(rule, Rule::Approval | Rule::BordaOthers | Rule::Trajectory)) {
            prop_assert!(!decide(rule, options, &agreed).leaders().contains(&lower), "{}", rule);
        }
    }

    #[test]
    fn clones_change_nothing_for_the_others_under_schulze(
        (options, ballots) in an_election(false), original in any::<prop::sample::Index>(), before in any::<u8>()
    ) {
        let original = original.index(options);
        let lead = decide(Rule::Schulze, options, &ballots);
        let with_clone = decide(Rule::Schulze, options + 1, &cloned(&ballots, original, options, before));
        let mut leaders: Vec<usize> =
            with_clone.leaders().iter().map(|option| if *option == options { original } else { *option }).collect();
        leaders.sort_unstable();
        leaders.dedup();
        prop_assert_eq!(lead.leaders(), leaders);
    }

    #[test]
    fn reinforcement_what_leads_in_two_panels_leads_in_both((options, ballots) in an_election(true), cut in any::<prop::sample::Index>()) {
        let (one, other) = ballots.split_at(cut.index(ballots.len()));
        let scoring = [
            Rule::Approval, Rule::Borda, Rule::Cumulative, Rule::Score, Rule::ConfidenceWeighted,
            Rule::RecalibratedConfidence, Rule::LinearPool,
        ];
        for rule in VOTES.into_iter().chain(scoring) {
            let (one, other) = (decide(rule, options, one), decide(rule, options, other));
            let both: Vec<usize> =
                one.leaders().iter().copied().filter(|leader| other.leaders().contains(leader)).collect();
            if !both.is_empty() {
                let together = decide(rule, options, &ballots);
                prop_assert_eq!(together.leaders(), both, "{}", rule);
            }
        }
    }

    #[test]
    fn trajectories_are_anonymous_and_neutral(
        way in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.8, 0_usize..4), 5), 1..5)
    ) {
        let last = |seat: usize| way.iter().rev().find_map(|stances| stances[seat]);
        let ballots: Vec<Ballot> = (0..5).filter_map(|number| Some(Ballot::new(seat(number), last(number)?))).collect();
        let tally = Trajectory.decide(Election::new(4, &ballots).with_history(&way));
        let exchanged: Vec<Vec<_>> = way.iter().map(|stances| stances.iter().copied().rev().collect()).collect();
        let seats: Vec<Ballot> =
            ballots.iter().rev().map(|ballot| Ballot { seat: seat(4 - ballot.seat.get()), ..ballot.clone() }).collect();
        prop_assert!(close(&tally, &Trajectory.decide(Election::new(4, &seats).with_history(&exchanged))));
        let flipped: Vec<Vec<_>> =
            way.iter().map(|stances| stances.iter().map(|stance| stance.map(|stance| 3 - stance)).collect()).collect();
        let options: Vec<Ballot> = ballots.iter().map(|ballot| Ballot { stance: 3 - ballot.stance, ..ballot.clone() }).collect();
        let mut renamed = Trajectory.decide(Election::new(4, &options).with_history(&flipped)).scores;
        renamed.reverse();
        prop_assert!(close(&tally, &Tally::by_score(renamed)));
        prop_assert_eq!(tally.leaders().is_empty(), ballots.is_empty(), "somebody always leads");
    }
}
