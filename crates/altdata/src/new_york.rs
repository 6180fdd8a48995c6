//! New York's wall clock, from the bundled time-zone data, so that every machine agrees.

use std::sync::LazyLock;

use assize_ambient::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
    // The second half is never reached with bundled data; it is today's rule, in POSIX form, instead of a panic.
    TimeZoneDatabase::bundled()
        .get("America/New_York")
        .or_else(|_| TimeZone::posix("EST5EDT,M3.2.0,M11.1.0"))
        .unwrap_or(TimeZone::UTC)
});

/// The moment at which New York's clocks show `wall`; the end of time where no such moment can be expressed.
#[must_use]
pub fn moment(wall: DateTime) -> Timestamp {
    ZONE.to_timestamp(wall).unwrap_or(Timestamp::MAX)
}

/// What New York's clocks show at `moment`.
#[must_use]
pub fn wall(moment: Timestamp) -> DateTime {
    ZONE.to_datetime(moment)
}

/// The date in New York at `moment`.
#[must_use]
pub fn date(moment: Timestamp) -> Date {
    wall(moment).date()
}

/// The last nanosecond of `date` in New York.
#[must_use]
pub fn end_of_day(date: Date) -> Timestamp {
    date.tomorrow()
        .ok()
        .and_then(|next| moment(next.at(0, 0, 0, 0)).checked_sub(jiff::SignedDuration::from_nanos(1)).ok())
        .unwrap_or(Timestamp::MAX)
}
