//! The sessions of the New York exchange, as far as rules tell them.

use assize_altdata::{AsOf, Availability};
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// Closures that no rule tells, since 1998.
const CLOSED: [(i16, i8, i8); 10] = [
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];
/// Ages beyond so many sessions are the same.
const OLDEST: u32 = 1_000;

/// The n-th session of the New York exchange after a day: 1 is the next. For dates near the end of time, the last there is.
///
/// ```
/// use assize_pipeline::nth_session_after;
/// use jiff::civil::date;
///
/// assert_eq!(nth_session_after(date(2024, 3, 28), 1), date(2024, 4, 1), "behind Good Friday and a week-end");
/// ```
#[must_use]
pub fn nth_session_after(day: Date, n: u32) -> Date {
    let mut day = day;
    let mut left = n;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        left -= u32::from(is_session(day));
    }
    day
}

/// How many sessions after `day` had ended, and their prices were final, by a moment; at most 1,000.
pub(super) fn ended_since(day: Date, as_of: AsOf) -> u32 {
    let (mut day, mut ended) = (day, 0);
    while ended < OLDEST && day < as_of.date() {
        let Ok(next) = day.tomorrow() else { return ended };
        day = next;
        if is_session(day) && as_of.knows(&Close(day)) {
            ended += 1;
        }
    }
    ended
}

/// The end of a day's trade.
struct Close(Date);

impl assize_altdata::Known for Close {
    fn known_by(&self) -> Option<assize_ambient::Timestamp> {
        Some(Availability::of_daily_bar(self.0).latest)
    }
}

/// Whether the exchange is open on a day. Where it is open for half a day, it is open.
fn is_session(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !is_holiday(day)
        && !CLOSED.contains(&(day.year(), day.month(), day.day()))
}

/// The exchange's holidays, by its rule 7.2: one that falls on a Sunday is kept on the Monday after, one on a Saturday on the
/// Friday before, except New Year's Day, which then is not kept.
fn is_holiday(day: Date) -> bool {
    let (year, month, weekday) = (day.year(), day.month(), day.weekday());
    let nth = |n: i8, weekday| day.nth_weekday_of_month(n, weekday).is_ok_and(|nth| nth == day);
    let fixed = |month, on| {
        let is = |date: Result<Date, jiff::Error>| {
            date.is_ok_and(|date| (date.month(), date.day()) == (month, on))
        };
        is(Ok(day))
            || weekday == Weekday::Monday && is(day.yesterday())
            || weekday == Weekday::Friday && month != 1 && is(day.tomorrow())
    };
    let by_weekday = match month {
        1 => year >= 1998 && nth(3, Weekday::Monday),
        2 => nth(3, Weekday::Monday),
        5 => nth(-1, Weekday::Monday),
        9 => nth(1, Weekday::Monday),
        11 => nth(4, Weekday::Thursday),
        _ => false,
    };
    by_weekday
        || fixed(1, 1)
        || fixed(7, 4)
        || fixed(12, 25)
        || year >= 2022 && fixed(6, 19)
        || easter(year).is_some_and(|easter| easter.saturating_sub(2.days()) == day)
}

/// Easter Sunday by the Gregorian rule, in the anonymous form of 1876 (Meeus, "Astronomical Algorithms", chapter 8).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn holidays() {
        for closed in [
            "1998-01-19",
            "1999-12-24",
            "2000-04-21",
            "2005-01-17",
            "2010-12-24",
            "2017-01-02",
            "2018-12-05",
            "2019-04-19",
            "2020-07-03",
            "2022-06-20",
            "2022-12-26",
            "2024-02-19",
            "2024-03-29",
            "2024-05-27",
            "2024-11-28",
            "2025-04-18",
            "2026-07-03",
        ] {
            assert!(!is_session(day(closed)), "{closed}");
        }
        for open in
            ["1997-01-20", "2010-12-31", "2021-12-31", "2021-06-18", "2024-07-03", "2024-11-29", "2024-12-24"]
        {
            assert!(is_session(day(open)), "{open}");
        }
    }

    #[test]
    fn ages() {
        let after = |date: &str, as_of: &str| ended_since(day(date), as_of.parse().unwrap());
        assert_eq!(after("2024-03-28", "2024-03-31"), 0, "Good Friday and a week-end");
        assert_eq!(after("2024-03-28", "2024-04-01"), 1);
        assert_eq!(after("2024-03-28", "2024-03-27"), 0, "from the future");
        let morning = AsOf::at("2024-04-01T13:00:00Z".parse().unwrap());
        assert_eq!(ended_since(day("2024-03-28"), morning), 0, "Monday's trade has not ended");
        assert_eq!(after("1998-01-02", "2024-04-01"), OLDEST);
        assert_eq!(nth_session_after(day("2024-03-27"), 2), day("2024-04-01"));
        assert_eq!(nth_session_after(day("2024-03-27"), 0), day("2024-03-27"));
        assert_eq!(nth_session_after(Date::MAX, 5), Date::MAX);
    }

    /// Real prices, where they are at hand: there is a bar for each session, and none on another day.
    #[test]
    fn as_the_exchange_was_open() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata/prices");
        for name in ["KO_daily.csv", "ORCL_daily_2014.csv"] {
            let Ok(file) = fs::read_to_string(folder.join(name)) else { continue };
            let date = |line: &str| line.get(..10)?.parse::<Date>().ok();
            let mut dates: Vec<Date> = file.lines().filter_map(date).collect();
            dates.sort();
            assert!(dates.len() > 200, "{name}");
            for pair in dates.windows(2) {
                assert_eq!(nth_session_after(pair[0], 1), pair[1], "{name}");
            }
        }
    }
}
