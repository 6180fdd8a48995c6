//! When a filing was accepted, and when everybody could read it: repair of times that end in `Z` and may not be UTC.
//!
//! EDGAR accepts filings from 06:00 to 22:00 Eastern, on working days. A row whose time falls outside of these hours under
//! one of the two readings, or after the date that it is filed under, speaks for the other one. At least two such rows
//! decide, unless more than one in fifty speaks against them; what the regulator itself puts on file at any hour does not
//! count, nor what a busy evening can explain. A filer with too few rows stays unproved, and its later reading counts.
//!
//! A row is judged by rows with a time no later than its own. All rows of a file are written by the same clock, whichever
//! it is, so that their order is that of the world; what is said of a row is therefore the same in every file that reaches
//! as far as the row, and an as-of cut sees nothing of what came later.

use assize_altdata::{Availability, new_york};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// When the doors open.
const OPENS: Time = Time::constant(6, 0, 0, 0);
/// When they close; what was begun before may be accepted somewhat later, and much later under the next day's date.
const CLOSES: Time = Time::constant(22, 30, 0, 0);
/// By when on the day that it is filed under everybody can read what was accepted after hours on a day before. The site
/// puts it up from 06:00 on; readers of all filings have seen 07:30.
const SHOWN: Time = Time::constant(7, 30, 0, 0);
/// So many rows prove it.
const ENOUGH: usize = 2;
/// As many rows outweigh one that speaks against them.
const OUTWEIGH: usize = 50;

/// What the regulator's own staff and machines put on file, at whatever hour.
const OWN_FORMS: [&str; 12] = [
    "EFFECT",
    "UPLOAD",
    "CT ORDER",
    "SEC STAFF LETTER",
    "SEC STAFF ACTION",
    "LETTER",
    "NO ACT",
    "QUALIF",
    "REVOKED",
    "APP NTC",
    "APP ORDR",
    "IRANNOTICE",
];

/// A time as it is written in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stamp {
    /// It says which clock it is of, and is believed.
    Exact(Timestamp),
    /// It is of New York's clocks, by its place.
    Eastern(DateTime),
    /// It ends in `Z`, which says nothing.
    Doubtful(DateTime),
}

impl Stamp {
    /// Reads `2024-06-07T18:10:30.000Z`, or the same with an offset from UTC.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_suffix('Z') {
            Some(wall) => wall.parse().ok().map(Self::Doubtful),
            None => text.parse().ok().map(Self::Exact),
        }
    }

    /// Reads the `20240607181030` of a submission's own header, which is Eastern.
    pub(super) fn read_header(text: &str) -> Option<Self> {
        let wall = DateTime::strptime("%Y%m%d%H%M%S", text.get(..14)?).ok()?;
        Some(Self::Eastern(wall))
    }
}

/// What there is to judge a row by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) stamp: Stamp,
    pub(super) form: &'a str,
    pub(super) filed_on: Date,
}

/// Which clock a row was written by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Utc,
    Eastern,
    Unproved,
}

/// The clock of each of the rows of one filer's file, in their order.
pub(super) fn judge(rows: &[Evidence<'_>]) -> Vec<Clock> {
    let mut clocks = vec![Clock::Unproved; rows.len()];
    let wall = |n: usize| match rows[n].stamp {
        Stamp::Doubtful(wall) => Some(wall),
        Stamp::Exact(_) | Stamp::Eastern(_) => None,
    };
    let mut order: Vec<(DateTime, usize)> =
        (0..rows.len()).filter_map(|n| wall(n).map(|wall| (wall, n))).collect();
    order.sort_unstable();
    let (mut utc, mut eastern) = (0, 0);
    // What came at the same moment is judged together.
    for group in order.chunk_by(|one, other| one.0 == other.0) {
        for (wall, n) in group {
            match speaks_for(*wall, &rows[*n]) {
                Clock::Utc => utc += 1,
                Clock::Eastern => eastern += 1,
                Clock::Unproved => {}
            }
        }
        let clock = verdict(utc, eastern);
        group.iter().for_each(|(_, n)| clocks[*n] = clock);
    }
    clocks
}

fn verdict(utc: usize, eastern: usize) -> Clock {
    let proves = |own: usize, other: usize| own >= ENOUGH && own >= other.saturating_mul(OUTWEIGH);
    match (proves(utc, eastern), proves(eastern, utc)) {
        (true, false) => Clock::Utc,
        (false, true) => Clock::Eastern,
        _ => Clock::Unproved,
    }
}

/// The reading that is left when the other one is impossible.
fn speaks_for(wall: DateTime, row: &Evidence<'_>) -> Clock {
    if OWN_FORMS.contains(&row.form) {
        return Clock::Unproved;
    }
    let possible = |eastern: DateTime| {
        let is_late = eastern.time() > CLOSES && eastern.date() < row.filed_on;
        (is_late || (OPENS..=CLOSES).contains(&eastern.time()))
            && !matches!(eastern.weekday(), Weekday::Saturday | Weekday::Sunday)
            && eastern.date() <= row.filed_on
    };
    match (possible(new_york::wall(as_utc(wall))), possible(wall)) {
        (true, false) => Clock::Utc,
        (false, true) => Clock::Eastern,
        _ => Clock::Unproved,
    }
}

fn as_utc(wall: DateTime) -> Timestamp {
    TimeZone::UTC.to_timestamp(wall).unwrap_or(Timestamp::MAX)
}

/// When New York's clocks show it: one moment, or either of two in the hour that autumn brings twice.
fn eastern(wall: DateTime, basis: &'static str) -> Availability {
    let first = new_york::moment(wall);
    let second = first.checked_add(SignedDuration::from_hours(1)).ok();
    let second = second.filter(|second| new_york::wall(*second) == wall);
    Availability::between(first, second.unwrap_or(first), basis)
}

/// When it was accepted, and why we think so.
pub(super) fn accepted(stamp: Stamp, clock: Clock) -> Availability {
    match (stamp, clock) {
        (Stamp::Exact(moment), _) => Availability::at(moment, "accepted by EDGAR"),
        (Stamp::Doubtful(wall), Clock::Utc) => {
            Availability::at(as_utc(wall), "accepted by EDGAR; this filer's times are proved to be UTC")
        }
        (Stamp::Eastern(wall), _) => eastern(wall, "accepted by EDGAR"),
        (Stamp::Doubtful(wall), Clock::Eastern) => {
            eastern(wall, "accepted by EDGAR; this filer's times are proved to be Eastern")
        }
        (Stamp::Doubtful(wall), Clock::Unproved) => Availability::between(
            as_utc(wall),
            eastern(wall, "").latest,
            "accepted by EDGAR; not proved whether its time is UTC or Eastern",
        ),
    }
}

/// When it could be read, given when it was accepted and the date that it is filed under.
pub(super) fn shown(accepted: Availability, filed_on: Date) -> Availability {
    if new_york::date(accepted.earliest) >= filed_on {
        return accepted;
    }
    let opening = new_york::moment(filed_on.to_datetime(SHOWN));
    if opening <= accepted.latest {
        return accepted;
    }
    Availability {
        latest: opening,
        basis: "accepted by EDGAR after hours; shown by 07:30 Eastern of the day it is filed under".into(),
        ..accepted
    }
}

/// When what was filed on a day could be read, if no more is known than that day.
pub(super) fn during(filed_on: Date) -> Availability {
    let morning = new_york::moment(filed_on.to_datetime(OPENS));
    Availability::between(
        morning,
        new_york::end_of_day(filed_on),
        "filed on that day, Eastern; known by its end",
    )
}

#[cfg(test)]
mod tests;
