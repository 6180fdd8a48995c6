//! Invented figures, held against what the pictures are made of.

use assize_ambient::Seed;
use assize_report::Document;

use super::*;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn curve(label: &str, values: &[(&str, f64)]) -> Curve {
    let values = values.iter().map(|(day, value)| (date(day), *value)).collect();
    Curve { label: label.to_owned(), values }
}

/// A walk over working days.
fn walk(label: &str, start: f64, days: usize) -> Curve {
    let mut chance = Seed::new(3).child(label).rng();
    let weekday = |date: &Date| date.weekday().to_monday_zero_offset() < 5;
    let dates = date("2024-01-02").series(jiff::Span::new().days(1)).filter(weekday).take(days);
    let mut value = start;
    let values = dates.map(|date| {
        value *= chance.log_normal(0.000_5, 0.012);
        (date, value)
    });
    Curve { label: label.to_owned(), values: values.collect() }
}

fn ys(series: &Series) -> Vec<String> {
    series.points.iter().map(|(_, y)| format!("{y:.2}")).collect()
}

#[test]
fn only_changes_of_mind_are_marked() {
    use Action::{Buy, Hold, Sell};
    let marks: Vec<_> =
        [("2026-01-05", Hold), ("2026-01-06", Hold), ("2026-01-07", Buy), ("2026-01-08", Sell)]
            .map(|(day, action)| DecisionMark { date: date(day), action })
            .to_vec();
    let chart = price_chart("ACME", &[(date("2026-01-05"), 10.0)], &marks);
    let labels: Vec<_> = chart.markers.iter().map(|marker| (marker.x, marker.label.as_str())).collect();
    assert_eq!(labels, [(20_458.0, "hold"), (20_460.0, "buy"), (20_461.0, "sell")]);
    assert_eq!(chart.title, "ACME: closes and 4 decisions, marked where they change");
    assert_eq!(price_chart("ACME", &[], &[]).title, "ACME: closes");
    assert_eq!(price_chart("ACME", &[], &marks[..1]).title, "ACME: closes and decisions");
    let fickle: Vec<_> = marks.iter().skip(2).cycle().take(100).copied().collect();
    let chart = price_chart("ACME", &[], &fickle);
    assert_eq!(chart.markers.len(), 40);
    assert_eq!(chart.title, "ACME: closes, and the newest 40 of 100 changes of decision");
}

#[test]
fn both_curves_start_at_100_on_the_first_day_that_they_share() {
    let account = curve("account", &[("2026-01-06", 50.0), ("2026-01-07", 55.0)]);
    let index = curve("index", &[("2026-01-05", 1.0), ("2026-01-06", 4.0), ("2026-01-07", 3.0)]);
    let chart = equity_chart(&account, Some(&index));
    assert_eq!(chart.series.iter().map(ys).collect::<Vec<_>>(), [["100.00", "110.00"], ["100.00", "75.00"]]);
    assert_eq!(equity_chart(&index, None).series.len(), 1);

    let worthless = curve("lost", &[("2026-01-05", 0.0), ("2026-01-06", 0.0)]);
    let mut doc = Document::new("Lost");
    doc.chart(equity_chart(&worthless, Some(&Curve::default()))).chart(drawdown_chart(&worthless, None));
    assert!(doc.to_html().contains("No points to draw."));
}

#[test]
fn a_drawdown_counts_from_the_highest_so_far_and_its_depth_is_marked() {
    let account = curve(
        "account",
        &[
            ("2026-01-05", 100.0),
            ("2026-01-06", 80.0),
            ("2026-01-07", 120.0),
            ("2026-01-08", f64::NAN),
            ("2026-01-09", 90.0),
        ],
    );
    let chart = drawdown_chart(&account, None);
    assert_eq!(ys(&chart.series[0]), ["0.00", "-20.00", "0.00", "-25.00"]);
    assert_eq!(chart.markers[0].label, "deepest -25.00 %");
    assert!(
        drawdown_chart(&curve("up", &[("2026-01-05", 1.0), ("2026-01-06", 2.0)]), None).markers.is_empty()
    );
}

fn bins() -> Vec<ReliabilityBin> {
    [(0.62, 0.57, 44), (0.35, 0.41, 38), (0.45, 0.48, 91), (0.55, 0.53, 102), (0.9, 0.0, 0)]
        .map(|(mean_p, observed, forecasts)| {
            let half = 1.0 / f64::from(forecasts.max(1)).sqrt();
            ReliabilityBin { mean_p, observed, interval: (observed - half, observed + half), forecasts }
        })
        .to_vec()
}

#[test]
fn bins_without_forecasts_are_not_drawn() {
    let chart = reliability_chart(&bins());
    assert_eq!(
        chart.series[0].points.iter().map(|point| point.0).collect::<Vec<_>>(),
        [0.35, 0.45, 0.55, 0.62]
    );
    assert_eq!((chart.series.len(), reliability_table(&bins()).len()), (2, 4));
    assert!(reliability_chart(&[]).series.is_empty());
}

fn scorecards() -> Vec<ScorecardRow> {
    let row = |who: &str, outcomes, figures: Option<(f64, f64, f64)>| ScorecardRow {
        who: who.to_owned(),
        outcomes,
        figures: figures.map(|(hit_rate, half, weight)| ScorecardFigures {
            hit_rate,
            hit_interval: (hit_rate - half, hit_rate + half),
            brier: 0.245,
            skill: 0.021,
            mean_return: Some(0.0042),
            weight,
        }),
    };
    vec![
        row("momentum", 212, Some((0.58, 0.066, 1.21))),
        row("mean reversion", 180, Some((0.41, 0.07, 0.62))),
        row("value", 95, Some((0.54, 0.1, 1.04))),
        row("options", 12, None),
    ]
}

#[test]
fn too_few_outcomes_have_no_figures() {
    let mut doc = Document::new("Scorecards");
    doc.table(scorecard_table("debater", &scorecards()));
    let text = doc.to_markdown();
    let line = |who: &str| text.lines().find(|line| line.contains(who)).unwrap().replace("  ", "");
    assert!(line("momentum").contains("✓ 58.0 %") && line("momentum").contains("51.4 % to 64.6 %"), "{text}");
    assert!(line("mean reversion").contains("✗ 41.0 %"), "{text}");
    assert!(!line("value").contains(['✓', '✗']), "{text}");
    assert!(line("options").contains("too few") && !line("options").contains('%'), "{text}");
    assert_eq!(hit_rate_chart(&scorecards()).bars.len(), 3);
}

fn costs() -> Vec<CostRow> {
    let row = |what: &str, calls, cost: &str| CostRow {
        what: what.to_owned(),
        calls,
        input_tokens: calls * 1_800,
        output_tokens: calls * 260,
        cost: cost.parse().expect("an amount"),
    };
    vec![
        row("evidence", 15, "0.0042"),
        row("debate", 150, "0.10"),
        row("decision", 0, "0"),
        row("judge", 15, "0.0208"),
    ]
}

#[test]
fn costs_add_up_exactly() {
    let mut doc = Document::new("Costs");
    doc.table(cost_table("stage", &costs()));
    let text = doc.to_markdown();
    let all = text.lines().find(|line| line.contains("**all**")).unwrap();
    for cell in ["**180**", "**324000**", "**46800**", "**0.125**"] {
        assert!(all.contains(cell), "{all}");
    }
    assert!(text.lines().any(|line| line.contains("debate") && line.contains("80.0 %")), "{text}");
    let bars = cost_chart("stage", &costs()).bars;
    assert_eq!(
        bars.iter().map(|bar| bar.label.as_str()).collect::<Vec<_>>(),
        ["debate", "judge", "evidence"]
    );
    let nothing = [CostRow { cost: Usd::ZERO, ..costs()[0].clone() }];
    assert!(Document::new("").table(cost_table("stage", &nothing)).to_markdown().contains("–"));
}

#[test]
fn every_piece_can_be_rendered() {
    let (account, index) = (walk("portfolio", 100_000.0, 500), walk("^GSPC", 4_700.0, 500));
    let price = walk("ACME", 40.0, 500);
    let actions = [Action::Hold, Action::Buy, Action::Buy, Action::Overweight, Action::Hold, Action::Sell];
    let marks: Vec<_> = (0..16)
        .map(|at| DecisionMark { date: price.values[at * 30].0, action: actions[at % actions.len()] })
        .collect();
    let mut doc = Document::new("Backtest");
    doc.chart(price_chart("ACME", &price.values, &marks))
        .chart(equity_chart(&account, Some(&index)))
        .chart(drawdown_chart(&account, Some(&index)))
        .chart(reliability_chart(&bins()))
        .table(reliability_table(&bins()))
        .table(scorecard_table("debater", &scorecards()))
        .chart(hit_rate_chart(&scorecards()))
        .table(cost_table("stage", &costs()))
        .chart(cost_chart("stage", &costs()));
    let html = doc.to_html();
    assert_eq!(html.matches("<svg").count(), 6);
    assert!(!html.contains("NaN") && !html.contains("inf "));
}
