//! Stories: what joins, what does not, what leaves, and in which order.

use assize_signals::story::{Assigned, Stories, StoryItem, StoryOptions};
use jiff::Timestamp;
use proptest::prelude::*;

const START: i64 = 1_780_000_000;
const HOUR: i64 = 3_600;

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn tell(stories: &mut Stories, hour: i64, domain: &str, text: &str, entities: &[&str]) -> Assigned {
    stories.insert(&StoryItem { at: moment(START + hour * HOUR), domain, text, entities })
}

#[test]
fn an_item_joins_by_words_entity_and_time() {
    let mut stories = Stories::default();
    let text = "Regulator fines Northgate Bank over leaked customer data";
    let first = tell(&mut stories, 0, "a.example", text, &["NGB"]);
    let alike = "Northgate Bank fined by regulator over customer data leak";
    for (case, hour, entities, joins) in [
        ("all three", 1, &["NGB", "SPX"][..], true),
        ("another company", 1, &["CLX"], false),
        ("the last hour", 48, &["ngb"], true),
    ] {
        let answer = tell(&mut stories.clone(), hour, "b.example", alike, entities);
        assert_eq!(!answer.is_new, joins, "{case}: {answer:?}");
        assert_eq!(answer.story == first.story, joins, "{case}");
    }
    let late = tell(&mut stories.clone(), 49, "b.example", alike, &["NGB"]);
    assert!(late.is_new, "more than 48 hours later");
    let other = tell(&mut stories.clone(), 1, "b.example", "Northgate Bank opens branch in Oslo", &["NGB"]);
    assert!(other.is_new && other.similarity < 0.5, "other words");
    let early = tell(&mut stories, -47, "b.example", alike, &["NGB"]);
    assert_eq!(early.story, first.story, "late to arrive, though within the gap");
    let view = stories.story(first.story).expect("a story");
    assert_eq!((view.first_at, view.last_at), (moment(START - 47 * HOUR), moment(START)));
    assert_eq!((view.title.as_str(), view.n_items, view.n_domains), (text, 2, 2));
    assert_eq!(view.entities, ["ngb"]);
}

#[test]
fn a_story_may_last_longer_than_the_gap_if_it_goes_on() {
    let mut stories = Stories::default();
    let text = "Strike at Kestrel plant goes on";
    let first = tell(&mut stories, 0, "a.example", text, &["KES"]);
    for day in 1..10 {
        let answer = tell(&mut stories, day * 40, &format!("{day}.example"), text, &["KES"]);
        assert_eq!(answer.story, first.story);
    }
}

#[test]
fn the_same_words_of_a_domain_count_once() {
    let mut stories = Stories::default();
    for domain in ["a.example", "A.example", "a.example", "b.example"] {
        tell(&mut stories, 0, domain, "Arden Lines sinks to a loss", &["ARD"]);
    }
    let again = tell(&mut stories, 1, "a.example", "ARDEN LINES sinks to a loss!", &["ARD"]);
    assert!(again.is_duplicate && !again.is_new);
    assert_eq!((again.burst.n, again.burst.n_domains), (2, 2));
    let other = tell(&mut stories, 1, "a.example", "Arden Lines sinks to surprise loss", &["ARD"]);
    assert!(!other.is_duplicate && other.burst.n == 3);
}

/// Three items from three domains about a company never in the news are a burst: z = (3 − 0) / √1 = 3. Two domains are not.
#[test]
fn a_burst_needs_its_z_and_its_domains() {
    let mut stories = Stories::default();
    tell(&mut stories, -24 * 7, "z.example", "Something else entirely happened", &["OTHER"]);
    let text = "Explosion at Marlow Chemicals works";
    for (domain, suffix, is_burst) in [
        ("a.example", "", false),
        ("b.example", "", false),
        ("b.example", " kills two", false),
        ("c.example", "", true),
    ] {
        let answer = tell(&mut stories, 0, domain, &format!("{text}{suffix}"), &["MAR"]);
        assert_eq!(answer.burst.is_burst, is_burst, "{domain}{suffix}: {:?}", answer.burst);
        assert!(!answer.burst.is_guess);
    }
    let bursting = stories.bursting(moment(START));
    assert_eq!(bursting.len(), 1);
    assert!(bursting[0].1.expected.abs() < 1e-12 && (bursting[0].1.z - 4.0).abs() < 1e-12);
    assert!(stories.bursting(moment(START + 12 * HOUR)).is_empty(), "the window has moved on");
}

/// A company that is always in the news: 28 windows of a week with 4 items each are μ = 4, so that 6 items are
/// z = (6 − 4) / √5 = 0.89 and no burst; 11 are z = 7 / √5 = 3.13.
#[test]
fn who_is_always_in_the_news_needs_more() {
    let mut stories = Stories::default();
    let noise = ["opens office", "hires chef", "paints roof", "sells mugs"];
    // The six hours of each window but the last, which the burst is in; one hour has one item.
    for window in 0..28 {
        for (at, what) in noise.iter().enumerate() {
            let hour = (window - 28) * 6 + 1 + i64::try_from(at).expect("few");
            tell(&mut stories, hour, "n.example", &format!("Giant {what} number {window}x{at}"), &["BIG"]);
        }
    }
    let mut last = None;
    for domain in 0..11 {
        let answer = tell(
            &mut stories,
            0,
            &format!("{domain}.example"),
            "Giant loses antitrust appeal in Brussels",
            &["BIG"],
        );
        if domain == 5 {
            assert!(
                !answer.burst.is_burst && (answer.burst.expected - 4.0).abs() < 0.2,
                "{:?}",
                answer.burst
            );
        }
        last = Some(answer.burst);
    }
    let last = last.expect("a burst");
    assert!(last.is_burst && (last.z - 3.13).abs() < 0.1, "{last:?}");
}

#[test]
fn old_stories_leave_and_leave_nothing_behind() {
    let mut stories = Stories::default();
    for n in 0..500 {
        tell(&mut stories, n / 10, "a.example", &format!("Topic{n} word{n} thing{n}"), &[&format!("E{n}")]);
    }
    assert_eq!(stories.len(), 500);
    let first = tell(&mut stories, 1_000, "a.example", "A single headline", &["ONE"]);
    assert_eq!((stories.len(), stories.n_terms()), (1, 2));
    assert!(stories.story(first.story).is_some());
}

#[test]
fn there_are_never_more_stories_than_allowed() {
    let mut stories = Stories::new(StoryOptions { max_stories: 100, ..StoryOptions::default() });
    for n in 0..1_000 {
        tell(&mut stories, 0, "a.example", &format!("Topic{n} word{n} thing{n}"), &[&format!("E{n}")]);
        assert!(stories.len() <= 100);
    }
    assert_eq!(stories.n_terms(), 300);
}

#[test]
fn texts_without_words_and_without_names_are_stories_of_their_own() {
    let mut stories = Stories::default();
    let ids: Vec<_> =
        ["!!!", "...", "???"].map(|text| tell(&mut stories, 0, "a.example", text, &[]).story).into();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    let a = tell(&mut stories, 0, "a.example", "prices rise in shops again", &[]);
    let b = tell(&mut stories, 0, "b.example", "prices rise in shops again", &[]);
    assert_eq!(a.story, b.story, "nobody is named in either");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Items of the same seconds come in any order, and the stories are the same, ids included.
    #[test]
    fn ties_do_not_depend_on_the_order(picks in prop::collection::vec((0_usize..6, 0_usize..4, 0_i64..3), 1..24), turn in 0_usize..24) {
        let texts = [
            "Arden Lines sinks to a loss",
            "Loss at Arden Lines",
            "Arden Lines sinks ferry to make a reef",
            "Arden Lines names chief",
            "Chief named at Arden Lines",
            "Arden names new chief",
        ];
        let domains = ["a.example", "b.example", "c.example", "d.example"];
        let items: Vec<_> = picks
            .iter()
            .map(|&(text, domain, hour)| StoryItem {
                at: moment(START + hour * HOUR),
                domain: domains[domain],
                text: texts[text],
                entities: &["ARD"],
            })
            .collect();
        let answers = Stories::default().insert_all(&items);
        let mut turned = items.clone();
        let by = turn % items.len();
        turned.rotate_left(by);
        let mut of_turned = Stories::default().insert_all(&turned);
        of_turned.rotate_right(by);
        let ids = |answers: &[Assigned]| answers.iter().map(|answer| answer.story).collect::<Vec<_>>();
        prop_assert_eq!(ids(&answers), ids(&of_turned));
    }

    #[test]
    fn no_text_is_too_strange(texts in prop::collection::vec("\\PC{0,80}", 0..40)) {
        let mut stories = Stories::default();
        for (n, text) in texts.iter().enumerate() {
            let answer = tell(&mut stories, i64::try_from(n).expect("few") * 13, text, text, &[]);
            prop_assert!(answer.similarity.is_finite() && answer.similarity <= 1.0 + 1e-9);
            prop_assert!(stories.story(answer.story).is_some());
        }
    }
}
