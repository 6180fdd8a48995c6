//! The rules on series whose answer is plain, and as properties.

use assize_ambient::Seed;
use proptest::prelude::*;

use super::*;
use crate::TrackRecord;

fn series(closes: impl IntoIterator<Item = f64>) -> Vec<Bar> {
    let start = jiff::civil::date(2020, 1, 1);
    let bar = |(n, close): (i64, f64)| Bar {
        id: format!("ev-{n}").as_str().into(),
        date: start.checked_add(jiff::Span::new().days(n)).unwrap(),
        close,
    };
    (0..).zip(closes).map(bar).collect()
}

/// A walk with a drift and a volatility a day.
fn walk(n: usize, drift: f64, volatility: f64, seed: u64) -> Vec<Bar> {
    let mut chance = Seed::new(seed).rng();
    let mut log = 4.0;
    series((0..n).map(move |_| {
        log += drift + volatility * chance.normal();
        libm::exp(log)
    }))
}

const RULES: [&dyn PriceRule; 3] = [&Momentum, &MeanReversion, &TrendQuality];

#[test]
fn plain_series_are_read_plainly() {
    let (rising, falling) = (walk(200, 0.002, 0.005, 1), walk(200, -0.002, 0.005, 1));
    for rule in [&Momentum as &dyn PriceRule, &TrendQuality] {
        assert!(rule.read(&rising).unwrap().signal > 0.5, "{}", rule.name());
        assert!(rule.read(&falling).unwrap().signal < -0.5, "{}", rule.name());
    }
    let mut jumped = walk(200, 0.0, 0.001, 2);
    jumped.last_mut().unwrap().close *= 1.1;
    let reading = MeanReversion.read(&jumped).unwrap();
    assert!(reading.signal < -1.9, "{reading:?}");
    assert_eq!(reading.rests_on.last(), Some(&199), "it cites the jump");
}

#[test]
fn the_momentum_of_a_known_series_by_hand() {
    // From bar 2 to bar 128 of 150 the price doubles in equal steps but for one pause, and the last 21 bars are left out.
    let closes = (0..150).map(|n| if n <= 128 { libm::exp2(f64::from(n - 2) / 126.0) } else { 0.01 });
    let mut bars = series(closes);
    bars[50].close = bars[49].close;
    let reading = Momentum.read(&bars).unwrap();
    assert_eq!(reading.rests_on, [2, 128]);
    assert!(reading.text.contains("total return +100.0 %"), "{}", reading.text);
    assert!(reading.signal > 1.99);
}

#[test]
fn too_few_bars_or_no_movement_are_no_reading() {
    for rule in RULES {
        let bars = walk(rule.bars_needed() - 1, 0.0, 0.01, 3);
        assert_eq!(rule.read(&bars), None, "{}", rule.name());
        assert_eq!(rule.read(&[]), None, "{}", rule.name());
        assert_eq!(rule.read(&series(vec![10.0; 200])), None, "{}", rule.name());
    }
}

#[test]
fn a_record_counts_what_came_true_without_overlap() {
    let rising = walk(408, 0.003, 0.004, 4);
    let record = TrackRecord::of(&Momentum, &rising, 20);
    assert_eq!(record.calls(), 13, "13 horizons fit between the 148 bars needed and the 408 there are");
    assert_eq!((record.rise_then_rise, record.hits()), (13, 13));
}

#[test]
fn what_a_call_is_worth() {
    let record = |rise_then_rise, rise_then_fall, fall_then_rise, fall_then_fall| TrackRecord {
        rise_then_rise,
        rise_then_fall,
        fall_then_rise,
        fall_then_fall,
    };
    // Without a record: the likelihood ratio of the prior.
    let prior = libm::log(10.6 / 9.4);
    assert!((record(0, 0, 0, 0).weight_of(2.0) - prior).abs() < 1e-12);
    assert!((record(0, 0, 0, 0).weight_of(-1.0) + prior / 2.0).abs() < 1e-12);
    // By hand: ((12 + 10.6) / (16 + 20)) / ((4 + 9.4) / (14 + 20)).
    let good = libm::log((22.6 / 36.0) / (13.4 / 34.0));
    assert!((record(12, 4, 4, 10).weight_of(2.0) - good).abs() < 1e-12);
    assert!(
        record(2, 10, 10, 2).weight_of(2.0).abs() < 1e-12,
        "a bad record is no reason to believe the opposite"
    );
    // A price that rises in 60 % of horizons anyway makes no merit for a rule that always calls a rise.
    assert!(record(12, 8, 0, 0).weight_of(2.0) < libm::log(12.0 / 8.0) / 3.0);
    assert!(record(1_200, 800, 0, 0).weight_of(2.0) < 0.01);
}

#[test]
fn unrest_weakens_a_trend_and_has_no_direction() {
    for seed in 0..50 {
        let bars = walk(100, 0.002, 0.004, seed);
        let mirrored = series(bars.iter().map(|bar| 1.0 / bar.close));
        for rule in RULES {
            let (one, other) = (rule.read(&bars), rule.read(&mirrored));
            assert_eq!(one.is_some(), other.is_some(), "{}", rule.name());
            if let (Some(one), Some(other)) = (one, other) {
                assert!(
                    (one.signal + other.signal).abs() < 1e-9,
                    "{}: {} {}",
                    rule.name(),
                    one.signal,
                    other.signal
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signals_are_bounded_and_cite_what_is_there(n in 0_usize..400, drift in -0.01..0.01_f64, volatility in 0.0..0.1_f64, seed: u64) {
        let bars = walk(n, drift, volatility, seed);
        for rule in RULES {
            let Some(reading) = rule.read(&bars) else { continue };
            prop_assert!(n >= rule.bars_needed());
            prop_assert!((-2.0..=2.0).contains(&reading.signal));
            prop_assert!(!reading.rests_on.is_empty());
            prop_assert!(reading.rests_on.iter().all(|&index| index < n));
        }
    }

    #[test]
    fn scale_does_not_matter(seed: u64, scale in 0.01..100.0_f64) {
        let bars = walk(200, 0.001, 0.01, seed);
        let mut scaled = bars.clone();
        scaled.iter_mut().for_each(|bar| bar.close *= scale);
        for rule in RULES {
            let (one, other) = (rule.read(&bars), rule.read(&scaled));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one.signal - other.signal).abs() < 1e-6, "{} {} {}", rule.name(), one.signal, other.signal);
            }
        }
    }

    #[test]
    fn a_record_never_sees_the_bars_after_it(seed: u64, cut in 150_usize..300) {
        let bars = walk(300, 0.0, 0.01, seed);
        let mut changed = bars.clone();
        changed[cut..].iter_mut().for_each(|bar| bar.close = 1.0);
        for rule in RULES {
            prop_assert_eq!(TrackRecord::of(rule, &bars[..cut], 20), TrackRecord::of(rule, &changed[..cut], 20));
        }
    }
}
