//! What is wrong with one ticker harms no other.

use assize_pipeline::{Part, ShortfallKind, Status};

use crate::desk::{AS_OF, Desk, lacking, only, request};

const SOUND: [&str; 6] = ["RISE", "FALL", "WAVE", "SPLIT", "ADJ", "DIRTY"];

#[test]
fn others_are_what_they_are_alone() {
    let among = ["NONE", "RISE", "EMPTY", "FALL", "TEXT", "WAVE", "SPLIT", "ADJ", "DIRTY"];
    let together = Desk::with_fixtures().made(&request(&among, AS_OF));
    for name in SOUND {
        let alone = Desk::with_fixtures().made(&request(&[name], AS_OF));
        let found = together.tickers.iter().find(|ticker| ticker.ticker.as_str() == name);
        assert_eq!(found, Some(only(&alone)), "{name}");
        assert!(only(&alone).decision.is_some(), "{name}: {:?}", only(&alone).shortfalls);
    }
}

#[test]
fn each_trouble_has_its_name_and_its_words() {
    for (name, kind, words) in [
        ("NONE", ShortfallKind::Unknown, "the folder has no file for NONE; it has ADJ, DIRTY, EMPTY, FALL"),
        ("EMPTY", ShortfallKind::TooLittle, "`EMPTY.csv` holds nothing"),
        ("TEXT", ShortfallKind::Unreadable, "a price table needs at least Date and Close"),
    ] {
        let brief = Desk::with_fixtures().made(&request(&[name, "RISE"], AS_OF));
        let ticker = &brief.tickers[0];
        assert_eq!((ticker.status, &ticker.decision, ticker.bars), (Status::Missing, &None, 0), "{name}");
        let [shortfall, debate, decision] = lacking(ticker)[..] else {
            panic!("{name}: {:?}", ticker.shortfalls)
        };
        assert_eq!(
            (debate.part, decision.part),
            (Part::Debate, Part::Decision),
            "{name}: what follows from it"
        );
        assert_eq!((shortfall.part, shortfall.kind), (Part::Prices, kind), "{name}");
        assert!(shortfall.detail.contains(words), "{name}: {}", shortfall.detail);
        assert!(brief.has_decision(), "the other ticker has one");
    }
}

#[test]
fn dirt_is_reported_row_by_row_and_what_lies_ahead_is_not() {
    let brief = Desk::with_fixtures().made(&request(&["DIRTY"], AS_OF));
    let dirty = only(&brief);
    let mut kinds: Vec<&str> = dirty.findings.iter().map(|finding| finding.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "ambiguous_date",
            "bad_price",
            "column",
            "conflict",
            "duplicate",
            "out_of_order",
            "outside_range",
            "ragged_row",
            "unit_jump",
            "unreadable_number",
            "weekend",
            "zero_volume"
        ]
    );
    assert!(lacking(dirty).is_empty(), "dirt is no gap as long as enough is left");
    for finding in &dirty.findings {
        assert!(!finding.text.contains("2020-"), "{}", finding.text);
        assert!(
            !finding.text.contains(", line "),
            "line numbers are for the record of the run: {}",
            finding.text
        );
    }
}

#[test]
fn prices_that_are_too_old_decide_nothing() {
    let brief = Desk::with_fixtures().made(&request(&["RISE"], "2020-12-30"));
    let rise = only(&brief);
    assert_eq!((rise.status, &rise.decision), (Status::Missing, &None));
    assert!(rise.verdict.is_some(), "the panel was asked all the same");
    assert!(
        lacking(rise).iter().all(|shortfall| shortfall.kind == ShortfallKind::Stale),
        "{:?}",
        rise.shortfalls
    );
}
