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

/// By which clock a row is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Utc,
    Eastern,
    Unproved,
}

/// The clock of each of the rows of one filer's file, in their order.
pub(super) fn judge(rows: &[Evidence<'_>]) -> Vec<Reading> {
    let mut clocks = vec![Reading::Unproved; rows.len()];
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
                Reading::Utc => utc += 1,
                Reading::Eastern => eastern += 1,
                Reading::Unproved => {}
            }
        }
        let clock = verdict(utc, eastern);
        group.iter().for_each(|(_, n)| clocks[*n] = clock);
    }
    clocks
}

fn verdict(utc: usize, eastern: usize) -> Reading {
    let proves = |own: usize, other: usize| own >= ENOUGH && own >= other.saturating_mul(OUTWEIGH);
    match (proves(utc, eastern), proves(eastern, utc)) {
        (true, false) => Reading::Utc,
        (false, true) => Reading::Eastern,
        _ => Reading::Unproved,
    }
}

/// The reading that is left when the other one is impossible.
fn speaks_for(wall: DateTime, row: &Evidence<'_>) -> Reading {
    if OWN_FORMS.contains(&row.form) {
        return Reading::Unproved;
    }
    let possible = |eastern: DateTime| {
        let is_late = eastern.time() > CLOSES && eastern.date() < row.filed_on;
        (is_late || (OPENS..=CLOSES).contains(&eastern.time()))
            && !matches!(eastern.weekday(), Weekday::Saturday | Weekday::Sunday)
            && eastern.date() <= row.filed_on
    };
    match (possible(new_york::wall(as_utc(wall))), possible(wall)) {
        (true, false) => Reading::Utc,
        (false, true) => Reading::Eastern,
        _ => Reading::Unproved,
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
pub(super) fn accepted(stamp: Stamp, clock: Reading) -> Availability {
    match (stamp, clock) {
        (Stamp::Exact(moment), _) => Availability::at(moment, "accepted by EDGAR"),
        (Stamp::Doubtful(wall), Reading::Utc) => {
            Availability::at(as_utc(wall), "accepted by EDGAR; this filer's times are proved to be UTC")
        }
        (Stamp::Eastern(wall), _) => eastern(wall, "accepted by EDGAR"),
        (Stamp::Doubtful(wall), Reading::Eastern) => {
            eastern(wall, "accepted by EDGAR; this filer's times are proved to be Eastern")
        }
        (Stamp::Doubtful(wall), Reading::Unproved) => Availability::between(
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

/// A row of a filer's index, as far as the repair of its time needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedFiling<'a> {
    /// Its `acceptanceDateTime`, as it is written: `2024-06-07T18:10:30.000Z`.
    pub acceptance_date_time: &'a str,
    /// Its form: `8-K`, `4`.
    pub form: &'a str,
    /// Its `filingDate`.
    pub filed_on: Date,
}

/// When each filing of one filer was accepted by EDGAR, in the order of `rows`; `None` where that is no time.
///
/// The index writes the times of some filers in Eastern time, with a `Z` behind. Which it is, is proved from the rows with a
/// time no later than the row's own; where it is not, the interval holds both readings.
///
/// ```
/// use assize_sources::{IndexedFiling, acceptance_times};
/// use jiff::civil::date;
///
/// let row = |acceptance_date_time, day| IndexedFiling { acceptance_date_time, form: "10-Q", filed_on: date(2022, 10, day) };
/// let times = acceptance_times(&[row("2022-10-24T06:08:50Z", 24), row("2022-10-20T06:30:00Z", 20)]);
/// let [Some(later), Some(first)] = &times[..] else { panic!("two times") };
/// assert_eq!(later.latest.to_string(), "2022-10-24T10:08:50Z", "02:08 Eastern is impossible, twice by now");
/// assert_ne!(first.earliest, first.latest, "once proves nothing");
/// ```
#[must_use]
pub fn acceptance_times(rows: &[IndexedFiling<'_>]) -> Vec<Option<Availability>> {
    let read = |row: &IndexedFiling<'_>| {
        let bytes = row.acceptance_date_time.get(..64).unwrap_or(row.acceptance_date_time);
        Stamp::read(bytes)
    };
    let stamps: Vec<Option<Stamp>> = rows.iter().map(read).collect();
    let readable = rows.iter().zip(&stamps).filter_map(|(row, stamp)| {
        Some(Evidence { stamp: (*stamp)?, form: row.form, filed_on: row.filed_on })
    });
    let readable: Vec<Evidence<'_>> = readable.collect();
    let mut times = readable.iter().zip(judge(&readable)).map(|(row, reading)| accepted(row.stamp, reading));
    stamps.into_iter().map(|stamp| stamp.and_then(|_| times.next())).collect()
}

#[cfg(test)]
mod tests;
