//! What is left out on request is named, and the rest is there.

use assize_pipeline::{Part, ShortfallKind, Status};

use crate::desk::{AS_OF, Desk, lacking, only, request, words};

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
    let [shortfall] = lacking(only(&voted))[..] else { panic!("{:?}", only(&voted).shortfalls) };
    assert_eq!((shortfall.part, shortfall.kind), (Part::Debate, ShortfallKind::LeftOut));
    let (markdown, ..) = words(&voted);
    assert!(markdown.contains("one vote without a debate"), "{markdown}");
    assert!(markdown.contains("votes once and does not debate"), "{markdown}");
}

/// With a folder of prices alone the rest is missing, and says so.
#[test]
fn what_no_source_is_asked_for_is_named() {
    let brief = Desk::with_fixtures().made(&request(&["RISE", "TEXT"], AS_OF));
    let rise = &brief.tickers[0];
    assert_eq!((rise.status, rise.decision.is_some()), (Status::Degraded, true));
    let missing: Vec<(Part, ShortfallKind)> =
        rise.shortfalls.iter().map(|lack| (lack.part, lack.kind)).collect();
    assert_eq!(missing, [(Part::Altdata, ShortfallKind::NotAsked), (Part::Options, ShortfallKind::NotAsked)]);
    let (markdown, html, json) = words(&brief);
    for said in ["no source of altdata is asked", "no source of options is asked"] {
        assert!([&markdown, &html, &json].iter().all(|form| form.contains(said)), "{said}");
    }
    let states: Vec<(Part, Status)> = rise.parts.iter().map(|state| (state.part, state.status)).collect();
    assert_eq!(
        states,
        [
            (Part::Prices, Status::Full),
            (Part::Altdata, Status::Missing),
            (Part::Options, Status::Missing),
            (Part::Debate, Status::Full),
            (Part::Decision, Status::Full),
        ]
    );
}
