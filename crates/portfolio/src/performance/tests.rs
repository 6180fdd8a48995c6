//! Performance against figures reckoned elsewhere, and at its edges.

use std::path::{Path, PathBuf};

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/portfolio").join(name);
    std::fs::read_to_string(path).expect("the fixture")
}

/// Recorded samples, which are beside the project on some machines.
fn sample(name: &str) -> Option<String> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata");
    std::fs::read_to_string(folder.join(name)).ok()
}

/// Two columns of a table, the first of them dates.
fn column(table: &str, name: &str) -> Returns {
    let mut lines = table.lines();
    let head = lines.next().expect("a head");
    let place = head.split(',').position(|title| title == name).expect("the column");
    let level = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let level = (!cells[place].is_empty()).then(|| cells[place].parse().expect("a number"))?;
        Some((cells[0].parse().expect("a date"), level))
    };
    Returns::from_levels(lines.filter_map(level)).expect("sound levels")
}

#[track_caller]
fn assert_near(measure: Measure<f64>, expected: &Value) {
    let (value, expected) = (measure.value().expect("a figure"), expected.as_f64().expect("a number"));
    assert!((value - expected).abs() <= 2e-13 * expected.abs().max(0.01), "{value} for {expected}");
}

#[test]
fn figures_equal_those_reckoned_elsewhere() {
    let table = fixture("tracking-levels.csv");
    let (ours, benchmark) = (column(&table, "ours"), column(&table, "benchmark"));
    let found = Performance::of(&ours, Some(&benchmark));
    let expected: Value = serde_json::from_str(&fixture("tracking-expected.json")).unwrap();
    let expected = &expected["performance"];
    assert_eq!(Some(found.days), expected["days"].as_u64());
    for (measure, name) in [
        (found.total_return, "total_return"),
        (found.cagr, "cagr"),
        (found.volatility, "volatility"),
        (found.sharpe, "sharpe"),
        (ours.sharpe(0.05), "sharpe_over_5_percent"),
        (found.sortino, "sortino"),
        (found.calmar, "calmar"),
        (found.hit_rate, "hit_rate"),
        (found.profit_factor, "profit_factor"),
        (found.payoff_ratio, "payoff_ratio"),
        (found.value_at_risk, "value_at_risk"),
        (found.expected_shortfall, "expected_shortfall"),
    ] {
        assert_near(measure, &expected[name]);
    }
    let (fall, expected_fall) = (found.max_drawdown.value().unwrap(), &expected["drawdown"]);
    assert_near(Measure::Known(fall.depth), &expected_fall["depth"]);
    let days = [Some(fall.from), Some(fall.to), fall.recovered].map(|day| day.map(|day| day.to_string()));
    assert_eq!(
        days.each_ref().map(Option::as_deref),
        ["from", "to", "recovered"].map(|name| expected_fall[name].as_str())
    );
    assert!(fall.recovered.is_some(), "the fixture tests a recovery");
    let (against, expected) = (found.against.value().unwrap(), &expected["against"]);
    assert_eq!(Some(against.days), expected["days"].as_u64());
    for (measure, name) in [
        (against.total_return, "total_return"),
        (against.benchmark_return, "benchmark_return"),
        (against.beta, "beta"),
        (against.alpha, "alpha"),
        (against.correlation, "correlation"),
        (against.tracking_error, "tracking_error"),
        (against.information_ratio, "information_ratio"),
        (against.information_ratio_daily, "information_ratio_daily"),
    ] {
        assert_near(measure, &expected[name]);
    }
}

#[test]
fn figures_equal_those_of_quantstats() {
    let file = |name: &str| sample(&format!("prices/{name}_daily.csv"));
    let (Some(ko), Some(pep), Some(golden)) =
        (file("KO"), file("PEP"), sample("golden/quantstats_KO_vs_PEP.json"))
    else {
        return;
    };
    let (ko, pep) = (column(&ko, "Adj Close"), column(&pep, "Adj Close"));
    let found = Performance::of(&ko, Some(&pep));
    let golden: Value = serde_json::from_str(&golden).unwrap();
    let against = found.against.value().unwrap();
    assert_eq!((found.days, against.days), (355, 355));
    assert_eq!((ko.days()[0].0, found.end), (date(1997, 1, 3), date(1998, 6, 1)));
    for (measure, name) in [
        (found.total_return, "comp"),
        (found.sharpe, "sharpe"),
        (ko.sharpe(0.05), "sharpe_rf_0.05"),
        (found.sortino, "sortino"),
        (Measure::Known(found.max_drawdown.value().unwrap().depth), "max_drawdown"),
        (found.volatility, "volatility"),
        (found.cagr, "cagr"),
        (found.calmar, "calmar"),
        (found.hit_rate, "win_rate"),
        (found.profit_factor, "profit_factor"),
        (found.payoff_ratio, "payoff_ratio"),
        (found.value_at_risk, "value_at_risk_95"),
        (found.expected_shortfall, "cvar_95"),
        (against.information_ratio_daily, "information_ratio"),
        (against.benchmark_return, "benchmark_comp"),
    ] {
        assert_near(measure, &golden[name]);
    }
    assert_near(against.beta, &golden["greeks"]["beta"]);
    assert_near(against.alpha, &golden["greeks"]["alpha"]);
    assert_near(against.alpha, &golden["plain"]["alpha_daily_x252"]);
}

fn returns(gains: impl IntoIterator<Item = f64>) -> Returns {
    let start = date(2024, 1, 1);
    let day = |n: i64| start.checked_add(jiff::Span::new().days(n)).expect("a date");
    Returns::new(start, (1..).map(day).zip(gains)).expect("sound returns")
}

#[test]
fn the_start_is_the_first_peak() {
    for (gains, depth, from, to, recovered) in [
        (vec![], 0.0, 1, 1, Some(1)),
        (vec![0.1, 0.0, 0.2], 0.0, 1, 1, Some(1)),
        (vec![-0.1, 0.05], -0.1, 1, 2, None),
        (vec![-0.5, 1.0, -0.2], -0.5, 1, 2, Some(3)),
        (vec![0.25, -0.2, 0.25, -0.5, 1.0, 1.0], -0.5, 4, 5, Some(6)),
        (vec![0.1, -1.0, 0.5], -1.0, 2, 3, None),
    ] {
        let fall = Performance::of(&returns(gains.clone()), None).max_drawdown.value().unwrap();
        let day = |n| date(2024, 1, n);
        let expected = Drawdown { depth, from: day(from), to: day(to), recovered: recovered.map(day) };
        assert!((fall.depth - depth).abs() < 1e-12, "{fall:?}");
        assert_eq!(Drawdown { depth, ..fall }, expected, "{gains:?}");
    }
}

#[test]
fn what_says_nothing_says_why() {
    let of = |gains: Vec<f64>| Performance::of(&returns(gains), None);
    let few = of(vec![0.01; 29]);
    let too_few = Measure::Absent(Absence::TooFew { have: 29, need: 30 });
    for measure in
        [few.cagr, few.volatility, few.sharpe, few.sortino, few.calmar, few.hit_rate, few.value_at_risk]
    {
        assert_eq!(measure, too_few);
    }
    assert!(few.total_return.value().is_some());
    assert_eq!(few.against, Measure::Absent(Absence::NoBenchmark));
    let steady = of(vec![0.01; 30]);
    assert_eq!(steady.sharpe, Measure::Absent(Absence::ZeroVariance));
    for measure in [steady.sortino, steady.calmar, steady.profit_factor, steady.payoff_ratio] {
        assert_eq!(measure, Measure::Absent(Absence::NoLoss));
    }
    assert_eq!((steady.volatility, steady.hit_rate), (Measure::Known(0.0), Measure::Known(1.0)));
    assert_eq!(of(vec![0.0; 40]).hit_rate, Measure::Absent(Absence::ZeroVariance));
    assert_eq!(of(vec![1e300; 40]).total_return, Measure::Absent(Absence::OutOfRange));
    let cash = Performance::of(&returns([0.01, -0.01].repeat(20)), Some(&returns(vec![0.0; 40])));
    let against = cash.against.value().unwrap();
    assert_eq!((against.beta, against.alpha), (Absence::ZeroVariance.into(), Absence::ZeroVariance.into()));
    assert!(against.tracking_error.value().is_some());
    let start = date(2025, 1, 1);
    let later = Returns::new(start, [(date(2025, 1, 2), 0.1)]).unwrap();
    let apart = Performance::of(&returns([0.1]), Some(&later));
    assert_eq!(apart.against, Measure::Absent(Absence::TooFew { have: 0, need: 1 }));
}

#[test]
fn bad_returns_are_refused() {
    let day = |n| date(2024, 7, n);
    let levels =
        |levels: &[(i8, f64)]| Returns::from_levels(levels.iter().map(|(n, level)| (day(*n), *level)));
    let bad = |n| Err(Absence::BadValue { date: day(n) });
    assert_eq!(levels(&[]), Err(Absence::TooFew { have: 0, need: 1 }));
    assert_eq!(levels(&[(1, 1.0), (1, 2.0)]), Err(Absence::OutOfOrder { date: day(1) }));
    assert_eq!(levels(&[(2, 1.0), (1, 2.0)]), Err(Absence::OutOfOrder { date: day(1) }));
    for worthless in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(levels(&[(1, 1.0), (2, worthless)]), bad(2));
        assert_eq!(levels(&[(1, worthless), (2, 1.0)]), bad(1));
    }
    assert_eq!(levels(&[(1, 1e-300), (2, 1e300)]), bad(2));
    for gain in [-1.001, f64::NAN, f64::INFINITY] {
        assert_eq!(Returns::new(day(1), [(day(2), gain)]), bad(2));
    }
}

/// Returns of every kind, some of them absurd.
fn any_gain() -> impl Strategy<Value = f64> {
    prop_oneof![8 => -0.1..0.1_f64, 1 => Just(0.0), 1 => Just(-1.0), 1 => 0.0..f64::MAX, 1 => Just(f64::MIN_POSITIVE)]
}

fn every_number(value: &Value, check: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| every_number(value, check)),
        Value::Object(fields) => fields.values().for_each(|value| every_number(value, check)),
        value => check(value),
    }
}

proptest! {
    #[test]
    fn no_figure_is_ever_not_a_number(
        ours in proptest::collection::vec(any_gain(), 0..80),
        theirs in proptest::collection::vec(any_gain(), 0..80),
    ) {
        let found = Performance::of(&returns(ours), Some(&returns(theirs)));
        let written = serde_json::to_value(found).unwrap();
        // JSON has no NaN and no infinity: they are written as null.
        let mut nulls = 0;
        every_number(&written, &mut |value| nulls += u32::from(value.is_null()));
        let not_recovered = found.max_drawdown.value().is_some_and(|fall| fall.recovered.is_none());
        prop_assert_eq!(nulls, u32::from(not_recovered));
        prop_assert_eq!(serde_json::from_value::<Performance>(written).unwrap(), found);
        if let Some(fall) = found.max_drawdown.value() {
            prop_assert!((-1.0..=0.0).contains(&fall.depth) && fall.from <= fall.to);
            prop_assert!(fall.recovered.is_none_or(|day| day >= fall.to));
        }
    }

    #[test]
    fn scale_changes_nothing(levels in proptest::collection::vec(1.0..1000.0_f64, 40..60)) {
        let of = |factor: f64| {
            let dates = returns(vec![0.0; levels.len()]);
            let dates = dates.days().iter().map(|(date, _)| *date);
            Performance::of(&Returns::from_levels(dates.zip(levels.iter().map(|level| level * factor))).unwrap(), None)
        };
        // A power of two moves no bit but the exponent's.
        prop_assert_eq!(of(1.0), of(1024.0));
    }

    #[test]
    fn against_itself_beta_is_one(gains in proptest::collection::vec(-0.1..0.1_f64, 30..80)) {
        let returns = returns(gains);
        let against = Performance::of(&returns, Some(&returns)).against.value().unwrap();
        let beta = against.beta.value().unwrap();
        prop_assert!((beta - 1.0).abs() < 1e-12 && against.alpha.value().unwrap().abs() < 1e-10);
        prop_assert_eq!(against.tracking_error, Measure::Absent(Absence::ZeroVariance));
    }
}
