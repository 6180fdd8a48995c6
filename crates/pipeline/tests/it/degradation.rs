//! Whatever is left out or goes wrong, alone or together: still a report, and each missing part named with its reason.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_debate::{Debater, ModelDebater, Seat};
use assize_llm::{ChatRequest, Failures, SimulatedModel};
use assize_metering::{ModelPrice, PriceBook, Usd};
use assize_pipeline::{Analysts, Brief, Panel, Part, ShortfallKind, Status, TickerBrief};

use crate::{
    desk::{request, words},
    market::{AS_OF, ATTENTION, Market, OPTIONS, PRICES, Trouble},
};

const DEADLINE: Duration = Duration::from_secs(120);

/// What goes wrong, what is missing by it, and why.
#[derive(Debug, Clone, Copy)]
enum Case {
    Calm,
    Site(&'static str, Trouble, Part, ShortfallKind),
    Budget,
    ModelsHang,
    ModelsFail,
}

const CASES: [Case; 9] = [
    Case::Calm,
    Case::Site(PRICES, Trouble::Down, Part::Prices, ShortfallKind::Outside),
    Case::Site(OPTIONS, Trouble::Down, Part::Options, ShortfallKind::Outside),
    Case::Site(ATTENTION, Trouble::Down, Part::Altdata, ShortfallKind::Outside),
    Case::Site(OPTIONS, Trouble::Silent, Part::Options, ShortfallKind::Deadline),
    Case::Site(ATTENTION, Trouble::Silent, Part::Altdata, ShortfallKind::Deadline),
    Case::Budget,
    Case::ModelsHang,
    Case::ModelsFail,
];

impl Case {
    /// Whether it can happen at all where these parts are left out.
    fn lacks(self, without: &BTreeSet<Part>) -> Option<(Part, ShortfallKind)> {
        match self {
            Self::Calm => None,
            Self::Site(_, _, part, kind) => (!without.contains(&part)).then_some((part, kind)),
            Self::Budget => Some((Part::Debate, ShortfallKind::Budget)),
            Self::ModelsHang => Some((Part::Debate, ShortfallKind::Deadline)),
            Self::ModelsFail => Some((Part::Debate, ShortfallKind::Outside)),
        }
    }

    async fn brief(self, without: &BTreeSet<Part>) -> (Brief, Market) {
        let market = Market::open();
        let market = match self {
            Self::Site(host, trouble, ..) => market.troubled(host, trouble),
            _ => market,
        };
        let mut request = request(&["KO"], AS_OF);
        request.without.clone_from(without);
        request.deadline = Some(DEADLINE);
        // Debates must have time left, whoever is silent.
        request.research = Some(DEADLINE / 2);
        let maker = match self {
            Self::Calm | Self::Site(..) => market.maker(Analysts::default()),
            Self::Budget => {
                request.budget = Some(Usd::from_picodollars(1));
                market.maker(models(Failures::default()))
            }
            Self::ModelsHang => market.maker(models(Failures { hang: 1.0, ..Failures::default() })),
            Self::ModelsFail => market.maker(models(Failures { server: 1.0, ..Failures::default() })),
        };
        let (brief, run) = maker.run(&request).await.expect("a brief");
        assert!(run.elapsed <= DEADLINE, "{self:?}: {:?}", run.elapsed);
        (brief, market)
    }
}

/// Two voices of a model that costs something.
fn models(failures: Failures) -> Panel {
    let day: jiff::Timestamp = "2026-03-07T12:00:00Z".parse().expect("a moment");
    let price = PriceBook::embedded().find("gpt-4o", day).expect("a well-known model");
    let price: Arc<ModelPrice> = Arc::new(price.clone());
    let voice = |n: u64| {
        let answer = |_: &ChatRequest, _: &mut Chance| {
            r#"{"stance": "up", "probabilities": {"up": 0.7, "down": 0.3}}"#.to_owned()
        };
        let model = SimulatedModel::new("gpt-4o", Seed::new(n), answer).with_failures(failures);
        let debater: Arc<dyn Debater> =
            Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&price))));
        (Seat::new(format!("voice {n}"), "simulated:gpt-4o"), debater)
    };
    (0..2).map(voice).collect()
}

/// All that can be said of one brief, whatever is missing.
fn holds(case: Case, without: &BTreeSet<Part>, brief: &Brief) {
    let what = format!("{case:?} without {without:?}");
    let ko = &brief.tickers[0];
    let mut expected = without.clone();
    expected.extend(case.lacks(without).map(|(part, _)| part));
    let named: BTreeSet<Part> = ko.shortfalls.iter().map(|shortfall| shortfall.part).collect();
    let mut expected_names = expected.clone();
    if ko.decision.is_none() {
        expected_names.insert(Part::Decision);
        if ko.verdict.is_none() {
            expected_names.insert(Part::Debate);
        }
    }
    assert_eq!(named, expected_names, "{what}: {:?}", ko.shortfalls);
    let complete = ko.decision.is_some() && expected.is_empty();
    assert_eq!(ko.status == Status::Full, complete, "{what}");
    for &part in without {
        let left_out =
            |lack: &&assize_pipeline::Shortfall| lack.part == part && lack.kind == ShortfallKind::LeftOut;
        assert!(ko.shortfalls.iter().any(|lack| left_out(&lack)), "{what}: {part}");
    }
    if let Some((part, kind)) = case.lacks(without) {
        let has = ko.shortfalls.iter().any(|lack| lack.part == part && lack.kind == kind);
        assert!(has, "{what}: {:?}", ko.shortfalls);
    }
    for state in &ko.parts {
        assert_eq!(state.status != Status::Full, named.contains(&state.part), "{what}: {state:?}");
    }
    is_told(&what, brief, ko);
}

/// Each form tells each missing part, and why.
fn is_told(what: &str, brief: &Brief, ko: &TickerBrief) {
    let (markdown, html, json) = words(brief);
    let plain = markdown.replace('\\', "");
    for lack in &ko.shortfalls {
        let reason: String = lack.detail.chars().take_while(|c| !"`&<>'\"".contains(*c)).collect();
        assert!(plain.contains(&format!("**{}**: {reason}", lack.part)), "{what}: {lack:?} in\n{markdown}");
        assert!(html.contains(&reason) && json.contains(&reason), "{what}: {lack:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_combination_gives_a_report_that_names_what_is_missing() {
    for choice in 0..8_u32 {
        let left_out = (0..).zip(Part::OPTIONAL).filter(|(bit, _)| choice >> bit & 1 == 1);
        let without: BTreeSet<Part> = left_out.map(|(_, part)| part).collect();
        for case in CASES {
            let (brief, market) = case.brief(&without).await;
            holds(case, &without, &brief);
            let ko = &brief.tickers[0];
            let has_prices = !matches!(case, Case::Site(PRICES, ..));
            if has_prices {
                assert!(ko.decision.is_some(), "{case:?} without {without:?}: {:?}", ko.shortfalls);
            }
            assert_eq!(brief.without.iter().copied().collect::<BTreeSet<_>>(), without);
            let asked: BTreeSet<String> = market.books().into_keys().collect();
            for (part, host) in [
                (Part::Options, "cboe"),
                (Part::Altdata, "wikimedia"),
                (Part::Altdata, "algolia"),
                (Part::Altdata, "sec.gov"),
            ] {
                let is_asked =
                    market.books().iter().any(|(name, book)| name.contains(host) && book.requests > 0);
                assert!(!(without.contains(&part) && is_asked), "{host} without {without:?}: {asked:?}");
            }
        }
    }
}

/// What was paid for a panel that could not be heard, and why the analysts stand in for it, is in the brief.
#[tokio::test(start_paused = true)]
async fn the_analysts_vote_where_the_panel_cannot_be_heard() {
    for case in [Case::Budget, Case::ModelsHang, Case::ModelsFail] {
        let (brief, _) = case.brief(&BTreeSet::new()).await;
        let ko = &brief.tickers[0];
        let verdict = ko.verdict.as_ref().expect("a verdict");
        assert_eq!(verdict.rounds, 1, "{case:?}");
        assert!(verdict.votes.iter().all(|vote| !vote.name.starts_with("voice")), "{case:?}");
        let said = &ko.shortfalls[0].detail;
        assert!(said.contains("nobody on the panel was heard"), "{said}");
        assert!(said.ends_with("the analysts vote instead"), "{said}");
        assert_eq!(brief.cost, ko.cost);
    }
}
