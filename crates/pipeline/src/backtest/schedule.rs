//! On which days a brief is made.

use std::{collections::BTreeSet, fmt, num::NonZeroU32, str::FromStr};

use jiff::{ToSpan, civil::Date};
use serde::{Serialize, Serializer};

use crate::{Error, desk::Quotes};

/// How often a brief is made. It is written as `1w` or `5s`.
///
/// ```
/// use assize_pipeline::Every;
///
/// assert_eq!("5s".parse::<Every>()?, Every::sessions(5)?);
/// assert_eq!("1w".parse::<Every>()?.to_string(), "1w");
/// assert!("0w".parse::<Every>().is_err() && "w".parse::<Every>().is_err());
/// # Ok::<(), assize_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Every {
    /// So many sessions, of whichever ticker has one.
    Sessions(NonZeroU32),
    /// So many weeks, on the weekday of the first day.
    Weeks(NonZeroU32),
}

impl Every {
    /// Each so many sessions.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for none, or more than 1,000.
    pub fn sessions(count: u32) -> Result<Self, Error> {
        checked(count).map(Self::Sessions)
    }

    /// Each so many weeks.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for none, or more than 1,000.
    pub fn weeks(count: u32) -> Result<Self, Error> {
        checked(count).map(Self::Weeks)
    }

    /// The days from `from` to `to`. Which sessions there are later than a day does not change those before it.
    pub(super) fn days(self, from: Date, to: Date, quotes: &Quotes) -> Vec<Date> {
        match self {
            Self::Sessions(count) => {
                let dates = quotes.series().flat_map(|series| series.bars().iter().map(|bar| bar.bar.date));
                let sessions: BTreeSet<Date> = dates.filter(|date| (from..=to).contains(date)).collect();
                let step = usize::try_from(count.get()).unwrap_or(usize::MAX);
                sessions.into_iter().step_by(step).collect()
            }
            Self::Weeks(count) => {
                let step = i64::from(count.get()).weeks();
                std::iter::successors(Some(from), |day| day.checked_add(step).ok())
                    .take_while(|day| *day <= to)
                    .collect()
            }
        }
    }
}

fn checked(count: u32) -> Result<NonZeroU32, Error> {
    NonZeroU32::new(count).filter(|count| count.get() <= 1_000).ok_or_else(|| {
        Error::bad_request(format!("make a brief every {count} sessions or weeks: write 1 to 1000"))
    })
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sessions(count) => write!(f, "{count}s"),
            Self::Weeks(count) => write!(f, "{count}w"),
        }
    }
}

impl FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |digits: &str| digits.parse::<u32>().ok();
        let weeks = text.strip_suffix('w').and_then(number).map(Self::weeks);
        let sessions = || text.strip_suffix('s').and_then(number).map(Self::sessions);
        weeks.or_else(sessions).unwrap_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            Err(Error::bad_request(format!(
                "make a brief every {shown:?}: write 1w for each week, or 5s for each five sessions"
            )))
        })
    }
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
