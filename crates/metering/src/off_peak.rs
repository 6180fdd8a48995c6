//! Off-peak hours, and the rates that hold in them.

use std::fmt;

use crate::price_book::PricedAt;
use crate::rates::Rates;

const MINUTES_PER_DAY: u16 = 24 * 60;
const SECONDS_PER_DAY: i64 = 86_400;
const EVERY_DAY: u8 = 0b111_1111;

/// The rates of off-peak hours.
///
/// They hold where [`Billing::at`](crate::Billing::at) lies in one of the windows. A table without windows is kept as data
/// and never used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffPeak {
    pub(crate) rates: Rates,
    pub(crate) windows: Vec<Window>,
}

impl OffPeak {
    /// The rates that the list states for these hours. Where it is silent, those of the peak hours stay.
    #[must_use]
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The hours, in the order of the list; empty where it does not say them.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Whether a time lies in one of the windows.
    #[must_use]
    pub fn holds_at(&self, at: impl Into<PricedAt>) -> bool {
        let at = at.into();
        self.windows.iter().any(|window| window.holds_at(at))
    }
}

/// A part of the day in UTC, on some days of the week: from its first minute until before its last.
///
/// Where it ends at or before its beginning it goes past midnight: the hours after midnight and those before it belong to
/// it, each on the days it names (`LiteLLM` 1.109.1 reads its windows so). `00:00-00:00` is the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Bit 0 is Monday.
    weekdays: u8,
    from: u16,
    until: u16,
}

impl Window {
    /// A window of hours such as `16:30-00:30` on these weekdays, 1 to 7 from Monday; no weekday means every day.
    ///
    /// `None` where the hours are none, or a weekday is none or named twice.
    #[must_use]
    pub fn new(weekdays: &[u8], hours: &str) -> Option<Self> {
        let (from, until) = hours.split_once('-')?;
        let (from, until) = (minute_of_day(from)?, minute_of_day(until)?);
        if from == MINUTES_PER_DAY {
            return None;
        }
        let mut mask = 0;
        for weekday in weekdays {
            let bit = weekday.checked_sub(1).filter(|day| *day < 7).map(|day| 1 << day)?;
            if mask & bit != 0 {
                return None;
            }
            mask |= bit;
        }
        let weekdays = if weekdays.is_empty() { EVERY_DAY } else { mask };
        Some(Self { weekdays, from, until: until % MINUTES_PER_DAY })
    }

    /// The weekdays, 1 to 7 from Monday.
    pub fn weekdays(&self) -> impl Iterator<Item = u8> + use<> {
        let mask = self.weekdays;
        (1..=7).filter(move |day| mask & (1 << (day - 1)) != 0)
    }

    /// Whether a time lies in it.
    #[must_use]
    pub fn holds_at(&self, at: impl Into<PricedAt>) -> bool {
        let second = at.into().second();
        // 1970 began on a Thursday.
        let weekday = (second.div_euclid(SECONDS_PER_DAY) + 3).rem_euclid(7);
        let minute = second.rem_euclid(SECONDS_PER_DAY) / 60;
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        let in_hours =
            if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until };
        in_hours && self.weekdays & (1 << weekday) != 0
    }
}

/// `weekdays 1,2,3,4,5 04:00-06:00`; the weekdays only where they are not all.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weekdays != EVERY_DAY {
            let days: Vec<String> = self.weekdays().map(|day| day.to_string()).collect();
            write!(f, "weekdays {} ", days.join(","))?;
        }
        let [from, until] = [self.from, self.until].map(|minute| (minute / 60, minute % 60));
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.0, from.1, until.0, until.1)
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({self})")
    }
}

/// The minute of `HH:MM`, from `00:00` to `24:00`.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= MINUTES_PER_DAY).then_some(total)
}

#[cfg(test)]
mod tests {
    use assize_ambient::Timestamp;

    use super::*;

    #[test]
    fn a_window_begins_with_its_first_minute_and_ends_before_its_last() {
        // 2026-11-20 was a Friday.
        for (weekdays, hours, time, inside) in [
            (&[][..], "04:00-06:00", "2026-11-20T03:59:59.999Z", false),
            (&[], "04:00-06:00", "2026-11-20T04:00:00Z", true),
            (&[], "04:00-06:00", "2026-11-20T05:59:59Z", true),
            (&[], "04:00-06:00", "2026-11-20T06:00:00Z", false),
            (&[], "04:00-06:00", "2026-11-20T00:30:00-04:00", true),
            (&[], "16:30-00:30", "2026-11-20T16:29:59Z", false),
            (&[], "16:30-00:30", "2026-11-20T16:30:00Z", true),
            (&[], "16:30-00:30", "2026-11-20T23:59:59Z", true),
            (&[], "16:30-00:30", "2026-11-21T00:00:00Z", true),
            (&[], "16:30-00:30", "2026-11-21T00:29:59Z", true),
            (&[], "16:30-00:30", "2026-11-21T00:30:00Z", false),
            (&[], "10:00-24:00", "2026-11-20T23:59:59Z", true),
            (&[], "10:00-24:00", "2026-11-20T00:00:00Z", false),
            (&[], "10:00-00:00", "2026-11-20T23:59:59Z", true),
            (&[5], "00:00-00:00", "2026-11-20T12:00:00Z", true),
            (&[5], "00:00-24:00", "2026-11-20T00:00:00Z", true),
            (&[5], "00:00-00:00", "2026-11-19T23:59:59Z", false),
            (&[5], "00:00-00:00", "2026-11-21T00:00:00Z", false),
            (&[1, 2, 3, 4], "00:00-00:00", "2026-11-20T12:00:00Z", false),
            (&[6, 7], "00:00-00:00", "2026-11-22T23:59:59Z", true),
            (&[6, 7], "00:00-00:00", "2026-11-23T00:00:00Z", false),
            // Past midnight the day is that of the moment.
            (&[5], "22:00-02:00", "2026-11-20T23:00:00Z", true),
            (&[5], "22:00-02:00", "2026-11-21T01:00:00Z", false),
            (&[5], "22:00-02:00", "2026-11-20T01:00:00Z", true),
            // A Wednesday, before 1970.
            (&[3], "23:59-00:00", "1969-12-31T23:59:59.5Z", true),
        ] {
            let window = Window::new(weekdays, hours).unwrap();
            let at: Timestamp = time.parse().unwrap();
            assert_eq!(window.holds_at(at), inside, "{window}: {time}");
        }
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for (weekdays, hours) in [
            (&[][..], ""),
            (&[], "04:00"),
            (&[], "4:00-06:00"),
            (&[], "04:00 - 06:00"),
            (&[], "04:60-06:00"),
            (&[], "24:00-06:00"),
            (&[], "00:00-24:01"),
            (&[], "00:00-25:00"),
            (&[], "+1:00-02:00"),
            (&[], "00:00-01:00-02:00"),
            (&[0], "00:00-01:00"),
            (&[8], "00:00-01:00"),
            (&[255], "00:00-01:00"),
            (&[1, 1], "00:00-01:00"),
        ] {
            assert_eq!(Window::new(weekdays, hours), None, "{weekdays:?} {hours}");
        }
        assert_eq!(Window::new(&[2, 1], "10:00-24:00").unwrap().to_string(), "weekdays 1,2 10:00-00:00");
    }
}
