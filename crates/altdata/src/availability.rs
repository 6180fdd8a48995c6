//! When the world could first have known something.

use std::borrow::Cow;

use assize_ambient::Timestamp;
use jiff::civil::Date;

use crate::new_york;

/// The interval in which something became known to the public, and why we think so. Where the true moment is not
/// certain, `latest` is what the as-of cut goes by.
///
/// ```
/// use assize_altdata::Availability;
/// use jiff::civil::date;
///
/// let winter = Availability::of_daily_bar(date(1998, 3, 2));
/// assert_eq!(winter.earliest.to_string(), "1998-03-02T21:00:00Z");
/// assert_eq!(winter.latest.to_string(), "1998-03-03T01:00:00Z");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// Nobody could have known it before.
    pub earliest: Timestamp,
    /// Everybody could have known it from here on. Never before `earliest`.
    pub latest: Timestamp,
    /// Why we think so, in a few words.
    pub basis: Cow<'static, str>,
}

impl Availability {
    /// Known at exactly this moment.
    #[must_use]
    pub fn at(moment: Timestamp, basis: impl Into<Cow<'static, str>>) -> Self {
        Self { earliest: moment, latest: moment, basis: basis.into() }
    }

    /// Known between two moments, given in either order.
    #[must_use]
    pub fn between(one: Timestamp, other: Timestamp, basis: impl Into<Cow<'static, str>>) -> Self {
        Self { earliest: one.min(other), latest: one.max(other), basis: basis.into() }
    }

    /// A day's bar of a New York exchange: between 16:00 (the close) and 20:00 (the end of the late session, when the
    /// consolidated figures are final) of that day, New York time.
    #[must_use]
    pub fn of_daily_bar(date: Date) -> Self {
        let at = |hour| new_york::moment(date.at(hour, 0, 0, 0));
        Self::between(at(16), at(20), "exchange close; final by 20:00")
    }
}

/// Something that the world came to know at some time.
pub trait Known {
    /// By when it was known at the latest; `None` if that can't be said, which an as-of cut takes as "not yet".
    fn known_by(&self) -> Option<Timestamp>;
}
