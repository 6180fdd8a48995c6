//! What analysts can never say: beyond their bounds, or less for more of what is good.

use assize_analysts::{
    AttentionSpike, EvidenceRule, Held, InsiderFlow, MacroClimate, NewsSentiment, OptionsFlow, Quality, Value,
};
use assize_debate::Evidence;
use proptest::prelude::*;
use serde_json::json;

use super::{RULES, macro_items, says};
use crate::world::{Company, chain, evidence, news, purchase, sale, traded, views};

/// Texts of today with these feelings.
fn felt(kind: &str, feelings: &[f64]) -> Vec<Evidence> {
    let text = |(n, feeling): (usize, &f64)| {
        let mut text = evidence(&[news(0, &format!("Number {n}"))]).remove(0);
        text.id = format!("ev-{kind}-{n}").as_str().into();
        text.kind = kind.to_owned();
        text.data = json!({ "feeling": feeling, "credibility": 0.9, "novelty": 1.0, "relevance": 0.8 });
        text
    };
    feelings.iter().enumerate().map(text).collect()
}

#[test]
fn a_text_counts_by_what_is_known_of_it() {
    let of = |field: &str, value: f64| {
        let mut texts = felt("article", &[0.5, 0.5, 0.5]);
        for text in &mut texts {
            text.data[field] = json!(value);
        }
        says(&NewsSentiment, &texts, 20).expect("three texts")
    };
    for field in ["credibility", "novelty", "relevance", "engagement"] {
        assert!(of(field, 0.9) > of(field, 0.1) + 0.01, "{field}");
    }
    assert!(of("novelty", 0.0).abs() < 1e-12, "said before, it is no news");
}

/// What a rule says of a company with one figure changed.
fn of(rule: &dyn EvidenceRule, change: impl Fn(&mut Company)) -> Option<f64> {
    let mut company = Company::default();
    change(&mut company);
    says(rule, &evidence(&company.items()), 20)
}

fn not_below(more: Option<f64>, less: Option<f64>) -> bool {
    more.zip(less).is_some_and(|(more, less)| more >= less - 1e-12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// More of what is good is never worse, and whatever is said stays within the strength.
    #[test]
    fn companies_are_judged_monotonously(one in 1.0..200.0_f64, other in 1.0..200.0_f64) {
        let (less, more) = (one.min(other), one.max(other));
        let (low, high) = (less * 1e6, more * 1e6);
        prop_assert!(not_below(of(&Value, |c| c.price = 3.0 + less), of(&Value, |c| c.price = 3.0 + more)));
        prop_assert!(not_below(of(&Value, |c| c.income = high), of(&Value, |c| c.income = low)));
        prop_assert!(not_below(of(&Value, |c| c.spending = low), of(&Value, |c| c.spending = high)));
        prop_assert!(not_below(of(&Value, |c| c.equity = high), of(&Value, |c| c.equity = low)));
        prop_assert!(not_below(of(&Quality, |c| c.cash = high), of(&Quality, |c| c.cash = low)));
        prop_assert!(not_below(of(&Quality, |c| c.cost = low), of(&Quality, |c| c.cost = high)));
        prop_assert!(not_below(of(&Quality, |c| c.liabilities = low), of(&Quality, |c| c.liabilities = high)));
        prop_assert!(not_below(of(&Quality, |c| c.revenue_before = low), of(&Quality, |c| c.revenue_before = high)));
        prop_assert!(not_below(of(&Quality, |c| c.income_before = low), of(&Quality, |c| c.income_before = high)));
    }

    #[test]
    fn insiders_are_judged_monotonously(one in 1.0..90_000.0_f64, other in 1.0..90_000.0_f64, day in 0_i64..90) {
        let of = |trade| says(&InsiderFlow, &evidence(&traded([trade])), 20);
        let (less, more) = (one.min(other), one.max(other));
        prop_assert!(not_below(of(purchase(1, day, more)), of(purchase(1, day, less))));
        prop_assert!(not_below(of(sale(1, day, less)), of(sale(1, day, more))));
        let both = says(&InsiderFlow, &evidence(&traded([purchase(1, day, less), purchase(2, day, more)])), 20);
        prop_assert!(not_below(both, of(purchase(1, day, less))), "another buyer is never worse");
    }

    #[test]
    fn feelings_are_judged_monotonously(
        feelings in proptest::collection::vec(-1.0..1.0_f64, 3..12), at in 0_usize..12, better in 0.0..1.0_f64,
    ) {
        let mut improved = feelings.clone();
        let at = at % feelings.len();
        improved[at] = (improved[at] + better).min(1.0);
        for kind in ["article", "post"] {
            prop_assert!(not_below(
                says(&NewsSentiment, &felt(kind, &improved), 20),
                says(&NewsSentiment, &felt(kind, &feelings), 20)
            ));
        }
    }

    #[test]
    fn options_attention_and_the_economy_are_judged_monotonously(
        one in 1.0..900.0_f64, other in 1.0..900.0_f64, step in -3.0..3.0_f64, further in 0.0..3.0_f64,
    ) {
        let (less, more) = (one.min(other).round(), one.max(other).round());
        let flow = |puts, iv| says(&OptionsFlow, &evidence(&[chain(0, 400.0, puts, iv)]), 20);
        prop_assert!(not_below(flow(less, 0.05), flow(more, 0.05)));
        prop_assert!(not_below(flow(100.0, 0.02 * step), flow(100.0, 0.02 * (step + further))));

        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hundreds")]
        let spike = |views_of: f64| evidence(&views((30..=57).chain([100 + views_of as u64])));
        prop_assert!(not_below(says(&AttentionSpike, &spike(more), 5), says(&AttentionSpike, &spike(less), 5)));
        prop_assert!(not_below(says(&AttentionSpike, &spike(less), 60), says(&AttentionSpike, &spike(more), 60)));

        let usual = [0.8, 3.5, 19.0, 4.0];
        let climate = |at: usize, by: f64| {
            let mut last = usual;
            last[at] += by;
            says(&MacroClimate, &evidence(&macro_items(last)), 20)
        };
        prop_assert!(not_below(climate(0, step + further), climate(0, step)), "a steeper curve");
        for (at, what) in [(1, "a wider spread"), (2, "a higher VIX"), (3, "a higher rate")] {
            prop_assert!(not_below(climate(at, step), climate(at, step + further)), "{}", what);
        }
    }

    /// Whatever the figures, nothing is beyond its bounds, and all is the same twice.
    #[test]
    fn what_is_said_is_bounded(
        figures in proptest::collection::vec(-1e13..1e13_f64, 12), volumes in (0.0..1e7_f64, 0.0..1e7_f64),
        iv in -0.29..5.0_f64, views_of in 0_u64..u64::MAX, last in proptest::array::uniform4(-1e3..1e3_f64),
    ) {
        let [revenue, revenue_before, cost, income, income_before, cash, spending, assets, liabilities, equity, shares, price] =
            figures[..] else { unreachable!() };
        let company = Company {
            revenue, revenue_before, cost, income, income_before, cash, spending, assets, liabilities, equity,
            shares: shares.abs() + 1.0,
            price: price.abs() / 1e9 + 0.01,
        };
        let mut items = company.items();
        items.extend(macro_items(last));
        items.push(chain(0, volumes.0, volumes.1, iv));
        items.extend(views((30..=57).chain([views_of])));
        items.extend(traded([purchase(1, 3, figures[0].abs()), sale(2, 4, figures[1].abs())]));
        let evidence = evidence(&items);
        for rule in RULES {
            let held = Held::new(&evidence, 20);
            let (Ok(opinion), Ok(again)) = (rule.read(&held), rule.read(&held)) else { continue };
            prop_assert_eq!(&opinion, &again);
            let shares: f64 = opinion.parts.iter().map(|part| part.share).sum();
            prop_assert!(shares <= 1.0 + 1e-12 && !opinion.parts.is_empty());
            for part in &opinion.parts {
                prop_assert!((-2.0..=2.0).contains(&part.signal) && !part.cites.is_empty(), "{:?}", part);
                prop_assert!(part.cites.iter().all(|id| evidence.iter().any(|evidence| &evidence.id == id)));
            }
        }
    }
}
