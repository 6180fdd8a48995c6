//! Each rule at its edges; what holds whatever comes in is in `properties`.

mod properties;

use assize_altdata::SourceKind;
use assize_metering::Usd;

use super::*;
use crate::EvidenceFacts;

fn bp(bp: i32) -> Weight {
    Weight::from_bp(bp)
}

fn sound() -> EvidenceFacts {
    EvidenceFacts {
        has_price: true,
        price_age_sessions: Some(0),
        chain_age_sessions: Some(1),
        news_age_hours: Some(72),
        cited: BTreeMap::from([(SourceKind::Prices, 2), (SourceKind::Options, 1), (SourceKind::News, 2)]),
        share_for: 0.8,
        share_against: 0.2,
        ..EvidenceFacts::default()
    }
}

/// A purchase of 8 % that nothing is wrong with.
fn buy(ticker: &str) -> Proposal {
    Proposal {
        ticker: ticker.parse().expect("a ticker"),
        sector: None,
        action: Action::Buy,
        p_up: 0.65,
        target: Some(bp(800)),
        facts: sound(),
        is_settled: false,
    }
}

fn holding(weights: &[(&str, i32)], cash: i32) -> Holdings {
    let weights = weights.iter().map(|(ticker, weight)| (ticker.parse().expect("a ticker"), bp(*weight)));
    Holdings { weights: weights.collect(), cash: bp(cash), ..Holdings::default() }
}

fn one(proposal: Proposal, held: i32) -> Accepted {
    let name = proposal.ticker.to_string();
    let holdings = holding(&[(&name, held)], 10_000 - held);
    validate(&[proposal], &holdings, &Limits::default()).accepted.remove(0)
}

/// Each rule at its edge: what is changed of a purchase of 8 % of which 5 % are held; the standing, the weight, the words.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_rule_by_itself() {
    type Change = fn(&mut Proposal);
    let cases: [(&str, Change, Standing, i32, &[&str]); 27] = [
        ("sound", |_| (), Standing::Accepted, 800, &[]),
        (
            "identity",
            |p| p.facts.identity_mismatch = Some("Kola Inc".to_owned()),
            Standing::Stopped,
            500,
            &["KO, identity: 8.00 % → 5.00 %, accepted → stopped: it may be another company: Kola Inc"],
        ),
        (
            "future",
            |p| p.facts.future_items = 1,
            Standing::Stopped,
            500,
            &["KO, future-item: 8.00 % → 5.00 %, accepted → stopped: items from after the as-of moment: 1"],
        ),
        (
            "no price",
            |p| p.facts.has_price = false,
            Standing::Stopped,
            500,
            &["KO, no-price: 8.00 % → 5.00 %, accepted → stopped: it is held and has no price"],
        ),
        (
            "price of the session before",
            |p| p.facts.price_age_sessions = Some(1),
            Standing::Accepted,
            800,
            &[],
        ),
        (
            "old price",
            |p| p.facts.price_age_sessions = Some(2),
            Standing::Abstained,
            500,
            &[
                "KO, stale-price: 8.00 % → 5.00 %, accepted → abstained: sessions since the newest price: 2, of at most 1",
            ],
        ),
        (
            "price without a day",
            |p| p.facts.price_age_sessions = None,
            Standing::Abstained,
            500,
            &[
                "KO, stale-price: 8.00 % → 5.00 %, accepted → abstained: nobody can say how old the newest price is",
            ],
        ),
        (
            "old chain",
            |p| p.facts.chain_age_sessions = Some(2),
            Standing::Accepted,
            800,
            &[
                "KO, stale-evidence: 5 items, 3 kinds → 4, 2: sessions since the newest options: 2, of at most 1",
            ],
        ),
        (
            "old news",
            |p| p.facts.news_age_hours = Some(73),
            Standing::Accepted,
            800,
            &["KO, stale-evidence: 5 items, 3 kinds → 3, 2: hours since the newest news: 73, of at most 72"],
        ),
        (
            "prices alone",
            |p| p.facts.cited = BTreeMap::from([(SourceKind::Prices, 9)]),
            Standing::Abstained,
            500,
            &[
                "KO, too-little-evidence: 8.00 % → 5.00 %, accepted → abstained: items that count: 9, of at least 3; kinds of sources: 1, of at least 2",
            ],
        ),
        (
            "two items",
            |p| p.facts.cited = BTreeMap::from([(SourceKind::Prices, 1), (SourceKind::Macro, 1)]),
            Standing::Abstained,
            500,
            &[
                "KO, too-little-evidence: 8.00 % → 5.00 %, accepted → abstained: items that count: 2, of at least 3; kinds of sources: 2, of at least 2",
            ],
        ),
        (
            "a kind of no items",
            |p| p.facts.cited = BTreeMap::from([(SourceKind::Prices, 3), (SourceKind::Macro, 0)]),
            Standing::Abstained,
            500,
            &[
                "KO, too-little-evidence: 8.00 % → 5.00 %, accepted → abstained: items that count: 3, of at least 3; kinds of sources: 1, of at least 2",
            ],
        ),
        ("just enough of an edge", |p| p.p_up = 0.55, Standing::Accepted, 800, &[]),
        ("as a sum makes it", |p| p.p_up = 0.1 + 0.45, Standing::Accepted, 800, &[]),
        (
            "a coin",
            |p| p.p_up = 0.549,
            Standing::Held,
            500,
            &[
                "KO, confidence: 8.00 % → 5.00 %, buy → hold, accepted → held: p(up) 0.549 is less than 0.05 from one half",
            ],
        ),
        (
            "no number",
            |p| p.p_up = f64::NAN,
            Standing::Held,
            500,
            &[
                "KO, confidence: 8.00 % → 5.00 %, buy → hold, accepted → held: its probability is no number from 0 to 1",
            ],
        ),
        (
            "surer than sure",
            |p| p.p_up = 1.01,
            Standing::Held,
            500,
            &[
                "KO, confidence: 8.00 % → 5.00 %, buy → hold, accepted → held: its probability is no number from 0 to 1",
            ],
        ),
        (
            "a hold that buys",
            |p| p.action = Action::Hold,
            Standing::Held,
            500,
            &["KO, confidence: 8.00 % → 5.00 %: it is a hold"],
        ),
        ("a hold", |p| (p.action, p.p_up, p.target) = (Action::Hold, 0.5, None), Standing::Held, 500, &[]),
        (
            "against its own words",
            |p| p.p_up = 0.3,
            Standing::Accepted,
            500,
            &["KO, direction: 8.00 % → 5.00 %: p(up) 0.300 is no reason to buy"],
        ),
        (
            "short",
            |p| (p.p_up, p.target) = (0.3, Some(bp(-100))),
            Standing::Accepted,
            0,
            &["KO, long-only: -1.00 % → 0.00 %: -1.00 % is less than nothing"],
        ),
        (
            "conflict",
            |p| (p.facts.share_for, p.facts.share_against) = (0.65, 0.35),
            Standing::Accepted,
            400,
            &[
                "KO, conflict: 8.00 % → 4.00 %: 65 % of the evidence's weight is for it and 35 % against; from 35 % on both sides it is a conflict",
            ],
        ),
        (
            "no conflict",
            |p| (p.facts.share_for, p.facts.share_against) = (0.651, 0.349),
            Standing::Accepted,
            800,
            &[],
        ),
        (
            "odd conflict",
            |p| {
                (p.facts.share_for, p.facts.share_against) = (f64::NAN, 0.5);
                p.target = Some(bp(701));
            },
            Standing::Accepted,
            350,
            &[
                "KO, conflict: 7.01 % → 3.50 %: NaN % of the evidence's weight is for it and 50 % against; from 35 % on both sides it is a conflict",
            ],
        ),
        (
            "large",
            |p| p.target = Some(bp(1_001)),
            Standing::Accepted,
            1_000,
            &["KO, name-limit: 10.01 % → 10.00 %: 10.01 % is more than the 10.00 % that one name may have"],
        ),
        ("what is held", |p| p.target = None, Standing::Accepted, 500, &[]),
        (
            "what is held, in conflict",
            |p| (p.target, p.facts.share_for, p.facts.share_against) = (None, 0.5, 0.5),
            Standing::Accepted,
            500,
            &[],
        ),
    ];
    for (name, change, standing, weight, words) in cases {
        let mut proposal = buy("KO");
        change(&mut proposal);
        let accepted = one(proposal, 500);
        let said: Vec<String> = accepted.events.iter().map(ToString::to_string).collect();
        assert_eq!(said, words, "{name}");
        assert_eq!((accepted.standing, accepted.weight), (standing, bp(weight)), "{name}");
        for pair in accepted.events.windows(2) {
            assert!(pair[0].rule <= pair[1].rule && pair[0].after == pair[1].before, "{name}");
        }
    }
}

#[test]
fn a_name_that_is_not_held_needs_no_price_to_be_left_alone() {
    let mut proposal = buy("KO");
    proposal.facts.has_price = false;
    let done = validate(std::slice::from_ref(&proposal), &Holdings::all_cash(), &Limits::default());
    let accepted = &done.accepted[0];
    assert_eq!((accepted.standing, accepted.weight), (Standing::Abstained, Weight::ZERO));
    assert_eq!(accepted.events[0].rule, RuleId::NoPrice);
    assert!(done.targets().is_empty());
    // Held, and nobody knows what it is worth.
    assert_eq!(one(proposal, 0).standing, Standing::Stopped);
}

#[test]
fn what_abstains_is_still_cut_to_its_limit_and_what_is_stopped_is_not() {
    let mut thin = buy("KO");
    thin.facts.cited.clear();
    let accepted = one(thin, 1_500);
    let rules: Vec<RuleId> = accepted.events.iter().map(|event| event.rule).collect();
    assert_eq!(rules, [RuleId::TooLittleEvidence, RuleId::NameLimit]);
    assert_eq!((accepted.standing, accepted.weight), (Standing::Abstained, bp(1_000)));
    let mut stopped = buy("KO");
    stopped.facts.future_items = 3;
    assert_eq!(one(stopped, 1_500).weight, bp(1_500), "it cannot be sold");
}

/// So little that it is no basis point of the book, and is to be sold all the same.
#[test]
fn what_weighs_next_to_nothing_is_sold_too() {
    let sale = Proposal { action: Action::Sell, p_up: 0.2, target: Some(Weight::ZERO), ..buy("KO") };
    let target = |proposal: &Proposal, holdings: &Holdings| {
        let done = validate(std::slice::from_ref(proposal), holdings, &Limits::default());
        done.targets().get(&proposal.ticker).copied()
    };
    let dust = holding(&[("KO", 0)], 9_999);
    assert_eq!(target(&sale, &dust), Some(0));
    let hold = Proposal { action: Action::Hold, target: None, ..buy("KO") };
    assert_eq!(target(&hold, &dust), None, "it is left as it is");
}

/// Purchases give way before anything is sold, each in proportion to its size.
#[test]
fn room_is_shared() {
    let limits = Limits::default();
    let sized = |ticker: &str, weight: i32, sector: &str| Proposal {
        target: Some(bp(weight)),
        sector: Some(sector.to_owned()),
        ..buy(ticker)
    };
    let weights = |proposals: &[Proposal], holdings: &Holdings, limits: &Limits| {
        let done = validate(proposals, holdings, limits);
        let weights: Vec<i32> = done.accepted.iter().map(|accepted| accepted.weight.bp()).collect();
        (weights, done.gross.bp(), done.cash.bp())
    };
    // 10 + 10 + 10 + 5 in one sector: five are too many, and what is held stays.
    let four = [
        sized("A", 1_000, "Energy"),
        sized("B", 1_000, " energy"),
        sized("C", 1_000, "ENERGY"),
        sized("D", 500, "energy"),
    ];
    let (shared, ..) = weights(&four, &Holdings::all_cash(), &limits);
    assert_eq!(shared, [857, 857, 857, 428]);
    let (shared, ..) = weights(&four, &holding(&[("A", 1_000)], 9_000), &limits);
    assert_eq!(shared, [1_000, 800, 800, 400]);
    // A stopped name takes its room from the others.
    let mut stuck = four.clone();
    stuck[0].facts.identity_mismatch = Some("another".to_owned());
    let (shared, ..) = weights(&stuck, &holding(&[("A", 2_500)], 7_500), &limits);
    assert_eq!(shared, [2_500, 200, 200, 100]);
    let (shared, ..) = weights(&stuck, &holding(&[("A", 4_000), ("B", 300)], 5_700), &limits);
    assert_eq!(shared, [4_000, 0, 0, 0], "B is sold, since A alone is too much");
    // Names without a proposal do, too.
    let mut beside = holding(&[("X", 2_800), ("Y", 6_900)], 300);
    beside.sectors.insert("X".parse().unwrap(), "Energy".to_owned());
    let (shared, gross, cash) = weights(&four, &beside, &limits);
    assert_eq!((shared, gross, cash), (vec![57, 57, 57, 28], 9_899, 101));
    // Cash bounds, where it is less than what may be held.
    let tight = Limits { min_cash: bp(200), ..limits };
    let (shared, gross, cash) = weights(&four, &beside, &tight);
    assert_eq!((shared, gross, cash), (vec![28, 28, 28, 14], 9_798, 202));
    let broke = validate(&four, &holding(&[("Y", 12_000)], -2_000), &limits);
    assert!(broke.accepted.iter().all(|accepted| accepted.weight == Weight::ZERO));
    assert_eq!(broke.accepted[0].events[1].rule, RuleId::GrossLimit);
    let broke = validate(&four, &holding(&[("Y", 9_000)], -500), &limits);
    assert_eq!(
        broke.accepted[0].events[1].to_string(),
        "A, cash: 8.57 % → 0.00 %: 119.99 % is more than the 85.00 % that can be paid"
    );
}

#[test]
fn of_two_proposals_for_a_name_the_first_counts() {
    let second = Proposal { action: Action::Sell, p_up: 0.1, target: Some(bp(0)), ..buy("KO") };
    let done = validate(&[buy("KO"), second, buy("PEP")], &Holdings::all_cash(), &Limits::default());
    let weights: Vec<(&str, i32)> =
        done.accepted.iter().map(|accepted| (accepted.ticker.as_str(), accepted.weight.bp())).collect();
    assert_eq!(weights, [("KO", 800), ("PEP", 800)]);
    assert_eq!(done.accepted[0].events[0].why, "another proposal, sell with 0.00 %, is left out");
    assert_eq!(done.without_sector.len(), 2);
    let targets: Vec<(String, u32)> =
        done.targets().iter().map(|(name, bp)| (name.to_string(), *bp)).collect();
    assert_eq!(targets, [("KO".to_owned(), 800), ("PEP".to_owned(), 800)]);
}

#[test]
fn rules_have_distinct_names_in_the_order_in_which_they_are_applied() {
    assert!(RuleId::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    for rule in RuleId::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        assert!(rule.sentence().ends_with('.'));
    }
}

#[test]
fn limits_as_files_say_them() {
    let written = toml::to_string(&Limits::default()).unwrap();
    assert_eq!(toml::from_str::<Limits>(&written).unwrap(), Limits::default());
    assert_eq!(toml::from_str::<Limits>("").unwrap(), Limits::default());
    for (wrong, says) in [
        ("max_gross_bp = -1", "take `max_gross_bp = -1`: write 0 to 10000 basis points"),
        ("min_edge_bp = 5001", "take `min_edge_bp = 5001`: write 0 to 5000"),
        ("conflict_share_bp = 10001", "write 0 to 10000"),
        ("max_news_age_hours = -1", "invalid value"),
        ("leverage = 2", "unknown field"),
    ] {
        let error = toml::from_str::<Limits>(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_books_are_worth() {
    let weights = |values: &[(&str, &str)], cash: &str| {
        let values: BTreeMap<Ticker, Usd> = values
            .iter()
            .map(|(ticker, value)| (ticker.parse().expect("a ticker"), value.parse().expect("an amount")))
            .collect();
        let holdings = Holdings::of_values(&values, cash.parse().expect("an amount"));
        (holdings.weights.values().map(|weight| weight.bp()).collect::<Vec<_>>(), holdings.cash.bp())
    };
    assert_eq!(weights(&[("A", "100"), ("B", "200")], "700"), (vec![1_000, 2_000], 7_000));
    assert_eq!(weights(&[("A", "1100")], "-100"), (vec![11_000], -1_000), "in debt");
    assert_eq!(weights(&[("A", "100")], "-100"), (vec![0], 0), "worth nothing");
    assert_eq!(weights(&[], "0"), (vec![], 0));
    let values = BTreeMap::from([("A".parse().unwrap(), Usd::MAX)]);
    let huge = Holdings::of_values(&values, Usd::MAX);
    assert_eq!((huge.weights.len(), huge.cash), (1, Weight::ZERO));
}
