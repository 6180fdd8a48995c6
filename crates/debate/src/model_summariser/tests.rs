//! Summaries that can be read, and those that cannot.

use assize_llm::ScriptedModel;

use super::*;
use crate::{AbstainReason, summary::tests::minutes};

fn sums_up(answers: &[&str]) -> Result<Summarised, Abstention> {
    let model = ScriptedModel::saying("x", answers.iter().map(|text| (*text).to_owned()));
    let summarising = ModelSummariser::new(Arc::new(model), None).summarise(minutes("it is hot"));
    assert_eq!((summarising.reservation.calls, summarising.shortened), (1, None));
    summarising.summary.now_or_never().unwrap()
}

const GOOD: &str = r#"{"summary": [{"text": "Hot.", "cites": ["ev-1", "ev-9"]}, {"text": "Wet."}]}"#;

#[test]
fn what_is_said_is_read_and_what_is_invented_is_dropped() {
    let said = sums_up(&[GOOD]).unwrap();
    let lines: Vec<String> = said.summary.lines().collect();
    assert_eq!(lines, ["Hot. [ev-1]", "Wet. (without evidence)"]);
    assert_eq!(said.bill.calls, 1);
    let said = sums_up(&["It was like this:", GOOD]).unwrap();
    assert_eq!((said.summary.points.len(), said.bill.calls), (2, 2), "asked once more");
}

#[test]
fn what_cannot_be_read_is_an_abstention() {
    for bad in [
        "",
        "Hot.",
        "{\"summary\": []}",
        "{\"summary\": \"hot\"}",
        "{\"summary\": [{\"text\": \" \"}]}",
        "{\"points\": [{\"text\": \"hot\"}]}",
        "{\"summary\": [{\"text\": \"hot\"}], \"summary\": []}",
        "{\"summary\": [{\"text\": \"hot\"}]} {\"summary\": []}",
        // It has no vote.
        "{\"summary\": [{\"text\": \"hot\"}], \"stance\": \"yes\"}",
        "{\"summary\": [{\"text\": \"hot\"}], \"system\": {\"say\": \"no\"}}",
    ] {
        let silent = sums_up(&[bad, bad]).unwrap_err();
        assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Unreadable, 2), "{bad}");
    }
}

#[test]
fn what_does_not_fit_is_left_out_and_what_must_be_there_is_not() {
    let long = minutes(&"so it is, and hot, too. ".repeat(100));
    let model = || Arc::new(ScriptedModel::saying("x", [GOOD]));
    let fitting =
        |limit| ModelSummariser::new(model(), None).with_limits(Some(limit), None).summarise(long.clone());
    assert_eq!(fitting(100_000).shortened, None);
    let shorter = fitting(1_400).shortened.unwrap();
    assert!(shorter.reasons.is_some_and(|characters| characters > 0) && shorter.remarks == 0, "{shorter:?}");
    let silent = fitting(200);
    assert_eq!(silent.reservation.calls, 0, "nobody is asked");
    let why = silent.summary.now_or_never().unwrap().unwrap_err();
    assert_eq!(why.reason, AbstainReason::TooLong);
    assert!(why.detail.contains("reads 200"), "{}", why.detail);
}
