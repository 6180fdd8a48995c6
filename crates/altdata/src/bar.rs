//! A day's prices.

use jiff::civil::Date;

/// The prices of one trading day, as the source gives them.
///
/// Prices are in the currency and unit of the source (dollars or pence; a source's documentation says which), for one
/// share as the source counts shares on that row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyBar {
    /// The trading day in the exchange's own calendar.
    pub date: Date,
    /// The first price of the day.
    pub open: f64,
    /// The highest price of the day.
    pub high: f64,
    /// The lowest price of the day.
    pub low: f64,
    /// The last price of the day, not adjusted for dividends.
    pub close: f64,
    /// Shares traded; `None` if the source does not say.
    pub volume: Option<f64>,
    /// The source's adjusted close divided by `close`. It is rewritten by every later dividend, so only ratios of two
    /// days' values mean anything, and it is no part of the evidence id.
    pub adjustment: Option<f64>,
    /// Cash paid for a share with this ex-date, in the unit of `close`.
    pub dividend: Option<f64>,
    /// New shares for one old share, effective on this day: 2 for a two-for-one split.
    pub split: Option<f64>,
}

impl DailyBar {
    /// A bar with prices alone.
    #[must_use]
    pub fn new(date: Date, open: f64, high: f64, low: f64, close: f64) -> Self {
        Self { date, open, high, low, close, volume: None, adjustment: None, dividend: None, split: None }
    }

    /// Takes over the dividend and the split of another record of the same day where this one has none; whether there
    /// was anything to take.
    pub(crate) fn take_events(&mut self, other: &Self) -> bool {
        let (dividend, split) = (self.dividend.or(other.dividend), self.split.or(other.split));
        let took = dividend.is_some() != self.dividend.is_some() || split.is_some() != self.split.is_some();
        (self.dividend, self.split) = (dividend, split);
        took
    }

    /// Whether every price is a positive finite number.
    #[must_use]
    pub fn has_sound_prices(&self) -> bool {
        [self.open, self.high, self.low, self.close].iter().all(|price| price.is_finite() && *price > 0.0)
    }
}
