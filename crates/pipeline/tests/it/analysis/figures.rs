//! Figures against what can be worked out by hand.

use assize_altdata::SourceKind;
use assize_pipeline::{Analysis, Grade, ShortfallKind, Status, ZZone};
use jiff::civil::date;

use super::company::{DAYS, SHARES, World};

fn value(analysis: &Analysis, id: &str) -> f64 {
    analysis.known.measure(id).unwrap_or_else(|| panic!("{id}")).value
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * other.abs().max(1.0)
}

#[test]
fn statements_by_hand() {
    let analysis = World::full().by_rules();
    for (id, wanted) in [
        ("fin.revenue-growth", 0.25),
        ("fin.income-growth", 0.5),
        ("fin.gross-margin", 0.5),
        ("fin.operating-margin", 0.2),
        ("fin.net-margin", 0.15),
        ("fin.free-cash-margin", 0.15),
        ("fin.research-intensity", 0.08),
        ("fin.return-on-assets", 0.15),
        ("fin.return-on-equity", 0.25),
        ("fin.asset-turnover", 1.0),
        ("fin.leverage", 0.4),
        ("fin.debt-to-equity", 100.0 / 600.0),
        ("fin.interest-cover", 20.0),
        ("fin.current-ratio", 2.0),
        ("fin.cash-to-assets", 0.15),
        ("fin.cash-conversion", 1.4),
        ("fin.dilution", 100.0 / 101.0 - 1.0),
    ] {
        assert!(is_near(value(&analysis, id), wanted), "{id}: {} is not {wanted}", value(&analysis, id));
    }
    let financial = analysis.known.financial.found.as_ref().unwrap();
    assert_eq!(financial.period_end, Some(date(2024, 12, 31)));
    assert_eq!(financial.piotroski.score(), Some(9), "{:?}", financial.piotroski);
    let worth = SHARES * analysis.known.market.found.as_ref().unwrap().last_close.unwrap();
    assert!(is_near(value(&analysis, "fin.market-value"), worth));
    assert!(is_near(value(&analysis, "fin.earnings-yield"), 150e6 / worth));
    // Working capital 200, retained 300, operating income 200, revenue 1,000 of assets of 1,000; liabilities of 400.
    let z = 1.2 * 0.2 + 1.4 * 0.3 + 3.3 * 0.2 + 0.6 * worth / 400e6 + 1.0;
    let found = financial.z_score.as_ref().unwrap();
    assert!(is_near(found.z, z) && found.zone == ZZone::Safe, "{found:?}");
    // Worth 80, 100, 100, 83.3, 100, 100, 100 and 74.9, by their weights.
    let health = financial.health.as_ref().unwrap();
    let shares = 100.0 * (100.0 / 101.0 - 1.0 - 0.05) / -0.08;
    let score = 0.2 * 80.0 + 0.6 * 100.0 + 0.15 * (50.0 / 0.6) + 0.05 * shares;
    assert!(is_near(health.score, score) && health.grade == Grade::A, "{health:?}");
    // Every figure rests on evidence that is there.
    let ids: Vec<&str> = analysis.exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    for measure in analysis.known.measures() {
        assert!(!measure.rests_on.is_empty(), "{}", measure.id);
        assert!(measure.rests_on.iter().all(|id| ids.contains(&id.as_str())), "{}", measure.id);
    }
}

#[test]
fn markets_by_hand() {
    let analysis = World::full().by_rules();
    assert!(is_near(value(&analysis, "mkt.beta"), 2.0), "{}", value(&analysis, "mkt.beta"));
    let moved = |day: i32| 2.0 * (0.001 * f64::from(day * 7 % 11 - 5) + 0.0003);
    let gains: Vec<f64> = (DAYS - 252..DAYS).map(moved).collect();
    let mean = gains.iter().sum::<f64>() / 252.0;
    let variance = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / 251.0;
    let volatility = (variance * 252.0).sqrt();
    assert!((value(&analysis, "mkt.volatility") - volatility).abs() < 1e-9);
    assert!(
        (value(&analysis, "mkt.return-1y") - (gains.iter().map(|gain| 1.0 + gain).product::<f64>() - 1.0))
            .abs()
            < 1e-9
    );
    let (mut wealth, mut peak, mut deepest) = (1.0_f64, 1.0_f64, 0.0_f64);
    for gain in &gains {
        wealth *= 1.0 + gain;
        peak = peak.max(wealth);
        deepest = deepest.max(1.0 - wealth / peak);
    }
    assert!((0.001..0.2).contains(&deepest), "otherwise this proves little: {deepest}");
    assert!((value(&analysis, "mkt.drawdown") - deepest).abs() < 1e-9);
    assert!((value(&analysis, "mkt.below-peak") - (1.0 - wealth / peak)).abs() < 1e-9);
    assert!(is_near(value(&analysis, "mac.policy-rate-change"), -1.0));
    assert!(is_near(value(&analysis, "mac.curve"), -0.2));
    let growth = (310.0_f64 / 305.0).powf(365.25 / 215.0) - 1.0;
    assert!(
        (value(&analysis, "mac.inflation") - growth).abs() < 1e-9,
        "{}",
        value(&analysis, "mac.inflation")
    );
    assert!(is_near(value(&analysis, "res.attention"), 3.0));
    assert!(is_near(value(&analysis, "res.insider-net"), 25_000.0));
    assert!(is_near(value(&analysis, "res.insider-buyers"), 2.0));
    let research = analysis.known.research.found.as_ref().unwrap();
    assert_eq!(research.name.as_deref(), Some("Acme Rockets, Inc."));
    assert!(research.filings.iter().any(|filing| filing.is_warning && filing.form == "8-K"));
    assert_eq!(research.stories[0].articles, 2, "the most told first: {:?}", research.stories);
}

/// What is not there is named, and takes nothing else with it.
#[test]
fn what_is_missing_is_named() {
    let whole = World::full().by_rules();
    assert_eq!(whole.known.financial.status, Status::Full, "{:?}", whole.known.financial.shortfalls);
    let cases: [(&[SourceKind], &str); 4] = [
        (&[SourceKind::Facts], "financial"),
        (&[SourceKind::Prices], "market"),
        (&[SourceKind::News, SourceKind::Filings], "research"),
        (&[SourceKind::Identity], "company"),
    ];
    for (left_out, part) in cases {
        let analysis = World::full().without(left_out).by_rules();
        assert!(
            analysis.shortfalls().any(|lack| lack.part.name() == part),
            "{left_out:?}: {:?}",
            analysis.shortfalls().collect::<Vec<_>>()
        );
        let text = analysis.to_document().to_markdown();
        assert!(text.contains("What is missing") && analysis.has_anything(), "{left_out:?}");
    }
    let blind = World::full().without(&[SourceKind::Facts]).by_rules();
    assert_eq!(blind.known.financial.status, Status::Missing);
    assert!(blind.known.market.found.is_some() && blind.known.research.found.is_some());
    let unpriced = World::full().without(&[SourceKind::Prices]).by_rules();
    let lacks = &unpriced.known.financial.shortfalls;
    assert!(
        lacks.iter().any(|lack| lack.detail.contains("Altman") && lack.detail.contains("a price")),
        "{lacks:?}"
    );
    assert!(unpriced.known.measure("fin.gross-margin").is_some());
}

#[test]
fn a_restated_figure_counts_and_a_later_one_does_not() {
    let year = (Some(date(2024, 1, 1)), date(2024, 12, 31));
    // Filed 45 days after the end of the year: the same day as the first filing, and known by then.
    let restated = World::full().with_fact("us-gaap:Revenues", year.0, year.1, 900e6).by_rules();
    let growth = value(&restated, "fin.revenue-growth");
    assert!(is_near(growth, 0.125) || is_near(growth, 0.25), "{growth}");
    let next = World::full()
        .with_fact("us-gaap:Revenues", Some(date(2025, 1, 1)), date(2025, 3, 31), 9e9)
        .by_rules();
    assert!(is_near(value(&next, "fin.revenue-growth"), 0.25), "what is filed in May is not known in March");
    let late = World::full().with_news("Acme Rockets collapses", "reuters.com", date(2025, 4, 1)).by_rules();
    assert!(!late.to_json().to_string().contains("collapses"));
    let kinds = late.shortfalls().filter(|lack| lack.kind == ShortfallKind::NeedsModel).count();
    assert!(kinds >= 4, "{kinds}");
}
