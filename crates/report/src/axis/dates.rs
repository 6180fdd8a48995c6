//! Ticks where a calendar has its own steps.

use super::Tick;
use crate::calendar::{DAYS, Date};
use crate::number;

/// A step of the calendar.
#[derive(Debug, Clone, Copy)]
enum Step {
    Minutes(i64),
    Days(i64),
    Months(i64),
}

const STEPS: &[Step] = &[
    Step::Minutes(1),
    Step::Minutes(2),
    Step::Minutes(5),
    Step::Minutes(10),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(120),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
    Step::Months(1200),
    Step::Months(6000),
    Step::Months(12000),
];

/// The ticks between two days, about as many as asked for; `None` where no date can be written.
pub(super) fn ticks(low: f64, high: f64, about: usize) -> Option<Vec<Tick>> {
    if !DAYS.contains(&low) || !DAYS.contains(&high) {
        return None;
    }
    let room = number::coordinate(about.max(2));
    let step = STEPS.iter().find(|step| (high - low) / step.days() <= room)?;
    let last = (high * 1440.0 * 1.000_000_001).max(high * 1440.0);
    let mut ticks = Vec::new();
    let mut at = step.first(low);
    while step.minute(at) <= last && ticks.len() < 60 {
        let minute = step.minute(at);
        if minute >= low * 1440.0 {
            ticks.push(Tick { value: minute / 1440.0, label: step.label(at) });
        }
        at += 1;
    }
    Some(ticks)
}

impl Step {
    /// Its length, in days.
    fn days(self) -> f64 {
        let days = |n: i64| number::coordinate(usize::try_from(n).unwrap_or(1));
        match self {
            Self::Minutes(n) => days(n) / 1440.0,
            Self::Days(n) => days(n),
            Self::Months(n) => days(n) * 30.436_875,
        }
    }

    /// The number of the step at or before a day.
    fn first(self, low: f64) -> i64 {
        match self {
            Self::Minutes(n) => number::whole(libm::floor(low * 1440.0)).div_euclid(n),
            // Weeks begin on Monday: 1969-12-29 was one.
            Self::Days(n) => (number::whole(libm::floor(low)) + 3).div_euclid(n),
            Self::Months(n) => {
                let date = Date::from_days(number::whole(libm::floor(low)));
                (date.year * 12 + date.month - 1).div_euclid(n)
            }
        }
    }

    /// The first day of the step with a number.
    fn day(self, at: i64) -> i64 {
        match self {
            Self::Minutes(n) => (at * n).div_euclid(1440),
            Self::Days(n) => at * n - 3,
            Self::Months(n) => {
                let month = at * n;
                Date { year: month.div_euclid(12), month: month.rem_euclid(12) + 1, day: 1 }.to_days()
            }
        }
    }

    /// The first minute of the step with a number, since 1970-01-01.
    fn minute(self, at: i64) -> f64 {
        let minutes = match self {
            Self::Minutes(n) => at * n,
            Self::Days(_) | Self::Months(_) => self.day(at) * 1440,
        };
        // Below 2⁴³, so exact.
        f64::from(i32::try_from(minutes / 1440).unwrap_or(0)) * 1440.0
            + f64::from(i32::try_from(minutes % 1440).unwrap_or(0))
    }

    fn label(self, at: i64) -> String {
        let date = Date::from_days(self.day(at));
        match self {
            Self::Minutes(n) => match (at * n).rem_euclid(1440) {
                0 => format!("{:02}-{:02}", date.month, date.day),
                minute => format!("{:02}:{:02}", minute / 60, minute % 60),
            },
            Self::Days(_) => date.to_string(),
            Self::Months(n) if n % 12 == 0 => format!("{:04}", date.year),
            Self::Months(_) => format!("{:04}-{:02}", date.year, date.month),
        }
    }
}
