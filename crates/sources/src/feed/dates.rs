//! When a feed says that something was published.

use std::borrow::Cow;

use assize_altdata::Availability;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A moment, or two between which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub(super) earliest: Timestamp,
    pub(super) latest: Timestamp,
}

impl When {
    /// The moment, if it is certain.
    pub(super) fn exact(self) -> Option<Timestamp> {
        (self.earliest == self.latest).then_some(self.latest)
    }
}

/// Names of zones that mean one thing: those of RFC 822, and what UTC is called besides.
const ZONES: [&str; 12] = ["UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"];

/// Reads a date of RSS (RFC 822, years of two digits and obsolete zones included) or of Atom and Dublin Core (RFC 3339). A
/// day of the week that is wrong does not matter. Without a zone, or with one of a name that means several (`BST`), the
/// moment lies between what it would be in the world's first and last zone; a date alone is that whole day.
pub(super) fn read(text: &str) -> Option<When> {
    /// Longer than any date.
    const LONGEST: usize = 60;
    let text = text.trim();
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let exact = |moment: Timestamp| When { earliest: moment, latest: moment };
    if text.starts_with(|c: char| c.is_ascii_digit()) && text.as_bytes().get(4) == Some(&b'-') {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(exact(moment));
        }
        let has_time = text.contains(['T', 't', ' ']);
        return match has_time {
            true => anywhere(text.parse::<DateTime>().ok()?, SignedDuration::ZERO),
            false => anywhere(text.parse::<Date>().ok()?.at(0, 0, 0, 0), SignedDuration::from_hours(24)),
        };
    }
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let (rest, zone) = text.rsplit_once(' ')?;
    if zone.starts_with(['+', '-']) {
        return parser.parse_timestamp(text).ok().map(exact);
    }
    if ZONES.contains(&zone.to_ascii_uppercase().as_str()) {
        let zone = if zone.eq_ignore_ascii_case("utc") { "GMT" } else { zone };
        return parser.parse_timestamp(format!("{rest} {zone}")).ok().map(exact);
    }
    let without = if zone.contains(':') { text } else { rest };
    let moment = parser.parse_timestamp(format!("{without} +0000")).ok()?;
    anywhere(TimeZone::UTC.to_datetime(moment), SignedDuration::ZERO)
}

/// A wall clock's time somewhere on earth: fourteen hours ahead of UTC at most, twelve behind.
fn anywhere(wall: DateTime, lasting: SignedDuration) -> Option<When> {
    let utc = TimeZone::UTC.to_timestamp(wall).ok()?;
    let earliest = utc.checked_sub(SignedDuration::from_hours(14)).ok()?;
    let latest = utc.checked_add(SignedDuration::from_hours(12) + lasting).ok()?;
    Some(When { earliest, latest })
}

/// From when on an entry was there, as it is now: it may have been changed after it was published, and then it is known
/// only from its last change on. `None` without a date.
pub(super) fn availability(published: Option<When>, updated: Option<When>) -> Option<Availability> {
    let basis = |when: When, exact| match when.exact() {
        Some(_) => Cow::Borrowed(exact),
        None => Cow::Borrowed("the feed's date, which names no zone"),
    };
    match (published, updated) {
        (Some(one), Some(other)) if other.latest > one.latest => {
            let basis = "between the feed's dates of publication and of the last change";
            Some(Availability::between(one.earliest, other.latest, basis))
        }
        (Some(when), _) => {
            Some(Availability::between(when.earliest, when.latest, basis(when, "the feed's date")))
        }
        (None, Some(when)) => {
            let basis = basis(when, "the feed's date of the last change");
            Some(Availability::between(when.earliest, when.latest, basis))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, expected) in [
            ("Thu, 25 Feb 2021 10:15:00 +0000", Some("2021-02-25T10:15:00Z")),
            ("25 Feb 21 10:15 EST", Some("2021-02-25T15:15:00Z")),
            ("Mon, 25 Feb 2021 10:15:00 gmt", Some("2021-02-25T10:15:00Z")),
            ("Thu, 25 Feb 2021 10:15:00 UTC", Some("2021-02-25T10:15:00Z")),
            (" 2020-05-18T05:44:47+00:00\n", Some("2020-05-18T05:44:47Z")),
            ("2020-05-18T05:44:47.25-04:00", Some("2020-05-18T09:44:47.25Z")),
            ("Thu, 25 Feb 2021 10:15:00 BST", Some("2021-02-24T20:15:00Z/2021-02-25T22:15:00Z")),
            ("Thu, 25 Feb 2021 10:15:00", Some("2021-02-24T20:15:00Z/2021-02-25T22:15:00Z")),
            ("2021-02-25T10:15:00", Some("2021-02-24T20:15:00Z/2021-02-25T22:15:00Z")),
            ("2021-02-25", Some("2021-02-24T10:00:00Z/2021-02-26T12:00:00Z")),
            ("Thu, 31 Feb 2021 10:15:00 GMT", None),
            ("yesterday", None),
            ("two days ago", None),
            ("1614248100", None),
            ("9999-12-31", None),
            ("", None),
        ] {
            let shown = read(text).map(|when| match when.exact() {
                Some(moment) => moment.to_string(),
                None => format!("{}/{}", when.earliest, when.latest),
            });
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_was_changed_is_known_from_then_on() {
        let when = |text: &str| read(text);
        let shown = |published: &str, updated: &str| {
            availability(when(published), when(updated))
                .map(|known| format!("{}/{} {}", known.earliest, known.latest, known.basis))
        };
        for (published, updated, expected) in [
            (
                "2020-12-22T19:15:01Z",
                "2020-12-25T23:12:12Z",
                Some(
                    "2020-12-22T19:15:01Z/2020-12-25T23:12:12Z between the feed's dates of publication and of the last change",
                ),
            ),
            (
                "2020-12-22T19:15:01Z",
                "2020-12-22T19:15:01Z",
                Some("2020-12-22T19:15:01Z/2020-12-22T19:15:01Z the feed's date"),
            ),
            ("2020-12-22T19:15:01Z", "", Some("2020-12-22T19:15:01Z/2020-12-22T19:15:01Z the feed's date")),
            (
                "",
                "2020-12-25T23:12:12Z",
                Some("2020-12-25T23:12:12Z/2020-12-25T23:12:12Z the feed's date of the last change"),
            ),
            (
                "22 Dec 2020 19:15",
                "",
                Some("2020-12-22T05:15:00Z/2020-12-23T07:15:00Z the feed's date, which names no zone"),
            ),
            ("", "soon", None),
        ] {
            assert_eq!(shown(published, updated).as_deref(), expected, "{published} / {updated}");
        }
    }
}
