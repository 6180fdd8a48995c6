//! What was wrong in what a source gave, row by row.

use std::borrow::Cow;
use std::fmt;

use assize_ambient::Timestamp;
use assize_transport::Url;
use jiff::civil::Date;

use crate::{Availability, Known};

/// How many findings are listed for one file or address; the rest is counted ([`FindingKind::More`]).
pub const FINDINGS_LISTED: usize = 1000;

/// Something wrong with a row, a column or a whole series, and what was done about it.
///
/// A finding tells something about the world too, so the as-of cut applies to it: by [`known_from`](Finding::known_from),
/// which covers every date that the finding depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The line in the file, counted from 1; `None` for what concerns no single line.
    pub line: Option<u64>,
    /// Where it was read.
    pub url: Option<Url>,
    /// The day that it concerns, if that could be read.
    pub date: Option<Date>,
    /// When it could first have been noticed; `None` if that can't be said, which counts as "not yet".
    pub known_from: Option<Availability>,
    /// What was done with the row.
    pub disposition: Disposition,
    /// What was wrong.
    pub kind: FindingKind,
    /// What was wrong, for a person: a lower-case fragment with the values concerned.
    pub text: Cow<'static, str>,
}

/// What was done with a row that something was wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It is not among the items.
    Dropped,
    /// It is among the items as it was, or without the one value that was wrong.
    Kept,
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The date can't be read.
    UnreadableDate,
    /// The date could be two dates: `01/02/2014`.
    AmbiguousDate,
    /// A price can't be read or is missing.
    UnreadableNumber,
    /// The row has too many or too few values, or a quotation mark that does not end.
    RaggedRow,
    /// A price is zero, negative, or beyond belief.
    BadPrice,
    /// The high is below the low, or open or close lie outside them.
    OutsideRange,
    /// The volume can't be read, is missing or negative.
    BadVolume,
    /// Nothing was traded.
    ZeroVolume,
    /// The date is a Saturday or Sunday.
    Weekend,
    /// The same row again.
    Duplicate,
    /// Another row for the same date, with other values.
    Conflict,
    /// The rows are not in the order of their dates.
    OutOfOrder,
    /// The price is so far from those before it that it must be in another unit.
    UnitJump,
    /// So many prices at another level that it is taken as the new one.
    NewLevel,
    /// The adjusted close can't be read or makes no sense.
    BadAdjustment,
    /// The dividend or split can't be read or makes no sense.
    BadEvent,
    /// The price did not move as a split would have moved it: it looks adjusted already.
    SplitNotApplied,
    /// A dividend that is not smaller than the price before it.
    DividendNotApplied,
    /// A dividend or split of a row that could not be used, counted on the next day that could.
    EventMoved,
    /// The prices go on in another file, and nothing says what was paid or split on the way.
    FileBoundary,
    /// Bars before a jump that no split explains, which can't be compared with those after it.
    Incomparable,
    /// A column that is not known, doubled or missing.
    Column,
    /// Something about another ticker.
    OtherTicker,
    /// The day was not over when it was read.
    Unfinished,
    /// Further findings that are not listed.
    More,
}

impl FindingKind {
    /// A fixed name in `snake_case`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnreadableDate => "unreadable_date",
            Self::AmbiguousDate => "ambiguous_date",
            Self::UnreadableNumber => "unreadable_number",
            Self::RaggedRow => "ragged_row",
            Self::BadPrice => "bad_price",
            Self::OutsideRange => "outside_range",
            Self::BadVolume => "bad_volume",
            Self::ZeroVolume => "zero_volume",
            Self::Weekend => "weekend",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::OutOfOrder => "out_of_order",
            Self::UnitJump => "unit_jump",
            Self::NewLevel => "new_level",
            Self::BadAdjustment => "bad_adjustment",
            Self::BadEvent => "bad_event",
            Self::SplitNotApplied => "split_not_applied",
            Self::DividendNotApplied => "dividend_not_applied",
            Self::EventMoved => "event_moved",
            Self::FileBoundary => "file_boundary",
            Self::Incomparable => "incomparable",
            Self::Column => "column",
            Self::OtherTicker => "other_ticker",
            Self::Unfinished => "unfinished",
            Self::More => "more",
        }
    }
}

impl Finding {
    /// A finding about the row of `date`, noticed when that day's bar was known. Its line and address are added with
    /// [`on_line`](Finding::on_line) and [`at_url`](Finding::at_url).
    #[must_use]
    pub fn on(
        date: Date,
        kind: FindingKind,
        disposition: Disposition,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        let known_from = Some(Availability::of_daily_bar(date));
        Self { line: None, url: None, date: Some(date), known_from, disposition, kind, text: text.into() }
    }

    /// A finding about something that has no date of its own; `known_from` is the day whose bar has to be known before it
    /// could be noticed, `None` if that can't be said.
    #[must_use]
    pub fn undated(
        known_from: Option<Date>,
        kind: FindingKind,
        disposition: Disposition,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        let known_from = known_from.map(Availability::of_daily_bar);
        Self { line: None, url: None, date: None, known_from, disposition, kind, text: text.into() }
    }

    /// The same finding with the line that it is about, counted from 1.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same finding with where it was read.
    #[must_use]
    pub fn at_url(mut self, url: &Url) -> Self {
        self.url = Some(url.clone());
        self
    }

    /// The name of the file or the address in which it was found.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        self.url.as_ref().map(|url| url.file_name().unwrap_or_else(|| url.as_str().to_owned()))
    }

    /// At most [`FINDINGS_LISTED`] of each address, in order, and behind them a count of the rest. Apply it after the
    /// as-of cut, so that findings of the future neither displace others nor are counted.
    #[must_use]
    pub fn list(findings: Vec<Self>) -> Vec<Self> {
        let mut seen: std::collections::BTreeMap<Option<Url>, (usize, Option<Availability>)> =
            std::collections::BTreeMap::new();
        let mut listed = Vec::with_capacity(findings.len());
        for finding in findings {
            let (n, last) = seen.entry(finding.url.clone()).or_default();
            *n += 1;
            if *n <= FINDINGS_LISTED {
                listed.push(finding);
            } else if last.as_ref().map(|known| known.latest) < finding.known_by() {
                *last = finding.known_from;
            }
        }
        for (url, (n, known_from)) in seen {
            if n > FINDINGS_LISTED {
                let text = format!("{} more findings are not listed", n - FINDINGS_LISTED).into();
                let (kind, disposition) = (FindingKind::More, Disposition::Kept);
                listed.push(Self { line: None, url, date: None, known_from, disposition, kind, text });
            }
        }
        listed
    }
}

impl Known for Finding {
    fn known_by(&self) -> Option<Timestamp> {
        self.known_from.as_ref().map(|known| known.latest)
    }
}

impl fmt::Display for Finding {
    /// `KO.csv, line 3, 2014-01-06: the close 0 is not positive; dropped`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [
            self.place(),
            self.line.map(|line| format!("line {line}")),
            self.date.map(|date| date.to_string()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.text)?;
        if self.disposition == Disposition::Dropped { f.write_str("; dropped") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn only_so_many_are_listed() {
        let one = |url: &str, day| {
            Finding::on(date(2024, 1, day), FindingKind::Weekend, Disposition::Kept, "x")
                .at_url(&url.parse().unwrap())
        };
        let mut findings = vec![one("file:b", 5); FINDINGS_LISTED + 1];
        findings.extend([one("file:b", 9), one("file:a", 1)]);
        let listed = Finding::list(findings);
        assert_eq!(listed.len(), FINDINGS_LISTED + 2);
        let more = listed.last().unwrap();
        assert_eq!(more.to_string(), "b: 2 more findings are not listed");
        assert_eq!(more.known_from, Some(Availability::of_daily_bar(date(2024, 1, 9))));
        assert_eq!(listed[FINDINGS_LISTED].to_string(), "a, 2024-01-01: x");
    }
}
