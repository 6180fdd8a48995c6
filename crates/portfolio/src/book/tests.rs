//! Tests of the books.

use proptest::prelude::*;

use super::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn ko() -> Ticker {
    "KO".parse().unwrap()
}

fn costs(value: &str, slippage: &str, commission: &str) -> Costs {
    Costs { value: usd(value), slippage: usd(slippage), commission: usd(commission) }
}

#[test]
fn a_round_trip() {
    let mut book = Book::default();
    book.deposit(usd("1000")).unwrap();
    book.buy(&ko(), 3, &costs("200", "0.10", "1")).unwrap();
    assert_eq!(book.cash(), usd("798.90"));
    // A third of 200 is not a whole number of picodollars; what is left over stays with the two that are held.
    let basis = book.positions()[&ko()].basis_of(1);
    assert_eq!(basis, usd("66.666666666666"));
    book.sell(&ko(), 1, &costs("70", "0.05", "1"), basis).unwrap();
    assert_eq!(book.positions()[&ko()], Position { shares: 2, basis: usd("133.333333333334") });
    book.receive_dividend(usd("0.96")).unwrap();
    let basis = book.positions()[&ko()].basis_of(2);
    book.sell(&ko(), 2, &costs("120", "0.06", "1"), basis).unwrap();
    assert!(book.positions().is_empty());
    let totals = Totals {
        deposits: usd("1000"),
        dividends: usd("0.96"),
        commission: usd("3"),
        slippage: usd("0.21"),
        realised: usd("-10"),
    };
    assert_eq!((book.cash(), *book.totals()), (usd("987.75"), totals));
    assert!(book.imbalance().is_zero());
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut book = Book::default();
    book.deposit(usd("100")).unwrap();
    book.buy(&ko(), 2, &costs("50", "0", "1")).unwrap();
    let before = book.clone();
    let pep: Ticker = "PEP".parse().unwrap();
    let (half, all) = (usd("25"), usd("50"));
    let refused: [(Result<(), Error>, ErrorKind); 13] = [
        (book.deposit(Usd::ZERO), ErrorKind::BadInput),
        (book.deposit(usd("-1")), ErrorKind::BadInput),
        (book.deposit(Usd::MAX), ErrorKind::TooLarge),
        (book.buy(&ko(), 0, &costs("1", "0", "0")), ErrorKind::BadInput),
        (book.buy(&ko(), 1, &costs("-1", "0", "0")), ErrorKind::BadInput),
        (book.buy(&ko(), 1, &costs("48.5", "0", "0.500000000001")), ErrorKind::Refused),
        (book.buy(&ko(), MAX_SHARES, &costs("1", "0", "0")), ErrorKind::TooLarge),
        (book.sell(&ko(), 3, &costs("1", "0", "0"), all), ErrorKind::Refused),
        (book.sell(&pep, 1, &costs("1", "0", "0"), Usd::ZERO), ErrorKind::Refused),
        // The basis of all of them has to leave with all of them, and no more than there is.
        (book.sell(&ko(), 2, &costs("1", "0", "0"), half), ErrorKind::Refused),
        (book.sell(&ko(), 1, &costs("1", "0", "0"), usd("50.01")), ErrorKind::Refused),
        // A share that is not worth its commission, and no cash to pay it.
        (book.sell(&ko(), 1, &costs("1", "0", "50.01"), half), ErrorKind::Refused),
        (book.receive_dividend(usd("-0.01")), ErrorKind::BadInput),
    ];
    for (index, (result, kind)) in refused.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().kind(), kind, "case {index}");
    }
    assert_eq!(book, before);
}

/// The part by long division, with numbers that may be as large as they like.
fn divided(amount: u128, part: u64, whole: u64) -> u128 {
    let (mut quotient, mut rest) = (0_u128, 0_u128);
    // Horner's scheme over the bits of `amount`, each worth `part`.
    for bit in (0..128).rev() {
        rest = rest * 2 + if amount >> bit & 1 == 1 { u128::from(part) } else { 0 };
        quotient = quotient * 2 + rest / u128::from(whole);
        rest %= u128::from(whole);
    }
    quotient
}

proptest! {
    #[test]
    fn a_part_is_rounded_down(amount in 0..=i128::MAX, whole in 1..=MAX_SHARES, part in any::<prop::sample::Index>()) {
        let part = part.index(usize::try_from(whole).unwrap()) as u64;
        let expected = divided(amount.unsigned_abs(), part, whole);
        let found = part_of(Usd::from_picodollars(amount), u128::from(part), u128::from(whole));
        prop_assert_eq!(found.picodollars().unsigned_abs(), expected);
    }
}
