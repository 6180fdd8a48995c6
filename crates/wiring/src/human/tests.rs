//! A person on the panel.

use std::{sync::Mutex as Shared, time::Duration};

use assize_debate::{Ask, Debate, Driver, Evidence, Limits, ScriptedDebater, SeatIndex, Spec, StopRule};

use super::*;

fn evidence(id: &str, text: &str) -> Evidence {
    serde_json::from_value(serde_json::json!({
        "id": id, "kind": "note", "subject": "s", "source": "the team", "available_at": "2019-06-01T00:00:00Z", "text": text,
    }))
    .unwrap()
}

fn spec(seats: usize) -> Spec {
    let spec = Spec::new("Ship?", ["yes", "no", "not now"]).with_evidence(vec![
        evidence("ev-tests", "all tests pass"),
        evidence("ev-way-back", "it can be taken back"),
    ]);
    (0..seats).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("Ada {n}"), "human")))
}

fn answered(line: &str) -> Result<Utterance, String> {
    read(line, &Debate::open(spec(1)).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) }))
}

#[test]
fn an_answer_is_an_option_and_perhaps_how_sure_and_why() {
    for (line, stance, sure, why) in [
        ("yes", 0, None, None),
        ("  NO \n", 1, None, None),
        ("3", 2, None, None),
        ("not now", 2, None, None),
        ("Not now 60%", 2, Some(0.6), None),
        (
            "1 70 %: it is tested [ev-tests, ev-tests, gone]",
            0,
            Some(0.7),
            Some("it is tested [ev-tests, ev-tests, gone]"),
        ),
        ("no 0.5: why: because", 1, Some(0.5), Some("why: because")),
        ("no:", 1, None, None),
    ] {
        let said = answered(line).expect(line);
        assert_eq!(said.stance, stance, "{line}");
        assert_eq!(said.probabilities.map(|p| p[stance]), sure, "{line}");
        assert_eq!(said.reasons.first().map(|reason| reason.text.as_str()), why, "{line}");
        let cites: Vec<&str> =
            said.reasons.iter().flat_map(|reason| &reason.cites).map(EvidenceId::as_str).collect();
        assert_eq!(cites, if line.contains("ev-tests") { vec!["ev-tests"] } else { vec![] }, "{line}");
    }
}

/// A word in a sentence is no vote.
#[test]
fn what_only_sounds_like_an_option_is_none() {
    for line in [
        "no idea",
        "yes and no",
        "I would not say yes here. The final answer is no",
        "yes, but",
        "no-one knows",
        "0",
        "4",
        "yes 101 %",
        "yes -1",
        "yes nan",
        "yes 20 %",
        "maybe: yes",
        "y",
    ] {
        assert!(answered(line).is_err(), "{line}: {:?}", answered(line));
    }
    assert!(answered(&format!("yes: {}", "x".repeat(5_000))).is_err(), "too long a reason");
}

type Screen = Arc<Shared<Vec<String>>>;

fn desk() -> (mpsc::Sender<String>, Human, Screen) {
    let (to, from) = mpsc::channel(16);
    let screen = Screen::default();
    let shown = Arc::clone(&screen);
    (to, Human::new(from, move |text| shown.lock().unwrap().push(text.to_owned())), screen)
}

fn person(human: &Human, name: &str) -> Arc<dyn Debater> {
    Arc::new(HumanDebater::new(human.clone(), &Seat::new(name, "human")))
}

#[tokio::test(start_paused = true)]
async fn a_person_sees_what_a_debater_is_told() {
    let (to, human, screen) = desk();
    for line in ["maybe", "yes 60 %: it is tested [ev-tests]", "no: there is no way back"] {
        to.send(line.to_owned()).await.unwrap();
    }
    let spec =
        spec(1).with_seat(Seat::new("Ben", "scripted")).with_rounds(2).with_stops([StopRule::Unanimous]);
    let ben = Utterance::new(1).because("there is \u{1b}[2Jno hurry", ["ev-way-back"]);
    let panel = vec![person(&human, "Ada 0"), Arc::new(ScriptedDebater::always(ben)) as Arc<dyn Debater>];
    let verdict = Driver::new(spec, panel).unwrap().run().await.unwrap().verdict;
    assert_eq!((verdict.decision(), verdict.rounds), (Some("no"), 2));
    let screen = screen.lock().unwrap();
    assert_eq!(screen.len(), 3, "{screen:?}");
    assert!(
        screen[0].contains("Ada 0, round 1: Ship?\nEvidence:\n  [ev-tests] the team: all tests pass"),
        "{}",
        screen[0]
    );
    assert!(!screen[0].contains("Peer"), "the first round is blind: {}", screen[0]);
    assert!(
        screen[1].starts_with("\"maybe\" names no option; once more: 1 yes, 2 no, 3 not now: "),
        "{}",
        screen[1]
    );
    let second = &screen[2];
    assert!(second.contains("  You said: yes\n    it is tested [ev-tests] [ev-tests]\n"), "{second}");
    assert!(second.contains("  Peer 1 says: no\n    there is  [2Jno hurry [ev-way-back]\n"), "{second}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_waits_for_nobody_and_a_late_answer_counts_for_nothing() {
    let (to, human, screen) = desk();
    let limits = Limits { turn: Some(Duration::from_secs(60)), ..Limits::default() };
    let spec =
        spec(1).with_seat(Seat::new("Ben", "scripted")).with_limits(limits).with_rounds(2).with_stops([]);
    let panel = vec![
        person(&human, "Ada 0"),
        Arc::new(ScriptedDebater::always(Utterance::new(0))) as Arc<dyn Debater>,
    ];
    let typist = async {
        // It comes when the first turn is over and the second has not begun to wait for it: it must not answer that one.
        tokio::time::sleep(Duration::from_millis(59_999)).await;
        let lines = human.0.lines.try_lock();
        assert!(lines.is_err(), "she is being asked");
        tokio::time::sleep(Duration::from_secs(30)).await;
        to.send("no: in time for the second".to_owned()).await.unwrap();
    };
    let (conclusion, ()) = tokio::join!(Driver::new(spec, panel).unwrap().run(), typist);
    let verdict = conclusion.unwrap().verdict;
    let late: Vec<_> = verdict.abstentions.iter().map(|a| (a.round, a.reason)).collect();
    assert_eq!(late, [(0, AbstainReason::TimedOut)]);
    assert_eq!(verdict.votes[0].option, "no");
    assert_eq!(screen.lock().unwrap().len(), 2);
    // Asked for and typed too late.
    let again = Debate::open(self::spec(1)).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) });
    let speech = person(&human, "Ada 0").speak(again.clone());
    assert!(tokio::time::timeout(Duration::from_secs(1), speech.hear(|_| ())).await.is_err());
    to.send("yes: too late".to_owned()).await.unwrap();
    let speech = person(&human, "Ada 0").speak(again);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), speech.hear(|_| ())).await.is_err(),
        "it is not heard"
    );
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_abstains() {
    let (to, human, _) = desk();
    let turn = || Debate::open(spec(1)).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) });
    let hear = || person(&human, "Ada").speak(turn()).hear(|_| ());
    to.send(" \n".to_owned()).await.unwrap();
    assert_eq!(hear().await.unwrap_err().reason, AbstainReason::Undecided);
    for _ in 0..TRIES {
        to.send("what?".to_owned()).await.unwrap();
    }
    let silent = hear().await.unwrap_err();
    assert_eq!(
        (silent.reason, silent.detail.as_str()),
        (AbstainReason::Unreadable, "\"what?\" names no option")
    );
    drop(to);
    assert_eq!(hear().await.unwrap_err().reason, AbstainReason::Failed);
}

#[tokio::test(start_paused = true)]
async fn two_at_one_desk_answer_one_after_the_other() {
    let (to, human, screen) = desk();
    to.send("yes".to_owned()).await.unwrap();
    to.send("no".to_owned()).await.unwrap();
    let panel = vec![person(&human, "Ada 0"), person(&human, "Ada 1")];
    let verdict = Driver::new(spec(2).with_rounds(1), panel).unwrap().run().await.unwrap().verdict;
    let votes: Vec<&str> = verdict.votes.iter().map(|vote| vote.option.as_str()).collect();
    assert_eq!(votes, ["yes", "no"]);
    let screen = screen.lock().unwrap();
    assert!(screen[0].contains("Ada 0, round 1") && screen[1].contains("Ada 1, round 1"), "{screen:?}");
}
