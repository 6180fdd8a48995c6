//! A log of version 1 as it was written when version 1 was made.

use assize_debate::{Debate, Record, Said, Step, Verdict};

use crate::panel::{ID, lines, panel, records, spec, verdict};

#[test]
fn it_replays_to_its_verdict() {
    let debate = Debate::replay(&records()).expect("a log of version 1");
    assert!(debate.is_concluded());
    let Step::Done(replayed) = debate.next() else { panic!("it is over") };
    let golden: Verdict = serde_json::from_str(&verdict()).expect("a verdict");
    assert_eq!(*replayed, golden);
    let mut written = serde_json::to_string_pretty(&*replayed).expect("JSON");
    written.push('\n');
    assert_eq!(written, verdict(), "to the last digit");
}

/// What the log is good for: every kind of thing that is written down is in it.
#[test]
fn it_holds_a_flip_an_abstention_dissent_and_money() {
    let verdict: Verdict = serde_json::from_str(&verdict()).expect("a verdict");
    assert_eq!((verdict.decision(), verdict.debate.as_str()), (Some("no"), ID));
    assert_eq!((verdict.conformity.flips, verdict.conformity.flips_without_new_evidence), (1, 0));
    assert_eq!(verdict.abstentions.len(), 1);
    assert_eq!(verdict.dissent.len(), 1);
    assert!(verdict.rounds >= 3, "{}", verdict.rounds);
    assert_eq!(verdict.calls, 3 * verdict.rounds);
    assert_eq!(verdict.cost.picodollars(), 1_000_000_001 * i128::from(verdict.calls));
    let debate = Debate::replay(&records()).expect("a log of version 1");
    let transcript = debate.transcript();
    assert_eq!(transcript.len(), usize::try_from(verdict.calls).expect("a few"));
    assert!(transcript.is_sorted_by_key(|entry| (entry.round, entry.seat)));
    assert!(matches!(transcript[2].said, Said::Abstained { .. }));
}

/// A line that is read and written again is the same line: nothing that was known is dropped on the way.
#[test]
fn each_line_survives_reading_and_writing() {
    for (number, line) in (1..).zip(lines()) {
        let again = Record::from_line(&line).expect("a record").to_line().expect("a line");
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&line), "line {number}");
    }
}

/// The opening holds the whole debate: who finds the log needs nothing else to go on with it.
#[test]
fn its_opening_is_the_specification() {
    let debate = Debate::replay(&records()[..1]).expect("an opening");
    assert_eq!(**debate.spec(), spec());
    assert_eq!(debate.id().as_str(), ID);
    assert!(matches!(debate.next(), Step::Ask(asks) if asks.len() == panel().len()));
}
