//! Ranges, ticks and labels of axes.

use proptest::prelude::*;

use super::Axis;

fn labels(axis: &Axis) -> Vec<&str> {
    axis.ticks().map(|(_, label)| label).collect()
}

#[test]
fn linear_steps_are_one_two_or_five() {
    let cases: [(&[f64], usize, &[&str]); 9] = [
        (&[0.0, 10.0], 5, &["0", "2", "4", "6", "8", "10"]),
        (&[0.0, 23.0], 5, &["0", "5", "10", "15", "20", "25"]),
        (&[0.0, 0.7], 4, &["0.0", "0.2", "0.4", "0.6", "0.8"]),
        (&[-3.0, 3.0], 4, &["-4", "-2", "0", "2", "4"]),
        (&[0.0, 4_200_000.0], 5, &["0", "1M", "2M", "3M", "4M", "5M"]),
        (&[0.0, 2_400_000.0], 5, &["0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M"]),
        (&[0.0, 12_000.0], 3, &["0", "5,000", "10,000", "15,000"]),
        (&[100.0, 100.0], 2, &["95", "100", "105"]),
        (&[], 2, &["0.0", "0.5", "1.0"]),
    ];
    for (values, about, expected) in cases {
        let axis = Axis::linear(values.iter().copied(), about);
        let expected: Vec<&str> =
            expected.iter().map(|label| if *label == "0.0" { "0" } else { label }).collect();
        assert_eq!(labels(&axis), expected, "{values:?}");
    }
}

#[test]
fn logarithmic_ticks_are_decades() {
    let cases: [(&[f64], &[&str]); 5] = [
        (&[3.0, 2_000.0], &["1", "10", "100", "1,000", "10,000"]),
        (&[1.0, 100.0], &["0.1", "1", "10", "100"]),
        (&[5.0], &["1", "10"]),
        (&[1e-7, 2e-6], &["10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵"]),
        (&[], &["0.1", "1", "10"]),
    ];
    for (values, expected) in cases {
        assert_eq!(labels(&Axis::log10(values.iter().copied(), 6)), expected, "{values:?}");
    }
}

#[test]
fn dates_tick_at_the_calendars_own_steps() {
    let cases: [(f64, f64, &[&str]); 5] = [
        (
            20_514.0,
            20_519.0,
            &["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"],
        ),
        (20_514.0, 20_544.0, &["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]),
        (20_454.0, 20_600.0, &["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]),
        (18_000.0, 20_000.0, &["2020", "2021", "2022", "2023", "2024"]),
        (20_514.0, 20_515.0, &["03-02", "06:00", "12:00", "18:00", "03-03"]),
    ];
    for (low, high, expected) in cases {
        assert_eq!(labels(&Axis::dates([low, high].into_iter(), 6)), expected, "{low} {high}");
    }
}

proptest! {
    #[test]
    fn any_finite_values_have_an_axis(values in prop::collection::vec(prop::num::f64::ANY, 0..6), about in 0_usize..20) {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let positive = || finite().filter(|value| *value > 0.0);
        for axis in [
            Axis::linear(finite(), about),
            Axis::tight(finite(), about),
            Axis::log10(positive(), about),
            Axis::dates(finite(), about),
        ] {
            prop_assert!(axis.ticks().count() <= 61);
            for (place, label) in axis.ticks() {
                prop_assert!((0.0..=1.0).contains(&place));
                prop_assert!(!label.contains("NaN") && !label.contains("inf") && label.len() < 30, "{label}");
            }
            for value in &values {
                prop_assert!((0.0..=1.0).contains(&axis.place(*value)));
            }
        }
    }
}
