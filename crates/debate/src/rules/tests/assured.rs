//! Whoever is not waited for could not have changed the decision: all ways to go on are tried.

use super::{
    super::assured::{Voice, is_assured},
    *,
};

const OPTIONS: usize = 3;
const SEATS: usize = 4;
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Ballots of every kind that a rule tells apart, those at the very edge among them; `None` for who has none.
fn ballots_of(rule: Rule) -> Vec<Option<Ballot>> {
    let bare = (0..OPTIONS).map(|stance| Ballot::new(SeatIndex(0), stance));
    let ranked = ORDERS.iter().map(|order| Ballot::new(SeatIndex(0), order[0]).with_ranking(*order));
    let with = |stance: usize, make: &dyn Fn(&mut Ballot)| {
        let mut ballot = Ballot::new(SeatIndex(0), stance);
        make(&mut ballot);
        ballot
    };
    let sure = |stance, confidence| with(stance, &|ballot| ballot.confidence = Some(confidence));
    let probable =
        |[p, q, r]: [f64; 3], stance| with(stance, &move |ballot| ballot.probabilities = Some(vec![p, q, r]));
    let mut ballots: Vec<Ballot> = match rule.ballot_form() {
        BallotForm::Ranking => bare.chain(ranked).collect(),
        BallotForm::Approval => {
            let approved = |(stance, approved): (usize, &'static [usize])| {
                with(stance, &|ballot| ballot.approved = Some(approved.to_vec()))
            };
            let sets = [(0, &[0][..]), (1, &[1]), (2, &[2]), (0, &[0, 1]), (1, &[1, 2]), (2, &[2, 0])];
            sets.into_iter().map(approved).chain([probable([0.34, 0.33, 0.33], 0)]).collect()
        }
        BallotForm::Points => {
            let points = |(stance, points): (usize, [f64; 3])| {
                with(stance, &|ballot| ballot.points = Some(points.to_vec()))
            };
            let given = [
                (0, [10.0, 0.0, 0.0]),
                (1, [0.0, 10.0, 0.0]),
                (2, [0.0, 0.0, 10.0]),
                (0, [10.0, 9.0, 10.0]),
                (1, [0.1, 0.1, 0.0]),
                (2, [3.0, 4.0, 5.0]),
            ];
            given.into_iter().map(points).chain(bare).collect()
        }
        BallotForm::Stance => match rule {
            Rule::ConfidenceWeighted | Rule::RecalibratedConfidence | Rule::LinearPool | Rule::LogPool => {
                let sure = (0..OPTIONS).flat_map(|stance| [0.0, 0.75, 1.0].map(|c| sure(stance, c)));
                let near = [([0.5, 0.5, 0.0], 1), ([0.2, 0.3, 0.5], 2), ([0.4, 0.3, 0.3], 0)];
                sure.chain(near.map(|(p, stance)| probable(p, stance))).collect()
            }
            _ => bare.collect(),
        },
    };
    // The same ballot twice proves nothing new.
    ballots.dedup();
    ballots.into_iter().map(Some).chain([None]).collect()
}

/// Calls `see` with each choice of one of `choices` in each of `places`.
fn each_choice(places: usize, choices: usize, mut see: impl FnMut(&[usize])) {
    let mut chosen = vec![0; places];
    loop {
        see(&chosen);
        let Some(place) = (0..places).find(|place| chosen[*place] + 1 < choices) else { return };
        chosen[..place].fill(0);
        chosen[place] += 1;
    }
}

fn cast(ballots: &[Option<Ballot>], chosen: &[usize], from: usize, weights: [f64; SEATS]) -> Vec<Ballot> {
    let at = |(place, ballot): (usize, &usize)| {
        let ballot = ballots[*ballot].clone()?;
        Some(Ballot { seat: seat(from + place), weight: weights[from + place], ..ballot })
    };
    chosen.iter().enumerate().filter_map(at).collect()
}

fn election<'a>(ballots: &'a [Ballot], record: Option<&'a TrackRecord>, rounds: u32) -> Election<'a> {
    Election { record, ..Election::new(OPTIONS, ballots).with_rounds(rounds) }
}

fn decision(tally: &Tally) -> Option<usize> {
    match tally.lead {
        Lead::One(one) => Some(one),
        _ => None,
    }
}

/// How often a decision is found to be assured; each time all ways to go on are tried, and must come to it.
fn assured(rule: Rule, weights: [f64; SEATS], record: Option<&TrackRecord>, rounds: u32) -> usize {
    let ballots = ballots_of(rule);
    // Where all seats are alike, who of them casts what does not matter.
    let alike = record.is_none() && weights.iter().all(|weight| weight.to_bits() == weights[0].to_bits());
    let mut assured = 0;
    for n_settled in 1..SEATS {
        let out: Vec<Voice> = (n_settled..SEATS)
            .map(|place| Voice { seat: seat(place), weight: weights[place], stood: None })
            .collect();
        each_choice(n_settled, ballots.len(), |chosen| {
            if alike && !chosen.is_sorted() {
                return;
            }
            let settled = cast(&ballots, chosen, 0, weights);
            if !is_assured(rule, election(&settled, record, rounds), &out) {
                return;
            }
            assured += 1;
            let expected = decision(&rule.decide(election(&settled, record, rounds)));
            each_choice(out.len(), ballots.len(), |chosen| {
                if alike && !chosen.is_sorted() {
                    return;
                }
                let whole = [settled.clone(), cast(&ballots, chosen, n_settled, weights)].concat();
                let tally = rule.decide(election(&whole, record, rounds));
                assert_eq!(decision(&tally), expected, "{rule}: {settled:?}, then {whole:?}: {tally:?}");
            });
        });
    }
    assured
}

#[test]
fn no_way_to_go_on_changes_what_is_assured() {
    for rule in Rule::ALL.into_iter().filter(|rule| *rule != Rule::Trajectory) {
        let found = assured(rule, [1.0; SEATS], None, 3);
        assert_eq!(found == 0, rule == Rule::Judge, "{rule}: {found}");
    }
}

#[test]
fn weights_are_heeded_where_they_count() {
    for rule in [
        Rule::LinearPool,
        Rule::LogPool,
        Rule::ConfidenceWeighted,
        Rule::RecalibratedConfidence,
        Rule::TrackRecord,
    ] {
        for weights in [[3.0, 1.0, 1.0, 0.5], [0.0, 2.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]] {
            assert!(assured(rule, weights, None, 3) > 0, "{rule}, {weights:?}");
        }
    }
}

#[test]
fn a_hybrid_heeds_how_many_vote_and_how_many_rounds_were_held() {
    for hybrid in ["hybrid:5:3:0.75", "hybrid:2:2:0.6", "hybrid:0:0:2/3", "hybrid:3:1:1"] {
        for rounds in [1, 3, 6] {
            assured(hybrid.parse().unwrap(), [1.0; SEATS], None, rounds);
        }
    }
    // Two agree and one may follow: late in the debate two of three are enough, and early they are not.
    let late: Rule = "hybrid:2:1:2/3".parse().unwrap();
    let two = [Ballot::new(seat(0), 0), Ballot::new(seat(1), 0)];
    let out = [Voice { seat: seat(2), weight: 1.0, stood: None }];
    assert!(is_assured(late, Election::new(OPTIONS, &two).with_rounds(2), &out));
    assert!(!is_assured(late, Election::new(OPTIONS, &two).with_rounds(1), &out));
}

#[test]
fn who_is_known_to_be_right_is_waited_for() {
    // The first two are always right or wrong together; the last is right so often in ten.
    let record = |of_ten: usize| {
        let mut record = TrackRecord::new(SEATS);
        for question in 0..120_usize {
            let twins = question % 10 < 6;
            let right = [twins, twins, question % 7 < 4, question % 10 < of_ten];
            record.resolve(&right.map(Some)).unwrap();
        }
        record
    };
    for of_ten in [3, 6] {
        assert!(assured(Rule::TrackRecord, [1.0; SEATS], Some(&record(of_ten)), 3) > 0, "{of_ten}");
    }
    let record = record(10);
    assured(Rule::TrackRecord, [1.0; SEATS], Some(&record), 3);
    let three = [0, 1, 2].map(|n| Ballot::new(seat(n), 0));
    let out = [Voice { seat: seat(3), weight: 1.0, stood: None }];
    let election = Election::new(OPTIONS, &three);
    assert!(is_assured(Rule::TrackRecord, election, &out), "three to one");
    assert!(!is_assured(Rule::TrackRecord, election.with_record(&record), &out), "three who know little");
}

/// Two rounds; in the second some have spoken. Each of the others speaks, keeps its vote in silence, or withdraws it.
#[test]
fn no_way_of_a_trajectory_ends_elsewhere() {
    const PANEL: usize = 3;
    let rule = Rule::Trajectory;
    let mut assured = 0;
    for n_settled in 1..PANEL {
        each_choice(PANEL + n_settled, OPTIONS, |stances| {
            let (first, second) = stances.split_at(PANEL);
            let played = |others: &[Option<Option<usize>>]| {
                // For each of the others: the stance, or silence, with the vote of the first round or without.
                let mut round: Vec<Option<usize>> = second.iter().copied().map(Some).collect();
                let mut ballots: Vec<Ballot> =
                    second.iter().enumerate().map(|(n, stance)| Ballot::new(seat(n), *stance)).collect();
                for (n, other) in (n_settled..).zip(others) {
                    round.push(other.flatten());
                    let vote = other.map(|says| says.unwrap_or(first[n]));
                    ballots.extend(vote.map(|stance| Ballot::new(seat(n), stance)));
                }
                round.resize(PANEL, None);
                (ballots, vec![first.iter().copied().map(Some).collect::<Vec<_>>(), round])
            };
            let out: Vec<Voice> = (n_settled..PANEL)
                .map(|n| Voice { seat: seat(n), weight: 1.0, stood: Some(first[n]) })
                .collect();
            let (ballots, history) = played(&[]);
            let before = Election::new(OPTIONS, &ballots).with_history(&history);
            if !is_assured(rule, before, &out) {
                return;
            }
            assured += 1;
            let mut ends = std::collections::BTreeSet::new();
            let acts = [Some(Some(0)), Some(Some(1)), Some(Some(2)), Some(None), None];
            each_choice(out.len(), acts.len(), |chosen| {
                let acts: Vec<_> = chosen.iter().map(|act| acts[*act]).collect();
                let (ballots, history) = played(&acts);
                let after = Election::new(OPTIONS, &ballots).with_history(&history);
                ends.insert(decision(&rule.decide(after)));
            });
            assert!(ends.len() == 1 && !ends.contains(&None), "{stances:?}: {ends:?}");
        });
    }
    assert!(assured > 0);
}

#[test]
fn too_many_ways_are_not_tried() {
    let ballots = [Ballot::new(seat(0), 0)];
    let voices = |n: usize| -> Vec<Voice> {
        (1..=n).map(|place| Voice { seat: seat(place), weight: 0.0, stood: None }).collect()
    };
    let history = [vec![Some(0); 40]];
    let election = Election::new(OPTIONS, &ballots).with_history(&history);
    assert!(!is_assured(Rule::Trajectory, election, &voices(39)));
    let record = TrackRecord::new(40);
    let election = Election::new(OPTIONS, &ballots).with_record(&record);
    assert!(is_assured(Rule::TrackRecord, election, &voices(8)), "none of them weighs anything");
    assert!(!is_assured(Rule::TrackRecord, election, &voices(39)));
}
