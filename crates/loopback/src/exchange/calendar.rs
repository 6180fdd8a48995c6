//! The sessions of the New York exchange from 1998 to 2030, and New York's clocks.

use std::{collections::BTreeSet, sync::LazyLock};

use assize_ambient::Timestamp;
use jiff::{
    ToSpan,
    civil::{Date, DateTime, Weekday, date},
    tz::{TimeZone, TimeZoneDatabase},
};

const FIRST_YEAR: i16 = 1998;
const LAST_YEAR: i16 = 2030;

/// Days on which the exchange stayed closed for a reason of their own.
const CLOSED: [Date; 10] = [
    date(2001, 9, 11),
    date(2001, 9, 12),
    date(2001, 9, 13),
    date(2001, 9, 14),
    date(2004, 6, 11),
    date(2007, 1, 2),
    date(2012, 10, 29),
    date(2012, 10, 30),
    date(2018, 12, 5),
    date(2025, 1, 9),
];

static SESSIONS: LazyLock<Vec<Date>> = LazyLock::new(|| {
    let closed: BTreeSet<Date> = (FIRST_YEAR..=LAST_YEAR).flat_map(holidays).chain(CLOSED).collect();
    date(FIRST_YEAR, 1, 1)
        .series(1.day())
        .take_while(|day| day.year() <= LAST_YEAR)
        .filter(|day| !is_weekend(*day) && !closed.contains(day))
        .collect()
});

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
    // The second half is never reached with bundled data; it is today's rule instead of a panic.
    TimeZoneDatabase::bundled()
        .get("America/New_York")
        .or_else(|_| TimeZone::posix("EST5EDT,M3.2.0,M11.1.0"))
        .unwrap_or(TimeZone::UTC)
});

/// All sessions, in order.
pub(super) fn sessions() -> &'static [Date] {
    &SESSIONS
}

/// The number of the first session on the day or after it; the number of sessions when there is none.
pub(super) fn first_from(day: Date) -> usize {
    SESSIONS.partition_point(|session| *session < day)
}

/// The number of the day's session, if there is one.
pub(super) fn session(day: Date) -> Option<usize> {
    SESSIONS.binary_search(&day).ok()
}

/// The day of a session; the last one's for numbers beyond it.
pub(super) fn day(session: usize) -> Date {
    SESSIONS.get(session).or(SESSIONS.last()).copied().unwrap_or(date(LAST_YEAR, 12, 31))
}

/// When a session's trade ends.
pub(super) fn close(session: usize) -> Timestamp {
    wall(day(session), 16 * 3_600)
}

/// When it begins.
pub(super) fn open(session: usize) -> Timestamp {
    wall(day(session), 9 * 3_600 + 1_800)
}

/// So many sessions are over at this moment.
pub(super) fn closed_by(now: Timestamp) -> usize {
    let today = new_york(now).date();
    let first = first_from(today);
    first + usize::from(session(today).is_some_and(|session| close(session) <= now))
}

/// The moment at which New York's clocks show so many seconds past midnight.
pub(super) fn wall(day: Date, second: i64) -> Timestamp {
    let wall = day.at(0, 0, 0, 0).saturating_add(second.seconds());
    ZONE.to_timestamp(wall).unwrap_or(Timestamp::MAX)
}

/// What New York's clocks show.
pub(super) fn new_york(moment: Timestamp) -> DateTime {
    ZONE.to_datetime(moment)
}

/// How far New York's clocks are from UTC, in seconds, and the name of that.
pub(super) fn offset(moment: Timestamp) -> (i32, &'static str) {
    let info = ZONE.to_offset_info(moment);
    (info.offset().seconds(), if info.dst().is_dst() { "EDT" } else { "EST" })
}

pub(super) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The n-th of a weekday in a month, or counted from its end.
fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Option<Date> {
    Date::new(year, month, 1).ok()?.nth_weekday_of_month(n, weekday).ok()
}

/// The third Friday, on which monthly options expire.
pub(super) fn third_friday(year: i16, month: i8) -> Option<Date> {
    nth(year, month, 3, Weekday::Friday)
}

fn holidays(year: i16) -> Vec<Date> {
    let fixed = |month, day| {
        let day = date(year, month, day);
        match day.weekday() {
            Weekday::Sunday => day.saturating_add(1.day()),
            // The last day of a year stays open.
            Weekday::Saturday if month != 1 => day.saturating_sub(1.day()),
            _ => day,
        }
    };
    let juneteenth = (year >= 2022).then(|| fixed(6, 19));
    [fixed(1, 1), fixed(7, 4), fixed(12, 25), easter(year).saturating_sub(2.days())]
        .into_iter()
        .chain(juneteenth)
        .chain(nth(year, 1, 3, Weekday::Monday))
        .chain(nth(year, 2, 3, Weekday::Monday))
        .chain(nth(year, 5, -1, Weekday::Monday))
        .chain(nth(year, 9, 1, Weekday::Monday))
        .chain(nth(year, 11, 4, Weekday::Thursday))
        .collect()
}

/// Easter Sunday, by the anonymous Gregorian rule (Meeus, Jones and Butcher).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    let small = |n: i32| i8::try_from(n).unwrap_or(1);
    Date::new(year, small(month), small(day)).unwrap_or(date(year, 4, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_keeps_its_holidays() {
        for closed in [
            date(1998, 4, 10),
            date(2001, 9, 11),
            date(2011, 12, 26),
            date(2021, 12, 24),
            date(2022, 6, 20),
            date(2024, 3, 29),
            date(2025, 1, 9),
            date(2026, 7, 3),
            date(2026, 11, 26),
        ] {
            assert_eq!(session(closed), None, "{closed}");
        }
        for open in [date(1998, 1, 2), date(2021, 6, 18), date(2021, 12, 31), date(2024, 3, 28)] {
            assert!(session(open).is_some(), "{open}");
        }
        let of_year = |year| sessions().iter().filter(|day| day.year() == year).count();
        assert_eq!([1998, 2001, 2012, 2024].map(of_year), [252, 248, 250, 252]);
    }

    #[test]
    fn a_session_is_over_at_four() {
        let number = session(date(2024, 7, 1)).unwrap();
        assert_eq!(close(number).to_string(), "2024-07-01T20:00:00Z");
        let before = closed_by("2024-07-01T19:59:59Z".parse().unwrap());
        assert_eq!((before, closed_by(close(number))), (number, number + 1));
        assert_eq!(closed_by("2024-06-30T12:00:00Z".parse().unwrap()), number);
        assert_eq!(offset(close(number)), (-14_400, "EDT"));
    }
}
