//! Logs that are not what was written are refused, and the message says what and what to do.

use assize_debate::{Debate, ErrorKind, Event, Record, SeatIndex, Step};

use crate::panel::{lines, records, verdict};

#[test]
fn another_version_is_for_another_program() {
    for version in [0, 2, 10] {
        for line in lines() {
            let line = String::from_utf8(line).expect("text");
            let changed = line.replacen("\"v\":1", &format!("\"v\":{version}"), 1);
            assert_ne!(changed, line);
            let refused = Record::from_line(changed.as_bytes()).expect_err("another version");
            assert_eq!(refused.kind(), ErrorKind::BadLog);
            assert_eq!(
                refused.to_string(),
                format!(
                    "read the debate's log: it has format {version}, and this program reads format 1; use the program that \
                     wrote it, or a newer one"
                )
            );
        }
    }
    // Even where nothing else of the line can be understood.
    let strange = Record::from_line(br#"{"v":2,"when":"tomorrow"}"#).expect_err("another version");
    assert!(strange.to_string().contains("it has format 2"), "{strange}");
}

#[test]
fn what_is_no_record_is_refused() {
    let garbled: [&[u8]; 8] =
        [b"", b"{}", b"null", b"a diary", b"[1]", b"{\"v\":1}", b"{\"v\":-1}", b"\xff\xfe"];
    for line in garbled {
        let refused = Record::from_line(line).expect_err("no record");
        assert_eq!(refused.kind(), ErrorKind::BadLog, "{refused}");
        assert!(refused.to_string().starts_with("read a line of the debate's log: "), "{refused}");
    }
}

/// Two neighbours change places: either their order did not matter, or the event that does not fit is named.
#[test]
fn events_out_of_order_are_named() {
    let events = records();
    let mut refusals = 0;
    for first in 0..events.len() - 1 {
        let mut swapped = events.clone();
        swapped.swap(first, first + 1);
        match Debate::replay(&swapped) {
            Ok(debate) => {
                let Step::Done(replayed) = debate.next() else { panic!("it is over") };
                let replayed = serde_json::to_string_pretty(&*replayed).expect("JSON");
                assert_eq!(replayed.trim(), verdict().trim(), "events {} and {}", first + 1, first + 2);
            }
            Err(refused) => {
                refusals += 1;
                assert_eq!(refused.kind(), ErrorKind::BadLog);
                let message = refused.to_string();
                if first == 0 {
                    assert!(message.contains("its log does not begin with its opening"), "{message}");
                } else {
                    // Counted from 1: the first of the two that comes too early, or the other that comes too late.
                    let named = (first + 1..=events.len())
                        .find(|n| message.contains(&format!("event {n} does not fit")));
                    assert!(named.is_some_and(|n| n <= first + 3), "{first}: {message}");
                }
            }
        }
    }
    assert!(refusals >= 4, "{refusals}");
}

/// An answer in the place of the question that it answers.
#[test]
fn an_answer_before_its_question_is_named() {
    let mut events = records();
    let spoke =
        events.iter().position(|record| matches!(record.event, Event::Spoke { .. })).expect("a speech");
    let Event::Spoke { seat: speaker, .. } = &events[spoke].event else { panic!("it is a speech") };
    let asked = events
        .iter()
        .position(|record| matches!(&record.event, Event::Asked { seat, .. } if seat == speaker))
        .expect("a question");
    events.swap(asked, spoke);
    let refused = Debate::replay(&events).expect_err("out of order").to_string();
    assert!(refused.contains(&format!("event {} does not fit", asked + 1)), "{refused}");
    assert!(refused.contains("without having been asked"), "{refused}");
}

#[test]
fn events_that_come_twice_or_are_missing_are_named() {
    let events = records();
    for place in 1..events.len() {
        let mut doubled = events.clone();
        doubled.insert(place, events[place].clone());
        let refused = Debate::replay(&doubled).expect_err("an event twice").to_string();
        assert!(refused.contains(&format!("event {} does not fit", place + 2)), "{place}: {refused}");
    }
    for place in 1..events.len() - 1 {
        let mut missing = events.clone();
        missing.remove(place);
        // Whoever could not be asked abstains without a question: the question to one who abstains may be missing.
        let abstains = |seat: SeatIndex, round: u32| {
            events.iter().any(|record| matches!(record.event, Event::Abstained { seat: who, round: when, .. } if (who, when) == (seat, round)))
        };
        if matches!(events[place].event, Event::Asked { round, seat, .. } if abstains(seat, round)) {
            continue;
        }
        let refused = Debate::replay(&missing).map(|_| place).expect_err("an event is missing").to_string();
        assert!(refused.contains("does not fit"), "{place}: {refused}");
    }
}

/// A vote that was changed afterwards: the recorded verdict is shown, but it does not pass an audit.
#[test]
fn a_forged_vote_does_not_pass_an_audit() {
    assert!(Debate::replay(&records()).expect("the log").audit().is_ok());
    let mut forged = records();
    for (record, line) in forged.iter_mut().zip(lines()) {
        if matches!(record.event, Event::Spoke { .. }) {
            let line = String::from_utf8_lossy(&line).replace("\"confidence\":0.55", "\"confidence\":0.95");
            *record = Record::from_line(line.as_bytes()).expect("a record");
        }
    }
    assert_ne!(forged, records());
    let audit = Debate::replay(&forged).expect("every event fits").audit().expect_err("a forgery");
    assert_eq!(audit.kind(), ErrorKind::BadLog);
    assert!(audit.to_string().contains("another verdict"), "{audit}");
}
