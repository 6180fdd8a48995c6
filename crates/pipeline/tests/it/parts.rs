//! What is left out on request is named, and the rest is there.

use assize_pipeline::{Part, ShortfallKind, Status};

use crate::desk::{AS_OF, Desk, only, request, words};

/// Analysts that disagree at first, so that a debate would go on.
const DISPUTED: &str = "WAVE";

#[test]
fn without_a_debate_the_panel_votes_once() {
    let mut request = request(&[DISPUTED], AS_OF);
    let whole = Desk::with_fixtures().made(&request);
    let rounds = |brief: &assize_pipeline::Brief| only(brief).verdict.as_ref().expect("a verdict").rounds;
    assert!(rounds(&whole) > 1, "otherwise this proves nothing");
    request.without.insert(Part::Debate);
    let voted = Desk::with_fixtures().made(&request);
    assert_eq!((rounds(&voted), voted.rounds), (1, 1));
    assert_eq!(only(&voted).status, Status::Degraded);
    let [shortfall] = &only(&voted).shortfalls[..] else { panic!("{:?}", only(&voted).shortfalls) };
    assert_eq!((shortfall.part, shortfall.kind), (Part::Debate, ShortfallKind::LeftOut));
    let (markdown, ..) = words(&voted);
    assert!(markdown.contains("one vote without a debate"), "{markdown}");
    assert!(markdown.contains("votes once and does not debate"), "{markdown}");
}

#[test]
fn every_combination_gives_a_report_that_names_what_is_missing() {
    for choice in 0..8_u32 {
        let left_out: Vec<Part> = (0..)
            .zip(Part::OPTIONAL)
            .filter(|(bit, _)| choice >> bit & 1 == 1)
            .map(|(_, part)| part)
            .collect();
        let mut request = request(&["RISE", "TEXT"], AS_OF);
        request.without = left_out.iter().copied().collect();
        let brief = Desk::with_fixtures().made(&request);
        assert!(brief.tickers[0].decision.is_some(), "{left_out:?}");
        let (markdown, html, json) = words(&brief);
        for part in Part::OPTIONAL {
            let is_out = left_out.contains(&part);
            let named = brief.tickers[0].shortfalls.iter().filter(|shortfall| shortfall.part == part).count();
            assert_eq!(named, usize::from(is_out), "{part} of {left_out:?}");
            let words = if part == Part::Debate {
                "left out on request: the panel votes once".to_owned()
            } else {
                format!("{part} are left out on request")
            };
            for form in [&markdown, &html, &json] {
                assert_eq!(form.contains(&words), is_out, "{part} of {left_out:?} in\n{form}");
            }
        }
        let status = if left_out.is_empty() { Status::Full } else { Status::Degraded };
        assert_eq!(brief.tickers[0].status, status, "{left_out:?}");
        assert_eq!(brief.without, left_out);
    }
}
