//! Figures of the economy: which series are read by default, and when a figure of each became known.

mod fred_api;
mod fred_csv;
mod treasury;

pub use fred_api::FredApi;
pub use fred_csv::FredCsv;
pub use treasury::TreasuryYields;

use assize_altdata::{Availability, new_york};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};

/// How a series is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rhythm {
    /// A figure of a trading day, by the end of the next one as a rule.
    Daily,
    /// A figure dated with the first day of its month, published in the course of the next.
    Monthly,
    /// A figure dated with the first day of its quarter, first published in the course of the next.
    Quarterly,
}

/// Which series are read unless told otherwise.
pub(crate) const DEFAULT_SERIES: [&str; 8] =
    ["DGS10", "DGS2", "T10Y2Y", "FEDFUNDS", "CPIAUCSL", "UNRATE", "VIXCLS", "BAMLH0A0HYM2"];

/// The rhythm of the series that we know. Of others the slowest is assumed, so that none is known too early.
const RHYTHMS: [(&str, Rhythm); 17] = [
    ("BAMLC0A0CM", Rhythm::Daily),
    ("BAMLH0A0HYM2", Rhythm::Daily),
    ("CPIAUCSL", Rhythm::Monthly),
    ("DFF", Rhythm::Daily),
    ("DGS10", Rhythm::Daily),
    ("DGS2", Rhythm::Daily),
    ("DGS30", Rhythm::Daily),
    ("DGS3MO", Rhythm::Daily),
    ("DTWEXBGS", Rhythm::Daily),
    ("FEDFUNDS", Rhythm::Monthly),
    ("GDPC1", Rhythm::Quarterly),
    ("INDPRO", Rhythm::Monthly),
    ("PAYEMS", Rhythm::Monthly),
    ("T10Y2Y", Rhythm::Daily),
    ("UMCSENT", Rhythm::Monthly),
    ("UNRATE", Rhythm::Monthly),
    ("VIXCLS", Rhythm::Daily),
];

/// When the figure of `series` for `date` became known, where the source does not say. The upper end is late on purpose:
/// twice the usual delay over holidays (daily), a month and a half after the month's end (monthly), four months after the
/// quarter's (quarterly; later revisions are other values).
fn availability(series: &str, date: Date) -> Availability {
    let rhythm =
        RHYTHMS.iter().find(|(name, _)| *name == series).map_or(Rhythm::Quarterly, |(_, rhythm)| *rhythm);
    let (months, days, basis) = match rhythm {
        Rhythm::Daily => (0, 5, "a daily series: by the end of the fifth day after"),
        Rhythm::Monthly => (1, 46, "a monthly series: by a month and a half after the month's end"),
        Rhythm::Quarterly => {
            (3, 124, "a quarterly or unknown series: by four months after the quarter's end")
        }
    };
    let end = date.saturating_add(months.months());
    let earliest = new_york::end_of_day(end.saturating_sub(1.day()));
    let earliest = if months == 0 {
        earliest.checked_add(SignedDuration::from_hours(16)).unwrap_or(earliest)
    } else {
        earliest
    };
    Availability::between(earliest, new_york::end_of_day(end.saturating_add(days.days())), basis)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_is_not_known_on_its_first_day() {
        for (series, day, earliest, latest) in [
            ("DGS10", date(2024, 7, 1), "2024-07-01T19:59:59.999999999Z", "2024-07-07T03:59:59.999999999Z"),
            (
                "CPIAUCSL",
                date(2024, 6, 1),
                "2024-07-01T03:59:59.999999999Z",
                "2024-08-17T03:59:59.999999999Z",
            ),
            ("UNHEARD", date(2024, 1, 1), "2024-04-01T03:59:59.999999999Z", "2024-08-04T03:59:59.999999999Z"),
        ] {
            let known = availability(series, day);
            assert_eq!(
                (known.earliest.to_string().as_str(), known.latest.to_string().as_str()),
                (earliest, latest)
            );
        }
        assert!(RHYTHMS.is_sorted_by_key(|(name, _)| *name), "in the order of names");
        assert!(DEFAULT_SERIES.iter().all(|series| RHYTHMS.iter().any(|(name, _)| name == series)));
    }
}
