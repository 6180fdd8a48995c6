//! Twelve months from what was filed, by hand and from a recorded answer.

use assize_ambient::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const SALES: &str = "us-gaap:Revenues";

/// A figure: its concept, from when to when, how much, when it was filed.
fn fact(concept: &str, start: Option<&str>, end: &str, value: f64, filed: &str) -> Evidence {
    let id = format!("{concept}.{}.{end}.{value}.{filed}", start.unwrap_or_default());
    Evidence {
        id: EvidenceId::plain(&id),
        kind: COMPANY_FACT.to_owned(),
        subject: "ACME".to_owned(),
        source: "test".to_owned(),
        available_at: Timestamp::UNIX_EPOCH,
        text: String::new(),
        data: json!({
            "concept": concept, "unit": "USD", "start": start, "end": end, "value": value, "form": "10-Q",
            "filed_on": filed, "accession": filed,
        }),
        held_by: None,
    }
}

fn sales(start: &str, end: &str, value: f64) -> Evidence {
    fact(SALES, Some(start), end, value, "2025-05-01")
}

fn twelve(facts: &[Evidence]) -> Option<(f64, String, usize)> {
    let found = Statements::read(facts).twelve_months(REVENUE, None)?;
    Some((found.value, found.end.to_string(), found.ids.len()))
}

/// How much, and to when.
fn told(figure: Option<Figure>) -> Option<(f64, Date)> {
    figure.map(|figure| (figure.value, figure.end))
}

/// What it is called, what was reported, what comes of it: how much, to when, of how many figures.
type Case<'a> = (&'static str, Vec<&'a Evidence>, Option<(f64, &'static str, usize)>);

#[test]
fn twelve_months_by_hand() {
    let year = sales("2024-01-01", "2024-12-31", 100.0);
    let first = sales("2025-01-01", "2025-03-31", 30.0);
    let first_before = sales("2024-01-01", "2024-03-31", 20.0);
    let half = sales("2025-01-01", "2025-06-30", 65.0);
    let half_before = sales("2024-01-01", "2024-06-30", 45.0);
    let quarters = [
        sales("2024-04-01", "2024-06-30", 25.0),
        sales("2024-07-01", "2024-09-30", 26.0),
        sales("2024-10-01", "2024-12-31", 29.0),
    ];
    // The fiscal year of 52 weeks ends on another day each time.
    let weeks = [
        sales("2024-01-29", "2025-01-26", 100.0),
        sales("2025-01-27", "2025-04-27", 30.0),
        sales("2024-01-29", "2024-04-28", 20.0),
    ];
    let cases: Vec<Case<'_>> = vec![
        ("a year as reported", vec![&year], Some((100.0, "2024-12-31", 1))),
        ("and a quarter", vec![&year, &first, &first_before], Some((110.0, "2025-03-31", 3))),
        ("without last year's", vec![&year, &first], Some((100.0, "2024-12-31", 1))),
        ("half a year", vec![&year, &half, &half_before, &first], Some((120.0, "2025-06-30", 3))),
        (
            "four quarters",
            vec![&first, &quarters[0], &quarters[1], &quarters[2]],
            Some((110.0, "2025-03-31", 4)),
        ),
        ("three quarters", quarters.iter().collect(), None),
        ("a gap", vec![&first, &quarters[0], &quarters[1], &first_before], None),
        ("weeks", weeks.iter().collect(), Some((110.0, "2025-04-27", 3))),
        ("nothing", vec![], None),
    ];
    for (what, facts, wanted) in cases {
        let facts: Vec<Evidence> = facts.into_iter().cloned().collect();
        assert_eq!(twelve(&facts), wanted.map(|(value, end, n)| (value, end.to_owned(), n)), "{what}");
    }
}

#[test]
fn what_is_filed_later_replaces_what_was() {
    let (first, restated) = (
        fact(SALES, Some("2024-01-01"), "2024-12-31", 100.0, "2025-02-01"),
        fact(SALES, Some("2024-01-01"), "2024-12-31", 80.0, "2025-08-01"),
    );
    for facts in [[first.clone(), restated.clone()], [restated.clone(), first.clone()]] {
        assert_eq!(twelve(&facts), Some((80.0, "2024-12-31".to_owned(), 1)));
    }
    assert_eq!(twelve(&[first]), Some((100.0, "2024-12-31".to_owned(), 1)), "before that nobody knew");
}

#[test]
fn a_new_tag_takes_over_and_the_year_before_is_found_under_the_old_one() {
    let new = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax";
    let facts = [
        sales("2023-01-01", "2023-12-31", 90.0),
        fact(new, Some("2024-01-01"), "2024-12-31", 99.0, "2025-02-01"),
    ];
    let statements = Statements::read(&facts);
    let now = statements.twelve_months(REVENUE, None).unwrap();
    assert_eq!((now.value, now.end), (99.0, date(2024, 12, 31)));
    let before = statements.twelve_months_before(REVENUE, now.end);
    assert_eq!(told(before), Some((90.0, date(2023, 12, 31))));
    assert_eq!(statements.twelve_months_before(REVENUE, date(2023, 12, 31)), None);
}

#[test]
fn moments_and_periods_are_not_mixed() {
    let facts = [
        fact("us-gaap:Assets", None, "2024-12-31", 10.0, "2025-02-01"),
        fact("us-gaap:Assets", None, "2025-03-31", 12.0, "2025-05-01"),
        fact(SALES, None, "2024-12-31", 5.0, "2025-02-01"),
    ];
    let statements = Statements::read(&facts);
    assert_eq!(told(statements.at_a_moment(ASSETS, None)), Some((12.0, date(2025, 3, 31))));
    let close = statements.at_a_moment(ASSETS, Some(date(2024, 12, 28)));
    assert_eq!(told(close), Some((10.0, date(2024, 12, 31))));
    assert_eq!(statements.at_a_moment(ASSETS, Some(date(2024, 6, 30))), None);
    assert_eq!(statements.twelve_months(REVENUE, None), None, "a moment has no twelve months");
}

/// The recorded answer about NVIDIA, where the samples are: its years have 52 and 53 weeks, and each filing repeats periods.
#[test]
fn a_recorded_answer_adds_up() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/samples/altdata/sec-edgar/companyfacts_CIK0001045810_NVDA_trimmed.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let facts_by = |known: &str| -> Vec<Evidence> {
        let mut facts = Vec::new();
        for concept in ["Revenues", "NetIncomeLoss"] {
            for row in answer["facts"]["us-gaap"][concept]["units"]["USD"].as_array().unwrap() {
                let text = |key: &str| row[key].as_str();
                if text("filed").unwrap() <= known {
                    let concept = format!("us-gaap:{concept}");
                    let (end, filed) = (text("end").unwrap(), text("filed").unwrap());
                    facts.push(fact(&concept, text("start"), end, row["val"].as_f64().unwrap(), filed));
                }
            }
        }
        facts
    };
    // 215,938 of the year and 81,615 of the quarter, less 44,062 of the quarter a year before.
    assert_eq!(twelve(&facts_by("2026-06-01")).unwrap(), (253_491e6, "2026-04-26".to_owned(), 3));
    assert_eq!(twelve(&facts_by("2026-03-01")).unwrap(), (215_938e6, "2026-01-25".to_owned(), 1));
    let statements = Statements::read(&facts_by("2026-03-01"));
    let before = statements.twelve_months_before(NET_INCOME, date(2026, 1, 25)).unwrap();
    assert_eq!((before.value, before.end), (72_880e6, date(2025, 1, 26)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whichever of a company's periods are there, and in whatever order: twelve months are the sum of its days, or nothing.
    #[test]
    fn twelve_months_are_never_anything_else(picked in proptest::collection::vec((0_usize..12, 1_usize..5), 0..24)) {
        // Quarter n of 12 in three years has a value of 2^n; a period is so many quarters, within a year.
        let day = |quarter: usize| {
            let month = i8::try_from(quarter % 4 * 3 + 1).unwrap();
            date(2022 + i16::try_from(quarter / 4).unwrap(), month, 1)
        };
        let worth = |from: usize, n: usize| (from..from + n).map(|n| f64::from(1_u32 << n)).sum::<f64>();
        let period = |&(from, n): &(usize, usize)| {
            let n = n.min(4 - from % 4);
            let end = day(from + n).yesterday().unwrap().to_string();
            sales(&day(from).to_string(), &end, worth(from, n))
        };
        let facts: Vec<Evidence> = picked.iter().map(period).collect();
        if let Some(found) = Statements::read(&facts).twelve_months(REVENUE, None) {
            let last = (0..12).find(|n| day(n + 1).yesterday().unwrap() == found.end).unwrap();
            prop_assert!(last >= 3);
            prop_assert_eq!((found.value, found.end), (worth(last - 3, 4), found.end));
        }
    }
}
