//! Summaries, by what they are made of.

use super::*;
use crate::{Bill, Debate, Event, Seat, Window};

fn point(text: &str) -> (String, Vec<EvidenceId>) {
    (text.to_owned(), Vec::new())
}

#[test]
fn a_summary_is_as_long_as_it_may_be() {
    let long = "é".repeat(MAX_POINT_CHARACTERS + 1);
    let many = (0..20).map(|n| point(&format!("{n}"))).chain([point(" ")]);
    let summary = Summary::new([point(&long), point(""), point(" \n")].into_iter().chain(many));
    assert_eq!(summary.points.len(), MAX_POINTS);
    assert_eq!(summary.points[0].text.chars().count(), MAX_POINT_CHARACTERS);
    assert!(summary.points[0].text.ends_with("é…"));
    summary.check().unwrap();
    let cites: Vec<EvidenceId> =
        (0..40).map(|n| format!("ev-{n}").as_str().into()).chain(["a b".into()]).collect();
    let summary = Summary::new([("so".to_owned(), cites)]);
    assert_eq!(summary.points[0].cites.len(), MAX_POINT_CITES);
    summary.check().unwrap();
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let of = |text: &str, cites: &[&str]| Summary {
        points: vec![Reason {
            text: text.to_owned(),
            cites: cites.iter().map(|id| EvidenceId::from(*id)).collect(),
            weight: None,
        }],
    };
    assert!(of("so", &["ev-1"]).check().is_ok());
    for bad in [
        Summary::new([]),
        Summary { points: vec![of("so", &[]).points[0].clone(); MAX_POINTS + 1] },
        of(" ", &[]),
        of(&"x".repeat(MAX_POINT_CHARACTERS + 1), &[]),
        of("so", &["a b"]),
        of("so", &["a"; MAX_POINT_CITES + 1]),
    ] {
        assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::Refused, "{bad:?}");
    }
}

/// What the model-backed summariser is tried on, too.
pub(crate) fn minutes(reason: &str) -> Minutes {
    let spec = Spec::new("Tea?", ["yes", "no"])
        .with_seat(Seat::new("Ada", "a"))
        .with_seat(Seat::new("Ben", "b"))
        .with_rounds(9)
        .with_stops([])
        .with_evidence(vec![crate::Evidence {
            id: "ev-1".into(),
            kind: "note".to_owned(),
            subject: "tea".to_owned(),
            source: "a leaf".to_owned(),
            available_at: assize_ambient::Timestamp::UNIX_EPOCH,
            text: "It is hot.".to_owned(),
            data: serde_json::Value::Null,
            held_by: None,
        }])
        .with_window(Window { rounds: 0, tokens: 0 })
        .with_summariser(SummariserSeat::new("x"));
    let mut debate = Debate::open(spec).unwrap();
    for round in 0..2 {
        for seat in [crate::SeatIndex(0), crate::SeatIndex(1)] {
            debate.apply(Event::Asked { round, seat, reserved: Reservation::default() }).unwrap();
            let said = crate::Utterance::new(seat.get()).because(format!("{reason} {}", seat.0), ["ev-1"]);
            let utterance = Arc::new(said);
            debate.apply(Event::Spoke { round, seat, utterance, bill: Bill::default() }).unwrap();
        }
    }
    debate.minutes().unwrap()
}

#[test]
fn a_script_is_followed_from_the_third_round_on() {
    let said = |text: &str| Ok(Summary::new([point(text)]));
    let summariser = ScriptedSummariser::new([said("one"), said("two")]);
    let at = |round: u32| {
        let minutes = Minutes { round, ..minutes("so") };
        summariser.summarise(minutes).summary.now_or_never().unwrap().unwrap().summary.points[0].text.clone()
    };
    assert_eq!([at(2), at(3), at(4), at(9)], ["one", "two", "two", "two"]);
    let nobody = ScriptedSummariser::new([]).summarise(minutes("so")).summary.now_or_never().unwrap();
    assert_eq!(nobody.unwrap_err().reason, AbstainReason::Undecided);
}
