//! The repair on real pairs of times, and on made ones.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn evidence<'a>(stamp: &str, form: &'a str, filed_on: &str) -> Evidence<'a> {
    let stamp = Stamp::read(stamp).expect("a time");
    Evidence { stamp, form, filed_on: filed_on.parse().expect("a date") }
}

#[test]
fn times_as_they_are_written() {
    let wall: DateTime = "2024-06-07T18:10:30".parse().unwrap();
    assert_eq!(Stamp::read("2024-06-07T18:10:30.000Z"), Some(Stamp::Doubtful(wall)));
    let exact = Some(Stamp::Exact("2024-06-07T22:10:30Z".parse().unwrap()));
    assert_eq!(Stamp::read("2024-06-07T18:10:30-04:00"), exact);
    assert_eq!(Stamp::read_header("20240607181030"), Some(Stamp::Eastern(wall)));
    assert_eq!(Stamp::read_header("20240607181030\n"), Some(Stamp::Eastern(wall)));
    let accepted = accepted(Stamp::Eastern(wall), Reading::Unproved);
    assert_eq!(exact, Some(Stamp::Exact(accepted.latest)));
    for text in ["", "Z", "2024-06-07", "soon", "2024-06-07T18:10:30", "2024-13-07T18:10:30Z", "ÄÖÜ"] {
        assert_eq!(Stamp::read(text).filter(|stamp| matches!(stamp, Stamp::Exact(_))), None, "{text}");
    }
    for text in ["", "2024060718103", "20240607251030", "äöüäöüäöü"] {
        assert_eq!(Stamp::read_header(text), None, "{text}");
    }
}

#[test]
fn rows_that_speak() {
    for (stamp, form, filed_on, expected) in [
        // 22:42 UTC is 17:42 Eastern; 22:42 Eastern is after hours.
        ("2022-11-08T22:42:00Z", "4", "2022-11-08", Reading::Utc),
        // Somewhat after the doors closed is not taken as impossible.
        ("2022-11-08T22:02:00Z", "4", "2022-11-08", Reading::Unproved),
        // Nor is what was accepted so late that it is of the next day.
        ("2022-11-08T22:42:00Z", "8-K", "2022-11-09", Reading::Unproved),
        ("2022-11-09T01:18:10Z", "4", "2022-11-08", Reading::Utc),
        ("2022-11-09T01:18:10Z", "8-K", "2022-11-09", Reading::Utc),
        ("2022-10-24T06:08:50Z", "10-Q", "2022-10-24", Reading::Eastern),
        ("2022-11-30T16:42:36Z", "4", "2022-11-30", Reading::Unproved),
        // A Saturday in New York, by one reading.
        ("2022-11-12T02:00:00Z", "4", "2022-11-11", Reading::Utc),
        // Accepted after the date that it is filed under, by both.
        ("2019-09-18T16:26:38Z", "8-K", "2019-09-17", Reading::Unproved),
        ("2019-05-13T00:15:27Z", "EFFECT", "2019-05-10", Reading::Unproved),
    ] {
        let row = evidence(stamp, form, filed_on);
        let Stamp::Doubtful(wall) = row.stamp else { panic!("it ends in Z") };
        assert_eq!(speaks_for(wall, &row), expected, "{stamp} {form}");
    }
    for (utc, eastern, expected) in [
        (0, 0, Reading::Unproved),
        (1, 0, Reading::Unproved),
        (2, 0, Reading::Utc),
        (0, 2, Reading::Eastern),
        (2, 1, Reading::Unproved),
        (50, 1, Reading::Utc),
        (1, 50, Reading::Eastern),
        (99, 2, Reading::Unproved),
        (100, 100, Reading::Unproved),
    ] {
        assert_eq!(verdict(utc, eastern), expected, "{utc} {eastern}");
    }
}

/// The hour that New York's clocks show twice can be either; at that hour only the regulator itself files.
#[test]
fn an_hour_that_comes_twice() {
    let twice = accepted_at("2022-11-06T01:30:00Z", Reading::Eastern);
    assert_eq!(
        (twice.earliest.to_string(), twice.latest.to_string()),
        ("2022-11-06T05:30:00Z".to_owned(), "2022-11-06T06:30:00Z".to_owned())
    );
    assert_eq!(accepted_at("2022-11-06T01:30:00Z", Reading::Unproved).latest, twice.latest);
    let header = Stamp::read_header("20221106013000").unwrap();
    assert_eq!(accepted(header, Reading::Unproved).latest, twice.latest);
}

#[test]
fn what_was_accepted_after_hours_is_shown_in_the_morning() {
    let accepted = |text: &str| Availability::at(text.parse().unwrap(), "test");
    let date = |text: &str| text.parse::<Date>().unwrap();
    // 18:10 Eastern on a Friday, filed under Monday.
    let after_hours = shown(accepted("2024-06-07T22:10:30Z"), date("2024-06-10"));
    assert_eq!(after_hours.earliest.to_string(), "2024-06-07T22:10:30Z");
    assert_eq!(after_hours.latest.to_string(), "2024-06-10T11:30:00Z");
    // The same on the day itself, and under a date that is past.
    for filed_on in ["2024-06-07", "2024-06-06"] {
        let same_day = shown(accepted("2024-06-07T22:10:30Z"), date(filed_on));
        assert_eq!(same_day, accepted("2024-06-07T22:10:30Z"));
    }
    // Not proved: the earlier reading falls on the day before.
    let doubtful = accepted_at("2022-11-09T01:18:10Z", Reading::Unproved);
    assert_eq!(shown(doubtful, date("2022-11-09")).latest.to_string(), "2022-11-09T12:30:00Z");
    let day = during(date("2024-06-07"));
    assert_eq!(day.earliest.to_string(), "2024-06-07T10:00:00Z");
    assert_eq!(day.latest.to_string(), "2024-06-08T03:59:59.999999999Z");
}

fn accepted_at(stamp: &str, clock: Reading) -> Availability {
    accepted(Stamp::read(stamp).expect("a time"), clock)
}

const FORMS: [&str; 6] = ["4", "8-K", "10-Q", "EFFECT", "SC 13G/A", "CORRESP"];

/// Filings as they happen: between the doors' hours on working days, the regulator's own at any hour.
fn happened() -> impl Strategy<Value = Vec<(Timestamp, usize)>> {
    let one = (0_i64..400, 0_i64..16 * 3_600, 0_usize..FORMS.len()).prop_map(|(day, second, form)| {
        let day = jiff::civil::date(2021, 12, 1).saturating_add(SignedDuration::from_hours(24 * day));
        let day = match day.weekday() {
            Weekday::Saturday | Weekday::Sunday if form != 3 => {
                day.saturating_add(SignedDuration::from_hours(48))
            }
            _ => day,
        };
        let opening = if form == 3 { 0 } else { 6 };
        let opening = new_york::moment(day.at(opening, 0, 0, 0));
        (opening + SignedDuration::from_secs(second), form)
    });
    prop::collection::vec(one, 0..60)
}

fn written(happened: &[(Timestamp, usize)], is_utc: bool) -> Vec<Evidence<'static>> {
    let row = |(moment, form): &(Timestamp, usize)| {
        let wall = if is_utc { TimeZone::UTC.to_datetime(*moment) } else { new_york::wall(*moment) };
        let eastern = new_york::wall(*moment);
        let late = eastern.time() > Time::constant(17, 30, 0, 0) && *form != 0;
        let filed_on = if late { eastern.date().tomorrow().expect("a day") } else { eastern.date() };
        Evidence { stamp: Stamp::Doubtful(wall), form: FORMS[*form], filed_on }
    };
    happened.iter().map(row).collect()
}

proptest! {
    /// Whichever clock they were written by, the truth lies in the interval, and what is proved is exact.
    #[test]
    fn the_truth_lies_in_the_interval(happened in happened(), is_utc: bool) {
        let rows = written(&happened, is_utc);
        for ((row, clock), (truth, _)) in rows.iter().zip(judge(&rows)).zip(&happened) {
            let accepted = accepted(row.stamp, clock);
            prop_assert!((accepted.earliest..=accepted.latest).contains(truth), "{row:?} {clock:?}");
            prop_assert!(shown(accepted, row.filed_on).latest >= *truth);
        }
    }

    /// The file as it was at a moment says of its rows what the whole file says of them, and what could have been known
    /// by then is the same in both.
    #[test]
    fn later_rows_change_nothing(happened in happened(), is_utc: bool, cut in 0_i64..400 * 86_400) {
        let cut = "2021-12-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(cut);
        let then: Vec<(Timestamp, usize)> = happened.iter().filter(|(at, _)| *at <= cut).copied().collect();
        let known = |happened: &[(Timestamp, usize)]| -> Vec<(Stamp, Availability)> {
            let rows = written(happened, is_utc);
            let clocks = judge(&rows);
            let all = rows.iter().zip(clocks);
            let all = all.map(|(row, clock)| (row.stamp, shown(accepted(row.stamp, clock), row.filed_on)));
            all.filter(|(_, shown)| shown.latest <= cut).collect()
        };
        prop_assert_eq!(known(&then), known(&happened));
    }

    /// The same for rows that no filer could have filed, cut at any row.
    #[test]
    fn whatever_the_rows_are(
        rows in prop::collection::vec((0_i64..40 * 3_600, 0_usize..FORMS.len(), 0_i64..3), 0..40),
        cut in 0_i64..40 * 3_600,
    ) {
        let start = jiff::civil::date(2022, 3, 11);
        let rows: Vec<(i64, Evidence<'_>)> = rows
            .into_iter()
            .map(|(second, form, day)| {
                let wall = start.at(0, 0, 0, 0).saturating_add(SignedDuration::from_secs(second));
                let filed_on = start.saturating_add(SignedDuration::from_hours(24 * day));
                (second, Evidence { stamp: Stamp::Doubtful(wall), form: FORMS[form], filed_on })
            })
            .collect();
        let all: Vec<Evidence<'_>> = rows.iter().map(|(_, row)| *row).collect();
        let until: Vec<Evidence<'_>> = rows.iter().filter(|(at, _)| *at <= cut).map(|(_, row)| *row).collect();
        let of_all = judge(&all);
        let expected: Vec<Reading> =
            rows.iter().zip(of_all).filter(|((at, _), _)| *at <= cut).map(|(_, clock)| clock).collect();
        prop_assert_eq!(judge(&until), expected);
    }
}
