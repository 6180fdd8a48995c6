//! The state machine, by tables and properties.

mod formats;
mod summaries;

use assize_ambient::{Seed, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::{
    Abstention, Bill, Degradation, Evidence, HaltCause, JudgeSeat, Order, Outcome, Record, Reservation, Rule,
    Seat, Selector, StopRule, SummariserSeat, Summary, Topology, Utterance, Window,
};

const RESERVED: Reservation = Reservation { calls: 1, cost: Usd::from_picodollars(9), simulated: false };

/// What each seat does, round by round; its last entry is repeated.
type Script = Vec<Vec<Result<Utterance, Abstention>>>;

fn says(stance: usize) -> Result<Utterance, Abstention> {
    Ok(Utterance::new(stance))
}

fn cites(stance: usize, id: &str) -> Result<Utterance, Abstention> {
    Ok(Utterance::new(stance).because("a fact", [id]))
}

fn silent(reason: AbstainReason) -> Result<Utterance, Abstention> {
    Err(Abstention::new(reason, "no"))
}

fn spec(seats: usize) -> Spec {
    (0..seats).fold(Spec::new("Which?", ["a", "b", "c"]).with_rule(Rule::Plurality), |spec, n| {
        spec.with_seat(Seat::new(format!("Seat {n}"), "scripted"))
    })
}

fn evidence(id: &str, held_by: Option<Vec<u16>>) -> Evidence {
    Evidence {
        id: id.into(),
        kind: "note".to_owned(),
        subject: "x".to_owned(),
        source: "test".to_owned(),
        available_at: Timestamp::UNIX_EPOCH,
        text: id.to_owned(),
        data: serde_json::Value::Null,
        held_by: held_by.map(|seats| seats.into_iter().map(SeatIndex).collect()),
    }
}

fn answer(script: &Script, ask: Ask) -> Event {
    let rounds = &script[ask.seat.get()];
    let Ask { round, seat } = ask;
    let bill = Bill { calls: 1, cost: Usd::from_picodollars(7), ..Bill::default() };
    match rounds.get(round as usize).or(rounds.last()).unwrap().clone() {
        Ok(utterance) => Event::Spoke { round, seat, utterance: Arc::new(utterance), bill },
        Err(Abstention { reason, detail, .. }) => Event::Abstained { round, seat, reason, detail, bill },
    }
}

/// Plays a debate to its end; the answers of a round arrive in an order that `order` draws.
fn play(spec: Spec, script: &Script, order: Seed) -> (Debate, Vec<Record>) {
    let mut chance = order.rng();
    let spec = Arc::new(spec);
    let mut debate = Debate::open(Arc::clone(&spec)).unwrap();
    let mut log = vec![Record::new(0, Event::Opened { spec })];
    loop {
        match debate.next() {
            Step::Done(verdict) => {
                log.push(Record::new(0, Event::Concluded { verdict }));
                debate.apply(log.last().unwrap().event.clone()).unwrap();
                return (debate, log);
            }
            Step::Wait => unreachable!("every seat that is asked answers"),
            Step::Ask(mut asks) => {
                let asked = |ask: &Ask| Event::Asked { round: ask.round, seat: ask.seat, reserved: RESERVED };
                let mut events: Vec<Event> = asks.iter().map(asked).collect();
                chance.shuffle(&mut asks);
                events.extend(asks.iter().map(|&ask| answer(script, ask)));
                for event in events {
                    log.push(Record::new(0, event.clone()));
                    debate.apply(event).unwrap();
                    if matches!(debate.next(), Step::Done(_)) {
                        break;
                    }
                }
            }
            Step::Summarise { round } => {
                let minutes = debate.minutes().unwrap();
                let cites = minutes.statements().iter().flat_map(|one| one.utterance.cites().cloned());
                let summary = Summary::new([("all of it".to_owned(), cites.collect())]);
                let summary = Arc::new(minutes.checked(summary));
                let bill = Bill { calls: 1, cost: Usd::from_picodollars(5), ..Bill::default() };
                let said = Event::Summarised { round, summary, bill };
                for event in [Event::SummaryAsked { round, reserved: RESERVED }, said] {
                    log.push(Record::new(0, event.clone()));
                    debate.apply(event).unwrap();
                }
            }
            Step::Assess { round } => {
                let docket = debate.docket().unwrap();
                assert_eq!(docket.round(), round);
                let assessment = Assessment::by_scores(vec![0.1, 0.9, 0.2]).enough();
                let bill = Bill { calls: 1, cost: Usd::from_picodollars(3), ..Bill::default() };
                let assessed = Event::Assessed { round, assessment: Arc::new(assessment), bill };
                for event in [Event::JudgeAsked { round, reserved: RESERVED }, assessed] {
                    log.push(Record::new(0, event.clone()));
                    debate.apply(event).unwrap();
                }
            }
        }
    }
}

fn verdict(spec: Spec, script: &Script) -> Arc<Verdict> {
    let (debate, _) = play(spec, script, Seed::new(0));
    debate.verdict.unwrap()
}

#[test]
fn when_a_debate_ends_and_how() {
    use AbstainReason::{Failed, NoEvidence};
    let decided = |option: &str| Outcome::Decided { option: option.to_owned() };
    let tied = Outcome::Tied { options: vec!["a".to_owned(), "b".to_owned()] };
    for (name, script, rounds, outcome, stopped, held) in [
        ("all agree", vec![vec![says(1)], vec![says(1)]], 3, decided("b"), StopReason::Unanimous, 1),
        (
            "nobody moves",
            vec![vec![says(0)], vec![says(0)], vec![says(1)]],
            5,
            decided("a"),
            StopReason::Stable,
            2,
        ),
        (
            "one comes round",
            vec![vec![says(0)], vec![says(1), says(0)]],
            5,
            decided("a"),
            StopReason::Unanimous,
            2,
        ),
        (
            "for ever swapping",
            vec![vec![says(0), says(1), says(0)], vec![says(1), says(0), says(1)]],
            3,
            tied.clone(),
            StopReason::RoundLimit,
            3,
        ),
        ("a vote without a debate", vec![vec![says(0)], vec![says(1)]], 1, tied, StopReason::RoundLimit, 1),
        (
            "nobody has an opinion",
            vec![vec![silent(NoEvidence)], vec![silent(Failed)]],
            3,
            Outcome::NoOpinion,
            StopReason::NoOpinion,
            1,
        ),
        (
            "one voice is enough",
            vec![vec![silent(NoEvidence)], vec![says(2)]],
            3,
            decided("c"),
            StopReason::Unanimous,
            1,
        ),
        (
            "a failure keeps the vote",
            vec![vec![says(0), silent(Failed)], vec![says(1), says(2)], vec![says(0)]],
            2,
            decided("a"),
            StopReason::RoundLimit,
            2,
        ),
        (
            "a withdrawal does not",
            vec![vec![says(0), silent(NoEvidence)], vec![says(1)], vec![says(0)]],
            2,
            Outcome::Tied { options: vec!["a".to_owned(), "b".to_owned()] },
            StopReason::RoundLimit,
            2,
        ),
    ] {
        let verdict = verdict(spec(script.len()).with_rounds(rounds), &script);
        assert_eq!((&verdict.outcome, verdict.stopped, verdict.rounds), (&outcome, stopped, held), "{name}");
    }
}

#[test]
fn evidence_that_only_some_hold_is_argued_even_by_those_who_agree() {
    let spec = spec(2).with_evidence(vec![evidence("ev-1", Some(vec![0])), evidence("ev-2", None)]);
    let script = vec![vec![cites(0, "ev-1")], vec![says(0)]];
    let (debate, _) = play(spec.clone(), &script, Seed::new(0));
    let first = |seat| Ask { round: 0, seat: SeatIndex(seat) };
    let fresh = Debate::open(spec).unwrap();
    assert_eq!(fresh.turn(first(0)).evidence().len(), 2);
    assert_eq!(fresh.turn(first(1)).evidence().len(), 1);
    assert_eq!(
        debate.turn(Ask { round: 1, seat: SeatIndex(1) }).evidence().len(),
        2,
        "cited, and so seen by all"
    );
    let verdict = debate.verdict.unwrap();
    assert_eq!((verdict.stopped, verdict.rounds), (StopReason::Unanimous, 2));
}

#[test]
fn giving_way_is_counted_and_unknown_citations_are_named() {
    let spec = spec(2).with_evidence(vec![evidence("ev-1", None)]).with_rounds(3);
    let script = vec![
        vec![cites(0, "ev-1"), cites(1, "ev-1"), cites(1, "ev-9")],
        vec![says(1), cites(0, "ev-1"), cites(1, "ev-1")],
    ];
    let verdict = verdict(spec, &script);
    // Seat 0 flips once, citing what it had cited; seat 1 flips to a with something new, and back without.
    let expected = Conformity {
        flips: 3,
        flips_without_new_evidence: 2,
        // All that there is was cited in the first round.
        rounds_without_new_facts: Some(2),
        unshared_fact_coverage: None,
    };
    assert_eq!(verdict.conformity, expected);
    let unknown = Degradation::UnknownCitation { name: "Seat 0".to_owned(), id: "ev-9".into() };
    assert_eq!(verdict.degradations, [unknown]);
}

#[test]
fn what_came_up_of_what_only_some_held_is_counted() {
    let held = |id, by: Vec<u16>| evidence(id, Some(by));
    let common =
        vec![held("ev-1", vec![0]), held("ev-2", vec![1]), held("ev-3", vec![0, 1]), evidence("ev-4", None)];
    let conformity = |script: &Script| {
        let spec = spec(2).with_evidence(common.clone()).with_rounds(3).with_stops([]);
        verdict(spec, script).conformity
    };
    let coverage = |held, cited| Some(crate::FactCoverage { held, cited });
    // What a seat cannot see yet, it does not bring up.
    let guess = conformity(&vec![vec![says(0)], vec![cites(1, "ev-1"), says(1)]]);
    assert_eq!((guess.rounds_without_new_facts, guess.unshared_fact_coverage), (Some(3), coverage(2, 0)));
    let one = conformity(&vec![vec![says(0), cites(0, "ev-1"), says(0)], vec![cites(1, "ev-4")]]);
    assert_eq!((one.rounds_without_new_facts, one.unshared_fact_coverage), (Some(1), coverage(2, 1)));
    let both =
        conformity(&vec![vec![cites(0, "ev-1")], vec![cites(1, "ev-4"), cites(1, "ev-1"), cites(1, "ev-2")]]);
    assert_eq!((both.rounds_without_new_facts, both.unshared_fact_coverage), (Some(1), coverage(2, 2)));
    assert!((one.unshared_fact_coverage.unwrap().share() - 0.5).abs() < 1e-12);
    let none = verdict(spec(2), &vec![vec![says(0)], vec![says(1)]]).conformity;
    assert_eq!((none.rounds_without_new_facts, none.unshared_fact_coverage), (None, None));
}

#[test]
fn a_log_that_does_not_count_facts_is_as_good_as_it_was() {
    let script = vec![vec![cites(0, "ev-1")], vec![says(0)]];
    let (_, mut log) =
        play(spec(2).with_evidence(vec![evidence("ev-1", Some(vec![0]))]), &script, Seed::new(0));
    let Some(Record { event: Event::Concluded { verdict }, .. }) = log.last_mut() else {
        panic!("it is over")
    };
    let mut older = serde_json::to_value(&**verdict).unwrap();
    let counted = older["conformity"].as_object_mut().unwrap();
    assert!(counted.remove("rounds_without_new_facts").is_some());
    assert!(counted.remove("unshared_fact_coverage").is_some());
    *verdict = Arc::new(serde_json::from_value(older).unwrap());
    Debate::replay(&log).unwrap().audit().unwrap();
    let Some(Record { event: Event::Concluded { verdict }, .. }) = log.last_mut() else {
        panic!("it is over")
    };
    Arc::make_mut(verdict).conformity.rounds_without_new_facts = Some(9);
    assert!(Debate::replay(&log).unwrap().audit().is_err());
}

#[test]
fn peers_are_anonymous_and_shuffled_for_each_reader() {
    let script: Script = (0..6).map(|n| vec![says(n % 3)]).collect();
    let (debate, _) = play(spec(6), &script, Seed::new(0));
    let told = |seat: u16| -> Vec<usize> {
        let turn = debate.turn(Ask { round: 1, seat: SeatIndex(seat) });
        turn.peers().iter().map(|peer| peer.utterance.stance).collect()
    };
    assert!((0..6).map(told).any(|order| order != told(0)), "readers see different orders");
    assert_eq!(told(3), told(3), "a reader sees the same order again");
    assert_eq!(told(0).len(), 5);
    assert!(debate.turn(Ask { round: 0, seat: SeatIndex(0) }).peers().is_empty(), "the first round is blind");
}

#[test]
fn events_that_do_not_fit_are_refused_and_change_nothing() {
    let (round, seat, bill) = (0, SeatIndex(0), Bill::default());
    let utterance = |stance| Arc::new(Utterance::new(stance));
    let asked = Event::Asked { round, seat, reserved: Reservation::default() };
    let spoke = |round, seat, stance| Event::Spoke {
        round,
        seat,
        utterance: utterance(stance),
        bill: Bill::default(),
    };
    let mut debate = Debate::open(spec(2)).unwrap();
    let refuse = |debate: &mut Debate, event: Event, why: &str| {
        let before = format!("{debate:?}");
        let error = debate.apply(event).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(format!("{debate:?}"), before, "a refused event changes nothing");
    };
    refuse(&mut debate, spoke(0, seat, 0), "without having been asked");
    refuse(&mut debate, Event::Opened { spec: Arc::new(spec(2)) }, "open already");
    debate.apply(asked.clone()).unwrap();
    refuse(&mut debate, asked, "asked already");
    refuse(&mut debate, spoke(1, seat, 0), "event is of round 1");
    refuse(&mut debate, spoke(0, SeatIndex(7), 0), "no seat 7");
    refuse(&mut debate, spoke(0, seat, 3), "its stance is option 3");
    debate.apply(spoke(0, seat, 0)).unwrap();
    refuse(&mut debate, spoke(0, seat, 0), "without having been asked");
    let abstained =
        Event::Abstained { round, seat, reason: AbstainReason::Failed, detail: String::new(), bill };
    refuse(&mut debate, abstained, "after its turn");
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    refuse(&mut debate, Event::Resumed, "it is over");
    let Step::Done(verdict) = debate.next() else { panic!("it is over") };
    let mut foreign = (*verdict).clone();
    foreign.debate = spec(3).id();
    refuse(&mut debate, Event::Concluded { verdict: Arc::new(foreign) }, "the verdict is that of");
    debate.apply(Event::Concluded { verdict: Arc::clone(&verdict) }).unwrap();
    refuse(&mut debate, Event::Concluded { verdict }, "concluded already");
    let less = Reservation { cost: Usd::from_picodollars(-1), ..RESERVED };
    let mut debate = Debate::open(spec(2)).unwrap();
    refuse(&mut debate, Event::Asked { round, seat, reserved: less }, "less than nothing");
    debate.apply(Event::Asked { round, seat, reserved: RESERVED }).unwrap();
    let bill = Bill { cost: Usd::from_picodollars(-1), ..Bill::default() };
    refuse(&mut debate, Event::Spoke { round, seat, utterance: utterance(0), bill }, "less than nothing");
}

#[test]
fn a_recorded_verdict_stands_and_can_be_audited() {
    let script = vec![vec![says(0)], vec![says(0)]];
    let (debate, mut log) = play(spec(2), &script, Seed::new(0));
    assert!(debate.audit().is_ok());
    let Some(Record { event: Event::Concluded { verdict }, .. }) = log.last_mut() else {
        panic!("it is concluded")
    };
    // As if an older program had decided by other rules.
    let mut older = (**verdict).clone();
    older.stopped = StopReason::Stable;
    *verdict = Arc::new(older.clone());
    let replayed = Debate::replay(&log).unwrap();
    assert!(matches!(replayed.next(), Step::Done(verdict) if *verdict == older));
    assert_eq!(replayed.audit().unwrap_err().kind(), ErrorKind::BadLog);
}

#[test]
fn amounts_beyond_all_bounds_are_more_than_any_budget_and_no_panic() {
    let mut debate = Debate::open(spec(3)).unwrap();
    for seat in (0..3).map(SeatIndex) {
        let reserved = Reservation { cost: Usd::MAX, ..RESERVED };
        debate.apply(Event::Asked { round: 0, seat, reserved }).unwrap();
    }
    assert_eq!(debate.committed(), Usd::MAX);
    debate.apply(Event::Resumed).unwrap();
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    assert!(matches!(debate.next(), Step::Done(verdict) if verdict.calls == 3));
}

#[test]
fn why_nobody_spoke_is_told_apart() {
    use AbstainReason::{Failed, OverBudget, TimedOut, Undecided};
    for (script, stopped) in [
        (vec![vec![silent(Undecided)], vec![silent(Failed)]], StopReason::NoOpinion),
        (vec![vec![silent(Failed)], vec![silent(TimedOut)]], StopReason::Unheard),
        (vec![vec![silent(OverBudget)], vec![silent(Failed)]], StopReason::Budget),
        (vec![vec![says(0), silent(TimedOut)], vec![says(1), silent(Failed)]], StopReason::Unheard),
    ] {
        assert_eq!(verdict(spec(2), &script).stopped, stopped, "{script:?}");
    }
}

#[test]
fn evidence_that_nobody_holds_or_sees_changes_nothing() {
    // Nobody holds ev-0: no reason to go on. Seat 1 cites ev-1 unseen: that shows it to nobody.
    let unseen = vec![evidence("ev-0", Some(vec![])), evidence("ev-1", Some(vec![0]))];
    let script = vec![vec![says(0)], vec![cites(0, "ev-1")]];
    let verdict = verdict(spec(2).with_evidence(unseen), &script);
    assert_eq!((verdict.stopped, verdict.rounds), (StopReason::Stable, 2));
    let unknown = Degradation::UnknownCitation { name: "Seat 1".to_owned(), id: "ev-1".into() };
    assert_eq!(verdict.degradations, [unknown]);
    let twice = spec(2).with_evidence(vec![evidence("ev-1", Some(vec![0, 0]))]);
    assert!(Debate::open(twice).unwrap_err().to_string().contains("twice"));
}

#[test]
fn what_is_there_when_time_ends_is_what_is_judged() {
    let mut debate = Debate::open(spec(3)).unwrap();
    let asked = |seat| Event::Asked { round: 0, seat: SeatIndex(seat), reserved: RESERVED };
    debate.apply(asked(0)).unwrap();
    debate.apply(asked(1)).unwrap();
    let utterance = Arc::new(Utterance::new(1));
    debate.apply(Event::Spoke { round: 0, seat: SeatIndex(1), utterance, bill: Bill::default() }).unwrap();
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let verdict = debate.verdict.clone().unwrap();
    assert_eq!((verdict.decision(), verdict.stopped), (Some("b"), StopReason::Deadline));
    let amount = RESERVED.cost;
    assert!(verdict.degradations.contains(&Degradation::Halted { cause: HaltCause::Deadline }));
    assert!(
        verdict.degradations.contains(&Degradation::PossiblyPaid { amount }),
        "{:?}",
        verdict.degradations
    );
    let lost = verdict.degradations.iter().filter(|d| matches!(d, Degradation::LostVoice { .. })).count();
    assert_eq!(lost, 2);
}

fn a_turn() -> impl Strategy<Value = Result<Utterance, Abstention>> {
    let stated = prop::option::of(prop::collection::vec(0.0..1.0_f64, 3));
    let spoken = (0_usize..3, prop::option::of(0_usize..3), stated).prop_map(|(stance, id, stated)| {
        let mut utterance = Utterance::new(stance);
        if let Some(p) = stated {
            // The stance is the most probable; the last digits are whatever the division leaves.
            let sum: f64 = p.iter().sum::<f64>() + 1.0;
            let p: Vec<f64> = (0..3).map(|n| (p[n] + f64::from(u8::from(n == stance))) / sum).collect();
            utterance = utterance.with_probabilities(p).with_confidence(1.0 / sum);
        }
        Ok(match id {
            Some(id) => utterance.because("a fact", [["ev-1", "ev-2", "ev-9"][id]]),
            None => utterance,
        })
    });
    let reasons = [AbstainReason::NoEvidence, AbstainReason::Failed, AbstainReason::TimedOut];
    prop_oneof![4 => spoken, 1 => prop::sample::select(reasons.to_vec()).prop_map(silent)]
}

fn a_stop() -> impl Strategy<Value = StopRule> {
    prop_oneof![
        Just(StopRule::Unanimous),
        (1_u32..3).prop_map(|rounds| StopRule::Stable { rounds }),
        Just(StopRule::UnassailableLead),
        Just(StopRule::SequentialTest { competence: 0.8, error: 0.05 }),
        Just(StopRule::JudgeSatisfied),
    ]
}

/// A debate of any format over a script.
fn any_format(script: &Script) -> impl Strategy<Value = Spec> + use<> {
    let (spec, seats) = (argued(script), u16::try_from(script.len()).unwrap());
    let topology = prop_oneof![
        Just(Topology::Complete),
        Just(Topology::Ring),
        (0..seats).prop_map(|seat| Topology::Star { moderator: SeatIndex(seat) }),
        (1..seats.max(2)).prop_map(|hears| Topology::Sparse { hears }),
    ];
    (
        prop_oneof![Just(Order::Simultaneous), Just(Order::Sequential), Just(Order::RoundRobin)],
        prop_oneof![Just(Selector::Auto), Just(Selector::Always), Just(Selector::Never)],
        topology,
        prop::collection::vec(a_stop(), 0..4),
        any::<bool>(),
        (prop::sample::select(Rule::ALL.to_vec()), prop::option::of((0_u32..2, 0_u32..30))),
    )
        .prop_map(move |(order, selector, topology, stops, blind_first, (rule, window))| {
            let topology = if seats == 1 { Topology::Complete } else { topology };
            let judge = JudgeSeat::new("Judge", "scripted").in_each_round();
            let mut spec = spec.clone().with_order(order).with_selector(selector).with_topology(topology);
            spec = spec.with_stops(stops).with_judge(judge).with_rule(rule);
            spec.blind_first = blind_first;
            spec.window = window.map(|(rounds, tokens)| Window { rounds, tokens });
            if window.is_some() && topology == Topology::Complete {
                spec = spec.with_summariser(SummariserSeat::new("scripted"));
            }
            spec
        })
}

fn a_script() -> impl Strategy<Value = Script> {
    prop::collection::vec(prop::collection::vec(a_turn(), 1..5), 1..6)
}

fn argued(script: &Script) -> Spec {
    let held = vec![evidence("ev-1", Some(vec![0])), evidence("ev-2", None)];
    let mut spec = spec(script.len()).with_rounds(4).with_evidence(held);
    spec.seats[0].weight = 1.0 / 3.0;
    spec.evidence[0].data =
        serde_json::json!({ "close": 0.1 + 0.2, "adjusted": 71.123_456_789_012_34 / 3.0 });
    spec
}

proptest! {
    #[test]
    fn the_order_of_answers_does_not_matter(script in a_script(), order: u64) {
        let (one, _) = play(argued(&script), &script, Seed::new(0));
        let (other, _) = play(argued(&script), &script, Seed::new(order));
        prop_assert_eq!(&one.verdict, &other.verdict);
        prop_assert_eq!(one.transcript(), other.transcript());
    }

    #[test]
    fn every_format_ends_and_its_log_leads_to_the_same_verdict_again(
        (script, spec) in a_script().prop_flat_map(|script| { let spec = any_format(&script); (Just(script), spec) }),
        order: u64,
    ) {
        let (debate, log) = play(spec.clone(), &script, Seed::new(order));
        let (again, _) = play(spec, &script, Seed::new(order.wrapping_add(1)));
        let is_cut_short = [&debate, &again]
            .iter()
            .any(|debate| debate.verdict.as_ref().unwrap().stopped == StopReason::UnassailableLead);
        // Who is not waited for depends on who answers first; nothing else does.
        prop_assert!(is_cut_short || debate.verdict == again.verdict);
        let decision = |debate: &Debate| debate.verdict.as_ref().map(|verdict| verdict.decision().map(str::to_owned));
        prop_assert_eq!(decision(&debate), decision(&again));
        let lines: Vec<_> = log.iter().map(|record| record.to_line().unwrap()).collect();
        let read: Vec<_> = lines.iter().map(|line| Record::from_line(line).unwrap()).collect();
        let replayed = Debate::replay(&read).unwrap();
        prop_assert_eq!(&replayed.verdict, &debate.verdict);
        prop_assert!(replayed.audit().is_ok());
        let verdict = debate.verdict.unwrap();
        let paid: u32 = read.iter().map(|record| match &record.event {
            Event::Spoke { bill, .. } | Event::Abstained { bill, .. } | Event::Assessed { bill, .. }
            | Event::Summarised { bill, .. } => bill.calls,
            _ => 0,
        }).sum();
        let asked = read.iter().filter(|record| matches!(record.event, Event::Asked { .. })).count();
        let answered = read.iter().filter(|record| matches!(record.event, Event::Spoke { .. } | Event::Abstained { .. })).count();
        let lost = u32::try_from(asked - answered).unwrap();
        prop_assert_eq!(verdict.calls, paid + lost, "whoever was not waited for was paid all the same");
    }

    #[test]
    fn a_log_leads_to_the_same_verdict_again(script in a_script(), order: u64) {
        let (debate, log) = play(argued(&script), &script, Seed::new(order));
        let lines: Vec<Vec<u8>> = log.iter().map(|record| record.to_line().unwrap()).collect();
        let read: Vec<Record> = lines.iter().map(|line| Record::from_line(line).unwrap()).collect();
        prop_assert_eq!(&read, &log);
        let again = Debate::replay(&read).unwrap();
        prop_assert_eq!(&again.verdict, &debate.verdict);
        prop_assert!(again.is_concluded());
        prop_assert!(again.audit().is_ok());
    }

    #[test]
    fn the_cost_is_the_sum_of_the_calls(script in a_script()) {
        let (debate, log) = play(argued(&script), &script, Seed::new(1));
        let answers = log.iter().filter(|r| matches!(r.event, Event::Spoke { .. } | Event::Abstained { .. })).count();
        let verdict = debate.verdict.unwrap();
        prop_assert_eq!(verdict.calls as usize, answers);
        prop_assert_eq!(verdict.cost, Usd::from_picodollars(7 * i128::try_from(answers).unwrap()));
    }

    #[test]
    fn no_bytes_make_a_log_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Record::from_line(&bytes).is_err());
    }
}
