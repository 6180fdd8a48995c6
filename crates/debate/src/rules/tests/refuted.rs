//! The axioms that a rule lacks, each by an example.

use super::*;

/// Moncrieff's squeeze of the centre: b wins both its duels, and has the fewest first places.
const SQUEEZED: &str = "4 abc, 3 cba, 2 bac";
const CYCLE: &str = "2 abc, 2 bca, 2 cab";

fn led(rule: Rule, profile: &str) -> String {
    let ballots = ranked(profile);
    leaders(rule, ballots[0].ranking.as_ref().unwrap().len(), &ballots)
}

#[test]
fn plurality_and_runoff_miss_what_wins_all_its_duels() {
    assert_eq!(led(Rule::Schulze, SQUEEZED), "b");
    assert_eq!(led(Rule::Plurality, SQUEEZED), "a");
    assert_eq!(led(Rule::Runoff, SQUEEZED), "a");
}

#[test]
fn borda_passes_over_a_majority() {
    let profile = "3 abc, 2 bca";
    assert_eq!(led(Rule::Majority, profile), "a");
    assert_eq!(led(Rule::Borda, profile), "b");
    assert_eq!(led(Rule::BordaOthers, profile), "b");
}

#[test]
fn without_self_votes_what_all_prefer_may_not_lead() {
    // All put a first, and none of them may rate it.
    let ballots: Vec<Ballot> = ranked("2 abc").into_iter().map(|ballot| ballot.with_own(0)).collect();
    assert_eq!(leaders(Rule::Borda, 3, &ballots), "a");
    assert_eq!(leaders(Rule::BordaOthers, 3, &ballots), "b");
}

#[test]
fn runoff_is_not_monotone() {
    // The two who stood for b come over to a, which had won, and lose it the election.
    assert_eq!(led(Rule::Runoff, "6 abc, 5 cab, 4 bca, 2 bac"), "a");
    assert_eq!(led(Rule::Runoff, "6 abc, 5 cab, 4 bca, 2 abc"), "c");
}

#[test]
fn runoff_is_not_reinforcing() {
    assert_eq!(led(Rule::Runoff, "4 abc, 2 bac, 3 cba"), "a");
    assert_eq!(led(Rule::Runoff, "4 abc, 6 bac, 3 cab"), "a");
    assert_eq!(led(Rule::Runoff, "4 abc, 2 bac, 3 cba, 4 abc, 6 bac, 3 cab"), "ab");
}

#[test]
fn duels_are_not_reinforcing() {
    // Young and Levenglick 1978: whatever follows duels is not.
    for (rule, both) in [(Rule::Copeland, "abc"), (Rule::Schulze, "ac"), (Rule::Kemeny, "ac")] {
        assert_eq!(led(rule, CYCLE), "abc", "{rule}");
        assert_eq!(led(rule, "1 acb"), "a", "{rule}");
        assert_eq!(led(rule, &format!("{CYCLE}, 1 acb")), both, "{rule}");
    }
}

#[test]
fn clones_change_the_result_of_all_but_schulze() {
    // A second a, d: it splits the votes of plurality.
    assert_eq!(
        (led(Rule::Plurality, "4 ab, 3 ba"), led(Rule::Plurality, "2 acb, 2 cab, 3 bac")),
        ("a".into(), "b".into())
    );
    // A second b, which all put just below it, lifts b.
    for rule in [Rule::Borda, Rule::BordaOthers] {
        assert_eq!((led(rule, "3 ab, 2 ba"), led(rule, "3 abc, 2 bca")), ("a".into(), "b".into()), "{rule}");
    }
    // A second a, which all put just below it, costs b its part in the cycle.
    for (rule, with_clone) in [(Rule::Copeland, "ac"), (Rule::Kemeny, "c"), (Rule::Schulze, "abc")] {
        assert_eq!(led(rule, "1 abc, 1 bca, 1 cab"), "abc", "{rule}");
        assert_eq!(led(rule, "1 adbc, 1 bcad, 1 cadb"), with_clone, "{rule}");
    }
}

#[test]
fn whatever_counts_degrees_passes_over_a_lukewarm_majority() {
    let lukewarm = |seat| ballot(seat, 0, Some(vec![0.55, 0.45]), 1.0);
    let ballots = [lukewarm(0), lukewarm(1), ballot(2, 1, Some(vec![0.05, 0.95]), 1.0)];
    assert_eq!(leaders(Rule::Majority, 2, &ballots), "a");
    for rule in [Rule::Cumulative, Rule::Score, Rule::LinearPool, Rule::LogPool, Rule::RecalibratedConfidence]
    {
        assert_eq!(leaders(rule, 2, &ballots), "b", "{rule}");
    }
    let unsure = ballots
        .map(|ballot| Ballot { confidence: Some(if ballot.stance == 0 { 0.3 } else { 0.9 }), ..ballot });
    assert_eq!(leaders(Rule::ConfidenceWeighted, 2, &unsure), "b");
    let accepting = unsure.map(|ballot| Ballot {
        approved: Some(if ballot.stance == 0 { vec![0, 1] } else { vec![1] }),
        ..ballot
    });
    assert_eq!(leaders(Rule::Approval, 2, &accepting), "b");
}

#[test]
fn a_record_outweighs_a_majority_that_does_little_better_than_chance() {
    let mut record = TrackRecord::new(3);
    for question in 0..200_usize {
        let right = |n: usize| Some((question * 7 + n * 3) % 20 < 11);
        record.resolve(&[right(0), right(1), Some(question % 20 != 0)]).unwrap();
    }
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 0, None, 1.0), ballot(2, 1, None, 1.0)];
    let election = Election::new(2, &ballots);
    assert_eq!(Rule::TrackRecord.decide(election).lead, Lead::One(0));
    assert_eq!(Rule::TrackRecord.decide(election.with_record(&record)).lead, Lead::One(1));
}

#[test]
fn a_trajectory_counts_no_heads_and_is_not_monotone() {
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 0, None, 1.0), ballot(2, 1, None, 1.0)];
    let steadfast = vec![vec![Some(0), Some(0), Some(1)]; 3];
    let decide = |history: &[Vec<Option<usize>>], ballots: &[Ballot]| {
        Rule::Trajectory.decide(Election::new(3, ballots).with_history(history))
    };
    assert_eq!(decide(&steadfast, &ballots).lead, Lead::Tie(vec![0, 1]));
    // A late convert is worth less than who stood there from the first: it lowers the mean of what it joins.
    let mut late = steadfast;
    late.iter_mut().for_each(|stances| stances[1] = Some(2));
    late[2][1] = Some(0);
    let converted = decide(&late, &ballots);
    assert_eq!(converted.lead, Lead::One(1));
    late[2][1] = Some(2);
    let ballots = [ballot(0, 0, None, 1.0), ballot(1, 2, None, 1.0), ballot(2, 1, None, 1.0)];
    let stayed = decide(&late, &ballots);
    assert!(stayed.leaders().contains(&0) && stayed.scores[0] > converted.scores[0]);
}
