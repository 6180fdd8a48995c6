//! Orders, topologies, rules of stopping, the selector and the judge.

use super::*;
use crate::{DeclineCause, Selection, SelectionReason, TieBreak};

fn said(stance: usize) -> Bill {
    Bill { calls: 1, cost: Usd::from_picodollars(10 + i128::try_from(stance).unwrap()), ..Bill::default() }
}

fn seats_asked(debate: &Debate) -> Vec<u16> {
    match debate.next() {
        Step::Ask(asks) => asks.iter().map(|ask| ask.seat.0).collect(),
        _ => Vec::new(),
    }
}

fn ask(debate: &mut Debate, seat: u16) {
    let (round, seat) = (debate.round(), SeatIndex(seat));
    debate.apply(Event::Asked { round, seat, reserved: RESERVED }).unwrap();
}

fn speak(debate: &mut Debate, seat: u16, stance: usize) {
    let (round, seat) = (debate.round(), SeatIndex(seat));
    let utterance = Arc::new(Utterance::new(stance));
    debate.apply(Event::Spoke { round, seat, utterance, bill: said(0) }).unwrap();
}

fn hears(debate: &Debate, seat: u16) -> Vec<usize> {
    let turn = debate.turn(Ask { round: debate.round(), seat: SeatIndex(seat) });
    let mut stances: Vec<_> = turn.peers().iter().map(|peer| peer.utterance.stance).collect();
    stances.sort_unstable();
    stances
}

/// Whoever is asked speaks, at once.
fn take_turns(debate: &mut Debate, stances: &[usize]) -> Vec<u16> {
    let (round, mut order) = (debate.round(), Vec::new());
    while debate.round() == round
        && let Some(&seat) = seats_asked(debate).first()
    {
        ask(debate, seat);
        speak(debate, seat, stances[usize::from(seat)]);
        order.push(seat);
    }
    order
}

#[test]
fn one_after_another_each_hears_those_before_it_but_not_in_a_blind_round() {
    for (order, second, third) in
        [(Order::Sequential, [0, 1, 2], [0, 1, 2]), (Order::RoundRobin, [1, 2, 0], [2, 0, 1])]
    {
        let mut debate = Debate::open(spec(3).with_order(order).with_rounds(4).with_stops([])).unwrap();
        assert_eq!(seats_asked(&debate), [0, 1, 2], "blind: all at once");
        for seat in 0..3 {
            ask(&mut debate, seat);
        }
        for seat in 0..3 {
            assert_eq!(hears(&debate, seat), [0; 0]);
            speak(&mut debate, seat, usize::from(seat));
        }
        let first = second[0];
        assert_eq!(seats_asked(&debate), [first]);
        ask(&mut debate, first);
        assert_eq!(seats_asked(&debate), [0_u16; 0], "one at a time");
        speak(&mut debate, first, usize::from((first + 1) % 3));
        // The next one hears what was said just now, not what was said before it.
        let next = second[1];
        let mut heard = vec![usize::from((first + 1) % 3), usize::from(second[2])];
        heard.sort_unstable();
        assert_eq!(hears(&debate, next), heard);
        assert_eq!(take_turns(&mut debate, &[0, 1, 2]), second[1..]);
        assert_eq!(take_turns(&mut debate, &[0, 1, 2]), third);
    }
}

#[test]
fn without_a_blind_round_the_second_speaker_has_heard_the_first() {
    let spec = spec(3).with_order(Order::Sequential).without_blind_round();
    let mut debate = Debate::open(spec).unwrap();
    assert_eq!(seats_asked(&debate), [0]);
    ask(&mut debate, 0);
    speak(&mut debate, 0, 2);
    assert_eq!((seats_asked(&debate), hears(&debate, 1), hears(&debate, 2)), (vec![1], vec![2], vec![2]));
}

#[test]
fn what_is_cited_in_a_sequence_is_seen_by_the_next_speaker() {
    let spec = spec(2)
        .with_order(Order::Sequential)
        .without_blind_round()
        .with_evidence(vec![evidence("ev-1", Some(vec![0]))]);
    let mut debate = Debate::open(spec).unwrap();
    let second = Ask { round: 0, seat: SeatIndex(1) };
    assert_eq!(debate.turn(second).evidence().len(), 0);
    ask(&mut debate, 0);
    let utterance = Arc::new(Utterance::new(0).because("a fact", ["ev-1"]));
    debate.apply(Event::Spoke { round: 0, seat: SeatIndex(0), utterance, bill: said(0) }).unwrap();
    assert_eq!(debate.turn(second).evidence().len(), 1);
}

#[test]
fn a_topology_says_who_hears_whom() {
    for (topology, expected) in [
        (Topology::Complete, vec![vec![0, 1, 2], vec![0, 0, 2], vec![0, 0, 1], vec![0, 1, 2]]),
        (Topology::Ring, vec![vec![0, 1], vec![0, 2], vec![0, 1], vec![0, 2]]),
        (Topology::Star { moderator: SeatIndex(1) }, vec![vec![1], vec![0, 0, 2], vec![1], vec![1]]),
    ] {
        let mut debate = Debate::open(spec(4).with_topology(topology).with_stops([])).unwrap();
        take_turns(&mut debate, &[0, 1, 2, 0]);
        assert_eq!(debate.round(), 1);
        let heard: Vec<_> = (0..4).map(|seat| hears(&debate, seat)).collect();
        assert_eq!(heard, expected, "{topology:?}");
    }
}

#[test]
fn nobody_waits_for_who_cannot_change_the_decision() {
    let spec = spec(5).with_rounds(1).with_stops([StopRule::UnassailableLead]);
    let mut debate = Debate::open(spec).unwrap();
    for seat in 0..5 {
        ask(&mut debate, seat);
    }
    speak(&mut debate, 0, 1);
    speak(&mut debate, 1, 1);
    assert_eq!(debate.next(), Step::Wait, "three others could still agree on another option");
    speak(&mut debate, 2, 1);
    let Step::Done(verdict) = debate.next() else { panic!("three of five are enough") };
    assert_eq!((verdict.decision(), verdict.stopped), (Some("b"), StopReason::UnassailableLead));
    assert_eq!((verdict.calls, verdict.abstentions.len()), (5, 2));
    let lost = Degradation::PossiblyPaid { amount: Usd::from_picodollars(18) };
    assert!(verdict.degradations.contains(&lost), "two calls were under way: {:?}", verdict.degradations);
    debate.apply(Event::Concluded { verdict }).unwrap();
}

#[test]
fn nobody_waits_for_a_share_that_is_out_of_reach() {
    let spec = spec(4).with_rounds(1).with_rule(Rule::Unanimity).with_stops([StopRule::UnassailableLead]);
    let mut debate = Debate::open(spec).unwrap();
    for seat in 0..4 {
        ask(&mut debate, seat);
    }
    speak(&mut debate, 0, 1);
    assert_eq!(debate.next(), Step::Wait, "all may yet agree");
    speak(&mut debate, 3, 2);
    let Step::Done(verdict) = debate.next() else { panic!("two have differed") };
    assert_eq!((verdict.decision(), verdict.stopped), (None, StopReason::UnassailableLead));
    assert!(matches!(verdict.outcome, Outcome::NoMajority { votes: 1, needed: 2, cast: 2, .. }));
}

#[test]
fn a_vote_of_an_earlier_round_may_be_all_that_a_seat_has() {
    // In the last round of a trajectory silence keeps the vote, and what was said before counts all the same.
    let spec = spec(3).with_rounds(2).with_rule(Rule::Trajectory).with_stops([StopRule::UnassailableLead]);
    let mut debate = Debate::open(spec).unwrap();
    take_turns(&mut debate, &[0, 0, 0]);
    assert_eq!(debate.round(), 1, "the lead is looked at in the last round alone");
    for seat in 0..3 {
        ask(&mut debate, seat);
    }
    speak(&mut debate, 0, 0);
    speak(&mut debate, 1, 0);
    // If the third goes over to b, b has 30 / 2, and a has (3 × 20 + 2 × 20 / 2 - 25 / 2) / 3.
    let Step::Done(verdict) = debate.next() else { panic!("a leads in any case") };
    assert_eq!((verdict.decision(), verdict.stopped), (Some("a"), StopReason::UnassailableLead));
    let stale = Degradation::StaleVote { name: "Seat 2".to_owned(), round: 0 };
    assert!(verdict.degradations.contains(&stale), "{:?}", verdict.degradations);
}

#[test]
fn a_weighty_voice_that_has_not_spoken_is_waited_for() {
    let mut spec =
        spec(3).with_rounds(1).with_rule(Rule::LinearPool).with_stops([StopRule::UnassailableLead]);
    spec.seats[2].weight = 2.5;
    let mut debate = Debate::open(spec).unwrap();
    for seat in 0..3 {
        ask(&mut debate, seat);
    }
    speak(&mut debate, 0, 1);
    speak(&mut debate, 1, 1);
    assert_eq!(debate.next(), Step::Wait);
}

#[test]
fn stances_must_be_stable_for_as_long_as_was_said() {
    for (rounds, held) in [(1, 2), (2, 3), (3, 4), (9, 6)] {
        let spec = spec(2).with_rounds(6).with_stops([StopRule::Stable { rounds }]);
        let verdict = verdict(spec, &vec![vec![says(0)], vec![says(1)]]);
        assert_eq!(verdict.rounds, held, "{rounds}");
    }
}

#[test]
fn votes_that_would_be_too_unlikely_end_it() {
    let test = StopRule::SequentialTest { competence: 0.7, error: 0.05 };
    let stopped = |n_for: usize, n_against: usize| {
        let script: Script = (0..n_for + n_against).map(|n| vec![says(usize::from(n >= n_for))]).collect();
        let mut spec = spec(script.len()).with_stops([test]);
        spec.options.pop();
        verdict(spec, &script).stopped
    };
    assert_eq!(stopped(4, 0), StopReason::SequentialTest);
    assert_eq!(stopped(5, 1), StopReason::SequentialTest);
    assert_eq!(stopped(4, 1), StopReason::RoundLimit);
}

#[test]
fn the_receipt_says_why_it_was_debated_and_what_was_saved() {
    let (agree, split) = (vec![vec![says(0)]; 3], vec![vec![says(0)], vec![says(1)], vec![says(0)]]);
    let receipt = |selector, script: &Script| {
        let verdict = verdict(spec(3).with_selector(selector).with_rounds(3), script);
        let Selection { debated, reason, calls_saved, cost_saved, .. } = verdict.selection.clone().unwrap();
        (verdict.stopped, verdict.rounds, debated, reason, calls_saved, cost_saved)
    };
    let usd = Usd::from_picodollars;
    for (selector, script, expected) in [
        (Selector::Auto, &agree, (StopReason::Unanimous, 1, false, SelectionReason::Agreement, 6, usd(42))),
        (Selector::Auto, &split, (StopReason::Stable, 2, true, SelectionReason::Split, 3, usd(21))),
        (Selector::Always, &agree, (StopReason::Unanimous, 2, true, SelectionReason::Told, 3, usd(21))),
        (Selector::Never, &agree, (StopReason::Unanimous, 1, false, SelectionReason::Told, 6, usd(42))),
        (Selector::Never, &split, (StopReason::VoteOnly, 1, false, SelectionReason::Told, 6, usd(42))),
    ] {
        assert_eq!(receipt(selector, script), expected, "{selector:?}");
    }
    assert_eq!(verdict(spec(3).with_rounds(1), &agree).selection, None, "there was no choice");
}

#[test]
fn a_round_can_be_declined_before_it_begins_and_not_later() {
    let mut debate = Debate::open(spec(2)).unwrap();
    let cause = DeclineCause::NoTime;
    assert!(!debate.can_decline());
    assert_eq!(debate.apply(Event::Declined { cause }).unwrap_err().kind(), ErrorKind::Refused);
    take_turns(&mut debate, &[0, 1]);
    assert!(debate.can_decline());
    let mut late = debate.clone();
    ask(&mut late, 0);
    assert!(late.apply(Event::Declined { cause }).is_err());
    debate.apply(Event::Declined { cause }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("declined") };
    assert_eq!((verdict.stopped, verdict.rounds), (StopReason::NoTime, 1));
    assert_eq!((verdict.abstentions.len(), verdict.degradations.len()), (0, 0), "nobody was lost");
    let selection = verdict.selection.clone().unwrap();
    assert_eq!(
        (selection.debated, selection.reason, selection.calls_saved),
        (false, SelectionReason::NoTime, 4)
    );
}

#[test]
fn who_judges_the_last_round_is_heard_when_the_next_one_is_declined() {
    let spec = spec(2).with_judge(JudgeSeat::new("Judge", "scripted")).with_rule(Rule::Judge);
    let mut debate = Debate::open(spec).unwrap();
    take_turns(&mut debate, &[0, 1]);
    debate.apply(Event::Declined { cause: DeclineCause::NoMoney }).unwrap();
    assert_eq!(debate.next(), Step::Assess { round: 0 });
    assert!(debate.docket().unwrap().is_last());
    debate.apply(Event::JudgeAsked { round: 0, reserved: RESERVED }).unwrap();
    let mut late = debate.clone();
    let assessment = Arc::new(Assessment::by_scores(vec![0.1, 0.9, 0.0]));
    debate.apply(Event::Assessed { round: 0, assessment, bill: said(0) }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("judged") };
    assert_eq!((verdict.decision(), verdict.stopped), (Some("b"), StopReason::NoMoney));
    assert_eq!((verdict.rounds, &verdict.degradations[..]), (1, &[][..]));
    let selection = verdict.selection.as_ref().unwrap();
    assert_eq!((selection.debated, selection.reason), (false, SelectionReason::NoMoney));

    late.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = late.next() else { panic!("halted") };
    let lost = Degradation::LostJudge { name: "Judge".to_owned(), reason: AbstainReason::Halted };
    assert!(verdict.degradations.contains(&lost), "{:?}", verdict.degradations);
}

fn judged(spec: Spec, stances: &[usize], assessments: &[Result<Assessment, AbstainReason>]) -> Arc<Verdict> {
    let mut debate = Debate::open(spec).unwrap();
    let mut assessments = assessments.iter();
    loop {
        match debate.next() {
            Step::Done(verdict) => return verdict,
            Step::Ask(_) => drop(take_turns(&mut debate, stances)),
            Step::Wait | Step::Summarise { .. } => unreachable!("whoever is asked answers"),
            Step::Assess { round } => {
                assert_eq!(debate.docket().unwrap().statements().len(), stances.len());
                debate.apply(Event::JudgeAsked { round, reserved: RESERVED }).unwrap();
                assert_eq!((debate.next(), debate.committed() >= RESERVED.cost), (Step::Wait, true));
                let event = match assessments.next().unwrap().clone() {
                    Ok(assessment) => {
                        Event::Assessed { round, assessment: Arc::new(assessment), bill: said(0) }
                    }
                    Err(reason) => {
                        Event::JudgeAbstained { round, reason, detail: "no".to_owned(), bill: said(0) }
                    }
                };
                debate.apply(event).unwrap();
            }
        }
    }
}

#[test]
fn a_judge_ends_the_debate_when_it_has_heard_enough() {
    let judge = JudgeSeat::new("Judge", "scripted");
    let sits = spec(2).with_judge(judge.clone().in_each_round()).with_rounds(5);
    let (more, enough) =
        (Assessment::by_scores(vec![0.5, 0.4, 0.1]), Assessment::by_scores(vec![0.5, 0.9, 0.1]).enough());
    let verdict = judged(
        sits.clone().with_stops([StopRule::JudgeSatisfied]),
        &[0, 1],
        &[Ok(more.clone()), Ok(more.clone()), Ok(enough.clone())],
    );
    assert_eq!((verdict.stopped, verdict.rounds, verdict.calls), (StopReason::JudgeSatisfied, 3, 9));
    let winners: Vec<_> = verdict.assessments.iter().map(|one| one.winner.as_deref()).collect();
    assert_eq!(winners, [Some("a"), Some("a"), Some("b")]);

    // Without that rule its satisfaction ends nothing.
    let verdict = judged(sits.with_stops([]), &[0, 1], &vec![Ok(enough.clone()); 5]);
    assert_eq!((verdict.stopped, verdict.assessments.len()), (StopReason::RoundLimit, 5));

    // One who sits at the end only is heard once.
    let verdict = judged(spec(2).with_judge(judge.clone()).with_rounds(5), &[0, 1], &[Ok(more)]);
    assert_eq!((verdict.stopped, verdict.rounds, verdict.assessments.len()), (StopReason::Stable, 2, 1));

    let unheard = spec(2).with_judge(judge).with_stops([StopRule::JudgeSatisfied]);
    assert_eq!(
        Debate::open(unheard).unwrap_err().kind(),
        ErrorKind::BadSpec,
        "it does not sit in each round"
    );
}

#[test]
fn a_judge_that_is_lost_or_contradicts_itself_is_named() {
    let judge = spec(2).with_judge(JudgeSeat::new("Judge", "scripted")).with_rounds(1);
    let verdict = judged(judge.clone(), &[0, 0], &[Err(AbstainReason::TimedOut)]);
    let lost = Degradation::LostJudge { name: "Judge".to_owned(), reason: AbstainReason::TimedOut };
    assert_eq!((verdict.decision(), &verdict.degradations), (Some("a"), &vec![lost]));
    let mut divided = Assessment::by_scores(vec![0.5, 0.5, 0.0]);
    divided.orders_agree = Some(false);
    let verdict = judged(judge, &[0, 0], &[Ok(divided)]);
    let contradicts = Degradation::JudgeContradictsItself { name: "Judge".to_owned(), round: 0 };
    assert_eq!(verdict.degradations, [contradicts]);
}

#[test]
fn a_judge_under_way_is_lost_in_a_crash_and_asked_again() {
    let spec = spec(1).with_judge(JudgeSeat::new("Judge", "scripted")).with_rounds(1);
    let mut debate = Debate::open(spec).unwrap();
    take_turns(&mut debate, &[0]);
    let asked = Event::JudgeAsked { round: 0, reserved: RESERVED };
    debate.apply(asked.clone()).unwrap();
    assert!(debate.apply(asked.clone()).is_err(), "once is enough");
    debate.apply(Event::Resumed).unwrap();
    assert_eq!(debate.next(), Step::Assess { round: 0 });
    debate.apply(asked).unwrap();
    let mut halted = debate.clone();
    halted.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = halted.next() else { panic!("halted") };
    assert_eq!((verdict.decision(), verdict.stopped, verdict.calls), (Some("a"), StopReason::Deadline, 3));
    assert!(verdict.degradations.iter().any(|one| matches!(one, Degradation::LostJudge { .. })));
    let assessment = Arc::new(Assessment::by_scores(vec![1.0, 0.0, 0.0]));
    debate.apply(Event::Assessed { round: 0, assessment, bill: said(0) }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("judged") };
    assert_eq!((verdict.calls, verdict.assessments.len()), (3, 1), "one of them was lost");
}

#[test]
fn a_window_shows_earlier_rounds_and_sums_up_what_falls_out() {
    let facts = (0..6).map(|n| evidence(&format!("ev-{n}"), None)).collect();
    let window = Window { rounds: 2, tokens: 4_096 };
    let spec = spec(2).with_rounds(9).with_stops([]).with_evidence(facts).with_window(window);
    let mut debate = Debate::open(spec.clone()).unwrap();
    let mut plain = Debate::open(Spec { window: None, ..spec }).unwrap();
    for round in 0..6_u32 {
        for debate in [&mut debate, &mut plain] {
            for seat in 0..2 {
                ask(debate, seat);
            }
            for seat in 0..2 {
                let text = format!("seat {seat} in round {round}");
                let said = Utterance::new(usize::from(seat)).because(text, [format!("ev-{round}").as_str()]);
                let utterance = Arc::new(said);
                debate
                    .apply(Event::Spoke { round, seat: SeatIndex(seat), utterance, bill: Bill::default() })
                    .unwrap();
            }
        }
        assert_eq!(
            *plain.turn(Ask { round: round + 1, seat: SeatIndex(0) }).history(),
            crate::History::default()
        );
    }
    let turn = debate.turn(Ask { round: 6, seat: SeatIndex(0) });
    assert_eq!((turn.peers().len(), turn.peers()[0].number), (1, 1));
    let shown: Vec<_> = turn.history().remarks.iter().map(|remark| (remark.round, remark.peer)).collect();
    assert_eq!(
        shown,
        [(3, None), (3, Some(1)), (4, None), (4, Some(1))],
        "round 5 is what everybody said last"
    );
    let summary = &turn.history().summary;
    assert_eq!(
        summary[..],
        ["seat 1 in round 2 [ev-2]", "seat 1 in round 1 [ev-1]", "seat 1 in round 0 [ev-0]"]
    );
}

#[test]
fn a_judge_decides_where_the_rule_says_so_and_the_votes_where_it_was_not_heard() {
    let spec = spec(3).with_judge(JudgeSeat::new("Judge", "scripted")).with_rule(Rule::Judge).with_rounds(1);
    let outcome =
        |said: Result<Assessment, AbstainReason>| judged(spec.clone(), &[0, 0, 1], &[said]).outcome.clone();
    let decided = |option: &str| Outcome::Decided { option: option.to_owned() };
    assert_eq!(outcome(Ok(Assessment::by_scores(vec![0.2, 0.7, 0.4]))), decided("b"));
    assert_eq!(outcome(Err(AbstainReason::Failed)), decided("a"));
    let mut divided = Assessment::by_scores(vec![0.2, 0.7, 0.4]);
    (divided.winner, divided.orders_agree) = (None, Some(false));
    assert!(matches!(outcome(Ok(divided)), Outcome::Tied { options } if options.len() == 3));
    let alone = Debate::open(Spec { judge: None, ..spec }).unwrap_err();
    assert!(alone.to_string().contains("needs a judge"), "{alone}");
}

#[test]
fn a_tie_is_broken_only_by_what_was_declared() {
    let script = vec![
        vec![says(0), says(1)],
        vec![says(0)],
        vec![says(1)],
        vec![says(1), says(0)],
        vec![says(0), says(2)],
    ];
    // In the first round three stand for a; in the second two for a, two for b and one for c.
    let outcome =
        |tie_break| verdict(spec(5).with_rounds(2).with_tie_break(tie_break), &script).outcome.clone();
    let decided = |option: &str| Outcome::Decided { option: option.to_owned() };
    assert!(matches!(outcome(TieBreak::None), Outcome::Tied { options } if options == ["a", "b"]));
    assert_eq!(outcome(TieBreak::FirstRound), decided("a"));
    assert!(matches!(outcome(TieBreak::Seeded), Outcome::Decided { .. }));
    assert_eq!(outcome(TieBreak::Seeded), outcome(TieBreak::Seeded));
}
