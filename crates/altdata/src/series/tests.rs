//! Hand-computed series, and the property that the future changes nothing.

use assize_ambient::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::SourceId;

fn bar(day: i8, close: f64) -> DailyBar {
    DailyBar::new(date(2024, 1, day), close, close, close, close)
}

fn items(bars: &[DailyBar]) -> Vec<Item> {
    items_of("file:KO.csv", bars)
}

fn items_of(file: &str, bars: &[DailyBar]) -> Vec<Item> {
    let ticker = "KO".parse().unwrap();
    let url = file.parse().unwrap();
    let item = |bar: &DailyBar| Item::bar(&ticker, *bar, &SourceId::new("test"), &url, Timestamp::UNIX_EPOCH);
    bars.iter().map(item).collect()
}

fn as_of(day: i8) -> AsOf {
    AsOf::end_of_new_york_day(date(2024, 1, day))
}

fn build(bars: &[DailyBar]) -> PriceSeries {
    PriceSeries::build(&items(bars), &as_of(31))
}

fn check_closes(series: &PriceSeries, expected: &[f64]) {
    let closes: Vec<f64> = series.adjusted_closes().collect();
    assert_eq!(closes.len(), expected.len(), "{closes:?}");
    for (close, expected) in closes.iter().zip(expected) {
        assert!((close - expected).abs() < 1e-12, "{closes:?}, not {expected}");
    }
}

fn kinds(series: &PriceSeries) -> Vec<FindingKind> {
    series.findings().iter().map(|finding| finding.kind).collect()
}

#[test]
fn nothing_to_adjust_by() {
    let series = build(&[bar(3, 11.0), bar(2, 10.0)]);
    assert_eq!(series.adjustment(), Adjustment::None);
    check_closes(&series, &[10.0, 11.0]);
    assert_eq!(series.last().unwrap().bar.date, date(2024, 1, 3));
    let nothing = build(&[]);
    assert_eq!((nothing.ticker(), nothing.bars().len()), (None, 0));
}

#[test]
fn by_the_adjusted_close_relative_to_the_last_kept_bar() {
    let bars = [(2, 10.0, 0.4), (3, 11.0, 0.4), (4, 12.0, 0.5)]
        .map(|(day, close, factor)| DailyBar { adjustment: Some(factor), ..bar(day, close) });
    check_closes(&build(&bars), &[8.0, 8.8, 12.0]);
    check_closes(&PriceSeries::build(&items(&bars), &as_of(3)), &[10.0, 11.0]);
}

#[test]
fn a_day_without_adjusted_close_takes_its_neighbours() {
    let mut bars = [bar(2, 10.0), bar(3, 11.0), bar(4, 12.0), bar(5, 13.0)];
    bars[1].adjustment = Some(0.4);
    bars[3].adjustment = Some(0.5);
    let series = build(&bars);
    check_closes(&series, &[8.0, 8.8, 9.6, 13.0]);
    assert_eq!(kinds(&series), [FindingKind::BadAdjustment]);
}

/// Close 100, then 2 for 1 and 1.00 paid on each new share: the day before counts as 100 / 2 · (1 − 1 / 50) = 49.
#[test]
fn by_dividends_and_splits_from_raw_prices() {
    let mut bars = [bar(2, 98.0), bar(3, 100.0), bar(4, 49.5), bar(5, 50.0)];
    bars[2].split = Some(2.0);
    bars[2].dividend = Some(1.0);
    let series = build(&bars);
    assert_eq!(series.adjustment(), Adjustment::Events);
    check_closes(&series, &[48.02, 49.0, 49.5, 50.0]);
    assert_eq!(kinds(&series), []);
    check_closes(&PriceSeries::build(&items(&bars), &as_of(3)), &[98.0, 100.0]);
}

#[test]
fn a_split_that_the_price_does_not_show_is_not_applied() {
    let mut bars = [bar(2, 10.0), bar(3, 10.1)];
    bars[1].split = Some(2.0);
    let series = build(&bars);
    check_closes(&series, &[10.0, 10.1]);
    assert_eq!(
        series.findings()[0].to_string(),
        "2024-01-03: split 2 on 2024-01-03 but the price moved 1.00 %: prices look adjusted already; not applied"
    );
}

#[test]
fn a_dividend_above_the_price_is_not_applied() {
    let mut bars = [bar(2, 10.0), bar(3, 9.0)];
    bars[1].dividend = Some(10.0);
    let series = build(&bars);
    check_closes(&series, &[10.0, 9.0]);
    assert_eq!(kinds(&series), [FindingKind::DividendNotApplied]);
}

#[test]
fn two_bars_of_one_day() {
    let series = build(&[bar(2, 10.0), bar(2, 10.0), bar(2, 10.5), bar(3, 11.0)]);
    check_closes(&series, &[10.0, 11.0]);
    assert_eq!(kinds(&series), [FindingKind::Duplicate, FindingKind::Conflict]);
}

#[test]
fn other_tickers_and_unsound_prices_are_left_out() {
    let mut items = items(&[bar(2, 10.0), bar(3, 11.0), bar(4, f64::NAN), bar(5, 0.0)]);
    items[1].ticker = "PEP".parse().unwrap();
    let series = PriceSeries::build(&items, &as_of(31));
    check_closes(&series, &[10.0]);
    assert_eq!(kinds(&series), [FindingKind::OtherTicker, FindingKind::BadPrice, FindingKind::BadPrice]);
}

#[test]
fn a_jump_of_units_starts_the_series_anew() {
    let series = build(&[bar(2, 14.55), bar(3, 0.1455), bar(4, 0.1456)]);
    check_closes(&series, &[0.1455, 0.1456]);
    assert_eq!(kinds(&series), [FindingKind::Incomparable]);

    let mut explained = [bar(2, 1000.0), bar(3, 41.0)];
    explained[1].split = Some(25.0);
    check_closes(&build(&explained), &[40.0, 41.0]);
    let mut adjusted = [bar(2, 1000.0), bar(3, 41.0)];
    adjusted[0].adjustment = Some(0.04);
    adjusted[1].adjustment = Some(1.0);
    check_closes(&build(&adjusted), &[40.0, 41.0]);
}

fn of_two_files(one: &[DailyBar], other: &[DailyBar]) -> PriceSeries {
    let all = [items_of("file:KO_2023.csv", one), items_of("file:KO_2024.csv", other)].concat();
    PriceSeries::build(&all, &as_of(31))
}

/// The second file was made after more dividends, so that all its factors are lower: no price moved by that.
#[test]
fn factors_of_two_files_are_not_compared() {
    let adjusted = |day, close, factor| DailyBar { adjustment: Some(factor), ..bar(day, close) };
    let series = of_two_files(
        &[adjusted(2, 10.0, 0.9), adjusted(3, 10.0, 1.0)],
        &[adjusted(4, 10.0, 0.4), adjusted(5, 10.0, 0.5)],
    );
    check_closes(&series, &[7.2, 8.0, 8.0, 10.0]);
    assert_eq!(series.adjustment(), Adjustment::Factor);
    let findings: Vec<String> = series.findings().iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "KO_2024.csv, 2024-01-04: the prices up to 2024-01-03 are of KO_2023.csv: adjusted closes of two files can't \
          be compared, and no dividend or split of this day is named, so none is counted"
        ]
    );
    let files: Vec<_> = series.bars().iter().filter_map(|bar| bar.url.file_name()).collect();
    assert_eq!(files, ["KO_2023.csv", "KO_2023.csv", "KO_2024.csv", "KO_2024.csv"]);
}

/// A jump of a hundredfold that the factors of two files would explain by chance.
#[test]
fn factors_of_two_files_explain_no_jump() {
    let adjusted = |day, close, factor| DailyBar { adjustment: Some(factor), ..bar(day, close) };
    let series = of_two_files(&[adjusted(2, 1000.0, 0.01)], &[adjusted(3, 10.0, 1.0)]);
    check_closes(&series, &[10.0]);
    assert_eq!(kinds(&series), [FindingKind::Incomparable]);
}

/// One file with adjusted closes, one with dividends and splits: both count, also on the first day of a file.
#[test]
fn each_file_is_adjusted_in_its_own_way() {
    let adjusted = |day, close, factor| DailyBar { adjustment: Some(factor), ..bar(day, close) };
    let split = |day, close, split| DailyBar { split: Some(split), ..bar(day, close) };
    let dividend = |day, close, dividend| DailyBar { dividend: Some(dividend), ..bar(day, close) };
    let series = of_two_files(
        &[adjusted(2, 100.0, 0.5), adjusted(3, 100.0, 1.0)],
        &[split(4, 50.0, 2.0), bar(5, 50.0), dividend(8, 49.0, 1.0)],
    );
    check_closes(&series, &[24.5, 49.0, 49.0, 49.0, 49.0]);
    assert_eq!(series.adjustment(), Adjustment::Mixed);
    assert_eq!(kinds(&series), []);
    let series = of_two_files(
        &[bar(2, 100.0), dividend(3, 99.0, 1.0)],
        &[adjusted(4, 99.0, 0.5), adjusted(5, 99.0, 1.0)],
    );
    check_closes(&series, &[49.5, 49.5, 49.5, 99.0]);
    assert_eq!(kinds(&series), [FindingKind::FileBoundary]);
}

#[test]
fn a_repeated_bar_keeps_its_split() {
    let split = DailyBar { split: Some(2.0), ..bar(3, 50.0) };
    let series = of_two_files(&[bar(2, 100.0), bar(3, 50.0)], &[split, bar(4, 50.0)]);
    check_closes(&series, &[50.0, 50.0, 50.0]);
    assert_eq!(kinds(&series), [FindingKind::Duplicate]);
}

fn any_bar(days: std::ops::RangeInclusive<i8>) -> impl Strategy<Value = DailyBar> {
    let price = prop_oneof![20 => 1.0..500.0_f64, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => 1e-3..1e7_f64];
    let extra = || prop::option::weighted(0.3, prop_oneof![0.1..8.0_f64, Just(-1.0), Just(f64::INFINITY)]);
    (days, price, extra(), extra(), extra()).prop_map(|(day, close, adjustment, dividend, split)| DailyBar {
        adjustment,
        dividend,
        split,
        ..bar(day, close)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever lies in the future, and wherever it stands among the items, the series stays the same.
    #[test]
    fn the_future_changes_nothing(
        past in prop::collection::vec(any_bar(1..=15), 0..20),
        future in prop::collection::vec((any_bar(16..=31), any::<prop::sample::Index>()), 0..20),
    ) {
        let known = items(&past);
        let mut all = known.clone();
        for (bar, place) in future {
            let place = place.index(all.len() + 1);
            all.insert(place, items(&[bar]).remove(0));
        }
        let before = PriceSeries::build(&known, &as_of(15));
        let after = PriceSeries::build(&all, &as_of(15));
        // Compared as text, since a NaN in a bar does not equal itself.
        prop_assert_eq!(format!("{before:?}"), format!("{after:?}"));
        prop_assert!(before.adjusted_closes().all(|close| close.is_finite() && close > 0.0));
    }

    /// Multiplying all adjustments by one number, as a later dividend does, changes no return.
    #[test]
    fn later_dividends_cancel(closes in prop::collection::vec(1.0..500.0_f64, 2..20), later in 0.5..1.0_f64) {
        let bars = |scale: f64| -> Vec<DailyBar> {
            (1..).zip(&closes).map(|(day, close)| DailyBar { adjustment: Some(scale), ..bar(day, *close) }).collect()
        };
        let (then, now) = (build(&bars(0.8)), build(&bars(0.8 * later)));
        for (then, now) in then.adjusted_closes().zip(now.adjusted_closes()) {
            prop_assert!((then - now).abs() <= then * 1e-12);
        }
    }
}
