//! The moment that a run looks back from, and the cut that keeps the future out.

use std::fmt;
use std::str::FromStr;

use assize_ambient::Timestamp;
use jiff::civil::Date;

use crate::error::quoted;
use crate::{Error, ErrorKind, Known, new_york};

/// The moment as of which a run decides: what could have been known only later does not exist for it.
///
/// ```
/// use assize_altdata::AsOf;
///
/// let as_of: AsOf = "1998-03-02".parse()?;
/// assert_eq!(as_of.moment().to_string(), "1998-03-03T04:59:59.999999999Z", "the end of that New York day");
/// assert_eq!(as_of.to_string(), "1998-03-02");
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AsOf {
    moment: Timestamp,
    whole_day: bool,
}

impl AsOf {
    /// The end of a day in New York, which is what a date given by a user means.
    #[must_use]
    pub fn end_of_new_york_day(date: Date) -> Self {
        Self { moment: new_york::end_of_day(date), whole_day: true }
    }

    /// An exact moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self { moment, whole_day: false }
    }

    /// The same, but no later than `now`: what lies after it is the future, whatever the day's end is. It still shows as
    /// the day.
    #[must_use]
    pub fn not_after(self, now: Timestamp) -> Self {
        Self { moment: self.moment.min(now), ..self }
    }

    /// The moment: what was known at it is known, what came a nanosecond later is not.
    #[must_use]
    pub fn moment(&self) -> Timestamp {
        self.moment
    }

    /// The date of that moment in New York.
    #[must_use]
    pub fn date(&self) -> Date {
        new_york::date(self.moment)
    }

    /// Whether something was known by this moment at the latest.
    #[must_use]
    pub fn knows(&self, thing: &impl Known) -> bool {
        thing.known_by().is_some_and(|by| by <= self.moment)
    }

    /// Splits `things` into what was known by this moment and a count of the rest, by the *latest* end of when each
    /// became known. The order of what is kept stays.
    #[must_use]
    pub fn cut<T: Known>(&self, things: impl IntoIterator<Item = T>) -> Cut<T> {
        let mut cut = Cut { kept: Vec::new(), removed: Removed::default() };
        for thing in things {
            if self.knows(&thing) {
                cut.kept.push(thing);
            } else {
                cut.removed.count(thing.known_by());
            }
        }
        cut
    }
}

impl FromStr for AsOf {
    type Err = Error;

    /// Reads a date such as `1998-03-02`, which means the end of that day in New York.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        let wrong = || {
            let found = quoted(text);
            ErrorKind::BadDate.error(format!("read the date {found}: write it as 1998-03-02"))
        };
        // jiff reads more forms than this one; what else is written here is more likely a slip than a date.
        let [year, month, day] = parts[..] else { return Err(wrong()) };
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(wrong());
        }
        let date = text.parse::<Date>().map_err(|cause| wrong().because(cause))?;
        Ok(Self::end_of_new_york_day(date))
    }
}

impl fmt::Display for AsOf {
    /// The date, if a whole day is meant; otherwise the moment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.whole_day { self.date().fmt(f) } else { self.moment.fmt(f) }
    }
}

/// What an as-of cut left, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut<T> {
    /// What was known, in its old order.
    pub kept: Vec<T>,
    /// What was not known yet.
    pub removed: Removed,
}

/// What an as-of cut took away. This tells of the future, so it belongs into the record of a run and never into its
/// decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many.
    pub count: u64,
    /// How many of them can't be dated at all.
    pub undated: u64,
    /// When the first of them became known at the latest.
    pub first: Option<Timestamp>,
    /// When the last of them became known at the latest.
    pub last: Option<Timestamp>,
}

impl Removed {
    /// Adds one more, known at this time.
    pub fn count(&mut self, known_by: Option<Timestamp>) {
        self.count += 1;
        self.undated += u64::from(known_by.is_none());
        self.first = [self.first, known_by].into_iter().flatten().min();
        self.last = [self.last, known_by].into_iter().flatten().max();
    }

    /// Adds all of another.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.undated += other.undated;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
    }

    /// The New York dates of the first and the last.
    #[must_use]
    pub fn dates(&self) -> Option<(Date, Date)> {
        Some((new_york::date(self.first?), new_york::date(self.last?)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Availability;

    #[derive(Debug, Clone, PartialEq)]
    struct Thing(Option<Availability>);
    impl Known for Thing {
        fn known_by(&self) -> Option<Timestamp> {
            self.0.as_ref().map(|known| known.latest)
        }
    }

    #[test]
    fn the_latest_end_decides() {
        let bar = Thing(Some(Availability::of_daily_bar(date(1998, 3, 2))));
        for (moment, kept) in [
            ("1998-03-02T21:00:00Z", false),
            ("1998-03-03T00:59:59Z", false),
            ("1998-03-03T01:00:00Z", true),
            ("1998-03-03T05:00:00Z", true),
        ] {
            assert_eq!(AsOf::at(moment.parse().unwrap()).knows(&bar), kept, "{moment}");
        }
        assert!("1998-03-02".parse::<AsOf>().unwrap().knows(&bar));
        assert!(!"1998-03-01".parse::<AsOf>().unwrap().knows(&bar));
    }

    #[test]
    fn what_is_removed_is_counted() {
        let bar = |day| Thing(Some(Availability::of_daily_bar(date(2024, 7, day))));
        let as_of = AsOf::end_of_new_york_day(date(2024, 7, 2));
        let cut = as_of.cut([bar(5), bar(2), bar(3), Thing(None), bar(1)]);
        assert_eq!(cut.kept, [bar(2), bar(1)]);
        assert_eq!((cut.removed.count, cut.removed.undated), (3, 1));
        assert_eq!(cut.removed.dates(), Some((date(2024, 7, 3), date(2024, 7, 5))));
        let mut sum = cut.removed;
        sum.add(&as_of.cut([bar(9)]).removed);
        assert_eq!((sum.count, sum.dates()), (4, Some((date(2024, 7, 3), date(2024, 7, 9)))));
        assert_eq!(as_of.cut([bar(1)]).removed.dates(), None);
    }

    #[test]
    fn days_have_their_own_length_and_ends() {
        for (text, end) in [
            ("2024-03-10", "2024-03-11T03:59:59.999999999Z"),
            ("2024-11-03", "2024-11-04T04:59:59.999999999Z"),
        ] {
            let as_of: AsOf = text.parse().unwrap();
            assert_eq!(as_of.moment().to_string(), end);
            assert_eq!(as_of.to_string(), text);
        }
        assert_eq!(AsOf::end_of_new_york_day(Date::MAX).moment(), Timestamp::MAX);
        assert_eq!(
            Availability::of_daily_bar(Date::MIN).latest,
            Timestamp::MAX,
            "inexpressible: never known"
        );
        let exact = AsOf::at("2024-07-01T12:00:00Z".parse().unwrap());
        assert_eq!(exact.to_string(), "2024-07-01T12:00:00Z");
    }

    #[test]
    fn what_lies_after_now_is_the_future_even_of_today() {
        let bar = Thing(Some(Availability::of_daily_bar(date(2024, 7, 2))));
        let today = AsOf::end_of_new_york_day(date(2024, 7, 2));
        for (now, knows) in [("2024-07-02T14:00:00Z", false), ("2024-07-03T00:00:00Z", true)] {
            let capped = today.not_after(now.parse().unwrap());
            assert_eq!(capped.knows(&bar), knows, "{now}");
            assert_eq!(capped.to_string(), "2024-07-02");
        }
    }

    #[test]
    fn texts_that_are_no_date() {
        for text in
            ["", "1998", "1998-3-2", "1998-02-30", "02/03/1998", "1998-03-02T10:00", "+01998-03-02", "today"]
        {
            assert_eq!(text.parse::<AsOf>().unwrap_err().kind(), ErrorKind::BadDate, "{text}");
        }
    }
}
