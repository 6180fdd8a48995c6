//! A day on the market as far as fills and books need it, in whole numbers.

use std::collections::BTreeMap;

use assize_altdata::{Availability, Known, PriceSeries, Ticker, new_york, split_explains};
use assize_ambient::Timestamp;
use jiff::civil::Date;

use crate::{Error, ErrorKind, MAX_SHARES, Price, Split};

/// What a ticker did in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The first price.
    pub open: Price,
    /// The last price.
    pub close: Price,
    /// Shares traded; `None` if the source does not say.
    pub volume: Option<u64>,
}

/// A trading day: what each ticker did, and what companies did to their shares before it opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The day, in New York.
    pub date: Date,
    /// Prices and volumes, by ticker.
    pub quotes: BTreeMap<Ticker, Quote>,
    /// Splits that are effective this day.
    pub splits: BTreeMap<Ticker, Split>,
    /// What a share that is held over night into this day, its ex-date, is paid. Where there is a split on the same day, it
    /// is what a new share is paid.
    pub dividends: BTreeMap<Ticker, Price>,
}

/// Why something of a bar was not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Whose bar.
    pub ticker: Ticker,
    /// Of which day.
    pub date: Date,
    /// What, and why, in words.
    pub why: String,
}

impl Session {
    /// A day without any quotes.
    #[must_use]
    pub const fn new(date: Date) -> Self {
        Self { date, quotes: BTreeMap::new(), splits: BTreeMap::new(), dividends: BTreeMap::new() }
    }

    /// The moment of its first prices: 09:30 in New York.
    #[must_use]
    pub fn opens_at(&self) -> Timestamp {
        opens_at(self.date)
    }

    /// The days of these series, in order, from `first` on, and what of their bars was left out. A series should begin
    /// before: whether a split is real shows in the close of the day before.
    ///
    /// Prices are those that were traded, not adjusted ones. Some sources adjust their prices for splits and name the split
    /// all the same: a split that does not explain how the price moved (see [`split_explains`]) is left out, since its shares
    /// would come from nowhere. Prices and dividends are rounded to the nearest microdollar, volumes down to whole shares.
    ///
    /// ```
    /// use assize_altdata::{AsOf, DailyBar, Item, PriceSeries, SourceId};
    /// use assize_ambient::Timestamp;
    /// use assize_portfolio::Session;
    /// use jiff::civil::date;
    ///
    /// let (ko, url) = ("KO".parse()?, "file:KO.csv".parse().expect("an address"));
    /// let bar = DailyBar { volume: Some(9e6), ..DailyBar::new(date(1998, 3, 2), 68.5, 69.0, 68.0, 68.75) };
    /// let item = Item::bar(&ko, bar, &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH);
    /// let series = PriceSeries::build(&[item], &"1998-03-02".parse::<AsOf>()?);
    /// let (sessions, left_out) = Session::of_series([&series], date(1998, 1, 1));
    /// assert_eq!(sessions[0].quotes[&ko].volume, Some(9_000_000));
    /// assert!(left_out.is_empty());
    /// # Ok::<(), assize_altdata::Error>(())
    /// ```
    pub fn of_series<'a>(
        series: impl IntoIterator<Item = &'a PriceSeries>,
        first: Date,
    ) -> (Vec<Self>, Vec<LeftOut>) {
        let (mut sessions, mut left_out) = (BTreeMap::new(), Vec::new());
        for series in series {
            let Some(ticker) = series.ticker() else { continue };
            let mut previous = None;
            for bar in series.bars().iter().map(|day| &day.bar) {
                let before = previous.replace(bar.close);
                if bar.date < first {
                    continue;
                }
                let session = sessions.entry(bar.date).or_insert_with(|| Self::new(bar.date));
                let mut leave =
                    |why: String| left_out.push(LeftOut { ticker: ticker.clone(), date: bar.date, why });
                match (Price::from_dollars(bar.open), Price::from_dollars(bar.close)) {
                    (Ok(open), Ok(close)) => {
                        let quote = Quote { open, close, volume: bar.volume.and_then(whole_shares) };
                        session.quotes.insert(ticker.clone(), quote);
                    }
                    (Err(error), _) | (_, Err(error)) => leave(format!("its prices: failed to {error}")),
                }
                match bar.dividend.filter(|paid| *paid > 0.0 || paid.is_nan()).map(Price::from_dollars) {
                    Some(Ok(paid)) => {
                        session.dividends.insert(ticker.clone(), paid);
                    }
                    Some(Err(error)) => leave(format!("its dividend: failed to {error}")),
                    None => {}
                }
                match bar.split.map(|ratio| split(ratio, before, bar.close)) {
                    Some(Ok(split)) => {
                        session.splits.extend(split.map(|split| (ticker.clone(), split)));
                    }
                    Some(Err(why)) => leave(why),
                    None => {}
                }
            }
        }
        left_out.sort_by(|one, other| (one.date, &one.ticker).cmp(&(other.date, &other.ticker)));
        (sessions.into_values().collect(), left_out)
    }
}

/// Known when the day's bars are.
impl Known for Session {
    fn known_by(&self) -> Option<Timestamp> {
        Some(Availability::of_daily_bar(self.date).latest)
    }
}

/// The moment of a day's first prices.
pub(crate) fn opens_at(date: Date) -> Timestamp {
    new_york::moment(date.at(9, 30, 0, 0))
}

/// Whole shares, at most [`MAX_SHARES`]; `None` for what is no number of shares.
fn whole_shares(volume: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative; what is too large is cut"
    )]
    (volume >= 0.0).then(|| (volume as u64).min(MAX_SHARES))
}

/// The split that a source names, if it is one and the price moved accordingly.
fn split(ratio: f64, before: Option<f64>, close: f64) -> Result<Option<Split>, String> {
    let split = Split::from_ratio(ratio).map_err(|error| format!("its split: failed to {error}"))?;
    if split.new_shares() == split.old() {
        return Ok(None);
    }
    match before {
        Some(before) if split_explains(before, close, ratio) => Ok(Some(split)),
        Some(before) => Err(format!(
            "its split {split}: the close went from {before} to {close}, so that prices are adjusted for it already"
        )),
        None => Err(format!("its split {split}: there is no close of a day before that would show it")),
    }
}

impl Split {
    /// The split that a source gives as new shares for one old share: the simplest fraction that rounds to the same six
    /// decimals, such as 4:3 for 1.333333.
    ///
    /// # Errors
    /// [`ErrorKind::BadFigure`] unless it is between 1e-5 and 1e5.
    ///
    /// ```
    /// use assize_portfolio::Split;
    ///
    /// assert_eq!(Split::from_ratio(1.333333)?, Split::new(4, 3)?);
    /// assert_eq!(Split::from_ratio(0.125)?, Split::new(1, 8)?);
    /// assert!(Split::from_ratio(0.0).is_err());
    /// # Ok::<(), assize_portfolio::Error>(())
    /// ```
    pub fn from_ratio(ratio: f64) -> Result<Self, Error> {
        if !(1e-5..=1e5).contains(&ratio) {
            let message =
                format!("read a split of {ratio} new shares for an old one: it must be between 1e-5 and 1e5");
            return Err(ErrorKind::BadFigure.error(message));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1e8, and whole"
        )]
        let fraction = |old: u32| ((ratio * f64::from(old)).round() as u32, old);
        let close = |&(new, old): &(u32, u32)| {
            new > 0 && (f64::from(new) / f64::from(old) - ratio).abs() <= 5e-7 * ratio.max(1.0)
        };
        let found = (1..=1_000).map(fraction).find(close);
        // As fine as the largest number on either side allows.
        let finest = [1_000_000, 100_000, 10_000, 1_000, 100]
            .into_iter()
            .find(|old| ratio * f64::from(*old) <= f64::from(Self::MOST));
        let (new, old) = found.unwrap_or_else(|| fraction(finest.unwrap_or(1)));
        Self::new(new.clamp(1, Self::MOST), old)
    }
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, DailyBar, Item, SourceId};
    use jiff::civil::date;

    use super::*;

    fn day(day: i8, open: f64, close: f64) -> DailyBar {
        DailyBar::new(date(2024, 1, day), open, open.max(close), open.min(close), close)
    }

    fn series(bars: impl IntoIterator<Item = DailyBar>) -> PriceSeries {
        let (ko, url) = ("KO".parse().unwrap(), "file:KO.csv".parse().unwrap());
        let items: Vec<Item> = bars
            .into_iter()
            .map(|bar| Item::bar(&ko, bar, &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH))
            .collect();
        PriceSeries::build(&items, &"2024-12-31".parse::<AsOf>().unwrap())
    }

    #[test]
    fn a_split_counts_only_if_the_price_shows_it() {
        let bars = [
            DailyBar { split: Some(3.0), ..day(2, 100.0, 101.0) },
            DailyBar {
                split: Some(2.0),
                dividend: Some(0.485),
                volume: Some(1e7 + 0.7),
                ..day(3, 50.0, 51.0)
            },
            DailyBar { split: Some(2.0), volume: Some(-1.0), ..day(4, 51.0, 52.0) },
            DailyBar { split: Some(-2.0), dividend: Some(f64::NAN), ..day(5, 51.0, 52.0) },
        ];
        let (sessions, left_out) = Session::of_series([&series(bars)], date(2024, 1, 1));
        let ko: Ticker = "KO".parse().unwrap();
        let splits: Vec<_> = sessions.iter().map(|day| day.splits.get(&ko).map(Split::to_string)).collect();
        assert_eq!(splits, [None, Some("2:1".to_owned()), None, None]);
        assert_eq!(sessions[1].dividends[&ko].to_string(), "0.485");
        let volumes: Vec<_> = sessions.iter().map(|day| day.quotes[&ko].volume).collect();
        assert_eq!(volumes, [None, Some(10_000_000), None, None]);
        let told: Vec<_> = left_out.iter().map(|left| format!("{} {}", left.date.day(), left.why)).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("2 its split 3:1: there is no close"), "{told:?}");
        assert!(told[1].starts_with("4 its split 2:1: the close went from 51 to 52"), "{told:?}");
        assert!(told[2].starts_with("5 its dividend"), "{told:?}");
        assert!(told[3].starts_with("5 its split"), "{told:?}");
    }

    #[test]
    fn prices_that_no_share_has() {
        let (sessions, left_out) = Session::of_series([&series([day(2, 2e8, 2e8)])], date(2024, 1, 1));
        assert!(sessions[0].quotes.is_empty());
        assert!(left_out[0].why.starts_with("its prices: failed to take 200000000 dollars"), "{left_out:?}");
    }

    #[test]
    fn days_before_the_first_only_show_what_follows() {
        let bars = [day(2, 100.0, 101.0), DailyBar { split: Some(2.0), ..day(3, 50.0, 51.0) }];
        let (sessions, left_out) = Session::of_series([&series(bars)], date(2024, 1, 3));
        assert_eq!((sessions.len(), sessions[0].splits.len(), left_out.len()), (1, 1, 0));
        assert_eq!(sessions[0].opens_at().to_string(), "2024-01-03T14:30:00Z");
    }

    #[test]
    fn ratios() {
        for (ratio, split) in [
            (2.0, Some("2:1")),
            (1.5, Some("3:2")),
            (1.05, Some("21:20")),
            (1.333_333, Some("4:3")),
            (0.142_857, Some("1:7")),
            (0.001, Some("1:1000")),
            (0.03, Some("3:100")),
            (1.028_347, Some("1028347:1000000")),
            (10.000_5, Some("1000050:100000")),
            (1e-5, Some("10:1000000")),
            (0.000_9, Some("900:1000000")),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (-2.0, None),
            (1e6, None),
        ] {
            assert_eq!(
                Split::from_ratio(ratio).ok().map(|split| split.to_string()).as_deref(),
                split,
                "{ratio}"
            );
        }
    }
}
