//! What a summariser is told, when, and what becomes of what it says.

use super::*;
use crate::{History, Minutes};

fn windowed() -> Spec {
    let facts = (0..9).map(|n| evidence(&format!("ev-{n}"), None)).collect();
    spec(2)
        .with_rounds(9)
        .with_stops([])
        .with_selector(Selector::Always)
        .with_evidence(facts)
        .with_window(Window { rounds: 1, tokens: 4_096 })
        .with_summariser(SummariserSeat::new("scripted"))
}

/// All speak, each of the round's own fact.
fn take_round(debate: &mut Debate) {
    let round = debate.round();
    for seat in (0..2).map(SeatIndex) {
        debate.apply(Event::Asked { round, seat, reserved: RESERVED }).unwrap();
    }
    for seat in (0..2).map(SeatIndex) {
        let fact = format!("ev-{round}");
        let text = format!("seat {} in round {round}", seat.0);
        let utterance = Arc::new(Utterance::new(seat.get()).because(text, [fact.as_str()]));
        debate.apply(Event::Spoke { round, seat, utterance, bill: Bill::default() }).unwrap();
    }
}

fn sum_up(debate: &mut Debate, text: &str, cites: &[&str]) {
    let round = debate.round();
    debate.apply(Event::SummaryAsked { round, reserved: RESERVED }).unwrap();
    let cites = cites.iter().map(|id| EvidenceId::from(*id)).collect();
    let summary = Arc::new(Summary::new([(text.to_owned(), cites)]));
    debate.apply(Event::Summarised { round, summary, bill: Bill::default() }).unwrap();
}

fn told(debate: &Debate) -> History {
    debate.turn(Ask { round: debate.round(), seat: SeatIndex(0) }).history().clone()
}

fn texts(minutes: &Minutes) -> Vec<String> {
    minutes.statements().iter().map(|one| one.utterance.reasons[0].text.clone()).collect()
}

#[test]
fn only_what_has_fallen_out_since_is_summed_up() {
    let mut debate = Debate::open(windowed()).unwrap();
    for _ in 0..3 {
        assert!(matches!(debate.next(), Step::Ask(_)), "nothing has fallen out");
        assert!(debate.minutes().is_none());
        take_round(&mut debate);
    }
    // Round 2 is what everybody said last, round 1 is in the window.
    assert_eq!(debate.next(), Step::Summarise { round: 3 });
    let minutes = debate.minutes().unwrap();
    let mut said = texts(&minutes);
    said.sort_unstable();
    assert_eq!(said, ["seat 0 in round 0", "seat 1 in round 0"]);
    assert_eq!((minutes.before(), minutes.round()), (None, 3));
    sum_up(&mut debate, "at first", &["ev-0"]);
    assert_eq!(told(&debate).summary, ["at first [ev-0]"]);
    take_round(&mut debate);

    assert_eq!(debate.next(), Step::Summarise { round: 4 });
    let minutes = debate.minutes().unwrap();
    assert!(texts(&minutes).iter().all(|text| text.ends_with("round 1")), "{:?}", texts(&minutes));
    assert_eq!(minutes.before().unwrap().points[0].text, "at first");
    sum_up(&mut debate, "then", &[]);
    let history = told(&debate);
    assert_eq!(history.summary, ["then (without evidence)"], "one summary, the last");
    assert!(history.remarks.iter().all(|remark| remark.round == 2));
}

#[test]
fn where_nobody_sums_up_extracts_stand_in_and_the_next_summary_makes_up_for_it() {
    let mut debate = Debate::open(windowed()).unwrap();
    (0..3).for_each(|_| take_round(&mut debate));
    let silent =
        |reason| Event::SummaryDeclined { round: 3, reason, detail: "no".to_owned(), bill: Bill::default() };
    assert!(debate.apply(silent(AbstainReason::Failed)).is_err(), "it was not asked");
    debate.apply(silent(AbstainReason::OverBudget)).unwrap();
    assert_eq!(told(&debate).summary, ["seat 1 in round 0 [ev-0]"]);
    take_round(&mut debate);
    assert_eq!(debate.minutes().unwrap().statements().len(), 4, "what nobody has summed up yet");
    sum_up(&mut debate, "all of it", &["ev-0", "ev-1"]);
    assert_eq!(told(&debate).summary, ["all of it [ev-0, ev-1]"]);
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("halted") };
    let lost = Degradation::LostSummary { round: 3, reason: AbstainReason::OverBudget };
    assert!(verdict.degradations.contains(&lost), "{:?}", verdict.degradations);
}

#[test]
fn a_summary_has_its_turn_and_cites_what_is_there() {
    let mut debate = Debate::open(windowed()).unwrap();
    (0..3).for_each(|_| take_round(&mut debate));
    let too_early = Event::Asked { round: 3, seat: SeatIndex(0), reserved: RESERVED };
    assert!(debate.apply(too_early.clone()).is_err(), "first the summary");
    let asked = |round| Event::SummaryAsked { round, reserved: RESERVED };
    let said = |id: &str| {
        let summary = Arc::new(Summary::new([("so".to_owned(), vec![id.into()])]));
        Event::Summarised { round: 3, summary, bill: Bill::default() }
    };
    assert!(debate.apply(asked(2)).is_err());
    assert!(debate.apply(said("ev-0")).is_err(), "it was not asked");
    debate.apply(asked(3)).unwrap();
    assert_eq!(debate.next(), Step::Wait);
    assert!(debate.apply(asked(3)).is_err(), "once is enough");
    assert!(debate.committed() >= RESERVED.cost);
    assert!(debate.apply(said("ev-77")).is_err(), "there is no such evidence");
    let empty = Event::Summarised { round: 3, summary: Arc::new(Summary::new([])), bill: Bill::default() };
    assert!(debate.apply(empty).is_err());
    // A crash: it is asked again, and the first call may have been paid.
    debate.apply(Event::Resumed).unwrap();
    assert_eq!(debate.next(), Step::Summarise { round: 3 });
    debate.apply(asked(3)).unwrap();
    debate.apply(said("ev-0")).unwrap();
    assert!(debate.apply(said("ev-0")).is_err(), "it has spoken");
    debate.apply(too_early).unwrap();
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("halted") };
    let paid = Degradation::PossiblyPaid { amount: Usd::from_picodollars(18) };
    assert!(verdict.degradations.contains(&paid), "{:?}", verdict.degradations);
}

#[test]
fn a_debate_that_is_halted_while_it_is_summed_up_is_over() {
    let mut debate = Debate::open(windowed()).unwrap();
    (0..3).for_each(|_| take_round(&mut debate));
    debate.apply(Event::SummaryAsked { round: 3, reserved: RESERVED }).unwrap();
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("halted") };
    assert_eq!((verdict.votes.len(), verdict.stopped), (2, StopReason::Deadline));
    assert_eq!(verdict.calls, RESERVED.calls, "it may have been paid");
}

#[test]
fn nobody_learns_who_said_it_and_invented_evidence_goes() {
    let mut debate = Debate::open(windowed()).unwrap();
    (0..3).for_each(|_| take_round(&mut debate));
    let minutes = debate.minutes().unwrap();
    let mut numbers: Vec<_> = minutes.statements().iter().map(|one| one.peer).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(1), Some(2)]);
    let written = crate::prompt::summary_user(&minutes, &crate::fitting::Cut::default());
    assert!(!written.contains("Seat"), "{written}");
    // `ev-5` is there, but nobody rested anything on it; `ev-77` is not there at all.
    let cites = ["ev-0", "ev-77", "ev-5", "ev-0"].map(EvidenceId::from).to_vec();
    let checked = minutes.checked(Summary::new([("so".to_owned(), cites)]));
    assert_eq!(checked.points[0].cites, ["ev-0".into()]);
}

#[test]
fn who_withdrew_is_not_quoted() {
    let mut debate = Debate::open(windowed()).unwrap();
    (0..2).for_each(|_| take_round(&mut debate));
    let (round, seat) = (2, SeatIndex(1));
    debate.apply(Event::Asked { round, seat, reserved: RESERVED }).unwrap();
    let (reason, detail) = (AbstainReason::Undecided, "no".to_owned());
    debate.apply(Event::Abstained { round, seat, reason, detail, bill: Bill::default() }).unwrap();
    let seat = SeatIndex(0);
    debate.apply(Event::Asked { round, seat, reserved: RESERVED }).unwrap();
    let utterance = Arc::new(Utterance::new(0));
    debate.apply(Event::Spoke { round, seat, utterance, bill: Bill::default() }).unwrap();
    assert_eq!(texts(&debate.minutes().unwrap()), ["seat 0 in round 0"]);
}

#[test]
fn less_than_the_whole_is_told_only_to_who_is_asked() {
    let mut debate = Debate::open(windowed()).unwrap();
    let left_out = crate::Shortened { evidence: 3, ..crate::Shortened::default() };
    let told =
        |seat| Event::Shortened { round: 0, who: crate::Listener::Seat { seat: SeatIndex(seat) }, left_out };
    assert!(debate.apply(told(0)).is_err());
    debate.apply(Event::Asked { round: 0, seat: SeatIndex(0), reserved: RESERVED }).unwrap();
    debate.apply(told(0)).unwrap();
    assert!(debate.apply(told(1)).is_err() && debate.apply(told(7)).is_err());
    debate.apply(Event::Halted { cause: HaltCause::Deadline }).unwrap();
    let Step::Done(verdict) = debate.next() else { panic!("halted") };
    let shortened = Degradation::ShortenedPrompt { name: "Seat 0".to_owned(), times: 1, evidence: 3 };
    assert!(verdict.degradations.contains(&shortened), "{:?}", verdict.degradations);
}

#[test]
fn a_seat_for_a_summariser_needs_a_window_and_ears_for_all() {
    let good = windowed();
    good.check().unwrap();
    for (bad, why) in [
        (Spec { window: None, ..good.clone() }, "there is none"),
        (good.clone().with_topology(Topology::Ring), "not each hears all others"),
        (good.clone().with_summariser(SummariserSeat::new(" ")), "a name"),
        (
            good.clone().with_summariser(SummariserSeat { max_tokens: Some(0), ..SummariserSeat::new("x") }),
            "1 to 128000 tokens",
        ),
    ] {
        let error = bad.check().unwrap_err();
        assert!(error.kind() == ErrorKind::BadSpec && error.to_string().contains(why), "{error}");
    }
    let written = serde_json::to_value(Spec { summariser: None, ..good }).unwrap();
    assert!(written.get("summariser").is_none(), "what is not set is not written");
}
