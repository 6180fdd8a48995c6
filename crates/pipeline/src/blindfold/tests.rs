//! Texts, offsets, and that nothing is left.

use super::*;

fn blindfold() -> Blindfold {
    let tesla = Identity::new(&"TSLA".parse().unwrap(), "Tesla, Inc.").with_cik(1_318_605);
    let att = Identity::new(&"T".parse().unwrap(), "AT&T Inc.");
    let mut coke = Identity::new(&"KO".parse().unwrap(), "COCA COLA CO");
    coke.aliases = vec!["Coca-Cola".to_owned(), "Coke".to_owned()];
    coke.wikipedia = Some("The_Coca-Cola_Company".to_owned());
    Blindfold::new([tesla, att, coke])
}

#[test]
fn texts() {
    for (text, masked) in [
        ("Tesla's sales", "another company's sales"),
        ("TESLA and SuperTesla", "another company and Superanother company"),
        (
            "buy TSLA, $tsla and #TSLA; not tsla",
            "buy another company, $another company and #another company; not tsla",
        ),
        ("KO: 5 shares", "another company: 5 shares"),
        ("a KO in round 2", "a KO in round 2"),
        ("T: a letter; T is one", "another company: a letter; T is one"),
        ("The_Coca-Cola_Company, Coke, Cokery", "another company, another company, Cokery"),
        ("AT&T and NT&T", "another company and NT&T"),
        ("since 2021-03-05T20:00:00.5Z, 2021-03-02 and 2021-03-01", "since day 0, day −3 and day −4"),
        ("in 2021, FY21, 2021Q3 or the 1990s", "in [year], [year], [year] or the [year]"),
        ("2021.5 and 12.2021 and 2,021 and 20210", "2021.5 and 12.2021 and 2,021 and 20210"),
        (
            "on March 5, 2021; Mar. 5; in Sept 2020; May I? 5/3/21",
            "on [date]; [date]; in [date]; May I? [date]",
        ),
        ("TSLA240621C00150000 or 0001318605-24-000012", "[contract] or [filing]"),
        ("ev-202112345678 is 100.21", "ev-202112345678 is 100.21"),
        ("naïve “Tesla”…", "naïve “another company”…"),
        ("", ""),
    ] {
        assert_eq!(blindfold().masked(text), masked, "{text}");
    }
}

#[test]
fn offsets() {
    let sessions: Vec<Date> =
        ["2021-03-01", "2021-03-02", "2021-03-05"].map(|day| day.parse().unwrap()).into();
    for (day, offset) in [
        ("2021-02-26", "3 days before session −2"),
        ("2021-03-01", "session −2"),
        ("2021-03-04", "session −1"),
        ("2021-03-05", "session 0"),
        ("2021-03-07", "2 days after session 0"),
    ] {
        assert_eq!(session_offset(&sessions, day.parse().unwrap()), offset);
    }
    assert_eq!(session_offset(&[], "2021-03-01".parse().unwrap()), "[date]");
}

proptest::proptest! {
    /// Whatever stands around them, ticker and name are gone; and what is masked is masked no further.
    #[test]
    fn nothing_is_left(before in "[ -~é€\n]{0,12}", after in "[ -~é€\n]{0,12}") {
        let text = format!("{before} Tesla, Inc. $TSLA 2021-03-05 2021 {after}");
        let masked = blindfold().masked(&text);
        for secret in ["Tesla, Inc.", " $TSLA ", "2021-03-05", " 2021 "] {
            proptest::prop_assert!(!masked.contains(secret), "{masked:?} of {text:?}");
        }
    }
}
