//! The analysts of evidence other than prices: what they say, when they are silent, and what they can never say.

mod properties;

use std::sync::Arc;

use assize_altdata::{InsiderTrade, Item};
use assize_analysts::{
    AttentionSpike, DIRECTION_OPTIONS, EvidenceRule, Held, InsiderFlow, MacroClimate, NewsSentiment,
    OptionsFlow, Quality, Value, analyst_named, full_panel, panel,
};
use assize_debate::{
    AbstainReason, Ask, Debate, Debater, Driver, Evidence, Seat, SeatIndex, Spec, Verdict, conformance,
};

use crate::world::{
    Company, TODAY, as_of, bar, chain, days_ago, evidence, fact, item, news, purchase, sale, series, traded,
    views,
};

const RULES: [&dyn EvidenceRule; 7] =
    [&Value, &Quality, &InsiderFlow, &NewsSentiment, &AttentionSpike, &OptionsFlow, &MacroClimate];

/// What a rule says of all parts together, −1 to 1 of its strength; `None`: it abstains.
fn says(rule: &dyn EvidenceRule, evidence: &[Evidence], horizon: usize) -> Option<f64> {
    let opinion = rule.read(&Held::new(evidence, horizon)).ok()?;
    Some(opinion.parts.iter().map(|part| part.share * part.signal / 2.0).sum())
}

fn silence(rule: &dyn EvidenceRule, items: &[Item]) -> (AbstainReason, String) {
    let evidence = evidence(items);
    let silent = rule.read(&Held::new(&evidence, 20)).expect_err("it has too little to say");
    (silent.reason, silent.detail)
}

fn macro_items(last: [f64; 4]) -> Vec<Item> {
    let [slope, spread, vix, rate] = last;
    let steps = |from: f64, to: f64| (0..80).map(move |n| if n < 70 { from } else { to });
    [
        series("fred:T10Y2Y", steps(0.8, slope)),
        series("fred:BAMLH0A0HYM2", steps(3.5, spread)),
        series("fred:VIXCLS", steps(19.0, vix)),
        series("fred:DFF", steps(4.0, rate)),
    ]
    .concat()
}

/// What it is called, who reads it, what there is, what is said of it.
type Case = (&'static str, &'static dyn EvidenceRule, Vec<Item>, std::ops::RangeInclusive<f64>);

#[test]
fn plain_cases_are_read_plainly() {
    let plain = Company::default();
    let usual = 30..=57;
    let calm = || views(usual.clone().chain([40]));
    let cases: Vec<Case> = vec![
        ("cheap", &Value, Company { price: 4.0, ..plain }.items(), 0.5..=1.0),
        ("dear", &Value, Company { price: 100.0, ..plain }.items(), -1.0..=-0.5),
        ("as usual", &Value, Company { equity: 350e6, ..plain }.items(), -0.02..=0.02),
        (
            "good",
            &Quality,
            Company { cost: 300e6, cash: 200e6, income_before: 10e6, liabilities: 100e6, ..plain }.items(),
            0.55..=1.0,
        ),
        (
            "bad",
            &Quality,
            Company { cost: 990e6, cash: -60e6, income_before: 150e6, liabilities: 950e6, ..plain }.items(),
            -1.0..=-0.55,
        ),
        ("as usual", &Quality, plain.items(), -0.02..=0.02),
        // √(2 ÷ 10) of the holding and lg 20 ÷ 3 by dollars are 0.44; 2^(−5 ÷ 30) of it is left: 0.39. tanh(1.5 · 0.39 ÷ 2) ÷ 2.
        ("one buys", &InsiderFlow, traded([purchase(1, 5, 20_000.0)]), 0.142..=0.144),
        (
            "three buy",
            &InsiderFlow,
            traded([purchase(1, 5, 20_000.0), purchase(2, 9, 20_000.0), purchase(3, 12, 20_000.0)]),
            0.5..=1.0,
        ),
        ("one sells", &InsiderFlow, traded([sale(1, 5, 50_000.0)]), -0.25..=-0.02),
        ("calls", &OptionsFlow, vec![chain(0, 900.0, 100.0, -0.05)], 0.2..=1.0),
        ("puts", &OptionsFlow, vec![chain(0, 100.0, 900.0, 0.2)], -1.0..=-0.2),
        ("storm", &MacroClimate, macro_items([-0.5, 5.0, 40.0, 5.5]), -1.0..=-0.5),
        ("sunshine", &MacroClimate, macro_items([2.5, 2.8, 12.0, 3.0]), 0.5..=1.0),
        (
            "good news",
            &NewsSentiment,
            vec![
                news(0, "Acme beats estimates on strong growth"),
                news(1, "Acme profit surged to a record, dividend improved"),
                news(2, "Analysts upgrade Acme after impressive gains"),
            ],
            0.2..=1.0,
        ),
        (
            "bad news",
            &NewsSentiment,
            vec![
                news(0, "Acme misses estimates and warns of weak demand"),
                news(1, "Acme loss widened; lawsuit alleges fraud"),
                news(2, "Analysts downgrade Acme after default"),
            ],
            -1.0..=-0.2,
        ),
    ];
    for (what, rule, items, range) in cases {
        let said =
            says(rule, &evidence(&items), 20).unwrap_or_else(|| panic!("{} is silent: {what}", rule.name()));
        assert!(range.contains(&said), "{} of {what}: {said}", rule.name());
    }
    let spike = evidence(&views(usual.clone().chain([2_000])));
    assert!(says(&AttentionSpike, &spike, 5).unwrap() > 0.5);
    assert!(says(&AttentionSpike, &spike, 60).unwrap() < -0.5);
    assert_eq!(says(&AttentionSpike, &evidence(&calm()), 5), None);
}

#[test]
fn who_holds_too_little_abstains_and_says_what_is_wanting() {
    let plain = Company::default();
    let without = |concept: &str| -> Vec<Item> {
        let is_it = |item: &Item| matches!(&item.kind, assize_altdata::ItemKind::Fact(fact) if fact.concept == concept);
        plain.items().into_iter().filter(|item| !is_it(item)).collect()
    };
    let old = |items: Vec<Item>| -> Vec<Item> {
        let is_bar = |item: &Item| item.as_bar().is_some_and(|bar| bar.date == TODAY);
        items.into_iter().filter(|item| !is_bar(item)).collect()
    };
    // Of series that ended weeks ago the policy rate alone is still read.
    let mut stopped = macro_items([0.8, 3.5, 19.0, 4.0]);
    let is_recent = |item: &Item| matches!(&item.kind, assize_altdata::ItemKind::Macro(value) if value.date > days_ago(15));
    stopped.retain(|item| !is_recent(item));
    stopped.push(bar(TODAY, 10.0));
    let assets = fact("us-gaap:Assets", "USD", None, days_ago(60), 1e9);
    let cases: Vec<(&dyn EvidenceRule, Vec<Item>, &str)> = vec![
        (&Value, old(plain.items()), "a price of the last 10 days"),
        (&Value, without("dei:EntityCommonStockSharesOutstanding"), "a count of shares"),
        (&Value, Company { shares: 1e6, ..plain }.items(), "cannot belong together"),
        (&Quality, vec![assets], "it needs 3 of"),
        (&InsiderFlow, traded([purchase(1, 120, 5e4)]), "in the 90 days before 2025-06-02"),
        (
            &InsiderFlow,
            traded([InsiderTrade { code: 'A', ..purchase(1, 2, 5e4) }]),
            "no insider bought or sold",
        ),
        (&NewsSentiment, vec![news(0, "Acme wins"), news(1, "Acme gains")], "it needs 3 texts"),
        (
            &NewsSentiment,
            (8..12).map(|n| news(n, "Acme wins")).chain([bar(TODAY, 1.0)]).collect(),
            "there are 0",
        ),
        (&AttentionSpike, views(100..115), "it needs 21 of the 28 days"),
        (&AttentionSpike, views((100..128).chain([110])), "it speaks from 1.5 on"),
        (&OptionsFlow, vec![chain(0, 10.0, 10.0, 0.0)], "500 of them traded"),
        (&OptionsFlow, vec![chain(9, 100.0, 100.0, 0.0), bar(TODAY, 1.0)], "more than 4 days before"),
        (&MacroClimate, series("fred:T10Y2Y", [0.1; 5]), "it needs 2 of"),
        (&MacroClimate, stopped, "and has 1"),
    ];
    for (rule, items, wanted) in cases {
        let (_, detail) = silence(rule, &items);
        assert!(detail.contains(wanted), "{}: {detail}", rule.name());
    }
    for rule in RULES {
        assert!(!silence(rule, &[]).1.is_empty());
    }
}

#[test]
fn a_split_between_the_count_of_shares_and_the_price_is_undone() {
    let plain = Company::default();
    let mut split = Company { price: 2.5, ..plain }.items();
    split.retain(|item| item.as_bar().is_none_or(|bar| bar.date == TODAY));
    // Ten before the split of four for one, and two and a half after it; the count of shares is of 25 April.
    let mut halfway = bar(days_ago(20), 2.5);
    if let assize_altdata::ItemKind::Bar(bar) = &mut halfway.kind {
        bar.split = Some(4.0);
    }
    split.extend([bar(days_ago(60), 10.0), bar(days_ago(21), 10.0), halfway]);
    let (one, other) = (says(&Value, &evidence(&plain.items()), 20), says(&Value, &evidence(&split), 20));
    assert!((one.unwrap() - other.unwrap()).abs() < 1e-9, "{one:?} {other:?}");
}

#[test]
fn what_insiders_say_counts_by_who_and_how() {
    let of = |trades: Vec<InsiderTrade>| says(&InsiderFlow, &evidence(&traded(trades)), 20).unwrap().abs();
    let with = |change: fn(&mut InsiderTrade)| {
        let mut trade = purchase(1, 5, 20_000.0);
        change(&mut trade);
        of(vec![trade])
    };
    let officer = with(|_| ());
    assert!(with(|trade| trade.title = "Chief Financial Officer".to_owned()) > officer);
    assert!(
        with(|trade| trade.role = assize_altdata::InsiderRole { is_director: true, ..Default::default() })
            < officer
    );
    assert!(with(|trade| trade.held_after = Some(10_000_000.0)) < officer, "small beside what is held");
    assert!(with(|trade| trade.price = Some(0.1)) < officer, "small in dollars");
    assert!(with(|trade| trade.traded_on = days_ago(80)) < officer, "long ago");
    let planned = InsiderTrade { is_planned: Some(true), ..sale(1, 5, 20_000.0) };
    let unsaid = InsiderTrade { is_planned: None, ..sale(1, 5, 20_000.0) };
    let sold = of(vec![sale(1, 5, 20_000.0)]);
    assert!(of(vec![planned]) < 0.3 * sold && of(vec![unsaid]) < sold && sold < officer);
    let together = of(vec![purchase(1, 5, 9e3), purchase(2, 9, 9e3)]);
    let apart = of(vec![purchase(1, 5, 9e3), purchase(2, 60, 9e3)]);
    assert!(together > apart + 0.1, "a cluster: {together} {apart}");
    // A purchase in many lines is one purchase.
    let lines: Vec<InsiderTrade> =
        (0..10).map(|n| InsiderTrade { line: n, ..purchase(1, 5, 2_000.0) }).collect();
    assert!((of(lines) - officer).abs() < 1e-9);
}

#[test]
fn a_put_call_ratio_is_held_against_its_own_past() {
    // Many puts for each call are this share's habit.
    let habit: Vec<Item> =
        (1..=24).map(|n| chain(n, 100.0, 190.0 + f64::from(u8::try_from(n % 5).unwrap()), 0.0)).collect();
    let today = chain(0, 100.0, 192.0, 0.0);
    let alone = says(&OptionsFlow, &evidence(std::slice::from_ref(&today)), 20).unwrap();
    let items: Vec<Item> = habit.into_iter().chain([today]).collect();
    let opinion_of = evidence(&items);
    let opinion = OptionsFlow.read(&Held::new(&opinion_of, 20)).unwrap();
    let ratio = &opinion.parts[0];
    assert!(ratio.text.contains("standard deviations beside the 20 days before"), "{}", ratio.text);
    assert_eq!(ratio.cites.len(), 21);
    assert!(says(&OptionsFlow, &opinion_of, 20).unwrap() > alone);
    assert_eq!(opinion.notes.len(), 1, "gamma exposure has no direction");
}

#[test]
fn the_panel_is_those_who_have_something_to_read() {
    let names = |items: &[Item]| -> Vec<String> {
        panel(20, &evidence(items)).into_iter().map(|(seat, _)| seat.name).collect()
    };
    let of_prices = ["momentum", "mean-reversion", "trend-quality"];
    assert_eq!(names(&[bar(TODAY, 10.0)]), of_prices);
    assert_eq!(names(&Company::default().items()), [&of_prices[..], &["value", "quality"]].concat());
    assert_eq!(names(&[chain(0, 900.0, 100.0, 0.0)]), ["options"]);
    let mut bare = evidence(&[news(0, "Acme wins")]);
    bare[0].data = serde_json::Value::Null;
    assert!(panel(20, &bare).is_empty(), "words without figures are nothing to calculate with");
    let seats =
        |panel: Vec<(Seat, Arc<dyn Debater>)>| panel.into_iter().map(|(seat, _)| seat).collect::<Vec<_>>();
    assert_eq!(seats(full_panel(20)), seats(panel(20, &evidence(&all_kinds()))));
    for rule in RULES {
        assert!(analyst_named(rule.name(), 20).is_some(), "{}", rule.name());
    }
}

/// Something of each kind, for a rise.
fn all_kinds() -> Vec<Item> {
    let mut items = Company { price: 5.0, cost: 400e6, ..Company::default() }.items();
    items.extend(traded([purchase(1, 5, 20_000.0), purchase(2, 8, 20_000.0)]));
    items.extend((0..4).map(|n| news(n, &format!("Acme beats estimates number {n}, strong growth"))));
    items.extend(views((30..=57).chain([2_000])));
    items.push(chain(0, 900.0, 100.0, -0.05));
    items.extend(macro_items([2.5, 2.8, 12.0, 3.0]));
    items
}

fn spec_of(evidence: Vec<Evidence>, horizon: usize) -> (Spec, Vec<Arc<dyn Debater>>) {
    let (seats, panel): (Vec<Seat>, Vec<_>) = panel(horizon, &evidence).into_iter().unzip();
    let spec = Spec::new("Will ACME be higher?", DIRECTION_OPTIONS).with_evidence(evidence);
    (seats.into_iter().fold(spec, Spec::with_seat), panel)
}

#[tokio::test]
async fn they_debate_and_cite_what_they_rest_on() {
    let (spec, panel) = spec_of(evidence(&all_kinds()), 10);
    let kinds: Vec<String> = spec.evidence.iter().map(|evidence| evidence.kind.clone()).collect();
    let debate = Debate::open(spec.clone()).expect("a debate");
    for (seat, analyst) in (0..).map(SeatIndex).zip(&panel) {
        conformance::run(&**analyst, &debate.turn(Ask { round: 0, seat })).await;
    }
    let ids: Vec<_> = spec.evidence.iter().map(|evidence| evidence.id.clone()).collect();
    let verdict: Arc<Verdict> =
        Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict").verdict;
    assert_eq!(verdict.decision(), Some("up"), "{verdict:?}");
    let mut cited: Vec<&str> = verdict
        .reasons
        .iter()
        .flat_map(|reason| &reason.cites)
        .filter_map(|id| ids.iter().position(|known| known == id))
        .map(|at| kinds[at].as_str())
        .collect();
    cited.sort_unstable();
    cited.dedup();
    assert_eq!(
        cited,
        ["article", "attention", "company-fact", "daily-bar", "insider-trade", "macro", "option-chain"],
        "every kind counts"
    );
}

#[tokio::test]
async fn two_companies_are_not_read_as_one() {
    let (mut spec, panel) = spec_of(evidence(&all_kinds()), 10);
    let fact = spec.evidence.iter_mut().find(|evidence| evidence.kind == "company-fact").expect("a fact");
    fact.subject = "OTHER".to_owned();
    let verdict = Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict").verdict;
    let details: Vec<&str> = verdict.abstentions.iter().map(|silent| silent.detail.as_str()).collect();
    assert!(details.iter().filter(|detail| detail.contains("ACME, OTHER")).count() >= 2, "{details:?}");
}

#[test]
fn nothing_later_than_the_evidence_is_looked_at() {
    let known = all_kinds();
    let mut items = known.clone();
    // All that comes the day after, and would turn everything round.
    let tomorrow = days_ago(-1);
    items.extend([bar(tomorrow, 500.0), news(-1, "Acme files for bankruptcy after fraud")]);
    items.push(item(assize_altdata::ItemKind::InsiderTrade(sale(9, 0, 1e6)), tomorrow));
    assert!(items.len() > known.len() && !as_of().knows(&items[items.len() - 1]));
    for rule in RULES {
        assert_eq!(says(rule, &evidence(&items), 10), says(rule, &evidence(&known), 10), "{}", rule.name());
    }
}
