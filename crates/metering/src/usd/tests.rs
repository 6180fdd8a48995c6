//! Reading, printing and adding of amounts.

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

#[test]
fn amounts_are_read_and_printed() {
    let max = i128::MAX.to_string();
    let (max_whole, max_decimals) = max.split_at(max.len() - 12);
    let largest = format!("{max_whole}.{max_decimals}");
    for (text, picodollars, printed) in [
        ("0", 0, "0.00"),
        ("-0", 0, "0.00"),
        ("3", 3_000_000_000_000, "3.00"),
        ("-3", -3_000_000_000_000, "-3.00"),
        ("007.50", 7_500_000_000_000, "7.50"),
        ("0.0165", 16_500_000_000, "0.0165"),
        ("-0.000000000001", -1, "-0.000000000001"),
        ("0.0000000000010000", 1, "0.000000000001"),
        (&largest, i128::MAX, &largest),
    ] {
        let amount: Usd = text.parse().unwrap();
        assert_eq!(amount.picodollars(), picodollars, "{text}");
        assert_eq!(amount.to_string(), printed);
    }
    assert_eq!(
        format!("{:>8}|{:<8}|{:08}", usd("1.5"), usd("1.5"), usd("-1.5")),
        "    1.50|1.50    |-0001.50"
    );
}

#[test]
fn what_is_not_a_plain_decimal_is_refused_with_the_reason() {
    let long = "0".repeat(65);
    let too_large = format!("{}.0", i128::MAX);
    for (text, reason) in [
        ("", "a digit is missing"),
        ("-", "a digit is missing"),
        (".5", "a digit is missing"),
        ("5.", "a digit is missing after the point"),
        ("1e-6", "exponents are not accepted"),
        ("1E6", "exponents are not accepted"),
        ("+1", "only digits"),
        ("--1", "only digits"),
        ("1.2.3", "only digits"),
        ("1_000", "only digits"),
        ("1,5", "only digits"),
        ("$3", "only digits"),
        (" 3", "only digits"),
        ("٣", "only digits"),
        ("NaN", "only digits"),
        ("0.0000000000001", "more than 12 decimals"),
        (&long, "longer than 64 characters"),
        (&too_large, "too large"),
    ] {
        let error = text.parse::<Usd>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidAmount, "{text}");
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}

#[test]
fn an_absurd_text_is_not_echoed_in_full() {
    let error = "9".repeat(1_000_000).parse::<Usd>().unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn arithmetic_ends_at_the_edges_of_the_range() {
    let least = Usd::from_picodollars(1);
    assert_eq!(Usd::MAX.checked_add(least), None);
    assert_eq!(Usd::MIN.checked_sub(least), None);
    assert_eq!(Usd::MAX.checked_mul(2), None);
    assert_eq!(Usd::MAX.checked_mul(0), Some(Usd::ZERO));
    assert_eq!(Usd::checked_sum([Usd::MAX, least]), None);
    assert_eq!(Usd::checked_sum([]), Some(Usd::ZERO));
}

#[test]
fn it_serialises_as_the_decimal_string_and_never_reads_a_float() {
    assert_eq!(serde_json::to_string(&usd("0.0165")).unwrap(), "\"0.0165\"");
    assert_eq!(serde_json::from_str::<Usd>("\"0.0165\"").unwrap(), usd("0.0165"));
    for refused in ["0.0165", "3", "null", "\"1e-6\""] {
        assert!(serde_json::from_str::<Usd>(refused).is_err(), "{refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_printed_reads_back(picodollars in any::<i128>()) {
        let amount = Usd::from_picodollars(picodollars);
        prop_assert_eq!(amount.to_string().parse::<Usd>().unwrap(), amount);
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
    }

    #[test]
    fn no_text_panics(text in "[-0-9.eE+ _$]{0,70}|\\PC{0,80}") {
        if let Ok(amount) = text.parse::<Usd>() {
            prop_assert_eq!(amount.to_string().parse::<Usd>().unwrap(), amount);
        }
    }

    #[test]
    fn addition_is_that_of_whole_numbers(a in any::<i64>(), b in any::<i64>(), c in any::<i64>()) {
        let [a, b, c] = [a, b, c].map(|each| Usd::from_picodollars(i128::from(each)));
        let sum = a.checked_add(b).unwrap();
        prop_assert_eq!(b.checked_add(a), Some(sum));
        prop_assert_eq!(sum.checked_add(c), b.checked_add(c).and_then(|rest| a.checked_add(rest)));
        prop_assert_eq!(a.checked_add(Usd::ZERO), Some(a));
        prop_assert_eq!(sum.checked_sub(b), Some(a));
        prop_assert_eq!(Usd::checked_sum([a, b, c]), sum.checked_add(c));
    }

    #[test]
    fn many_times_is_repeated_addition(amount in any::<i64>(), times in 0_u64..50) {
        let amount = Usd::from_picodollars(i128::from(amount));
        let repeated = (0..times).map(|_| amount);
        prop_assert_eq!(amount.checked_mul(times), Usd::checked_sum(repeated));
    }
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}
