//! Prompts that fit, whatever there is to be told.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use assize_ambient::Timestamp;
use assize_llm::ScriptedModel;
use assize_metering::{CharacterEstimator, TokenCounter};
use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::{
    AbstainReason, Ask, Bill, Debate, Debater, Event, Evidence, JudgeSeat, ModelDebater, ModelJudge,
    Reservation, Seat, SeatIndex, Selector, Spec, Step, Utterance, Window, voice::Voice,
};

const SEATS: usize = 3;

fn spec(rounds: u32, evidence: &[String]) -> Spec {
    let piece = |(n, text): (usize, &String)| Evidence {
        id: format!("ev-{n}").as_str().into(),
        kind: "note".to_owned(),
        subject: "tea".to_owned(),
        source: format!("source {n}"),
        available_at: Timestamp::from_second(i64::try_from(n % 3).unwrap()).unwrap(),
        text: text.clone(),
        data: serde_json::Value::Null,
        held_by: None,
    };
    let spec = Spec::new("Is it time for tea?", ["yes", "no"]).with_rounds(rounds).with_stops([]);
    (0..SEATS)
        .fold(spec, |spec, n| spec.with_seat(Seat::new(format!("Seat {n}"), "model:x")))
        .with_selector(Selector::Always)
        .with_evidence(evidence.iter().enumerate().map(piece).collect())
        .with_window(Window { rounds: 5, tokens: 4_096 })
        .with_judge(JudgeSeat::new("Judge", "model:y"))
}

/// A debate in which each says what `text` gives, until the judge is to be heard or a round is about to begin.
fn held(mut debate: Debate, until: u32, text: impl Fn(u32, usize) -> String) -> Debate {
    while let Step::Ask(asks) = debate.next() {
        if debate.round() == until {
            break;
        }
        for ask in &asks {
            let Ask { round, seat } = *ask;
            debate.apply(Event::Asked { round, seat, reserved: Reservation::default() }).unwrap();
        }
        for Ask { round, seat } in asks {
            let said =
                Utterance::new((seat.get() + round as usize) % 2).because(text(round, seat.get()), ["ev-1"]);
            let utterance = Arc::new(said);
            debate.apply(Event::Spoke { round, seat, utterance, bill: Bill::default() }).unwrap();
        }
    }
    debate
}

fn voice(room: u64) -> Voice {
    let mut voice = Voice::new(Arc::new(ScriptedModel::saying("x", ["no"])), None);
    voice.set_limits(Some(room), None);
    voice
}

/// What a prompt takes, counted as a whole.
fn size(system: &str, user: &str) -> u64 {
    at_most(CharacterEstimator.count(system) + CharacterEstimator.count(user), TEXTS)
}

fn a_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z <>.,\n]{0,400}",
        1 => "[a-zäöüéß ]{0,900}",
        1 => "[中文字かなЖабв0-9{}\"]{0,300}",
        1 => "[a-z ]{0,40}".prop_map(|text| text.repeat(80)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_limit_is_exceeded_and_what_is_pinned_stays(
        texts in prop::collection::vec(a_text(), 6),
        evidence in prop::collection::vec(a_text(), 0..8),
        rounds in 1_u32..7,
        room in 250_u64..9_000,
    ) {
        let said = |round: u32, seat: usize| format!("{seat}@{round} {}", texts[(round as usize + seat) % texts.len()]);
        let debate = held(Debate::open(spec(9, &evidence)).unwrap(), rounds, said);
        let turn = debate.turn(Ask { round: rounds, seat: SeatIndex(1) });
        let system = prompt::system(&turn, "Be brief.");
        let fitted = || {
            let user = |cut: &Cut| prompt::user(&turn, cut);
            voice(room).fitted(&[&system], user, |room| of_turn(&turn, &system, room))
        };
        let whole = prompt::user(&turn, &Cut::default());
        match fitted() {
            Ok(one) => {
                prop_assert!(size(&system, &one.user) <= room, "{} > {room}", size(&system, &one.user));
                prop_assert!(one.user.contains("Is it time for tea?"));
                let own = prompt::said(turn.own().unwrap(), turn.options(), REASON_CAPS[0]);
                prop_assert!(one.user.contains(&own), "its own last statement is whole");
                let n = one.cut.evidence.len();
                let line = match n {
                    0 => "left out here".to_owned(),
                    1 => "One piece of evidence is left out".to_owned(),
                    n => format!("{n} pieces of evidence are left out"),
                };
                let is_told = one.user.contains(&line);
                prop_assert_eq!(n > 0, is_told);
                prop_assert_eq!(one.cut.told().is_none(), one.user == whole);
                let other = fitted().ok().unwrap();
                prop_assert_eq!((other.user, other.cut), (one.user, one.cut));
            }
            Err(silent) => {
                prop_assert_eq!(silent.reason, AbstainReason::TooLong);
                prop_assert!(silent.detail.contains(&format!("reads {room}")), "{}", silent.detail);
            }
        }
        // What would fit as it is stays as it is, but for what lies between the parts.
        if size(&system, &whole) + 12 * (SEAM + 40) * u64::try_from(4 + SEATS * rounds as usize + evidence.len()).unwrap() <= room {
            prop_assert_eq!(fitted().ok().map(|prompt| prompt.cut), Some(Cut::default()));
        }
    }

    #[test]
    fn a_judge_and_a_summariser_are_not_told_too_much_either(
        texts in prop::collection::vec(a_text(), 6),
        evidence in prop::collection::vec(a_text(), 0..8),
        room in 250_u64..6_000,
    ) {
        let said = |round: u32, seat: usize| format!("{seat}@{round} {}", texts[(round as usize + seat) % texts.len()]);
        let debate = held(Debate::open(spec(2, &evidence)).unwrap(), 9, said);
        let docket = debate.docket().unwrap();
        let systems = [false, true].map(|reversed| prompt::judge_system(&docket, "", reversed));
        let shown = systems.each_ref().map(String::as_str);
        let user = |cut: &Cut| prompt::judge_user(&docket, false, cut);
        if let Ok(one) = voice(room).fitted(&shown, user, |room| of_docket(&docket, shown, room)) {
            for (reversed, system) in [(false, shown[0]), (true, shown[1])] {
                let user = prompt::judge_user(&docket, reversed, &one.cut);
                prop_assert!(size(system, &user) <= room);
                prop_assert_eq!(user.matches("debater ").count() >= SEATS, true);
            }
        }
        let mut spec = spec(9, &evidence).with_window(Window { rounds: 0, tokens: 0 });
        spec = spec.with_summariser(crate::SummariserSeat::new("x"));
        let debate = held(Debate::open(spec).unwrap(), 9, said);
        let minutes = debate.minutes().unwrap();
        let system = prompt::summary_system();
        let user = |cut: &Cut| prompt::summary_user(&minutes, cut);
        if let Ok(one) = voice(room).fitted(&[&system], user, |room| of_minutes(&minutes, &system, room)) {
            prop_assert!(size(&system, &one.user) <= room);
            prop_assert!(one.cut.remarks < minutes.statements().len() && one.cut.evidence.is_empty());
        }
    }
}

/// The order in which things go, seen with less and less room.
#[test]
fn the_oldest_remarks_go_first_and_evidence_last() {
    let evidence: Vec<String> = (0..6).map(|n| format!("fact {n} ").repeat(40)).collect();
    let debate = held(Debate::open(spec(9, &evidence)).unwrap(), 5, |round, seat| {
        format!("In round {round} seat {seat} said that it was so. ").repeat(8)
    });
    let turn = debate.turn(Ask { round: 5, seat: SeatIndex(0) });
    let remarks = turn.history().remarks.len();
    let system = prompt::system(&turn, "");
    let mut seen = Vec::new();
    for room in (200..8_000).rev().step_by(20) {
        let Ok((cut, taken)) = of_turn(&turn, &system, room) else { break };
        assert!(taken <= room);
        if seen.last() != Some(&cut) {
            seen.push(cut);
        }
    }
    assert_eq!(seen[0], Cut::default());
    for pair in seen.windows(2) {
        let [more, less] = pair else { continue };
        assert!(less.remarks >= more.remarks && less.cap >= more.cap, "{more:?} {less:?}");
        assert!(less.cap == 0 || less.remarks == remarks, "reasons are cut when no remark is left: {less:?}");
        assert!(
            less.evidence.is_empty() || less.cap == REASON_CAPS.len() - 1,
            "evidence goes when nothing else is left: {less:?}"
        );
        assert!(more.evidence.iter().all(|index| less.evidence.contains(index)), "{more:?} {less:?}");
    }
    let last = seen.last().unwrap();
    assert_eq!(last.evidence.len(), 6, "all of it, at the end");
    let one = seen.iter().find(|cut| cut.evidence.len() == 1).unwrap();
    assert_eq!(one.evidence, [0], "the oldest that nobody cited");
    let five = seen.iter().find(|cut| cut.evidence.len() == 5).unwrap();
    assert!(!five.leaves_out(1), "what was cited is left out last: {five:?}");
}

thread_local! {
    static COUNTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn noting(text: &str) -> u64 {
    COUNTED.with_borrow_mut(|counted| counted.push(text.to_owned()));
    CharacterEstimator.count(text)
}

/// Twenty rounds, in which every prompt is too long, cut and counted.
#[test]
fn no_text_is_counted_twice() {
    let evidence: Vec<String> = (0..10).map(|n| format!("fact {n} ").repeat(30)).collect();
    let mut debate = Debate::open(spec(21, &evidence)).unwrap().counting_by(noting);
    let (mut shortened, mut prompts) = (0, 0);
    for round in 1..=20 {
        debate = held(debate, round, |round, seat| {
            format!("Round {round} of seat {seat}. ") + &"And it went on like that. ".repeat(10 + seat * 20)
        });
        for seat in (0..3).map(SeatIndex) {
            for room in [1_500, 2_500, 3_500] {
                let turn = debate.turn(Ask { round, seat });
                let system = prompt::system(&turn, "Be brief.");
                if let Ok((cut, _)) = of_turn(&turn, &system, room) {
                    shortened += u32::from(cut != Cut::default());
                }
                prompts += 1;
            }
        }
    }
    assert_eq!(prompts, 180);
    assert!(shortened > 150, "{shortened}");
    let counted = COUNTED.take();
    let different: BTreeSet<&String> = counted.iter().collect();
    assert!(counted.len() > 100, "{}", counted.len());
    let mut again = counted.clone();
    again.sort_unstable();
    let twice: Vec<_> = again.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert_eq!(different.len(), counted.len(), "{twice:?}");
}

#[test]
fn what_does_not_fit_at_all_is_not_asked() {
    let debate = held(Debate::open(spec(2, &[])).unwrap(), 1, |_, _| "so".to_owned());
    let turn = debate.turn(Ask { round: 1, seat: SeatIndex(0) });
    let model = || Arc::new(ScriptedModel::saying("x", ["{\"stance\": \"yes\"}"]));
    let debater = ModelDebater::new(model(), None).with_limits(None, Some(1_200));
    let speech = debater.speak(turn.clone());
    assert_eq!(speech.reservation.calls, 0);
    let silent = speech.hear(|_| ()).now_or_never().unwrap().unwrap_err();
    assert_eq!((silent.reason, silent.bill), (AbstainReason::TooLong, Bill::default()));
    assert!(silent.detail.ends_with("its model reads 176 beside an answer of 1024"), "{}", silent.detail);
    // With an answer that takes less room, it fits.
    let brief = debater.with_max_tokens(100).speak(turn);
    assert_eq!(brief.hear(|_| ()).now_or_never().unwrap().unwrap().utterance.stance, 0);

    let judging = held(Debate::open(spec(2, &[])).unwrap(), 9, |_, _| "so".to_owned());
    let judge = ModelJudge::new(model(), None).with_limits(Some(100), None);
    let assessing = crate::Judge::assess(&judge, judging.docket().unwrap());
    assert_eq!(assessing.reservation.calls, 0);
    let silent = assessing.assessment.now_or_never().unwrap().unwrap_err();
    assert_eq!(silent.reason, AbstainReason::TooLong);
}

#[test]
fn an_answer_is_asked_for_again_only_where_that_fits() {
    let debate = Debate::open(spec(2, &[])).unwrap();
    let turn = debate.turn(Ask { round: 0, seat: SeatIndex(0) });
    let (system, user) = (prompt::system(&turn, ""), prompt::user(&turn, &Cut::default()));
    let bytes = (system.len() + user.len()) as u64 + 2 * MARGIN;
    for (room, calls) in [(bytes + 10, 1), (bytes + 1_000, 2)] {
        let model = ScriptedModel::saying("x", ["what?", "{\"stance\": \"yes\"}"]);
        let debater = ModelDebater::new(Arc::new(model), None).with_limits(Some(room), None);
        let said = debater.speak(turn.clone()).hear(|_| ()).now_or_never().unwrap();
        let bill = said.map_or_else(|silent| silent.bill, |spoken| spoken.bill);
        assert_eq!(bill.calls, calls, "{room}");
    }
}
